"""What is money worth in the lake's own currency?

Money without a currency, in the lake's own, or in a lake that has none stays as it is. All other
money is multiplied by the rate of its day, which holds `rate_days` longer; without a rate its
value is unknown. Sums are worked out in whole numbers, so that halves round up on every machine.
"""

from __future__ import annotations

from dataclasses import dataclass

from dialgauge.prepare.step import Given
from dialgauge.tables.storage import text

_DIGITS = 15
"""Significant digits of a rate that count: as many as a double surely keeps."""

_LEAST, _MOST = "1e-12", "1e12"
"""What is no rate between these is none: 0, negative or absurd."""

_TABLE = f"""
    SELECT currency, day, day + {{rate_days}} AS held_until,
        CAST(round(rate * pow(10, places)) AS HUGEINT) AS digits,
        CAST('1' || repeat('0', places) AS HUGEINT) AS scale
    FROM (
        SELECT currency, "on" AS day, arg_max(rate, rate_id) AS rate,
            {_DIGITS - 1} - CAST(floor(log10(arg_max(rate, rate_id))) AS INTEGER) AS places
        FROM {{view}}
        WHERE rate BETWEEN {_LEAST} AND {_MOST} AND currency IS NOT NULL
        GROUP BY ALL
    )
"""


@dataclass(frozen=True, slots=True)
class Rates:
    """The rates of a lake, ready to be joined.

    Attributes:
        currency: The lake's own currency, empty when it has none.
        table: Relation of currency, day, held_until (DATE), digits and scale (HUGEINT): a unit
            is worth digits / scale; empty when nothing is converted.

    Example:
        >>> plain = Rates("", "")
        >>> plain.value("o.amount", "o.currency", "o.day"), plain.value_currency("o.currency")
        ('o.amount', 'o.currency')
    """

    currency: str
    table: str

    def join(self, currency: str, day: str) -> str:
        """Write the join that finds the rate of a currency on a day, as `rate`.

        Args:
            currency: SQL of an ISO 4217 code, not of a joined table that comes later.
            day: SQL of a DATE.
        """
        if not self.table:
            return ""
        return (
            f"ASOF LEFT JOIN {self.table} AS rate"
            f" ON rate.currency = {currency} AND {day} >= rate.day"
        )

    def value(self, amount: str, currency: str, day: str) -> str:
        """Write the value of an amount, rounded half up to 0.0001; `join` must be there.

        Args:
            amount: SQL of a DECIMAL(18,4).
            currency: SQL of its currency, as joined.
            day: SQL of its day, as joined.

        Returns:
            SQL of a DECIMAL(18,4); NULL without a rate.
        """
        if not self.currency:
            return amount
        as_it_is = f"{currency} IS NULL OR {currency} = {text(self.currency)}"
        if not self.table:
            return f"CASE WHEN {as_it_is} THEN {amount} END"
        converted = money(f"{ten_thousandths(amount)} * rate.digits", "rate.scale")
        return (
            f"CASE WHEN {as_it_is} THEN {amount} WHEN {day} <= rate.held_until THEN {converted} END"
        )

    def value_currency(self, currency: str) -> str:
        """Write the currency that values are in: the lake's own, else the row's."""
        return text(self.currency) if self.currency else currency


def find_rates(given: Given) -> Rates:
    """Make the rates ready; nothing is read when the lake has no currency of its own.

    Args:
        given: With the rules and the view `currencies`.
    """
    rules, view = given.rules, given.views["currencies"]
    if not rules.currency or not given.scratch.con.execute(f"FROM {view} LIMIT 1").fetchall():
        return Rates(rules.currency, "")
    table = given.scratch.table("rates", _TABLE.format(rate_days=rules.rate_days, view=view))
    return Rates(rules.currency, table)


def utc_day(at: str) -> str:
    """Write the UTC day of an instant.

    Example:
        >>> import duckdb
        >>> con = duckdb.connect()
        >>> day = utc_day("TIMESTAMPTZ '2026-01-05 23:30:00-05'")
        >>> con.execute(f"SELECT CAST({day} AS VARCHAR)").fetchall()
        [('2026-01-06',)]
    """
    # Through epoch_us because functions of zoned times are many times slower.
    return f"CAST(make_timestamp(epoch_us({at})) AS DATE)"


def ten_thousandths(amount: str) -> str:
    """Write money as the HUGEINT of its ten-thousandths, in which no digit gets lost."""
    return f"CAST(CAST({amount} AS DECIMAL(38,4)) * 10000 AS HUGEINT)"


def money(ten_thousandths: str, divisor: str) -> str:
    """Write a quotient of HUGEINTs as money, rounded half away from zero.

    Args:
        ten_thousandths: SQL of the dividend, less than 5e37.
        divisor: SQL of the divisor, not 0.

    Returns:
        SQL of a DECIMAL(18,4); NULL when it does not fit.

    Example:
        >>> import duckdb
        >>> duckdb.connect().execute(f"SELECT {money('25', '10')}, {money('-25', '10')}").fetchall()
        [(Decimal('0.0003'), Decimal('-0.0003'))]
    """
    n, d = f"CAST({ten_thousandths} AS HUGEINT)", f"abs({divisor})"
    rounded = f"sign({n}) * sign({divisor}) * ((2 * abs({n}) + {d}) // (2 * {d}))"
    return f"TRY_CAST(TRY_CAST({rounded} AS DECIMAL(34,0)) * 0.0001 AS DECIMAL(18,4))"
