"""Are the rows behind a number those it counts, and does nobody see more than they may?"""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import replace
from typing import Any

import pytest
from starlette.testclient import TestClient
from visiting import browser, log_in, people

from dialgauge.catalogue import KPIS
from dialgauge.errors import UsageError
from dialgauge.gauge import Gauge
from dialgauge.model.question import Period, Question
from dialgauge.model.table import Type
from dialgauge.model.wire import plain_records
from dialgauge.server.app import create_app
from dialgauge.server.masking import MASKED
from dialgauge.server.panels.cells import FIRST, cell, leads_to
from dialgauge.server.panels.counted import rows_behind
from dialgauge.server.panels.journey import Journey
from dialgauge.server.panels.panel import Look, Shown
from dialgauge.server.panels.records import Records, how_many
from dialgauge.server.site import Site
from dialgauge.server.speech import speech
from dialgauge.server.view import View
from dialgauge.server.viewer import AT_HOME, Role, Viewer, viewer

DAYS = "from=2026-04-01&to=2026-05-01"
APRIL = Period(dt.date(2026, 4, 1), dt.date(2026, 5, 1))
PAGE = {"Accept": "text/html"}
LEA = viewer("Lea", Role.TEAM_LEAD, teams=("Alder",))


def look(gauge: Gauge, who: Viewer = AT_HOME, **rest: str) -> Look:
    """Look at the rows of April as someone."""
    guarded = replace(gauge, guard=who.guard)
    view = View(path="/rows", period=APRIL, preset="").with_rest(**rest)
    return Look(gauge=guarded, view=view, say=speech("en", "EUR"), viewer=who)


def called(gauge: Gauge, *, by_two_teams: bool = False) -> str:
    """Find the lead with most calls; of Alder and another team where that is wanted."""
    found = gauge.ask(Question(kpis=("dials",), by=("team",), totals=False))
    assert len(found.rows) > 1
    calls = gauge.rows(Question(kpis=("dials",)), 10_000).to_pylist()
    agents = {
        row["agent_id"]
        for row in gauge.rows(Question(kpis=("dials",), where=("team = 'Alder'",)), 10_000)
        .select(["agent_id"])
        .to_pylist()
    }
    by_lead: dict[str, list[bool]] = {}
    for call in calls:
        if call["lead_id"]:
            by_lead.setdefault(call["lead_id"], []).append(call["agent_id"] in agents)
    wanted = {lead: own for lead, own in by_lead.items() if not by_two_teams or len(set(own)) == 2}
    return max(wanted, key=lambda lead: (len(wanted[lead]), lead))


def events(shown: Shown) -> list[dict[str, Any]]:
    """Give what a journey tells."""
    return list(shown.data["events"])


def test_rows_are_those_of_the_gauge(client: TestClient, gauge: Gauge) -> None:
    """The twin has the records with all columns, under the page's days and filters."""
    told = client.get(f"/rows.json?{DAYS}&kpi=contact_rate&team=Alder&limit=20").json()
    (panel,) = told["panels"]
    asked = Question(kpis=("contact_rate",), period=APRIL, where=("team = 'Alder'",))
    assert panel["data"]["rows"] == plain_records(gauge.rows(asked, 20).to_pylist())
    dials = gauge.ask(replace(asked, kpis=("dials",))).rows[0].values["dials"].value
    assert panel["data"]["there"] == dials


@pytest.mark.parametrize(
    "kpi",
    [
        *("dials", "contact_rate", "leads_worked", "p90_call_duration", "drop_rate_30d"),
        *("speed_to_lead", "lead_conversion_rate", "agent_hours", "occupancy", "cost", "roi"),
        *("pipeline_value", "time_in_stage", "stalled_deals", "churn_rate", "csat", "revenue"),
        *("callback_kept_rate", "attempts_to_contact", "quality_score", "clv_predicted"),
    ],
)
@pytest.mark.parametrize("who", [AT_HOME, LEA])
def test_rows_are_counted_as_they_are_listed(gauge: Gauge, kpi: str, who: Viewer) -> None:
    """How many rows there are is how many a list without end would show, under the row rules."""
    guarded = replace(gauge, guard=who.guard)
    question = Question(kpis=(kpi,), period=Period(dt.date(2026, 4, 5), dt.date(2026, 4, 19)))
    try:
        listed = guarded.rows(question, 1_000_000).num_rows
    except UsageError as error:
        with pytest.raises(type(error)):
            rows_behind(guarded, question)
        return
    assert rows_behind(guarded, question) == listed


def test_measures_that_count_differently_are_not_counted_together(gauge: Gauge) -> None:
    """Pipeline velocity reads deals on three clocks, so nobody says how many rows there are."""
    question = Question(kpis=("pipeline_velocity",), period=APRIL)
    assert rows_behind(gauge, question) is None
    shown = Records(kpi="pipeline_velocity").show(look(gauge, limit="1"))
    assert shown.data["there"] is None
    assert shown.subtitle == "the first 1"


def test_it_says_how_many_there_are(gauge: Gauge) -> None:
    """Of a long list the first are shown, and how many there are stands above."""
    dials = gauge.ask(Question(kpis=("dials",), period=APRIL)).rows[0].values["dials"].value
    assert dials
    assert Records(kpi="dials").show(look(gauge, limit="7")).subtitle.startswith("7 of ")
    assert len(Records(kpi="dials").show(look(gauge, limit="7")).data["rows"]) == 7


@pytest.mark.parametrize("limit", ["0", "1001", "-1", "ten", "1.5"])
def test_a_limit_is_a_whole_number(limit: str) -> None:
    """More than 1,000 rows are for files, and none is no list."""
    with pytest.raises(UsageError, match="1 to 1000"):
        how_many(View(path="/rows", period=APRIL, rest={"limit": (limit,)}))


def test_the_telling_columns_come_first(gauge: Gauge) -> None:
    """A dozen columns by default, all that hold anything when they are asked for."""
    few = Records(kpi="dials").show(look(gauge))
    assert few.face["columns"] == list(FIRST["calls"])
    every = Records(kpi="dials").show(look(gauge, columns="all"))
    assert every.face["columns"][: len(FIRST["calls"])] == list(FIRST["calls"])
    assert "call_id" in every.face["columns"]
    assert few.face["hidden"] == len(every.face["columns"]) - len(FIRST["calls"])


def test_telling_columns_are_columns(gauge: Gauge) -> None:
    """Each is one of its table, and each table of facts has some."""
    assert FIRST.keys() == gauge.words.facts.keys()
    for name, columns in FIRST.items():
        assert set(columns) <= set(gauge.words.tables[name].types)


def test_who_may_not_see_numbers_sees_none(gauge: Gauge) -> None:
    """A team lead's list of all columns has no phone token, in cells, twin or addresses."""
    tokens = {
        row["phone_token"] for row in gauge.rows(Question(kpis=("dials",)), 10_000).to_pylist()
    } - {None}
    shown = Records(kpi="dials").show(look(gauge, LEA, columns="all", limit="1000"))
    assert {row["phone_token"] for row in shown.data["rows"]} == {MASKED}
    told = {each.told for row in shown.face["rows"] for each in row}
    assert not tokens & told
    assert leads_to("party_id", MASKED, look(gauge, LEA)) == ""


def test_a_team_lead_lists_only_the_teams_rows(gauge: Gauge) -> None:
    """The rows of Alder, and no others."""
    shown = Records(kpi="dials").show(look(gauge, LEA, limit="1000"))
    asked = Question(kpis=("dials",), period=APRIL, where=("team = 'Alder'",))
    own = {row["call_id"] for row in gauge.rows(asked, 10_000).to_pylist()}
    assert {row["call_id"] for row in shown.data["rows"]} == own
    assert own


def test_a_journey_tells_everything_in_order(gauge: Gauge) -> None:
    """Every call of a lead stands in it once, with all else, from the first to the last."""
    lead = called(gauge)
    told = events(Journey(who=lead).show(look(gauge)))
    calls = [event for event in told if event["table"] == "calls"]
    asked = Question(kpis=("dials",), where=(f"lead_id = '{lead}'",))
    expected = gauge.rows(asked, 1000).column("call_id").to_pylist()
    outbound = [event for event in calls if event["record"]["direction"] == "outbound"]
    assert [event["record"]["call_id"] for event in outbound] == expected
    times = [event["at"] for event in told]
    assert all(before <= after for before, after in itertools.pairwise(times))
    assert told[0]["what"] == "lead_created"


def test_a_journey_of_a_customer_is_of_all_their_orders(gauge: Gauge) -> None:
    """Whoever bought most has every order told, and leads back to the lead they were."""
    orders = gauge.rows(Question(kpis=("orders",)), 10_000).to_pylist()
    counts: dict[str, int] = {}
    for order in orders:
        counts[order["customer_id"]] = counts.get(order["customer_id"], 0) + 1
    customer = max(counts, key=lambda who: (counts[who], who))
    shown = Journey(who=customer, column="customer").show(look(gauge))
    told = [event for event in events(shown) if event["table"] == "orders"]
    assert len(told) == counts[customer] > 1
    assert shown.subtitle.endswith(f"orders: {counts[customer]}")
    assert all(href.startswith("/lead/") for _, href in shown.face["others"])


def test_a_team_lead_sees_only_own_calls_of_a_lead(gauge: Gauge) -> None:
    """Of a lead that two teams called, each call is the team's own, and the page says so."""
    lead = called(gauge, by_two_teams=True)
    every = events(Journey(who=lead).show(look(gauge)))
    shown = Journey(who=lead).show(look(gauge, LEA))
    own = [event for event in events(shown) if event["table"] == "calls"]
    where = (f"lead_id = '{lead}'", "team = 'Alder'")
    expected = gauge.rows(Question(kpis=("dials",), where=where), 1000).num_rows
    assert len([e for e in own if e["record"]["direction"] == "outbound"]) == expected
    assert 0 < len(own) < len([event for event in every if event["table"] == "calls"])
    said = shown.face["said"]
    assert "You see only what is yours or your teams'" in said[0]
    assert said[1] == "Not shown, as nobody can say whose they are: Leads."
    assert Journey(who=lead).show(look(gauge)).face["said"] == []


def test_nobody_is_told_by_a_quote(gauge: Gauge) -> None:
    """A key is a text, whatever stands in it: it finds nobody and breaks nothing."""
    shown = Journey(who="x' or lead_id <> 'x").show(look(gauge))
    assert events(shown) == []
    assert shown.face["said"] == []
    assert "Nothing is known of" in shown.face["nothing"]


def test_cells_are_written_for_people(gauge: Gauge) -> None:
    """Times in the page's zone, lengths in minutes, money in its currency, results in words."""
    seen = look(gauge)
    seen = replace(seen, view=replace(seen.view, timezone="Asia/Tbilisi"))
    at = dt.datetime(2026, 4, 3, 22, 30, tzinfo=dt.UTC)
    record: dict[str, object] = {
        "started_at": at,
        "talk_s": 193.0,
        "amount": 12.5,
        "currency": "GEL",
        "value": 4.0,
        "result": "no_answer",
        "converted": True,
        "lead_id": "L/1",
        "region": None,
    }

    def told(column: str, type_: Type) -> str:
        return cell(record, column, type_, seen).told

    assert told("started_at", Type.TIME) == "4 Apr 2026 02:30"
    assert told("talk_s", Type.NUMBER) == "3m 13s"
    assert told("amount", Type.MONEY) == "₾12.50"
    assert told("value", Type.MONEY) == "€4.00"
    assert told("result", Type.TEXT) == "No answer"
    assert told("converted", Type.BOOL) == "yes"
    assert told("region", Type.TEXT) == ""
    href = cell(record, "lead_id", Type.TEXT, seen).href
    assert href.startswith("/lead/L%2F1?")


def test_who_sees_only_numbers_has_no_rows(site: Site) -> None:
    """A viewer is refused rows, leads and customers, and no number of theirs leads there."""
    people(site)
    asked = browser(create_app(replace(site, login=True)))
    log_in(asked, "Vic")
    for path in ("/rows?kpi=dials", "/rows.json?kpi=dials", "/lead/P1", "/customer/K1.json"):
        assert asked.get(path).status_code == 403
    page = asked.get(f"/explore?{DAYS}&kpi=dials&by=team").text
    assert "/rows?" not in page
    assert "/explore?from=2026-04-01" in page


def test_a_token_cannot_be_asked_for(site: Site) -> None:
    """Who may not see phone tokens may not filter by them on a page either."""
    people(site)
    asked = browser(create_app(replace(site, login=True)))
    log_in(asked, "Leo")
    told = asked.get("/rows?kpi=dials&where=phone_token = 'a'")
    assert told.status_code == 400
    assert "you may not see" in told.text


def test_pages_open_in_each_language(client: TestClient, gauge: Gauge) -> None:
    """Rows and journeys, with columns named in the language."""
    lead = called(gauge)
    said = {"zh": "呼叫结果", "ru": "Результат", "ka": "გამოძახების შედეგი"}
    for language, text in said.items():
        page = client.get(f"/rows?{DAYS}&kpi=dials&lang={language}", headers=PAGE)
        assert text in page.text
        assert client.get(f"/lead/{lead}?lang={language}", headers=PAGE).status_code == 200


def test_every_kpi_named_by_a_journey_is_known() -> None:
    """The KPIs that a journey asks stand in the catalogue."""
    from dialgauge.server.panels.journey import KINDS  # noqa: PLC0415 - only here

    assert {kind.kpi for kind in KINDS} <= set(KPIS)


def test_rows_and_journeys_are_taken_along(client: TestClient, gauge: Gauge) -> None:
    """The listed rows leave as a file, all columns, no more of them than were shown."""
    told = client.get(f"/export/rows.csv?{DAYS}&kpi=dials&limit=5&panel=records").text
    asked = gauge.rows(Question(kpis=("dials",), period=APRIL), 5)
    first, *rows = told.strip().splitlines()
    assert first.lstrip("\ufeff").split(",")[:2] == asked.column_names[:2]
    assert [row.split(",")[0] for row in rows] == asked.column("call_id").to_pylist()
    lead = called(gauge)
    path = f"/export/lead/{lead}.csv?panel=journey"
    assert len(client.get(path).text.strip().splitlines()) > 2
