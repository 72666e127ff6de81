"""Do the helpers over expressions walk, rebuild and join them without losing anything?"""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from dialgauge.errors import ExpressionError
from dialgauge.model.expression import (
    And,
    Case,
    Compare,
    Expression,
    In,
    Literal,
    Name,
    Not,
    Or,
    conjunction,
    names,
    transform,
    walk,
)
from dialgauge.model.parse import parse
from dialgauge.model.question import Grain
from dialgauge.plan.nodes import Bucket, Offset

A, B, C = Name("a"), Name("b"), Name("c")


def test_conjunction_flattens_and_drops_repetitions() -> None:
    """None is no condition; the same condition twice is one."""
    assert conjunction() is None
    assert conjunction(None, None) is None
    assert conjunction(A, None, A) == A
    assert conjunction(A, And((B, C))) == And((A, B, C))
    assert conjunction(Or((A, B)), C) == And((Or((A, B)), C))


def test_conjunction_leaves_the_truth_as_it_was() -> None:
    """Nested conjunctions hold when all of their parts do."""
    joined = conjunction(And((A, B)), And((C, Not(A))))
    assert isinstance(joined, And)
    assert set(joined.operands) == {A, B, C, Not(A)}


def test_names_are_listed_once_in_order_and_found_everywhere() -> None:
    """Names in branches, lists, arguments and buckets all count."""
    text = "case when d in (1) then lower(c) else b end = a or a is null and x.y + z > 1"
    assert names(parse(text)) == ("d", "c", "b", "a", "x.y", "z")
    assert names(Bucket(Name("at"), Grain.DAY, (Offset(None, 0),))) == ("at",)
    assert names(None) == ()


def test_walk_yields_parents_first() -> None:
    """The node itself comes before what is below it."""
    tree = Not(Compare("=", A, Literal(1)))
    assert list(walk(tree)) == [tree, tree.operand, A, Literal(1)]


def test_transform_replaces_below_and_keeps_the_rest() -> None:
    """Names inside branches and lists of operands are replaced; other nodes stay equal."""

    def to_c(node: Expression) -> Expression | None:
        return C if node == A else None

    assert transform(Or((A, Not(A), B)), to_c) == Or((C, Not(C), B))
    tree = Case(((A, B), (B, A)), A)
    assert transform(tree, to_c) == Case(((C, B), (B, C)), C)
    listed = In(A, (Literal(1),))
    assert transform(listed, to_c) == In(C, (Literal(1),))
    bucket = Bucket(A, Grain.HOUR, (Offset(None, 0), Offset(5, 3600)), 7)
    assert transform(bucket, to_c) == Bucket(C, Grain.HOUR, bucket.offsets, 7)


def test_a_replacement_is_not_visited_again() -> None:
    """Replacing a name by something that holds the name ends."""
    assert transform(A, lambda node: Not(A) if node == A else None) == Not(A)


def test_values_of_equal_number_are_told_apart_by_type() -> None:
    """1, true and a date are different constants where it matters: in what they read as."""
    assert Literal(dt.date(2026, 1, 1)) != Literal("2026-01-01")
    assert parse("1") != parse("'1'")
    assert repr(parse("true")) != repr(parse("1"))


WORDS = ("a", "b", "(", ")", "and", "or", "not", "=", "1", "+", "in", "is null", "'x'")


@given(st.lists(st.sampled_from(WORDS), max_size=20).map(" ".join))
def test_a_change_that_changes_nothing_changes_nothing(text: str) -> None:
    """Rebuilding without replacements gives an equal tree, and every name is walked."""
    try:
        tree = parse(text)
    except ExpressionError:
        return
    assert transform(tree, lambda _: None) == tree
    assert set(names(tree)) == {node.name for node in walk(tree) if isinstance(node, Name)}
