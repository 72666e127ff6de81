"""How do the words of a command become a question?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from dialgauge.errors import UnknownNameError, UsageError
from dialgauge.model.question import Grain, Period, Question
from dialgauge.plan.zones import zone

_FIRST, _LAST = dt.date(1970, 1, 1), dt.date(2100, 12, 31)


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What was written behind `dialgauge ask`, as text."""

    kpis: Sequence[str]
    by: Sequence[str] = ()
    where: Sequence[str] = ()
    start: str | None = None
    end: str | None = None
    grain: str | None = None
    timezone: str = "UTC"
    versus: str | None = None
    week_starts: int = 1
    as_of: str | None = None
    totals: bool = True


def question(words: Words) -> Question:
    """Read a question from a command's words.

    Raises:
        UsageError: A day, grain, zone or comparison that cannot be read.

    Example:
        >>> question(Words(kpis=["dials"], start="2026-01-01")).period.start
        datetime.date(2026, 1, 1)
    """
    return Question(
        kpis=tuple(_listed(words.kpis)),
        by=tuple(_listed(words.by)),
        where=tuple(words.where),
        period=Period(day(words.start, "--from"), day(words.end, "--to")),
        grain=grain(words.grain),
        timezone=zone(words.timezone).key,
        versus=_versus(words.versus),
        week_starts=words.week_starts,
        as_of=moment(words.as_of),
        totals=words.totals,
    )


def day(text: str | None, option: str) -> dt.date | None:
    """Read a day.

    Raises:
        UsageError: It is not written as 2026-01-31.
    """
    if text is None:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"{option} '{text}' is not a day; write it as year-month-day, such as 2026-01-31"
        ) from None


def _listed(words: Sequence[str]) -> list[str]:
    """Split `a,b` as well as `a b`."""
    return [part.strip() for word in words for part in word.split(",") if part.strip()]


def grain(text: str | None) -> Grain | None:
    """Read the width of a time bucket.

    Raises:
        UnknownNameError: There is no such width.
    """
    if text is None:
        return None
    names = [each.value for each in Grain]
    if text not in names:
        raise UnknownNameError("grain", text, names)
    return Grain(text)


def _versus(text: str | None) -> str | Period | None:
    if text is None or text in ("previous", "year"):
        return text
    start, dots, end = text.partition("..")
    if not dots:
        raise UsageError(
            f"cannot compare with '{text}'; allowed: previous, year, or a range of days such as "
            "2026-01-01..2026-02-01"
        )
    return Period(day(start, "--versus"), day(end, "--versus"))


def moment(text: str | None) -> dt.datetime | None:
    """Read the moment behind `--as-of`; in UTC unless it says its zone.

    Raises:
        UsageError: It is not a day or a time, or out of reach.
    """
    if text is None:
        return None
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"--as-of '{text}' is not a time; write it as 2026-01-31 or 2026-01-31T09:00:00+00:00"
        ) from None
    if not _FIRST.year <= moment.year <= _LAST.year:
        raise UsageError(
            f"--as-of '{text}' is out of reach; moments from {_FIRST} to {_LAST} can be asked"
        )
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
