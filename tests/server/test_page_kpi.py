"""Does the page of a KPI say what it means, how much it is and what moved it?"""

from __future__ import annotations

import datetime as dt
import html
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from starlette.testclient import TestClient

from dialgauge.catalogue import KPIS
from dialgauge.catalogue.user import extend
from dialgauge.gauge import Gauge
from dialgauge.model.explanation import Explanation
from dialgauge.model.kpi import Unit
from dialgauge.model.question import Period, Question
from dialgauge.model.wire import answer_json
from dialgauge.server.panels.lineage import columns_read
from dialgauge.server.panels.moved import named, signed
from dialgauge.server.panels.panel import Look
from dialgauge.server.panels.picker import OWN, grouped
from dialgauge.server.speech import speech
from dialgauge.server.view import View
from dialgauge.server.viewer import AT_HOME

DAYS = "from=2026-04-01&to=2026-05-01"
APRIL = Period(dt.date(2026, 4, 1), dt.date(2026, 5, 1))
PAGE = {"Accept": "text/html"}


def twin(client: TestClient, path: str) -> dict[str, Any]:
    """Read a page's panels by name."""
    told = client.get(path)
    assert told.status_code == 200, told.text
    return {panel["name"]: panel for panel in told.json()["panels"]}


def look(gauge: Gauge, language: str = "en") -> Look:
    """Look at April."""
    view = View(path="/kpi/x", period=APRIL, preset="")
    names = {"agent": {"A0001": "Anna Albrecht"}}
    say = replace(speech(language, "EUR"), names=names)
    return Look(gauge=gauge, view=view, say=say, viewer=AT_HOME)


def test_the_value_is_that_of_ask(client: TestClient, gauge: Gauge) -> None:
    """With its parts, its interval and its change."""
    found = twin(client, f"/kpi/contact_rate.json?{DAYS}")["now"]["answers"]["now"]
    asked = Question(kpis=("contact_rate",), period=APRIL, versus="previous")
    assert found["total"] == answer_json(gauge.ask(asked))["total"]


def test_what_moved_it_adds_up(client: TestClient, gauge: Gauge) -> None:
    """The effects are those of `why`, and their sum is the change."""
    found = twin(client, f"/kpi/contact_rate.json?{DAYS}&moved=team")["moved"]["data"]["why"]
    asked = gauge.why(Question(kpis=("contact_rate",), by=("team",), period=APRIL))
    assert [row["effect"] for row in found["rows"]] == [each.effect for each in asked.effects]
    whole = sum((Fraction(row["effect"]) for row in found["rows"]), Fraction(0))
    assert float(whole) == pytest.approx(found["total"]["after"] - found["total"]["before"])
    parts = found["total"]["mix"] + found["total"]["rate"]
    assert parts == pytest.approx(found["total"]["change"])


def test_a_filter_changes_it(client: TestClient) -> None:
    """The value and the reasons are of the team in the address."""
    wide, narrow = (
        twin(client, f"/kpi/contact_rate.json?{DAYS}{team}") for team in ("", "&team=Alder")
    )
    assert wide["now"]["answers"] != narrow["now"]["answers"]
    assert wide["moved"]["data"] != narrow["moved"]["data"]


@pytest.mark.parametrize("language", ["en", "zh", "ru", "ka"])
def test_it_is_explained_in_the_language(client: TestClient, language: str) -> None:
    """Question, definition and caveat are those of the language; formula and measures stand too."""
    page = html.unescape(client.get(f"/kpi/drop_rate?{DAYS}&lang={language}", headers=PAGE).text)
    kpi, say = KPIS["drop_rate"], speech(language)
    for part in ("title", "question", "definition", "caveat"):
        assert say.texts.kpi(kpi, part) in page
    for text in (kpi.formula, "calls.dropped", "result = 'dropped'", "direction = 'internal'"):
        assert text in page


def test_every_kpi_of_the_catalogue_has_a_page(client: TestClient) -> None:
    """One of each certainty and table opens; what cannot be split or asked says so in its panel."""
    names = ("median_call_duration", "pipeline_value", "clv_predicted_total", "cost", "occupancy")
    for name in (*names, "drop_rate_30d", "time_in_stage", "ltv_to_cac"):
        assert client.get(f"/kpi/{name}?{DAYS}", headers=PAGE).status_code == 200


def test_the_statement_is_the_one_that_runs(client: TestClient, gauge: Gauge) -> None:
    """With the page's days and filters in it."""
    found = twin(client, f"/kpi/dials.json?{DAYS}&team=Alder")["statement"]["data"]["statement"]
    asked = Question(kpis=("dials",), period=APRIL, where=("team = 'Alder'",))
    assert "Alder" in found
    assert found.count("\n") == gauge.explain(asked).count("\n")


def test_an_unknown_kpi_is_no_page(client: TestClient) -> None:
    """404, with the name that was perhaps meant."""
    told = client.get("/kpi/contact_rat", headers=PAGE)
    assert told.status_code == 404
    assert "did you mean &#39;contact_rate&#39;" in told.text


def test_all_kpis_are_listed_and_searched(client: TestClient) -> None:
    """Every KPI stands in the list once; a search finds names, titles and questions."""
    groups = twin(client, "/kpis.json")["listing"]["data"]["groups"]
    names = [kpi["name"] for group in groups for kpi in group["kpis"]]
    assert sorted(names) == sorted(KPIS)
    groups = twin(client, "/kpis.json?q=Abandon")["listing"]["data"]["groups"]
    found = {kpi["name"] for group in groups for kpi in group["kpis"]}
    assert found >= {"abandonment_rate", "abandonment_rate_over_5s"}
    assert "dials" not in found


def test_a_teams_own_kpis_stand_first(gauge: Gauge) -> None:
    """What a team made itself is a group of its own."""
    made = {"own words": "kpis:\n  hot:\n    formula: calls.dials\n    unit: count\n"}
    groups = grouped(extend(gauge.words, made))
    assert [kpi.name for kpi in groups[OWN]] == ["hot"]
    assert next(iter(groups)) == OWN
    assert OWN not in grouped(gauge.words)


def test_columns_are_followed_to_their_tables(gauge: Gauge) -> None:
    """A measure's condition names columns of its table and of those it looks up."""
    calls = gauge.words.fact("calls")
    read = columns_read(calls.measures["do_not_call_violations"], calls, gauge.words)
    assert {name: table.name for name, table in read.items()} == {
        "direction": "calls",
        "started_at": "calls",
        "do_not_call_since": "calls",
        "leads.do_not_call_at": "leads",
    }


def test_spread_money_is_followed_to_its_column(gauge: Gauge) -> None:
    """A portion of a cost is of the column that is spread, over the days from first to last."""
    shares = gauge.words.fact("cost_shares")
    read = columns_read(shares.measures["amount"], shares, gauge.words)
    assert list(read) == ["value", "starts_on", "ends_on"]


@pytest.mark.parametrize(
    ("kpi", "amount", "told"),
    [
        ("contact_rate", -0.01642, "\u22121.64 pp"),
        ("contact_rate", 0.00001, "0.00 pp"),
        ("roi", 0.2302, "+0.230"),
        ("dials", 12.0, "+12"),
        ("revenue", -1234.0, "\u2212€1,234"),
    ],
)
def test_parts_of_a_change_are_signed(gauge: Gauge, kpi: str, amount: float, told: str) -> None:
    """In the KPI's unit, fine enough to be added up; what is nothing has no sign."""
    assert signed(amount, KPIS[kpi], look(gauge)) == told


def test_sentences_call_agents_by_name(gauge: Gauge) -> None:
    """The groups of an explanation bear the names that people know; weekdays stay numbers."""
    found = gauge.why(Question(kpis=("dials",), by=("agent", "weekday"), period=APRIL))
    some = Explanation(
        question=found.question,
        total=found.total,
        before=found.before,
        after=found.after,
        change=found.change,
        effects=tuple(each for each in found.effects if each.keys["agent"] == "A0001"),
    )
    assert some.effects
    for each in named(some, look(gauge)).effects:
        assert each.keys["agent"] == "Anna Albrecht"
        assert isinstance(each.keys["weekday"], int)


def test_units_of_all_kpis_are_named() -> None:
    """The list says a unit for each KPI, in each language."""
    for language in ("en", "zh", "ru", "ka"):
        assert all(speech(language).t(f"unit.{unit.value}") for unit in Unit)
