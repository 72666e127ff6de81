"""What do a team's files declare?

Spelling only: whether what is declared means something is checked when all files are read, as
they may refer to each other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from dialgauge.catalogue.spelling import read_kpi, read_measure, read_segment
from dialgauge.catalogue.yaml_tree import Entry, Place, Tree, text
from dialgauge.errors import UnknownNameError
from dialgauge.model.kpi import Kpi
from dialgauge.model.measure import Measure
from dialgauge.model.segment import Segment
from dialgauge.model.vocabulary import Vocabulary

SECTIONS = ("kpis", "measures", "segments", "attributes")
"""What a file may hold at its top."""

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_LONGEST_NAME = 60


@dataclass(slots=True)
class Added:
    """What files declare, and where.

    Attributes:
        kpis: KPI name to KPI.
        measures: Fact name to its new measures by name.
        segments: Segment name to segment.
        attributes: Attribute name to expression.
        places: Such as `kpis.lunch_rate` to where it is declared.
    """

    kpis: dict[str, Kpi] = field(default_factory=dict)
    measures: dict[str, dict[str, Measure]] = field(default_factory=dict)
    segments: dict[str, Segment] = field(default_factory=dict)
    attributes: dict[str, str] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)

    def take(self, top: Entry, words: Vocabulary) -> None:
        """Take what one file declares.

        Args:
            top: The whole file.
            words: What there is already.

        Raises:
            UsageError: Something is not spelled as it must be, or declared twice.
        """
        top.only(SECTIONS, "section")
        for name, tree, place in _section(top, "kpis"):
            self.kpis[name] = read_kpi(name, tree, self.put(f"kpis.{name}", name, place))
        for fact, tree, place in _section(top, "measures"):
            if fact not in words.facts:
                raise place.wrong(UnknownNameError("fact", fact, words.facts))
            for name, measure, at in Entry.of(tree, place).entries():
                key = f"measures.{fact}.{name}"
                found, replaces = read_measure(measure, self.put(key, name, at))
                _need_leave(name, words.facts[fact].measures, at, replaces=replaces)
                self.measures.setdefault(fact, {})[name] = found
        for name, tree, place in _section(top, "segments"):
            self.segments[name] = read_segment(
                name, tree, self.put(f"segments.{name}", name, place)
            )
        for name, tree, place in _section(top, "attributes"):
            self.attributes[name] = text(tree, self.put(f"attributes.{name}", name, place))

    def put(self, key: str, name: str, place: Place) -> Place:
        """Note where a name is declared.

        Raises:
            UsageError: It is not a name, or declared already.
        """
        if not _NAME.fullmatch(name) or len(name) > _LONGEST_NAME:
            raise place.wrong(
                f"'{name}' is not a name; names are lower case letters, digits and _, begin "
                f"with a letter and have at most {_LONGEST_NAME} characters"
            )
        if key in self.places:
            raise place.wrong(f"'{name}' is declared in {self.places[key].file} too; keep one")
        self.places[key] = place
        return place


def _section(top: Entry, name: str) -> Iterator[tuple[str, Tree, Place]]:
    place = top.place.at(name)
    return Entry.of(top.values.get(name), place, nothing_is_empty=True).entries()


def _need_leave(name: str, known: Iterable[str], place: Place, *, replaces: bool) -> None:
    if name in known and not replaces:
        raise place.wrong(
            f"there is a built-in measure '{name}'; choose another name, or write "
            "replaces: true to change it for every KPI that reads it"
        )
    if replaces and name not in known:
        raise place.at("replaces").wrong(UnknownNameError("built-in measure", name, known))
