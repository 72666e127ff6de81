"""Which KPIs, measures, segments and attributes did the team add?

They stand in YAML files beside the settings. Everything is read and checked when the files are
loaded, so a mistake is told at once, by file and place, and never when a number is already on a
screen. The package itself is not touched: a new vocabulary comes back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from dialgauge.catalogue import KPIS
from dialgauge.catalogue.added import Added
from dialgauge.catalogue.spelling import kpi_tree, measure_tree, segment_tree
from dialgauge.catalogue.vet import vet
from dialgauge.catalogue.yaml_tree import Place, read
from dialgauge.errors import FileError, UnknownNameError
from dialgauge.model.fact import Fact
from dialgauge.model.kpi import Kpi
from dialgauge.model.measure import Measure
from dialgauge.model.vocabulary import Vocabulary
from dialgauge.tables import FACTS, TABLES


def built_in() -> Vocabulary:
    """Return the words that come with the package.

    Example:
        >>> built_in().kpi("contact_rate").formula
        'calls.contacts / calls.dials'
    """
    return Vocabulary(tables=TABLES, facts=FACTS, kpis=KPIS)


def load(words: Vocabulary, paths: Iterable[Path]) -> Vocabulary:
    """Add the words of YAML files.

    Args:
        words: What there is already.
        paths: The files, which may refer to each other in any order.

    Raises:
        FileError: A file cannot be read.
        UsageError: Something in a file is not allowed; the message says where and what is.
    """
    texts = {}
    for path in paths:
        try:
            texts[str(path)] = path.read_text(encoding="utf-8-sig")
        except OSError as error:
            raise FileError(f"{path} cannot be read: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise FileError(f"{path} is not UTF-8; save it as UTF-8") from error
    return extend(words, texts)


def extend(words: Vocabulary, texts: Mapping[str, str]) -> Vocabulary:
    """Add the words of YAML texts.

    Args:
        words: What there is already.
        texts: File name, for messages, to YAML.

    Raises:
        FileError: A text is not YAML.
        UsageError: Something is not allowed; the message says where and what is.

    Example:
        >>> content = "kpis: {talks: {formula: calls.contacts, unit: count}}"
        >>> extend(built_in(), {"kpis.yaml": content}).kpi("talks").unit.value
        'count'
    """
    added = Added()
    for file, content in texts.items():
        added.take(read(content, file), words)
    extended = replace(
        words,
        facts=_with_measures(words, added.measures),
        segments={**words.segments, **added.segments},
        attributes={**words.attributes, **added.attributes},
    )
    extended = replace(extended, kpis=_with_kpis(extended, added.kpis, added.places))
    vet(extended, added)
    return extended


def to_yaml(words: Vocabulary) -> str:
    """Write all KPIs, measures, segments and attributes as a file that `extend` reads.

    Example:
        >>> print(to_yaml(Vocabulary(tables={}, facts={}, kpis={}, attributes={"tier": "region"})))
        attributes:
          tier: region
        <BLANKLINE>
    """
    sections: dict[str, dict[str, Any]] = {
        "kpis": {kpi.name: kpi_tree(kpi) for kpi in words.kpis.values()},
        "measures": {
            fact.name: {name: measure_tree(measure) for name, measure in fact.measures.items()}
            for fact in words.facts.values()
            if fact.measures
        },
        "segments": {segment.name: segment_tree(segment) for segment in words.segments.values()},
        "attributes": dict(words.attributes),
    }
    return _dump({name: section for name, section in sections.items() if section})


def kpi_yaml(kpi: Kpi) -> str:
    """Write one KPI, to show what it is or to begin one's own from it.

    Example:
        >>> print(kpi_yaml(built_in().kpi("conversions")).splitlines()[2])
            formula: calls.conversions
    """
    return _dump({"kpis": {kpi.name: kpi_tree(kpi)}})


def _dump(tree: Mapping[str, Any]) -> str:
    return yaml.safe_dump(dict(tree), sort_keys=False, allow_unicode=True, width=96)


def _with_measures(
    words: Vocabulary, added: Mapping[str, Mapping[str, Measure]]
) -> Mapping[str, Fact]:
    return {
        name: replace(fact, measures={**fact.measures, **added[name]}) if name in added else fact
        for name, fact in words.facts.items()
    }


def _with_kpis(
    words: Vocabulary, added: Mapping[str, Kpi], places: Mapping[str, Place]
) -> dict[str, Kpi]:
    """Put each KPI that replaces another into its place, and the others at the end."""
    instead: dict[str, str] = {}
    for name, kpi in added.items():
        place = places[f"kpis.{name}"]
        if name in words.kpis and kpi.replaces != name:
            raise place.wrong(
                f"there is a built-in KPI '{name}'; choose another name, or write "
                f"replaces: {name} to take its place"
            )
        if not kpi.replaces:
            continue
        if kpi.replaces not in words.kpis:
            raise place.at("replaces").wrong(
                UnknownNameError("built-in KPI", kpi.replaces, words.kpis)
            )
        if kpi.replaces in instead:
            raise place.at("replaces").wrong(
                f"'{instead[kpi.replaces]}' replaces '{kpi.replaces}' already; keep one"
            )
        instead[kpi.replaces] = name
    kpis = {
        instead.get(name, name): added[instead[name]] if name in instead else kpi
        for name, kpi in words.kpis.items()
    }
    kpis |= added
    return {
        name: replace(kpi, beside=tuple(instead.get(other, other) for other in kpi.beside))
        for name, kpi in kpis.items()
    }
