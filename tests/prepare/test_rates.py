"""Is money converted at the rate of its day, to the last digit?"""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal

import duckdb
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from dialgauge.model.rules import Rules
from dialgauge.prepare.rates import find_rates
from dialgauge.prepare.scratch import Scratch
from dialgauge.prepare.step import Given

FIRST = dt.date(2026, 1, 30)
DAYS = st.integers(0, 40).map(lambda days: FIRST + dt.timedelta(days=days))
AMOUNTS = st.decimals(Decimal(-(10**9)), Decimal(10**9), places=4) | st.sampled_from(
    (Decimal("99999999999999.9999"), Decimal("0.0001"), Decimal("-0.0001"), Decimal(0))
)
# Written with at most 15 digits, as people write rates; halves of the last digit among them.
NUMBERS = st.one_of(
    st.sampled_from(("0.5", "1.5", "0.00015", "1", "1000", "0.1", "24.35", "1e-12", "1e12")),
    st.decimals(Decimal("0.000001"), Decimal(99999), places=9).map(str),
).map(float)

Rate = tuple[str, dt.date, float | None]
Money = tuple[Decimal | None, str | None, dt.date | None]


def converted(rows: list[Money], rates: list[Rate], rules: Rules) -> list[tuple[object, ...]]:
    """Convert rows in a database, each with its value and the currency of it."""
    con = duckdb.connect()
    con.register(
        "currencies",
        pa.table(
            {
                "rate_id": pa.array([f"r{n:03}" for n in range(len(rates))], pa.string()),
                "currency": pa.array([currency for currency, _, _ in rates], pa.string()),
                "on": pa.array([day for _, day, _ in rates], pa.date32()),
                "rate": pa.array([rate for *_, rate in rates], pa.float64()),
            }
        ),
    )
    con.register(
        "money",
        pa.table(
            {
                "number": pa.array(range(len(rows)), pa.int64()),
                "amount": pa.array([amount for amount, *_ in rows], pa.decimal128(18, 4)),
                "currency": pa.array([currency for _, currency, _ in rows], pa.string()),
                "day": pa.array([day for *_, day in rows], pa.date32()),
            }
        ),
    )
    views = {"currencies": "currencies"}
    found = find_rates(Given(scratch=Scratch(con), own="money", views=views, rules=rules))
    return con.execute(
        f"SELECT {found.value('m.amount', 'm.currency', 'm.day')},"
        f" {found.value_currency('m.currency')}"
        f" FROM money AS m {found.join('m.currency', 'm.day')} ORDER BY m.number"
    ).fetchall()


def by_hand(row: Money, rates: list[Rate], rules: Rules) -> tuple[Decimal | None, str | None]:
    """Convert one row the slow and obvious way."""
    amount, currency, day = row
    if not rules.currency:
        return amount, currency
    if amount is None or currency in (None, rules.currency):
        return amount, rules.currency
    held = {on: Decimal(repr(rate)) for code, on, rate in rates if code == currency and rate}
    days = [on for on in held if day is not None and on <= day]
    if day is None or not days or (day - max(days)).days > rules.rate_days:
        return None, rules.currency
    value = (amount * held[max(days)]).quantize(Decimal("0.0001"), ROUND_HALF_UP)
    return value if abs(value) < 10**14 else None, rules.currency


@given(
    rows=st.lists(
        st.tuples(
            st.none() | AMOUNTS,
            st.sampled_from(("EUR", "USD", "GEL", None)),
            st.none() | DAYS,
        ),
        min_size=1,
        max_size=12,
    ),
    rates=st.lists(
        st.tuples(st.sampled_from(("EUR", "USD", "GEL")), DAYS, st.none() | NUMBERS), max_size=12
    ),
    rules=st.builds(
        Rules, currency=st.sampled_from(("", "EUR", "USD")), rate_days=st.sampled_from((0, 1, 9))
    ),
)
def test_money_is_converted_as_by_hand(rows: list[Money], rates: list[Rate], rules: Rules) -> None:
    """Equal to Python's decimals for any rows, rates and rules; of two rates the last counts."""
    assert converted(rows, rates, rules) == [by_hand(row, rates, rules) for row in rows]


def test_a_rate_holds_over_the_weekend_and_not_longer() -> None:
    """Friday's 1.10 counts until Monday with rate_days 3; on Tuesday there is no rate."""
    friday = dt.date(2026, 1, 9)
    rows: list[Money] = [
        (Decimal(100), "USD", friday + dt.timedelta(days=days)) for days in (-1, 0, 3, 4)
    ]
    found = converted(rows, [("USD", friday, 1.1)], Rules(currency="EUR", rate_days=3))
    assert [value for value, _ in found] == [None, Decimal(110), Decimal(110), None]


def test_halves_round_up() -> None:
    """0.0001 at 0.5 is half of the last digit; as a double 1.0005 * 0.15 would be less."""
    day = dt.date(2026, 1, 9)
    rates: list[Rate] = [("USD", day, 0.5), ("GEL", day, 0.15)]
    rows: list[Money] = [(Decimal("0.0001"), "USD", day), (Decimal("1.0010"), "GEL", day)]
    found = converted(rows, rates, Rules(currency="EUR"))
    assert [value for value, _ in found] == [Decimal("0.0001"), Decimal("0.1502")]


def test_what_is_no_rate_converts_nothing() -> None:
    """0, a negative number, infinity and nothing are no rates; an earlier real one still holds."""
    day = dt.date(2026, 1, 9)
    for nothing in (0.0, -1.0, float("inf"), float("nan"), None):
        rates: list[Rate] = [("USD", day - dt.timedelta(days=1), 2.0), ("USD", day, nothing)]
        rows: list[Money] = [(Decimal(1), "USD", day)]
        rules = Rules(currency="EUR", rate_days=1)
        assert converted(rows, rates, rules) == [(Decimal(2), "EUR")]
        assert converted(rows, rates[1:], rules) == [(None, "EUR")]
