"""What follows from calls: deals, customers, orders, opinions, and the books?

The office notes the contacts of each shift, decides at the end of the day what conversions come
to, and writes its tables in pieces. It has its own chance, so that calls do not depend on it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from dialgauge.tables.assignments import ASSIGNMENTS
from dialgauge.testing import buying, columns, deals, outcomes
from dialgauge.testing.books import Books
from dialgauge.testing.call_rows import line_cost
from dialgauge.testing.columns import NONE, Floats, Ints
from dialgauge.testing.duties import OUTBOUND, PAUSE
from dialgauge.testing.listening import Contacts, Listeners
from dialgauge.testing.people import CAMPAIGN_IDS, SCRIPTS
from dialgauge.testing.prospects import Leads
from dialgauge.testing.rates import Rates
from dialgauge.testing.shift import Happened
from dialgauge.testing.truths import Truths

_PIECE = 20_000  # rows noted before tables are written
_COPIED = ("campaign", "list", "place", "desk", "agent", "script", "lead", "number")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What the office must know of the company.

    Attributes:
        truths: What is true.
        agents: How many agents there are.
        rates: What foreign money is worth.
        books: Where costs are added up.
        end_utc: When the world ends.
    """

    truths: Truths
    agents: int
    rates: Rates
    books: Books
    end_utc: int


@dataclass(slots=True)
class _Desk:
    """What lies on the desk, not yet written."""

    today: list[Contacts] = field(default_factory=list)
    contacts: list[Contacts] = field(default_factory=list)
    customers: list[dict[str, Ints]] = field(default_factory=list)
    paid: list[Floats] = field(default_factory=list)
    tested: list[dict[str, Ints]] = field(default_factory=list)
    rows: int = 0


class Office:
    """Follows up what happened.

    Args:
        scene: The company.
        rng: Where chance comes from.
    """

    def __init__(self, scene: Scene, rng: np.random.Generator) -> None:
        self._scene, self._rng = scene, rng
        self._listeners = Listeners(scene.truths, scene.agents, scene.end_utc)
        self._prices = buying.Prices(scene.truths, scene.rates)
        self._direct = np.array([name not in scene.truths.deal_campaigns for name in CAMPAIGN_IDS])
        self._desk = _Desk()
        self._numbers: dict[str, int] = {}

    def note(self, happened: Happened, number: Ints) -> None:
        """Take note of a shift.

        Args:
            happened: The shift's work.
            number: The number of each item's call, NONE for pauses.
        """
        items, desk = happened.items, self._desk
        calls = np.flatnonzero(items["kind"] != PAUSE)
        cost = line_cost(items, happened.lengths.talk)
        self._scene.books.called(happened.started[calls], cost[calls])
        code = happened.disposition
        spoke = ((code >= 0) & (code < outcomes.HUNG_UP)) | (code == outcomes.SERVED)
        chosen = np.flatnonzero(spoke)
        desk.today.append(
            {
                "call": number[chosen],
                "started": happened.started[chosen],
                "ended": happened.ended[chosen],
                "talk": happened.lengths.talk[chosen],
                "code": code[chosen],
                **{name: items[name][chosen] for name in _COPIED},
            }
        )
        tested = np.flatnonzero(items["kind"] == OUTBOUND)
        if tested.size:
            at = happened.started[tested]
            desk.tested.append(
                {"call": number[tested], "script": items["script"][tested], "at": at}
            )
        desk.rows += chosen.size

    def close_day(self, leads: Leads) -> Iterator[tuple[str, pa.RecordBatch]]:
        """Decide what the day's conversions come to, and write when the desk is full.

        Args:
            leads: The leads that the contacts number; what becomes of them is written there.
        """
        desk = self._desk
        if desk.today:
            contacts = _joined(desk.today)
            desk.today.clear()
            desk.contacts.append(contacts)
            yield from self._conversions(contacts, leads)
        if desk.rows >= _PIECE:
            yield from self._write()

    def close(self) -> Iterator[tuple[str, pa.RecordBatch]]:
        """Write the rest, and what is known only at the end."""
        yield from self._write()
        yield "currencies", self._scene.rates.rows()
        yield "costs", self._scene.books.costs(self._rng)
        yield "targets", self._scene.books.targets()

    def _conversions(
        self, contacts: Contacts, leads: Leads
    ) -> Iterator[tuple[str, pa.RecordBatch]]:
        sold = contacts["code"] == outcomes.SALE
        sales = {name: values[sold] for name, values in contacts.items()}
        lead = sales["lead"]
        sales |= {"person": sales["number"], "tier": leads["tier"][lead]}
        sales |= {"met": leads["met_utc"][lead], "since": sales["ended"]}
        sales["deal"] = np.full(lead.size, NONE)
        euros = self._prices.first(self._rng, sales["campaign"])
        paid, currency = self._prices.rates.in_currency(euros, sales["ended"], sales["place"])
        sales["currency"] = currency
        direct = self._direct[sales["campaign"]]
        self._sign(_those(sales, direct), paid[direct])
        if not direct.all():
            yield from self._open(_those(sales, ~direct), paid[~direct], leads)

    def _open(
        self, sales: dict[str, Ints], paid: Floats, leads: Leads
    ) -> Iterator[tuple[str, pa.RecordBatch]]:
        """Open deals, and let those that are won become customers."""
        scene, rng, count = self._scene, self._rng, paid.size
        fates = deals.walk(rng, scene.truths, sales["ended"], sales["list"], scene.end_utc)
        won = deals.won(fates)
        sales["deal"] = self._take("deals", count) + np.arange(count)
        leads["converted_utc"][sales["lead"]] = np.where(won, fates.closed, NONE)
        leads["lost_utc"][sales["lead"]] = np.where(won, NONE, fates.closed)
        opened = {
            "number": sales["deal"],
            "opened": sales["ended"],
            "closed": fates.closed,
            "status": fates.status,
            **{name: sales[name] for name in ("person", "agent", "campaign", "currency")},
        }
        yield "deals", deals.deal_rows(opened, paid, scene.agents)
        yield "stages", deals.stage_rows(sales["deal"], fates)
        yield "meetings", deals.meeting_rows(rng, opened, fates, scene.agents)
        sales["since"] = fates.closed
        self._sign(_those(sales, won), paid[won])

    def _sign(self, customers: dict[str, Ints], paid: Floats) -> None:
        self._desk.customers.append(customers)
        self._desk.paid.append(paid)

    def _write(self) -> Iterator[tuple[str, pa.RecordBatch]]:
        """Write all that lies on the desk."""
        desk, rng, self._desk = self._desk, self._rng, _Desk()
        if desk.tested:
            yield "assignments", self._assignment_rows(_joined(desk.tested))
        if not desk.contacts:
            return
        contacts = _joined(desk.contacts)
        asked = self._listeners.satisfaction(rng, contacts, self._numbers.get("surveys", 0))
        self._take("surveys", asked.num_rows)
        yield "surveys", asked
        answers, reviews = self._listeners.reviews(rng, contacts, self._numbers.get("reviews", 0))
        self._take("reviews", reviews)
        yield "reviews", answers
        yield "conversations", self._listeners.conversations(rng, contacts)
        yield from self._customers(_joined(desk.customers), np.concatenate(desk.paid))

    def _customers(
        self, customers: dict[str, Ints], paid: Floats
    ) -> Iterator[tuple[str, pa.RecordBatch]]:
        scene, rng = self._scene, self._rng
        lives = buying.live(
            rng, scene.truths, customers["campaign"], customers["since"], scene.end_utc
        )
        yield "customers", buying.customer_rows(customers, lives.left)
        by_call = {**customers, "call": np.where(customers["deal"] < 0, customers["call"], NONE)}
        orders = self._prices.orders(rng, by_call, paid, lives)
        first = self._take("orders", orders.at.size)
        yield "orders", buying.order_rows(orders, first)
        asked = self._listeners.recommendation(
            rng, customers, lives.left, self._numbers.get("surveys", 0)
        )
        self._take("surveys", asked.num_rows)
        yield "surveys", asked

    def _assignment_rows(self, tested: dict[str, Ints]) -> pa.RecordBatch:
        count = tested["call"].size
        first = self._take("assignments", count)
        return columns.batch(
            ASSIGNMENTS,
            count,
            {
                "assignment_id": columns.names("E", first + np.arange(count)),
                "experiment": columns.constant(self._scene.truths.experiment, count),
                "variant": columns.words(tested["script"], SCRIPTS),
                "unit": columns.constant("call", count),
                "unit_id": columns.names("D", tested["call"]),
                "assigned_at": columns.times(tested["at"]),
            },
        )

    def _take(self, what: str, count: int) -> int:
        """Take so many numbers, and return the first."""
        first = self._numbers.get(what, 0)
        self._numbers[what] = first + count
        return first


def _joined(parts: list[dict[str, Ints]]) -> dict[str, Ints]:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _those(parts: dict[str, Ints], chosen: columns.Bools) -> dict[str, Ints]:
    return {name: values[chosen] for name, values in parts.items()}
