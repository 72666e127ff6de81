"""What becomes of a deal?

It goes from stage to stage until it is lost, won, or stuck. All of it is drawn when the deal is
opened; what would come after the world's end is not known yet.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from dialgauge.tables.deals import DEALS, STATUSES
from dialgauge.tables.meetings import MEETINGS
from dialgauge.tables.stages import STAGES
from dialgauge.testing import columns
from dialgauge.testing.columns import NONE, Bools, Floats, Ints
from dialgauge.testing.people import CAMPAIGN_IDS, agent_ids
from dialgauge.testing.places import DAY, working
from dialgauge.testing.prospects import LISTS
from dialgauge.testing.rates import CURRENCIES
from dialgauge.testing.truths import STAGE_DAYS, Truths

STAGE_NAMES = tuple(STAGE_DAYS)
PIPELINE = "new business"
_HOUR = 3_600_000
_MEETING = STAGE_NAMES.index("meeting")
_STEADY = 2.0  # the shape of the gamma that days in a stage follow
_CALLED_OFF = 0.4  # of the meetings that do not take place
_OPEN, _WON, _LOST = range(len(STATUSES))


@dataclass(frozen=True, slots=True)
class Fates:
    """What became of deals, one row a deal and one column a stage; times in UTC milliseconds.

    Attributes:
        entered: When the deal came into each stage, NONE where it never did.
        left: When it left it, NONE where it did not.
        due: When the meeting begins for which the deal came into its stage.
        status: Its place among `STATUSES`.
        closed: When it was won or lost, NONE where it is open.
    """

    entered: Ints
    left: Ints
    due: Ints
    status: Ints
    closed: Ints


def walk(
    rng: np.random.Generator, truths: Truths, opened: Ints, lists: Ints, end_utc: int
) -> Fates:
    """Let deals go through the pipeline.

    Args:
        rng: Where chance comes from.
        truths: What is true.
        opened: When each was opened, UTC milliseconds.
        lists: The list of each.
        end_utc: When the world ends.
    """
    count, stages = opened.size, len(STAGE_NAMES)
    slow = np.where(lists == LISTS.index(truths.slow_list), truths.slow_factor, 1.0)
    days = np.array([truths.stage_days[stage] for stage in STAGE_NAMES])
    stays = rng.gamma(_STEADY, days / _STEADY, (count, stages)) * slow[:, None]
    forward = rng.random((count, stages)) < [truths.stage_forward[stage] for stage in STAGE_NAMES]
    stuck = np.zeros((count, stages), np.bool_)
    stuck[:, STAGE_NAMES.index(truths.stalling_stage)] = rng.random(count) < truths.stuck_share
    clock = rng.integers(9 * 4, 16 * 4, count) * (_HOUR // 4)
    entered, left = np.full((2, count, stages), NONE)
    at, due, moves = opened, opened, np.ones(count, np.bool_)
    status = np.full(count, _OPEN)
    for stage in range(stages):
        entered[:, stage] = np.where(moves, at, NONE)
        at = at + (stays[:, stage] * DAY).astype(np.int64)
        if stage == _MEETING:  # the stage ends with the meeting, in office hours
            due = working(at // DAY + 1) * DAY + clock
            at = due + _HOUR
        ends = moves & (at < end_utc) & ~stuck[:, stage]
        left[:, stage] = np.where(ends, at, NONE)
        status[ends & ~forward[:, stage]] = _LOST
        moves = ends & forward[:, stage]
    status[moves] = _WON
    closed = np.where(status == _OPEN, NONE, left.max(axis=1))
    return Fates(entered, left, due, status, closed)


def won(fates: Fates) -> Bools:
    """Tell which deals were won."""
    found: Bools = fates.status == _WON
    return found


def deal_rows(deals: dict[str, Ints], amount: Floats, agents: int) -> pa.RecordBatch:
    """Write deals as rows of the canonical table.

    Args:
        deals: Column name to one value a deal: number, person, agent, campaign, opened, closed,
            status, currency.
        amount: What each is worth, in its currency.
        agents: How many agents there are.
    """
    count = amount.size
    customer = np.where(deals["status"] == _WON, deals["person"], NONE)
    return columns.batch(
        DEALS,
        count,
        {
            "deal_id": columns.names("V", deals["number"]),
            "lead_id": columns.names("P", deals["person"]),
            "customer_id": columns.names("K", customer),
            "agent_id": columns.words(deals["agent"], agent_ids(agents)),
            "campaign_id": columns.words(deals["campaign"], CAMPAIGN_IDS),
            "created_at": columns.times(deals["opened"]),
            "closed_at": columns.times(deals["closed"]),
            "status": columns.words(deals["status"], STATUSES),
            "amount": columns.money(amount),
            "currency": columns.words(deals["currency"], CURRENCIES),
            "pipeline": columns.constant(PIPELINE, count),
            "source": columns.constant("demo", count),
        },
    )


def stage_rows(number: Ints, fates: Fates) -> pa.RecordBatch:
    """Write visits to stages as rows of the canonical table."""
    deal, stage = np.nonzero(fates.entered >= 0)
    return columns.batch(
        STAGES,
        deal.size,
        {
            "stage_id": columns.names("S", number[deal] * len(STAGE_NAMES) + stage),
            "deal_id": columns.names("V", number[deal]),
            "pipeline": columns.constant(PIPELINE, deal.size),
            "stage": columns.words(stage, STAGE_NAMES),
            "position": pa.array(stage + 1),
            "entered_at": columns.times(fates.entered[deal, stage]),
            "left_at": columns.times(fates.left[deal, stage]),
            "source": columns.constant("demo", deal.size),
        },
    )


def meeting_rows(
    rng: np.random.Generator, deals: dict[str, Ints], fates: Fates, agents: int
) -> pa.RecordBatch:
    """Write the meetings that deals came to as rows of the canonical table.

    A meeting took place when the deal went on from it.
    """
    met = np.flatnonzero(fates.entered[:, _MEETING] >= 0)
    entered, due = fates.entered[met, _MEETING], fates.due[met]
    held = fates.entered[met, _MEETING + 1] >= 0
    over = fates.left[met, _MEETING] >= 0
    called_off = over & ~held & (rng.random(met.size) < _CALLED_OFF)
    before = np.maximum(entered, due - rng.integers(2 * _HOUR, 2 * DAY, met.size))
    return columns.batch(
        MEETINGS,
        met.size,
        {
            "meeting_id": columns.names("M", deals["number"][met]),
            "lead_id": columns.names("P", deals["person"][met]),
            "agent_id": columns.words(deals["agent"][met], agent_ids(agents)),
            "campaign_id": columns.words(deals["campaign"][met], CAMPAIGN_IDS),
            "set_at": columns.times(entered),
            "due_at": columns.times(due),
            "held_at": columns.times(np.where(held, due, NONE)),
            "cancelled_at": columns.times(np.where(called_off, before, NONE)),
            "source": columns.constant("demo", met.size),
        },
    )
