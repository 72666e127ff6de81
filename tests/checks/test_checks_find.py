"""Does each check find what it is for, and nothing else?"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialgauge.checks import CHECKS, Severity
from dialgauge.checks.check import Empty, Late
from sound_firm import SOUND, Row, at, behind, look, on

CHANGES: dict[str, Row] = {
    "calls_without_lead": {"lead_id": None},
    "calls_without_party": {"lead_id": None, "phone_token": None},
    "calls_without_campaign": {"campaign_id": None},
    "calls_without_list": {"list_id": None},
    "calls_without_agent": {"agent_id": None},
    "calls_without_direction": {"direction": None},
    "calls_without_result": {"result": None},
    "calls_without_local_time": {"local_hour": None},
    "agent_time_without_agent": {"agent_id": None},
    "agent_time_without_state": {"state": None},
    "agent_time_unfinished": {"ended_at": None},
    "leads_without_source": {"lead_source": None},
    "deals_without_amount": {"amount": None},
    "deals_without_end": {"closed_at": None},
    "stages_without_deal": {"deal_id": None},
    "orders_without_customer": {"customer_id": None},
    "orders_without_amount": {"amount": None},
    "orders_without_kind": {"kind": None},
    "orders_credited_to_nobody": {"credited_agent_id": None, "credited_campaign_id": None},
    "surveys_without_kind": {"kind": None},
    "surveys_without_score": {"score": None},
    "reviews_without_call": {"call_id": None},
    "costs_without_amount": {"amount": None},
    "costs_without_category": {"category": None},
    "assignments_without_variant": {"unit_id": None},
    "targets_without_value": {"value": None},
    "calls_of_unknown_lead": {"lead_id": "?"},
    "calls_of_unknown_agent": {"agent_id": "?"},
    "calls_of_unknown_campaign": {"campaign_id": "?"},
    "calls_of_unknown_customer": {"customer_id": "?"},
    "calls_of_unknown_list": {"list_id": "?"},
    "agent_time_of_unknown_agent": {"agent_id": "?"},
    "agent_time_of_unknown_campaign": {"campaign_id": "?"},
    "leads_of_unknown_campaign": {"campaign_id": "?"},
    "leads_of_unknown_customer": {"customer_id": "?"},
    "meetings_of_unknown_lead": {"lead_id": "?"},
    "meetings_of_unknown_agent": {"agent_id": "?"},
    "meetings_of_unknown_campaign": {"campaign_id": "?"},
    "deals_of_unknown_lead": {"lead_id": "?"},
    "deals_of_unknown_customer": {"customer_id": "?"},
    "deals_of_unknown_agent": {"agent_id": "?"},
    "deals_of_unknown_campaign": {"campaign_id": "?"},
    "stages_of_unknown_deal": {"deal_id": "?"},
    "stages_of_unknown_lead": {"lead_id": "?"},
    "customers_of_unknown_lead": {"lead_id": "?"},
    "orders_of_unknown_customer": {"customer_id": "?"},
    "orders_of_unknown_call": {"call_id": "?"},
    "orders_of_unknown_deal": {"deal_id": "?"},
    "orders_of_unknown_lead": {"lead_id": "?"},
    "orders_of_unknown_agent": {"agent_id": "?"},
    "orders_of_unknown_campaign": {"campaign_id": "?"},
    "conversations_of_unknown_call": {},
    "reviews_of_unknown_call": {"call_id": "?"},
    "reviews_of_unknown_agent": {"agent_id": "?"},
    "surveys_of_unknown_call": {"call_id": "?"},
    "surveys_of_unknown_customer": {"customer_id": "?"},
    "surveys_of_unknown_agent": {"agent_id": "?"},
    "costs_of_unknown_campaign": {"campaign_id": "?"},
    "costs_of_unknown_agent": {"agent_id": "?"},
    "assignments_of_unknown_lead": {"unit_id": "?"},
    "assignments_of_unknown_agent": {"unit": "agent", "unit_id": "?"},
    "assignments_of_unknown_call": {"unit": "call", "unit_id": "?"},
    # 130 seconds from the beginning to the end; one more is rounding, two are not.
    "talk_longer_than_call": {"talk_s": 132.0},
    "calls_ended_before_started": {"ended_at": at("20 09:59:59")},
    "calls_answered_before_started": {"answered_at": at("20 09:59:59")},
    "calls_answered_after_ended": {"answered_at": at("20 10:02:11")},
    "calls_answered_without_time": {"answered_at": None},
    "calls_unanswered_with_time": {"result": "busy"},
    "calls_unanswered_with_talk": {"result": "no_answer", "contact": None},
    "calls_converted_without_contact": {"contact": False},
    "calls_with_negative_seconds": {"ring_s": -0.5},
    "calls_over_24_hours": {"hold_s": 86_401.0},
    "agent_time_ends_before_it_starts": {"ended_at": at("20 09:00:00")},
    "agent_time_over_24_hours": {"ended_at": at("21 10:00:01")},
    "agents_left_before_hired": {"left_on": on("2024-12-31")},
    "campaigns_ended_before_started": {"ended_on": on("2025-12-31")},
    "scores_outside_scale": {"score": 6.0},
    "nps_outside_scale": {"kind": "nps", "scale": None, "score": 11.0},
    "reviews_over_the_most": {"score": 1.5},
    "reviews_without_weight": {"weight": 0.0},
    "leads_moved_before_created": {"mql_at": at("17 23:00:00")},
    "leads_sales_before_marketing": {"mql_at": at("20 00:00:00")},
    "leads_converted_and_lost": {"lost_at": at("21 00:00:00")},
    "leads_converted_without_customer": {"customer_id": None},
    "meetings_held_and_cancelled": {"cancelled_at": at("20 08:00:00")},
    "meetings_held_before_set": {"held_at": at("18 08:00:00")},
    "deals_open_with_end": {"status": "open"},
    "deals_closed_before_created": {"closed_at": at("18 23:00:00")},
    "visits_end_before_they_start": {"left_at": at("18 23:00:00")},
    "customers_lost_before_won": {"churned_at": at("19 00:00:00")},
    "orders_refunded_over_amount": {"refunded": Decimal("100.01")},
    "orders_with_negative_amount": {"amount": Decimal(-1)},
    "orders_with_margin_over_amount": {"margin": Decimal(101)},
    "calls_in_future": {"started_at": at("01").replace(year=2027)},
    "agent_time_in_future": {"started_at": at("01").replace(year=2027)},
    "leads_in_future": {"created_at": at("01").replace(year=2027)},
    "meetings_in_future": {"held_at": at("01").replace(year=2027)},
    "deals_in_future": {"created_at": at("01").replace(year=2027)},
    "stages_in_future": {"entered_at": at("01").replace(year=2027)},
    "orders_in_future": {"ordered_at": at("01").replace(year=2027)},
    "surveys_in_future": {"asked_at": at("01").replace(year=2027)},
    "reviews_in_future": {"reviewed_at": at("01").replace(year=2027)},
    "customers_in_future": {"acquired_at": at("01").replace(year=2027)},
    "orders_before_their_call": {"ordered_at": at("20 09:00:00")},
    "surveys_before_their_call": {"asked_at": at("20 09:00:00")},
    "reviews_before_their_call": {"reviewed_at": at("19 00:00:00")},
    "surveys_answered_before_asked": {"answered_at": at("20 10:00:00")},
    # The firm's agent time ends at 10:05.
    "calls_after_agent_time": {"started_at": at("20 12:05:01")},
    # The talk of the other call is from 10:00:10 to 10:02:10, this one's from 10:02:00.
    "overlapping_calls": {"ended_at": at("20 10:04:00")},
    "overlapping_agent_time": {
        "started_at": at("20 10:04:00"),
        "ended_at": at("20 10:06:00"),
    },
    "overlapping_visits": {"entered_at": at("20 10:00:00"), "left_at": at("21 10:00:00")},
    "orders_without_rate": {"value": None, "currency": "USD"},
    "deals_without_rate": {"value": None, "currency": "USD"},
    "cost_shares_without_rate": {"value": None, "currency": "USD"},
    "orders_without_currency": {"currency": None},
    "deals_without_currency": {"currency": None},
    "costs_without_currency": {"currency": None},
    "rates_of_nothing": {"rate": 0.0},
    "costs_end_before_they_start": {"ends_on": on("2025-12-31")},
    # 2026-01-01 to 2028-01-01 are two years and a day, to 2027-12-31 just two years.
    "costs_over_two_years": {"ends_on": on("2028-01-02")},
    "costs_below_zero": {"amount": Decimal(-1)},
    "costs_shared_by_nothing": {"shared_by": "nothing"},
    "targets_of_unknown_kpi": {"kpi": "dails"},
    "targets_of_unclear_scope": {"scope": "team ="},
    "targets_end_before_they_start": {"ends_on": on("2025-12-31")},
    "orders_of_lost_deal": {"deal_id": "lost"},
}
"""Check to what makes a sound row one that it finds."""

SPECIAL = {
    "contact_never_recorded",
    "conversion_never_recorded",
    "talk_never_recorded",
    "paid_never_recorded",
    "assignments_to_several_variants",
    "duplicate_leads",
    "duplicate_customers",
    "orders_of_mixed_currencies",
    "deals_of_mixed_currencies",
    "cost_shares_of_mixed_currencies",
    "conversations_longer_than_call",
}
"""Checks that no single row fails; each has a test of its own below."""


def test_every_check_is_seen_to_fail() -> None:
    """Each check has a bad row here, a test of its own, or looks at whole tables."""
    whole = {name for name, check in CHECKS.items() if isinstance(check.finds, Late | Empty)}
    assert set(CHANGES) | SPECIAL | whole == set(CHECKS)


def test_a_sound_firm_has_no_finding() -> None:
    """Where everything fits together, all checks together find nothing."""
    assert [finding.says for finding in look()] == []


@pytest.mark.parametrize("name", CHANGES)
def test_a_bad_row_is_found_beside_a_sound_one(name: str) -> None:
    """Of two rows the check finds the bad one, by its key, and says 1 of 2."""
    check = CHECKS[name]
    bad = {next(iter(SOUND[check.table])): "bad", **CHANGES[name]}
    others = {"deals": [{"deal_id": "lost", "status": "lost"}]} if "lost_deal" in name else {}
    tables = {check.table: [bad], **others}
    (finding,) = look(name, tables=tables)
    assert (finding.rows, finding.total, finding.share) == (1, 2, 0.5)
    assert finding.examples == ("bad",)
    assert finding.says.startswith(f"{check.heading}: 1 / 2 (50 %)")
    assert behind(name, tables) == ["bad"]


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("calls_without_lead", {"direction": "inbound", "lead_id": None}),
        ("calls_without_agent", {"agent_id": None, "result": "dropped"}),
        ("calls_without_agent", {"agent_id": None, "result": "machine"}),
        ("calls_without_result", {"result": None, "test": True}),
        ("calls_without_result", {"result": None, "direction": "internal"}),
        ("talk_longer_than_call", {"talk_s": 131.0}),
        ("talk_longer_than_call", {"ended_at": None}),
        ("calls_over_24_hours", {"hold_s": 86_400.0}),
        ("calls_in_future", {"started_at": at("01 00:05:00").replace(month=6)}),
        ("calls_converted_without_contact", {"contact": None}),
        ("agent_time_over_24_hours", {"state": "offline", "ended_at": at("25")}),
        ("deals_without_amount", {"amount": None, "status": "lost"}),
        ("deals_open_with_end", {"status": None}),  # deleted in its CRM
        ("deals_open_with_end", {"status": "open", "closed_at": None}),
        ("deals_closed_before_created", {"closed_at": at("19 00:00:00")}),
        ("visits_end_before_they_start", {"left_at": at("19 00:00:00")}),
        ("customers_lost_before_won", {"churned_at": at("20 00:00:00")}),
        ("leads_converted_without_customer", {"customer_id": None, "lead_id": "L"}),
        ("orders_before_their_call", {"ordered_at": at("20 00:00:00")}),
        ("orders_before_their_call", {"ordered_at": at("20 09:55:00")}),
        ("calls_after_agent_time", {"started_at": at("20 12:05:00")}),
        ("calls_after_agent_time", {"started_at": at("25"), "source": "another"}),
        ("calls_after_agent_time", {"started_at": at("25"), "agent_id": None}),
        ("overlapping_calls", {"ended_at": at("20 10:04:10")}),
        ("overlapping_calls", {"ended_at": at("20 10:04:08")}),
        ("overlapping_calls", {"ended_at": at("20 10:04:00"), "agent_id": "B"}),
        ("overlapping_calls", {"ended_at": at("20 10:04:00"), "talk_s": 0.0}),
        ("overlapping_agent_time", {"started_at": at("20 10:05:00"), "ended_at": at("21")}),
        ("costs_over_two_years", {"ends_on": on("2028-01-01")}),
        ("costs_end_before_they_start", {"ends_on": None}),
        ("scores_outside_scale", {"score": 10.0, "scale": 10}),
        ("nps_outside_scale", {"kind": "nps", "scale": 10, "score": 0.0}),
        ("costs_shared_by_nothing", {"shared_by": "nothing", "amount": Decimal(0)}),
        ("targets_of_unclear_scope", {"scope": ""}),
        ("assignments_of_unknown_lead", {"unit": "agent", "unit_id": "A"}),
    ],
)
def test_what_honest_systems_write_is_no_finding(name: str, change: Row) -> None:
    """Rounding, days written as midnights, what never counts and what is not known to be wrong."""
    table = CHECKS[name].table
    first = next(iter(SOUND[table]))
    assert look(name, tables={table: [{first: "fine", **change}]}) == ()


@pytest.mark.parametrize(
    ("name", "table", "column"),
    [
        ("contact_never_recorded", "calls", "contact"),
        ("conversion_never_recorded", "calls", "converted"),
        ("talk_never_recorded", "calls", "talk_s"),
        ("paid_never_recorded", "agent_time", "paid"),
    ],
)
def test_a_column_that_no_row_has_is_found(name: str, table: str, column: str) -> None:
    """When every row lacks it, not when one has it; a false says something too."""
    first = next(iter(SOUND[table]))
    silent = {first: "bad", column: None}
    assert look(name, tables={table: [silent]}) == ()
    (finding,) = look(name, without=table, tables={table: [silent, {**silent, first: "worse"}]})
    assert (finding.rows, finding.total, finding.examples) == (2, 2, ("bad", "worse"))


def test_internal_calls_need_no_contact() -> None:
    """A flag counts as never recorded when no dial has it, whatever other calls say."""
    inbound = {"call_id": "in", "direction": "inbound", "contact": True}
    silent = {"call_id": "out", "contact": None}
    (finding,) = look(
        "contact_never_recorded", without="calls", tables={"calls": [inbound, silent]}
    )
    assert (finding.rows, finding.total) == (1, 2)


def test_recordings_longer_than_their_call_are_found() -> None:
    """Of calls of 130 seconds one has 135 seconds of talk and silence, which is rounding."""
    sides: Row = {"customer_talk_s": 50.0, "overlap_s": None}
    recorded: list[Row] = [
        {"call_id": "fine", "agent_talk_s": 70.0, **sides},
        {"call_id": "bad", "agent_talk_s": 70.5, **sides},
    ]
    calls: list[Row] = [{"call_id": "fine"}, {"call_id": "bad"}]
    tables: dict[str, list[Row]] = {"conversations": recorded, "calls": calls}
    (finding,) = look("conversations_longer_than_call", tables=tables)
    assert (finding.rows, finding.total, finding.examples) == (1, 3, ("bad",))


def test_changed_variants_are_found() -> None:
    """Both assignments of the lead; not another unit of that name, experiment or the same again."""
    rows: list[Row] = [
        {"assignment_id": "again"},
        {"assignment_id": "agent", "unit": "agent", "variant": "B"},
        {"assignment_id": "price", "experiment": "price", "variant": "B"},
        {"assignment_id": "unknown", "variant": None},
    ]
    name = "assignments_to_several_variants"
    assert look(name, tables={"assignments": rows}) == ()
    tables = {"assignments": [*rows, {"assignment_id": "other", "variant": "B"}]}
    (found,) = look(name, tables=tables)
    assert (found.rows, found.total) == (4, 6)
    assert behind(name, tables) == ["V", "again", "other", "unknown"]


def test_people_who_share_a_number_are_found() -> None:
    """Both leads of one phone token, and the customers they became; none without a token."""
    leads: list[Row] = [
        {"lead_id": "L2"},
        {"lead_id": "L3", "phone_token": "other"},
        {"lead_id": "L4", "phone_token": None},
        {"lead_id": "L5", "phone_token": None},
    ]
    customers = [{"customer_id": "K2", "lead_id": "L2"}, {"customer_id": "K3", "lead_id": "L3"}]
    (found,) = look("duplicate_leads", tables={"leads": leads})
    assert (found.rows, found.total, found.examples) == (2, 5, ("L", "L2"))
    assert behind("duplicate_leads", {"leads": leads}) == ["L", "L2"]
    (found,) = look("duplicate_customers", tables={"leads": leads, "customers": customers})
    assert (found.rows, found.total, found.examples) == (2, 3, ("K", "K2"))


@pytest.mark.parametrize(
    ("table", "key"), [("orders", "order_id"), ("deals", "deal_id"), ("cost_shares", "share_id")]
)
def test_currencies_that_cannot_be_added_are_found(table: str, key: str) -> None:
    """Three rows in euro, two in other currencies, which are named."""
    rows = [
        {key: str(number), "value_currency": code}
        for number, code in enumerate(("EUR", "EUR", "USD", "GEL"))
    ]
    (finding,) = look(f"{table}_of_mixed_currencies", tables={table: rows})
    assert (finding.rows, finding.total, finding.examples) == (2, 5, ("2", "3"))
    assert finding.detail == "GEL, USD"


def test_money_without_a_rate_is_named() -> None:
    """The currencies whose rates are missing, each once."""
    rows = [
        {"order_id": f"b{n}", "value": None, "currency": code}
        for n, code in enumerate(("USD", "GEL", "USD"))
    ]
    (finding,) = look("orders_without_rate", tables={"orders": rows})
    assert finding.says.endswith("3 / 4 (75 %); GEL, USD.")


def test_money_that_was_not_shared_out_is_told() -> None:
    """1,200 and 34.5 euro and 10 dollars found nobody to fall to."""
    lost = [
        {"share_id": str(n), "shared_by": "nothing", "amount": Decimal(amount), "currency": code}
        for n, (amount, code) in enumerate((("1200", "EUR"), ("34.5", "EUR"), ("10", "USD")))
    ]
    (finding,) = look("costs_shared_by_nothing", tables={"cost_shares": lost})
    assert finding.detail == "1,234.50 EUR + 10.00 USD"


def test_a_long_overlap_is_found_once_for_each_that_began_within() -> None:
    """A talk of an hour, two short ones within it: each of the two began too early."""
    hour = {
        "call_id": "a",
        "started_at": at("22 10:00:00"),
        "ended_at": at("22 11:00:00"),
        "talk_s": 3600.0,
    }
    within = [
        {
            "call_id": name,
            "started_at": at(f"22 10:{m}:00"),
            "ended_at": at(f"22 10:{m}:40"),
            "talk_s": 30.0,
        }
        for name, m in (("b", 10), ("c", 20))
    ]
    (finding,) = look("overlapping_calls", tables={"calls": [hour, *within]})
    assert finding.examples[0] == "b"


def test_a_table_that_stopped_is_found() -> None:
    """Orders end 31 days before the newest call; leads, 14 days before it, are just in time."""
    late = [{"call_id": "late", "started_at": at("20 10:01:00").replace(month=2, day=20)}]
    found = {
        finding.check: finding
        for finding in look(tables={"calls": late})
        if "stopped" in finding.check
    }
    assert "orders_stopped" in found
    assert found["orders_stopped"].detail == "2026-01-20 (calls: 2026-02-20)"
    assert found["orders_stopped"].rows == 0
    assert found["orders_stopped"].share is None
    assert look("orders_stopped", tables={"calls": late}) == (found["orders_stopped"],)
    just = [{"call_id": "late", "started_at": at("01 09:00:00").replace(month=2, day=1)}]
    assert "leads_stopped" not in {finding.check for finding in look(tables={"calls": just})}


def test_rows_that_lie_ahead_make_no_other_table_late() -> None:
    """A call dated 2027 is a wrong clock, not news."""
    ahead = [{"call_id": "bad", "started_at": at("01").replace(year=2027)}]
    assert [f.check for f in look(tables={"calls": ahead}) if f.check.endswith("_stopped")] == []


def test_an_empty_table_is_found_with_what_it_keeps_from_being_told() -> None:
    """Without orders there is no revenue; only to be known, since not every team has orders."""
    (finding,) = look("no_orders", without="orders")
    assert finding.severity is Severity.INFO
    assert {"revenue", "orders", "avg_order_value"} <= set(finding.kpis)
    assert "dials" not in finding.kpis
    assert finding.says == "The table orders is empty."


def test_references_to_an_empty_table_are_no_orphans() -> None:
    """A team that keeps no leads here is told so once, not for each call."""
    found = {finding.check for finding in look(without="leads")}
    assert "no_leads" in found
    assert not {name for name in found if name.endswith("_of_unknown_lead")}


def test_the_worst_comes_first() -> None:
    """By severity, then by the number of rows."""
    calls: list[Row] = [
        {"call_id": "1", "list_id": None},
        {"call_id": "2", "result": None},
        {"call_id": "3", "result": None},
        {"call_id": "4", "talk_s": 1000.0, "ended_at": at("20 10:02:10")},
    ]
    names = ("calls_without_list", "calls_without_result", "talk_longer_than_call")
    found = look(*names, tables={"calls": calls})
    assert [finding.check for finding in found] == list(reversed(names))
    assert [finding.rows for finding in found] == [1, 2, 1]


@settings(deadline=None, max_examples=25)
@given(
    st.lists(st.tuples(st.sampled_from("AB"), st.integers(0, 60), st.integers(0, 20)), max_size=8)
)
def test_overlaps_are_found_exactly_where_there_are_any(spans: list[tuple[str, int, int]]) -> None:
    """Every pair of an agent's intervals compared: one begins 2 seconds before another ends."""
    start = at("22 10:00:00")
    rows: list[Row] = [
        {
            "interval_id": str(number),
            "agent_id": agent,
            "started_at": start + dt.timedelta(seconds=begins),
            "ended_at": start + dt.timedelta(seconds=begins + lasts),
        }
        for number, (agent, begins, lasts) in enumerate(spans)
    ]
    in_order = sorted(spans, key=lambda span: (span[1], span[1] + span[2]))
    overlap = any(
        mine == theirs and later + 2 < first + lasts
        for one, (mine, first, lasts) in enumerate(in_order)
        for theirs, later, _ in in_order[one + 1 :]
    )
    found = look("overlapping_agent_time", without="agent_time", tables={"agent_time": rows})
    assert bool(found) == overlap
