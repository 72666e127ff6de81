"""Do engines answer plans as the contract says, where the answer is known by hand?

Each test runs on every engine; the reference engine is held to the same hand-made answers.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from dialgauge.engines.base import Engine
from dialgauge.model.expression import Name
from dialgauge.model.question import Grain
from dialgauge.model.table import Type
from dialgauge.plan.nodes import Bucket, Function, Key, Offset
from legs import aggregation, key, leg, moment, plan, record, rows_plan

if TYPE_CHECKING:
    from conftest import Store

COUNT = aggregation("calls", "n")
CALLS: list[dict[str, Any]] = [
    {"call_id": "1", "started_at": moment("2026-01-01 10:00"), "campaign_id": "A", "talk_s": 10.0},
    {"call_id": "2", "started_at": moment("2026-01-01 11:00"), "campaign_id": "A", "talk_s": None},
    {"call_id": "3", "started_at": moment("2026-01-02 10:00"), "campaign_id": None, "talk_s": 0.0},
    {"call_id": "4", "started_at": moment("2026-01-03 10:00"), "campaign_id": None, "talk_s": 30.0},
    {"call_id": "5", "started_at": None, "campaign_id": "B", "talk_s": 50.0},
]


def groups(answer: Any, *columns: str) -> list[tuple[Any, ...]]:
    """Give some columns of an answer as tuples, in an order of their own."""
    rows = answer.select(columns).to_pylist()
    return sorted((tuple(row[name] for name in columns) for row in rows), key=repr)


def test_unknown_keys_are_a_group_of_their_own(engine: Engine, store: Store) -> None:
    """Two calls without a campaign make one group; a call without a time is never kept."""
    asked = plan(leg("calls", COUNT, keys=[key("calls", "campaign", "campaign_id")]))
    answer = engine.run(asked, store(calls=CALLS))
    assert groups(answer, "is_total", "campaign", "n") == [(False, "A", 2), (False, None, 2)]


def test_the_total_stands_beside_the_groups(engine: Engine, store: Store) -> None:
    """The total has unknown keys and `is_total`, and is not the group of unknown keys."""
    talk = aggregation("calls", "talk", Function.SUM, "talk_s")
    by = [key("calls", "campaign", "campaign_id")]
    answer = engine.run(plan(leg("calls", COUNT, talk, keys=by), totals=True), store(calls=CALLS))
    assert answer.column_names == ["left_out", "is_total", "campaign", "n", "talk", "rows"]
    assert groups(answer, "is_total", "campaign", "n", "talk", "left_out", "rows") == [
        (False, "A", 2, 10.0, None, None),
        (False, None, 2, 30.0, None, None),
        (True, None, 4, 40.0, None, None),
    ]


@pytest.mark.parametrize("totals", [True, False])
def test_no_rows_still_have_a_total(engine: Engine, store: Store, *, totals: bool) -> None:
    """Without keys there is always one row: counts are 0, everything else is unknown."""
    asked = leg(
        "calls",
        COUNT,
        aggregation("calls", "d", Function.DISTINCT, "party_id"),
        aggregation("calls", "s", Function.SUM, "talk_s"),
        aggregation("calls", "q", Function.QUANTILES, "talk_s", fractions=[0.5]),
        aggregation("calls", "m", Function.MIN, "started_at", type_=Type.TIME),
    )
    answer = engine.run(plan(asked, totals=totals, share="n / d", more="n + 1"), store())
    assert answer.column("is_total").to_pylist() == [True]
    nothing = {"n": 0, "d": 0, "s": None, "q": None, "m": None, "share": None, "more": 1.0}
    assert record(answer) == nothing


def test_no_rows_have_no_groups(engine: Engine, store: Store) -> None:
    """With keys and without totals an empty table gives an empty answer."""
    asked = plan(leg("calls", COUNT, keys=[key("calls", "campaign", "campaign_id")]))
    assert engine.run(asked, store()).num_rows == 0


def test_the_range_is_half_open(engine: Engine, store: Store) -> None:
    """The call at the start counts, the call at the end does not."""
    asked = plan(leg("calls", COUNT, start="2026-01-01 11:00", end="2026-01-03 10:00"))
    assert record(engine.run(asked, store(calls=CALLS))) == {"n": 2}


def test_filters_keep_what_is_true_only(engine: Engine, store: Store) -> None:
    """An unknown talk time is not kept by a condition on it, nor by its opposite."""
    files = store(calls=CALLS)
    assert record(engine.run(plan(leg("calls", COUNT, where="talk_s >= 10")), files)) == {"n": 2}
    opposite = plan(leg("calls", COUNT, where="not talk_s >= 10"))
    assert record(engine.run(opposite, files)) == {"n": 1}


def test_outputs_divide_by_zero_to_unknown(engine: Engine, store: Store) -> None:
    """A ratio over no rows is NULL, and so is one over an unknown sum."""
    none = aggregation("calls", "none", where="talk_s > 100")
    unknown = aggregation("calls", "unknown", Function.SUM, "talk_s", "talk_s > 100")
    asked = plan(
        leg("calls", COUNT, none, unknown), a="n / none", b="n / unknown", c="n / 8", d="none / n"
    )
    answer = record(engine.run(asked, store(calls=CALLS)))
    assert {name: answer[name] for name in "abcd"} == {"a": None, "b": None, "c": 0.5, "d": 0.0}


def test_outputs_see_the_picked_quantile(engine: Engine, store: Store) -> None:
    """Of 10, 0 and 30 seconds the median is 10; the list keeps the others for the interval."""
    middle = aggregation(
        "calls", "middle", Function.QUANTILES, "talk_s", fractions=[0.25, 0.5, 1.0], picked=1
    )
    answer = record(engine.run(plan(leg("calls", middle), twice="middle * 2"), store(calls=CALLS)))
    assert answer == {"middle": [5.0, 10.0, 30.0], "twice": 20.0}


def test_left_out_rows_count_for_their_first_reason_only(engine: Engine, store: Store) -> None:
    """An internal test call is a test; neither counts, and neither makes a group."""
    calls: list[dict[str, Any]] = [
        {"call_id": "1", "test": True, "direction": "internal", "campaign_id": "T"},
        {"call_id": "2", "test": None, "direction": "internal", "campaign_id": "A"},
        {"call_id": "3", "test": False, "direction": "outbound", "campaign_id": "A"},
        {"call_id": "4", "test": None, "direction": None, "campaign_id": None},
        {"call_id": "5", "test": True, "direction": "outbound", "campaign_id": "A"},
    ]
    at = {"started_at": moment("2026-01-01 10:00")}
    asked = leg(
        "calls",
        COUNT,
        keys=[key("calls", "campaign", "campaign_id")],
        left_out={"test": "test", "internal": "direction = 'internal'"},
    )
    answer = engine.run(plan(asked, totals=True), store(calls=[call | at for call in calls]))
    assert groups(answer, "left_out", "is_total", "campaign", "n", "rows") == sorted(
        [
            ("calls.test", True, None, None, 2),
            ("calls.internal", True, None, None, 1),
            (None, False, "A", 1, None),
            (None, False, None, 1, None),
            (None, True, None, 2, None),
        ],
        key=repr,
    )


def test_left_out_rows_are_told_without_totals_and_without_keys(
    engine: Engine, store: Store
) -> None:
    """How many were left out never depends on how the rest is grouped."""
    calls: list[dict[str, Any]] = [
        {
            "call_id": str(i),
            "started_at": moment("2026-01-01"),
            "test": i < 2,
            "campaign_id": f"{i}",
        }
        for i in range(3)
    ]
    files = store(calls=calls)
    for keys in ([], [key("calls", "campaign", "campaign_id")]):
        asked = plan(leg("calls", COUNT, keys=keys, left_out={"test": "test"}))
        answer = engine.run(asked, files)
        assert groups(answer, "left_out", "n", "rows") == [("calls.test", None, 2), (None, 1, None)]


def test_facts_are_stacked_by_key_and_never_joined(engine: Engine, store: Store) -> None:
    """Groups of either fact appear; the other's counts are 0 there and its sums unknown."""
    leads = [
        {"lead_id": "1", "created_at": moment("2026-01-01"), "campaign_id": "A"},
        {"lead_id": "2", "created_at": moment("2026-01-01"), "campaign_id": "A"},
        {"lead_id": "3", "created_at": moment("2026-01-01"), "campaign_id": None},
        {"lead_id": "4", "created_at": moment("2026-01-01"), "campaign_id": "L"},
    ]
    calls: list[dict[str, Any]] = [
        *CALLS,
        {"call_id": "6", "started_at": moment("2026-01-01"), "campaign_id": "C"},
    ]
    talk = aggregation("calls", "talk", Function.SUM, "talk_s")
    asked = plan(
        leg("calls", COUNT, talk, keys=[key("calls", "campaign", "campaign_id")]),
        leg("leads", aggregation("leads", "l"), keys=[key("leads", "campaign", "campaign_id")]),
        totals=True,
        per_lead="n / l",
    )
    answer = engine.run(asked, store(calls=calls, leads=leads))
    assert groups(answer, "is_total", "campaign", "n", "talk", "l", "per_lead") == [
        (False, "A", 2, 10.0, 2, 1.0),
        (False, "C", 1, None, 0, None),
        (False, "L", 0, None, 1, 0.0),
        (False, None, 2, 30.0, 1, 2.0),
        (True, None, 5, 40.0, 4, 1.25),
    ]


def test_lookups_find_one_row_or_nothing(engine: Engine, store: Store) -> None:
    """Calls without an agent, and of an agent nobody knows, have no team and lose no call."""
    at = moment("2026-01-01")
    calls: list[dict[str, Any]] = [
        {"call_id": "1", "started_at": at, "agent_id": "x"},
        {"call_id": "2", "started_at": at, "agent_id": None},
        {"call_id": "3", "started_at": at, "agent_id": "gone"},
        {"call_id": "4", "started_at": at, "agent_id": "y"},
    ]
    agents: list[dict[str, Any]] = [
        {"agent_id": "x", "team": "red"},
        {"agent_id": "y", "team": None},
    ]
    asked = plan(leg("calls", COUNT, keys=[key("calls", "team", "agents.team")]))
    answer = engine.run(asked, store(calls=calls, agents=agents))
    assert groups(answer, "team", "n") == [("red", 1), (None, 3)]


def test_a_row_stands_for_each_of_its_clocks(engine: Engine, store: Store) -> None:
    """A lead counts on the day it was made and on the day it was qualified, if in range."""
    leads = [
        {"lead_id": "1", "created_at": moment("2026-01-01"), "sql_at": moment("2026-01-02")},
        {"lead_id": "2", "created_at": moment("2026-01-02"), "sql_at": None},
        {"lead_id": "3", "created_at": moment("2025-12-31"), "sql_at": moment("2026-01-02 23:59")},
        {"lead_id": "4", "created_at": moment("2025-12-31"), "sql_at": moment("2026-01-03")},
    ]
    day = Key(
        name="period",
        expression=Bucket(Name("at"), Grain.DAY, (Offset(None, 0),)),
        type=Type.DATE,
    )
    asked = leg(
        "leads",
        aggregation("leads", "created", where="clock = 'created_at'"),
        aggregation("leads", "qualified", where="clock = 'sql_at'"),
        keys=[day],
        clocks=["created_at", "sql_at"],
        start="2026-01-01",
        end="2026-01-03",
    )
    answer = engine.run(plan(asked, totals=True), store(leads=leads))
    assert groups(answer, "is_total", "period", "created", "qualified") == [
        (False, dt.date(2026, 1, 1), 1, 0),
        (False, dt.date(2026, 1, 2), 1, 2),
        (True, None, 2, 2),
    ]


def test_money_is_added_exactly(engine: Engine, store: Store) -> None:
    """Three times 0.1 is 0.3, to the last digit."""
    calls: list[dict[str, Any]] = [
        {"call_id": str(i), "started_at": moment("2026-01-01"), "cost": Decimal("0.1")}
        for i in range(3)
    ]
    spent = aggregation("calls", "spent", Function.SUM, "cost", type_=Type.MONEY)
    answer = record(engine.run(plan(leg("calls", spent), each="spent / 3"), store(calls=calls)))
    assert answer == {"spent": Decimal("0.3"), "each": pytest.approx(0.1, rel=1e-12)}


SHIFTS: list[dict[str, Any]] = [
    # From 23:00 over midnight to 01:00.
    {
        "interval_id": "1",
        "started_at": moment("2026-01-01 23:00"),
        "ended_at": moment("2026-01-02 01:00"),
    },
    # Without length, on the edge of a day.
    {
        "interval_id": "2",
        "started_at": moment("2026-01-02 00:00"),
        "ended_at": moment("2026-01-02 00:00"),
    },
    # Without an end.
    {"interval_id": "3", "started_at": moment("2026-01-02 12:00"), "ended_at": None},
    # It ends before it begins.
    {
        "interval_id": "4",
        "started_at": moment("2026-01-02 13:00"),
        "ended_at": moment("2026-01-02 12:00"),
    },
    # Ends exactly where the range begins.
    {
        "interval_id": "5",
        "started_at": moment("2025-12-31 20:00"),
        "ended_at": moment("2026-01-01 00:00"),
    },
    # Longer than the range.
    {
        "interval_id": "6",
        "started_at": moment("2025-12-31 23:00"),
        "ended_at": moment("2026-01-04 00:00"),
    },
    # Begins where the range ends.
    {
        "interval_id": "7",
        "started_at": moment("2026-01-03 00:00"),
        "ended_at": moment("2026-01-03 01:00"),
    },
]
SECONDS = aggregation("agent_time", "s", Function.SUM, "seconds")
PIECES = aggregation("agent_time", "pieces")
OPENED = aggregation("agent_time", "opened", where="opens")
KNOWN = aggregation("agent_time", "known", Function.COUNT, "seconds")


def test_intervals_are_cut_at_days_and_at_the_range(engine: Engine, store: Store) -> None:
    """An hour before and an hour after midnight; each interval opens once."""
    day = Key(
        name="period",
        expression=Bucket(Name("at"), Grain.DAY, (Offset(None, 0),)),
        type=Type.DATE,
    )
    asked = leg(
        "agent_time",
        SECONDS,
        PIECES,
        OPENED,
        KNOWN,
        keys=[day],
        start="2026-01-01",
        end="2026-01-03",
        pieces_s=86_400,
    )
    answer = engine.run(plan(asked, totals=True), store(agent_time=SHIFTS))
    assert groups(answer, "is_total", "period", "s", "pieces", "opened", "known") == [
        # Interval 1 for an hour, 6 for a day.
        (False, dt.date(2026, 1, 1), 90_000.0, 2, 2, 2),
        # The rest of 1 and 6, and 2, 3 and 4 with no length, that of 3 unknown.
        (False, dt.date(2026, 1, 2), 90_000.0, 5, 3, 4),
        (True, None, 180_000.0, 7, 5, 6),
    ]


def test_intervals_are_whole_without_a_cut_and_a_range(engine: Engine, store: Store) -> None:
    """Seven intervals, of which one has an unknown length and two have none."""
    answer = engine.run(plan(leg("agent_time", SECONDS, PIECES, OPENED)), store(agent_time=SHIFTS))
    hours = 2 + 4 + 73 + 1
    assert record(answer) == {"s": hours * 3600.0, "pieces": 7, "opened": 7}


def test_unfinished_intervals_may_be_left_out(engine: Engine, store: Store) -> None:
    """They are told apart from those that count."""
    asked = leg("agent_time", PIECES, left_out={"unfinished": "ended_at is null"}, pieces_s=900)
    answer = engine.run(plan(asked), store(agent_time=SHIFTS[1:4]))
    assert groups(answer, "left_out", "pieces", "rows") == [
        ("agent_time.unfinished", None, 1),
        (None, 2, None),
    ]


def test_rows_behind_a_number_come_in_order(engine: Engine, store: Store) -> None:
    """Ordered by time, then key; rows that are left out or miss the condition are not there."""
    calls: list[dict[str, Any]] = [
        {"call_id": "b", "started_at": moment("2026-01-02"), "talk_s": 5.0, "test": False},
        {"call_id": "a", "started_at": moment("2026-01-02"), "talk_s": 6.0, "test": None},
        {"call_id": "c", "started_at": moment("2026-01-01"), "talk_s": 7.0, "test": None},
        {"call_id": "d", "started_at": moment("2026-01-01"), "talk_s": None, "test": None},
        {"call_id": "e", "started_at": moment("2026-01-01"), "talk_s": 9.0, "test": True},
        {"call_id": "f", "started_at": moment("2026-01-03"), "talk_s": 9.0, "test": False},
    ]
    base = leg("calls", left_out={"test": "test"}, end="2026-01-03")
    files = store(calls=calls)
    asked = rows_plan(base, ["call_id", "talk_s"], "talk_s > 0")
    found = engine.rows(asked, files)
    assert found.column_names == list(asked.leg.columns)
    assert groups(found, "call_id", "talk_s") == [("a", 6.0), ("b", 5.0), ("c", 7.0)]
    assert found.column("call_id").to_pylist() == ["c", "a", "b"]
    limited = engine.rows(rows_plan(base, ["call_id"], "talk_s > 0", limit=2), files)
    assert limited.column("call_id").to_pylist() == ["c", "a"]


def test_columns_that_a_file_lacks_are_unknown(engine: Engine, store: Store) -> None:
    """A file written before a column was added still counts."""
    old = [{"call_id": "1", "started_at": moment("2026-01-01")}]
    asked = plan(
        leg("calls", COUNT, aggregation("calls", "none", where="campaign_id is null")),
    )
    assert record(engine.run(asked, store(calls=old))) == {"n": 1, "none": 1}


def test_a_column_named_reason_is_not_why_a_row_is_left_out(engine: Engine, store: Store) -> None:
    """Pauses have reasons of their own, which neither hide a row nor leave it out."""
    spans = [
        {
            "interval_id": str(number),
            "reason": reason,
            "started_at": moment("2026-01-01 10:00"),
            "ended_at": ended,
        }
        for number, (reason, ended) in enumerate(
            [
                ("lunch", moment("2026-01-01 11:00")),
                (None, moment("2026-01-01 12:00")),
                ("lunch", None),
            ]
        )
    ]
    files = store(agent_time=spans)
    left_out = {"unfinished": "ended_at is null"}
    listed = rows_plan(leg("agent_time", left_out=left_out), ["interval_id", "reason"])
    assert groups(engine.rows(listed, files), "interval_id", "reason") == [
        ("0", "lunch"),
        ("1", None),
    ]
    lunches = aggregation("agent_time", "lunches", where="reason = 'lunch'")
    answer = engine.run(plan(leg("agent_time", lunches, PIECES, left_out=left_out)), files)
    assert groups(answer, "left_out", "lunches", "pieces", "rows") == [
        ("agent_time.unfinished", None, None, 1),
        (None, 1, 2, None),
    ]


def test_hours_in_which_clocks_land_begin_there(engine: Engine, store: Store) -> None:
    """In Chatham 02:45 is followed by 03:45; an unknown time lies in no hour."""
    change = moment("2026-09-26 14:00")
    chatham = (Offset(None, 49_500 - 3600), Offset(int(change.timestamp()), 49_500))
    times = ["13:14", "13:15", "13:59:59.9", "14:00", "14:14", "14:15"]
    calls: list[dict[str, Any]] = [
        {
            "call_id": time,
            "started_at": moment("2026-01-01"),
            "callback_at": moment(f"2026-09-26 {time}"),
        }
        for time in times
    ]
    calls.append({"call_id": "never", "started_at": moment("2026-01-01")})
    hour = Key(
        name="hour",
        expression=Bucket(Name("callback_at"), Grain.HOUR, chatham),
        type=Type.INTEGER,
    )
    asked = leg("calls", COUNT, aggregation("calls", "known", where="callback_at is not null"))
    grouped = plan(replace(asked, keys=(hour,)))
    found = {
        row["hour"] and dt.datetime.fromtimestamp(row["hour"], dt.UTC): row["n"]
        for row in engine.run(grouped, store(calls=calls)).to_pylist()
    }
    assert found == {
        moment("2026-09-26 12:15"): 1,  # 01:00 to 02:00
        moment("2026-09-26 13:15"): 2,  # 02:00 to 02:45
        moment("2026-09-26 14:00"): 2,  # 03:45 to 04:00
        moment("2026-09-26 14:15"): 1,
        None: 1,
    }
