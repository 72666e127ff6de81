"""Which period do we compare with, and may we?

Dates only: the period before, the year before, and sentences about what makes two periods unlike.
Periods are half open, [start, end), in the question's time zone.
"""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from dialgauge.errors import UsageError
from dialgauge.model.question import Grain, Period

_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """How far the records reach, to judge whether a period is complete.

    Attributes:
        now: The instant of asking.
        first: When the oldest record is from; None when unknown.
        last: When the newest record is from; None when unknown.
    """

    now: dt.datetime
    first: dt.datetime | None = None
    last: dt.datetime | None = None


def previous(period: Period) -> Period:
    """Give the period directly before, equally long.

    Whole calendar months (and so quarters and years) give the same number of whole months before,
    which may differ in days; `period_notes` says so. Any other period gives as many days.

    Args:
        period: With both ends.

    Returns:
        The period that ends where this one begins.

    Raises:
        UsageError: An end is open, the period is empty, or there are no dates so early.

    Example:
        >>> previous(Period(dt.date(2026, 3, 1), dt.date(2026, 4, 1))).start
        datetime.date(2026, 2, 1)
        >>> previous(Period(dt.date(2026, 3, 2), dt.date(2026, 3, 9))).start
        datetime.date(2026, 2, 23)
    """
    start, end = _ends(period)
    try:
        if _whole_months(start, end):
            months = (end.year - start.year) * 12 + end.month - start.month
            return Period(_months_before(start, months), start)
        return Period(start - (end - start), start)
    except (ValueError, OverflowError):
        raise _too_early(start) from None


def last_year(period: Period) -> Period:
    """Give the same dates a year before.

    Whole calendar months stay whole, so February keeps its last day. Elsewhere 29 February becomes
    the 28th. Weekdays shift by one or two; `period_notes` says what that changes.

    Args:
        period: With both ends.

    Returns:
        The period a year before.

    Raises:
        UsageError: An end is open, the period is empty, or there are no dates so early.

    Example:
        >>> last_year(Period(dt.date(2024, 2, 29), dt.date(2024, 3, 15)))
        Period(start=datetime.date(2023, 2, 28), end=datetime.date(2023, 3, 15))
    """
    start, end = _ends(period)
    try:
        if _whole_months(start, end):
            return Period(_months_before(start, 12), _months_before(end, 12))
        # The last day inside moves, not the day after: 28 February must stay inside.
        return Period(_months_before(start, 12), _months_before(end - _DAY, 12) + _DAY)
    except (ValueError, OverflowError):
        raise _too_early(start) from None


def hours(period: Period, timezone: str = "UTC") -> float:
    """Count the hours of a period; a day on which clocks change has 23 or 25.

    Args:
        period: With both ends.
        timezone: In which days begin.

    Returns:
        The hours between the two midnights.

    Raises:
        UsageError: An end is open or the period is empty.

    Example:
        >>> hours(Period(dt.date(2026, 3, 29), dt.date(2026, 3, 30)), "Europe/Berlin")
        23.0
    """
    start, end = _ends(period)
    return (_midnight(end, timezone) - _midnight(start, timezone)).total_seconds() / 3600


def incomplete(
    period: Period, records: Records, timezone: str = "UTC", name: str = "The period"
) -> tuple[str, ...]:
    """Say why a period's numbers may still grow.

    Args:
        period: Open ends are complete by definition.
        records: How far the records reach.
        timezone: In which days begin.
        name: How the sentences call the period.

    Returns:
        Sentences; none when the period is complete as far as one can know.

    Example:
        >>> noon = dt.datetime(2026, 1, 20, 12, tzinfo=dt.UTC)
        >>> week = Period(dt.date(2026, 1, 19), dt.date(2026, 1, 26))
        >>> incomplete(week, Records(now=noon))
        ('The period ends with 2026-01-25 and is not over: counts and sums will still grow.',)
    """
    found = []
    if period.end is not None:
        final = period.end - _DAY
        newest = None if records.last is None else _day(records.last, timezone)
        if records.now < _midnight(period.end, timezone):
            found.append(
                f"{name} ends with {final} and is not over: counts and sums will still grow."
            )
        elif newest is not None and newest < final:
            found.append(
                f"{name} ends with {final}, but the newest record is of {newest}: "
                "check whether later ones are still to be imported."
            )
    oldest = None if records.first is None else _day(records.first, timezone)
    if period.start is not None and oldest is not None and period.start < oldest:
        found.append(
            f"{name} begins with {period.start}, but the oldest record is of {oldest}: "
            "what happened before is not known."
        )
    return tuple(found)


def period_notes(
    period: Period,
    other: Period,
    records: Records,
    timezone: str = "UTC",
    grain: Grain | None = None,
) -> tuple[str, ...]:
    """Say what makes two periods unlike, so that a change is not taken for more than it is.

    Args:
        period: The one asked about, with both ends.
        other: The one it is compared with, with both ends.
        records: How far the records reach.
        timezone: In which days begin.
        grain: The buckets that are set beside each other, if any.

    Returns:
        Sentences: unequal days, weekdays or hours, a shared stretch, days that are not over or
        have no records.

    Raises:
        UsageError: An end is open or a period is empty.

    Example:
        >>> march = Period(dt.date(2026, 3, 1), dt.date(2026, 4, 1))
        >>> after = Records(now=dt.datetime(2027, 1, 1, tzinfo=dt.UTC))
        >>> for note in period_notes(march, previous(march), after):
        ...     print(note)
        The period has 31 days (22 from Monday to Friday), the other 28 (20): compare rates and \
shares rather than counts and sums.
    """
    (start, end), (other_start, other_end) = _ends(period), _ends(other)
    notes = _lengths(period, other, timezone)
    if grain in (Grain.HOUR, Grain.DAY) and start.weekday() != other_start.weekday():
        notes.append(
            f"Days stand beside each other by position, so {start:%A} {start} beside "
            f"{other_start:%A} {other_start}."
        )
    shared = (min(end, other_end) - max(start, other_start)).days
    if shared > 0:
        notes.append(
            f"The periods share {_count(shared, 'day')}: what happened then counts on both sides, "
            "and the interval of the change does not hold."
        )
    notes.extend(incomplete(period, records, timezone))
    notes.extend(incomplete(other, records, timezone, "The other period"))
    return tuple(notes)


def _lengths(period: Period, other: Period, timezone: str) -> list[str]:
    weekdays, other_weekdays = _weekdays(period), _weekdays(other)
    days, other_days = sum(weekdays), sum(other_weekdays)
    if days != other_days:
        note = (
            f"The period has {_count(days, 'day')} ({sum(weekdays[:5])} from Monday to Friday), "
            f"the other {other_days} ({sum(other_weekdays[:5])}): "
            "compare rates and shares rather than counts and sums."
        )
        return [note]
    notes = []
    if weekdays != other_weekdays:
        unlike = ", ".join(
            f"{calendar.day_name[day]} {here} against {there}"
            for day, (here, there) in enumerate(zip(weekdays, other_weekdays, strict=True))
            if here != there
        )
        notes.append(
            f"Both periods have {_count(days, 'day')}, but not the same weekdays: {unlike}."
        )
    here, there = hours(period, timezone), hours(other, timezone)
    if here != there:
        notes.append(
            f"The period has {here:g} hours, the other {there:g}, "
            f"because clocks change in {timezone}."
        )
    return notes


def _weekdays(period: Period) -> tuple[int, ...]:
    """Count the Mondays to Sundays of a period."""
    start, end = _ends(period)
    weeks, rest = divmod((end - start).days, 7)
    return tuple(weeks + ((day - start.weekday()) % 7 < rest) for day in range(7))


def _ends(period: Period) -> tuple[dt.date, dt.date]:
    if period.start is None or period.end is None:
        raise UsageError(
            "a comparison needs a period with both ends; say from which day to which, "
            "for example --from 2026-01-01 --to 2026-02-01"
        )
    if period.end <= period.start:
        raise UsageError(
            f"the period from {period.start} to {period.end} holds no day; "
            "its end is the first day after it"
        )
    return period.start, period.end


def _whole_months(start: dt.date, end: dt.date) -> bool:
    return start.day == 1 and end.day == 1


def _months_before(day: dt.date, months: int) -> dt.date:
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    if year < dt.MINYEAR:
        raise ValueError(f"year {year}")
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _too_early(start: dt.date) -> UsageError:
    return UsageError(f"there is no period to compare with before {start}; choose a later one")


def _midnight(day: dt.date, timezone: str) -> dt.datetime:
    # As an instant in UTC, for Python subtracts two times of one zone as the clock shows them.
    return dt.datetime.combine(day, dt.time(), ZoneInfo(timezone)).astimezone(dt.UTC)


def _day(moment: dt.datetime, timezone: str) -> dt.date:
    return moment.astimezone(ZoneInfo(timezone)).date()


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
