"""Is each value set beside the right one, and the change told honestly?"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgauge.analysis.compare import by_position, change, compare
from dialgauge.model.answer import Answer, Change, KeyValue, Row, Value
from dialgauge.model.question import Question

FEBRUARY = dt.date(2026, 2, 1)
MARCH = dt.date(2026, 3, 1)
JANUARY = dt.date(2026, 1, 1)


def rows(*given: tuple[Mapping[str, KeyValue], float]) -> tuple[Row, ...]:
    """Make rows of one KPI."""
    return tuple(Row(keys=keys, values={"dials": Value(value=value)}) for keys, value in given)


def answer(
    found: tuple[Row, ...], total: float | None = None, notes: tuple[str, ...] = ()
) -> Answer:
    """Make an answer about dials."""
    whole = None if total is None else Row(keys={}, values={"dials": Value(value=total)})
    return Answer(question=Question(kpis=("dials",)), rows=found, total=whole, notes=notes)


def told(row: Row) -> Change:
    """Give the change of a row's dials."""
    found = row.values["dials"].change
    assert found is not None
    return found


def same(key: KeyValue) -> KeyValue:
    """Leave a bucket where it is."""
    return key


def test_change_by_hand() -> None:
    """10 in (7, 14) after 2 in (1, 5): 8 more, from 8 - sqrt(18) to 8 + sqrt(17), four times."""
    now, then = Value(value=10, low=7, high=14), Value(value=2, low=1, high=5)
    found = change(now, then)
    assert found.value is then
    assert found.difference == 8
    assert found.low == pytest.approx(8 - math.sqrt(18))
    assert found.high == pytest.approx(8 + math.sqrt(17))
    assert found.relative == 4
    assert found.likely_real is True


def test_a_change_within_chance_is_not_likely_real() -> None:
    """5 in (3, 8) after 4 in (2, 7): the interval of the difference holds 0."""
    found = change(Value(value=5, low=3, high=8), Value(value=4, low=2, high=7))
    assert found.likely_real is False


def test_a_change_whose_interval_touches_nought_is_not_likely_real() -> None:
    """3 in (3, 3) after 3 in (3, 3): no difference, and none excluded."""
    even = Value(value=3, low=3, high=3)
    assert change(even, even).likely_real is False


def test_an_unknown_side_leaves_the_change_unknown() -> None:
    """Without a value on either side there is no difference, interval or verdict."""
    known, unknown = Value(value=3, low=2, high=4), Value(value=None, reason="no dials")
    for found in (change(known, unknown), change(unknown, known)):
        assert (found.difference, found.low, found.high) == (None, None, None)
        assert (found.relative, found.likely_real) == (None, None)


def test_a_missing_interval_leaves_the_verdict_open() -> None:
    """A difference can be told without intervals, but not whether it is real."""
    found = change(Value(value=3), Value(value=2, low=1, high=3))
    assert (found.difference, found.relative) == (1, 0.5)
    assert (found.low, found.high, found.likely_real) == (None, None, None)


def test_a_change_from_nought_has_no_relative_size() -> None:
    """From 0 to 3 is 3 more, and no percentage."""
    found = change(Value(value=3), Value(value=0))
    assert (found.difference, found.relative) == (3, None)


def test_a_smaller_loss_is_a_rise() -> None:
    """From -100 to -50 is 50 more: up by half of the loss, not down."""
    assert change(Value(value=-50), Value(value=-100)).relative == 0.5


_VALUES = st.builds(
    lambda middle, below, above: Value(value=middle, low=middle - below, high=middle + above),
    st.floats(-1e6, 1e6),
    st.floats(0, 1e5),
    st.floats(0, 1e5),
)


@given(one=_VALUES, other=_VALUES)
def test_change_is_antisymmetric(one: Value, other: Value) -> None:
    """Swapping the sides turns the signs, swaps the ends and keeps the verdict."""
    there, back = change(one, other), change(other, one)
    assert there.difference is not None
    assert there.low is not None
    assert there.high is not None
    assert back.difference == -there.difference
    assert (back.low, back.high) == (-there.high, -there.low)
    assert back.likely_real == there.likely_real
    assert there.low <= there.difference <= there.high


def test_rows_meet_by_group_and_totals_meet() -> None:
    """Campaign a had 5 and has 8, b had 4 and has 1; together 9 and 9."""
    now = answer(rows(({"campaign": "a"}, 8), ({"campaign": "b"}, 1)), 9)
    then = answer(rows(({"campaign": "b"}, 4), ({"campaign": "a"}, 5)), 9)
    found = compare(now, then, same)
    assert [told(row).difference for row in found.rows] == [3, -3]
    assert found.total is not None
    assert told(found.total).difference == 0
    assert [row.values["dials"].value for row in found.rows] == [8, 1]


def test_a_group_only_this_period_has_is_kept_with_the_reason() -> None:
    """A new campaign has a value, an unknown one before, and no change."""
    found = compare(answer(rows(({"campaign": "new"}, 8))), answer(()), same)
    assert told(found.rows[0]).difference is None
    assert told(found.rows[0]).value.reason == "no rows in the other period"


def test_a_group_only_the_other_period_has_is_kept_in_its_place() -> None:
    """Campaign b has gone: it stands between a and c, unknown now, 4 before."""
    now = answer(rows(({"campaign": "a"}, 8), ({"campaign": "c"}, 1)))
    then = answer(rows(({"campaign": "b"}, 4)))
    found = compare(now, then, same)
    assert [row.keys["campaign"] for row in found.rows] == ["a", "b", "c"]
    gone = found.rows[1].values["dials"]
    assert (gone.value, gone.reason) == (None, "no rows in this period")
    assert told(found.rows[1]).value.value == 4


def test_counts_of_missing_groups_are_nought_when_the_caller_says_so() -> None:
    """With 0 for no rows, 8 new dials are 8 more and 4 lost ones 4 less."""
    now, then = answer(rows(({"campaign": "a"}, 8))), answer(rows(({"campaign": "b"}, 4)))
    found = compare(now, then, same, empty={"dials": Value(value=0)})
    assert [told(row).difference for row in found.rows] == [8, -4]


def test_unknown_groups_come_last() -> None:
    """Names, the empty text among them, sort before the unknown group."""
    now = answer(rows(({"campaign": None}, 1), ({"campaign": "b"}, 1)))
    then = answer(rows(({"campaign": ""}, 1), ({"campaign": None}, 1)))
    found = compare(now, then, same)
    assert [row.keys["campaign"] for row in found.rows] == ["", "b", None]


def test_buckets_meet_by_position() -> None:
    """February's buckets stand beside January's, and carry February's keys."""
    days: list[KeyValue] = [FEBRUARY, dt.date(2026, 2, 2)]
    before: list[KeyValue] = [JANUARY, dt.date(2026, 1, 2)]
    now = answer(rows(({"period": FEBRUARY, "agent": "x"}, 8)))
    then = answer(
        rows(({"period": JANUARY, "agent": "x"}, 5), ({"period": before[1], "agent": "x"}, 4))
    )
    found = compare(now, then, by_position(days, before), periods=days)
    assert [row.keys["period"] for row in found.rows] == days
    assert told(found.rows[0]).difference == 3
    assert told(found.rows[1]).value.value == 4


def test_a_bucket_without_counterpart_is_not_compared_with_nought() -> None:
    """The third of March has no third day in a two-day period, so 8 dials are not 8 more."""
    shift = by_position([MARCH], [])
    found = compare(
        answer(rows(({"period": MARCH}, 8))), answer(()), shift, empty={"dials": Value(value=0)}
    )
    assert told(found.rows[0]).difference is None
    assert told(found.rows[0]).value.reason == "the other period has no such part"


def test_other_buckets_without_counterpart_are_counted_in_a_note() -> None:
    """A 31 January has nothing beside it in February; it is told, not lost silently."""
    then = answer(rows(({"period": dt.date(2026, 1, 31)}, 5)), 5)
    shift = by_position([FEBRUARY], [JANUARY])
    found = compare(answer((), 0), then, shift, periods=[FEBRUARY])
    assert found.rows == ()
    assert found.notes == (
        (
            "Groups of the other period that lie in a part without counterpart here: 1; "
            "they count in its total alone."
        ),
    )


def test_two_buckets_may_meet_the_same_one() -> None:
    """Both hours of an autumn night are compared with the one hour of the day before."""
    now = answer(rows(({"period": "02:00+02"}, 3), ({"period": "02:00+01"}, 4)))
    then = answer(rows(({"period": "02:00"}, 2)))
    found = compare(now, then, lambda _: "02:00")
    assert [told(row).difference for row in found.rows] == [1, 2]
    assert [row.keys["period"] for row in found.rows] == ["02:00+02", "02:00+01"]


def test_notes_of_the_other_period_are_marked() -> None:
    """A note both share stands once; one only the other has says where it comes from."""
    now, then = answer((), notes=("3 test calls left out",)), answer((), notes=("2 too young",))
    assert compare(now, then, same).notes == (
        "3 test calls left out",
        "In the other period: 2 too young",
    )
    assert compare(now, now, same).notes == now.notes


@given(
    here=st.dictionaries(st.sampled_from("abcd"), st.integers(0, 99)),
    there=st.dictionaries(st.sampled_from("abcd"), st.integers(0, 99)),
)
def test_no_group_is_lost_and_swapping_turns_the_signs(
    here: dict[str, int], there: dict[str, int]
) -> None:
    """Every group of either side stands once, and the other way round changes only signs."""
    now = answer(rows(*(({"team": team}, value) for team, value in here.items())))
    then = answer(rows(*(({"team": team}, value) for team, value in there.items())))
    forth, back = compare(now, then, same), compare(then, now, same)
    assert [row.keys["team"] for row in forth.rows] == sorted(here | there)
    for one, other in zip(forth.rows, back.rows, strict=True):
        gap, turned = told(one).difference, told(other).difference
        assert gap == (None if turned is None else -turned)
