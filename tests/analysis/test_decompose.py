"""Do the effects of groups add up to the change, and mean what they say?"""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgauge.analysis.additive import adds_up
from dialgauge.analysis.compare import compare
from dialgauge.analysis.decompose import Part, Split, decompose, need_parts, split
from dialgauge.catalogue.user import built_in
from dialgauge.errors import UsageError
from dialgauge.model.answer import Answer, Row, Value
from dialgauge.model.explanation import Explanation
from dialgauge.model.kpi import Kpi, Unit
from dialgauge.model.parse import parse
from dialgauge.model.question import Question
from dialgauge.plan.reading import Reading, read

WORDS = built_in()
NUMBERS = st.floats(0, 1e9, allow_subnormal=False).map(lambda number: round(number, 4))
COUNTS = st.integers(0, 10_000)


def part(*numbers: float) -> Part:
    """Write a group: numerator and denominator before, then now."""
    return Part(*(Fraction(number) for number in numbers))


@st.composite
def groups(draw: st.DrawFn) -> list[Part]:
    """Draw groups with fewer hits than tries, some of them in one period only."""
    found = []
    for _ in range(draw(st.integers(1, 6))):
        bottom, new_bottom = draw(COUNTS), draw(COUNTS)
        top, new_top = draw(st.integers(0, bottom)), draw(st.integers(0, new_bottom))
        found.append(part(top, bottom, new_top, new_bottom))
    return [*found, part(1, 2, 1, 3)]


@st.composite
def loose_groups(draw: st.DrawFn) -> list[Part]:
    """Draw groups of money over hours, some of which have money and no hours."""
    numbers = st.one_of(st.just(0.0), NUMBERS)
    found = [
        part(draw(numbers), draw(numbers), draw(numbers), draw(numbers))
        for _ in range(draw(st.integers(1, 6)))
    ]
    return [*found, part(1, 2, 1, 3)]


def change(parts: list[Part]) -> Fraction:
    """Work out the change of the whole from sums alone."""
    before = sum(each.top for each in parts) / Fraction(sum(each.bottom for each in parts))
    after = sum(each.new_top for each in parts) / Fraction(sum(each.new_bottom for each in parts))
    return after - before


def totals(found: list[Split]) -> tuple[Fraction, Fraction]:
    """Add up mix and rate."""
    return Fraction(sum(each.mix for each in found)), Fraction(sum(each.rate for each in found))


def test_two_lists_by_hand() -> None:
    """A goes from 20 of 100 to 8 of 50, B from 10 of 100 to 15 of 150; 15 % become 11.5 %.

    A's share falls from 1/2 to 1/4, its ratios average .18 and the totals .1325:
    -1/4 x .0475; its ratio falls by .04 at a mean share of 3/8. B's ratio stays at .1.
    """
    a, b = split([part(20, 100, 8, 50), part(10, 100, 15, 150)])
    assert (a.share, a.new_share) == (Fraction(1, 2), Fraction(1, 4))
    assert (a.mix, a.rate) == (Fraction(-11_875, 1_000_000), Fraction(-15, 1000))
    assert (b.mix, b.rate) == (Fraction(-8125, 1_000_000), Fraction())
    assert a.mix + a.rate + b.mix + b.rate == Fraction(115, 1000) - Fraction(15, 100)


def test_kitagawa_without_centring() -> None:
    """The totals of mix and rate are those of Kitagawa's own formulas, worked out plainly."""
    parts = [part(30, 100, 90, 200), part(5, 300, 2, 100), part(50, 60, 10, 20)]
    mix = rate = Fraction()
    for each in parts:
        share, new_share = each.bottom / 460, each.new_bottom / 320
        ratio, new_ratio = each.top / each.bottom, each.new_top / each.new_bottom
        mix += (new_share - share) * (ratio + new_ratio) / 2
        rate += (new_ratio - ratio) * (share + new_share) / 2
    assert totals(split(parts)) == (mix, rate)


def test_a_group_that_came_is_all_mix() -> None:
    """B came with 10 % where A has 20 %: A's own ratio did nothing, and half of B's dials did."""
    a, b = split([part(20, 100, 20, 100), part(0, 0, 10, 100)])
    assert a.rate == b.rate == 0
    # Totals .2 and .15, mean .175: B 1/2 x (.1 - .175), A -1/2 x (.2 - .175).
    assert (b.mix, a.mix) == (Fraction(-375, 10_000), Fraction(-125, 10_000))


def test_a_group_that_left_is_all_mix() -> None:
    """The same the other way round."""
    a, b = split([part(20, 100, 20, 100), part(10, 100, 0, 0)])
    assert a.rate == b.rate == 0
    assert (b.mix, a.mix) == (Fraction(375, 10_000), Fraction(125, 10_000))


def test_a_numerator_without_denominator_is_rate() -> None:
    """Cost 50 stands under no campaign, and is gone: of 150 / 100 remain 100 / 100."""
    a, unknown = split([part(100, 100, 100, 100), part(50, 0, 0, 0)])
    assert a.mix == a.rate == 0
    assert unknown.share == unknown.mix == 0
    assert unknown.rate == Fraction(-1, 2)


def test_a_group_like_the_whole_may_grow_without_effect() -> None:
    """B is as good as all: that its share doubles moves nothing."""
    b = split([part(10, 50, 10, 50), part(10, 50, 20, 100), part(10, 50, 10, 50)])[1]
    assert b.mix == b.rate == 0


@given(parts=st.one_of(groups(), loose_groups()))
def test_effects_add_up_to_the_change(parts: list[Part]) -> None:
    """Mix and rate of all groups are the change of the whole, to the last digit of fractions."""
    assert sum(totals(split(parts))) == change(parts)


@given(parts=st.one_of(groups(), loose_groups()))
def test_effects_add_up_in_floats(parts: list[Part]) -> None:
    """As floats they do so within 1e-12 of what is added."""
    found = [float(each) for one in split(parts) for each in (one.mix, one.rate)]
    size = sum(abs(each) for each in found)
    assert math.fsum(found) == pytest.approx(float(change(parts)), rel=1e-12, abs=1e-12 * size)


@given(parts=st.one_of(groups(), loose_groups()))
def test_swapped_periods_flip_every_sign(parts: list[Part]) -> None:
    """What explains the way there explains the way back."""
    back = [Part(each.new_top, each.new_bottom, each.top, each.bottom) for each in parts]
    for there, here in zip(split(parts), split(back), strict=True):
        assert (there.mix, there.rate) == (-here.mix, -here.rate)
        assert (there.share, there.new_share) == (here.new_share, here.share)


@given(parts=st.one_of(groups(), loose_groups()), which=st.integers(0, 6))
def test_splitting_a_group_into_equal_halves_changes_nothing(parts: list[Part], which: int) -> None:
    """Two halves alike have half the effects of their group, and others keep theirs."""
    place = which % len(parts)
    whole = parts[place]
    half = Part(whole.top / 2, whole.bottom / 2, whole.new_top / 2, whole.new_bottom / 2)
    before = split(parts)
    after = split([*parts[:place], half, half, *parts[place + 1 :]])
    assert totals(before) == totals(after)
    assert after[place].mix * 2 == before[place].mix
    assert after[place].rate * 2 == before[place].rate


@given(parts=groups())
def test_unchanged_shares_leave_no_mix(parts: list[Part]) -> None:
    """Where every group dials ten times as much, only ratios can have changed anything."""
    grown = [replace(each, new_bottom=each.bottom * 10) for each in parts]
    assert all(each.mix == 0 for each in split(grown))


@given(parts=groups())
def test_unchanged_ratios_leave_no_rate(parts: list[Part]) -> None:
    """Where every group is as good as before, only shares can have changed anything."""
    same = [
        replace(each, new_top=each.top / each.bottom * each.new_bottom)
        for each in parts
        if each.bottom
    ]
    assert all(each.rate == 0 for each in split(same))


def reading(kpi: str) -> Reading:
    """Read a KPI of the catalogue."""
    return read(WORDS.kpi(kpi), WORDS)


def answer(
    kpi: str, rows: dict[str, tuple[float, float | None]], total: tuple[float, float | None]
) -> Answer:
    """Write an answer about teams: numerator and denominator by team, and of all."""

    def value(top: float, bottom: float | None) -> Value:
        known = top if bottom is None else top / bottom if bottom else None
        return Value(value=known, numerator=top, denominator=bottom)

    return Answer(
        question=Question(kpis=(kpi,), by=("team",), versus="previous"),
        rows=tuple(Row(keys={"team": team}, values={kpi: value(*of)}) for team, of in rows.items()),
        total=Row(keys={}, values={kpi: value(*total)}),
    )


def explained(now: Answer, then: Answer) -> Explanation:
    """Set one answer beside the other and explain the change."""
    compared = compare(now, then, lambda key: key)
    return decompose(compared, reading(now.question.kpis[0]), WORDS)


def test_an_answer_is_explained_by_hand() -> None:
    """The two lists again, as teams of an answer; the larger effect stands first."""
    found = explained(
        answer("contact_rate", {"B": (15, 150), "A": (8, 50)}, (23, 200)),
        answer("contact_rate", {"A": (20, 100), "B": (10, 100)}, (30, 200)),
    )
    assert [each.keys["team"] for each in found.effects] == ["A", "B"]
    a, b = found.effects
    assert (a.before, a.after, a.share_before, a.share_after) == (0.2, 0.16, 0.5, 0.25)
    assert (a.mix, a.rate, a.effect) == (-0.011875, -0.015, -0.026875)
    assert (b.before, b.after, b.rate) == (0.1, 0.1, 0.0)
    assert (found.before, found.after, found.change) == (0.15, 0.115, -0.035)
    assert (found.mix, found.rate) == pytest.approx((-0.02, -0.015), rel=1e-15)


def test_a_count_has_plain_differences() -> None:
    """A team that left takes its dials along; there is no mix and no rate."""
    found = explained(
        answer("dials", {"A": (30, None), "C": (5, None)}, (35, None)),
        answer("dials", {"A": (20, None), "B": (40, None)}, (60, None)),
    )
    assert [(each.keys["team"], each.effect) for each in found.effects] == [
        ("B", -40),
        ("A", 10),
        ("C", 5),
    ]
    assert (found.before, found.after, found.change, found.mix, found.rate) == (
        *(60, 35, -25),
        *(None, None),
    )


def test_groups_without_anything_are_left_out() -> None:
    """A team that dialled in neither period explains nothing."""
    found = explained(
        answer("contact_rate", {"A": (8, 50), "Z": (0, 0)}, (8, 50)),
        answer("contact_rate", {"A": (20, 100), "Z": (0, 0)}, (20, 100)),
    )
    assert [each.keys["team"] for each in found.effects] == ["A"]


def test_things_that_stand_in_two_groups_are_refused() -> None:
    """Leads that two teams worked make the teams add up to more than all."""
    now = answer("leads_worked", {"A": (30, None), "B": (25, None)}, (50, None))
    then = answer("leads_worked", {"A": (20, None), "B": (20, None)}, (40, None))
    with pytest.raises(UsageError, match="add up to 55 and not to 50, because some things stand"):
        explained(now, then)
    apart = answer("leads_worked", {"A": (30, None), "B": (20, None)}, (50, None))
    assert explained(apart, then).change == 10


def test_a_group_without_a_known_numerator_is_refused() -> None:
    """B's cost counts, and what it earned is not known: what B did cannot be told."""
    now = answer("margin_roi", {"A": (30, 20), "B": (0, 10)}, (20, 30))
    hidden = Value(value=None, numerator=None, denominator=10, reason="no rows")
    rows = (now.rows[0], Row(keys={"team": "B"}, values={"margin_roi": hidden}))
    then = answer("margin_roi", {"A": (30, 20), "B": (5, 10)}, (35, 30))
    with pytest.raises(UsageError, match="because what is divided is not known in 1 of 2 groups"):
        explained(replace(now, rows=rows), then)


def test_an_overlap_of_the_other_period_or_the_denominator_is_refused_too() -> None:
    """Leads contacted add up, leads worked before did not."""
    now = answer("lead_contact_rate", {"A": (3, 30), "B": (2, 20)}, (5, 50))
    then = answer("lead_contact_rate", {"A": (3, 30), "B": (2, 20)}, (5, 49))
    with pytest.raises(UsageError, match="add up to 50 and not to 49"):
        explained(now, then)


def test_a_period_without_a_value_is_refused() -> None:
    """Without dials before, there is no change to explain."""
    now = answer("contact_rate", {"A": (3, 30)}, (3, 30))
    then = answer("contact_rate", {"A": (0, 0)}, (0, 0))
    with pytest.raises(UsageError, match="'contact_rate' is not known in the other period"):
        explained(now, then)


def test_medians_are_refused_and_the_mean_is_offered() -> None:
    """A median of all is not made of medians of groups."""
    with pytest.raises(UsageError, match=r"is a median .* ask why of avg_call_duration"):
        need_parts(reading("median_call_duration"), WORDS)
    with pytest.raises(UsageError, match=r"ask why of sales_cycle_mean, or"):
        need_parts(reading("sales_cycle"), WORDS)


def test_products_of_ratios_are_refused() -> None:
    """Pipeline velocity multiplies ratios of the whole; the lifetime value does, too."""
    for kpi in ("pipeline_velocity", "clv_simple", "ltv_to_cac", "payback_months"):
        with pytest.raises(UsageError, match="is not one sum divided by another"):
            need_parts(reading(kpi), WORDS)


@pytest.mark.parametrize(
    ("formula", "adds"),
    [
        ("2 * calls.dials", True),
        ("calls.dials / 3600 - calls.contacts * 2", True),
        ("coalesce(orders.margin, 0)", True),
        ("calls.dials * calls.contacts", False),
        ("3600 / calls.dials", False),
        ("calls.dials + 1", False),
        ("coalesce(orders.margin, 5)", False),
        ("least(calls.dials, 5)", False),
    ],
)
def test_only_plain_sums_add_up(formula: str, adds: bool) -> None:  # noqa: FBT001 - a case
    """Sums, differences and multiples of counts and sums do; all else does not."""
    assert adds_up(parse(formula), WORDS) is adds


def test_least_and_largest_values_are_refused() -> None:
    """The longest call of all is not the sum of the longest ones."""
    calls = WORDS.facts["calls"]
    longest = replace(calls.measures["talk"], aggregate=type(calls.measures["talk"].aggregate).MAX)
    facts = {**WORDS.facts, "calls": replace(calls, measures={**calls.measures, "long": longest})}
    words = replace(WORDS, facts=facts)
    kpi = Kpi(name="longest", formula="calls.long", unit=Unit.SECONDS)
    with pytest.raises(UsageError, match="is a least or largest value"):
        need_parts(read(kpi, words), words)


def test_sums_of_several_facts_may_be_split() -> None:
    """Return on cost, cost per dial and dials per hour have parts that add up."""
    for kpi in ("roi", "cost_per_dial", "dials_per_agent_hour", "nps", "agent_hours", "csat"):
        need_parts(reading(kpi), WORDS)


def test_most_kpis_can_be_explained() -> None:
    """All but quantiles, survival medians and products of ratios."""
    refused = set()
    for kpi in WORDS.kpis:
        try:
            need_parts(reading(kpi), WORDS)
        except UsageError:
            refused.add(kpi)
    assert refused == {
        *("median_attempts_to_contact", "speed_to_lead", "median_call_duration"),
        *("p90_call_duration", "time_in_stage", "sales_cycle", "sales_cycle_median"),
        *("pipeline_velocity", "clv_simple", "ltv_to_cac", "payback_months"),
    }
