"""Does each shape of formula get the interval that is honest for it, or none?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from dialgauge.catalogue.user import built_in, extend
from dialgauge.errors import ExpressionError, UnknownNameError
from dialgauge.model.expression import Name
from dialgauge.model.kpi import Kpi, Unit
from dialgauge.model.parse import parse
from dialgauge.plan.reading import Certainty, by_fact, read

WORDS = extend(
    built_in(),
    {"test": "measures: {calls: {longest: {max: talk_s}, talk_again: {sum: talk_s}}}"},
)


def kpi(formula: str, unit: Unit = Unit.RATIO) -> Kpi:
    """Make a KPI."""
    return Kpi(name="x", formula=formula, unit=unit)


SHAPES = {
    "calls.dials": (Certainty.COUNT, "calls.dials"),
    "calls.leads_worked": (Certainty.COUNT, "calls.leads_worked"),
    "calls.talk": (Certainty.SUM, "calls.talk:n"),
    "calls.median_talk": (Certainty.QUANTILE, "calls.median_talk:n"),
    "calls.longest": (Certainty.NONE, "calls.longest:n"),
    "calls.talk / calls.handled": (Certainty.MEAN, "calls.handled"),
    "calls.talk / calls.ring": (Certainty.RATIO, "calls.ring:n"),
    "calls.dials / calls.leads_worked": (Certainty.NONE, "calls.leads_worked"),
    "calls.contacts / calls.dials": (Certainty.NONE, "calls.dials"),  # not said to be a share
    "calls.dials / agent_time.working": (Certainty.RATE, "calls.dials"),
    "calls.dials / (agent_time.working / 3600)": (Certainty.RATE, "calls.dials"),
    "calls.dials / (calls.answered + leads.created)": (Certainty.NONE, "leads.created"),
    "calls.talk / agent_time.working": (Certainty.PLUGGED, "calls.talk:n"),
    "(calls.dials - agent_time.working) / agent_time.working": (Certainty.PLUGGED, "calls.dials"),
    "cost_shares.amount / calls.dials": (Certainty.PLUGGED, "calls.dials"),
    "(orders.revenue - cost_shares.amount) / cost_shares.amount": (
        Certainty.PLUGGED,
        "orders.revenue:n",
    ),
    "orders.revenue / calls.dials": (Certainty.PLUGGED, "orders.revenue:n"),
    "cost_shares.amount": (Certainty.NONE, "cost_shares.amount:n"),
    "deals.days_to_win": (Certainty.TIME_TO, "deals.days_to_win:n"),
    "deals.open * 2 / deals.days_to_win": (Certainty.NONE, "deals.days_to_win:n"),
    "lifetimes.expected_value / lifetimes.acquired": (Certainty.NONE, "lifetimes.acquired"),
    "agent_time.working": (Certainty.NONE, "agent_time.working:n"),
    "agent_time.working / 3600": (Certainty.NONE, "agent_time.working:n"),
    "agent_time.occupied / agent_time.working": (Certainty.NONE, "agent_time.working:n"),
    "calls.dials - calls.contacts": (Certainty.NONE, "calls.contacts"),
    "100 * calls.contacts / calls.dials": (Certainty.NONE, "calls.dials"),
}


@pytest.mark.parametrize("formula", SHAPES)
def test_shapes_decide_the_interval(formula: str) -> None:
    """A count out of a count, a mean, a ratio, a rate, a count, a sum, a quantile, or nothing."""
    reading = read(kpi(formula), WORDS)
    assert (reading.certainty, reading.counted) == SHAPES[formula]
    assert bool(reading.reason) is (reading.certainty is Certainty.NONE)


@pytest.mark.parametrize(
    ("formula", "certainty"),
    [
        ("calls.contacts / calls.dials", Certainty.SHARE),
        ("calls.leads_contacted / calls.leads_worked", Certainty.SHARE),
        ("calls.contacts / calls.leads_worked", Certainty.NONE),
        ("calls.dials / leads.created", Certainty.RATE),
    ],
)
def test_shares_are_of_like_counts_of_one_fact(formula: str, certainty: Certainty) -> None:
    """Calls out of leads are no share, whatever the unit says."""
    assert read(kpi(formula, Unit.SHARE), WORDS).certainty is certainty


def test_a_division_has_two_parts() -> None:
    """The last division at the top splits; a number below a fraction does not."""
    reading = read(kpi("calls.talk / calls.dials / calls.answered"), WORDS)
    assert reading.numerator == parse("calls.talk / calls.dials")
    assert reading.denominator == Name("calls.answered")
    assert (reading.column("numerator"), reading.column("denominator")) == (
        "x:numerator",
        "calls.answered",
    )
    hours = read(kpi("agent_time.working / 3600"), WORDS)
    assert (hours.numerator, hours.denominator) == (parse("agent_time.working / 3600"), None)
    assert read(kpi("calls.median_talk"), WORDS).numerator is None


def test_each_fact_is_read_for_what_is_needed_once() -> None:
    """Measures that two KPIs share are fetched once, in the order they are met."""
    readings = tuple(
        read(kpi(formula), WORDS)
        for formula in ("calls.contacts / calls.dials", "calls.dials / agent_time.working")
    )
    assert by_fact(readings) == {"calls": ("contacts", "dials"), "agent_time": ("working",)}
    assert readings[1].facts == ("calls", "agent_time")


@pytest.mark.parametrize(
    ("formula", "told"),
    [
        ("calls.dials > 1", "but not compare"),
        ("lower(calls.dials)", "but not call"),
        ("1 + 1", "reads no measure; name one"),
        ("calls.dials +", "cannot read"),
    ],
)
def test_what_is_no_formula_is_refused(formula: str, told: str) -> None:
    """Conditions, other functions, constants alone and broken texts."""
    with pytest.raises(ExpressionError, match=told):
        read(kpi(formula), WORDS)


def test_unknown_measures_and_facts_are_refused() -> None:
    """Each with a guess."""
    with pytest.raises(UnknownNameError, match=r"measure of calls 'dails'; did you mean 'dials'"):
        read(kpi("calls.dails"), WORDS)
    with pytest.raises(UnknownNameError, match=r"fact 'call'; did you mean 'calls'"):
        read(replace(kpi("call.dials")), WORDS)
