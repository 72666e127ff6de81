"""Which words does a question know?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dialgauge.errors import UnknownNameError
from dialgauge.model.fact import Fact
from dialgauge.model.kpi import Kpi
from dialgauge.model.rules import Rules
from dialgauge.model.segment import Segment
from dialgauge.model.table import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """Everything that may be named: ours and what users added.

    Attributes:
        tables: Table name to table.
        facts: Fact name to fact.
        kpis: KPI name to KPI.
        segments: Segment name to segment.
        attributes: Dimension name to the expression users declared for it, such as
            `attributes.tier`.
        rules: What the team decided about how things are counted.
    """

    tables: Mapping[str, Table]
    facts: Mapping[str, Fact]
    kpis: Mapping[str, Kpi]
    segments: Mapping[str, Segment] = field(default_factory=dict)
    attributes: Mapping[str, str] = field(default_factory=dict)
    rules: Rules = field(default_factory=Rules)

    def kpi(self, name: str) -> Kpi:
        """Return the KPI of that name.

        Raises:
            UnknownNameError: There is none; the message lists what there is.
        """
        if name not in self.kpis:
            raise UnknownNameError("KPI", name, self.kpis, " `dialgauge kpis` lists all.")
        return self.kpis[name]

    def fact(self, name: str) -> Fact:
        """Return the fact of that name.

        Raises:
            UnknownNameError: There is none; the message lists what there is.
        """
        if name not in self.facts:
            raise UnknownNameError("fact", name, self.facts)
        return self.facts[name]
