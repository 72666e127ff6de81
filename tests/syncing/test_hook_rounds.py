"""Is a call whole whose events came in several rounds, in whatever order they came?"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dialgauge.accounts import Connected
from dialgauge.cli import main
from dialgauge.intake import take_in
from dialgauge.lake import QUARANTINE, Lake, view
from dialgauge.sources.base import Request
from dialgauge.sources.freeswitch import stage
from dialgauge.syncing.feed import Round, read_feed
from dialgauge.syncing.feeds import hook_feed
from dialgauge.syncing.hooklog import HookLog
from dialgauge.syncing.recent import HOURS, Recent
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


CHILDREN = [
    status("completed", 50, 0, CallDuration="50"),
    status("completed", 45, 0, CallDuration="40", CallSid="CA2", ParentCallSid="CA1"),
    status("completed", 44, 0, CallDuration="9", CallSid="CA3", ParentCallSid="CA2"),
]
"""A call, the leg it made, and the leg that one made."""


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

    def kept_aside(self) -> dict[str, bool]:
        """Return which legs were ever refused, each once, and whether something has mended it."""
        rows = self._read("SELECT raw, mended_at IS NOT NULL FROM {}", QUARANTINE)
        legs = [(json.loads(raw)["uuid"], mended) for raw, mended in rows]
        assert len(legs) == len(dict(legs))
        return dict(legs)

    def _read(self, query: str, table: Any) -> list[tuple[Any, ...]]:
        with contextlib.closing(self.lake.connect()) as con:
            relation = view(con, self.lake.snapshot(), table)
            return con.execute(query.format(relation)).fetchall()


@pytest.mark.parametrize("events", [STATUSES, CHILDREN], ids=["statuses", "children"])
def test_rounds_between_the_events_of_a_call_of_twilio_change_nothing(
    tmp_path: Path, events: Sequence[str]
) -> None:
    """Changes and legs come one a round, in every order; the call is as if all had come at once."""
    whole = Sent(tmp_path / "whole", "twilio")
    whole.round(*events)
    assert len(whole.calls()) == 1
    for number, order in enumerate(itertools.permutations(events)):
        parts = Sent(tmp_path / f"{number}", "twilio")
        for event in order:
            parts.round(event)
        assert parts.calls() == whole.calls(), order
        assert parts.refused() == [], order


@st.composite
def storms(draw: st.DrawFn) -> tuple[list[int], list[int], list[int]]:
    """Draw the maker of each leg but the first, the order they come in, and where rounds cut."""
    makers = [draw(st.integers(1, number)) for number in range(1, draw(st.integers(3, 6)))]
    order = draw(st.permutations(range(1, len(makers) + 2)))
    cuts = draw(st.lists(st.integers(1, len(makers)), unique=True))
    return makers, list(order), [0, *sorted(cuts), len(order)]


CHAIN = [1, 2]
CHAINS = [
    (CHAIN, list(order), [0, *cuts, 3])
    for order in itertools.permutations((1, 2, 3))
    for cuts in ((), (1,), (2,), (1, 2))
]
"""A leg of a leg, in all orders and with all cuts."""


def check_storm(makers: list[int], order: list[int], ends: list[int], missing: int = 0) -> None:
    """Send the legs of a call in rounds, and compare with all of them at once.

    Legs that were made by one that never comes stay aside: once each, as do theirs.
    """
    legs = {1: leg(1, NINE, 300, "600")}
    for number, maker in enumerate(makers, 2):
        told = {"originator": uuid(maker)}
        legs[number] = leg(number, NINE + 2 * number, 40, f"100{number}", **told)
    without = {missing}
    for number, maker in enumerate(makers, 2):
        without |= {number} if maker in without else set()
    lost = without - {missing}
    with tempfile.TemporaryDirectory() as folder:
        whole, parts = (Sent(Path(folder, name), "freeswitch") for name in ("whole", "parts"))
        whole.round(*(legs[number] for number in legs if number not in without))
        for begin, end in itertools.pairwise(ends):
            come = [legs[number] for number in order[begin:end] if number != missing]
            if come:
                parts.round(*come)
        assert parts.calls() == whole.calls()
        aside = {each for each, mended in parts.kept_aside().items() if not mended}
        assert aside == {uuid(number) for number in lost}
        before = parts.kept_aside()
        parts.round(OTHER)
        assert parts.kept_aside() == before


@pytest.mark.parametrize(("makers", "order", "ends"), CHAINS)
def test_what_came_before_its_maker_is_refused_no_longer_than_that(
    makers: list[int], order: list[int], ends: list[int]
) -> None:
    """All orders and cuts of a leg of a leg of a call: whole in the end, and nothing aside."""
    check_storm(makers, order, ends)


@settings(max_examples=5, deadline=None)
@given(storms(), st.sampled_from([0, 0, 2, 3]))
@example(([1, 2, 3], [4, 3, 2, 1], [0, 1, 2, 3, 4]), 0)
@example(([1, 2, 3], [4, 3, 2, 1], [0, 1, 2, 3, 4]), 2)
@example(([1, 2, 3], [4, 2, 3, 1], [0, 1, 2, 3, 4]), 0)
@example(([1, 2, 3], [4, 1, 3, 2], [0, 1, 2, 3, 4]), 0)
def test_calls_of_many_legs_are_whole_however_they_come(
    drawn: tuple[list[int], list[int], list[int]], missing: int
) -> None:
    """Legs of legs of legs; who was refused is mended once its maker is there, and only then."""
    check_storm(*drawn, missing)


@pytest.mark.long
@settings(max_examples=150, deadline=None)
@given(storms(), st.sampled_from([0, 0, 2, 3]))
def test_many_calls_of_many_legs_are_whole_however_they_come(
    drawn: tuple[list[int], list[int], list[int]], missing: int
) -> None:
    """The same, more often."""
    check_storm(*drawn, missing)


def test_a_refused_leg_is_mended_by_an_import_that_holds_all(tmp_path: Path) -> None:
    """Not only events: a file for itself, and then all of them."""
    lake = Lake.create(str(tmp_path / "lake"))
    records = tmp_path / "records"
    records.mkdir()
    for number, event in enumerate((COLLEAGUE, CALL, AGENT)):
        (records / f"{number}.json").write_text(event)
    for paths in ((records / "0.json",), (records,), (records / "0.json",)):
        take_in(lake, stage, Request(paths=paths, phone_key=lake.phone_key))
    with contextlib.closing(lake.connect()) as con:
        relation = view(con, lake.snapshot(), QUARANTINE)
        query = f"SELECT raw, mended_at IS NOT NULL FROM {relation}"
        ((raw, mended),) = con.execute(query).fetchall()
    assert json.loads(raw)["uuid"] == uuid(3)
    assert mended


def test_a_leg_is_known_however_its_name_is_written(tmp_path: Path) -> None:
    """FreeSWITCH's names are hexadecimal, and some programs write them in capitals."""
    name = "AAAAAAAA-0000-0000-0000-00000000000B"
    sent = Sent(tmp_path / "lake", "freeswitch")
    sent.round(leg(4, NINE + 2, 40, "1005", originator=name))
    sent.round(leg(5, NINE, 60, "600", uuid=name.lower()))
    ((call, _, agent, *_),) = sent.calls()
    assert (call, agent) == (name.lower(), "1005")
    assert sent.refused() == []


def test_events_that_belong_together_come_as_they_came(tmp_path: Path) -> None:
    """Of a leg that is told twice the last one counts; and a crash puts none before itself."""
    recent = Recent(tmp_path / "recent", "twilio")
    events = [(float(at), json.dumps({"CallSid": "CA1"})) for at in (10, 20, 30, 40)]
    for number, page in zip((1, 0, 2), "abc", strict=True):
        recent.joined(page, [events[number]])
    assert recent.joined("d", [events[3]]) == events
    assert recent.joined("d", [events[3]]) == events


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
