"""Is the work for a question exactly what its words say?"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from dialgauge.catalogue.user import built_in, extend
from dialgauge.errors import DialgaugeError, DimensionError, UnknownNameError, UsageError
from dialgauge.model.expression import And, Compare, Expression, Literal, Name, conjunction, walk
from dialgauge.model.fact import Spread
from dialgauge.model.parse import parse
from dialgauge.model.question import Grain, Period, Question
from dialgauge.model.table import Type
from dialgauge.plan.nodes import Aggregation, Bucket, Function, Join, Leg, Offset, Output
from dialgauge.plan.planner import Planned, Reach, plan, plan_rows

WORDS = extend(
    built_in(),
    {
        "test": """
kpis:
  known_talks: {formula: calls.known_talks, unit: count}
  both_clocks: {formula: leads.qualified / leads.created, unit: ratio}
  pauses: {formula: agent_time.pauses, unit: count}
measures:
  calls:
    known_talks: {count: talk_s}
  agent_time:
    pauses: {count: all, where: opens and state = 'paused'}
segments:
  half: [{name: first, where: day < '2026-01-16'}]
"""
    },
)
NOW = dt.datetime(2026, 7, 1, 12, tzinfo=dt.UTC)
JANUARY = Period(dt.date(2026, 1, 1), dt.date(2026, 2, 1))
UTC = (Offset(None, 0),)


def utc(text: str) -> dt.datetime:
    """Read an instant in UTC."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def planned(question: Question, guard: tuple[str, ...] = ()) -> Planned:
    """Plan a question at noon of 1 July 2026."""
    return plan(question, WORDS, now=NOW, guard=guard)


def only_leg(question: Question) -> Leg:
    """Plan a question that reads one fact."""
    (found,) = planned(question).plan.legs
    return found


def wheres(leg: Leg) -> dict[str, Expression | None]:
    """List the conditions of a leg's aggregates by name."""
    return {node.name: node.where for node in leg.aggregations}


def test_a_share_is_two_counts_and_a_division() -> None:
    """One pass over calls with exactly the columns the two conditions read."""
    found = planned(Question(kpis=("contact_rate",), period=JANUARY)).plan
    assert found.legs == (
        Leg(
            fact="calls",
            columns=("started_at", "direction", "contact", "test"),
            clocks=("started_at",),
            start=utc("2026-01-01"),
            end=utc("2026-02-01"),
            aggregations=(
                Aggregation(
                    name="calls.contacts",
                    function=Function.COUNT,
                    where=parse("direction = 'outbound' and contact"),
                    type=Type.INTEGER,
                ),
                Aggregation(
                    name="calls.dials",
                    function=Function.COUNT,
                    where=parse("direction = 'outbound'"),
                    type=Type.INTEGER,
                ),
            ),
            left_out=(
                ("calls.test", Name("test")),
                ("calls.internal", parse("direction = 'internal'")),
            ),
        ),
    )
    assert found.outputs == (
        Output(name="contact_rate", formula=parse("calls.contacts / calls.dials")),
    )
    assert found.totals


def test_the_period_is_of_the_questions_days() -> None:
    """January of Tbilisi begins at 20:00 UTC on the last of December."""
    found = planned(Question(kpis=("dials",), period=JANUARY, timezone="Asia/Tbilisi"))
    assert (found.start, found.end) == (utc("2025-12-31 20:00"), utc("2026-01-31 20:00"))
    assert (found.plan.legs[0].start, found.plan.legs[0].end) == (found.start, found.end)


def test_keys_come_in_the_order_asked_and_each_once() -> None:
    """First the bucket, then the dimensions; hours are seconds, days are dates."""
    question = Question(kpis=("dials",), by=("team", "month", "team"), grain=Grain.HOUR)
    found = only_leg(replace(question, period=JANUARY))
    assert [(key.name, key.type) for key in found.keys] == [
        ("period", Type.INTEGER),
        ("team", Type.TEXT),
        ("month", Type.DATE),
    ]
    assert found.keys[0].expression == Bucket(Name("started_at"), Grain.HOUR, UTC)
    assert found.joins == (Join(table="agents", on="agent_id", key="agent_id", columns=("team",)),)
    assert "agent_id" in found.columns


def test_offsets_reach_a_day_around_the_period_and_else_as_far_as_the_data() -> None:
    """Berlin changes on 29 March: a period up to the 28th sees it, data up to June as well."""
    question = Question(kpis=("dials",), grain=Grain.DAY, timezone="Europe/Berlin")
    near = replace(question, period=Period(dt.date(2026, 2, 1), dt.date(2026, 3, 28)))
    assert only_leg(near).keys[0].expression == Bucket(
        Name("started_at"), Grain.DAY, (Offset(None, 3600),)
    )
    reach = Reach(start=utc("2026-02-01"), end=utc("2026-06-01"))
    (found,) = plan(question, WORDS, now=NOW, reach=reach).plan.legs
    changed = Offset(int(utc("2026-03-29 01:00").timestamp()), 7200)
    assert found.keys[0].expression == Bucket(
        Name("started_at"), Grain.DAY, (Offset(None, 3600), changed)
    )


def test_two_clocks_of_one_fact_take_one_pass() -> None:
    """Each measure counts the rows that stand for its own clock."""
    found = only_leg(Question(kpis=("both_clocks",), grain=Grain.DAY, period=JANUARY))
    assert found.clocks == ("created_at", "sql_at")
    assert found.keys[0].expression == Bucket(Name("at"), Grain.DAY, UTC)
    assert wheres(found) == {
        "leads.qualified": parse("clock = 'sql_at' and sql_at is not null"),
        "leads.created": parse("clock = 'created_at'"),
    }


def test_a_measure_on_another_clock_alone_is_read_on_it() -> None:
    """Qualified leads are cut and filtered by the time they were qualified."""
    found = only_leg(Question(kpis=("qualified_leads",), grain=Grain.DAY, period=JANUARY))
    assert found.clocks == ("sql_at",)
    assert found.keys[0].expression == Bucket(Name("sql_at"), Grain.DAY, UTC)
    assert wheres(found) == {"leads.qualified": parse("sql_at is not null")}


@pytest.mark.parametrize(
    ("as_of", "judged"),
    [
        (None, NOW),
        (utc("2026-02-01"), utc("2026-02-01")),
        (dt.datetime.fromisoformat("2026-02-01T04:00+04:00"), utc("2026-02-01")),
    ],
)
def test_young_rows_count_on_neither_side(as_of: dt.datetime | None, judged: dt.datetime) -> None:
    """A lead counts when 90 days have passed at the moment of judging; the others are counted."""
    question = Question(kpis=("lead_conversion_rate",), period=JANUARY, as_of=as_of)
    found = wheres(only_leg(question))
    ripe = str(Compare("<=", Name("created_at"), Literal(judged - dt.timedelta(days=90))))
    assert set(found) == {
        "leads.converted_in_90_days",
        "leads.converted_in_90_days:immature",
        "leads.created_90_days_ago",
        "leads.created_90_days_ago:immature",
    }
    assert all(ripe in str(where) for where in found.values())
    whole, young = found["leads.created_90_days_ago"], found["leads.created_90_days_ago:immature"]
    assert str(young) == f"Not(operand={whole})"


def test_by_the_end_of_the_bucket_means_not_in_a_later_one() -> None:
    """Without buckets it means before the period's end; with two, before the end of both."""
    question = Question(kpis=("list_penetration",), period=JANUARY)
    dialled = Name("journeys.first_dial_at")

    def limit(**changes: object) -> Expression | None:
        return wheres(only_leg(replace(question, **changes)))["leads.dialled_by_end"]  # type: ignore[arg-type]

    before_end = parse("journeys.first_dial_at < x")
    assert str(limit()) == str(before_end).replace(
        "Name(name='x')", str(Literal(utc("2026-02-01")))
    )
    weekly = limit(grain=Grain.WEEK, by=("month",))
    assert isinstance(weekly, And)
    grains = [str(operand) for operand in weekly.operands[1:]]
    assert grains == [
        f"Compare(operator='<=', left={Bucket(dialled, grain, UTC)}, "
        f"right={Bucket(Name('created_at'), grain, UTC)})"
        for grain in (Grain.WEEK, Grain.MONTH)
    ]


@pytest.mark.parametrize(
    ("question", "pieces"),
    [
        (Question(kpis=("agent_hours",)), 0),
        (Question(kpis=("agent_hours",), by=("team",)), 0),
        (Question(kpis=("agent_hours",), grain=Grain.DAY), 86_400),
        (Question(kpis=("agent_hours",), grain=Grain.HOUR), 3600),
        (Question(kpis=("agent_hours",), by=("month",)), 86_400),
        (Question(kpis=("agent_hours",), by=("half",)), 86_400),
        (Question(kpis=("agent_hours",), where=("day = '2026-01-05'",)), 86_400),
        (Question(kpis=("agent_hours",), grain=Grain.DAY, timezone="Asia/Kathmandu"), 900),
    ],
)
def test_intervals_are_cut_whenever_a_day_is_asked(question: Question, pieces: int) -> None:
    """As key, as part of a segment, or as filter: a night shift belongs to two days."""
    found = only_leg(replace(question, period=JANUARY))
    assert (found.spread, found.pieces_s) == (Spread.INTERVAL, pieces)
    assert {"started_at", "ended_at"} <= set(found.columns)
    assert found.left_out == (("agent_time.unfinished", parse("ended_at is null")),)


def test_intervals_are_counted_where_they_open() -> None:
    """A pause across midnight is one pause."""
    found = only_leg(Question(kpis=("pauses",), grain=Grain.DAY, period=JANUARY))
    assert wheres(found) == {"agent_time.pauses": parse("opens and state = 'paused'")}


def test_counting_known_values_gives_a_whole_number() -> None:
    """`count: talk_s` counts the calls whose talk time is known."""
    (counted,) = only_leg(Question(kpis=("known_talks",))).aggregations
    assert (counted.argument, counted.type) == (Name("talk_s"), Type.INTEGER)


def test_the_mean_brings_what_its_interval_needs() -> None:
    """The squares of talk times come from the same pass."""
    found = only_leg(Question(kpis=("avg_handle_time",)))
    assert [(node.name, node.function) for node in found.aggregations] == [
        ("calls.handling", Function.SUM),
        ("calls.handled", Function.COUNT),
        ("calls.handling:squares", Function.SUM_OF_SQUARES),
    ]


def test_two_facts_take_two_legs_with_the_same_keys() -> None:
    """Never a join; filters hold in both."""
    question = Question(
        kpis=("dials_per_agent_hour",), by=("agent",), where=("team = 'A'",), period=JANUARY
    )
    legs = planned(question).plan.legs
    assert [leg.fact for leg in legs] == ["calls", "agent_time"]
    assert [[key.name for key in leg.keys] for leg in legs] == [["agent"], ["agent"]]
    assert [leg.where for leg in legs] == 2 * [parse("agents.team = 'A'")]


def test_row_rules_are_part_of_the_plan_and_its_digest() -> None:
    """Whoever may see less has another plan, so never another's cached answer."""
    question = Question(kpis=("dials",), where=("region = 'North'",), period=JANUARY)
    free, bound = planned(question), planned(question, guard=("team = 'A'",))
    assert bound.plan.legs[0].where == conjunction(
        parse("region = 'North'"), parse("agents.team = 'A'")
    )
    assert free.plan.digest == planned(question).plan.digest
    assert free.plan.digest != bound.plan.digest
    assert bound.plan.digest != planned(question, guard=("team = 'B'",)).plan.digest


def test_a_row_rule_that_a_fact_cannot_tell_refuses_the_question() -> None:
    """Otherwise its rows would be shown to everybody."""
    with pytest.raises(DimensionError, match="agent_time has no 'region'"):
        planned(Question(kpis=("agent_hours",)), guard=("region = 'North'",))


def test_sums_of_nothing_are_0_or_unknown_as_declared() -> None:
    """Paid time of nobody is 0 seconds; handling of no call says nothing."""
    found = planned(Question(kpis=("agent_hours", "avg_handle_time"))).plan
    formulas = {output.name: output.formula for output in found.outputs}
    assert formulas["agent_hours"] == parse("coalesce(agent_time.working, 0) / 3600")
    assert "coalesce" not in str(formulas["avg_handle_time"])


def test_a_kpi_asked_twice_is_fetched_once() -> None:
    """The second time changes nothing."""
    once, twice = (planned(Question(kpis=kpis)) for kpis in (("dials",), ("dials", "dials")))
    assert once.plan.digest == twice.plan.digest


REFUSED: dict[str, tuple[Question, type[DialgaugeError], str]] = {
    "nothing": (Question(kpis=()), UsageError, "name at least one, `dialgauge kpis` lists them"),
    "kpi": (
        Question(kpis=("dails",)),
        UnknownNameError,
        "unknown KPI 'dails'; did you mean 'dials'",
    ),
    "dimension as KPI": (
        Question(kpis=("dials", "campaign_period")),
        UsageError,
        "write --by campaign_period",
    ),
    "zone": (Question(kpis=("dials",), timezone="Mars"), UnknownNameError, "unknown time zone"),
    "dimension": (
        Question(kpis=("dials",), by=("tema",)),
        UnknownNameError,
        "unknown dimension 'tema'; did you mean 'team'",
    ),
    "column": (Question(kpis=("dials",), by=("agent_id",)), UnknownNameError, "'agent_id'"),
    "lacking": (Question(kpis=("occupancy",), by=("hour",)), DimensionError, "agent_time cannot"),
    "empty": (
        Question(kpis=("dials",), period=Period(dt.date(2026, 1, 2), dt.date(2026, 1, 2))),
        UsageError,
        "the period from 2026-01-02 to 2026-01-02 is empty; the last day is exclusive",
    ),
    "backwards": (
        Question(kpis=("dials",), period=Period(dt.date(2026, 1, 3), dt.date(2026, 1, 2))),
        UsageError,
        "from 2026-01-03 to 2026-01-02 is empty",
    ),
    "too early": (
        Question(kpis=("dials",), period=Period(dt.date(1, 1, 1)), timezone="Asia/Tbilisi"),
        UsageError,
        "0001-01-01 is out of reach; days from 1970-01-01 to 2100-01-01 can be asked",
    ),
    "too late": (
        Question(kpis=("dials",), period=Period(None, dt.date(9999, 12, 31))),
        UsageError,
        "9999-12-31 is out of reach",
    ),
    "week": (Question(kpis=("dials",), week_starts=0), UsageError, "weeks cannot start on day 0"),
    "as of": (
        Question(kpis=("dials",), as_of=dt.datetime(2026, 1, 1)),  # noqa: DTZ001 - the point
        UsageError,
        "has no time zone",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_asked_is_refused_in_a_sentence(case: str) -> None:
    """With what is allowed; all of these are the asker's to mend."""
    question, kind, told = REFUSED[case]
    with pytest.raises(kind) as caught:
        planned(question)
    assert told in str(caught.value)
    assert caught.value.status == 2


def test_the_rows_behind_a_share_are_those_of_either_side() -> None:
    """Contacts and dials are both outbound calls; left-out rows stay out."""
    question = Question(kpis=("contact_rate", "dials"), where=("team = 'A'",), period=JANUARY)
    rows = plan_rows(question, WORDS, now=NOW, limit=7, guard=("region = 'North'",))
    assert (rows.key, rows.limit, rows.leg.fact) == ("call_id", 7, "calls")
    assert rows.leg.columns == tuple(WORDS.tables["calls"].types)
    assert (rows.leg.keys, rows.leg.aggregations) == ((), ())
    assert rows.leg.where == conjunction(parse("agents.team = 'A'"), parse("region = 'North'"))
    assert rows.condition == parse("direction = 'outbound' and contact or direction = 'outbound'")
    assert [reason for reason, _ in rows.leg.left_out] == ["calls.test", "calls.internal"]
    assert (rows.leg.start, rows.leg.end) == (utc("2026-01-01"), utc("2026-02-01"))


def test_the_rows_behind_all_rows_have_no_condition() -> None:
    """Every lead counts as created."""
    rows = plan_rows(Question(kpis=("leads_created",)), WORDS, now=NOW, limit=1)
    assert rows.condition is None


def test_the_rows_behind_two_facts_are_of_the_first() -> None:
    """Dials per agent hour shows the dials."""
    rows = plan_rows(Question(kpis=("dials_per_agent_hour",)), WORDS, now=NOW, limit=1)
    assert (rows.leg.fact, rows.condition) == ("calls", parse("direction = 'outbound'"))


def test_times_outside_the_months_of_the_files_get_the_offset_of_their_own_time() -> None:
    """A lead of January qualified in June counts in June's local time.

    Files are stored by the month in which leads came in, which says nothing of other clocks; an
    interval that begins in the last month may end after it, when clocks have changed.
    """
    winter = Reach(start=utc("2026-01-01"), end=utc("2026-02-01"))

    def since(kpi: str) -> list[int | None]:
        question = Question(kpis=(kpi,), grain=Grain.DAY, timezone="America/New_York")
        (found,) = plan(question, WORDS, now=utc("2026-12-31"), reach=winter).plan.legs
        bucket = found.keys[0].expression
        assert isinstance(bucket, Bucket)
        return [each.since for each in bucket.offsets]

    spring = int(utc("2026-03-08 07:00").timestamp())
    autumn = int(utc("2026-11-01 06:00").timestamp())
    assert {spring, autumn} <= {*since("qualified_leads")}
    assert since("occupancy") == [None, spring, autumn]
    assert since("dials") == [None]


@pytest.mark.parametrize(
    ("end", "since"),
    [
        ("2026-06-01", "2026-05-02"),  # the records are older than the moment of asking
        ("2026-09-01", "2026-06-01 12:00"),  # callbacks are promised after it
    ],
)
def test_the_last_30_days_are_never_those_to_come(end: str, since: str) -> None:
    """Without a period they end with the records, or now where records reach into the future."""
    reach = Reach(start=utc("2026-01-01"), end=utc(end))
    question = Question(kpis=("drop_rate_30d",))
    (found,) = plan(question, WORDS, now=NOW, reach=reach).plan.legs
    moments = {
        node.value
        for each in found.aggregations
        for node in walk(each.where)
        if isinstance(node, Literal) and isinstance(node.value, dt.datetime)
    }
    assert moments == {utc(since)}
