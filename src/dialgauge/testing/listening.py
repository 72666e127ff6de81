"""What do customers and reviewers say about calls, and what was measured in the recordings?"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from dialgauge.tables.conversations import CONVERSATIONS
from dialgauge.tables.reviews import REVIEW_KINDS, REVIEW_STATES, REVIEWS
from dialgauge.tables.surveys import SURVEY_KINDS, SURVEYS
from dialgauge.testing import columns, outcomes
from dialgauge.testing.columns import NONE, Bools, Floats, Ints
from dialgauge.testing.people import agent_ids
from dialgauge.testing.places import DAY, DESKS
from dialgauge.testing.truths import Truths

_MINUTE, _HOUR = 60_000, 3_600_000
_ASKED_AFTER = (
    outcomes.SALE,
    outcomes.CALLBACK,
    outcomes.INTERESTED,
    outcomes.NOT_INTERESTED,
    outcomes.SERVED,
)
_ASKED = 0.2  # of such contacts
_ASKED_LATER = 0.6  # of new customers
_CONTENT, _UNHAPPY = (0.45, 0.55), (0.2, 0.3, 0.5)  # scores 4 and 5; 1, 2 and 3
_PROMOTERS = {False: (0.48, 0.17), True: (0.24, 0.4)}  # and detractors; of the weak team
_REVIEWED, _RECORDED = 0.02, 0.2  # of contacts
_SCORECARD, _VERSION = "call quality", "2026"
# Section, question, most points, weight.
QUESTIONS = (
    ("opening", "says who is calling", 1, 1.0),
    ("opening", "asks whether now is a good time", 1, 1.0),
    ("needs", "asks what the customer needs", 5, 2.0),
    ("needs", "listens", 5, 2.0),
    ("offer", "explains the offer clearly", 5, 2.0),
    ("offer", "answers doubts", 5, 1.5),
    ("duties", "reads the terms", 1, 1.5),
    ("duties", "has consent before the order", 1, 2.0),
)
_CONSENT = len(QUESTIONS) - 1
_NO_CONSENT = 0.02
_NOT_APPLICABLE = 0.06
_KIND_SHARES = (0.42, 0.55, 0.03, 0.0)
_REVIEWERS = ("R1", "R2", "R3")
_SHORTEST = 10_000  # milliseconds of talk that can be measured
_DOUBTFUL = ("", "one channel leaks into the other")

Contacts = dict[str, Ints]
"""Column name to one value a contact: call, started, ended, talk, code, desk, agent, ..."""


class Listeners:
    """Ask, review and measure, a share of contacts each.

    Args:
        truths: What is true.
        agents: How many agents there are.
        end_utc: When the world ends.
    """

    def __init__(self, truths: Truths, agents: int, end_utc: int) -> None:
        self._truths, self._end = truths, end_utc
        self._agents = agent_ids(agents)
        teams = [desk.team for desk in DESKS]
        self._satisfied = np.array([truths.satisfied_shares[team] for team in teams])
        self._quality = np.array([truths.quality_shares[team] for team in teams])
        self._talk = np.array([truths.talk_shares[team] for team in teams])
        self._weak = np.array([team == truths.weak_team for team in teams])

    def satisfaction(
        self, rng: np.random.Generator, contacts: Contacts, first: int
    ) -> pa.RecordBatch:
        """Ask some of those who talked with us how satisfied they are."""
        talked = np.isin(contacts["code"], _ASKED_AFTER)
        asked = contacts["ended"] + 10 * _MINUTE + _waits(rng, 20 * _MINUTE, talked.size)
        chosen = talked & (rng.random(talked.size) < _ASKED) & (asked < self._end)
        contacts = {name: values[chosen] for name, values in contacts.items()}
        count = contacts["call"].size
        happy = rng.random(count) < self._satisfied[contacts["desk"]]
        score = np.where(
            happy, 4 + rng.choice(2, count, p=_CONTENT), 1 + rng.choice(3, count, p=_UNHAPPY)
        )
        unknown = np.full(count, NONE)
        return self._survey_rows(
            rng, "csat", first, {**contacts, "person": unknown}, asked[chosen], score
        )

    def recommendation(
        self, rng: np.random.Generator, customers: dict[str, Ints], left: Ints, first: int
    ) -> pa.RecordBatch:
        """Ask some new customers a week later whether they would recommend us."""
        asked = customers["since"] + 7 * DAY
        still = (asked < self._end) & ((left < 0) | (asked < left))
        chosen = still & (rng.random(asked.size) < _ASKED_LATER)
        customers = {name: values[chosen] for name, values in customers.items()}
        draw, weak = rng.random(customers["desk"].size), self._weak[customers["desk"]]
        promoters = np.where(weak, _PROMOTERS[True][0], _PROMOTERS[False][0])
        detractors = np.where(weak, _PROMOTERS[True][1], _PROMOTERS[False][1])
        high, low = rng.integers(9, 11, draw.size), rng.integers(0, 7, draw.size)
        score = np.where(draw < promoters, high, rng.integers(7, 9, draw.size))
        score = np.where(draw >= 1 - detractors, low, score)
        return self._survey_rows(rng, "nps", first, customers, asked[chosen], score)

    def _survey_rows(  # noqa: PLR0913, PLR0917 - what is asked, of whom, when and the answer
        self,
        rng: np.random.Generator,
        kind: str,
        first: int,
        about: dict[str, Ints],
        asked: Ints,
        score: Ints,
    ) -> pa.RecordBatch:
        count = asked.size
        answered = asked + _MINUTE + _waits(rng, 3 * _HOUR, count)
        answers = (rng.random(count) < self._truths.response_share) & (answered < self._end)
        scale = {"csat": 5, "nps": 10}[kind]
        return columns.batch(
            SURVEYS,
            count,
            {
                "survey_id": columns.names("Q", first + np.arange(count)),
                "kind": columns.constant(SURVEY_KINDS[SURVEY_KINDS.index(kind)], count),
                "score": pa.array(score, mask=~answers),
                "scale": columns.constant(scale, count),
                "asked_at": columns.times(asked),
                "answered_at": columns.times(np.where(answers, answered, NONE)),
                "call_id": columns.names("D", about["call"]),
                "customer_id": columns.names("K", about["person"]),
                "agent_id": columns.words(about["agent"], self._agents),
                "source": columns.constant("demo", count),
            },
        )

    def reviews(
        self, rng: np.random.Generator, contacts: Contacts, first: int
    ) -> tuple[pa.RecordBatch, int]:
        """Review some contacts on a scorecard; returns the answers and how many reviews."""
        at = contacts["ended"] + DAY + _waits(rng, DAY, contacts["ended"].size)
        chosen = np.flatnonzero((rng.random(at.size) < _REVIEWED) & (at < self._end))
        count, questions = chosen.size, len(QUESTIONS)
        most = np.array([points for *_, points, _ in QUESTIONS])
        quality = self._quality[contacts["desk"][chosen]]
        score = rng.binomial(most, quality[:, None], (count, questions)).astype(np.float64)
        fails = rng.random(count) < _NO_CONSENT
        score[fails, _CONSENT] = 0.0
        missing = (rng.random((count, questions)) < _NOT_APPLICABLE) & (most > 1)
        kind = rng.choice(len(REVIEW_KINDS), count, p=_KIND_SHARES)
        reviewer = np.where(kind == 0, NONE, rng.integers(0, len(_REVIEWERS), count))
        review, question = np.divmod(np.arange(count * questions), questions)
        call = chosen[review]
        asked = np.array([weight for *_, weight in QUESTIONS])
        return columns.batch(
            REVIEWS,
            review.size,
            {
                "answer_id": columns.names("W", (first + review) * questions + question),
                "review_id": columns.names("R", first + review),
                "call_id": columns.names("D", contacts["call"][call]),
                "agent_id": columns.words(contacts["agent"][call], self._agents),
                "scorecard": columns.constant(_SCORECARD, review.size),
                "version": columns.constant(_VERSION, review.size),
                "kind": columns.words(kind[review], REVIEW_KINDS),
                "reviewer": columns.words(reviewer[review], _REVIEWERS),
                "reviewed_at": columns.times(at[call]),
                "section": columns.words(question, [each[0] for each in QUESTIONS]),
                "question": columns.words(question, [each[1] for each in QUESTIONS]),
                "score": pa.array(score.ravel(), mask=missing.ravel()),
                "max_score": pa.array(most[question].astype(np.float64)),
                "weight": pa.array(asked[question]),
                "state": columns.words(missing.ravel().astype(np.int64), REVIEW_STATES),
                "auto_fail": columns.flags(fails[review] & (question == _CONSENT)),
                "source": columns.constant("demo", review.size),
            },
        ), count

    def conversations(self, rng: np.random.Generator, contacts: Contacts) -> pa.RecordBatch:
        """Measure who speaks on some contacts."""
        recorded = rng.random(contacts["talk"].size) < _RECORDED
        chosen = recorded & (contacts["talk"] >= _SHORTEST)
        seconds = contacts["talk"][chosen] / 1000
        desk, count = contacts["desk"][chosen], seconds.size
        silence, overlap = rng.beta(2, 14, count) * seconds, rng.beta(2, 80, count) * seconds
        spoken = seconds - silence + overlap
        agent = np.clip(rng.normal(self._talk[desk], 0.09), 0.05, 0.95) * spoken
        weak = self._weak[desk]
        minutes = seconds / 60
        return columns.batch(
            CONVERSATIONS,
            count,
            {
                "call_id": columns.names("D", contacts["call"][chosen]),
                "agent_talk_s": _tenths(agent),
                "customer_talk_s": _tenths(spoken - agent),
                "silence_s": _tenths(silence),
                "overlap_s": _tenths(overlap),
                "interruptions": pa.array(rng.poisson(minutes * np.where(weak, 1.0, 0.4))),
                "longest_monologue_s": _tenths(agent * rng.uniform(0.15, 0.5, count)),
                "questions": pa.array(rng.poisson(minutes * np.where(weak, 0.7, 1.6))),
                "words_per_minute": _tenths(rng.normal(148.0, 14.0, count)),
                "quality_flags": columns.words(_doubtful(rng, count), _DOUBTFUL),
                "source": columns.constant("demo", count),
            },
        )


def _waits(rng: np.random.Generator, mean: int, count: int) -> Ints:
    return rng.exponential(mean, count).astype(np.int64)


def _tenths(values: Floats) -> pa.Array:
    return pa.array(np.round(values, 1))


def _doubtful(rng: np.random.Generator, count: int) -> Ints:
    leaks: Bools = rng.random(count) < 0.02
    return np.where(leaks, 1, NONE)
