"""Does the reference engine compute expressions as SQL would, NULLs included?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from dialgauge.engines.reference_expressions import bucket, evaluate
from dialgauge.errors import EngineError
from dialgauge.model.check import check
from dialgauge.model.expression import And, Arithmetic, Duration, Literal, Name, Or
from dialgauge.model.parse import parse
from dialgauge.model.question import Grain
from dialgauge.model.table import Type
from dialgauge.plan.nodes import Offset
from legs import moment

TYPES: Mapping[str, Type] = {
    "yes": Type.BOOL,
    "no": Type.BOOL,
    "unknown": Type.BOOL,
    "one": Type.INTEGER,
    "two": Type.NUMBER,
    "nothing": Type.NUMBER,
    "word": Type.TEXT,
    "missing": Type.TEXT,
    "price": Type.MONEY,
    "now": Type.TIME,
    "later": Type.TIME,
    "never": Type.TIME,
    "today": Type.DATE,
    "json": Type.JSON,
}
ROW: Mapping[str, Any] = {
    "yes": True,
    "no": False,
    "unknown": None,
    "one": 1,
    "two": 2.5,
    "nothing": None,
    "word": " Ab ",
    "missing": None,
    "price": Decimal("0.1000"),
    "now": moment("2026-03-08 23:30"),
    "later": moment("2026-03-09 00:00:00.500000"),
    "never": None,
    "today": dt.date(2026, 3, 1),
    "json": '{"a": "x", "n": 5, "t": true, "z": null, "d": 0.5, "o": {"b": [1, 2]}, "": "e",'
    ' "a.b": "dot", "ü": "é"}',
}


def value(text: str) -> Any:
    """Compute an expression over the row above."""
    return evaluate(check(parse(text), TYPES)[0], ROW)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("yes and yes", True),
        ("yes and unknown", None),
        ("no and unknown", False),
        ("unknown and unknown", None),
        ("yes or unknown", True),
        ("no or unknown", None),
        ("no or no", False),
        ("not unknown", None),
        ("not yes", False),
        ("unknown is null", True),
        ("unknown is not null", False),
        ("null and no", False),
        ("null or yes", True),
        ("nothing = nothing", None),
        ("nothing != 1", None),
        ("one = 1", True),
        ("one != 1", False),
        ("1 < two", True),
        ("one >= 2", False),
        ("one in (1, 2)", True),
        ("one in (1, null)", True),
        ("one in (2, null)", None),
        ("one not in (2, null)", None),
        ("one in (2, 3)", False),
        ("nothing in (1)", None),
        ("one between 1 and nothing", None),
        ("one between 2 and nothing", False),
        ("price = 0.1", True),
        ("yes = true", True),
        ("unknown = false", None),
    ],
)
def test_logic_has_three_values(text: str, *, expected: bool | None) -> None:
    """Unknown spreads, except where the other side decides."""
    assert value(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("one + 2", 3),
        ("one - two", -1.5),
        ("two * 2", 5.0),
        ("one / 2", 0.5),
        ("one / 0", None),
        ("two / (two - two)", None),
        ("nothing / 0", None),
        ("nothing + 1", None),
        ("price * price", Decimal("0.01")),
        ("-one", -1),
        ("price + two", 2.6),
        ("price / price", 1.0),
    ],
)
def test_arithmetic_is_exact_until_a_float_comes(text: str, expected: object) -> None:
    """Whole numbers and money stay exact, division gives floats, unknown spreads."""
    found = value(text)
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("coalesce(nothing, 2, 3)", 2),
        ("coalesce(nothing, nothing)", None),
        ("least(nothing, 2, one)", 1),
        ("greatest(nothing, 2, one)", 2),
        ("least(nothing, nothing)", None),
        ("lower(word)", " ab "),
        ("upper(word)", " AB "),
        ("trim(word)", "Ab"),
        ("upper(missing)", None),
        ("starts_with(word, ' A')", True),
        ("starts_with(word, 'b')", False),
        ("starts_with(word, '')", True),
        ("starts_with(word, missing)", None),
        ("contains(word, 'b ')", True),
        ("contains(missing, 'b')", None),
        ("seconds_between(now, later)", 1800.5),
        ("seconds_between(later, now)", -1800.5),
        ("seconds_between(now, never)", None),
        ("days_between(today, now)", 7),
        ("days_between(today, later)", 8),
        ("days_between(today, never)", None),
        ("periods_between(today, now, 7)", 1),
        ("periods_between(today, now, 8)", 0),
        ("periods_between(today, later - 9 days, 7)", -1),
        ("periods_between(today, never, 7)", None),
        ("periods_between(today, now, 0)", None),
        ("now + 30 minutes = '2026-03-09'", True),
        ("now - 1 day = '2026-03-07T23:30'", True),
        ("never + 1 day", None),
        ("case when unknown then 1 when yes then 2 else 3 end", 2),
        ("case when no then 1 end", None),
        ("case when unknown then 1 else 3 end", 3),
    ],
)
def test_functions_skip_or_spread_the_unknown_as_declared(text: str, expected: object) -> None:
    """coalesce, least and greatest skip NULL; all other functions of NULL are NULL."""
    assert value(text) == expected


def test_trim_removes_only_spaces() -> None:
    """A tab stays, as it does in SQL."""
    assert evaluate(parse("trim(a)"), {"a": " \ta\t "}) == "\ta\t"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a", "x"),
        ("n", "5"),
        ("t", "true"),
        ("d", "0.5"),
        ("z", None),
        ("missing", None),
        ("o", '{"b":[1,2]}'),
        ("", "e"),
        ("a.b", "dot"),
        ("ü", "é"),
    ],
)
def test_json_text_is_the_text_of_a_member(name: str, expected: str | None) -> None:
    """Texts come as they are, other members as JSON; the name is no path."""
    assert value(f"json_text(json, '{name}')") == expected


@pytest.mark.parametrize(
    "text", ["", "{", "nonsense", "[1]", '"a"', "5", "null", "{'a': 1}", '{"a": NaN}', '{"a": 1} x']
)
def test_json_text_of_anything_but_an_object_is_unknown(text: str) -> None:
    """Malformed texts and other JSON values have no members."""
    assert evaluate(parse("json_text(j, 'a')"), {"j": text}) is None


def test_odd_json_is_read_as_other_engines_read_it() -> None:
    """The first of two members stands; half of a surrogate pair is no text; depth is no crash."""
    member = parse("json_text(j, 'a')")
    assert evaluate(member, {"j": '{"a": 1, "a": 2}'}) == "1"
    assert evaluate(member, {"j": '{"a": "\\ud83d"}'}) is None
    assert evaluate(member, {"j": '{"a": "\\ud83d\\ude00"}'}) == "\U0001f600"
    assert evaluate(member, {"j": '{"a": ' + "[" * 100_000}) is None


def test_texts_are_ordered_by_code_point() -> None:
    """Z stands before a, and a character outside the basic plane after all that are in it."""
    words = ["a", "Z", "é", "\uffff", "\U00010000", "ab"]
    less = parse("a < b")
    found = sorted(words)
    assert found == ["Z", "a", "ab", "é", "\uffff", "\U00010000"]
    assert all(evaluate(less, {"a": a, "b": b}) for a, b in pairwise(found))


def test_no_operands_are_true_for_and_false_for_or() -> None:
    """Nothing that must hold holds; nothing that may hold does not."""
    assert evaluate(And(()), {}) is True
    assert evaluate(Or(()), {}) is False


@pytest.mark.parametrize(
    "node", [Duration(5), Name("gone"), Arithmetic("+", Name("x"), Literal(1))]
)
def test_what_the_contract_does_not_name_is_refused(node: Any) -> None:
    """A name the leg does not provide, or a node engines never see, is an error, never a guess."""
    with pytest.raises(EngineError):
        evaluate(node, {})


NEW_YORK = (
    Offset(None, -5 * 3600),
    Offset(int(moment("2026-03-08 07:00").timestamp()), -4 * 3600),
    Offset(int(moment("2026-11-01 06:00").timestamp()), -5 * 3600),
)
LORD_HOWE = (
    Offset(None, 11 * 3600),
    Offset(int(moment("2026-04-04 15:00").timestamp()), 37_800),
    Offset(int(moment("2026-10-03 15:30").timestamp()), 11 * 3600),
)
CHATHAM = (
    Offset(None, 49_500),
    Offset(int(moment("2026-04-04 14:00").timestamp()), 45_900),
    Offset(int(moment("2026-09-26 14:00").timestamp()), 49_500),
)
KATHMANDU = (Offset(None, 20_700),)


@pytest.mark.parametrize(
    ("at", "offsets", "begins"),
    [
        # The night in autumn that has two hours from one to two o'clock.
        ("2026-11-01 05:59:59", NEW_YORK, "2026-11-01 05:00"),
        ("2026-11-01 06:00", NEW_YORK, "2026-11-01 06:00"),
        ("2026-11-01 07:30", NEW_YORK, "2026-11-01 07:00"),
        # The night in spring: 01:59 is followed by 03:00.
        ("2026-03-08 06:59", NEW_YORK, "2026-03-08 06:00"),
        ("2026-03-08 07:00", NEW_YORK, "2026-03-08 07:00"),
        # Hours of Kathmandu begin at a quarter past in UTC.
        ("2026-01-01 00:14:59.999999", KATHMANDU, "2025-12-31 23:15"),
        ("2026-01-01 00:15", KATHMANDU, "2026-01-01 00:15"),
        # Lord Howe goes back by half an hour, from 02:00 to 01:30 ...
        ("2026-04-04 14:59", LORD_HOWE, "2026-04-04 14:00"),
        ("2026-04-04 15:00", LORD_HOWE, "2026-04-04 15:00"),
        ("2026-04-04 15:29", LORD_HOWE, "2026-04-04 15:00"),
        ("2026-04-04 15:30", LORD_HOWE, "2026-04-04 15:30"),
        # ... and forward from 02:00 to 02:30.
        ("2026-10-03 15:29", LORD_HOWE, "2026-10-03 14:30"),
        ("2026-10-03 15:45", LORD_HOWE, "2026-10-03 15:30"),
        ("2026-10-03 16:00", LORD_HOWE, "2026-10-03 16:00"),
        # Chatham goes forward at 02:45 to 03:45: two short hours, which must stay apart.
        ("2026-09-26 13:59", CHATHAM, "2026-09-26 13:15"),
        ("2026-09-26 14:00", CHATHAM, "2026-09-26 14:00"),
        ("2026-09-26 14:15", CHATHAM, "2026-09-26 14:15"),
        # Before 1970 numbers are negative and are rounded down all the same.
        ("1969-12-31 23:59:59.5", (Offset(None, 0),), "1969-12-31 23:00"),
    ],
)
def test_an_hour_begins_when_its_local_hour_does(
    at: str, offsets: tuple[Offset, ...], begins: str
) -> None:
    """The key of an hour is the UTC second at which the local hour begins."""
    assert bucket(moment(at), Grain.HOUR, offsets, 1) == int(moment(begins).timestamp())


@pytest.mark.parametrize(
    ("grain", "week_starts", "begins"),
    [
        (Grain.DAY, 1, dt.date(2026, 11, 1)),
        (Grain.WEEK, 1, dt.date(2026, 10, 26)),
        (Grain.WEEK, 7, dt.date(2026, 11, 1)),
        (Grain.WEEK, 3, dt.date(2026, 10, 28)),
        (Grain.MONTH, 1, dt.date(2026, 11, 1)),
        (Grain.QUARTER, 1, dt.date(2026, 10, 1)),
        (Grain.YEAR, 1, dt.date(2026, 1, 1)),
    ],
)
def test_longer_buckets_begin_on_their_first_local_day(
    grain: Grain, week_starts: int, begins: dt.date
) -> None:
    """2026-11-01 in New York is a Sunday that lasts from 04:00 UTC for 25 hours."""
    first, last = moment("2026-11-01 04:00"), moment("2026-11-02 04:59:59.999999")
    assert bucket(first, grain, NEW_YORK, week_starts) == begins
    assert bucket(last, grain, NEW_YORK, week_starts) == begins


def test_an_unknown_instant_falls_into_no_bucket() -> None:
    """NULL in, NULL out."""
    assert bucket(None, Grain.DAY, KATHMANDU, 1) is None


def test_the_offsets_used_here_are_those_of_the_zones() -> None:
    """The lists above say what the time zone database says."""
    zones = {
        "America/New_York": NEW_YORK,
        "Australia/Lord_Howe": LORD_HOWE,
        "Pacific/Chatham": CHATHAM,
        "Asia/Kathmandu": KATHMANDU,
    }
    for name, offsets in zones.items():
        for offset in offsets[1:]:
            at = dt.datetime.fromtimestamp(offset.since or 0, tz=ZoneInfo(name))
            before = dt.datetime.fromtimestamp((offset.since or 0) - 1, tz=ZoneInfo(name))
            assert (at.utcoffset() or dt.timedelta()).total_seconds() == offset.seconds
            assert before.utcoffset() != at.utcoffset()
