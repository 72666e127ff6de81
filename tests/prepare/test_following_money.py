"""Do orders, deals and customers end where plain Python says, however they came in?"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dialgauge.model.rules import Rules
from dialgauge.tables import TABLES
from memory_lake import MemoryLake, Row
from money_by_hand import expected

START = dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC)
# Few values and whole days apart, so that ties and the edges of windows happen.
TIMES = st.sampled_from((0, 0, 1, 2, 5, 9, 10, 11, 30, 31)).map(
    lambda days: START + dt.timedelta(days=days)
)
NAMED = st.sampled_from((None, "1", "2", "3"))
AMOUNTS = st.sampled_from((None, "100", "99.9999", "0", "0.0001", "-5", "33.3333")).map(
    lambda text: None if text is None else Decimal(text)
)
CURRENCIES = st.sampled_from((None, "EUR", "USD", "GEL"))

COLUMNS: dict[str, dict[str, st.SearchStrategy[Any]]] = {
    "leads": {"created_at": TIMES, "list_id": NAMED, "campaign_id": NAMED},
    "calls": {
        "started_at": TIMES,
        "contact": st.sampled_from((True, True, False, None)),
        "test": st.sampled_from((None, False, True)),
        "direction": st.just("outbound"),
        **dict.fromkeys(("lead_id", "agent_id", "campaign_id", "list_id", "script"), NAMED),
    },
    "deals": {
        "created_at": TIMES,
        "closed_at": st.none() | TIMES,
        "amount": AMOUNTS,
        "currency": CURRENCIES,
        **dict.fromkeys(("lead_id", "agent_id", "campaign_id"), NAMED),
    },
    "customers": {
        "acquired_at": TIMES,
        "churned_at": st.none() | st.none() | TIMES,
        **dict.fromkeys(("lead_id", "source"), NAMED),
    },
    "orders": {
        "ordered_at": TIMES,
        "amount": AMOUNTS,
        "margin": AMOUNTS,
        "refunded": AMOUNTS,
        "currency": CURRENCIES,
        **dict.fromkeys(
            (
                *("customer_id", "lead_id", "deal_id", "call_id", "agent_id", "campaign_id"),
                *("product", "source"),
            ),
            NAMED,
        ),
    },
    "currencies": {
        "on": TIMES.map(lambda at: at.date()),
        "currency": st.sampled_from(("USD", "GEL")),
        "rate": st.sampled_from((0.5, 1.1, 0.33335)),
    },
}
KEYS = {name: TABLES[name].key for name in COLUMNS}


@st.composite
def batches(draw: st.DrawFn) -> tuple[str, list[Row]]:
    """Draw a batch of some table, of few keys, so that later batches overwrite earlier ones."""
    name = draw(st.sampled_from(("orders", "orders", "calls", "calls", *COLUMNS)))
    row = st.fixed_dictionaries({KEYS[name]: st.sampled_from("12345"), **COLUMNS[name]})
    return name, draw(st.lists(row, max_size=5, unique_by=lambda row: row[KEYS[name]]))


RULES = st.builds(
    Rules,
    currency=st.sampled_from(("", "EUR", "USD")),
    rate_days=st.sampled_from((0, 1, 5)),
    attribution_days=st.sampled_from((0, 1, 5, 90)),
    inactive_after_days=st.sampled_from((None, 0, 1, 9)),
)


def assert_as_by_hand(lake: MemoryLake, world: dict[str, dict[str, Row]]) -> None:
    """Compare what is stored with what plain Python says."""
    for name, rows in expected(world, lake.rules).items():
        assert lake.rows(name) == rows, name


@given(loads=st.lists(batches(), max_size=9), rules=RULES, others=RULES)
def test_any_pieces_end_where_plain_python_does(
    loads: list[tuple[str, list[Row]]], rules: Rules, others: Rules
) -> None:
    """After every batch, and all anew by other rules; once more changes nothing."""
    lake = MemoryLake(rules)
    world: dict[str, dict[str, Row]] = {name: {} for name in COLUMNS}
    for name, rows in loads:
        lake.load(name, rows)
        world[name].update({row[KEYS[name]]: row for row in rows})
        assert_as_by_hand(lake, world)
    assert lake.anew() == ()
    lake.rules = others
    lake.anew()
    assert_as_by_hand(lake, world)
