"""What does a name mean on a fact?

Names in conditions, keys and segments are looked up in this order: segment, time bucket,
declared attribute, dimension of the fact, column of the fact, `attributes.x` of a lead. The
result reads only columns.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from dialgauge.errors import DimensionError, ExpressionError, UnknownNameError
from dialgauge.model.check import Kind, check
from dialgauge.model.expression import (
    And,
    Call,
    Case,
    Compare,
    Expression,
    In,
    Literal,
    Name,
    names,
    transform,
)
from dialgauge.model.fact import Fact, Spread
from dialgauge.model.parse import parse
from dialgauge.model.question import Grain
from dialgauge.model.table import Type
from dialgauge.model.vocabulary import Vocabulary
from dialgauge.plan.nodes import Bucket, Join, Offset

TIME_DIMENSIONS: Mapping[str, Grain] = {
    grain.value: grain for grain in Grain if grain is not Grain.HOUR
}
"""Dimensions that are time buckets; `hour` is the called party's hour, `--grain hour` is ours."""

NOW = "now"
"""The moment of asking, in measures, dimensions and filters."""

# Of pieces and windows: for measures, not for filters and groups.
_PIECES = ("seconds", "opens", "portion", "bucket_start", "bucket_end", "whole", "clock")
_KEY_TYPES = {
    Kind.TEXT: Type.TEXT,
    Kind.BOOL: Type.BOOL,
    Kind.NUMBER: Type.INTEGER,
    Kind.DATE: Type.DATE,
}


_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """A fact, the words around it, and the clock its buckets are cut on.

    Attributes:
        fact: The fact that is read.
        words: What may be named.
        at: The time that buckets are cut on.
        offsets: The question's zone.
        now: The moment of asking.
        zone: The question's zone, by name.
        week_starts: 1 for Monday to 7 for Sunday.
        held: Name to the one text that the question's filters hold it to.
        types: Every column an expression may read, looked-up ones as `table.column`.
    """

    fact: Fact
    words: Vocabulary
    at: Expression
    offsets: tuple[Offset, ...]
    now: dt.datetime = _EPOCH
    zone: str = "UTC"
    week_starts: int = 1
    held: Mapping[str, str] = field(default_factory=dict)
    types: Mapping[str, Type] = field(init=False)

    def __post_init__(self) -> None:
        """List the types once: they are asked for by every condition of a question."""
        types = dict(self.fact.table.types)
        for lookup in self.fact.lookups:
            for name, type_ in self.words.tables[lookup.table].types.items():
                types[f"{lookup.table}.{name}"] = type_
        if self.fact.spread is not Spread.NONE:
            types |= {"seconds": Type.NUMBER, "opens": Type.BOOL}
        if self.fact.days is not None:
            types |= {"portion": Type.MONEY}
        if self.fact.alive is not None:
            types |= {"bucket_start": Type.TIME, "bucket_end": Type.TIME}
        object.__setattr__(self, "types", types)

    def bucket(self, grain: Grain, at: Expression | None = None) -> Bucket:
        """Cut an instant, by default the clock, into buckets."""
        return Bucket(at or self.at, grain, self.offsets, self.week_starts)


def dimensions(fact: Fact, words: Vocabulary) -> tuple[str, ...]:
    """List the names a fact can be grouped by."""
    own = [*fact.dimensions, *TIME_DIMENSIONS]
    own += [name for name, text in words.attributes.items() if _fits(text, fact, words)]
    own += [
        segment.name
        for segment in words.segments.values()
        if all(_fits(rule, fact, words) for _, rule in segment.rules)
    ]
    return tuple(own)


def shared_dimensions(facts: tuple[Fact, ...], words: Vocabulary) -> tuple[str, ...]:
    """List the dimensions that all facts have."""
    first, *others = (dimensions(fact, words) for fact in facts)
    return tuple(name for name in first if all(name in other for other in others))


def all_dimensions(words: Vocabulary) -> tuple[str, ...]:
    """List the dimensions that any fact has."""
    listed = (name for fact in words.facts.values() for name in dimensions(fact, words))
    return tuple(dict.fromkeys(listed))


def need_dimensions(wanted: tuple[str, ...], facts: tuple[Fact, ...], words: Vocabulary) -> None:
    """Refuse a dimension that some fact does not have.

    Raises:
        UnknownNameError: No fact has it.
        DimensionError: Some fact lacks it; the message names the ones all facts share.
    """
    for name in wanted:
        lacking = [fact.name for fact in facts if name not in dimensions(fact, words)]
        if not lacking:
            continue
        if name not in all_dimensions(words):
            raise UnknownNameError("dimension", name, shared_dimensions(facts, words))
        raise DimensionError(
            f"{' and '.join(lacking)} cannot be split by '{name}'{_unread(name, facts, words)}; "
            f"all facts of this question share: {', '.join(shared_dimensions(facts, words))}. "
            "Ask the KPIs separately, or choose one of these"
        )


def _unread(name: str, facts: tuple[Fact, ...], words: Vocabulary) -> str:
    """Say what of a segment facts do not have; nothing for a dimension."""
    rules = words.segments[name].rules if name in words.segments else ()
    read = dict.fromkeys(each for _, rule in rules for each in names(parse(rule)))
    lacking = [each for each in read if not all(_has(each, fact, words) for fact in facts)]
    return f", which reads {' and '.join(lacking)}" if lacking else ""


def key(name: str, scope: Scope) -> tuple[Expression, Type]:
    """Resolve a dimension to what it is grouped by, and its type."""
    checked, kind = _check(resolve(Name(name), scope), scope)
    return checked, _KEY_TYPES.get(kind, Type.TEXT)


def filter_condition(text: str, scope: Scope) -> Expression:
    """Resolve a condition of the user's.

    Raises:
        ExpressionError: It is not a condition, or kinds do not fit.
        DimensionError: The fact has no such dimension or column.
    """
    resolved = resolve(parse(text), scope)
    return checked_condition(resolved, scope, text)


def checked_condition(resolved: Expression, scope: Scope, text: str) -> Expression:
    """Check that a resolved expression is true or false."""
    try:
        checked, kind = _check(resolved, scope)
    except ExpressionError as error:
        raise ExpressionError(f"in the condition '{text}': {error}") from error
    if kind not in (Kind.BOOL, Kind.NULL):
        raise ExpressionError(
            f"the condition '{text}' gives {kind.value}, not true or false; compare it with "
            "something, for example talk_s >= 30"
        )
    return checked


def resolve(expression: Expression, scope: Scope) -> Expression:
    """Replace every name by what it means on the scope's fact.

    Raises:
        DimensionError: The fact has no such dimension or column.
    """

    def meaning(node: Expression) -> Expression | None:
        return _meaning(node.name, scope) if isinstance(node, Name) else None

    return transform(expression, meaning)


def joins(read: tuple[str, ...], scope: Scope) -> tuple[Join, ...]:
    """List the lookups that reading these names takes."""
    found = []
    for lookup in scope.fact.lookups:
        prefix = f"{lookup.table}."
        columns = [name.removeprefix(prefix) for name in read if name.startswith(prefix)]
        if columns:
            table = scope.words.tables[lookup.table]
            held = scope.held.get(lookup.asked, "")
            found.append(
                Join(
                    table=table.name,
                    on=lookup.on,
                    key=lookup.key or table.key,
                    columns=tuple(dict.fromkeys(columns)),
                    only=(f"asked_{lookup.asked}", held) if lookup.asked else None,
                )
            )
    return tuple(found)


def held_to(conditions: tuple[str, ...]) -> dict[str, str]:
    """Say which names conditions hold to one text, where all of them must be true.

    Example:
        >>> held_to(("experiment = 'a' and talk_s > 30", "team in ('x', 'y')"))
        {'experiment': 'a'}
    """
    found: dict[str, set[str]] = {}
    waiting = [parse(text) for text in conditions]
    while waiting:
        match waiting.pop():
            case And(operands):
                waiting += operands
            case (
                Compare("=", Name(name), Literal(str(value)))
                | Compare("=", Literal(str(value)), Name(name))
                | In(Name(name), (Literal(str(value)),))
            ):
                found.setdefault(name, set()).add(value)
    return {name: values.pop() for name, values in found.items() if len(values) == 1}


def _check(expression: Expression, scope: Scope) -> tuple[Expression, Kind]:
    """Check an expression that may hold time buckets, which the language itself cannot say."""
    buckets: dict[str, Bucket] = {}

    def hide(node: Expression) -> Expression | None:
        if not isinstance(node, Bucket):
            return None
        buckets[f"bucket {len(buckets)}"] = node
        return Name(f"bucket {len(buckets) - 1}")

    hidden = transform(expression, hide)
    if not buckets:
        return check(expression, scope.types, scope.zone)
    types = {**scope.types, **dict.fromkeys(buckets, Type.DATE)}
    checked, kind = check(hidden, types, scope.zone)
    shown = transform(
        checked, lambda node: buckets.get(node.name) if isinstance(node, Name) else None
    )
    return shown, kind


def _meaning(name: str, scope: Scope) -> Expression:
    fact, words = scope.fact, scope.words
    if name == NOW:
        return Literal(scope.now)
    if name in words.segments:
        segment = words.segments[name]
        try:
            branches = tuple(
                (resolve(parse(rule), scope), Literal(group)) for group, rule in segment.rules
            )
        except DimensionError as error:
            raise DimensionError(f"in the segment '{name}': {error}") from error
        return Case(branches, Literal(segment.otherwise))
    if name in TIME_DIMENSIONS:
        return scope.bucket(TIME_DIMENSIONS[name])
    if name in words.attributes:
        return resolve(parse(words.attributes[name]), scope)
    if name in fact.dimensions:
        return parse(fact.dimensions[name])
    own = name.removeprefix(f"{fact.name}.")
    if own in scope.types and own not in _PIECES:
        return Name(own)
    attribute = _attribute(name, fact)
    if attribute is not None:
        return attribute
    known = any(_has(name, other, words) for other in words.facts.values())
    if not known:
        # Columns of looked-up tables are offered to those who name a table.
        columns = scope.types if "." in name else fact.table.types
        allowed = [*dimensions(fact, words), *columns]
        raise UnknownNameError("dimension or column", name, dict.fromkeys(allowed))
    raise DimensionError(
        f"{fact.name} has no '{name}'; it can be filtered by "
        f"{', '.join(dict.fromkeys([*dimensions(fact, words), *fact.table.types]))}"
    )


def _attribute(name: str, fact: Fact) -> Expression | None:
    """Read `attributes.tier` from the fact's own attributes, else from its lead's or customer's."""
    head, _, member = name.partition(".")
    if head != "attributes" or not member:
        return None
    looked_up = [lookup.table for lookup in fact.lookups]
    known = [f"{table}.attributes" for table in ("leads", "customers") if table in looked_up]
    if "attributes" in fact.table.types:
        known = ["attributes"]
    texts = [Call("json_text", (Name(column), Literal(member))) for column in known]
    if len(texts) > 1:
        return Call("coalesce", tuple(texts))
    return texts[0] if texts else None


def _fits(text: str, fact: Fact, words: Vocabulary) -> bool:
    """Whether every name of a rule means something on a fact."""
    return all(_has(name, fact, words) for name in names(parse(text)))


def _has(name: str, fact: Fact, words: Vocabulary) -> bool:
    """Whether `_meaning` knows a name; without its sentences, which list what fits."""
    if name in words.segments:
        return all(_fits(rule, fact, words) for _, rule in words.segments[name].rules)
    if name in TIME_DIMENSIONS or name == NOW:
        return True
    if name in words.attributes:
        return _fits(words.attributes[name], fact, words)
    table, _, column = name.rpartition(".")
    looked_up = any(lookup.table == table for lookup in fact.lookups)
    return (
        name in fact.dimensions
        or name.removeprefix(f"{fact.name}.") in fact.table.types
        or (looked_up and column in words.tables[table].types)
        or _attribute(name, fact) is not None
    )
