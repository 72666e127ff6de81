"""Do a team's own segments and attributes mean something?

Both may be made of dimensions, columns, and one another. A segment is good when at least one fact
has all that it names, and kinds fit on every fact that does.
"""

from __future__ import annotations

from collections.abc import Mapping

from dialgauge.catalogue.meaning import PIECES, columns, with_attributes
from dialgauge.errors import ExpressionError, UnknownNameError
from dialgauge.model.check import Kind, check, condition
from dialgauge.model.expression import Expression, Name, names, walk
from dialgauge.model.fact import Fact
from dialgauge.model.parse import parse
from dialgauge.model.question import Grain
from dialgauge.model.table import Type
from dialgauge.model.vocabulary import Vocabulary

TIME_BUCKETS = tuple(grain.value for grain in Grain if grain is not Grain.HOUR)
"""Dimensions that every fact has."""

_TYPES = {
    Kind.TEXT: Type.TEXT,
    Kind.BOOL: Type.BOOL,
    Kind.NUMBER: Type.NUMBER,
    Kind.TIME: Type.TIME,
    Kind.DATE: Type.DATE,
}
_GROUPED_BY = (Kind.TEXT, Kind.BOOL, Kind.DATE)
_MOST_NESTED, _MOST_NODES = 10, 20_000


class Groups:
    """Checks the segments and attributes of a vocabulary.

    Attributes:
        words: What may be named.
    """

    def __init__(self, words: Vocabulary) -> None:
        self.words = words
        self._own = {name: _own_types(fact, words) for name, fact in words.facts.items()}

    def check_size(self, name: str, within: tuple[str, ...] = ()) -> int:
        """Refuse a segment or an attribute that is made of itself, or of too much.

        Returns:
            How many parts it has when written out.

        Raises:
            ExpressionError: It goes in a circle, or is too deep or too large.
        """
        if name in within:
            circle = " -> ".join((*within[within.index(name) :], name))
            raise ExpressionError(f"'{name}' is made of itself ({circle}); break the circle")
        if len(within) >= _MOST_NESTED:
            raise ExpressionError(
                f"'{within[0]}' is made of segments of segments, more than {_MOST_NESTED} deep; "
                "write conditions over columns"
            )
        parts = 0
        for text in self._texts(name):
            for node in walk(parse(text)):
                inner = node.name if isinstance(node, Name) else ""
                parts += self.check_size(inner, (*within, name)) if self._texts(inner) else 1
                if parts > _MOST_NODES:
                    raise ExpressionError(
                        f"'{name}' has more than {_MOST_NODES} parts when it is written out; "
                        "make it smaller"
                    )
        return parts

    def check_rule(self, text: str) -> None:
        """Refuse a segment's condition that no fact can tell.

        Raises:
            ExpressionError: It is not a condition, or kinds do not fit.
            UnknownNameError: It names what no fact has.
        """
        expression = parse(text)
        for fact in self._facts_for(expression, text):
            condition(expression, self._types(fact, expression))

    def check_together(self, rules: tuple[str, ...]) -> None:
        """Refuse rules that no one fact can tell together.

        Raises:
            ExpressionError: Some need columns of different facts.
        """
        text = " and ".join(f"({rule})" for rule in rules)
        self._facts_for(parse(text), text)

    def check_attribute(self, text: str) -> None:
        """Refuse an attribute that no fact can be grouped by.

        Raises:
            ExpressionError: It gives no groups, or kinds do not fit.
            UnknownNameError: It names what no fact has.
        """
        expression = parse(text)
        for fact in self._facts_for(expression, text):
            _, kind = check(expression, self._types(fact, expression))
            if kind not in _GROUPED_BY:
                raise ExpressionError(
                    f"'{text}' gives {kind.value}, which makes no groups; make texts of it with "
                    "case when ... then 'group' end"
                )

    def _facts_for(self, expression: Expression, text: str) -> tuple[str, ...]:
        read = names(expression)
        if not read:
            raise ExpressionError(f"'{text}' reads no dimension and no column; name one")
        missing = {fact: self._missing(fact, expression) for fact in self.words.facts}
        fitting = tuple(fact for fact, gone in missing.items() if not gone)
        if fitting:
            return fitting
        for name in read:
            if all(name in gone for gone in missing.values()):
                allowed = {known for types in self._own.values() for known in types}
                raise UnknownNameError("dimension or column", name, allowed)
        raise ExpressionError(
            f"no one fact has all of {', '.join(read)}; make a segment for each fact"
        )

    def _missing(self, fact: str, expression: Expression) -> tuple[str, ...]:
        types = self._types(fact, expression)
        return tuple(name for name in names(expression) if name not in types)

    def _types(self, fact: str, expression: Expression) -> Mapping[str, Type]:
        """List what an expression may name on a fact, with its own segments and attributes."""
        types = dict(self._own[fact])
        for name in names(expression):
            if name.startswith("attributes.") and _has_attributes(types):
                types[name] = Type.TEXT
            inner = [parse(text) for text in self._texts(name)]
            if not inner or any(self._missing(fact, node) for node in inner):
                continue
            types[name] = Type.TEXT
            if name in self.words.attributes:
                kind = check(inner[0], self._types(fact, inner[0]))[1]
                types[name] = _TYPES.get(kind, Type.TEXT)
        return types

    def _texts(self, name: str) -> tuple[str, ...]:
        if name in self.words.segments:
            return tuple(rule for _, rule in self.words.segments[name].rules)
        return (self.words.attributes[name],) if name in self.words.attributes else ()


def _own_types(fact: Fact, words: Vocabulary) -> dict[str, Type]:
    read = columns(fact, words)
    types = {name: type_ for name, type_ in read.items() if name not in PIECES}
    for name, text in fact.dimensions.items():
        dimension = parse(text)
        kind = check(dimension, with_attributes(dimension, fact, read))[1]
        types[name] = _TYPES.get(kind, Type.TEXT)
    return types | dict.fromkeys(TIME_BUCKETS, Type.DATE)


def _has_attributes(types: Mapping[str, Type]) -> bool:
    return "attributes" in types or "leads.attributes" in types
