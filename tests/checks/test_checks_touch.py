"""Which KPIs does a finding touch, and what is said of it beside an answer?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from dialgauge.catalogue.user import built_in
from dialgauge.checks import CHECKS, Finding, Severity, finding_json, notes_for, readable, written
from dialgauge.checks.check import Where
from dialgauge.checks.origins import ORIGINS
from dialgauge.checks.relations import MADE
from dialgauge.checks.touched import reach
from dialgauge.model.kpi import Kpi, Unit
from dialgauge.tables import TABLES

REACH = reach(built_in())


def kpis(name: str) -> set[str]:
    """Name the KPIs that a check touches."""
    return set(REACH.touched(CHECKS[name])[0])


def splits(name: str) -> set[str]:
    """Name what cannot be told apart where a check finds rows."""
    return set(REACH.touched(CHECKS[name])[1])


def test_talk_touches_what_reads_talk() -> None:
    """Durations and those who talked long enough; not how many were dialled, nor revenue."""
    touched = kpis("talk_longer_than_call")
    durations = {"avg_call_duration", "median_call_duration", "p90_call_duration"}
    assert durations | {"avg_handle_time", "effective_contact_rate"} <= touched
    assert not touched & {"dials", "contact_rate", "revenue", "agent_hours", "avg_ring_time"}


def test_flags_reach_what_is_derived_from_them() -> None:
    """Contacts make journeys, which make the attempts to a contact and follow-up rates."""
    touched = kpis("contact_never_recorded")
    assert {"contacts", "contact_rate", "attempts_to_contact", "follow_up_success_rate"} <= touched
    assert not touched & {"dials", "answer_rate", "invalid_number_rate"}


def test_money_reaches_lifetimes() -> None:
    """Orders without a rate touch revenue and what customers are worth, not how many there are."""
    touched = kpis("orders_without_rate")
    assert {"revenue", "roi", "clv_historic", "avg_order_value"} <= touched
    assert not touched & {"orders", "cross_sell_rate", "new_customers", "dials", "cost"}


def test_costs_reach_all_that_is_divided_by_them() -> None:
    """An unknown amount touches cost and return."""
    touched = kpis("costs_without_amount")
    assert {"cost", "cost_per_dial", "roi", "customer_acquisition_cost", "cost_labour"} <= touched
    assert not touched & {"revenue", "dials"}


def test_a_clock_touches_everything_counted_by_it() -> None:
    """Calls in the future touch all KPIs of calls."""
    touched = kpis("calls_in_future")
    assert {"dials", "connect_rate", "service_level_20s", "speed_to_lead"} <= touched
    assert not touched & {"win_rate", "nps"}


def test_an_unknown_agent_touches_splits_only() -> None:
    """Dials are as many; their team and tenure are not known, and conversations' neither."""
    assert "dials" not in kpis("calls_of_unknown_agent")
    touched = splits("calls_of_unknown_agent")
    assert {"calls.team", "calls.agent_tenure", "journeys.team", "conversations.team"} <= touched
    assert not touched & {"calls.agent", "calls.campaign", "agent_time.team"}


def test_an_unknown_lead_touches_what_leads_tell() -> None:
    """Source and industry of calls; who is counted by the lead's name still is."""
    assert {"calls.lead_source", "calls.industry"} <= splits("calls_of_unknown_lead")
    assert "leads_worked" not in kpis("calls_of_unknown_lead")
    assert {"leads_worked", "attempts_per_lead"} <= kpis("calls_without_party")


def test_an_unknown_zone_touches_hours() -> None:
    """The called party's hour and weekday, and calls out of hours."""
    assert {"calls.hour", "calls.weekday"} <= splits("calls_without_local_time")
    assert kpis("calls_without_local_time") == {"out_of_hours_rate"}


def test_money_shared_by_nothing_touches_splits_only() -> None:
    """All of it is in the whole, nothing of it in campaigns."""
    assert "cost" not in kpis("costs_shared_by_nothing")
    assert {"cost_shares.campaign", "cost_shares.agent"} <= splits("costs_shared_by_nothing")


def test_survey_scores_touch_satisfaction() -> None:
    """A score off its scale touches CSAT and NPS, not how many were asked."""
    assert {"csat", "csat_mean", "nps"} <= kpis("scores_outside_scale")
    assert not kpis("scores_outside_scale") & {"quality_score", "dials"}


def test_own_kpis_are_touched_too() -> None:
    """A team's own formula over talk is found like ours; one that cannot be read is passed over."""
    words = built_in()
    own = {
        "talk_hours": Kpi(name="talk_hours", formula="calls.talk / 3600", unit=Unit.HOURS),
        "broken": Kpi(name="broken", formula="calls.", unit=Unit.COUNT),
    }
    known = reach(replace(words, kpis={**words.kpis, **own}))
    touched, _ = known.touched(CHECKS["talk_longer_than_call"])
    assert "talk_hours" in touched
    assert "broken" not in touched


def test_every_derived_column_has_its_origins() -> None:
    """What prepare works out is said to follow from columns that exist."""
    derived = {
        f"{table.name}.{column.name}"
        for table in TABLES.values()
        for column in table.columns
        if table.derived or column.derived
    }
    assert set(ORIGINS) == derived
    columns = {f"{name}.{column}" for name, table in TABLES.items() for column in table.types}
    for origins in ORIGINS.values():
        for origin in origins:
            column, _, other = origin.partition(">")
            assert column in columns
            assert not other or other in TABLES


@pytest.mark.parametrize("name", CHECKS)
def test_checks_name_tables_and_columns_that_exist(name: str) -> None:
    """A check touches columns of tables, and looks up each relation in one way."""
    check = CHECKS[name]
    for touched in check.touches:
        column, _, other = touched.partition(">")
        table, dot, own = column.rpartition(".")
        assert own == "*" or own in TABLES[table if dot else check.table].types
        assert not other or other in TABLES
    if isinstance(check.finds, Where):
        for known in check.finds.known:
            assert known.relation in TABLES or known.relation in MADE
    alike = [
        known
        for each in CHECKS.values()
        if each.table == check.table and isinstance(each.finds, Where)
        for known in each.finds.known
    ]
    assert len({known.relation for known in alike}) == len(set(alike))


def finding(name: str, severity: Severity, *touched: str) -> Finding:
    """Write a finding that touches KPIs and, with a dot, splits."""
    return Finding(
        check=name,
        table="calls",
        severity=severity,
        says=f"{name.capitalize()}: 1 / 4 (25 %).",
        rows=1,
        total=4,
        share=0.25,
        kpis=tuple(each for each in touched if "." not in each),
        dimensions=tuple(each for each in touched if "." in each),
        examples=("c1",),
    )


def test_notes_say_what_touches_the_answer() -> None:
    """Findings of the KPIs asked, not of others, and nothing that is only to be known."""
    found = [
        finding("bad", Severity.ERROR, "dials"),
        finding("other", Severity.ERROR, "revenue"),
        finding("known", Severity.INFO, "dials"),
    ]
    assert notes_for(["dials"], found) == ("Data: Bad: 1 / 4 (25 %). See `dialgauge check bad`.",)
    assert notes_for(["nps"], found) == ()


def test_notes_say_what_touches_the_splits() -> None:
    """A finding about teams matters once an answer is split by team."""
    found = [finding("agents", Severity.WARNING, "calls.team")]
    assert notes_for(["dials"], found) == ()
    assert len(notes_for(["dials"], found, ["calls.team"])) == 1


def test_notes_are_at_most_three() -> None:
    """The first three, which are the worst; the last says how many more there are."""
    found = [finding(f"f{number}", Severity.WARNING, "dials") for number in range(5)]
    notes = notes_for(["dials"], found)
    assert [note.split(":")[1].strip() for note in notes] == ["F0", "F1", "F2"]
    assert notes[2].endswith("2 more findings touch this answer; `dialgauge check` lists them.")
    assert notes_for(["dials"], found[:4])[2].endswith(
        "1 more finding touches this answer; `dialgauge check` lists them."
    )
    assert "more" not in notes_for(["dials"], found[:3])[2]


def test_findings_are_kept_without_keys() -> None:
    """What is written down comes back as it was, but for the keys of rows, which tell of people."""
    found = finding("bad", Severity.ERROR, "dials", "calls.team")
    assert readable(written([found])) == (replace(found, examples=()),)
    assert "c1" not in written([found])
    assert finding_json(found)["examples"] == ["c1"]


@pytest.mark.parametrize("text", ["", "{", "[1]", "[{}]", "3", '[{"severity": "bad"}]'])
def test_damaged_findings_are_none(text: str) -> None:
    """A file of another dialgauge, or a broken one, says nothing."""
    assert readable(text) == ()
