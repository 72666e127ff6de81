"""Can this money be added up, and in which currency is it?

The engine's table tells, beside the sums, how many rows have no value in the lake's currency and
which currencies the values are in.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping

import pyarrow as pa

from dialgauge.model.fact import Fact
from dialgauge.model.rules import Rules
from dialgauge.plan.planner import Planned

_SHOWN = 5


def unconverted(planned: Planned, table: pa.Table) -> Iterator[str]:
    """Name the facts that have rows without a value in the lake's currency.

    Args:
        planned: What was asked.
        table: The result of its plan.
    """
    for leg in planned.plan.legs:
        name = f"{leg.fact}:unconverted"
        if name in table.column_names and any(table.column(name).to_pylist()):
            yield leg.fact


def currencies(planned: Planned, table: pa.Table) -> Mapping[str, frozenset[str]]:
    """List the currencies that each fact's values are in; of more than two, two.

    Args:
        planned: What was asked.
        table: The result of its plan.
    """
    found: dict[str, frozenset[str]] = {}
    for leg in planned.plan.legs:
        ends = [f"{leg.fact}:{end}_currency" for end in ("first", "last")]
        if ends[0] in table.column_names:
            cells = {cell for end in ends for cell in table.column(end).to_pylist()}
            found[leg.fact] = frozenset(cell for cell in cells if cell is not None)
    return found


def unlike(found: Mapping[str, frozenset[str]], planned: Planned) -> str:
    """Say which currencies a KPI would have to mix, '' when none does.

    Args:
        found: What `currencies` found.
        planned: What was asked.
    """
    for reading in planned.readings:
        facts = [fact for fact in reading.facts if found.get(fact)]
        mixed = frozenset[str]().union(*(found[fact] for fact in facts))
        if len(mixed) > 1:
            listed = " and ".join(
                f"{fact} in {' and '.join(sorted(found[fact]))}" for fact in facts
            )
            return (
                f"'{reading.kpi.name}' cannot add up unlike currencies: {listed}; choose the "
                "lake's own under [rules] in dialgauge.toml, for example currency = 'EUR', "
                "import rates of the others as currencies, and run: dialgauge lake prepare"
            )
    return ""


def missing_rates(rows: pa.Table, fact: Fact, rules: Rules) -> str:
    """Say which rates are missing, and for which days.

    Args:
        rows: Rows of the fact without a value.
        fact: The fact.
        rules: What the team decided.
    """
    days: dict[str, set[dt.date]] = {}
    clocks = fact.money.days if fact.money and fact.money.days else (fact.clocks[0],)
    for row in rows.to_pylist():
        known = (row[clock] for clock in clocks if row[clock] is not None)
        days.setdefault(row.get("currency") or "?", set()).add(_day(next(known)))
    if not set(days) - {"?"}:
        return (
            f"{fact.name} hold money without a rate to {rules.currency}; ask revenue to see which "
            "rates are missing, import them as currencies, and ask again"
        )
    pairs = "; ".join(
        f"{currency} to {rules.currency} on {_listed(sorted(found))}"
        for currency, found in sorted(days.items())
    )
    return (
        f"{fact.name} cannot be added up without a rate: {pairs}; import the rates, for example "
        "with: dialgauge import files rates.csv --table currencies"
    )


def money_notes(found: Mapping[str, frozenset[str]]) -> list[str]:
    """Say in which currency money is.

    Example:
        >>> money_notes({"orders": frozenset({"EUR"}), "cost_shares": frozenset({"EUR"})})
        ['Money is in EUR.']
    """
    names = frozenset[str]().union(*found.values())
    return [f"Money is in {' and '.join(sorted(names))}."] if names else []


def _day(at: dt.date) -> dt.date:
    return at.date() if isinstance(at, dt.datetime) else at


def _listed(days: Iterable[dt.date]) -> str:
    shown = [day.isoformat() for day in days]
    more = f" and {len(shown) - _SHOWN} more days" if len(shown) > _SHOWN else ""
    return ", ".join(shown[:_SHOWN]) + more
