"""What comes of a call?

All chance is drawn beforehand, so that the outcome is a function of the time of the call alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dialgauge.testing.columns import NONE, Bools, Floats, Ints
from dialgauge.testing.people import CAMPAIGN_IDS
from dialgauge.testing.places import DAY, PLACES
from dialgauge.testing.prospects import LINE_TYPES, SOURCES
from dialgauge.testing.truths import Truths

# Dispositions of outbound calls, by code; the results they stand for, ring and talk beside them.
(
    SALE,
    STOP,
    CALLBACK,
    INTERESTED,
    NOT_INTERESTED,
    REFUSED,
    WRONG_PARTY,
    HUNG_UP,
    DROPPED,
    MACHINE,
    NO_ANSWER,
    BUSY,
    CONGESTION,
    REJECTED,
    CANCELLED,
    FAILED,
    INVALID,
    SERVED,
    ABANDONED,
    INTERNAL,
    TEST,
) = range(21)
DISPOSITIONS = (
    "sale",
    "do not call",
    "callback",
    "interested",
    "not interested",
    "refused",
    "wrong party",
    "hung up",
    "dropped",
    "answering machine",
    "no answer",
    "busy",
    "congestion",
    "rejected",
    "cancelled",
    "failed",
    "invalid number",
    "served",
    "abandoned",
    "internal",
    "test",
)
RESULTS = (
    *["human"] * 8,
    "dropped",
    "machine",
    "no_answer",
    "busy",
    "congestion",
    "rejected",
    "cancelled",
    "failed",
    "invalid",
    "human",
    "abandoned",
    "answered",
    "answered",
)
# Seconds, by disposition: shortest ring, mean of what it rings longer, longest ring.
_RINGS = np.array(
    [
        *[(5, 9, 30)] * 9,
        (12, 5, 28),
        (18, 6, 30),
        (1, 1, 4),
        (1, 1, 3),
        (4, 5, 20),
        (3, 4, 15),
        (1, 1, 3),
        (1, 1, 3),
        (0, 0, 0),
        (0, 0, 0),
        (2, 3, 10),
        (2, 1, 5),
    ],
    dtype=np.float64,
)
# Seconds, by disposition: mean talk and its spread (of the logarithm); 0 is no talk.
_TALKS = np.array(
    [
        (188, 0.7),
        (38, 0.6),
        (188, 0.7),
        (188, 0.7),
        (188, 0.7),
        (42, 0.6),
        (25, 0.5),
        (4, 0.4),
        (0, 0.1),
        (14, 0.4),
        *[(0, 0.1)] * 7,
        (205, 0.7),
        (0, 0.1),
        (120, 0.8),
        (15, 0.3),
    ],
    dtype=np.float64,
)
_WRAPS = np.array(
    [95, 50, 65, 70, 45, 25, 20, 8, 0, 5, 0, 0, 0, 0, 0, 0, 0, 70, 0, 0, 0], dtype=np.float64
)
_HOLDING = 0.15  # of talks longer than a minute
# Shares of what is no contact and of what is no conversion.
_OTHERWISE = np.cumsum([0.37, 0.435, 0.125, 0.02, 0.025, 0.015, 0.01])
_UNCONVERTED = np.cumsum([0.025, 0.14, 0.13, 0.30, 0.295, 0.11])
_HANGS_UP = 0.06  # people who leave without a word, for each contact
_FACTORS_BY_HOUR = 24


@dataclass(frozen=True, slots=True)
class Luck:
    """Chance, drawn once for each call.

    Attributes:
        contact: Uniform; decides who or what answers.
        outcome: Uniform; decides what a contact comes to.
        ring: Exponential with mean 1.
        talk: Standard normal.
        wrap: Standard normal.
        hold: Uniform; decides whether the person is put on hold.
        held: Exponential with mean 1.
    """

    contact: Floats
    outcome: Floats
    ring: Floats
    talk: Floats
    wrap: Floats
    hold: Floats
    held: Floats

    @staticmethod
    def draw(rng: np.random.Generator, calls: int) -> Luck:
        """Draw for so many calls."""
        return Luck(
            contact=rng.random(calls),
            outcome=rng.random(calls),
            ring=rng.exponential(1.0, calls),
            talk=rng.normal(0.0, 1.0, calls),
            wrap=rng.normal(0.0, 1.0, calls),
            hold=rng.random(calls),
            held=rng.exponential(1.0, calls),
        )


@dataclass(frozen=True, slots=True)
class Lengths:
    """How long the parts of calls take, in milliseconds; NONE where there is no such part."""

    ring: Ints
    talk: Ints
    hold: Ints
    wrap: Ints

    @property
    def busy(self) -> Ints:
        """From the first ring to the end of the agent's work."""
        parts = (self.ring, self.talk, self.hold, self.wrap)
        total: Ints = np.sum([np.maximum(part, 0) for part in parts], axis=0)
        return total


def lengths(disposition: Ints, luck: Luck) -> Lengths:
    """Tell how long calls with these dispositions take."""
    least, mean, most = _RINGS[disposition].T
    ring = np.minimum(least + mean * luck.ring, most)
    mean, spread = _TALKS[disposition].T
    talks = mean > 0
    talk = np.exp(np.log(np.maximum(mean, 1e-9)) - spread**2 / 2 + spread * luck.talk)
    holds = talks & (talk > 60) & (luck.hold < _HOLDING)
    wrap = _WRAPS[disposition] * np.exp(0.4 * luck.wrap - 0.08)
    works = _WRAPS[disposition] > 0
    return Lengths(
        ring=_tenths(ring, np.ones_like(talks)),
        talk=_tenths(np.maximum(talk, 1.0), talks),
        hold=_tenths(3 + 32 * luck.held, holds),
        wrap=_tenths(np.maximum(wrap, 1.0), works),
    )


def _tenths(seconds: Floats, present: Bools) -> Ints:
    return np.where(present, np.round(seconds * 10).astype(np.int64) * 100, NONE)


class Odds:
    """The chances of outbound calls, looked up from the planted truths.

    Args:
        truths: The world's truths.
        fallen_from: When the fall begins, milliseconds of UTC.
    """

    def __init__(self, truths: Truths, fallen_from: int) -> None:
        self._truths, self._fallen_from = truths, fallen_from
        self._hours = np.array([truths.hour_factors[hour] for hour in range(_FACTORS_BY_HOUR)])
        self._weekdays = np.array([truths.weekday_factors[day] for day in range(1, 8)])
        self._attempts = np.array(truths.attempt_factors)
        self._lines = np.array([truths.line_type_factors[line] for line in LINE_TYPES])
        self._places = np.array([truths.region_factors[place.region] for place in PLACES])
        self._contacts = np.array([truths.contact_rates[name] for name in CAMPAIGN_IDS])
        self._conversions = np.array([truths.conversion_rates[name] for name in CAMPAIGN_IDS])
        self._scripts = np.array(list(truths.script_factors.values()))
        self._sources = np.array([truths.source_factors[source] for source in SOURCES])
        self._fallen = CAMPAIGN_IDS.index(truths.fallen_campaign)

    def contact(self, campaign: Ints, line: Ints, place: Ints, dials: Ints) -> Floats:
        """Give the chance of a contact before the factors of time, after so many dials."""
        attempt = np.minimum(dials, self._attempts.size - 1)
        place_and_line: Floats = self._lines[line] * self._places[place]
        chance: Floats = self._contacts[campaign] * self._attempts[attempt] * place_and_line
        return chance

    def at(self, local: Ints, utc: Ints, campaign: Ints) -> Floats:
        """Give the factor of time on the chance of a contact.

        Args:
            local: The called party's wall clock, milliseconds since 1970.
            utc: The same instant in UTC.
            campaign: The campaign's number.
        """
        hour, weekday = local % DAY // 3_600_000, (local // DAY + 3) % 7
        fallen = (campaign == self._fallen) & (utc >= self._fallen_from)
        fall = np.where(fallen, self._truths.fallen_factor, 1.0)
        factor: Floats = self._hours[hour] * self._weekdays[weekday] * fall
        return factor

    def conversion(
        self, campaign: Ints, script: Ints, source: Ints, agent: Floats, tenure: Ints
    ) -> Floats:
        """Give the chance that a contact converts.

        Args:
            campaign: The campaign's number.
            script: The script's.
            source: The lead source's.
            agent: The agent's factor.
            tenure: Days since the agent was hired.
        """
        truths = self._truths
        learnt = np.minimum(tenure / truths.tenure_days, 1.0)
        tenure_factor = truths.tenure_start_factor + (1 - truths.tenure_start_factor) * learnt
        base: Floats = self._conversions[campaign] * self._scripts[script] * self._sources[source]
        return base * agent * tenure_factor

    def dispositions(self, contact: Floats, conversion: Floats, bad: Bools, luck: Luck) -> Ints:
        """Tell what outbound calls come to.

        Args:
            contact: The chance of a contact.
            conversion: The chance that a contact converts.
            bad: Whether the number does not exist.
            luck: What was drawn.
        """
        drop = self._truths.drop_share
        spoke = contact * (1 + _HANGS_UP)
        human = spoke / (1 - drop)
        rest = np.clip((luck.contact - human) / (1 - human), 0.0, 1.0)
        found = MACHINE + np.searchsorted(_OTHERWISE[:-1], rest, side="right")
        unconverted = np.clip((luck.outcome - conversion) / (1 - conversion), 0.0, 1.0)
        talked = STOP + np.searchsorted(_UNCONVERTED[:-1], unconverted, side="right")
        talked = np.where(luck.outcome < conversion, SALE, talked)
        found = np.where(luck.contact < human, DROPPED, found)
        found = np.where(luck.contact < spoke, HUNG_UP, found)
        found = np.where(luck.contact < contact, talked, found)
        return np.where(bad, INVALID, found).astype(np.int64)
