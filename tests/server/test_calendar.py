"""Can days be chosen with two clicks, in the reader's language?"""

from __future__ import annotations

import datetime as dt
from urllib.parse import parse_qsl, urlsplit

from hypothesis import given
from hypothesis import strategies as st

from dialgauge.model.question import Period
from dialgauge.server.pages.calendar import Day, laid_out
from dialgauge.server.speech import speech
from dialgauge.server.view import Known, View, read

NEWEST = dt.date(2026, 5, 1)
KNOWN = Known(newest=NEWEST, dimensions=frozenset({"team"}))
DAYS = st.dates(dt.date(2026, 3, 1), dt.date(2026, 4, 30))


def opened(address: str = "/overview") -> View:
    """Read an address."""
    return read("/overview", parse_qsl(urlsplit(address).query), KNOWN)


def day(view: View, wanted: dt.date) -> Day:
    """Find a day in the calendar of March and April."""
    months = laid_out(view, NEWEST, speech("en")).months
    weeks = months[wanted.month - 3].weeks
    return next(each for week in weeks for each in week if each and each.number == wanted.day)


@given(one=DAYS, other=DAYS)
def test_two_clicks_choose_the_days_between_them(one: dt.date, other: dt.date) -> None:
    """In either order, both included, with the filters kept."""
    first = opened(day(opened("/overview?team=Alder"), one).href)
    second = opened(day(first, other).href)
    assert second.period == Period(min(one, other), max(one, other) + dt.timedelta(days=1))
    assert second.filters == {"team": ("Alder",)}
    assert (second.picked, second.month) == (None, None)


def test_a_filter_forgets_the_half_chosen_days() -> None:
    """Who goes on to something else has given up the calendar."""
    assert opened("/overview?pick=2026-04-10").with_filter("team", "Alder").picked is None


def test_weeks_begin_as_configured() -> None:
    """1 March 2026 is a Sunday: the last of a Monday week, the first of a Sunday week."""
    monday = laid_out(opened(), NEWEST, speech("en")).months[0]
    assert next(name for _, name in monday.weekdays) == "Monday"
    assert [each and each.number for each in monday.weeks[0]] == [None] * 6 + [1]
    known = Known(newest=NEWEST, dimensions=frozenset(), week_starts=7)
    sunday = laid_out(read("/overview", (), known), NEWEST, speech("en")).months[0]
    assert [each and each.number for each in sunday.weeks[0]] == [1, 2, 3, 4, 5, 6, 7]


def test_days_to_come_cannot_be_chosen() -> None:
    """The newest record is of 30 April; turned to May, no day has a link."""
    view = opened("/overview?calendar=2026-05-01")
    may = laid_out(view, NEWEST, speech("ka")).months[1]
    assert may.title == "მაისი 2026"
    assert not any(each.href for week in may.weeks for each in week if each)
