"""Do random calls come out as plain Python says, whatever the order and width of the file?"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from asterisk_files import FREEPBX, Leg, Read, csv_line, custom_line, freepbx_line, read, write

FEWER = settings(max_examples=max(10, settings().max_examples // 5))
"""Each example holds many calls, so few of them do."""

EPOCH = 1767607200  # 2026-01-05 10:00:00 UTC
BEGIN = dt.datetime(2026, 1, 5, 10, tzinfo=dt.UTC)
RESULTS = ("no_answer", "busy", "cancelled", "congestion", "failed")
MEANING = dict(zip(("NO ANSWER", "BUSY", "CANCEL", "CONGESTION", "FAILED"), RESULTS, strict=True))
SAME = (
    *("call_id", "started_at", "answered_at", "ended_at", "direction", "result", "disposition"),
    *("ring_s", "talk_s", "agent_id", "phone_token", "campaign_id"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A leg as it was drawn: which call, when it began, how long, and how it ended."""

    call: int
    begin: int
    ring: int
    talk: int
    disposition: str
    reached: bool


drawn_legs = st.lists(
    st.builds(
        Drawn,
        call=st.integers(0, 9),
        begin=st.integers(0, 600),
        ring=st.integers(0, 30),
        talk=st.integers(0, 200),
        disposition=st.sampled_from(("ANSWERED", *MEANING)),
        reached=st.booleans(),
    ),
    min_size=1,
    max_size=30,
)


def as_leg(drawn: Drawn, number: int) -> Leg:
    """Write a drawn leg down; all legs of a call share its uniqueid, the first one's."""
    name = f"{EPOCH}.{drawn.call}"
    answered = drawn.disposition == "ANSWERED"
    return Leg(
        start=str((BEGIN + dt.timedelta(seconds=drawn.begin)).replace(tzinfo=None)),
        ring=drawn.ring if answered else None,
        duration=drawn.ring + (drawn.talk if answered else 0),
        disposition=drawn.disposition,
        dstchannel="PJSIP/provider-0000001b" if drawn.reached else "",
        uniqueid=name,
        linkedid=name,
        sequence=number,
    )


def by_hand(legs: Sequence[Drawn]) -> dict[str, Any]:
    """Say what a call of these legs is, second by second."""
    answered = [leg for leg in legs if leg.disposition == "ANSWERED"]
    talking = [leg for leg in answered if leg.reached] or answered
    seconds = {
        second
        for leg in talking
        for second in range(leg.begin + leg.ring, leg.begin + leg.ring + leg.talk)
    }
    begin = min(leg.begin for leg in legs)
    if answered:
        result, ring = "answered", min(leg.begin + leg.ring for leg in answered) - begin
    else:
        outside = [leg for leg in legs if leg.reached] or legs
        result = min((MEANING[leg.disposition] for leg in outside), key=RESULTS.index)
        end = max(leg.begin + leg.ring for leg in legs)
        ring = end - begin if result in ("no_answer", "cancelled") else None  # type: ignore[assignment]
    ends = [
        leg.begin + leg.ring + (leg.talk if leg.disposition == "ANSWERED" else 0) for leg in legs
    ]
    return {
        "started_at": BEGIN + dt.timedelta(seconds=begin),
        "ended_at": BEGIN + dt.timedelta(seconds=max(ends)),
        "result": result,
        "ring_s": ring,
        "talk_s": len(seconds),
    }


def read_lines(lines: Sequence[str]) -> Read:
    """Read lines as a file."""
    with tempfile.TemporaryDirectory() as folder:
        return read(write(Path(folder) / "Master.csv", lines), timezone="UTC")


@FEWER
@given(drawn_legs)
def test_calls_are_what_plain_python_says(drawn: list[Drawn]) -> None:
    """Start, end, result, ring and talk of every call agree with counting seconds."""
    found = read_lines([csv_line(as_leg(leg, i)) for i, leg in enumerate(drawn)])
    calls = {int(call["call_id"].partition(".")[2]): call for call in found.calls}
    assert set(calls) == {leg.call for leg in drawn}
    for number, call in calls.items():
        expected = by_hand([leg for leg in drawn if leg.call == number])
        assert {column: call[column] for column in expected} == expected


FORMATS: Sequence[tuple[Callable[[Leg], str], Sequence[str]]] = (
    *((partial(csv_line, width=width), ()) for width in (17, 18, 19, 20)),
    *((partial(custom_line, width=width), ()) for width in (17, 18, 19, 20)),
    (freepbx_line, (",".join(FREEPBX),)),
)


@FEWER
@given(drawn_legs, st.sampled_from(FORMATS))
def test_every_order_and_width_gives_the_same_calls(
    drawn: list[Drawn], form: tuple[Callable[[Leg], str], Sequence[str]]
) -> None:
    """Master.csv in both orders, with optional columns or not, and FreePBX's export agree."""
    line, header = form
    legs = [as_leg(leg, i) for i, leg in enumerate(drawn)]
    wide = read_lines([csv_line(leg) for leg in legs])
    other = read_lines([*header, *(line(leg) for leg in legs)])
    assert [{name: call[name] for name in SAME} for call in other.calls] == [
        {name: call[name] for name in SAME} for call in wide.calls
    ]


@FEWER
@given(drawn_legs, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(drawn: list[Drawn], chance: Any) -> None:
    """Legs are written when they end, in any order; the calls stay the same."""
    lines = [csv_line(as_leg(leg, i)) for i, leg in enumerate(drawn)]
    mixed = chance.sample(lines, len(lines))
    assert [{name: call[name] for name in SAME} for call in read_lines(mixed).calls] == [
        {name: call[name] for name in SAME} for call in read_lines(lines).calls
    ]
