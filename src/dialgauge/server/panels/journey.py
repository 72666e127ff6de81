"""What happened with a lead or a customer, from the first to the last?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeAlias
from zoneinfo import ZoneInfo

from dialgauge.errors import DimensionError, NoDataError
from dialgauge.model.question import Question
from dialgauge.model.table import Table
from dialgauge.model.wire import plain_records
from dialgauge.plan.reading import read
from dialgauge.server.masking import for_viewer
from dialgauge.server.panels.cells import cell, heading, leads_to
from dialgauge.server.panels.panel import Look, Shown

Record: TypeAlias = Mapping[str, Any]

MOST = 500
"""So many records of a kind are told at most."""


@dataclass(frozen=True, slots=True)
class Told:
    """A kind of records, and what each of them says happened.

    Attributes:
        kpi: A KPI that counts all records of the kind.
        lead: The column that names the lead.
        customer: The column that names the customer; empty where none does.
        moments: Column with a time to the key of what happened then.
        details: The columns that are told beside; of the first moment, unless a moment has its
            own.
        own: Moment to the columns that are told beside it.
    """

    kpi: str
    lead: str
    customer: str
    moments: Mapping[str, str]
    details: tuple[str, ...]
    own: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def beside(self, moment: str) -> tuple[str, ...]:
        """Name the columns that are told beside a moment."""
        first = next(iter(self.moments))
        return self.own.get(moment, self.details if moment == first else ())


_CALL = ("disposition", "agent_id", "talk_s", "campaign_id", "attempt", "callback_at")

KINDS = (
    Told(
        "leads_created",
        "lead_id",
        "customer_id",
        {
            "created_at": "lead_created",
            "mql_at": "lead_mql",
            "sql_at": "lead_sql",
            "converted_at": "lead_converted",
            "lost_at": "lead_lost",
            "do_not_call_at": "do_not_call",
        },
        ("lead_source", "list_id", "campaign_id", "industry", "region", "do_not_call"),
    ),
    Told("dials", "lead_id", "customer_id", {"started_at": "call_out"}, _CALL),
    Told("abandonment_rate", "lead_id", "customer_id", {"started_at": "call_in"}, _CALL),
    Told(
        "meetings_set",
        "lead_id",
        "",
        {"set_at": "meeting_set", "held_at": "meeting_held", "cancelled_at": "meeting_off"},
        ("agent_id", "campaign_id", "due_at"),
    ),
    Told(
        "sales_cycle",
        "lead_id",
        "customer_id",
        {"created_at": "deal_opened", "closed_at": "deal_closed"},
        ("amount", "agent_id", "pipeline"),
        {"closed_at": ("status", "amount", "agent_id")},
    ),
    Told("time_in_stage", "deal_lead_id", "", {"entered_at": "stage"}, ("stage", "pipeline")),
    Told(
        "new_customers",
        "lead_id",
        "customer_id",
        {"acquired_at": "customer", "ended_at": "customer_lost"},
        ("customer_id",),
    ),
    Told(
        "orders",
        "credited_lead_id",
        "customer_id",
        {"ordered_at": "order"},
        ("kind", "product", "value", "credited_agent_id"),
    ),
    Told(
        "survey_response_rate",
        "lead_id",
        "customer_id",
        {"asked_at": "survey_asked", "answered_at": "survey_answered"},
        ("kind",),
        {"answered_at": ("kind", "score", "scale", "comment")},
    ),
    Told(
        "quality_score",
        "lead_id",
        "",
        {"reviewed_at": "review"},
        ("scorecard", "score", "passed", "agent_id"),
    ),
)
"""All that is told of a lead, in the order it is told where it happened at once."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened.

    Attributes:
        at: When.
        key: What, as a key of `journey`.
        table: Where it is recorded.
        record: The whole record.
        details: Heading and text of what is told beside, and where it leads.
    """

    at: dt.datetime
    key: str
    table: str
    record: Record
    details: Sequence[tuple[str, str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """Everything that happened with someone, in order.

    Attributes:
        who: The key of the lead or the customer.
        column: Which of the two, as `Told` calls it.
        name: Its name on the page.
    """

    kind: ClassVar[str] = "journey"
    who: str
    column: str = "lead"
    name: str = "journey"
    span: int = 12

    def show(self, look: Look) -> Shown:
        """Ask for each kind of records, under the row rules of who looks."""
        say = look.say
        events: list[Event] = []
        hidden: list[str] = []
        full = False
        for kind in KINDS:
            records, table, refusal = _records(kind, self.who, self.column, look)
            events += happened(kind, records, table, look)
            full = full or len(records) == MOST
            if refusal:
                hidden.append(refusal)
        events.sort(key=lambda event: event.at)
        notes = [say.t("journey.only_yours")] if look.viewer.guard else []
        notes += [say.t("journey.hidden", kinds=", ".join(hidden))] if hidden else []
        notes += [say.t("journey.full", count=say.count(MOST))] if full else []
        return Shown(
            title=say.t("journey.title"),
            subtitle=_sum(events, look),
            records=[
                {
                    "at": event.at.isoformat(),
                    "what": _what(event, look),
                    "details": "; ".join(f"{label}: {text}" for label, text, _ in event.details),
                }
                for event in events
            ],
            data={
                "events": [
                    {
                        "at": event.at.isoformat(),
                        "what": event.key,
                        "table": event.table,
                        "record": plain_records([event.record])[0],
                    }
                    for event in events
                ]
            },
            face={
                "days": list(_by_day(events, look)),
                "said": notes,
                "nothing": say.t("journey.nothing", who=self.who),
                "others": _others(events, self.column, look),
            },
        )


def happened(
    kind: Told, records: Iterable[Record], table: Table | None, look: Look
) -> Iterator[Event]:
    """Say what records of a kind say happened, one event a known time."""
    for record in records:
        if table is None:
            return
        for column, key in kind.moments.items():
            at = record.get(column)
            if isinstance(at, dt.datetime):
                told = [
                    (heading(name, look), found.told, found.href)
                    for name in kind.beside(column)
                    for found in (cell(record, name, table.column(name).type, look),)
                    if found.told
                ]
                yield Event(at, key, table.name, record, told)


def _records(
    kind: Told, who: str, column: str, look: Look
) -> tuple[Sequence[Record], Table | None, str]:
    named = kind.lead if column == "lead" else kind.customer
    if not named:
        return [], None, ""
    words = look.gauge.words
    table = words.facts[read(words.kpi(kind.kpi), words).facts[0]].table
    text = who.replace("'", "''")
    question = Question(
        kpis=(kind.kpi,), where=(f"{named} = '{text}'",), timezone=look.view.timezone
    )
    try:
        found = look.gauge.rows(question, MOST)
    except NoDataError:
        return [], table, ""  # nobody imported any: nothing happened that we know of
    except DimensionError:
        # A row rule by team or agent: whose a row of this table is, nobody can say.
        return [], table, look.say.t(f"rows.of.{table.name}")
    return for_viewer(found, look.viewer).to_pylist(), table, ""


def _by_day(events: Sequence[Event], look: Look) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    zone = ZoneInfo(look.view.timezone)
    days: dict[dt.date, list[dict[str, Any]]] = {}
    for event in events:
        at = event.at.astimezone(zone)
        days.setdefault(at.date(), []).append(
            {
                "time": f"{at:%H:%M}",
                "exact": at.isoformat(timespec="seconds"),
                "what": _what(event, look),
                "kind": event.table,
                "good": _good(event),
                "details": event.details,
            }
        )
    return ((look.say.day(day), told) for day, told in days.items())


def _what(event: Event, look: Look) -> str:
    say = look.say
    said = say.t(f"journey.{event.key}")
    if event.table != "calls" or not event.record.get("result"):
        return said
    return say.t("journey.came_to", what=said, result=say.key("result", event.record["result"]))


def _good(event: Event) -> bool:
    """Whether it is what all the work is for: a sale, a kept meeting, a won deal."""
    won = event.key == "deal_closed" and event.record.get("status") == "won"
    sold = event.table == "calls" and bool(event.record.get("converted"))
    return won or sold or event.key in ("order", "customer", "lead_converted", "meeting_held")


def _sum(events: Sequence[Event], look: Look) -> str:
    """Count what happened most: calls, contacts, orders."""
    counts: Mapping[str, Callable[[Event], bool]] = {
        "calls": lambda event: event.table == "calls",
        "contacts": lambda event: event.table == "calls" and bool(event.record.get("contact")),
        "orders": lambda event: event.table == "orders",
    }
    return " · ".join(
        look.say.t(f"journey.{name}", count=look.say.count(number))
        for name, meant in counts.items()
        if (number := sum(map(meant, events)))
    )


def _others(events: Sequence[Event], column: str, look: Look) -> list[tuple[str, str]]:
    """Lead on from a lead to the customer it became, and back."""
    other = "customer_id" if column == "lead" else "lead_id"
    found = dict.fromkeys(str(who) for event in events if (who := event.record.get(other)))
    return [(f"{heading(other, look)}: {who}", leads_to(other, who, look)) for who in found]
