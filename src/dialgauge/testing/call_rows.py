"""How are a shift's calls and the agents' time written down?"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from dialgauge.tables.agent_time import AGENT_TIME, STATES
from dialgauge.tables.calls import CALLS
from dialgauge.testing import columns, outcomes
from dialgauge.testing.columns import NONE, Floats, Ints
from dialgauge.testing.duties import INBOUND, INTERNAL, OUTBOUND, PAUSE, PAUSES, TEST, Items
from dialgauge.testing.people import CAMPAIGN_IDS, PRODUCTS, SCRIPTS, agent_ids
from dialgauge.testing.places import PLACES
from dialgauge.testing.prospects import LINE_TYPES, LISTS
from dialgauge.testing.sessions import Intervals
from dialgauge.testing.shift import Happened

_DIRECTIONS = ("outbound", "inbound", "internal")
_CENTS_A_MINUTE = {"US": 1.1, "DE": 1.6, "FR": 1.5, "PT": 1.9, "GE": 2.4, "RU": 2.1, "CN": 1.3}
_RATES = np.array([_CENTS_A_MINUTE[place.country] / 100 for place in PLACES])
_NO_AGENT = (outcomes.DROPPED, outcomes.ABANDONED, outcomes.TEST)
_CONTACTS = outcomes.HUNG_UP  # dispositions below this code are conversations


def call_order(happened: Happened) -> Ints:
    """List the items that are calls, in the order they began."""
    calls = np.flatnonzero(happened.items["kind"] != PAUSE)
    return calls[np.argsort(happened.started[calls], kind="stable")]


def line_cost(items: Items, talk: Ints) -> Floats:
    """Tell what the lines of calls cost, EUR: outbound ones a begun minute, others nothing.

    Args:
        items: The calls.
        talk: How long each talk was, milliseconds.
    """
    outbound = (items["kind"] == OUTBOUND) | (items["kind"] == TEST)
    minutes = np.ceil(np.maximum(talk, 0) / 60_000)
    place = items["place"]
    return np.where(outbound & (place >= 0), minutes * _RATES[place], 0.0)


def call_rows(
    happened: Happened, calls: Ints, promised: Ints, agents: int, first: int
) -> pa.RecordBatch:
    """Write calls as rows of the canonical table.

    Args:
        happened: The work of one or more shifts.
        calls: The items that are calls, in the order they began.
        promised: When a callback was promised, UTC milliseconds.
        agents: How many agents there are.
        first: The number of the first call.
    """
    items = {name: values[calls] for name, values in happened.items.items()}
    kind, code, count = items["kind"], happened.disposition[calls], calls.size
    started, ended = happened.started[calls], happened.ended[calls]
    talk = happened.lengths.talk[calls]
    contact = (code < _CONTACTS) | (code == outcomes.SERVED)
    agent = np.where(np.isin(code, _NO_AGENT), NONE, items["agent"])
    place = items["place"]
    return columns.batch(
        CALLS,
        count,
        {
            "call_id": columns.names("D", first + np.arange(count)),
            "started_at": columns.times(started),
            "answered_at": columns.times(happened.answered[calls]),
            "ended_at": columns.times(ended),
            "direction": columns.words(
                np.select([kind == INBOUND, kind == INTERNAL], [1, 2], 0), _DIRECTIONS
            ),
            "result": columns.words(code, outcomes.RESULTS),
            "disposition": columns.words(code, outcomes.DISPOSITIONS),
            "contact": columns.flags(contact),
            "right_party": columns.flags(code != outcomes.WRONG_PARTY, contact),
            "converted": columns.flags(code == outcomes.SALE),
            "do_not_call": columns.flags(code == outcomes.STOP),
            "callback_at": columns.times(promised[calls]),
            "ended_by": columns.words(_ended_by(code, talk), ("customer", "agent", "system")),
            "ring_s": columns.seconds(happened.lengths.ring[calls]),
            "wait_s": columns.seconds(items["wait"]),
            "talk_s": columns.seconds(talk),
            "hold_s": columns.seconds(happened.lengths.hold[calls]),
            "wrap_s": columns.seconds(happened.lengths.wrap[calls]),
            "campaign_id": columns.words(items["campaign"], CAMPAIGN_IDS),
            "list_id": columns.words(items["list"], LISTS),
            "lead_id": columns.names("P", items["number"]),
            "agent_id": columns.words(agent, agent_ids(agents)),
            "phone_token": columns.names("t", items["token"]),
            "region": columns.words(place, [each.region for each in PLACES]),
            "country": columns.words(place, [each.country for each in PLACES]),
            "timezone": columns.words(place, [each.timezone for each in PLACES]),
            "line_type": columns.words(items["line"], LINE_TYPES),
            "script": columns.words(items["script"], SCRIPTS),
            "product": columns.words(items["campaign"], PRODUCTS),
            "cost": columns.money(line_cost(items, talk)),
            "currency": columns.constant("EUR", count),
            "test": columns.flags(kind == TEST),
            "source": columns.constant("demo", count),
        },
    )


def _ended_by(code: Ints, talk: Ints) -> Ints:
    customer, agent, system = 0, 1, 2
    left = np.isin(code, (outcomes.HUNG_UP, outcomes.REFUSED, outcomes.ABANDONED, outcomes.DROPPED))
    machine = np.isin(code, (outcomes.MACHINE, outcomes.NO_ANSWER, outcomes.CANCELLED))
    either = np.where(talk % 500 < 300, customer, agent)
    return np.select([left, machine, talk >= 0], [customer, agent, either], system)


def time_rows(intervals: Intervals, agents: int, first: int) -> pa.RecordBatch:
    """Write intervals of agents' time as rows of the canonical table, empty ones left out.

    Args:
        intervals: What the agents did.
        agents: How many agents there are.
        first: The number of the first interval.
    """
    kept = np.flatnonzero(intervals.end > intervals.begin)
    kept = kept[np.argsort(intervals.begin[kept], kind="stable")]
    state, reason = intervals.state[kept], intervals.reason[kept]
    working = state < STATES.index("paused")
    paid = working | ((state == STATES.index("paused")) & (reason != PAUSES.index("lunch")))
    return columns.batch(
        AGENT_TIME,
        kept.size,
        {
            "interval_id": columns.names("T", first + np.arange(kept.size)),
            "agent_id": columns.words(intervals.agent[kept], agent_ids(agents)),
            "state": columns.words(state, STATES),
            "reason": columns.words(reason, PAUSES),
            "started_at": columns.times(intervals.begin[kept]),
            "ended_at": columns.times(intervals.end[kept]),
            "paid": columns.flags(paid),
            "billable": columns.flags(working),
            "campaign_id": columns.words(intervals.campaign[kept], CAMPAIGN_IDS),
            "source": columns.constant("demo", kept.size),
        },
    )
