"""How does an expression of a mapping become SQL over a file's columns?

Only the functions below exist; names are headers or the mapping's short names for them. A text
that is compared with a number or used in arithmetic is read as a number; where that fails the row
gets a problem, it never turns silently into NULL.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType

from dialgauge.errors import ExpressionError, UnknownNameError
from dialgauge.model.expression import (
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
    Value,
)
from dialgauge.sources.convert.cells import (
    CUT_SHORT,
    Cell,
    Kind,
    as_number,
    as_text,
    cut_short,
    enum_of,
)
from dialgauge.sources.phone import token_sql
from dialgauge.tables.storage import text

ROW_NUMBER, REPEAT_NUMBER = "_row_number", "_repeat_number"
"""Columns of the relation an expression is rendered against."""

_NUMBERS = (Kind.NUMBER, Kind.DECIMAL)
_TIMES = (Kind.TIME, Kind.WALL, Kind.DATE)
_NULL = Cell("NULL", Kind.NULL)

_TEXT_FUNCTIONS: Mapping[str, tuple[int, str, Kind]] = MappingProxyType(
    {
        "lower": (1, "lower({0})", Kind.TEXT),
        "upper": (1, "upper({0})", Kind.TEXT),
        "trim": (1, "nullif(trim({0}), '')", Kind.TEXT),
        "length": (1, "length({0})", Kind.NUMBER),
        "starts_with": (2, "starts_with({0}, {1})", Kind.BOOL),
        "contains": (2, "contains({0}, {1})", Kind.BOOL),
        "replace": (3, "replace({0}, {1}, {2})", Kind.TEXT),
    }
)
FUNCTIONS = (
    *_TEXT_FUNCTIONS, "coalesce", "concat", "left", "right", "split_part", "number", "row_number",
    "repeat_number", "token",
)  # fmt: skip
"""Every function a mapping's expression may call."""


@dataclass(slots=True)
class Renderer:
    """Writes expressions as SQL and remembers what they need.

    Attributes:
        cell_of: Finds the cell of a name, or raises.
        where: What is being computed, for people.
        checks: SQL conditions that make a row a problem, each with its reason.
        counts_rows: Whether `row_number()` was used.
        numbers: The SQL of each text that `token()` was used on, and the name of the number in
            it; the names must be made by `phones.spelling` below what is rendered.
        asked: These names, as often as `token()` was used.
    """

    cell_of: Callable[[str], Cell]
    where: str = ""
    checks: dict[str, str] = field(default_factory=dict)
    counts_rows: bool = False
    numbers: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def render(self, node: Expression) -> Cell:
        """Write an expression.

        Raises:
            ExpressionError: It mixes kinds that cannot be compared, or calls what does not exist.
        """
        if isinstance(node, Not | And | Or | Compare | In | IsNull):
            return Cell(f"({self._condition(node)})", Kind.BOOL)
        match node:
            case Name(name):
                return self.cell_of(name)
            case Literal(value):
                return _literal(value)
            case Duration(seconds):
                return Cell(str(seconds), Kind.NUMBER)
            case Arithmetic(operator, left, right):
                return self._arithmetic(operator, self.render(left), self.render(right))
            case Case(branches, otherwise):
                return self._case(branches, otherwise)
            case Call(function, arguments):
                return self._call(function, arguments)
        raise ExpressionError(f"a mapping's expression cannot say {type(node).__name__}")

    def _condition(self, node: Not | And | Or | Compare | In | IsNull) -> str:
        match node:
            case Not(operand):
                return f"NOT {self._bool(operand)}"
            case And(operands):
                return " AND ".join(map(self._bool, operands))
            case Or(operands):
                return " OR ".join(map(self._bool, operands))
            case Compare(operator, left, right):
                return self._compare(operator, self.render(left), self.render(right))
            case In(operand, values):
                return self._in(self.render(operand), [one.value for one in values])
            case IsNull(operand):
                return f"{self.render(operand).sql} IS NULL"

    def _bool(self, node: Expression) -> str:
        cell = self.render(node)
        if cell.kind not in (Kind.BOOL, Kind.NULL):
            raise ExpressionError(
                f"and, or, not and when need something true or false, not a {cell.kind.value}; "
                "compare it, for example name = 'yes'"
            )
        return cell.sql

    def _number(self, cell: Cell) -> str:
        if cell.kind is Kind.NULL:
            return "CAST(NULL AS DOUBLE)"
        if cell.kind in _TIMES:
            raise ExpressionError("times cannot be used as numbers in a mapping")
        sql = as_number(cell)
        if cell.kind in (Kind.TEXT, Kind.JSON):
            self.checks[f"({cell.sql} IS NOT NULL AND {sql} IS NULL)"] = (
                f"{self.where} cannot be computed: a text used as a number is not one"
            )
        return sql

    def _compare(self, operator: str, left: Cell, right: Cell) -> str:
        kinds = {left.kind, right.kind}
        symbol = "<>" if operator == "!=" else operator
        if kinds & set(_TIMES) and kinds & {*_NUMBERS, Kind.BOOL}:
            raise ExpressionError(
                f"a {left.kind.value} cannot be compared with a {right.kind.value}"
            )
        if kinds & set(_NUMBERS):
            return f"{self._number(left)} {symbol} {self._number(right)}"
        if left.kind is right.kind or Kind.NULL in kinds:
            return f"{left.sql} {symbol} {right.sql}"
        return f"{as_text(left)} {symbol} {as_text(right)}"

    def _in(self, cell: Cell, values: list[Value]) -> str:
        known = [value for value in values if value is not None]
        if not known:
            return "CAST(NULL AS BOOLEAN)"
        if not all(isinstance(value, str) for value in known):
            return " OR ".join(f"({self._compare('=', cell, _literal(value))})" for value in known)
        found = enum_of(as_text(cell), map(str, known))
        return f"CASE WHEN {cell.sql} IS NOT NULL THEN {found} IS NOT NULL END"

    def _arithmetic(self, operator: str, left: Cell, right: Cell) -> Cell:
        one, other = self._number(left), self._number(right)
        if operator == "/":
            return Cell(f"(CAST({one} AS DOUBLE) / nullif({other}, 0))", Kind.NUMBER)
        return Cell(f"({one} {operator} {other})", Kind.NUMBER)

    def _case(
        self, branches: tuple[tuple[Expression, Expression], ...], otherwise: Expression
    ) -> Cell:
        conditions = [self._bool(condition) for condition, _ in branches]
        *values, last = self._alike(
            [self.render(value) for _, value in branches] + [self.render(otherwise)]
        )
        told = " ".join(
            f"WHEN {condition} THEN {value.sql}"
            for condition, value in zip(conditions, values, strict=True)
        )
        return Cell(f"CASE {told} ELSE {last.sql} END", last.kind)

    def _alike(self, cells: list[Cell]) -> list[Cell]:
        """Bring cells to one kind, text when they differ."""
        kinds = {cell.kind for cell in cells} - {Kind.NULL}
        if len(kinds) <= 1:
            kind = kinds.pop() if kinds else Kind.NULL
            return [Cell(cell.sql, kind) for cell in cells]
        if kinds <= set(_NUMBERS):
            return [Cell(f"CAST({cell.sql} AS DOUBLE)", Kind.NUMBER) for cell in cells]
        return [Cell(as_text(cell), Kind.TEXT) for cell in cells]

    def _call(self, function: str, arguments: tuple[Expression, ...]) -> Cell:
        if function not in FUNCTIONS:
            raise UnknownNameError("function", function, FUNCTIONS)
        cells = [self.render(argument) for argument in arguments]
        if function in _TEXT_FUNCTIONS:
            count, template, kind = _TEXT_FUNCTIONS[function]
            _need(function, cells, count)
            return Cell(template.format(*map(as_text, cells)), kind)
        if function == "coalesce":
            _need(function, cells, 1, 50)
            alike = self._alike(cells)
            return Cell(f"coalesce({', '.join(cell.sql for cell in alike)})", alike[0].kind)
        if function == "concat":
            _need(function, cells, 1, 50)
            return Cell(f"({' || '.join(map(as_text, cells))})", Kind.TEXT)
        if function in ("left", "right"):
            _need(function, cells, 2)
            count_sql = f"CAST({self._number(cells[1])} AS BIGINT)"
            return Cell(f"{function}({as_text(cells[0])}, {count_sql})", Kind.TEXT)
        if function == "split_part":
            _need(function, cells, 3)
            part = f"CAST({self._number(cells[2])} AS BIGINT)"
            value, separator = as_text(cells[0]), as_text(cells[1])
            return Cell(f"nullif(split_part({value}, {separator}, {part}), '')", Kind.TEXT)
        if function == "number":
            _need(function, cells, 1)
            return Cell(self._number(cells[0]), Kind.NUMBER)
        if function == "token":
            _need(function, cells, 1)
            self.checks[cut_short(as_text(cells[0]))] = f"a phone number {CUT_SHORT}"
            name = self.numbers.setdefault(as_text(cells[0]), f"_phone{len(self.numbers)}")
            self.asked.append(name)
            return Cell(token_sql(f"{name}_number"), Kind.TEXT)
        _need(function, cells, 0)
        if function == "repeat_number":
            return Cell(REPEAT_NUMBER, Kind.NUMBER)
        self.counts_rows = True
        return Cell(ROW_NUMBER, Kind.NUMBER)


def _literal(value: object) -> Cell:
    if value is None:
        return _NULL
    if isinstance(value, bool):
        return Cell(str(value).lower(), Kind.BOOL)
    if isinstance(value, int):
        return Cell(str(value), Kind.NUMBER)
    if isinstance(value, float | Decimal):
        return Cell(f"CAST({value} AS DOUBLE)", Kind.NUMBER)
    return Cell(text(str(value)), Kind.TEXT)


def _need(function: str, cells: list[Cell], least: int, most: int | None = None) -> None:
    if not least <= len(cells) <= (least if most is None else most):
        wanted = f"{least}" if most is None else f"{least} or more"
        raise ExpressionError(f"{function}() takes {wanted} arguments, not {len(cells)}")
