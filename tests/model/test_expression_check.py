"""Is an expression that makes no sense refused before an engine sees it?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgauge.errors import ExpressionError, UnknownNameError, UsageError
from dialgauge.model.check import FUNCTIONS, Kind, check, condition
from dialgauge.model.expression import Call, Compare, Duration, Expression, Literal, Name, walk
from dialgauge.model.parse import parse
from dialgauge.model.table import Type

TYPES: Mapping[str, Type] = {
    "name": Type.TEXT,
    "open": Type.BOOL,
    "n": Type.INTEGER,
    "x": Type.NUMBER,
    "price": Type.MONEY,
    "made_at": Type.TIME,
    "sold_at": Type.TIME,
    "born_on": Type.DATE,
    "more": Type.JSON,
    "agents.team": Type.TEXT,
}


def kind(text: str) -> Kind:
    """Say what a text gives."""
    return check(parse(text), TYPES)[1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("name", Kind.TEXT),
        ("agents.team", Kind.TEXT),
        ("more", Kind.TEXT),
        ("open", Kind.BOOL),
        ("n + x * price", Kind.NUMBER),
        ("made_at", Kind.TIME),
        ("made_at + 3 days", Kind.TIME),
        ("made_at - 1 hour + 5 minutes", Kind.TIME),
        ("born_on", Kind.DATE),
        ("null", Kind.NULL),
        ("null + 1", Kind.NUMBER),
        ("null = null", Kind.BOOL),
        ("n = 1", Kind.BOOL),
        ("open = true", Kind.BOOL),
        ("open != null", Kind.BOOL),
        ("name in ('a', null)", Kind.BOOL),
        ("made_at is null", Kind.BOOL),
        ("case when open then 1 else null end", Kind.NUMBER),
        ("case when null then null end", Kind.NULL),
        ("coalesce(name, 'none')", Kind.TEXT),
        ("coalesce(null, made_at)", Kind.TIME),
        ("least(n, x, 3)", Kind.NUMBER),
        ("greatest(made_at, sold_at)", Kind.TIME),
        ("lower(trim(upper(name)))", Kind.TEXT),
        ("starts_with(name, 'a')", Kind.BOOL),
        ("seconds_between(made_at, sold_at) / 60", Kind.NUMBER),
        ("days_between(born_on, made_at)", Kind.NUMBER),
        ("periods_between(born_on, made_at, 30)", Kind.NUMBER),
        ("json_text(more, 'a')", Kind.TEXT),
    ],
)
def test_every_expression_has_a_kind(text: str, expected: Kind) -> None:
    """What fits together gives what it should."""
    assert kind(text) is expected


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("name + 1", "needs numbers, found a text (name)"),
        ("name = 1", "cannot join"),
        ("n = '1'", "cannot join"),
        ("open = 1", "cannot join"),
        ("open < true", "have no order"),
        ("made_at = born_on", "cannot join"),
        ("made_at = name", "cannot join"),
        ("made_at - sold_at", "seconds_between"),
        ("made_at + 5", "needs numbers"),
        ("not name", "expected true or false, found a text (name)"),
        ("n and open", "expected true or false"),
        ("open or 'x'", "expected true or false"),
        ("name in (1)", "cannot join"),
        ("name in ('a', 1)", "cannot join"),
        ("case when n then 1 end", "expected true or false"),
        ("case when open then 1 else 'a' end", "cannot join"),
        ("coalesce(name, 1)", "cannot join"),
        ("coalesce(name)", "at least 2 arguments, found 1"),
        ("lower(n)", "expected a text, found a number (n)"),
        ("lower(name, name)", "1 arguments, found 2"),
        ("lower()", "1 arguments, found 0"),
        ("seconds_between(made_at, born_on)", "expected a time, found a date"),
        ("days_between(made_at, made_at)", "expected a date, found a time"),
        ("made_at > 'yesterday'", "'yesterday' is not a time"),
        ("made_at > '2026-02-30'", "'2026-02-30' is not a time"),
        ("born_on = '2026-01-01T10:00'", "is not a date"),
        ("born_on in ('2026-13-01')", "is not a date"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_name(text: str, told: str) -> None:
    """The sentence says what was expected, what was found, and where."""
    with pytest.raises(ExpressionError) as refused:
        kind(text)
    assert told in str(refused.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("nam = 'x'", "unknown column 'nam'; did you mean 'name'?"),
        ("agents.tea = 'x'", "did you mean 'agents.team'?"),
        ("lowr(name)", "unknown function 'lowr'; did you mean 'lower'?"),
        ("add_seconds(made_at, 5)", "unknown function 'add_seconds'"),
        ("read_csv('/etc/passwd')", "unknown function 'read_csv'"),
    ],
)
def test_only_declared_names_exist(text: str, told: str) -> None:
    """Unknown columns and functions are refused, with the closest one there is."""
    with pytest.raises(UnknownNameError) as refused:
        kind(text)
    assert told in str(refused.value)


@pytest.mark.parametrize("text", ["n", "name", "made_at + 1 day", "coalesce(n, 1)"])
def test_a_condition_must_be_true_or_false(text: str) -> None:
    """A number is no condition."""
    with pytest.raises(ExpressionError, match="must be true or false"):
        condition(parse(text), TYPES)


def test_an_unknown_condition_is_a_condition() -> None:
    """`null` holds for no row."""
    assert condition(parse("null"), TYPES) == Literal(None)


def test_texts_become_times_in_the_zone_of_the_question() -> None:
    """Midnight in New York is five o'clock UTC in winter; an offset of its own wins."""

    def literal(text: str, zone: str) -> object:
        checked, _ = check(parse(text), TYPES, zone)
        assert isinstance(checked, Compare)
        assert isinstance(checked.right, Literal)
        return checked.right.value

    day = "made_at >= '2026-01-31'"
    assert literal(day, "UTC") == dt.datetime(2026, 1, 31, tzinfo=dt.UTC)
    assert literal(day, "America/New_York") == dt.datetime(2026, 1, 31, 5, tzinfo=dt.UTC)
    assert literal(day, "Asia/Kathmandu") == dt.datetime(2026, 1, 30, 18, 15, tzinfo=dt.UTC)
    own = "made_at >= '2026-01-31T09:00:00+03:00'"
    assert literal(own, "America/New_York") == dt.datetime(2026, 1, 31, 6, tzinfo=dt.UTC)
    assert literal("born_on = '2026-01-31'", "Asia/Kathmandu") == dt.date(2026, 1, 31)


def test_texts_become_times_wherever_times_are() -> None:
    """In lists, cases and coalesce, too."""
    at = Literal(dt.datetime(2026, 1, 31, tzinfo=dt.UTC))
    for text in (
        "made_at in ('2026-01-31', null)",
        "'2026-01-31' < made_at",
        "coalesce(made_at, '2026-01-31') is null",
        "case when open then made_at else '2026-01-31' end = sold_at",
        "made_at between '2026-01-31' and sold_at",
    ):
        assert at in list(walk(check(parse(text), TYPES)[0])), text


def test_moving_a_time_becomes_a_call() -> None:
    """Engines know add_seconds and no durations."""
    moved = check(parse("made_at + 30 days"), TYPES)[0]
    assert moved == Call("add_seconds", (Name("made_at"), Literal(2_592_000)))
    back = check(parse("made_at - 1 minute"), TYPES)[0]
    assert back == Call("add_seconds", (Name("made_at"), Literal(-60)))


@pytest.mark.parametrize(
    "text",
    [
        "1 day",
        "1 day is null",
        "1 day = 24 hours",
        "1 day in (null)",
        "coalesce(1 day, 2 days) is null",
        "case when open then 1 day end is null",
        "least(1 day, null) is null",
        "n + 2 days",
        "made_at * 2 days",
        "2 days + made_at",
        "null + 1 day",
    ],
)
def test_lengths_of_time_only_move_times(text: str) -> None:
    """Engines know none, so that one by itself is refused."""
    with pytest.raises(ExpressionError, match="a length of time can only be added to a time"):
        check(parse(text), TYPES)


def test_times_stay_in_the_calendar() -> None:
    """A century is enough; more leaves the years that engines can hold."""
    assert kind("made_at + 36500 days") is Kind.TIME
    with pytest.raises(ExpressionError, match="at most 36500 days"):
        kind("made_at - 36501 days")


def checked_or_refused(text: str, zone: str = "UTC") -> tuple[Expression, Kind] | None:
    """Check a text; None when it is refused. Any other error fails the test."""
    try:
        return check(parse(text), TYPES, zone)
    except UsageError:
        return None


@pytest.mark.parametrize("zone", ["Asia/Kathmandu", "America/New_York"])
@pytest.mark.parametrize(
    "text",
    [
        "x" + " + x" * 3000,
        "x" + " - 1" * 2400 + " > 0",
        "x > " + "-" * 9000 + "x",
        "made_at" + " + 1 day" * 1000 + " > sold_at",
        "made_at > '0001-01-01'",
        "made_at < '9999-12-31T23:59:59'",
        "made_at + 99999999999 days > sold_at",
        "made_at + 999999999999999999999999999999999 days > sold_at",
        "n = 99999999999999999999999999999999999999999",
        "n = 0." + "1" * 300,
    ],
)
def test_hostile_sizes_are_taken_or_refused_but_never_crash(text: str, zone: str) -> None:
    """Long sums, early years and huge numbers end in an expression or in a sentence."""
    found = checked_or_refused(text, zone)
    held = [node.value for node in walk(found[0]) if isinstance(node, Literal)] if found else []
    assert all(abs(value) < 2**63 for value in held if isinstance(value, int))


@pytest.mark.parametrize(
    "text", ["x" + " + x" * 90, "open" + " and open" * 1000, "(" * 55 + "x" + ")" * 55 + " > 1"]
)
def test_what_programs_write_is_not_too_deep(text: str) -> None:
    """Ninety terms, a thousand conditions and some dozen brackets are fine."""
    assert checked_or_refused(text) is not None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("lower(null) = 'a'", "null = 'a'"),
        ("seconds_between(coalesce(null, null), made_at) > 1", "null > 1"),
        ("starts_with(case when open then null end, name)", "null"),
        ("json_text(more, null) is null", "null is null"),
    ],
)
def test_a_call_of_null_is_null_before_an_engine_sees_it(text: str, expected: str) -> None:
    """An engine could not tell which function is meant."""
    assert check(parse(text), TYPES)[0] == parse(expected)


_SPELLED = """name open n x price made_at sold_at born_on more agents.team ( ) , + - * / = != <
    <= > >= and or not in between is null case when then else end true false 1 2.5 'x' ''
    '2026-01-01' days"""
WORDS = (*_SPELLED.split(), *(f"{function}(" for function in FUNCTIONS))


@given(st.lists(st.sampled_from(WORDS), max_size=30).map(" ".join))
def test_checking_ends_in_an_expression_or_a_sentence(text: str) -> None:
    """Whatever parses is checked or refused, and the engines never see a length of time."""
    found = checked_or_refused(text)
    assert found is None or not [node for node in walk(found[0]) if isinstance(node, Duration)]


@given(st.text(max_size=30))
def test_any_text_is_a_time_or_is_refused(text: str) -> None:
    """No text that is compared with a time crashes the calendar."""
    quoted = text.replace("'", "''")
    found = checked_or_refused(f"made_at < '{quoted}'", "Pacific/Apia")
    assert found is None or found[1] is Kind.BOOL
