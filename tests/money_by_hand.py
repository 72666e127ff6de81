"""What should orders, deals and customers come to?

Worked out from all rows in plain Python, one row at a time, the slow and obvious way.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from dialgauge.model.rules import Rules
from memory_lake import Row, complete

Rows = dict[str, Row]
World = Mapping[str, Rows]
"""Table name to its rows by key; columns that are unknown may be missing."""

_CENT = Decimal("0.0001")
_NOBODY: Row = {}


def expected(world: World, rules: Rules) -> dict[str, Rows]:
    """Work out deals, orders, lifetimes and active spells."""
    orders = {key: _order(row, world, rules) for key, row in world["orders"].items()}
    lives = _lifetimes(world, orders, rules)
    return {
        "deals": {key: _deal(row, world, rules) for key, row in world["deals"].items()},
        "orders": orders,
        "lifetimes": lives,
        "active_spells": _spells(world, orders, lives, rules),
    }


def _converted(
    amount: Decimal | None, row: Row, at: dt.datetime, world: World, rules: Rules
) -> Decimal | None:
    currency = row.get("currency")
    if amount is None or not rules.currency or currency in (None, rules.currency):
        return amount
    rates = [
        rate
        for rate in world["currencies"].values()
        if rate["currency"] == currency
        and dt.timedelta(0) <= at.date() - rate["on"] <= dt.timedelta(days=rules.rate_days)
    ]
    if not rates:
        return None
    last = max(rates, key=lambda rate: (rate["on"], rate["rate_id"]))
    return (amount * Decimal(repr(last["rate"]))).quantize(_CENT, ROUND_HALF_UP)


def _deal(row: Row, world: World, rules: Rules) -> Row:
    at = row.get("closed_at") or row["created_at"]
    return complete("deals", row) | {
        "value": _converted(row.get("amount"), row, at, world, rules),
        "value_currency": rules.currency or row.get("currency"),
    }


def _first(*found: Any) -> Any:
    return next((value for value in found if value is not None), None)


def _order(row: Row, world: World, rules: Rules) -> Row:
    at, amount, margin = row["ordered_at"], row.get("amount"), row.get("margin")
    refunded = row.get("refunded") or Decimal(0)
    paid = None if amount is None else amount - refunded
    if margin is not None and refunded and amount != 0:
        share = None if paid is None else margin * paid / amount
        margin = None if share is None else share.quantize(_CENT, ROUND_HALF_UP)
    return complete("orders", row) | {
        "value": _converted(paid, row, at, world, rules),
        "margin_value": _converted(margin, row, at, world, rules),
        "value_currency": rules.currency or row.get("currency"),
        **_credit(row, world, rules),
    }


def _credit(row: Row, world: World, rules: Rules) -> Row:
    named = world["calls"].get(row.get("call_id") or "", _NOBODY)
    deal = world["deals"].get(row.get("deal_id") or "", _NOBODY)
    customer = world["customers"].get(row.get("customer_id") or "", _NOBODY)
    lead = _first(*(each.get("lead_id") for each in (row, named, deal, customer)))
    day = dt.timedelta(days=rules.attribution_days)
    contacts = [
        call
        for call in world["calls"].values()
        if call.get("contact")
        and not call.get("test")
        and lead is not None
        and call.get("lead_id") == lead
        and row["ordered_at"] - day <= call["started_at"] <= row["ordered_at"]
    ]
    last = max(contacts, key=lambda call: (call["started_at"], call["call_id"]), default=_NOBODY)
    credited = named or last
    ways = {
        "order": row.get("campaign_id") or row.get("agent_id"),
        "call": named,
        "deal": deal.get("campaign_id") or deal.get("agent_id"),
        "last contact": last,
        "nothing": True,
    }
    of_lead = world["leads"].get(lead or "", _NOBODY)
    return {
        "credited_by": next(way for way, holds in ways.items() if holds),
        "credited_lead_id": lead,
        "credited_call_id": credited.get("call_id"),
        "credited_agent_id": _first(*(each.get("agent_id") for each in (row, named, deal, last))),
        "credited_campaign_id": _first(
            *(each.get("campaign_id") for each in (row, named, deal, last))
        ),
        "credited_list_id": _first(credited.get("list_id"), of_lead.get("list_id")),
        "credited_script": credited.get("script"),
    }


def _counting(orders: Rows, customer: str) -> list[Row]:
    """List a customer's orders that were not paid back in full, in order."""
    return sorted(
        (
            order
            for order in orders.values()
            if order["customer_id"] == customer
            and not (order["value"] == 0 and (order["refunded"] or 0) > 0)
        ),
        key=lambda order: (order["ordered_at"], order["order_id"]),
    )


def _total(found: list[Decimal | None]) -> Decimal | None:
    known = [value for value in found if value is not None]
    return sum(known, Decimal(0)) if known else None


def _worth(found: list[Row]) -> Decimal | None:
    if not found:
        return Decimal(0)
    return _total([_first(order["margin_value"], order["value"]) for order in found])


def _lifetimes(world: World, orders: Rows, rules: Rules) -> Rows:
    names = {*world["customers"], *(order["customer_id"] for order in orders.values())} - {None}
    found = {name: _lifetime(name, world, orders, rules) for name in names}
    return {name: life for name, life in found.items() if life["acquired_at"] is not None}


def _lifetime(name: str, world: World, orders: Rows, rules: Rules) -> Row:
    written = world["customers"].get(name, _NOBODY)
    mine = [order for order in orders.values() if order["customer_id"] == name]
    counting = _counting(orders, name)
    times = [order["ordered_at"] for order in counting]
    first = counting[0] if counting else _NOBODY
    acquired = _first(written.get("acquired_at"), *times)
    ended = written.get("churned_at")
    if ended is None and rules.inactive_after_days is not None and acquired is not None:
        ended = max([acquired, *times]) + dt.timedelta(days=rules.inactive_after_days)
    lead = _first(written.get("lead_id"), first.get("credited_lead_id"))
    of_lead = world["leads"].get(lead or "", _NOBODY)
    later = [order for order in mine if times and order["ordered_at"].date() > times[0].date()]
    currencies = {order["value_currency"] for order in mine if order["value"] is not None} - {None}
    return {
        "customer_id": name,
        "acquired_at": acquired,
        "cohort": None if acquired is None else acquired.date().isoformat()[:7],
        "ended_at": ended,
        "first_order_at": times[0] if times else None,
        "first_order_on": times[0].date() if times else None,
        "second_order_at": times[1] if len(times) > 1 else None,
        "last_order_at": times[-1] if times else None,
        "orders": len(times),
        "order_days": len({at.date() for at in times}),
        "value": _total([order["value"] for order in mine]) if mine else 0,
        "margin_value": _total([order["margin_value"] for order in mine]),
        "worth": _worth(mine),
        "repeat_worth": _worth(later),
        "unconverted": sum(
            order["amount"] is not None and order["value"] is None for order in mine
        ),
        "value_currency": "mixed" if len(currencies) > 1 else next(iter(currencies), None),
        "lead_id": lead,
        "campaign_id": _first(first.get("credited_campaign_id"), of_lead.get("campaign_id")),
        "list_id": _first(first.get("credited_list_id"), of_lead.get("list_id")),
        "agent_id": first.get("credited_agent_id"),
        "product": first.get("product"),
        "source": _first(written.get("source"), first.get("source")),
    }


def _spells(world: World, orders: Rows, lives: Rows, rules: Rules) -> Rows:
    found = {}
    for name, life in lives.items():
        churned = world["customers"].get(name, _NOBODY).get("churned_at")
        times = [order["ordered_at"] for order in _counting(orders, name)]
        spells = _active(life["acquired_at"], churned, times, rules.inactive_after_days)
        for number, (start, end) in enumerate(spells, start=1):
            found[f"{name}#{number}"] = {
                "spell_id": f"{name}#{number}",
                "started_at": start,
                "ended_at": end,
            } | {
                column: life[column]
                for column in (
                    *("customer_id", "lead_id", "campaign_id"),
                    *("list_id", "agent_id", "source"),
                )
            }
    return found


def _active(
    acquired: dt.datetime,
    churned: dt.datetime | None,
    times: list[dt.datetime],
    days: int | None,
) -> list[tuple[dt.datetime, dt.datetime | None]]:
    if churned is not None or days is None:
        return [(acquired, churned)]
    spells: list[tuple[dt.datetime, dt.datetime]] = []
    lasts = dt.timedelta(days=days)
    for at in sorted([acquired, *(max(acquired, time) for time in times)]):
        if spells and at <= spells[-1][1]:
            spells[-1] = (spells[-1][0], at + lasts)
        else:
            spells.append((at, at + lasts))
    return list(spells)
