"""Does everybody see the targets that are about what they see, and how they stand?"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from dialgauge.gauge import Gauge
from dialgauge.model.answer import Value
from dialgauge.model.question import Period, Question
from dialgauge.model.target import Status, Target, TargetStatus
from dialgauge.server.panels.cards import Cards
from dialgauge.server.panels.marks import belongs, last_day, marks, within
from dialgauge.server.panels.panel import Look
from dialgauge.server.panels.targets import Targets, gauged, urgency
from dialgauge.server.site import Site
from dialgauge.server.speech import speech
from dialgauge.server.view import View
from dialgauge.server.viewer import AT_HOME

FIRST, LAST = dt.date(2026, 4, 1), dt.date(2026, 4, 30)
APRIL = Period(FIRST, LAST + dt.timedelta(days=1))
MIDDLE = dt.datetime(2026, 4, 16, tzinfo=dt.UTC)
ALDER = "team = 'Alder'"


def target(name: str = "t", scope: str = "", kpi: str = "dials", value: float = 900.0) -> Target:
    """Want something in April."""
    return Target(target_id=name, kpi=kpi, value=value, scope=scope, starts_on=FIRST, ends_on=LAST)


def look(gauge: Gauge, **filters: tuple[str | None, ...]) -> Look:
    """Look at April."""
    view = View(path="/overview", period=APRIL, preset="", filters=filters)
    return Look(gauge=gauge, view=view, say=speech("en", "EUR"), viewer=AT_HOME)


@pytest.mark.parametrize(
    ("scope", "guard", "expected"),
    [
        ("", (), True),
        (ALDER, (), True),
        ("", (ALDER,), False),
        (ALDER, (ALDER,), True),
        ("team='Alder' and hour < 12", (ALDER,), True),
        ("team = 'Elm'", (ALDER,), False),
        ("team = 'Elm'", ("team = 'Alder' or team = 'Elm'",), True),
        ("team = 'Alder' or team = 'Elm'", (ALDER,), False),
        ("campaign = 'energy'", (ALDER,), False),
        ("this is no condition", (ALDER,), False),
    ],
)
def test_only_targets_about_own_rows_are_shown(
    scope: str, guard: tuple[str, ...], *, expected: bool
) -> None:
    """Whoever sees only some rows sees a target only when its scope holds no others."""
    assert within(scope, guard) is expected


@pytest.mark.parametrize(
    ("scope", "filters", "guard", "expected"),
    [
        ("", {}, (), True),
        ("", {"team": ("Alder",)}, (), False),
        (ALDER, {"team": ("Alder",)}, (), True),
        (ALDER, {}, (), False),
        (ALDER, {}, (ALDER,), True),
        (f"{ALDER} and campaign = 'energy'", {"campaign": ("energy",)}, (ALDER,), True),
        (ALDER, {"campaign": ("energy",)}, (ALDER,), False),
    ],
)
def test_a_target_belongs_to_the_same_part_of_the_company(
    scope: str,
    filters: dict[str, tuple[str | None, ...]],
    guard: tuple[str, ...],
    *,
    expected: bool,
) -> None:
    """A card's target has the scope of the filters; row rules count as filters nobody sees."""
    view = View(path="/", period=APRIL, filters=filters)
    assert belongs(target(scope=scope), LAST, view, guard) is expected


def test_a_target_belongs_to_its_days() -> None:
    """The last day that is shown must be one of the target's."""
    view = View(path="/", period=APRIL)
    assert belongs(target(), FIRST, view, ())
    assert not belongs(target(), FIRST - dt.timedelta(days=1), view, ())
    assert not belongs(target(), LAST + dt.timedelta(days=1), view, ())
    assert not belongs(replace(target(), ends_on=None), FIRST, view, ())


def test_the_last_day_of_all_days_is_today(gauge: Gauge) -> None:
    """Without an end today counts."""
    assert last_day(View(path="/", period=Period()), gauge) == dt.date(2026, 5, 2)
    assert last_day(View(path="/", period=APRIL), gauge) == LAST


def test_a_card_is_held_against_its_target(gauge: Gauge) -> None:
    """Half of April is over; 10 dials are reached and a million are not, whichever is shorter."""
    week = replace(target("short", value=1_000_000.0), starts_on=dt.date(2026, 4, 13))
    asking = replace(gauge, more_targets=(target(value=10.0), week), clock=lambda: MIDDLE)
    found = marks(look(asking), ("dials", "contacts"))
    assert {name: (mark.name, mark.state) for name, mark in found.items()} == {
        "dials": ("short", "at_risk")
    }
    shown = Cards(kpis=("dials", "contacts")).show(look(asking))
    assert shown.data["targets"] == {"dials": {"target_id": "short", "status": "at_risk"}}
    assert [card["mark"] is None for card in shown.face["cards"]] == [False, True]


def test_filters_hide_the_target_of_the_whole(gauge: Gauge) -> None:
    """The target of everybody is not held against one team."""
    asking = replace(gauge, more_targets=(target(),), clock=lambda: MIDDLE)
    assert not marks(look(asking, team=("Alder",)), ("dials",))


def test_the_page_says_what_ask_says(client: TestClient, site: Site, gauge: Gauge) -> None:
    """The value of a target is the KPI's over its days, in its scope."""
    made = target("april", scope="lead_source = 'partner'")
    site.store.targets.put(made, by="Ann")
    (panel,) = client.get("/targets.json").json()["panels"]
    (found,) = (each for each in panel["data"]["targets"] if each["target_id"] == "april")
    asked = Question(kpis=("dials",), where=(made.scope,), period=APRIL)
    value = gauge.ask(asked).rows[0].values["dials"].value
    assert found["value"] == value
    assert found["status"] == ("reached" if (value or 0) >= 900 else "missed")


def test_who_sees_one_team_is_told_that_there_are_others(gauge: Gauge) -> None:
    """Targets about more than the row rules allow are counted, not shown."""
    mine = target("mine", scope=ALDER)
    asking = replace(gauge, more_targets=(target("all"), mine), guard=(ALDER,))
    face = Targets().show(look(asking)).face
    assert [each["name"] for each in face["targets"]] == ["mine"]
    assert face["hidden"] >= 1


def test_bars_show_the_pace() -> None:
    """300 of 1,000 after half the days: the bar ends at 300, it should be at 500."""
    status = TargetStatus(
        target=target(value=1_000.0),
        status=Status.AT_RISK,
        value=Value(value=300.0),
        elapsed=0.5,
        low=500.0,
        high=1_200.0,
    )
    bar = gauged(status, adds=True)
    assert bar
    scale = 100 / (1_200 * 1.08)
    ends = (bar.value, bar.wish, bar.due, bar.low, bar.high)
    expected = [300, 1_000, 500, 500, 1_200]
    assert list(ends) == [pytest.approx(each * scale, abs=0.01) for each in expected]
    rate = gauged(status, adds=False)
    assert rate
    assert rate.due is None


def test_a_loss_grows_to_the_left() -> None:
    """A return below 0 begins at 0 and ends left of it."""
    status = TargetStatus(
        target=target(value=1.0), status=Status.MISSED, value=Value(value=-0.5), elapsed=1.0
    )
    bar = gauged(status, adds=False)
    assert bar
    assert bar.value < bar.zero < bar.wish


def test_what_needs_someone_stands_first() -> None:
    """Running and at risk, running and well, to come, over."""
    standing = [
        (Status.MISSED, 1.0),
        (Status.NOT_STARTED, 0.0),
        (Status.ON_TRACK, 0.5),
        (Status.AT_RISK, 0.5),
        (Status.REACHED, 1.0),
    ]
    found = [
        TargetStatus(target=target(), status=status, elapsed=share) for status, share in standing
    ]
    assert [each.status for each in sorted(found, key=urgency)] == [
        Status.AT_RISK,
        Status.ON_TRACK,
        Status.NOT_STARTED,
        Status.MISSED,
        Status.REACHED,
    ]


@pytest.mark.parametrize("language", ["en", "zh", "ru", "ka"])
def test_the_page_opens_in_each_language(client: TestClient, language: str) -> None:
    """A moment may be given as of which targets are judged."""
    page = client.get(f"/targets?lang={language}&as_of=2026-04-15", headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert 'class="goals"' in page.text
