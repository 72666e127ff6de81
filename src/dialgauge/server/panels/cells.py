"""How is a record of the lake written for people?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote
from zoneinfo import ZoneInfo

from dialgauge.model.kpi import Unit
from dialgauge.model.table import Type
from dialgauge.server.masking import MASKED
from dialgauge.server.panels.panel import Look

FIRST: Mapping[str, tuple[str, ...]] = {
    "calls": (
        *("started_at", "result", "disposition", "agent_id", "campaign_id", "lead_id"),
        *("region", "attempt", "talk_s", "converted"),
    ),
    "agent_time": ("started_at", "ended_at", "state", "reason", "agent_id", "campaign_id", "paid"),
    "leads": (
        *("created_at", "lead_id", "lead_source", "campaign_id", "region", "industry"),
        *("mql_at", "sql_at", "converted_at", "customer_id", "do_not_call"),
    ),
    "journeys": (
        *("first_dial_at", "party_id", "dials", "contacts", "first_contact_at"),
        *("converted_at", "agent_id", "campaign_id", "region"),
    ),
    "callbacks": ("due_at", "dialled_at", "party_id", "agent_id", "campaign_id", "region"),
    "meetings": (
        *("set_at", "due_at", "held_at", "cancelled_at", "lead_id", "agent_id", "campaign_id"),
    ),
    "deals": (
        *("created_at", "lead_id", "status", "closed_at", "amount", "agent_id"),
        *("pipeline", "campaign_id"),
    ),
    "stages": (
        *("entered_at", "ended_at", "stage", "pipeline", "deal_lead_id", "deal_agent_id"),
        "deal_id",
    ),
    "lifetimes": (
        *("acquired_at", "customer_id", "lead_id", "orders", "value", "last_order_at"),
        *("campaign_id", "agent_id"),
    ),
    "active_spells": ("started_at", "ended_at", "customer_id", "lead_id", "campaign_id"),
    "orders": (
        *("ordered_at", "customer_id", "credited_lead_id", "kind", "product", "value"),
        *("credited_agent_id", "credited_campaign_id"),
    ),
    "cost_shares": (
        *("starts_on", "ends_on", "category", "value", "campaign_id", "lead_source"),
        *("agent_id", "team", "shared_by"),
    ),
    "surveys": (
        *("asked_at", "kind", "score", "answered_at", "lead_id", "about_agent_id"),
        *("campaign_id", "comment"),
    ),
    "reviews": (
        *("reviewed_at", "section", "question", "state", "score", "max_score"),
        *("reviewed_agent_id", "lead_id"),
    ),
    "scores": (
        *("reviewed_at", "scorecard", "score", "passed", "agent_id", "lead_id", "campaign_id"),
    ),
    "conversations": (
        *("started_at", "agent_id", "lead_id", "agent_talk_s", "customer_talk_s", "silence_s"),
        *("interruptions", "converted"),
    ),
}
"""Table to the columns that say most of a record, in the order people read them."""

_DIMENSIONS = {
    **dict.fromkeys(
        ("agent_id", "about_agent_id", "deal_agent_id", "credited_agent_id", "reviewed_agent_id"),
        "agent",
    ),
    **dict.fromkeys(("campaign_id", "credited_campaign_id"), "campaign"),
    **dict.fromkeys(("list_id", "credited_list_id"), "list"),
    "kind": "order_kind",
    "category": "cost_category",
    "local_weekday": "weekday",
    "local_hour": "hour",
    "credited_script": "script",
}
"""Column to the dimension whose groups it holds, where their names differ."""

_LEADS = ("lead_id", "deal_lead_id", "credited_lead_id", "party_id")
_OF_THE_LAKE = ("value", "margin_value", "worth", "repeat_worth")  # in the lake's own currency


@dataclass(frozen=True, slots=True)
class Cell:
    """One value of a record.

    Attributes:
        told: In words.
        href: Where it leads; empty for most.
        exact: What stands in the lake, where the words say less.
        right: Whether it is a number, which stands on the right.
    """

    told: str
    href: str = ""
    exact: str = ""
    right: bool = False


def heading(column: str, look: Look) -> str:
    """Name a column; one that nobody named is called as in the lake."""
    words, dimension = look.say.texts.words, dimension_of(column)
    return words.get(f"column.{column}") or words.get(f"dimension.{dimension}") or column


def dimension_of(column: str) -> str:
    """Give the dimension whose groups a column holds; its own name where there is none.

    Example:
        >>> dimension_of("credited_agent_id"), dimension_of("region")
        ('agent', 'region')
    """
    return _DIMENSIONS.get(column, column)


def cell(record: Mapping[str, object], column: str, type_: Type, look: Look) -> Cell:
    """Write one value of a record.

    Args:
        record: The whole of it, as some columns explain others.
        column: Which value.
        type_: What stands in the column.
        look: Whose language, and in which time zone.
    """
    value, say = record[column], look.say
    if value is None:
        return Cell("")
    if isinstance(value, dt.datetime):
        at = value.astimezone(ZoneInfo(look.view.timezone))
        return Cell(say.moment(at), exact=at.isoformat(timespec="seconds"))
    if isinstance(value, dt.date):
        return Cell(say.day(value))
    if isinstance(value, bool):
        return Cell(say.t("say.yes" if value else "say.no"))
    if type_ is Type.MONEY:
        own = column in _OF_THE_LAKE or not record.get("currency")
        speaks = say if own else replace(say, currency=str(record["currency"]))
        return Cell(speaks.money(float(str(value))), right=True)
    if type_ in (Type.INTEGER, Type.NUMBER):
        number = float(str(value))
        if column in ("local_hour", "local_weekday"):
            return Cell(say.key(dimension_of(column), int(number)))
        if column.endswith("_s"):
            return Cell(say.number(number, Unit.SECONDS), exact=str(value), right=True)
        whole = number == round(number)
        return Cell(say.count(number) if whole else say.number(number, Unit.RATIO), right=True)
    text = str(value)
    return Cell(say.key(dimension_of(column), text), href=leads_to(column, text, look))


def leads_to(column: str, text: str, look: Look) -> str:
    """Give the address of whom a value names: a lead or a customer; empty for all else."""
    if text == MASKED:
        return ""
    if column in _LEADS:
        return look.view.at(f"/lead/{quote(text, safe='')}").address
    if column == "customer_id":
        return look.view.at(f"/customer/{quote(text, safe='')}").address
    return ""
