"""What is wrong with this version of a lake?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import replace

from dialgauge.checks import scan
from dialgauge.checks.check import (
    Check,
    Empty,
    Finding,
    Judged,
    Keys,
    Late,
    Never,
    Severity,
    Where,
    numbers,
    sentence,
)
from dialgauge.checks.scan import Sight
from dialgauge.checks.stale import LATE_AFTER
from dialgauge.checks.touched import Reach, reach

_DAY_US = 86_400_000_000
_ORDER = tuple(Severity)


def examine(checks: Sequence[Check], sight: Sight) -> tuple[Finding, ...]:
    """Run checks.

    Args:
        checks: What to look for.
        sight: The lake.

    Returns:
        What was found, the worst first: by severity, then by the number of rows.
    """
    due = [check for check in checks if scan.applies(check, sight)]
    sight = replace(sight, relations={**sight.relations, **scan.make(scan.made(due), sight)})
    told = reach(sight.words)
    found = [
        *_rows(due, sight, told),
        *_late([check for check in due if isinstance(check.finds, Late)], sight, told),
        *(
            _finding(check, sight, told)
            for check in due
            if isinstance(check.finds, Empty) and not sight.rows.get(check.table)
        ),
    ]
    needed = (each for each in found if each.rows or each.kpis or each.dimensions)
    return tuple(sorted(needed, key=_badness))


def rows_behind(check: Check, sight: Sight) -> str:
    """Write the query of the rows a check finds, what it reads made before."""
    sight = replace(sight, relations={**sight.relations, **scan.make(scan.made([check]), sight)})
    if not scan.applies(check, sight):
        return f"SELECT * FROM {sight.relations[check.table]} WHERE false"
    return scan.selecting(check, sight)


def _badness(finding: Finding) -> tuple[int, int, str]:
    return _ORDER.index(finding.severity), -finding.rows, finding.check


def _rows(due: Iterable[Check], sight: Sight, told: Reach) -> list[Finding]:
    """Run the checks that find rows, those with conditions in one scan a table."""
    found: dict[str, list[tuple[Check, int]]] = {}
    scanned: dict[str, list[Check]] = {}
    for check in due:
        match check.finds:
            case Where() | Never():
                scanned.setdefault(check.table, []).append(check)
            case Keys() | Judged():
                found.setdefault(check.table, []).append((check, scan.named(check, sight)))
    for table, checks in scanned.items():
        counted = zip(checks, scan.counts(checks, sight), strict=True)
        found.setdefault(table, []).extend(counted)
    findings = []
    for each in found.values():
        some = [(check, rows) for check, rows in each if rows]
        keys = scan.examples([check for check, _ in some], sight)
        for (check, rows), examples in zip(some, keys, strict=True):
            findings.append(_finding(check, sight, told, rows=rows, examples=examples))
    return findings


def _finding(  # noqa: PLR0913 - what a finding consists of
    check: Check,
    sight: Sight,
    told: Reach,
    *,
    rows: int = 0,
    examples: tuple[str, ...] = (),
    detail: str = "",
) -> Finding:
    total = sight.rows.get(check.table, 0)
    detail = detail or (scan.told(check, sight) if rows else "")
    kpis, dimensions = told.touched(check)
    return Finding(
        check=check.name,
        table=check.table,
        severity=check.severity,
        says=sentence(check.heading, numbers(rows, total, detail)),
        rows=rows,
        total=total,
        share=rows / total if rows else None,
        detail=detail,
        kpis=kpis,
        dimensions=dimensions,
        examples=examples,
    )


def _late(checks: Sequence[Check], sight: Sight, told: Reach) -> list[Finding]:
    """Compare the newest rows of tables with the newest of all."""
    if not checks:
        return []
    found = {
        table: scan.newest(table, clock, sight)
        for table, (clock, _) in LATE_AFTER.items()
        if sight.rows.get(table)
    }
    times = {table: at for table, at in found.items() if at is not None}
    # What costs are for may end after everything that has happened.
    happened = [table for table in times if table != "costs"]
    if not happened:
        return []
    leader = max(happened, key=lambda table: times[table])
    return [
        _finding(
            check,
            sight,
            told,
            detail=f"{_day(times[check.table])} ({leader}: {_day(times[leader])})",
        )
        for check in checks
        if isinstance(check.finds, Late)
        and check.table in times
        and times[check.table] + check.finds.days * _DAY_US < times[leader]
    ]


def _day(at_us: int) -> str:
    return f"{dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=at_us):%Y-%m-%d}"
