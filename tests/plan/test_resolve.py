"""Does a name mean the same thing wherever it is used, and is the rest refused?"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from dialgauge.catalogue.user import built_in
from dialgauge.errors import DialgaugeError, DimensionError, ExpressionError, UnknownNameError
from dialgauge.model.expression import Call, Case, Compare, Expression, Literal, Name
from dialgauge.model.parse import parse
from dialgauge.model.question import Grain
from dialgauge.model.segment import Segment
from dialgauge.model.table import Type
from dialgauge.plan.nodes import Bucket, Join, Offset
from dialgauge.plan.resolve import (
    Scope,
    dimensions,
    filter_condition,
    held_to,
    joins,
    key,
    need_dimensions,
    shared_dimensions,
)

WORDS = replace(
    built_in(),
    segments={
        "daypart": Segment(name="daypart", rules=(("am", "hour < 12"), ("pm", "hour < 18"))),
        "calm": Segment(name="calm", rules=(("yes", "daypart = 'am' and tier = 'gold'"),)),
        "idle": Segment(name="idle", rules=(("yes", "state = 'available'"),)),
    },
    attributes={"tier": "attributes.tier"},
)
UTC = (Offset(None, 0),)


def scope(fact: str, zone: str = "UTC") -> Scope:
    """Stand on a fact."""
    at = Name(WORDS.facts[fact].clocks[0])
    return Scope(fact=WORDS.facts[fact], words=WORDS, at=at, offsets=UTC, zone=zone)


DAYPART = Case(
    (
        (Compare("<", Name("local_hour"), Literal(12)), Literal("am")),
        (Compare("<", Name("local_hour"), Literal(18)), Literal("pm")),
    ),
    Literal("other"),
)
TIER = Call("json_text", (Name("leads.attributes"), Literal("tier")))


@pytest.mark.parametrize(
    ("fact", "name", "expected", "type_"),
    [
        ("calls", "campaign", Name("campaign_id"), Type.TEXT),
        ("calls", "team", Name("agents.team"), Type.TEXT),
        ("calls", "hour", Name("local_hour"), Type.INTEGER),
        ("calls", "day", Bucket(Name("started_at"), Grain.DAY, UTC), Type.DATE),
        ("leads", "month", Bucket(Name("created_at"), Grain.MONTH, UTC), Type.DATE),
        ("calls", "daypart", DAYPART, Type.TEXT),
        ("calls", "tier", TIER, Type.TEXT),
        ("leads", "tier", Call("json_text", (Name("attributes"), Literal("tier"))), Type.TEXT),
    ],
)
def test_dimensions_become_columns(fact: str, name: str, expected: Expression, type_: Type) -> None:
    """A dimension, a time bucket, a segment and an attribute each read the fact's columns."""
    assert key(name, scope(fact)) == (expected, type_)


def test_segments_of_segments_are_written_out() -> None:
    """`calm` reads columns only, those of its parts."""
    when = parse("case when daypart = 'am' and tier = 'gold' then 'yes' else 'other' end")
    assert isinstance(when, Case)
    found = str(key("calm", scope("calls"))[0])
    assert str(DAYPART) in found
    assert str(TIER) in found


def test_a_dimension_wins_over_the_column_of_its_name() -> None:
    """`attempt` is the group ('1', '2', '3', '4-6', '7+'), so it equals texts and no numbers."""
    filter_condition("attempt = '4-6'", scope("calls"))
    with pytest.raises(ExpressionError, match=r"condition 'attempt = 4'.*cannot join"):
        filter_condition("attempt = 4", scope("calls"))


def test_filters_read_columns_and_attributes_too() -> None:
    """A column without a dimension, a looked-up one, and any attribute of the lead."""
    assert filter_condition("talk_s > 30", scope("calls")) == parse("talk_s > 30")
    assert filter_condition("agents.hourly_cost > 9", scope("calls")) == parse(
        "agents.hourly_cost > 9"
    )
    assert filter_condition("attributes.tier = 'gold'", scope("calls")) == Compare(
        "=", TIER, Literal("gold")
    )


def test_times_in_filters_are_of_the_questions_zone() -> None:
    """Midnight in Tbilisi is 20:00 UTC the day before."""
    assert filter_condition(
        "started_at >= '2026-07-01'", scope("calls", "Asia/Tbilisi")
    ) == Compare(">=", Name("started_at"), Literal(dt.datetime(2026, 6, 30, 20, tzinfo=dt.UTC)))


REFUSED: dict[tuple[str, str], tuple[type[DialgaugeError], str]] = {
    ("calls", "tem = 'a'"): (
        UnknownNameError,
        "unknown dimension or column 'tem'; did you mean 'team'?",
    ),
    ("agent_time", "hour = 9"): (DimensionError, "agent_time has no 'hour'; it can be filtered by"),
    ("agent_time", "daypart = 'am'"): (DimensionError, "agent_time has no 'hour'"),
    ("agent_time", "attributes.tier = 'a'"): (DimensionError, "has no 'attributes.tier'"),
    ("agent_time", "seconds > 60"): (UnknownNameError, "unknown dimension or column 'seconds'"),
    ("agent_time", "opens"): (UnknownNameError, "unknown dimension or column 'opens'"),
    ("calls", "hour"): (ExpressionError, "the condition 'hour' gives a number, not true or false"),
    ("calls", "hour = 'nine'"): (ExpressionError, "in the condition 'hour = 'nine''"),
    ("calls", "started_at > 'soon'"): (ExpressionError, "'soon' is not a time"),
    ("calls", "evil(hour) = 1"): (UnknownNameError, "unknown function 'evil'"),
}


@pytest.mark.parametrize(("fact", "text"), REFUSED)
def test_filters_that_mean_nothing_are_refused(fact: str, text: str) -> None:
    """The sentence names what is wrong and what is allowed."""
    kind, told = REFUSED[fact, text]
    with pytest.raises(kind) as caught:
        filter_condition(text, scope(fact))
    assert told in str(caught.value)


def test_each_fact_lists_what_it_can_be_split_by() -> None:
    """Segments and attributes count where all their parts are known."""
    assert {"team", "week", "daypart", "calm", "tier"} <= set(
        dimensions(WORDS.facts["calls"], WORDS)
    )
    agent_time = set(dimensions(WORDS.facts["agent_time"], WORDS))
    assert {"team", "week", "idle"} <= agent_time
    assert not {"hour", "daypart", "calm", "tier"} & agent_time


def test_what_filters_hold_a_dimension_to() -> None:
    """One text that must hold for every row; not one among others, nor one of two at odds."""
    assert held_to(()) == {}
    assert held_to(("experiment = 'a' and (talk_s > 3 and 'x' = team)", "list in ('y')")) == {
        "experiment": "a",
        "team": "x",
        "list": "y",
    }
    assert held_to(("experiment = 'a' or talk_s > 3", "not team = 'x'", "list in ('y', 'z')")) == {}
    assert held_to(("experiment = 'a'", "experiment = 'b'", "talk_s = 3", "hour = 5")) == {}


def test_a_dimension_that_one_fact_lacks_is_refused_with_the_shared_ones() -> None:
    """Agents' time has no called party, so no hour; team and time they share."""
    facts = (WORDS.facts["calls"], WORDS.facts["agent_time"])
    assert shared_dimensions(facts, WORDS) == (
        *("campaign", "agent", "team", "agent_tenure", "experiment", "variant", "source"),
        *("day", "week", "month", "quarter", "year"),
    )
    with pytest.raises(DimensionError) as caught:
        need_dimensions(("hour",), facts, WORDS)
    assert str(caught.value).startswith(
        "agent_time cannot be split by 'hour'; all facts of this question share: campaign, agent, "
        "team, agent_tenure, experiment, variant, source, day, week, month, quarter, year."
    )
    need_dimensions(("team", "month"), facts, WORDS)


def test_a_dimension_that_no_fact_has_is_unknown() -> None:
    """With a guess and what is allowed."""
    with pytest.raises(UnknownNameError, match="unknown dimension 'tema'; did you mean 'team'"):
        need_dimensions(("tema",), (WORDS.facts["calls"],), WORDS)


def test_only_what_is_read_is_looked_up() -> None:
    """Each table once, with the columns wanted of it."""
    read = ("agents.team", "talk_s", "leads.region", "agents.hired_on")
    assert joins(read, scope("calls")) == (
        Join(table="agents", on="agent_id", key="agent_id", columns=("team", "hired_on")),
        Join(table="leads", on="lead_id", key="lead_id", columns=("region",)),
    )
