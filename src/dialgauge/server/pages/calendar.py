"""How are days chosen in the reader's own language?

A browser's date field speaks the browser's language, so the calendar is written here: each day is a
link. The first click picks one end, the second the other; it needs no script.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from babel.dates import format_date, get_day_names

from dialgauge.model.question import Period
from dialgauge.server.speech import Speech
from dialgauge.server.view import View

_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day that can be clicked.

    Attributes:
        number: Its number in the month.
        told: The day in words.
        href: Where a click leads; empty for days after the newest record.
        inside: Whether the page shows it.
        picked: Whether it is the end that was picked first.
    """

    number: int
    told: str
    href: str
    inside: bool
    picked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """A month of the calendar.

    Attributes:
        title: Its name and year.
        weekdays: Short and full names of the days of the week, in order.
        weeks: Seven days each; None where another month's would stand.
    """

    title: str
    weekdays: Sequence[tuple[str, str]]
    weeks: Sequence[Sequence[Day | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Two months to choose from.

    Attributes:
        months: The earlier one first.
        before: The address of the same page with earlier months.
        after: With later ones.
        picking: Whether one end has been picked.
    """

    months: Sequence[Month]
    before: str
    after: str
    picking: bool


def laid_out(view: View, newest: dt.date, say: Speech) -> Calendar:
    """Lay out the month at the end of a view's period and the one before it.

    Args:
        view: What is shown, which end was picked, which month was turned to.
        newest: The day after the newest record.
        say: The reader's language.
    """
    last = (view.period.end or newest) - _DAY
    late = (view.month or last).replace(day=1)
    early = (late - _DAY).replace(day=1)
    later = (late + dt.timedelta(days=31)).replace(day=1)
    return Calendar(
        months=[_month(first, view.turned(late), newest, say) for first in (early, late)],
        before=view.turned(early).address,
        after=view.turned(later).address,
        picking=view.picked is not None,
    )


def _month(first: dt.date, view: View, newest: dt.date, say: Speech) -> Month:
    starts = view.week_starts - 1
    short = get_day_names("narrow" if say.language == "zh" else "short", "stand-alone", say.locale)
    full = get_day_names("wide", "stand-alone", say.locale)
    order = [(starts + place) % 7 for place in range(7)]
    weeks = calendar.Calendar(starts).monthdatescalendar(first.year, first.month)
    return Month(
        title=format_date(first, "LLLL y" if say.language != "zh" else "y年M月", say.locale),
        weekdays=[(short[day], full[day]) for day in order],
        weeks=[
            [_day(day, view, newest, say) if day.month == first.month else None for day in week]
            for week in weeks
        ],
    )


def _day(day: dt.date, view: View, newest: dt.date, say: Speech) -> Day:
    start, end = view.period.start or dt.date.min, view.period.end or newest
    return Day(
        number=day.day,
        told=say.day(day),
        href=_clicked(day, view).address if day < newest else "",
        inside=view.picked is None and start <= day < end,
        picked=day == view.picked,
    )


def _clicked(day: dt.date, view: View) -> View:
    """Give the view after a click: one end picked, or both."""
    if view.picked is None:
        return view.picking(day)
    first, last = sorted((view.picked, day))
    return replace(view, period=Period(first, last + _DAY), preset="", picked=None, month=None)
