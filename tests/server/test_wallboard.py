"""Does the wallboard show today, large, and load itself anew?"""

from __future__ import annotations

import dataclasses
import datetime as dt
import re

import pytest
from starlette.testclient import TestClient

from dialgauge.gauge import Gauge
from dialgauge.model.answer import Value
from dialgauge.model.kpi import Better, Kpi, Unit
from dialgauge.model.question import Period, Question
from dialgauge.model.target import Target
from dialgauge.server.panels.panel import Look
from dialgauge.server.panels.tiles import Tiles, in_band
from dialgauge.server.speech import speech
from dialgauge.server.view import View
from dialgauge.server.viewer import AT_HOME

TODAY = Period(dt.date(2026, 4, 30), dt.date(2026, 5, 1))
PAGE = {"Accept": "text/html"}


def test_today_is_the_newest_day(client: TestClient, gauge: Gauge) -> None:
    """The tiles are what `ask` says of the newest day; a filter changes them."""
    for query, where in (("", ()), ("&team=Alder", ("team = 'Alder'",))):
        found = client.get(f"/wallboard.json?kpi=dials&kpi=contact_rate{query}").json()["panels"]
        (tiles,) = (each for each in found if each["name"] == "tiles")
        asked = Question(kpis=("dials", "contact_rate"), period=TODAY, where=where)
        values = gauge.ask(asked).rows[0].values
        told = tiles["answers"]["today"]["total"]
        assert list(told) == ["dials", "contact_rate"]
        assert {name: told[name]["value"] for name in told} == {
            name: value.value for name, value in values.items()
        }


def test_days_of_the_address_count(client: TestClient, gauge: Gauge) -> None:
    """Named days are shown in place of today."""
    found = client.get("/wallboard.json?kpi=dials&period=7d").json()["panels"][0]
    week = Period(dt.date(2026, 4, 24), dt.date(2026, 5, 1))
    asked = gauge.ask(Question(kpis=("dials",), period=week)).rows[0].values["dials"]
    assert found["answers"]["today"]["total"]["dials"]["value"] == asked.value


@pytest.mark.parametrize(
    ("said", "expected"), [("", "60"), ("refresh=15", "15"), ("refresh=0", "")]
)
def test_it_loads_itself_anew(client: TestClient, said: str, expected: str) -> None:
    """Every minute, as often as the address says, or never; browsers without scripts do it, too."""
    page = client.get(f"/wallboard?{said}", headers=PAGE).text
    found = re.search(r'<noscript><meta http-equiv="refresh" content="(\d+)"></noscript>', page)
    assert (found[1] if found else "") == expected
    assert f'data-every="{expected or 0}"' in page


@pytest.mark.parametrize("said", ["refresh=1", "refresh=soon", "refresh=-5", "refresh=99999"])
def test_odd_wishes_are_refused(client: TestClient, said: str) -> None:
    """A wall that asks each second would keep others waiting."""
    answer = client.get(f"/wallboard?{said}", headers=PAGE)
    assert answer.status_code == 400
    assert "refresh is" in answer.text


def look(gauge: Gauge) -> Look:
    """Look at the wall."""
    period = Period(dt.date(2026, 4, 3), dt.date(2026, 5, 1))
    view = View(path="/wallboard", period=period)
    return Look(gauge=gauge, view=view, say=speech("en"), viewer=AT_HOME)


def test_a_target_colours_its_tile(gauge: Gauge) -> None:
    """A status is told by a sign and a word beside the colour."""
    wish = Target(
        target_id="t",
        kpi="dials",
        value=1.0,
        starts_on=dt.date(2026, 4, 1),
        ends_on=dt.date(2026, 4, 30),
    )
    asking = dataclasses.replace(gauge, more_targets=(wish,))
    (tile,) = Tiles(kpis=("dials",)).show(look(asking)).face["tiles"]
    assert tile["state"] == {
        "mood": "good",
        "sign": "✓",
        "text": "reached · target 1 · until 30 Apr",
    }


@pytest.mark.parametrize(
    ("value", "band", "mood", "text"),
    [
        (0.02, (None, 0.03), "good", "at most 3.0%"),
        (0.04, (None, 0.03), "bad", "at most 3.0%"),
        (0.5, (0.75, 0.88), "bad", "should be within 75.0% \u2013 88.0%"),
        (0.8, (0.75, None), "good", "at least 75.0%"),
    ],
)
def test_limits_colour_a_tile(
    gauge: Gauge, value: float, band: tuple[float | None, float | None], mood: str, text: str
) -> None:
    """A KPI with limits says whether it keeps within them."""
    kpi = Kpi(name="k", formula="calls.dials", unit=Unit.SHARE, better=Better.BAND, band=band)
    state = in_band(Value(value=value), kpi, look(gauge))
    assert state
    assert (state["mood"], state["text"]) == (mood, text)
    assert in_band(Value(value=None), kpi, look(gauge)) is None
