"""With what can users and developers test, without real data?

`make_world` invents a telemarketing company whose tables hang together and whose planted facts
are known (`Truths`), so that a test can ask whether an analysis finds them. `stream_world` and
`make_calls` do the same in bounded memory. `assert_same_answer` compares two answers.
"""

from __future__ import annotations

from dialgauge.testing.compare import assert_same_answer
from dialgauge.testing.truths import Truths
from dialgauge.testing.world import (
    DEMO_END,
    World,
    make_calls,
    make_world,
    stream_world,
    write_world,
)

__all__ = [
    "DEMO_END",
    "Truths",
    "World",
    "assert_same_answer",
    "make_calls",
    "make_world",
    "stream_world",
    "write_world",
]
