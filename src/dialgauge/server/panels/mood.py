"""Is a change good news, and how is it drawn?"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from dialgauge.model.answer import Change, Value
from dialgauge.model.kpi import Better, Kpi
from dialgauge.server.speech import Speech


class Mood(enum.Enum):
    """What a change means for the team."""

    GOOD = "good"
    BAD = "bad"
    FLAT = "flat"  # neither, or not to be told from chance


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A change in words.

    Attributes:
        text: Such as +1.2 pp.
        arrow: up, down or flat.
        mood: What it means.
        sure: Whether its interval excludes no change; None without an interval.
        told: The whole sentence, for a tooltip and for those who do not see colours.
    """

    text: str
    arrow: str
    mood: Mood
    sure: bool | None
    told: str


def turn(value: Value, kpi: Kpi, say: Speech) -> Turn | None:
    """Say how a value changed; None when it was not compared, or nothing is known."""
    change = value.change
    if change is None or change.difference is None:
        return None
    text = say.difference(change, kpi.unit)
    sure = change.likely_real
    certainty = {True: "say.likely_real", False: "say.maybe_chance", None: "say.no_interval"}[sure]
    told = say.t(
        "say.change_told",
        change=text,
        before=say.number(change.value.value, kpi.unit),
        certainty=say.t(certainty),
    )
    return Turn(
        text=text,
        arrow="flat" if not change.difference else "up" if change.difference > 0 else "down",
        mood=mood(change, kpi),
        sure=sure,
        told=told,
    )


def mood(change: Change, kpi: Kpi) -> Mood:
    """Say what a change means; one that may be chance means nothing.

    Example:
        >>> from dialgauge.model.kpi import Unit
        >>> fewer = Change(value=Value(value=0.2), difference=-0.1, likely_real=True)
        >>> drops = Kpi(name="d", formula="calls.dials", unit=Unit.SHARE, better=Better.LOWER)
        >>> mood(fewer, drops)
        <Mood.GOOD: 'good'>
    """
    if not change.difference or change.likely_real is False:
        return Mood.FLAT
    match kpi.better:
        case Better.HIGHER:
            return Mood.GOOD if change.difference > 0 else Mood.BAD
        case Better.LOWER:
            return Mood.GOOD if change.difference < 0 else Mood.BAD
    return Mood.FLAT
