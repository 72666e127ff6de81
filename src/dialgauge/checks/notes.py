"""Which findings must a reader of an answer know?"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from dialgauge.checks.check import Finding, Severity

_MOST = 3


def notes_for(
    kpis: Collection[str], findings: Iterable[Finding], splits: Collection[str] = ()
) -> tuple[str, ...]:
    """Say what is wrong with the data behind an answer.

    Args:
        kpis: The KPIs that were asked.
        findings: What was found, the worst first.
        splits: What they were split and filtered by, as `fact.dimension`.

    Returns:
        At most three sentences, and one that there are more; nothing of what is only to be known.
    """
    matching = [
        finding
        for finding in findings
        if finding.severity is not Severity.INFO
        and not (set(kpis).isdisjoint(finding.kpis) and set(splits).isdisjoint(finding.dimensions))
    ]
    notes = [
        f"Data: {finding.says} See `dialgauge check {finding.check}`."
        for finding in matching[:_MOST]
    ]
    more = len(matching) - _MOST
    if more > 0:
        noun = "finding touches" if more == 1 else "findings touch"
        notes[-1] += f" {more} more {noun} this answer; `dialgauge check` lists them."
    return tuple(notes)
