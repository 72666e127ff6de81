"""Is a call whole whose events came in several rounds, in whatever order they came?"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from dialgauge.accounts import Connected
from dialgauge.cli import main
from dialgauge.lake import QUARANTINE, Lake, view
from dialgauge.syncing.feed import Round, read_feed
from dialgauge.syncing.feeds import hook_feed
from dialgauge.syncing.hooklog import HookLog
from dialgauge.syncing.recent import HOURS
from dialgauge.tables import TABLES

NINE = 1_767_603_600  # 2026-01-05 09:00 UTC


def leg(number: int, at: int, talked: int, to: str, **names: str) -> str:
    """Write what mod_json_cdr sends of a leg that rang for ten seconds."""
    times = {"start_epoch": at, "answer_epoch": at + 10, "end_epoch": at + 10 + talked}
    told = {"uuid": uuid(number), "duration": 10 + talked, "billsec": talked, **times, **names}
    told |= {"hangup_cause": "NORMAL_CLEARING"}
    profile = {"caller_id_number": "+4930901820", "destination_number": to, "context": "public"}
    return json.dumps(
        {
            "variables": {name: str(value) for name, value in told.items()},
            "callflow": [{"caller_profile": profile}],
        }
    )


def uuid(number: int) -> str:
    """Name a leg."""
    return f"00000000-0000-0000-0000-{number:012}"


CALL = leg(1, NINE, 60, "600")
AGENT = leg(2, NINE + 2, 40, "1005", originator=uuid(1))
COLLEAGUE = leg(3, NINE + 45, 12, "1007", originator=uuid(2))
OTHER = leg(9, NINE + 5, 20, "600")


def status(name: str, at: int, number: int, **more: str) -> str:
    """Write a status callback of Twilio's."""
    return json.dumps(
        {
            "CallSid": "CA1",
            "CallStatus": name,
            "SequenceNumber": str(number),
            "From": "+4930111111",
            "To": "+4930901820",
            "Direction": "outbound-api",
            "Timestamp": f"Mon, 05 Jan 2026 09:00:{at:02} +0000",
            **more,
        }
    )


STATUSES = [
    status("ringing", 0, 1),
    status("in-progress", 8, 2),
    status("completed", 40, 3, CallDuration="32"),
]


class Sent:
    """A lake that is sent events, and takes them in round after round."""

    def __init__(self, folder: Path, system: str) -> None:
        """Make it."""
        self.lake = Lake.create(str(folder))
        self.feed = hook_feed(self.lake, Connected(name="pbx", system=system, hook=True))
        self.log = HookLog(self.feed.folder / "log")

    def round(self, *events: str) -> int:
        """Take some events in and return how many rows that was."""
        self.log.append(events)
        outcome = read_feed(self.lake, self.feed, Round())
        assert outcome.error is None
        return outcome.status.counts.read

    def calls(self) -> list[tuple[Any, ...]]:
        """Return what the lake has of each call."""
        said = "call_id, result, agent_id, talk_s, ring_s, epoch(started_at), epoch(ended_at)"
        return self._read(f"SELECT {said} FROM {{}} ORDER BY 1", TABLES["calls"])

    def refused(self) -> list[tuple[Any, ...]]:
        """Return the reasons of refused rows that nothing has mended."""
        return self._read("SELECT reason FROM {} WHERE mended_at IS NULL", QUARANTINE)

    def _read(self, query: str, table: Any) -> list[tuple[Any, ...]]:
        with contextlib.closing(self.lake.connect()) as con:
            relation = view(con, self.lake.snapshot(), table)
            return con.execute(query.format(relation)).fetchall()


@pytest.mark.parametrize(
    ("system", "events"),
    [("freeswitch", [CALL, AGENT, COLLEAGUE]), ("twilio", STATUSES)],
)
def test_rounds_between_the_events_of_a_call_change_nothing(
    tmp_path: Path, system: str, events: Sequence[str]
) -> None:
    """Legs and changes come one a round, in every order; the call is as if all had come at once."""
    whole = Sent(tmp_path / "whole", system)
    whole.round(*events)
    assert len(whole.calls()) == 1
    for number, order in enumerate(itertools.permutations(events)):
        parts = Sent(tmp_path / f"{number}", system)
        for event in order:
            parts.round(event)
        assert parts.calls() == whole.calls(), order
        if COLLEAGUE not in order or order.index(COLLEAGUE) > order.index(AGENT):
            assert parts.refused() == []  # a leg of a leg is refused for ever when it came before


def test_only_what_belongs_together_is_read_again(tmp_path: Path) -> None:
    """Another call's events stay where they are, and a process that died keeps nothing from it."""
    sent = Sent(tmp_path / "lake", "freeswitch")
    assert sent.round(OTHER) == 1
    assert sent.round(CALL) == 1
    sent.log.close()
    sent.log = HookLog(sent.feed.folder / "log")
    assert sent.round(AGENT) == 1  # of two legs one call
    assert [call[0] for call in sent.calls()] == [uuid(1), uuid(9)]
    assert next(call for call in sent.calls() if call[0] == uuid(1))[2] == "1005"


def test_events_go_after_some_hours(tmp_path: Path) -> None:
    """They name people; what is older is not read with others any more."""
    sent = Sent(tmp_path / "lake", "freeswitch")
    sent.round(CALL)
    folder = sent.feed.folder / "recent"
    (kept,) = folder.glob("*.parquet")
    assert kept.stat().st_mode & 0o077 == 0 or folder.stat().st_mode & 0o077 == 0
    old = time.time() - HOURS * 3_600 - 60
    os.utime(kept, (old, old))
    sent.round(AGENT)
    assert not kept.exists()
    assert sent.refused() != []


def test_events_of_erased_people_go_at_once(tmp_path: Path) -> None:
    """They are a help only, so nobody looks for whose they are."""
    sent = Sent(tmp_path / "lake", "freeswitch")
    sent.round(CALL)
    assert (sent.feed.folder / "recent").exists()
    assert main(["lake", "erase", "--lead", "anna", "--lake", str(tmp_path / "lake")]) == 0
    assert not (sent.feed.folder / "recent").exists()
