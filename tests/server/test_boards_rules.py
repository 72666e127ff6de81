"""Do the pages judge, draw and advise as one would by hand?"""

from __future__ import annotations

import datetime as dt
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgauge.analysis.interval import wilson
from dialgauge.model.answer import Answer, KeyValue, Row, Value
from dialgauge.model.kpi import Better, Kpi, Unit
from dialgauge.model.question import Grain, Period, Question
from dialgauge.model.segment import Segment
from dialgauge.server.pages.segments import made_of_deeds
from dialgauge.server.panels.advice import break_even, paying, tail
from dialgauge.server.panels.arms import compared, control, least_seen
from dialgauge.server.panels.crossed import over
from dialgauge.server.panels.grains import calm_grain
from dialgauge.server.panels.hints import sides
from dialgauge.server.panels.limits import broken, state, upper
from dialgauge.server.panels.line import scale
from dialgauge.server.panels.mood import Mood
from dialgauge.server.panels.spark import on_one_scale
from dialgauge.server.panels.standing import Side, meaning, of_own_mix, standings

RATE = Kpi(name="rate", formula="calls.dials", unit=Unit.SHARE, better=Better.HIGHER)
DROPS = Kpi(
    name="rate", formula="calls.dials", unit=Unit.SHARE, better=Better.LOWER, band=(None, 0.03)
)


def share(successes: int, n: int) -> Value:
    """Give a share with Wilson's interval."""
    if not n:
        return Value(value=None)
    low, high = (float(end) for end in wilson(successes, n))
    return Value(value=successes / n, numerator=successes, denominator=n, n=n, low=low, high=high)


def row(value: Value, **keys: KeyValue) -> Row:
    """Make a row of the KPI."""
    return Row(keys=keys, values={"rate": value})


def answer(*rows: Row, whole: Value | None = None) -> Answer:
    """Make an answer; its total adds up the parts unless one is given."""
    tops = sum(int(each.values["rate"].numerator or 0) for each in rows)
    bottoms = sum(int(each.values["rate"].denominator or 0) for each in rows)
    return Answer(
        question=Question(kpis=("rate",)),
        rows=rows,
        total=row(whole or share(tops, bottoms)),
    )


def test_one_of_many_must_stand_out_more() -> None:
    """A p-value of 0.027 is sure alone, and may be chance among four others that show nothing."""
    one, plain = share(61, 100), share(50, 100)
    assert [each.side for each in standings([one], [0.5])] == [Side.ABOVE]
    found = standings([one, plain, plain, plain, plain], [0.5] * 5)
    assert [each.side for each in found] == [Side.LIKE] * 5
    assert found[0].doubt == pytest.approx(5 * math.erfc(2.2 / math.sqrt(2)))


def test_few_rows_are_not_judged() -> None:
    """29 rows are too few, whatever they show, and do not count among the many."""
    found = standings([share(29, 29), share(61, 100)], [0.5, 0.5])
    assert [each.side for each in found] == [Side.FEW, Side.ABOVE]
    assert found[1].doubt == pytest.approx(math.erfc(2.2 / math.sqrt(2)))


def test_nothing_to_be_held_against() -> None:
    """Without a value or a number nothing is said."""
    found = standings([share(0, 0), share(3, 9)], [0.5, None])
    assert [each.side for each in found] == [Side.UNKNOWN, Side.UNKNOWN]


@pytest.mark.parametrize(
    ("side", "better", "mood"),
    [
        (Side.ABOVE, Better.HIGHER, Mood.GOOD),
        (Side.BELOW, Better.HIGHER, Mood.BAD),
        (Side.ABOVE, Better.LOWER, Mood.BAD),
        (Side.BELOW, Better.LOWER, Mood.GOOD),
        (Side.ABOVE, Better.NEITHER, Mood.FLAT),
        (Side.LIKE, Better.HIGHER, Mood.FLAT),
    ],
)
def test_what_a_side_means(side: Side, better: Better, mood: Mood) -> None:
    """Above is good where more is better, bad where less is."""
    kpi = Kpi(name="rate", formula="calls.dials", unit=Unit.SHARE, better=better)
    assert meaning(side, kpi) is mood


def test_an_agent_with_the_hard_campaign() -> None:
    """Ann wins as often as anybody in each campaign, and less in all, because hers is hard."""
    asked = answer(
        row(share(10, 100), agent="ann", campaign="hard"),
        row(share(5, 10), agent="ann", campaign="easy"),
        row(share(1, 10), agent="bob", campaign="hard"),
        row(share(50, 100), agent="bob", campaign="easy"),
    )
    found = of_own_mix(asked, "rate", "agent", "campaign")
    # hard: 11 of 110, easy: 55 of 110; Ann: (100 x 0.1 + 10 x 0.5) / 110.
    assert found == {"ann": pytest.approx(15 / 110), "bob": pytest.approx(51 / 110)}


def test_what_does_not_add_up_has_no_mix() -> None:
    """Leads that two agents called are counted by both, so that no rate can be carried over."""
    rows = (
        row(share(3, 10), agent="ann", campaign="x"),
        row(share(3, 10), agent="bob", campaign="x"),
    )
    assert of_own_mix(answer(*rows, whole=share(4, 15)), "rate", "agent", "campaign") == {}


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 50)), min_size=1, max_size=6))
def test_the_mixes_add_up_to_the_whole(parts: list[tuple[int, int]]) -> None:
    """What all would reach with their own mixes is what was reached."""
    rows = [
        row(share(min(top, n), n), agent=place % 3, campaign=place // 3)
        for place, (top, n) in enumerate(parts)
    ]
    asked = answer(*rows)
    found = of_own_mix(asked, "rate", "agent", "campaign")
    sizes: dict[KeyValue, float] = {}
    for each in rows:
        agent = each.keys["agent"]
        sizes[agent] = sizes.get(agent, 0) + (each.values["rate"].denominator or 0)
    would = sum(found[agent] * size for agent, size in sizes.items())
    assert asked.total is not None
    assert would == pytest.approx(asked.total.values["rate"].numerator)


def test_who_stands_out_is_named_the_furthest_first() -> None:
    """Unknown groups and groups like the rest are left out; both sides are in order."""
    asked = answer(
        row(share(500, 1000), team="like"),
        row(share(650, 1000), team="good"),
        row(share(700, 1000), team="best"),
        row(share(150, 1000), team="worst"),
        row(share(0, 1000), team=None),
        whole=share(2000, 4000),
    )
    good, bad, able = sides(asked, RATE, ("team",))
    assert [each.keys["team"] for each in good] == ["best", "good"]
    assert [each.keys["team"] for each in bad] == ["worst"]
    assert able == 4


def test_who_stands_out_from_their_own_mix() -> None:
    """A group is held against what its own mix would give in place of the whole."""
    asked = answer(row(share(650, 1000), team="a"), row(share(350, 1000), team="b"))
    good, bad, _ = sides(asked, RATE, ("team",), {"a": 0.65, "b": 0.2})
    assert [each.keys["team"] for each in good] == ["b"]
    assert bad == []


def test_intervals_of_few_rows_do_not_press_the_others() -> None:
    """The scale spans the intervals of groups with enough rows, and the values of all."""
    wide = Value(value=0.4, n=3, low=0.0, high=0.9)
    close = Value(value=0.2, n=300, low=0.18, high=0.22)
    on = scale([wide, close], [0.25], Unit.SHARE)
    assert on is not None
    assert (on.low, on.high) == (0.18, 0.4)
    assert on.place(0.9) == 100.0


def test_where_all_are_few_their_intervals_are_drawn() -> None:
    """When no group has enough rows the scale spans all intervals."""
    on = scale([Value(value=0.4, n=3, low=0.1, high=0.8)], [], Unit.SHARE)
    assert on is not None
    assert (on.low, on.high) == (0.1, 0.8)
    assert all(0.1 <= tick <= 0.8 for tick in on.ticks)


def test_nothing_to_draw() -> None:
    """Without numbers there is no scale."""
    assert scale([Value(value=None)], [None], Unit.SHARE) is None


def test_the_control_comes_first() -> None:
    """Variants are held against the one that is called control, wherever it stands."""
    assert control(["b", "Control", "a"]) == 1
    assert control(["b", "a"]) == 0


def test_two_variants() -> None:
    """The difference is Newcombe's: 56 of 70 less 48 of 80 is 0.2, from 0.0524 to 0.3339."""
    asked = answer(row(share(56, 70), v="new"), row(share(48, 80), v="old"), row(share(9, 9)))
    rows = tuple(Row(keys={"v": each.keys.get("v")}, values=each.values) for each in asked.rows)
    arms = compared(answer(*rows), RATE, "v")
    assert [arm.key for arm in arms] == ["old", "new"]
    found = arms[1].change
    assert found is not None
    assert found.difference == pytest.approx(0.2)
    assert found.low == pytest.approx(0.0524, abs=5e-5)
    assert found.high == pytest.approx(0.3339, abs=5e-5)
    # The interval reaches 0.1476 down to 0: z is 1.96 x 0.2 / 0.1476.
    assert arms[1].doubt == pytest.approx(math.erfc(1.959964 * 0.2 / 0.1476 / math.sqrt(2)), 1e-2)


def test_several_variants_are_adjusted() -> None:
    """Of two differences as large as each other, each is as sure as the less sure of the two."""
    rows = [row(share(n, 400), v=name) for name, n in (("a", 100), ("b", 130), ("c", 130))]
    pair = compared(answer(*rows[:2]), RATE, "v")[1]
    both = compared(answer(*rows), RATE, "v")[1:]
    assert [arm.doubt for arm in both] == [pytest.approx(pair.doubt)] * 2


def test_which_difference_would_be_seen() -> None:
    """2.8 standard errors: for 1,000 against 1,000 at one half that is 6.3 points."""
    arms = compared(answer(row(share(500, 1000), v="a"), row(share(500, 1000), v="b")), RATE, "v")
    wanted = (1.959964 + 0.841621) * math.sqrt(2 * 0.25 / 1000)
    assert least_seen(arms) == pytest.approx(wanted, rel=5e-3)
    assert least_seen(arms[:1]) is None


def test_when_a_dial_pays() -> None:
    """At 2 a dial and 1,000 of margin from 10 conversions, 2 conversions in 100 dials pay."""
    money = {"conversions": 10.0, "cost": 500.0, "margin_roi": 1.0, "cost_per_dial": 2.0}
    assert break_even(money) == pytest.approx(0.02)
    assert break_even({**money, "conversions": 0.0}) is None
    assert break_even({**money, "margin_roi": -1.0}) is None
    assert break_even({**money, "cost_per_dial": None}) is None


def test_attempts_that_pay_and_do_not() -> None:
    """Only whole intervals on one side count; few rows never do."""
    rows = [
        row(share(60, 1000), attempt="1"),
        row(share(22, 1000), attempt="2"),
        row(share(3, 1000), attempt="3"),
        row(share(0, 20), attempt="4-6"),
    ]
    pays, fails = paying(rows, "rate", 0.02)
    assert [each.keys["attempt"] for each in pays] == ["1"]
    assert [each.keys["attempt"] for each in fails] == ["3"]


def test_where_to_stop() -> None:
    """An attempt that fails before one that may pay is not where to stop."""
    rows = [row(share(9, 99), attempt=name) for name in ("1", "2", "3", "4-6")]
    assert tail(rows, [rows[0], rows[2], rows[3]]) == rows[2:]
    assert tail(rows, rows[:1]) == []
    assert tail(rows, rows) == rows


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (Value(value=0.05, low=0.04, high=0.06), "over"),
        (Value(value=0.05, low=0.02, high=0.09), "maybe"),
        (Value(value=0.02, low=0.01, high=0.04), "near"),
        (Value(value=0.01, low=0.0, high=0.02), "within"),
        (Value(value=0.03, low=0.02, high=0.03), "within"),
        (Value(value=None), "none"),
    ],
)
def test_against_a_limit(value: Value, wanted: str) -> None:
    """At most 3 %: over, over by chance perhaps, under for now, under for sure."""
    assert state(value, 0.03, DROPS) == wanted


def test_no_violation_is_allowed() -> None:
    """What is counted one by one has a limit of 0 and no chance about it; others have none."""
    count = Kpi(name="rate", formula="calls.dials", unit=Unit.COUNT, better=Better.LOWER)
    assert upper(count) == 0.0
    assert state(Value(value=1.0, low=0.0, high=5.0), 0.0, count) == "over"
    assert state(Value(value=0.0, low=0.0, high=3.7), 0.0, count) == "within"
    assert upper(RATE) is None
    assert state(Value(value=0.5), None, RATE) == "none"


def test_days_over_the_limit() -> None:
    """Days above 3 % are listed, the worst first; a day at it is not above it."""
    daily = Answer(
        question=Question(kpis=("rate",), grain=Grain.DAY),
        rows=tuple(
            row(share(n, 100), period=f"2026-04-0{day}") for day, n in ((1, 3), (2, 4), (3, 9))
        ),
    )
    assert [day for day, _ in broken(daily, DROPS)] == ["2026-04-03", "2026-04-02"]
    assert broken(daily, RATE) == []


def test_a_cell_over_the_limit() -> None:
    """Cells of KPIs without a limit break none."""
    assert over(share(40, 1000), DROPS) == "maybe"
    assert over(share(60, 1000), DROPS) == "over"
    assert over(share(60, 1000), RATE) == ""


def test_segments_of_deeds_are_known() -> None:
    """Rules that read journeys or lifetimes, or a segment that does, advise nothing."""
    segments = {
        each.name: each
        for each in (
            Segment(name="place", rules=(("north", "region = 'N'"),)),
            Segment(name="tried", rules=(("never", "journeys.dials is null"),)),
            Segment(name="mixed", rules=(("x", "place = 'north' and tried = 'never'"),)),
        )
    }
    assert [name for name in segments if made_of_deeds(name, segments)] == ["tried", "mixed"]


def test_lines_share_their_scale() -> None:
    """The line of a group that stays high stays high; gaps break it."""
    found = on_one_scale([[0.0, None, 4.0], [4.0, 4.0, 2.0]])
    assert found == [["0.0,32.0", "120.0,0.0"], ["0.0,0.0 60.0,0.0 120.0,16.0"]]


@pytest.mark.parametrize(
    ("days", "grain"), [(14, Grain.DAY), (15, Grain.WEEK), (200, Grain.WEEK), (201, Grain.MONTH)]
)
def test_groups_are_followed_in_calmer_steps(days: int, grain: Grain) -> None:
    """Days for two weeks, weeks up to 200 days, months beyond and without an end."""
    start = dt.date(2026, 1, 1)
    assert calm_grain(Period(start, start + dt.timedelta(days=days))) is grain
    assert calm_grain(Period(start, None)) is Grain.MONTH
