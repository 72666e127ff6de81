"""Is each cost shared out as its driver says, and nothing of it lost?"""

from __future__ import annotations

import datetime as dt
import itertools
from decimal import Decimal
from typing import Any

from dialgauge.model.rules import Rules
from dialgauge.prepare.cost_shares import STEP
from run_step import Row, run_step

NUMBERS = itertools.count()


def day(number: int) -> dt.date:
    """Return a day in January 2026."""
    return dt.date(2026, 1, number)


def at(number: int, hour: int = 12, minute: int = 0) -> dt.datetime:
    """Return an instant of a day in January 2026."""
    return dt.datetime(2026, 1, number, hour, minute, tzinfo=dt.UTC)


def cost(amount: str | None, by: str | None = "calls", **columns: Any) -> Row:
    """Pay an amount for the first ten days of January 2026."""
    return {
        "cost_id": "k",
        "category": "labour",
        "amount": None if amount is None else Decimal(amount),
        "currency": "EUR",
        "starts_on": day(1),
        "ends_on": day(10),
        "allocate_by": by,
    } | columns


def calls(number: int = 1, **columns: Any) -> list[Row]:
    """Make calls on the fifth of January."""
    own: Row = {"started_at": at(5), "direction": "outbound", "campaign_id": "A"}
    return [own | {"call_id": f"c{next(NUMBERS)}"} | columns for _ in range(number)]


def shares(*costs: Row, rules: Rules | None = None, **stored: list[Row]) -> list[Row]:
    """Share costs out, in the order of numbers."""
    found = run_step(STEP, rules, costs=costs, **stored)
    return sorted(found, key=lambda row: (row["cost_id"], int(row["share_id"].rpartition("/")[2])))


def parts(*costs: Row, of: str = "campaign_id", **stored: list[Row]) -> dict[Any, str]:
    """Share costs out and return the amount of each value of a column."""
    return {row[of]: str(row["amount"]) for row in shares(*costs, rules=None, **stored)}


def test_calls_share_a_cost_exactly() -> None:
    """100 over three campaigns with one call each: thirds that sum to 100."""
    dialled = [row for name in "ABC" for row in calls(campaign_id=name)]
    assert parts(cost("100"), calls=dialled) == {
        "A": "33.3333",
        "B": "33.3333",
        "C": "33.3334",
    }
    assert parts(cost("-100"), calls=dialled)["A"] == "-33.3333"


def test_share_says_whose_it_is() -> None:
    """A share carries the call's campaign, list, agent and team and the lead's source."""
    (row,) = shares(
        cost("10", source="books"),
        calls=calls(list_id="west", agent_id="ann", lead_id="L"),
        leads=[{"lead_id": "L", "created_at": at(1), "lead_source": "web"}],
        agents=[{"agent_id": "ann", "team": "north"}],
    )
    assert row == {
        "share_id": "k/1",
        "cost_id": "k",
        "category": "labour",
        "starts_on": day(1),
        "ends_on": day(10),
        "amount": Decimal(10),
        "currency": "EUR",
        "value": Decimal(10),
        "value_currency": "EUR",
        "campaign_id": "A",
        "list_id": "west",
        "lead_source": "web",
        "agent_id": "ann",
        "team": "north",
        "shared_by": "calls",
        "source": "books",
    }


def test_only_real_calls_of_the_period_count() -> None:
    """Tests, internal calls and calls outside the ten days in UTC have no part."""
    dialled = [
        *calls(campaign_id="first moment", started_at=at(1, 0)),
        *calls(campaign_id="last minute", started_at=at(10, 23, 59)),
        *calls(campaign_id="inbound", direction="inbound"),
        *calls(campaign_id="unsaid", direction=None),
        *calls(campaign_id="day before", started_at=at(1, 0) - dt.timedelta(microseconds=1)),
        *calls(campaign_id="day after", started_at=at(11, 0)),
        *calls(campaign_id="test", test=True),
        *calls(campaign_id="internal", direction="internal"),
    ]
    assert set(parts(cost("4"), calls=dialled)) == {
        "first moment",
        "last minute",
        "inbound",
        "unsaid",
    }


def test_cost_without_an_end_is_for_its_first_day() -> None:
    """So is one that ends before it starts."""
    dialled = [*calls(campaign_id="A"), *calls(campaign_id="B", started_at=at(6))]
    for end in (None, day(2)):
        (row,) = shares(cost("10", starts_on=day(5), ends_on=end), calls=dialled)
        assert (row["campaign_id"], row["amount"]) == ("A", 10)
        assert (row["starts_on"], row["ends_on"]) == (day(5), day(5))


def test_talk_time_shares_by_milliseconds() -> None:
    """1.5 and 0.5 seconds of talk pay three quarters and one."""
    dialled = [
        *calls(talk_s=1.5),
        *calls(campaign_id="B", talk_s=0.5),
        *calls(9, campaign_id="C", talk_s=None),
    ]
    assert parts(cost("8", "talk_time"), calls=dialled) == {"A": "6.0000", "B": "2.0000"}


def test_agent_hours_are_those_worked_within_the_days() -> None:
    """A shift across midnight counts with its part; pauses and open intervals do not."""
    work: Row = {"campaign_id": "A", "agent_id": "ann", "state": "talking"}
    rows = [
        work | {"started_at": at(2, 22), "ended_at": at(3, 1)},
        work | {"started_at": at(4, 23), "ended_at": at(5, 7), "agent_id": "bob"},
        work | {"started_at": at(3, 8), "ended_at": at(3, 20), "state": "paused"},
        work | {"started_at": at(3, 8), "ended_at": None},
    ]
    rows = [row | {"interval_id": str(n)} for n, row in enumerate(rows)]
    paid = cost("8", "agent_hours", starts_on=day(3), ends_on=day(4))
    agents = [{"agent_id": "ann", "team": "north"}, {"agent_id": "bob", "team": "south"}]
    found = shares(paid, agent_time=rows, agents=agents)
    assert [(r["agent_id"], r["team"], r["campaign_id"], r["amount"]) for r in found] == [
        ("ann", "north", "A", 4),
        ("bob", "south", "A", 4),
    ]


def test_leads_share_by_when_they_were_created() -> None:
    """Three leads from the web and one bought pay 3 : 1, whatever was dialled."""
    leads = [
        {"lead_id": str(n), "created_at": at(2), "lead_source": "web" if n else "bought"}
        for n in range(4)
    ]
    leads.append({"lead_id": "late", "created_at": at(11), "lead_source": "fair"})
    assert parts(cost("8", "leads"), of="lead_source", leads=leads) == {
        "web": "6.0000",
        "bought": "2.0000",
    }


def test_even_means_each_campaign_that_called() -> None:
    """Two campaigns pay the same, however many calls they made; calls for none do not pay."""
    dialled = [*calls(7), *calls(campaign_id="B"), *calls(campaign_id=None)]
    assert parts(cost("8", "even"), calls=dialled) == {"A": "4.0000", "B": "4.0000"}


def test_cost_falls_only_to_what_it_names() -> None:
    """A team's cost goes to calls of its agents, a campaign's to the campaign's."""
    agents = [{"agent_id": "ann", "team": "north"}, {"agent_id": "bob", "team": "south"}]
    dialled = [
        *calls(agent_id="ann"),
        *calls(agent_id="bob"),
        *calls(agent_id="ann", campaign_id="B"),
    ]
    found = shares(cost("8", team="north"), calls=dialled, agents=agents)
    assert {(r["campaign_id"], r["agent_id"], r["amount"]) for r in found} == {
        ("A", "ann", 4),
        ("B", "ann", 4),
    }
    found = shares(cost("8", "even", agent_id="bob"), calls=dialled, agents=agents)
    assert [(r["campaign_id"], r["agent_id"], r["team"]) for r in found] == [("A", "bob", "south")]


def test_what_a_driver_cannot_tell_stays_as_the_cost_says() -> None:
    """Leads have no team, agents' hours no source: such a cost keeps its own on every share."""
    leads = [
        {"lead_id": "1", "created_at": at(2), "campaign_id": "A"},
        {"lead_id": "2", "created_at": at(2), "campaign_id": "B"},
    ]
    found = shares(cost("8", "leads", team="north"), leads=leads)
    assert [(r["campaign_id"], r["team"], r["amount"]) for r in found] == [
        ("A", "north", 4),
        ("B", "north", 4),
    ]


def test_cost_without_driver_or_work_stays_whole() -> None:
    """It is unknown in all it does not name, and shared by nothing."""
    agents = [{"agent_id": "ann", "team": "north"}]
    for by, dialled in ((None, calls()), ("calls", []), ("talk_time", calls(talk_s=0.0))):
        (row,) = shares(cost("8", by, agent_id="ann"), calls=dialled, agents=agents)
        assert (row["amount"], row["shared_by"]) == (8, "nothing")
        assert (row["campaign_id"], row["agent_id"], row["team"]) == (None, "ann", "north")


def test_costs_of_nothing_and_of_an_unknown_amount_are_kept() -> None:
    """Neither is shared out; what is unknown stays so."""
    (row,) = shares(cost("0"), calls=calls())
    assert (row["amount"], row["value"], row["shared_by"]) == (0, 0, "nothing")
    (row,) = shares(cost(None), calls=calls())
    assert (row["amount"], row["value"], row["shared_by"]) == (None, None, "nothing")


def test_parts_too_small_for_a_ten_thousandth_are_left_out() -> None:
    """Of 0.0001 over three campaigns one has it all."""
    dialled = [row for name in "ABC" for row in calls(campaign_id=name)]
    assert parts(cost("0.0001"), calls=dialled) == {"C": "0.0001"}


def test_very_large_costs_stay_exact() -> None:
    """The largest amount there is splits into thirds without a rounding error."""
    dialled = [row for name in "ABC" for row in calls(campaign_id=name)]
    found = parts(cost("99999999999999.9999"), calls=dialled)
    assert found == dict.fromkeys("ABC", "33333333333333.3333")


def test_cost_in_another_currency_is_converted_day_by_day() -> None:
    """100 USD over three days at 0.5, 0.8 and no rate; parts of each day sum to its value."""
    rates = [
        {"rate_id": "1", "currency": "USD", "on": day(1), "rate": 0.5},
        {"rate_id": "2", "currency": "USD", "on": day(2), "rate": 0.8},
    ]
    dialled = [*calls(started_at=at(1)), *calls(campaign_id="B", started_at=at(2))]
    found = shares(
        cost("100", ends_on=day(3), currency="USD"),
        rules=Rules(currency="EUR"),
        currencies=rates,
        calls=dialled,
    )
    assert [
        (row["starts_on"].day, row["ends_on"].day, row["campaign_id"], str(row["amount"]))
        for row in found
    ] == [
        (1, 1, "A", "16.6666"),
        (1, 1, "B", "16.6667"),
        (2, 2, "A", "16.6666"),
        (2, 2, "B", "16.6667"),
        (3, 3, "A", "16.6667"),
        (3, 3, "B", "16.6667"),
    ]
    # 33.3333 x 0.5 = 16.66665, 33.3333 x 0.8 = 26.66664
    assert [str(row["value"]) for row in found] == [
        "8.3333",
        "8.3334",
        "13.3333",
        "13.3333",
        "None",
        "None",
    ]
    assert {(row["currency"], row["value_currency"]) for row in found} == {("USD", "EUR")}


def test_parts_that_only_their_value_shows_are_kept() -> None:
    """0.0001 of a currency worth 200 is 0.02, of which each of two campaigns has a half."""
    rates = [{"rate_id": "1", "currency": "BTC", "on": day(5), "rate": 200.0}]
    found = shares(
        cost("0.0001", starts_on=day(5), ends_on=None, currency="BTC"),
        rules=Rules(currency="EUR"),
        currencies=rates,
        calls=[*calls(), *calls(campaign_id="B")],
    )
    assert [(row["campaign_id"], str(row["value"])) for row in found] == [
        ("A", "0.0100"),
        ("B", "0.0100"),
    ]


def test_cost_of_nothing_needs_no_rate() -> None:
    """0 in a currency without a rate is worth 0, over all its days at once."""
    (row,) = shares(cost("0", currency="GBP"), rules=Rules(currency="EUR"), calls=calls())
    assert (row["value"], row["value_currency"], row["ends_on"]) == (0, "EUR", day(10))


def test_costs_of_one_scope_are_cut_alike() -> None:
    """Costs of the same days and driver have the same cells, each with its own numbers."""
    dialled = [*calls(), *calls(campaign_id="B")]
    found = shares(cost("8"), cost("2", cost_id="other"), calls=dialled)
    assert [(row["share_id"], row["campaign_id"], row["amount"]) for row in found] == [
        ("k/1", "A", 4),
        ("k/2", "B", 4),
        ("other/1", "A", 1),
        ("other/2", "B", 1),
    ]


def test_lake_without_costs_has_no_shares() -> None:
    """Nothing is shared, and nothing fails."""
    assert shares(calls=calls()) == []
