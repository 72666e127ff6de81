"""In what do SQL engines differ?

One table of differences; `statement` builds everything else alike. Functions that sqlglot would
translate by its own rules are written as they stand (`Anonymous`), because a silent translation
is a silent wrong answer.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from sqlglot import exp

TENTHS = "DECIMAL(5, 4)"
"""The type of 0.0001, the smallest part of money."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How one engine writes what engines write differently.

    Attributes:
        name: sqlglot's name of the dialect.
        stacks_by_name: Whether UNION ALL can match columns by name and fill in NULL; else every
            leg is padded with the columns of all others, of which there are hundreds.
        microseconds: An instant to its microseconds since 1970 UTC.
        instant: Microseconds since 1970 UTC to an instant.
        day: A day number since 1970 to a date.
        month: A date to the first day of its `month`, `quarter` or `year`.
        day_number: A date to its day number since 1970.
        moment: A UTC instant as a constant.
        quantiles: Interpolated quantiles at constant fractions, as a list.
        element: The element of a list at a position counted from 0.
        series: One row for each whole number from the first to the last; at least for the first.
        tuples: A list of lists of numbers, of the rows whose condition is true and whose first
            number is known.
        share: Money times one whole number over another, cut off to 0.0001 towards 0.
        json_text: The text of a member of a JSON object, NULL when there is none.
        trim: A text without the spaces at its ends; other white space stays.
        starts_with: Whether a text begins with another.
        contains: Whether a text contains another.
    """

    name: str
    stacks_by_name: bool
    microseconds: Callable[[exp.Expr], exp.Expr]
    instant: Callable[[exp.Expr], exp.Expr]
    day: Callable[[exp.Expr], exp.Expr]
    month: Callable[[exp.Expr, str], exp.Expr]
    day_number: Callable[[exp.Expr], exp.Expr]
    moment: Callable[[dt.datetime], exp.Expr]
    quantiles: Callable[[exp.Expr, tuple[float, ...]], exp.Expr]
    element: Callable[[exp.Expr, int], exp.Expr]
    series: Callable[[exp.Expr, exp.Expr], exp.Expr]
    tuples: Callable[[list[exp.Expr], exp.Expr | None], exp.Expr]
    share: Callable[[exp.Expr, exp.Expr, exp.Expr], exp.Expr]
    json_text: Callable[[exp.Expr, exp.Expr], exp.Expr]
    trim: Callable[[exp.Expr], exp.Expr]
    starts_with: Callable[[exp.Expr, exp.Expr], exp.Expr]
    contains: Callable[[exp.Expr, exp.Expr], exp.Expr]


def function(name: str, *arguments: exp.Expr) -> exp.Expr:
    """Call a function by exactly this name."""
    return exp.Anonymous(this=name, expressions=list(arguments))


def cast(expression: exp.Expr, type_name: str) -> exp.Expr:
    """Cast to a type by the name both engines share or sqlglot translates plainly."""
    plain = exp.DataType.Type.__members__.get(type_name)
    to = exp.DataType(this=plain) if plain else exp.DataType.build(type_name)
    return exp.Cast(this=expression, to=to)


def number(value: float) -> exp.Expr:
    """Write a number that may be negative."""
    literal = exp.Literal.number(str(abs(value)))
    return exp.Neg(this=literal) if value < 0 else literal


def text(value: str) -> exp.Expr:
    """Write a text."""
    return exp.Literal.string(value)


def column(name: str, table: str = "") -> exp.Expr:
    """Write a column; always quoted, since names may be keywords."""
    return exp.column(name, table=table or None, quoted=True)


def named(expression: exp.Expr, name: str) -> exp.Expr:
    """Write an expression with a name."""
    return exp.Alias(this=expression, alias=exp.to_identifier(name, quoted=True))
