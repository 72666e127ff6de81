"""What does a formula give for columns of numbers?

Engines compute formulas over aggregates. This does so for formulas over numbers that are only
known after the engine has run, such as a survival median.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from dialgauge.analysis.distribution import Array
from dialgauge.model.expression import Arithmetic, Call, Expression, Literal, Name


def computed(formula: Expression, column: Callable[[str], Array]) -> Array:
    """Compute a formula for every row.

    Args:
        formula: Over names, with + - * /, coalesce, least and greatest.
        column: Gives a name's numbers; NaN is unknown.

    Returns:
        One number a row; NaN where an operand is unknown or a divisor is 0. As in engines,
        `least` and `greatest` skip what is unknown.

    Example:
        >>> from dialgauge.model.parse import parse
        >>> columns = {"a": np.array([6.0, 1.0]), "b": np.array([3.0, 0.0])}
        >>> computed(parse("a / b"), columns.__getitem__).tolist()
        [2.0, nan]
    """
    match formula:
        case Literal(value):
            return np.asarray(float(str(value)))
        case Name(name):
            return column(name)
        case Arithmetic(operator, left, right):
            return _arithmetic(operator, computed(left, column), computed(right, column))
        case Call(function, arguments):
            return _call(function, [computed(each, column) for each in arguments])
    raise TypeError(formula)


def _arithmetic(operator: str, left: Array, right: Array) -> Array:
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
    return left / np.where(right == 0, np.nan, right)


def _call(function: str, values: Sequence[Array]) -> Array:
    if function == "coalesce":
        found = values[0]
        for value in values[1:]:
            found = np.where(np.isnan(found), value, found)
        return found
    choose = {"least": np.fmin, "greatest": np.fmax}[function]
    found = values[0]
    for value in values[1:]:
        found = choose(found, value)
    return found
