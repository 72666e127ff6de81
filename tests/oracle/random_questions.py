"""What may people ask of a small world?"""

from __future__ import annotations

import datetime as dt

from hypothesis import strategies as st
from random_plans import ZONES
from random_worlds import World

from dialgauge.catalogue.user import built_in, extend
from dialgauge.model.expression import names
from dialgauge.model.fact import ALIVE
from dialgauge.model.parse import parse
from dialgauge.model.question import Grain, Period, Question
from dialgauge.model.vocabulary import Vocabulary
from dialgauge.plan.reading import read
from dialgauge.plan.resolve import TIME_DIMENSIONS, shared_dimensions

WORDS: Vocabulary = extend(
    built_in(),
    {
        "tests": """
kpis:
  money_a_call: {formula: calls.spent / calls.dials, unit: money}
  longest_talk: {formula: calls.longest, unit: seconds}
  widest_share: {formula: "greatest(calls.contacts / calls.dials, 0.5)", unit: share}
  leads_a_call: {formula: calls.dials / leads.created, unit: ratio}
  rest: {formula: "1 - coalesce(calls.contacts / calls.answered, 0)", unit: share}
measures:
  calls:
    spent: {sum: cost}
    longest: {max: talk_s}
attributes:
  tier: attributes.a
segments:
  size:
    - {name: small, where: "campaign in ('A', 'a')"}
    - {name: unknown, where: campaign is null}
  season: [{name: early, where: day < '2026-03-08'}]
"""
    },
)
"""The built-in words, and some of a user's own."""

CONDITIONS = (
    "campaign = 'A'",
    "campaign is null",
    "campaign not in ('A', 'B')",
    "lower(campaign) = 'a' or region = 'é'",
    "team != 'B'",
    "team is null or team = ''",
    "agent_tenure = '0-29 days'",
    "day >= '2026-03-08'",
    "month = '2026-03-01' or day < '2026-01-01'",
    "hour between 2 and 12",
    "result in ('human', null)",
    "contact",
    "not contact",
    "lead_source = 'A'",
    "attributes.a = 'x'",
    "tier is not null",
    "size = 'small'",
    "season != 'early'",
    "talk_s > 10",
    "started_at >= '2026-03-08'",
    "experiment = 'A'",
    "experiment in ('A', 'several') and variant is not null",
)


def facts(question_kpis: tuple[str, ...]) -> tuple[str, ...]:
    """List the facts that some KPIs read."""
    read_ = (fact for kpi in question_kpis for fact in read(WORDS.kpis[kpi], WORDS).facts)
    return tuple(dict.fromkeys(read_))


def trailing(kpi: str) -> bool:
    """Say whether a KPI looks back from the period's end, so that no bucket can be asked of it."""
    return any(
        WORDS.facts[f].measures[m].trailing for f, m in read(WORDS.kpis[kpi], WORDS).measures
    )


def lasts(kpi: str) -> tuple[bool, bool]:
    """Say whether a KPI counts what is alive at some time, and whether it spreads over days."""
    read_ = [(WORDS.facts[f], m) for f, m in read(WORDS.kpis[kpi], WORDS).measures]
    alive = any(fact.measures[name].clock == ALIVE for fact, name in read_)
    return alive, any(fact.days is not None for fact, _ in read_)


def periods(world: World) -> st.SearchStrategy[Period]:
    """Draw a period of some days around the world's times, open on either side at times."""
    day = st.builds(
        lambda at, days: at.date() + dt.timedelta(days=days),
        st.sampled_from(world.instants),
        st.sampled_from((-400, -31, -2, -1, 0, 1)),
    )

    def length(start: dt.date) -> st.SearchStrategy[Period]:
        days = st.sampled_from((1, 2, 7, 31, 800))
        return days.map(lambda width: Period(start, start + dt.timedelta(days=width)))

    closed = day.filter(lambda start: start >= dt.date(1970, 1, 1)).flatmap(length)
    return st.just(Period()) | closed | closed | closed.map(lambda p: Period(None, p.end))


@st.composite
def questions(draw: st.DrawFn, world: World, *, bucketed: bool = False) -> Question:
    """Draw a question that can be asked: every dimension and condition fits its facts.

    Args:
        draw: Hypothesis draws with it.
        world: What is asked about.
        bucketed: Whether each of its KPIs can be cut into time buckets.
    """
    allowed = sorted(kpi for kpi in WORDS.kpis if not (bucketed and trailing(kpi)))
    told = [kpi for kpi in allowed if all(world.tables.get(fact) for fact in facts((kpi,)))]
    allowed = told or allowed
    asked = tuple(draw(st.lists(st.sampled_from(allowed), min_size=1, max_size=4, unique=True)))
    read_ = tuple(WORDS.facts[fact] for fact in facts(asked))
    shared = shared_dimensions(read_, WORDS)
    columns = [set(fact.table.types) for fact in read_]

    def fits(text: str) -> bool:
        used = {name for name in names(parse(text)) if not name.startswith("attributes.")}
        leads = all("leads" in (f.name, *(lookup.table for lookup in f.lookups)) for f in read_)
        known = all(name in shared or all(name in c for c in columns) for name in used)
        return known and (leads or "attributes." not in text)

    looks_back = any(map(trailing, asked))
    alive, by_days = (any(kinds) for kinds in zip(*map(lasts, asked), strict=True))
    uncut = looks_back or alive
    shared = tuple(name for name in shared if not (uncut and _bucketed(name)))
    conditions = [text for text in CONDITIONS if fits(text) and not (alive and _in_bucket(text))]
    grains = tuple(Grain)[1:] if alive or by_days else tuple(Grain)
    period = draw(periods(world))
    if alive or by_days:
        # Every bucket is listed in the plan; days between 1970 and 2026 are too many.
        period = period if period.start and period.end else Period()
        grains = grains if period.start else (Grain.QUARTER, Grain.YEAR)
        shared = shared if period.start else tuple(n for n in shared if not _bucketed(n))
        conditions = [text for text in conditions if period.start or not _in_bucket(text)]
    where = st.lists(st.sampled_from(conditions), max_size=2, unique=True)
    return Question(
        kpis=asked,
        by=tuple(draw(st.lists(st.sampled_from(shared), max_size=2, unique=True))),
        where=tuple(draw(st.just([]) | where)),
        period=period,
        grain=None if looks_back else draw(st.none() | st.sampled_from(grains)),
        timezone=draw(st.sampled_from(ZONES)),
        week_starts=draw(st.sampled_from((1, 1, 6, 7))),
        as_of=draw(st.none() | st.sampled_from(world.instants)),
        totals=draw(st.booleans()),
    )


def _bucketed(dimension: str) -> bool:
    return dimension in TIME_DIMENSIONS


def _in_bucket(condition: str) -> bool:
    used = names(parse(condition))
    return any(map(_bucketed, used)) or "season" in used
