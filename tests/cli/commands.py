"""What do commands say, and about which calls?"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

CALLS = """\
call_id,started_at,direction,result,contact,converted,talk_s,agent_id,campaign_id,test
1,2026-01-05T10:00:00Z,outbound,human,true,true,60,A,C1,
2,2026-01-05T11:00:00Z,outbound,human,true,false,20,A,C1,
3,2026-01-06T10:00:00Z,outbound,busy,,,,B,C1,
4,2026-02-06T10:00:00Z,outbound,no_answer,,,,B,,
5,2026-02-06T11:00:00Z,outbound,human,true,true,50,B,,true
6,2026-02-06T12:00:00Z,internal,human,,,,B,,
"""
"""Four dials, two contacts, one conversion; a test call and an internal one besides."""


@dataclass(frozen=True)
class Said:
    """What a command said.

    Attributes:
        status: Its exit status.
        out: Its standard output.
        err: Its standard error.
    """

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed, read as JSON."""
        assert self.status == 0, self.err
        return json.loads(self.out)

    @property
    def sentence(self) -> str:
        """The one sentence of a refusal, which printed nothing else."""
        assert self.out == ""
        lines = [line for line in self.err.splitlines() if line.startswith("dialgauge: ")]
        assert len(lines) == 1, self.err
        assert self.err.endswith(f"{lines[0]}\n")
        assert "Traceback" not in self.err
        return lines[0].removeprefix("dialgauge: ")


Run: TypeAlias = Callable[..., Said]
