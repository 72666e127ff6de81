"""Does the parser read the language, and refuse everything else with a sentence?"""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgauge.errors import ExpressionError
from dialgauge.model.expression import (
    NULL,
    And,
    Arithmetic,
    Call,
    Case,
    Compare,
    Duration,
    Expression,
    In,
    IsNull,
    Literal,
    Name,
    Not,
    Or,
)
from dialgauge.model.parse import parse

A, B, C = Name("a"), Name("b"), Name("c")
ONE, TWO, THREE = Literal(1), Literal(2), Literal(3)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1", ONE),
        ("1.50", Literal(Decimal("1.50"))),
        ("-1", Literal(-1)),
        ("--1", ONE),
        ("'it''s'", Literal("it's")),
        ("''", Literal("")),
        ("'-- no comment; drop'", Literal("-- no comment; drop")),
        ("true", Literal(value=True)),
        ("FALSE", Literal(value=False)),
        ("Null", NULL),
        ("a", A),
        ("agents.team", Name("agents.team")),
        ("größe", Name("größe")),
        (
            "calls.contacts/calls.dials",
            Arithmetic("/", Name("calls.contacts"), Name("calls.dials")),
        ),
        ("a + b * c", Arithmetic("+", A, Arithmetic("*", B, C))),
        ("(a + b) * c", Arithmetic("*", Arithmetic("+", A, B), C)),
        ("a - b - c", Arithmetic("-", Arithmetic("-", A, B), C)),
        ("a / b / c", Arithmetic("/", Arithmetic("/", A, B), C)),
        ("-a", Arithmetic("-", Literal(0), A)),
        ("a - -1", Arithmetic("-", A, Literal(-1))),
        ("a = 1", Compare("=", A, ONE)),
        ("a == 1", Compare("=", A, ONE)),
        ("a <> 1", Compare("!=", A, ONE)),
        ("a<=1", Compare("<=", A, ONE)),
        ("a or b and c", Or((A, And((B, C))))),
        ("(a or b) and c", And((Or((A, B)), C))),
        ("a and b and c", And((A, B, C))),
        ("not a and b", And((Not(A), B))),
        ("not a = 1", Not(Compare("=", A, ONE))),
        ("not not a", Not(Not(A))),
        ("a in (1, 2)", In(A, (ONE, TWO))),
        ("a not in ('x', null, -1)", Not(In(A, (Literal("x"), NULL, Literal(-1))))),
        ("a between 1 and 2 and b", And((And((Compare(">=", A, ONE), Compare("<=", A, TWO))), B))),
        ("a not between 1 and 2", Not(And((Compare(">=", A, ONE), Compare("<=", A, TWO))))),
        ("a is null", IsNull(A)),
        ("a IS NOT NULL", Not(IsNull(A))),
        ("a + 30 days", Arithmetic("+", A, Duration(2_592_000))),
        ("1 hour", Duration(3600)),
        ("1.5 minutes", Duration(90)),
        ("a -- b", Arithmetic("-", A, Arithmetic("-", Literal(0), B))),
        ("90 seconds", Duration(90)),
        ("coalesce(a, 1)", Call("coalesce", (A, ONE))),
        ("LOWER( a )", Call("lower", (A,))),
        ("now()", Call("now", ())),
        ("f(a or b)", Call("f", (Or((A, B)),))),
        ("case when a then 1 end", Case(((A, ONE),), NULL)),
        ("case when a then 1 when b then 2 else 3 end", Case(((A, ONE), (B, TWO)), THREE)),
        ("\n\ta\r\n=\u00a01 ", Compare("=", A, ONE)),
    ],
)
def test_the_language_is_read(text: str, expected: Expression) -> None:
    """Each sentence means what its precedence says."""
    assert parse(text) == expected


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "expected a name or a value at character 1, found the end"),
        ("   ", "found the end"),
        ("a =", "found the end"),
        ("a b", "expected the end at character 3, found 'b'"),
        ("(a", "expected ')'"),
        ("a)", "found ')'"),
        ("a in ()", "a name or a value"),
        ("a in (b)", "a constant"),
        ("a in (1 day)", "a constant"),
        ("a in 1", "'('"),
        ("a between 1 or 2", "'and'"),
        ("a is 1", "'null'"),
        ("a not 1", "'in' or 'between'"),
        ("a < b < c", "expected the end"),
        ("case end", "'when'"),
        ("case when a end", "'then'"),
        ("case when a then 1", "'end'"),
        ("f(a", "')'"),
        ("f(,)", "a name or a value"),
        ("a; drop table calls", "character 2"),
        ("a /* x */", "a name or a value"),
        ('"a"', "character 1"),
        ("'open", "character 1"),
        ("a $ b", "character 3"),
        ("a.", "character 2"),
        (".5", "character 1"),
        ("1e5", "expected the end"),
        ("a = b = c", "expected the end"),
        ("a\x00", "character 2"),
        ("${a}", "character 1"),
        ("a::int", "character 2"),
        ("a||b", "character 2"),
        ("a[0]", "character 2"),
    ],
)
def test_what_is_not_in_the_language_is_refused_where_it_stands(text: str, told: str) -> None:
    """The message names the place and what was expected there."""
    with pytest.raises(ExpressionError) as refused:
        parse(text)
    assert told in str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 2000,
        "(" * 200 + "a" + ")" * 200,
        "not " * 2400 + "a",
        "f(" * 1000,
        "case when " * 500,
        "a and " * 3000 + "a",
        "9" * 9999,
        "1" * 5000 + " days",
        "a in (" + "1," * 6000 + "1)",
    ],
)
def test_what_is_too_long_or_too_deep_is_refused(text: str) -> None:
    """No text, however hostile, costs more than an error."""
    with pytest.raises(ExpressionError):
        parse(text)


def test_sixty_levels_are_not_too_deep() -> None:
    """People nest less; formulas made by programs may nest some dozen levels."""
    assert parse("(" * 55 + "a" + ")" * 55) == A


@pytest.mark.parametrize("nots", [1, 2, 59, 60, 61, 62])
def test_every_not_counts_or_the_text_is_refused(nots: int) -> None:
    """A condition is never silently turned around by dropping a `not`."""
    text = "not " * nots + "a"
    try:
        found = parse(text)
    except ExpressionError:
        assert nots > 50
        return
    counted = 0
    while isinstance(found, Not):
        found, counted = found.operand, counted + 1
    assert counted == nots


def test_only_numbers_have_an_opposite() -> None:
    """`-true` is not -1."""
    assert parse("-true") == Arithmetic("-", Literal(0), Literal(value=True))
    with pytest.raises(ExpressionError, match="a constant"):
        parse("a in (-true)")


@pytest.mark.parametrize("text", ["0.5 seconds", "1.001 minutes", "0.00001 days"])
def test_lengths_of_time_are_whole_seconds(text: str) -> None:
    """Half a second is refused rather than taken for none."""
    with pytest.raises(ExpressionError, match="whole number of seconds"):
        parse(f"at + {text}")


def test_numbers_keep_all_digits_or_are_refused() -> None:
    """Eighteen digits fit every engine; a nineteenth is told, not rounded."""
    assert parse("9" * 18) == Literal(10**18 - 1)
    assert parse("0." + "1" * 18) == Literal(Decimal("0." + "1" * 18))
    for text in ("9" * 19, "0." + "1" * 19):
        with pytest.raises(ExpressionError, match="too many digits"):
            parse(text)


_SPELLED = """a b.c and or not in between is null case when then else end true false ( ) , + -
    * / = != < <= > >= 1 2.5 'x' '' days hour second lower coalesce ' " ; . \\ \x00 é"""
WORDS = _SPELLED.split()


def read(text: str) -> Expression | None:
    """Read a text; None when it is refused. Any other error fails the test."""
    try:
        return parse(text)
    except ExpressionError:
        return None


@given(st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join))
def test_words_of_the_language_in_any_order_are_read_or_refused(text: str) -> None:
    """Nothing but an expression or an ExpressionError comes out, and always the same."""
    assert read(text) == read(text)


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    """The same for arbitrary characters."""
    assert isinstance(read(text), Expression | None)


@given(st.text(max_size=50))
def test_any_text_survives_quoting(text: str) -> None:
    """A quoted text is exactly the text, whatever stands in it."""
    assert parse("'" + text.replace("'", "''") + "'") == Literal(text)
