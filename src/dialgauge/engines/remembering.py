"""Who remembers what was asked a moment ago?

A dashboard is asked the same by many people at once. An answer is kept under its plan, into which
the row rules are folded, and the files it was read from: whoever may see other rows has another
plan, and whoever asks after an import reads other files, so neither can get what is not theirs.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from concurrent.futures import Future
from typing import TypeAlias

import pyarrow as pa

from dialgauge.engines.base import Engine, TableFiles
from dialgauge.plan.nodes import Plan, RowsPlan

_MOST_BYTES = 64_000_000

_Key: TypeAlias = tuple[Plan, tuple[tuple[str, tuple[str, ...]], ...]]


class RememberingEngine:
    """An engine that answers a question once, however many ask it, and keeps the last answers.

    Rows behind numbers are not kept: they are about people.

    Args:
        engine: Who does the work.
        most_bytes: How much memory answers may take; the longest not asked for go first.
        at_once: How many questions are worked on at a time; the others wait their turn, which is
            sooner than when all of them share the machine.

    Example:
        >>> from dialgauge.engines.reference import ReferenceEngine
        >>> RememberingEngine(ReferenceEngine()).kept
        0
    """

    def __init__(self, engine: Engine, *, most_bytes: int = _MOST_BYTES, at_once: int = 2) -> None:
        self._engine = engine
        self._most_bytes = most_bytes
        self._turns = threading.BoundedSemaphore(at_once)
        self._lock = threading.Lock()
        self._answers: OrderedDict[_Key, Future[pa.Table]] = OrderedDict()
        self._bytes = 0

    @property
    def kept(self) -> int:
        """How many answers are kept."""
        return len(self._answers)

    def run(self, plan: Plan, files: Mapping[str, TableFiles]) -> pa.Table:
        """Answer a plan, or give the answer that somebody has got already."""
        key = (plan, tuple((name, each.paths) for name, each in sorted(files.items())))
        with self._lock:
            known = self._answers.get(key)
            if known is None:
                mine: Future[pa.Table] = Future()
                self._answers[key] = mine
            else:
                self._answers.move_to_end(key)
        if known is not None:
            return known.result()
        try:
            with self._turns:
                answer = self._engine.run(plan, files)
        except BaseException as error:
            with self._lock:
                self._answers.pop(key, None)
            mine.set_exception(error)
            raise
        mine.set_result(answer)
        self._keep_within(answer.nbytes)
        return answer

    def rows(self, plan: RowsPlan, files: Mapping[str, TableFiles]) -> pa.Table:
        """List the rows behind a number."""
        with self._turns:
            return self._engine.rows(plan, files)

    def explain(self, plan: Plan, files: Mapping[str, TableFiles]) -> str:
        """Show the statement that `run` would execute."""
        return self._engine.explain(plan, files)

    def _keep_within(self, more: int) -> None:
        """Let the longest not asked for go; those still worked on stay."""
        with self._lock:
            self._bytes += more
            for key in [key for key, kept in self._answers.items() if kept.done()]:
                if self._bytes <= self._most_bytes:
                    return
                self._bytes -= self._answers.pop(key).result().nbytes
