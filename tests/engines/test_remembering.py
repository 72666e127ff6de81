"""Does nobody get an answer that is not theirs, and is nothing worked out twice?"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from dialgauge.engines.base import Engine, TableFiles
from dialgauge.engines.remembering import RememberingEngine
from dialgauge.errors import EngineError
from dialgauge.gauge import Gauge
from dialgauge.model.question import Question
from dialgauge.plan.nodes import Plan, RowsPlan
from small_lake import call, small_lake

DIALS = Question(kpis=("dials",))


class Counting:
    """The real engine, and how often it was asked; it waits where a test says so."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.asked = 0
        self.go = threading.Event()
        self.go.set()
        self.broken = False

    def run(self, plan: Plan, files: Mapping[str, TableFiles]) -> pa.Table:
        """Count, wait, answer."""
        self.asked += 1
        self.go.wait(10)
        if self.broken:
            raise EngineError("out of order")
        return self.engine.run(plan, files)

    def rows(self, plan: RowsPlan, files: Mapping[str, TableFiles]) -> pa.Table:
        """List."""
        return self.engine.rows(plan, files)

    def explain(self, plan: Plan, files: Mapping[str, TableFiles]) -> str:
        """Explain."""
        return self.engine.explain(plan, files)


@pytest.fixture
def asked(tmp_path: Path) -> tuple[Gauge, Counting]:
    """Give a lake of three calls of two agents, and who counts the questions."""
    calls = [
        call("c1", "2026-03-02T09:00:00Z", agent_id="ann"),
        call("c2", "2026-03-02T10:00:00Z", agent_id="ann"),
        call("c3", "2026-03-02T11:00:00Z", agent_id="bob"),
    ]
    gauge = small_lake(tmp_path, calls=calls).gauge()
    counting = Counting(gauge.engine)
    return replace(gauge, engine=RememberingEngine(counting)), counting


def dials(gauge: Gauge) -> float | None:
    """Ask how many calls there are."""
    total = gauge.ask(DIALS).total
    assert total is not None
    return total.values["dials"].value


def test_the_same_question_is_worked_out_once(asked: tuple[Gauge, Counting]) -> None:
    """Asked twice, answered alike."""
    gauge, counting = asked
    assert (dials(gauge), dials(gauge), counting.asked) == (3, 3, 1)


def test_other_row_rules_have_other_answers(asked: tuple[Gauge, Counting]) -> None:
    """The rules are in the plan, and the plan is the key."""
    gauge, counting = asked
    guarded = replace(gauge, guard=("agent = 'bob'",))
    assert (dials(gauge), dials(guarded), counting.asked) == (3, 1, 2)


def test_groups_of_one_dimension_are_worked_out_once(tmp_path: Path) -> None:
    """Each filter, and each row rule, gets its own part; who has no rows gets the total of none."""
    calls = [
        call("c1", "2026-03-02T09:00:00Z", campaign_id="A"),
        call("c2", "2026-03-02T10:00:00Z", campaign_id="A"),
        call("c3", "2026-03-02T11:00:00Z", campaign_id="B"),
    ]
    gauge = small_lake(tmp_path, calls=calls).gauge()
    counting = Counting(gauge.engine)
    gauge = replace(gauge, engine=RememberingEngine(counting))

    def filtered(campaign: str) -> float | None:
        total = gauge.ask(replace(DIALS, where=(f"campaign = '{campaign}'",))).total
        assert total is not None
        return total.values["dials"].value

    assert (filtered("A"), filtered("B"), counting.asked) == (2, 1, 1)
    assert (dials(replace(gauge, guard=("campaign = 'B'",))), counting.asked) == (1, 1)
    # A 0 is asked about once more: did anybody write down what it counts?
    assert (filtered("C"), counting.asked) == (0, 3)


def test_who_asks_at_once_shares_the_work(asked: tuple[Gauge, Counting]) -> None:
    """Eight readers, one scan."""
    gauge, counting = asked
    counting.go.clear()
    with ThreadPoolExecutor(8) as pool:
        waiting = [pool.submit(dials, gauge) for _ in range(8)]
        counting.go.set()
        assert [each.result() for each in waiting] == [3] * 8
    assert counting.asked == 1


def test_a_failure_is_not_remembered(asked: tuple[Gauge, Counting]) -> None:
    """Who asks again is answered."""
    gauge, counting = asked
    counting.broken = True
    with pytest.raises(EngineError):
        dials(gauge)
    counting.broken = False
    assert dials(gauge) == 3


def test_memory_is_bounded(asked: tuple[Gauge, Counting]) -> None:
    """Without room nothing is kept, and everything is answered."""
    gauge, counting = asked
    engine = RememberingEngine(counting, most_bytes=0)
    gauge = replace(gauge, engine=engine)
    assert (dials(gauge), dials(gauge), counting.asked, engine.kept) == (3, 3, 2, 0)
