"""Does everything a team declared mean something, and does no name mean two things?"""

from __future__ import annotations

from dialgauge.catalogue.added import Added
from dialgauge.catalogue.groups import TIME_BUCKETS, Groups
from dialgauge.catalogue.meaning import (
    NAMES,
    check_clock,
    check_event,
    check_instead,
    check_kpi,
    check_of,
    check_where,
)
from dialgauge.catalogue.spelling import measure_tree
from dialgauge.model.check import FUNCTIONS
from dialgauge.model.vocabulary import Vocabulary

_LANGUAGE = (
    *("and", "or", "not", "in", "is", "between", "null", "true", "false"),
    *("case", "when", "then", "else", "end"),
    *("second", "seconds", "minute", "minutes", "hour", "hours", "day", "days"),
)
_ANSWER = ("period", "left_out", "is_total", "rows", "at", "clock", *NAMES)


def vet(words: Vocabulary, added: Added) -> None:
    """Refuse what was declared but cannot be asked.

    Args:
        words: Everything, with what was declared.
        added: What was declared, and where.

    Raises:
        UsageError: Something means nothing or two things; the message says where.
    """
    _vet_names(words, added)
    for fact, measures in added.measures.items():
        for name, measure in measures.items():
            place = added.places[f"measures.{fact}.{name}"]
            way = next(iter(measure_tree(measure)))
            for key, check in (
                ("clock", check_clock),
                (way, check_of),
                ("event", check_event),
                ("instead", check_instead),
                ("where", check_where),
            ):
                with place.at(key).telling():
                    check(measure, words.facts[fact], words)
    _vet_groups(words, added)
    for name, kpi in added.kpis.items():
        place = added.places[f"kpis.{name}"]
        with place.at("formula").telling():
            check_kpi(kpi, words)
        for other in kpi.beside:
            with place.at("beside").telling():
                words.kpi(other)


def _vet_names(words: Vocabulary, added: Added) -> None:
    """KPIs and groups stand side by side in an answer; groups and columns in conditions."""
    groups = dict.fromkeys(TIME_BUCKETS, "a dimension")
    for fact in words.facts.values():
        groups = dict.fromkeys(fact.dimensions, f"a dimension of {fact.name}") | groups
    columns: dict[str, str] = {}
    for table in words.tables.values():
        columns = dict.fromkeys(table.types, f"a column of {table.name}") | columns
    answer = dict.fromkeys(_ANSWER, "a word of answers")
    attributes = dict.fromkeys(words.attributes, "an attribute")
    own = dict.fromkeys(words.segments, "a segment") | attributes
    language = dict.fromkeys((*_LANGUAGE, *FUNCTIONS), "a word of the language")
    used_by_others = {
        "kpis": answer | groups | own,
        "segments": language | answer | columns | groups | attributes,
        "attributes": language | answer | columns | groups,
    }
    for key, place in added.places.items():
        section, _, name = key.partition(".")
        others = used_by_others.get(section, {})
        if name in others:
            raise place.wrong(f"'{name}' is {others[name]} already; choose another name")


def _vet_groups(words: Vocabulary, added: Added) -> None:
    groups = Groups(words)
    places = {name: added.places[f"segments.{name}"] for name in added.segments}
    places |= {name: added.places[f"attributes.{name}"] for name in added.attributes}
    for name, place in places.items():
        with place.telling():
            groups.check_size(name)
    for name, place in places.items():
        if name in added.attributes:
            with place.telling():
                groups.check_attribute(added.attributes[name])
            continue
        rules = tuple(rule for _, rule in added.segments[name].rules)
        for number, rule in enumerate(rules):
            with place.at(number).at("where").telling():
                groups.check_rule(rule)
        with place.telling():
            groups.check_together(rules)
