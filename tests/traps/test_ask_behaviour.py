"""Do segments on what people did mean the same everywhere, and are they refused elsewhere?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest

from dialgauge.catalogue.user import built_in, extend
from dialgauge.engines.reference import ReferenceEngine
from dialgauge.errors import DimensionError, UnknownNameError
from dialgauge.model.answer import Answer
from dialgauge.model.question import Grain, Question
from dialgauge.model.rules import Rules
from dialgauge.model.vocabulary import Vocabulary
from dialgauge.plan.resolve import dimensions
from dialgauge.testing import assert_same_answer
from small_lake import Record, SmallLake, by, call, days, small_lake

SEGMENTS = """
segments:
  recency:
    - {name: recent, where: lifetimes.last_order_at >= now - 90 days}
    - {name: fading, where: lifetimes.last_order_at >= now - 365 days}
    - {name: away, where: lifetimes.orders > 0}
    - otherwise: never bought
  frequency:
    - {name: often, where: lifetimes.orders >= 3}
    - {name: seldom, where: lifetimes.orders >= 1}
    - otherwise: never bought
  spent:
    - {name: much, where: lifetimes.worth >= 1000}
    - otherwise: little
  rfm:
    - {name: champions, where: recency = 'recent' and frequency = 'often' and spent = 'much'}
    - {name: promising, where: recency = 'recent'}
    - {name: at risk, where: frequency = 'often'}
    - otherwise: the rest
  tried:
    - {name: never, where: journeys.dials is null}
    - {name: often, where: journeys.dials >= 3}
    - otherwise: some
  last_tried:
    - {name: this week, where: journeys.last_dial_at >= now - 7 days}
    - {name: earlier, where: journeys.last_dial_at is not null}
    - otherwise: never
"""

WORDS = extend(built_in(), {"kpis.yaml": SEGMENTS})

BOUGHT = {
    "C1": {"2026-06-01": 300, "2026-11-01": 400, "2026-12-01": 500},
    "C2": {"2026-10-03": 50},
    "C3": {"2026-01-05": 100, "2026-02-01": 100, "2026-03-01": 100},
    "C4": {"2025-06-01": 20},
}
"""At the start of 2027: a champion; one whose only order is 90 days old to the instant; one who
stopped; one who bought once, long ago. C5 is a customer without orders."""

DIALS = {
    "L1": ["2026-12-20", "2026-12-22", "2026-12-30"],
    "L2": ["2026-10-01"],
    "L6": ["2026-12-01", "2026-12-02", "2026-12-25"],
}
"""L3 and L7 were never dialled. L6 was last dialled 7 days ago, to the instant."""


def _calls() -> list[Record]:
    return [
        call(
            f"{lead} {day}",
            day,
            "human",
            contact=True,
            lead_id=lead,
            customer_id="" if lead == "L6" else lead.replace("L", "C"),
        )
        for lead, dialled in DIALS.items()
        for day in dialled
    ]


@dataclass(frozen=True)
class Own:
    """A lake with segments of one's own."""

    small: SmallLake
    words: Vocabulary = WORDS

    def ask(self, *kpis: str, grain: str | None = None, **question: Any) -> Answer:
        """Ask both engines, which must agree."""
        asked = Question(kpis=kpis, grain=Grain(grain) if grain else None, **question)
        gauge = replace(self.small.gauge(), words=replace(self.words, rules=self.small.rules))
        answer = gauge.ask(asked)
        assert_same_answer(answer, replace(gauge, engine=ReferenceEngine()).ask(asked))
        return answer


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory) -> Own:
    """Load customers, leads and what was done with them."""
    orders = [
        {"order_id": f"{who} {day}", "customer_id": who, "ordered_at": day, "amount": amount}
        for who, bought in BOUGHT.items()
        for day, amount in bought.items()
    ]
    customers = [
        {"customer_id": who, "lead_id": who.replace("C", "L"), "acquired_at": day}
        for who, day in {
            **{who: min(bought) for who, bought in BOUGHT.items()},
            "C5": "2026-05-01",
        }.items()
    ]
    leads = [
        {"lead_id": lead, "created_at": day, "customer_id": who}
        for lead, day, who in (
            ("L1", "2026-05-01", "C1"),
            ("L2", "2026-09-01", "C2"),
            ("L3", "2026-01-01", "C3"),
            ("L6", "2026-11-30", ""),
            ("L7", "2026-11-30", ""),
        )
    ]
    surveys = [
        {"survey_id": who, "kind": "nps", "score": 9, "asked_at": "2026-12-31", "customer_id": who}
        for who in ("C1", "C3", "C5")
    ]
    deals = [
        {"deal_id": lead, "lead_id": lead, "customer_id": who, "amount": amount}
        | {"created_at": "2026-12-01", "status": "open"}
        for lead, who, amount in (("L1", "C1", 10), ("L6", "", 7))
    ]
    meetings = [{"meeting_id": "m", "lead_id": "L2", "set_at": "2026-12-01"}]
    small = small_lake(
        tmp_path_factory.mktemp("firm"),
        Rules(inactive_after_days=365),
        orders=orders,
        customers=customers,
        leads=leads,
        surveys=surveys,
        deals=deals,
        meetings=meetings,
        calls=_calls(),
    )
    return Own(small)


def test_bands_of_customers(firm: Own) -> None:
    """Each customer in one band; 90 days ago to the instant is within 90 days."""
    answer = firm.ask("new_customers", by=("rfm",))
    expected = {"champions": 1, "promising": 1, "at risk": 1, "the rest": 2}
    assert by(answer, "new_customers") == expected
    assert answer.total is not None
    assert answer.total.values["new_customers"].value == sum(expected.values())


def test_the_same_bands_on_every_fact_that_knows_the_customer(firm: Own) -> None:
    """Revenue, calls, leads, surveys, deals and who is active, each by hand."""
    expected: dict[str, dict[str, float]] = {
        "revenue": {"champions": 1200, "promising": 50, "at risk": 300, "the rest": 20},
        "dials": {"champions": 3, "promising": 1, "the rest": 3},
        "leads_created": {"champions": 1, "promising": 1, "at risk": 1, "the rest": 2},
        "active_customers": {"champions": 1, "promising": 1, "at risk": 1, "the rest": 1},
        "pipeline_value": {"champions": 10, "the rest": 7},
    }
    for kpi, bands in expected.items():
        period = days("2025-01-01", "2027-01-01")
        assert by(firm.ask(kpi, by=("rfm",), period=period), kpi) == bands, kpi
    nps = firm.ask("nps", by=("recency",))
    assert {row.keys["recency"]: row.values["nps"].denominator for row in nps.rows} == {
        "recent": 1,
        "fading": 1,
        "never bought": 1,
    }


def test_attempts_and_recency_of_contact(firm: Own) -> None:
    """Of leads, customers, calls and more; 7 days ago to the instant is within 7 days."""
    assert by(firm.ask("leads_created", by=("tried",)), "leads_created") == {
        "never": 2,
        "often": 2,
        "some": 1,
    }
    assert by(firm.ask("leads_created", by=("last_tried",)), "leads_created") == {
        "earlier": 1,
        "never": 2,
        "this week": 2,
    }
    expected: dict[str, dict[str, float]] = {
        "dials": {"often": 6, "some": 1},
        "new_customers": {"often": 1, "some": 1, "never": 3},
        "pipeline_value": {"often": 17},
        "meetings_set": {"some": 1},
    }
    for kpi, groups in expected.items():
        assert by(firm.ask(kpi, by=("tried",)), kpi) == groups, kpi


def test_overlap_of_segments(firm: Own) -> None:
    """Two segments together say how many are in both."""
    answer = firm.ask("new_customers", by=("recency", "tried"))
    assert by(answer, "new_customers") == {
        ("recent", "often"): 1,
        ("recent", "some"): 1,
        ("fading", "never"): 1,
        ("away", "never"): 1,
        ("never bought", "never"): 1,
    }


def test_change_over_time(firm: Own) -> None:
    """By month, and against the period before, by what the customers are today."""
    months = firm.ask(
        "new_customers", by=("frequency",), grain="quarter", period=days("2026-01-01", "2027-01-01")
    )
    assert by(months, "new_customers") == {
        ("2026-01-01", "often"): 1,
        ("2026-04-01", "often"): 1,
        ("2026-04-01", "never bought"): 1,
        ("2026-10-01", "seldom"): 1,
    }
    halves = firm.ask(
        "new_customers",
        by=("frequency",),
        period=days("2026-07-01", "2027-01-01"),
        versus=days("2026-01-01", "2026-07-01"),
    )
    changes = {row.keys["frequency"]: row.values["new_customers"].change for row in halves.rows}
    differences = {name: change.difference for name, change in changes.items() if change}
    assert differences == {"often": -2, "seldom": 1, "never bought": -1}


def test_the_moment_of_asking_moves_the_bands(firm: Own) -> None:
    """A day later 90 days are over for C2; what is known is what is known today."""
    later = firm.small.now.replace(day=2)
    answer = firm.ask("new_customers", by=("rfm",), as_of=later)
    assert by(answer, "new_customers") == {"champions": 1, "at risk": 1, "the rest": 3}


def test_filters_by_segment(firm: Own) -> None:
    """A segment chooses as well as it splits: C3 stopped buying and was never called."""
    where = ("rfm in ('champions', 'at risk') and tried = 'never'",)
    total = firm.ask("revenue", where=where).total
    assert total is not None
    assert total.values["revenue"].value == 300


KNOWS_CUSTOMERS = {"calls", "leads", "orders", "lifetimes", "active_spells", "surveys", "deals"}
KNOWS_DIALS = KNOWS_CUSTOMERS | {
    *("journeys", "meetings", "callbacks", "conversations", "scores", "stages")
}


def test_facts_that_know_what_people_did() -> None:
    """Every fact that holds a lead knows its dials, every one that holds a customer its orders."""
    for name, fact in WORDS.facts.items():
        own = dimensions(fact, WORDS)
        assert ("rfm" in own) == (name in KNOWS_CUSTOMERS), name
        assert ("tried" in own) == (name in KNOWS_DIALS), name


def test_other_facts_refuse_to_be_split(firm: Own) -> None:
    """Hours, costs and meetings are no customer's; the sentence says what they lack."""
    for kpi, fact in (
        ("agent_hours", "agent_time"),
        ("cost", "cost_shares"),
        ("meetings_set", "meetings"),
        ("dials_per_agent_hour", "agent_time"),
    ):
        with pytest.raises(DimensionError) as refusal:
            firm.ask(kpi, by=("rfm",))
        assert (
            f"{fact} cannot be split by 'rfm', which reads recency and frequency and spent; "
            in (str(refusal.value))
        )
    with pytest.raises(DimensionError, match=r"which reads journeys.last_dial_at; all facts"):
        firm.ask("cost", by=("last_tried",))


def test_other_facts_refuse_to_be_filtered(firm: Own) -> None:
    """A looked-up column is known by name even where a fact cannot look it up."""
    sentence = r"in the segment 'recency': cost_shares has no 'lifetimes.last_order_at'; it can be"
    with pytest.raises(DimensionError, match=sentence):
        firm.ask("cost", where=("recency = 'away'",))
    with pytest.raises(DimensionError, match=r"agent_time has no 'journeys.dials'; it can be"):
        firm.ask("agent_hours", where=("journeys.dials > 3",))
    with pytest.raises(UnknownNameError, match=r"did you mean 'lifetimes.orders'"):
        firm.ask("dials", where=("lifetimes.order > 3",))
