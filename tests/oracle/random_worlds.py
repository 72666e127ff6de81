"""What small worlds may happen?

Strategies for tables with everything that makes answers wrong: NULL keys, orphans, ties, days on
which the clocks change, several clocks, overnight, empty and unfinished intervals, empty tables.
All times of a world lie around one or two instants, so that they meet the edges of ranges and
buckets often. Numbers are binary fractions, so that sums are exact in any order.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias

from hypothesis import strategies as st

from dialgauge.model.table import Table, Type
from dialgauge.tables import TABLES
from dialgauge.tables.experiments import EXPERIMENTS

Rows: TypeAlias = Sequence[Mapping[str, Any]]

ANCHORS = tuple(
    dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)
    for text in (
        "2026-03-08 07:00",  # New York goes forward
        "2026-11-01 06:00",  # and back
        "2026-10-03 15:30",  # Lord Howe, by half an hour
        "2026-04-04 15:00",
        "2026-09-26 14:00",  # Chatham, in the middle of an hour
        "2025-12-31 18:15",  # the year begins in Kathmandu
        "2026-01-01 00:00",
        "2024-02-29 00:00",
        "2026-01-05 00:00",  # a Monday
        "1970-01-01 00:00",
    )
)
_HOUR = 3600
STEPS = tuple(
    dt.timedelta(seconds=seconds)
    for seconds in (
        0,
        1 / 64,
        1,
        60,
        300,
        900,
        1800,
        2700,
        _HOUR,
        2 * _HOUR,
        10 * _HOUR,
        24 * _HOUR,
        25 * _HOUR,
        7 * 24 * _HOUR,
        30 * 24 * _HOUR,
        400 * 24 * _HOUR,
    )
)
TEXTS = (
    "A",
    "B",
    "a",
    "",
    " A ",
    "\u00a0A\t",
    "é",
    "it's",
    'say "x"',
    "50%_\\",
    "\U0001f600",
    "\uff5e",
)
RESULTS = ("human", "machine", "answered", "busy", "dropped", "abandoned")
STATES = ("available", "talking", "hold", "wrap", "paused", "offline")
OBJECTS = (
    '{"a": "x", "b": 5, "t": true, "n": null, "$": "dollar", "a.b": "dot", "é": "é"}',
    '{"a": "", "b": -1, "it\'s": "quote", "A": "big"}',
    "{}",
    '["a"]',
    '"a"',
    "null",
    "{bad",
    "",
)


@dataclass(frozen=True, slots=True)
class World:
    """Some tables.

    Attributes:
        tables: Table name to rows.
        instants: Where its times lie; good edges for ranges.
    """

    tables: Mapping[str, Rows]
    instants: tuple[dt.datetime, ...]


def maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Draw a value, or NULL."""
    return st.none() | values


def of(*values: Any) -> st.SearchStrategy[Any]:
    """Draw one of some values, or NULL."""
    return maybe(st.sampled_from(values))


def instants(anchors: Sequence[dt.datetime]) -> st.SearchStrategy[dt.datetime]:
    """Draw an instant at an anchor or some way before or after it."""
    return st.builds(
        lambda anchor, sign, step: anchor + sign * step,
        st.sampled_from(anchors),
        st.sampled_from((1, -1)),
        st.sampled_from(STEPS),
    )


NUMBERS = of(0.0, 0.5, 1.0, 5.0, 12.25, 29.75, 30.0, 3600.0)
MONEY = of(*map(Decimal, ("0", "0.1000", "0.2500", "12.3400", "-1.5000", "99999.9999")))
COUNTS = of(0, 1, 2, 3, 7, 12, 23)
BOOLS = of(True, False)  # noqa: FBT003 - values to draw from
NAMES = of(*TEXTS)
PARTIES = of("l1", "l2", "l3", "lx")
AGENTS = of("a1", "a2", "ax")
DAYS = of(*map(dt.date.fromisoformat, ("2026-01-01", "2025-12-01", "2026-03-08", "2024-02-29")))


def _calls(at: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "started_at": at,
            "direction": of("outbound", "inbound", "internal"),
            "result": of(*RESULTS),
            "contact": BOOLS,
            "right_party": BOOLS,
            "converted": BOOLS,
            "talk_s": NUMBERS,
        },
        optional={
            "answered_at": maybe(at),
            "disposition": NAMES,
            "do_not_call": BOOLS,
            "callback_at": maybe(at),
            "ring_s": NUMBERS,
            "wait_s": NUMBERS,
            "hold_s": NUMBERS,
            "wrap_s": NUMBERS,
            "campaign_id": NAMES,
            "list_id": NAMES,
            "lead_id": PARTIES,
            "agent_id": AGENTS,
            "region": NAMES,
            "script": NAMES,
            "cost": MONEY,
            "currency": of("EUR", "USD"),
            "test": BOOLS,
            "party_id": PARTIES,
            "local_hour": COUNTS,
            "local_weekday": of(1, 7),
            "attempt": COUNTS,
            "recent_dials": COUNTS,
            "do_not_call_since": maybe(at),
            "source": of("files", "asterisk"),
        },
    )


def _agents() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {"team": NAMES, "hired_on": DAYS}, optional={"hourly_cost": MONEY, "language": NAMES}
    )


def _agent_time(at: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    # Intervals of at most some days, lest they make thousands of pieces.
    spans = of(*(sign * step for step in STEPS[:-2] for sign in (1, 1, -1)))

    def ended(row: dict[str, Any]) -> dict[str, Any]:
        span = row.pop("span")
        return row | {"ended_at": None if span is None else row["started_at"] + span}

    return st.fixed_dictionaries(
        {"started_at": at, "span": spans, "state": of(*STATES), "agent_id": AGENTS},
        optional={"paid": BOOLS, "reason": NAMES, "campaign_id": NAMES, "source": of("files")},
    ).map(ended)


def _leads(at: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {"created_at": at, "mql_at": maybe(at), "sql_at": maybe(at), "lead_source": NAMES},
        optional={
            "converted_at": maybe(at),
            "do_not_call_at": maybe(at),
            "campaign_id": NAMES,
            "list_id": NAMES,
            "region": NAMES,
            "industry": NAMES,
            "attributes": of(*OBJECTS),
            "invalid": BOOLS,
            "cost": MONEY,
        },
    )


def _journeys(at: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {"first_dial_at": at, "first_contact_at": maybe(at), "attempts_to_contact": COUNTS},
        optional={
            "second_contact_at": maybe(at),
            "dialled_after_contact_at": maybe(at),
            "converted_later_at": maybe(at),
            "converted_on_first_contact": BOOLS,
            "dials": COUNTS,
            "campaign_id": NAMES,
            "list_id": NAMES,
            "region": NAMES,
            "agent_id": AGENTS,
        },
    )


def _callbacks(at: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {"due_at": at, "dialled_at": maybe(at)},
        optional={"party_id": PARTIES, "campaign_id": NAMES, "agent_id": AGENTS, "region": NAMES},
    )


DERIVED_AND_MORE = (
    "meetings",
    "deals",
    "stages",
    "stage_norms",
    "customers",
    "lifetimes",
    "active_spells",
    "orders",
    "cost_shares",
    "surveys",
    "reviews",
    "scores",
    "reviewed_calls",
    "conversations",
    *(table.name for table in EXPERIMENTS.values()),
)
"""Tables whose rows are drawn column by column, with no thought of what is likely."""

_SHARED = {
    "lead": PARTIES,
    "agent": AGENTS,
    "call": of("0", "1", "2"),
    "customer": of("c1", "c2"),
    "deal": of("d1", "d2"),
}


def _days(anchors: Sequence[dt.datetime]) -> st.SearchStrategy[dt.date]:
    return st.builds(
        lambda anchor, days: anchor.date() + dt.timedelta(days=days),
        st.sampled_from(anchors),
        st.sampled_from((0, 0, 1, 2, -1, -2, 30, -31, 90)),
    )


def _any_row(
    table: Table, at: st.SearchStrategy[Any], day: st.SearchStrategy[Any]
) -> st.SearchStrategy[dict[str, Any]]:
    """Draw a row of a table from the types of its columns."""
    by_type = {
        Type.TEXT: NAMES,
        Type.JSON: of(*OBJECTS),
        Type.BOOL: BOOLS,
        Type.INTEGER: COUNTS,
        Type.NUMBER: NUMBERS,
        Type.MONEY: MONEY,
        Type.TIME: maybe(at),
        Type.DATE: maybe(day),
    }
    drawn = {}
    for column in table.columns:
        value = of(*column.values) if column.values else by_type[column.type]
        for word, names in _SHARED.items():
            value = names if column.name.endswith(f"{word}_id") else value
        if column.name == "asked_experiment":
            value = st.sampled_from(("", "", "A"))
        if column.name == table.clock:
            value = day if column.type is Type.DATE else at
        if column.name != table.key:
            drawn[column.name] = value
    return st.fixed_dictionaries(drawn)


def _once(rows: Rows, table: Table) -> Rows:
    """Keep one row of each key by which a table is looked up."""
    if "asked_experiment" not in table.types:
        return rows
    unit = next(name for name in table.types if name in ("lead_id", "agent_id", "call_id"))
    return list({(row[unit], row["asked_experiment"]): row for row in rows}.values())


@st.composite
def worlds(draw: st.DrawFn, most: int = 8) -> World:
    """Draw a world of at most so many rows a table."""
    anchors = tuple(draw(st.lists(st.sampled_from(ANCHORS), min_size=1, max_size=2, unique=True)))
    at = instants(anchors)

    def numbered(rows: st.SearchStrategy[dict[str, Any]], key: str) -> Rows:
        # Lists drawn freely are mostly short; groups and ties need some rows.
        least = draw(st.sampled_from((0, most // 2, most)))
        drawn = draw(st.lists(rows, min_size=least, max_size=most))
        return [{key: f"{number}", **row} for number, row in enumerate(drawn)]

    def named(rows: st.SearchStrategy[dict[str, Any]], key: str, names: Sequence[str]) -> Rows:
        least = draw(st.sampled_from((0, len(names) - 1)))
        chosen = draw(st.lists(st.sampled_from(names), min_size=least, unique=True))
        return [{key: name, **draw(rows)} for name in chosen]

    parties = ("l1", "l2", "l3", "l4")
    keys = {"customer_id": ("c1", "c2", "c3"), "deal_id": ("d1", "d2", "d3")}
    more: dict[str, Rows] = dict.fromkeys(DERIVED_AND_MORE, ())
    # All of them in every world would take a minute to draw.
    chosen = st.lists(st.sampled_from(DERIVED_AND_MORE), min_size=2, max_size=4, unique=True)
    for name in draw(chosen):
        table = TABLES[name]
        row = _any_row(table, at, _days(anchors))
        names = keys.get(table.key)
        rows = named(row, table.key, names) if names else numbered(row, table.key)
        more[name] = _once(rows, table)
    tables = {
        **more,
        "calls": numbered(_calls(at), "call_id"),
        "agents": named(_agents(), "agent_id", ("a1", "a2", "a3")),
        "agent_time": numbered(_agent_time(at), "interval_id"),
        "leads": named(_leads(at), "lead_id", parties),
        "journeys": named(_journeys(at), "party_id", parties),
        "callbacks": numbered(_callbacks(at), "call_id"),
    }
    return World(tables, anchors)
