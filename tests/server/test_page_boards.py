"""Do the pages of timing, people and quality show what `ask` answers, to those who may see it?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import altair as alt
import pytest
from starlette.testclient import TestClient

from dialgauge.catalogue.user import extend
from dialgauge.config import Config
from dialgauge.engines.remembering import RememberingEngine
from dialgauge.gauge import Gauge
from dialgauge.model.answer import Answer
from dialgauge.model.question import Grain, Period, Question
from dialgauge.model.wire import answer_json
from dialgauge.server.app import create_app
from dialgauge.server.pages import (
    agents,
    campaigns,
    compliance,
    experiments,
    funnel,
    quality,
    regions,
    segments,
    timing,
)
from dialgauge.server.pages.page import Page
from dialgauge.server.panels.panel import Look, Shown, show
from dialgauge.server.site import Site
from dialgauge.server.speech import speech
from dialgauge.server.view import View
from dialgauge.server.viewer import AT_HOME, Role, Viewer, viewer
from dialgauge.store import Store

DAYS = "from=2026-02-01&to=2026-05-01"
PERIOD = Period(dt.date(2026, 2, 1), dt.date(2026, 5, 1))
PATHS = (
    *("/timing", "/regions", "/segments", "/campaigns", "/agents", "/agent/A0002"),
    *("/funnel", "/quality", "/compliance", "/experiments"),
)
MADE = {
    "own words": """segments:
  place:
    - name: capital
      where: region = 'GE-TB'
    - otherwise: elsewhere
  tried:
    - name: never
      where: journeys.dials is null
    - otherwise: dialled
"""
}
ART = viewer("Art", Role.AGENT, user_id=4, agent="A0001")


@pytest.fixture(scope="module")
def cached(gauge: Gauge) -> Gauge:
    """Answer as the gauge does, and remember answers as a server does."""
    return replace(gauge, engine=RememberingEngine(gauge.engine))


@pytest.fixture
def client(cached: Gauge, config: Config, store: Store) -> Iterator[TestClient]:
    """Ask a server that remembers."""
    site = Site(gauge=cached, config=config, store=store, hosts=("testserver",))
    with TestClient(create_app(site)) as asked:
        yield asked


def look(gauge: Gauge, path: str, who: Viewer = AT_HOME, language: str = "en") -> Look:
    """Look at a page as someone."""
    guarded = replace(gauge, guard=who.guard)
    view = View(path=path, period=PERIOD, preset="", parts={"id": path.rpartition("/")[2]})
    names = {"agent": {"A0001": "Art Own", "A0002": "Peer Two", "A0008": "Peer Eight"}}
    say = replace(speech(language, "EUR"), names=names)
    return Look(gauge=guarded, view=view, say=say, viewer=who)


def shown(page: Page, at: Look) -> dict[str, Shown]:
    """Show a page's panels, by name."""
    return {panel.name: show(panel, at) for panel in page.panels(at)}


def plain(answer: Answer) -> dict[str, float | None]:
    """Give an answer's numbers by group; threads add fractions up in any order."""
    rows = answer.rows if answer.total is None else (*answer.rows, answer.total)
    return {
        f"{dict(row.keys)} {kpi} {part}": getattr(value, part)
        for row in rows
        for kpi, value in row.values.items()
        for part in ("value", "numerator", "denominator", "n", "low", "high")
    }


def panel(client: TestClient, address: str, name: str) -> Any:
    """Read one panel of a page's twin."""
    path, _, query = address.partition("?")
    found = client.get(f"{path}.json?{query}").json()["panels"]
    return next(each for each in found if each["name"] == name)


@pytest.mark.parametrize(
    ("page", "named", "question"),
    [
        (timing.PAGE, "hours dots", Question(kpis=("contact_rate",), by=("hour",))),
        (timing.PAGE, "sell heat", Question(
            kpis=("contact_conversion_rate",), by=("weekday", "hour"))),
        (timing.PAGE, "attempts dots", Question(
            kpis=("call_conversion_rate",), by=("attempt",))),
        (regions.PAGE, "regions dots", Question(kpis=("contact_rate",), by=("region",))),
        (campaigns.PAGE, "source_dots dots", Question(kpis=("roi",), by=("lead_source",))),
        (agents.PAGE, "agents mix", Question(
            kpis=("contact_conversion_rate",), by=("agent", "campaign"))),
        (funnel.PAGE, "stages dots", Question(kpis=("stage_conversion_rate",), by=("stage",))),
        (funnel.PAGE, "leads boards.kept_sql", Question(
            kpis=("leads_created",), where=("sql_at is not null",))),
        (quality.PAGE, "questions dots", Question(
            kpis=("quality_question_score",), by=("question",))),
        (compliance.PAGE, "campaigns dots", Question(kpis=("drop_rate",), by=("campaign",))),
        (experiments.PAGE, "scripts arms", Question(
            kpis=("contact_conversion_rate",), by=("script",))),
        (experiments.PAGE, "experiment1 arms", Question(
            kpis=("contact_conversion_rate",), by=("variant",), where=("experiment = 'script'",))),
        (agents.ONE_PAGE, "campaigns dots", Question(
            kpis=("contact_conversion_rate",), by=("campaign",), where=("agent = 'A0002'",))),
    ],
)  # fmt: skip
def test_a_panel_shows_what_ask_answers(
    gauge: Gauge, cached: Gauge, page: Page, named: str, question: Question
) -> None:
    """A panel carries the answer to the same question, asked of the gauge."""
    name, _, asked = named.partition(" ")
    at = look(cached, "/agent/A0002")
    found = next(each for each in page.panels(at) if each.name == name)
    told = show(found, at).answers[asked]
    wanted = gauge.ask(replace(question, period=PERIOD))
    assert told.rows
    assert plain(told) == pytest.approx(plain(wanted))


def test_a_twin_and_its_filter(client: TestClient, gauge: Gauge) -> None:
    """A twin has what `ask` answers; with a team chosen, what it answers of the team."""
    asked = Question(kpis=("drop_rate",), by=("campaign",), period=PERIOD)
    everybody = panel(client, f"/compliance?{DAYS}", "campaigns")["answers"]["dots"]
    team = panel(client, f"/compliance?{DAYS}&team=Alder", "campaigns")["answers"]["dots"]
    alder = replace(asked, where=("team = 'Alder'",))
    assert everybody["rows"] == answer_json(gauge.ask(asked))["rows"]
    assert team["rows"] == answer_json(gauge.ask(alder))["rows"]
    assert team["rows"] != everybody["rows"]


def test_another_kpi_can_be_chosen(client: TestClient) -> None:
    """A panel's own name in the address chooses its KPI, and no other panel's."""
    address = f"/timing?{DAYS}&hours=connect_rate"
    assert panel(client, address, "hours")["answers"]["dots"]["question"]["kpis"] == [
        "connect_rate"
    ]
    kept = panel(client, address, "weekdays")["answers"]["dots"]["question"]
    assert kept["kpis"] == ["contact_rate"]


@pytest.mark.parametrize(
    ("path", "language"), list(zip(PATHS, ("zh", "ru", "ka", "en") * 3, strict=False))
)
def test_every_page_opens(client: TestClient, path: str, language: str) -> None:
    """A page answers with its panels and has no key of a text left in it."""
    answer = client.get(f"{path}?{DAYS}&lang={language}")
    assert answer.status_code == 200
    assert f'<html lang="{language}"' in answer.text
    assert "boards." not in answer.text
    assert 'class="card c' in answer.text


@pytest.mark.parametrize(
    "page",
    [
        *(timing.PAGE, regions.PAGE, campaigns.PAGE, agents.PAGE, agents.ONE_PAGE),
        *(funnel.PAGE, quality.PAGE, compliance.PAGE, experiments.PAGE),
    ],
    ids=lambda page: page.name,
)
def test_pictures_keep_to_the_schema(cached: Gauge, page: Page) -> None:
    """Every chart is a Vega-Lite specification."""
    found = shown(page, look(cached, "/agent/A0002"))
    for each in found.values():
        if each.chart is not None:
            alt.Chart.from_dict(dict(each.chart), validate=True)
    assert not [each.refusal for each in found.values() if each.refusal]


def test_hours_stand_by_what_one_may_count_on(gauge: Gauge) -> None:
    """Hours are in the order of the lower ends of their intervals, the highest first."""
    lines = shown(timing.PAGE, look(gauge, "/timing"))["hours"].face["lines"]
    answer = gauge.ask(Question(kpis=("contact_rate",), by=("hour",), period=PERIOD))
    lows = {row.keys["hour"]: row.values["contact_rate"].low or 0.0 for row in answer.rows}
    found = [lows[line["key"]] for line in lines]
    assert found == sorted(found, reverse=True)


def test_the_planted_truths_are_advised(cached: Gauge) -> None:
    """The best hour, the worst list and the best agent of the invented world are named."""
    timed = shown(timing.PAGE, look(cached, "/timing"))["hints"].face["hints"]
    assert any("17:00" in hint.text and hint.mood.value == "good" for hint in timed)
    spent = shown(campaigns.PAGE, look(cached, "/campaigns"))["hints"].face["hints"]
    assert any("L04" in hint.text and hint.mood.value == "bad" for hint in spent)
    people = shown(agents.PAGE, look(cached, "/agents"))["hints"].face["hints"]
    assert any("Peer Two" in hint.text and hint.mood.value == "good" for hint in people)


def test_an_agent_sees_nothing_of_others(gauge: Gauge) -> None:
    """Under an agent's rules neither page has a peer's key, name or numbers."""
    for page, path in ((agents.PAGE, "/agents"), (agents.ONE_PAGE, "/agent/A0001")):
        found = shown(page, look(gauge, path, ART))
        words = repr(found)
        assert "Peer" not in words
        assert "A0002" not in words
        assert "A0008" not in words
    own = gauge.ask(Question(kpis=("dials",), where=("agent = 'A0001'",), period=PERIOD))
    card = shown(agents.ONE_PAGE, look(gauge, "/agent/A0001", ART))["scores"]
    assert card.answers["own"].total is not None
    assert own.total is not None
    assert card.answers["own"].total.values["dials"].value == own.total.values["dials"].value
    assert card.face["others"] is False


def test_an_agent_opens_a_peer(gauge: Gauge) -> None:
    """A peer's page says neither who that is nor whether there is such an agent."""
    at = look(gauge, "/agent/A0002", ART)
    found = shown(agents.ONE_PAGE, at)
    assert agents.ONE_PAGE.heading(at) == ""
    assert found["scores"].face["lines"] == []
    assert "Peer" not in repr([each.face for each in found.values()])
    nobody = shown(agents.ONE_PAGE, look(gauge, "/agent/A9999", ART))
    assert nobody["scores"].face == found["scores"].face
    assert agents.ONE_PAGE.heading(look(gauge, "/agent/A0002")) == "Peer Two"


def test_a_score_card_has_the_team_and_the_mix(gauge: Gauge) -> None:
    """Beside an agent's rate stand the team's, and what the agent's own campaigns would give."""
    card = shown(agents.ONE_PAGE, look(gauge, "/agent/A0002"))["scores"]
    line = next(each for each in card.face["lines"] if each["kpi"] == "contact_conversion_rate")
    team = gauge.ask(
        Question(
            kpis=("contact_conversion_rate",),
            where=("team = 'Alder'",),
            period=PERIOD,
        )
    )
    assert team.total is not None
    say = speech("en")
    value = team.total.values["contact_conversion_rate"].value
    assert value is not None
    assert line["team"] == say.share(value)
    by_mix = gauge.ask(
        Question(kpis=("contacts", "conversions"), by=("agent", "campaign"), period=PERIOD)
    )
    tops: dict[object, float] = {}
    bottoms: dict[object, float] = {}
    mine: dict[object, float] = {}
    for row in by_mix.rows:
        campaign = row.keys["campaign"]
        contacts = row.values["contacts"].value or 0.0
        tops[campaign] = tops.get(campaign, 0.0) + (row.values["conversions"].value or 0.0)
        bottoms[campaign] = bottoms.get(campaign, 0.0) + contacts
        if row.keys["agent"] == "A0002":
            mine[campaign] = contacts
    would = sum(n * tops[c] / bottoms[c] for c, n in mine.items()) / sum(mine.values())
    assert line["would"] == say.share(would)
    assert line["side"] == "above"


def test_no_segments_yet(gauge: Gauge) -> None:
    """Where there are none, the page shows how to write one, and what it shows can be read."""
    found = shown(segments.PAGE, look(gauge, "/segments"))
    assert list(found) == ["guide"]
    assert found["guide"].face["href"] == segments.SETTINGS
    made = extend(gauge.words, {"example": segments.EXAMPLE})
    assert set(made.segments) == {"market", "recency"}
    seen = shown(segments.PAGE, look(gauge, "/segments", viewer("Vic", Role.VIEWER)))
    assert seen["guide"].face["href"] == ""


def test_segments_of_ones_own(gauge: Gauge) -> None:
    """Each segment has its table and its course; two are crossed; deeds give no advice."""
    own = replace(gauge, words=extend(gauge.words, MADE))
    found = shown(segments.PAGE, look(own, "/segments"))
    wanted = {"place.table", "place", "tried.table", "tried", "overlap", "hints"}
    assert set(found) == wanted
    both = own.ask(Question(kpis=("leads_created",), by=("place", "tried"), period=PERIOD))
    assert found["overlap"].answers["crossed"].rows == both.rows
    advised = found["hints"].answers
    assert {name.partition(".")[2] for name in advised} <= {
        "contact_rate",
        "contact_conversion_rate",
    }
    asked = {dimension for answer in advised.values() for dimension in answer.question.by}
    assert asked <= {"place"}


def test_days_that_break_a_limit(gauge: Gauge) -> None:
    """The days named are those whose drop rate was above 3 %."""
    limits = shown(compliance.PAGE, look(gauge, "/compliance"))["limits"]
    daily = gauge.ask(Question(kpis=("drop_rate",), period=PERIOD, grain=Grain.DAY))
    wanted = {
        row.keys["period"] for row in daily.rows if (row.values["drop_rate"].value or 0.0) > 0.03
    }
    assert set(limits.data["broken"]["drop_rate"]) == wanted
    assert wanted


def test_no_experiment_in_these_days(gauge: Gauge) -> None:
    """Without rows that say who got what, the page says how to bring some."""
    at = look(gauge, "/experiments")
    early = replace(at, view=replace(at.view, where=("experiment is null",)))
    assert experiments.experiments(early) == []
    found = shown(experiments.PAGE, early)
    assert "guide" in found
    assert "scripts" in found
