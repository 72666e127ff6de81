"""What is wrong with the data, and which KPIs does it touch?

- `CHECKS`: all checks, one file a family
- `examine`: runs them on what `Sight` shows and gives `Finding`s
- `rows_behind`: the rows one of them finds
- `notes_for`: what a reader of an answer must know of it

A new check is an entry in the file of its family: a condition over rows of a table, in SQL, and
the columns that cannot be trusted where it holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from dialgauge.checks.check import Check, Finding, Severity, numbers, sentence
from dialgauge.checks.clocks import CLOCKS
from dialgauge.checks.contradictory import CONTRADICTORY
from dialgauge.checks.contradictory_sales import CONTRADICTORY_SALES
from dialgauge.checks.examine import examine, rows_behind
from dialgauge.checks.missing import MISSING
from dialgauge.checks.money import MONEY
from dialgauge.checks.notes import notes_for
from dialgauge.checks.orphaned import ORPHANED
from dialgauge.checks.plans import PLANS
from dialgauge.checks.scan import Sight
from dialgauge.checks.stale import STALE
from dialgauge.checks.twice import TWICE
from dialgauge.checks.wire import finding_json, readable, written

CHECKS: Mapping[str, Check] = MappingProxyType(
    {
        check.name: check
        for family in (
            MISSING,
            ORPHANED,
            CONTRADICTORY,
            CONTRADICTORY_SALES,
            CLOCKS,
            TWICE,
            MONEY,
            PLANS,
            STALE,
        )
        for check in family
    }
)
"""Check name to check."""

__all__ = [
    "CHECKS",
    "Check",
    "Finding",
    "Severity",
    "Sight",
    "examine",
    "finding_json",
    "notes_for",
    "numbers",
    "readable",
    "rows_behind",
    "sentence",
    "written",
]
