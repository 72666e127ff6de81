"""What is each order worth, and whose work was it?

What the order names itself comes first, then the call it names, then the deal it names, then the
last contact with its lead in the `attribution_days` before it, or at its very moment. The list
and the script are those of the credited call: the one the order names, else that last contact.
"""

from __future__ import annotations

from dialgauge.prepare.changes import typed
from dialgauge.prepare.rates import Rates, find_rates, money, ten_thousandths, utc_day
from dialgauge.prepare.scratch import DAY_US, Scratch
from dialgauge.prepare.step import Given, Step
from dialgauge.tables.orders import ORDERS

_FROM_CALL = ("call_id", "lead_id", "agent_id", "campaign_id", "list_id", "script")

_PAID = "TRY_CAST(b.amount - coalesce(b.refunded, 0) AS DECIMAL(18,4))"
_KEPT_WHOLE = "coalesce(b.refunded, 0) = 0 OR b.amount = 0"


def _rows(given: Given) -> str:
    rates = find_rates(given)
    parties = _parties(given)
    last = _last_contacts(given, parties)
    values = {name: f"b.{name}" for name in ORDERS.types} | _worth(rates) | _credit()
    return (
        f"SELECT {typed(ORDERS, values)} FROM {given.own} AS b"
        f" JOIN {parties} AS p ON p.order_id = b.order_id"
        f" LEFT JOIN {last} AS t ON t.order_id = b.order_id"
        f" LEFT JOIN {_leads(given, parties)} AS l ON l.lead_id = p.lead"
        f" {rates.join('b.currency', utc_day('b.ordered_at'))}"
    )


def _worth(rates: Rates) -> dict[str, str]:
    priced = ("b.currency", utc_day("b.ordered_at"))
    share = money(
        f"{ten_thousandths('b.margin')} * {ten_thousandths(_PAID)}", ten_thousandths("b.amount")
    )
    margin = f"CASE WHEN {_KEPT_WHOLE} THEN b.margin ELSE {share} END"
    return {
        "value": rates.value(_PAID, *priced),
        "margin_value": rates.value(margin, *priced),
        "value_currency": rates.value_currency("b.currency"),
    }


def _credit() -> dict[str, str]:
    """Write each credited column, of the order `b`, its parties `p`, last contact and lead."""
    return {
        "credited_by": (
            "CASE WHEN b.campaign_id IS NOT NULL OR b.agent_id IS NOT NULL THEN 'order'"
            " WHEN p.call_id IS NOT NULL THEN 'call'"
            " WHEN p.deal_campaign_id IS NOT NULL OR p.deal_agent_id IS NOT NULL THEN 'deal'"
            " WHEN t.call_id IS NOT NULL THEN 'last contact' ELSE 'nothing' END"
        ),
        "credited_lead_id": "p.lead",
        "credited_call_id": "coalesce(p.call_id, t.call_id)",
        "credited_agent_id": "coalesce(b.agent_id, p.agent_id, p.deal_agent_id, t.agent_id)",
        "credited_campaign_id": (
            "coalesce(b.campaign_id, p.campaign_id, p.deal_campaign_id, t.campaign_id)"
        ),
        "credited_list_id": (
            "coalesce(CASE WHEN p.call_id IS NULL THEN t.list_id ELSE p.list_id END, l.list_id)"
        ),
        "credited_script": "CASE WHEN p.call_id IS NULL THEN t.script ELSE p.script END",
    }


def _parties(given: Given) -> str:
    """Find the lead of each order, the call it names and what the deal it names knows."""
    own, views = given.own, given.views
    call = ", ".join(f"c.{name}" for name in _FROM_CALL)
    return given.scratch.table(
        "parties",
        f"SELECT b.order_id, b.ordered_at, {call}, d.agent_id AS deal_agent_id,"
        " d.campaign_id AS deal_campaign_id,"
        " coalesce(b.lead_id, c.lead_id, d.lead_id, u.lead_id) AS lead"
        f" FROM {own} AS b"
        f" LEFT JOIN {_named(given)} AS c ON c.call_id = b.call_id"
        f" LEFT JOIN {views['deals']} AS d ON d.deal_id = b.deal_id"
        f" LEFT JOIN {views['customers']} AS u ON u.customer_id = b.customer_id",
    )


def _named(given: Given) -> str:
    """Find the calls that orders name, without looking when they name none."""
    named = f"SELECT call_id FROM {given.own} WHERE call_id IS NOT NULL"
    calls = _unless_empty(given.scratch, given.views["calls"], named)
    return given.scratch.table(
        "named_calls",
        f"SELECT {', '.join(_FROM_CALL)} FROM {calls} WHERE call_id IN ({named})",
    )


def _last_contacts(given: Given, parties: str) -> str:
    """Find each order's last contact, for those whose credit or call is not known without it."""
    wanted = (
        f"SELECT p.order_id, p.lead, p.ordered_at FROM {parties} AS p"
        f" JOIN {given.own} AS b ON b.order_id = p.order_id WHERE p.lead IS NOT NULL AND"
        " (p.call_id IS NULL OR coalesce(b.agent_id, p.agent_id, p.deal_agent_id) IS NULL"
        " OR coalesce(b.campaign_id, p.campaign_id, p.deal_campaign_id) IS NULL)"
    )
    before_us = given.rules.attribution_days * DAY_US
    return given.scratch.table(
        "last_contacts",
        "SELECT o.order_id, unnest(c.last) FROM"
        f" ({wanted}) AS o ASOF JOIN {_contacts(given, wanted, before_us)} AS c"
        " ON c.lead = o.lead AND c.at_us <= epoch_us(o.ordered_at)"
        f" WHERE c.at_us >= epoch_us(o.ordered_at) - {before_us}",
    )


def _contacts(given: Given, wanted: str, before_us: int) -> str:
    """Find the contacts with the leads of orders; of one moment that with the last call_id."""
    low, high = given.scratch.row(
        f"SELECT min(epoch_us(ordered_at)), max(epoch_us(ordered_at)) FROM ({wanted})"
    )
    # Constants, so that files and row groups of other days are never opened.
    window = f"started_at BETWEEN make_timestamptz({low - before_us}) AND make_timestamptz({high})"
    calls = _unless_empty(given.scratch, given.views["calls"], wanted)
    fields = ", ".join(f"{name} := {name}" for name in _FROM_CALL if name != "lead_id")
    return given.scratch.table(
        "contacts",
        "SELECT lead_id AS lead, epoch_us(started_at) AS at_us,"
        f" arg_max(struct_pack({fields}), call_id) AS last FROM {calls}"
        f" WHERE contact AND test IS NOT TRUE AND {window}"
        f" AND lead_id IN (SELECT lead FROM ({wanted})) GROUP BY ALL",
    )


def _leads(given: Given, parties: str) -> str:
    return (
        f"(SELECT lead_id, list_id FROM {given.views['leads']}"
        f" WHERE lead_id IN (SELECT lead FROM {parties}))"
    )


def _unless_empty(scratch: Scratch, view: str, wanted: str) -> str:
    """Write what to read: nothing when nothing is wanted."""
    (some,) = scratch.row(f"SELECT count(*) FROM (FROM ({wanted}) LIMIT 1)")
    return view if some else f"(SELECT * FROM {view} LIMIT 0)"


STEP = Step(
    table="orders",
    reads=frozenset({"calls", "deals", "customers", "leads", "currencies"}),
    rows=_rows,
)
"""How orders get their value and their credit."""
