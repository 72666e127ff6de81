"""Do targets say what can be asked?"""

from __future__ import annotations

from typing import Any

from dialgauge.checks.check import Check, Judged, Severity, Where
from dialgauge.errors import UsageError
from dialgauge.model.expression import Name
from dialgauge.model.vocabulary import Vocabulary
from dialgauge.plan.reading import read
from dialgauge.plan.resolve import Scope, filter_condition


def _unknown_kpi(row: tuple[Any, ...], words: Vocabulary) -> bool:
    (kpi,) = row
    return kpi is not None and kpi not in words.kpis


def _unclear_scope(row: tuple[Any, ...], words: Vocabulary) -> bool:
    kpi, scope = row
    if not scope or kpi not in words.kpis:
        return False
    try:
        for fact in read(words.kpi(kpi), words).facts:
            known = words.facts[fact]
            at = Name(known.clocks[0])
            filter_condition(scope, Scope(fact=known, words=words, at=at, offsets=()))
    except UsageError:
        return True
    return False


PLANS = (
    Check(
        name="targets_of_unknown_kpi",
        table="targets",
        says="Targets for a KPI that does not exist",
        severity=Severity.ERROR,
        touches=("kpi",),
        finds=Judged(("kpi",), _unknown_kpi),
    ),
    Check(
        name="targets_of_unclear_scope",
        table="targets",
        says="Targets whose scope is no condition on their KPI",
        severity=Severity.ERROR,
        touches=("scope",),
        finds=Judged(("kpi", "scope"), _unclear_scope),
    ),
    Check(
        name="targets_end_before_they_start",
        table="targets",
        says="Targets whose last day is before their first",
        severity=Severity.ERROR,
        touches=("ends_on",),
        finds=Where("r.ends_on < r.starts_on"),
    ),
)
"""Checks of targets."""
