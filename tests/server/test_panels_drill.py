"""Does a number lead to its rows?"""

from __future__ import annotations

import datetime as dt

import pytest

from dialgauge.gauge import Gauge
from dialgauge.model.answer import KeyValue
from dialgauge.model.question import Grain, Period
from dialgauge.server.panels.drill import bucket_days, narrowed, rows_href
from dialgauge.server.panels.panel import Look
from dialgauge.server.speech import speech
from dialgauge.server.view import View
from dialgauge.server.viewer import AT_HOME, Role, Viewer, viewer

WEEK = Period(dt.date(2026, 4, 20), dt.date(2026, 4, 27))


def look(gauge: Gauge, who: Viewer) -> Look:
    """Look at the week from a page with a filter and words of its own."""
    view = View(path="/explore", period=WEEK, preset="7d", filters={"team": ("Alder",)})
    view = view.with_rest(kpi=["dials"], by=["agent"])
    return Look(gauge=gauge, view=view, say=speech("en"), viewer=who)


def test_rows_are_of_the_group_and_the_filters(gauge: Gauge) -> None:
    """The link keeps the page's days and filters, adds the group, and forgets what was laid out."""
    found = rows_href(look(gauge, AT_HOME), "contact_rate", {"agent": "A0001", "hour": 9})
    assert found == "/rows?period=7d&team=Alder&agent=A0001&hour=9&kpi=contact_rate"


def test_rows_of_an_unknown_group(gauge: Gauge) -> None:
    """A group that nobody named is asked as unknown."""
    found = rows_href(look(gauge, AT_HOME), "dials", {"agent": None})
    assert found == "/rows?period=7d&team=Alder&unknown=agent&kpi=dials"


def test_rows_of_a_day(gauge: Gauge) -> None:
    """Other days stand in place of the page's."""
    day = Period(dt.date(2026, 4, 21), dt.date(2026, 4, 22))
    found = rows_href(look(gauge, AT_HOME), "dials", period=day)
    assert found == "/rows?from=2026-04-21&to=2026-04-22&team=Alder&kpi=dials"


def test_who_sees_only_numbers_is_led_nowhere(gauge: Gauge) -> None:
    """A viewer may not see rows, so no number of theirs is a link."""
    assert rows_href(look(gauge, viewer("V", Role.VIEWER)), "dials", {"agent": "A0001"}) == ""


@pytest.mark.parametrize(
    ("label", "grain", "start", "end"),
    [
        ("2026-04-21", Grain.DAY, "2026-04-21", "2026-04-22"),
        ("2026-04-20", Grain.WEEK, "2026-04-20", "2026-04-27"),
        ("2026-04-01", Grain.MONTH, "2026-04-01", "2026-05-01"),
        ("2026-12-01", Grain.MONTH, "2026-12-01", "2027-01-01"),
        ("2026-10-01", Grain.QUARTER, "2026-10-01", "2027-01-01"),
        ("2026-01-01", Grain.YEAR, "2026-01-01", "2027-01-01"),
    ],
)
def test_buckets_are_days(label: KeyValue, grain: Grain, start: str, end: str) -> None:
    """A bucket is the days from its label to the next one."""
    expected = Period(dt.date.fromisoformat(start), dt.date.fromisoformat(end))
    assert bucket_days(label, grain, Period()) == expected


def test_buckets_end_where_the_period_does() -> None:
    """A month that was asked in part leads to that part."""
    within = Period(dt.date(2026, 4, 3), dt.date(2026, 4, 9))
    assert bucket_days("2026-04-01", Grain.MONTH, within) == within


def test_hours_have_no_days() -> None:
    """An address says days, so an hour leads nowhere."""
    assert bucket_days("2026-04-21T09:00:00+00:00", Grain.HOUR, WEEK) is None


def test_a_group_takes_the_place_of_a_filter() -> None:
    """Narrowing to one team of two leaves that one."""
    wide = View(path="/", period=WEEK, filters={"team": ("Alder", "Birch")})
    assert narrowed(wide, {"team": "Birch"}).filters == {"team": ("Birch",)}
