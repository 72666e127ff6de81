"""How is a formula or a condition read?

One recursive-descent parser, one grammar:

    or       := and ("or" and)*
    and      := not ("and" not)*
    not      := "not" not | test
    test     := sum (("=" | "!=" | "<" | "<=" | ">" | ">=") sum | ["not"] "in" "(" literals ")"
                | ["not"] "between" sum "and" sum | "is" ["not"] "null")?
    sum      := product (("+" | "-") product)*
    product  := unary (("*" | "/") unary)*
    unary    := "-" unary | atom
    atom     := number [unit] | 'text' | "true" | "false" | "null" | name | name "(" sums ")"
                | "case" ("when" or "then" or)+ ["else" or] "end" | "(" or ")"
    unit     := seconds | minutes | hours | days   (also in the singular)
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from decimal import Decimal

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
    depth,
)

_TOKEN = re.compile(
    r"""\s*(?:
    (?P<number>\d+(?:\.\d+)?)
  | (?P<text>'(?:[^']|'')*')
  | (?P<name>[^\W\d]\w*(?:\.[^\W\d]\w*)*)
  | (?P<symbol><=|>=|!=|<>|==|[-+*/(),=<>])
    )""",
    re.VERBOSE,
)
_UNITS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}
_COMPARISONS = {"=": "=", "==": "=", "!=": "!=", "<>": "!=", "<": "<", "<=": "<=", ">": ">"}
_COMPARISONS[">="] = ">="
_MOST_LENGTH, _MOST_DEPTH, _MOST_LEVELS = 10_000, 60, 120
_MOST_DIGITS = 18  # of whole numbers, so that engines hold them in 64 bits; as many of fractions


@functools.lru_cache(maxsize=4096)
def parse(text: str) -> Expression:
    """Read a formula or a condition.

    Args:
        text: For example `calls.contacts / calls.dials` or `result in ('busy', 'no_answer')`.

    Returns:
        The expression; names are not looked up yet.

    Raises:
        ExpressionError: The text is not in the language; the message says where and why.

    Example:
        >>> parse("talk_s >= 30")
        Compare(operator='>=', left=Name(name='talk_s'), right=Literal(value=30))
    """
    if len(text) > _MOST_LENGTH:
        raise ExpressionError(
            f"the expression has {len(text)} characters; at most {_MOST_LENGTH} are allowed"
        )
    expression = _Parser(text, _tokens(text)).whole()
    if depth(expression) > _MOST_LEVELS:
        raise ExpressionError(
            f"the expression has more than {_MOST_LEVELS} levels; split it into measures"
        )
    return expression


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int


def _tokens(text: str) -> list[_Token]:
    tokens, at = [], 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if match is None:
            at += len(text[at:]) - len(text[at:].lstrip())
            raise ExpressionError(
                f"cannot read '{text}' at character {at + 1} ({text[at]!r}); allowed are names, "
                "numbers, 'text', + - * / ( ) , comparisons, and, or, not, in, between, is null"
            )
        kind = match.lastgroup or ""
        tokens.append(_Token(kind, match[kind], match.start(kind)))
        at = match.end()
    return [*tokens, _Token("end", "", len(text))]


class _Parser:
    def __init__(self, text: str, tokens: list[_Token]) -> None:
        self.text, self.tokens, self.position, self.depth = text, tokens, 0, 0

    @property
    def token(self) -> _Token:
        return self.tokens[self.position]

    def whole(self) -> Expression:
        expression = self.disjunction()
        if self.token.kind != "end":
            self.fail("the end")
        return expression

    def fail(self, expected: str) -> None:
        found = f"'{self.token.text}'" if self.token.text else "the end"
        raise ExpressionError(
            f"cannot read '{self.text}': expected {expected} at character {self.token.at + 1}, "
            f"found {found}"
        )

    def word(self, *words: str) -> bool:
        if self.token.kind == "name" and self.token.text.lower() in words:
            self.position += 1
            return True
        return False

    def symbol(self, *symbols: str) -> str:
        if self.token.kind == "symbol" and self.token.text in symbols:
            self.position += 1
            return self.tokens[self.position - 1].text
        return ""

    def need(self, symbol: str) -> None:
        if not self.symbol(symbol) and not self.word(symbol):
            self.fail(f"'{symbol}'")

    def disjunction(self) -> Expression:
        self.depth += 1
        if self.depth > _MOST_DEPTH:
            raise ExpressionError(
                f"the expression nests deeper than {_MOST_DEPTH} levels; split it into measures"
            )
        operands = [self.conjunction()]
        while self.word("or"):
            operands.append(self.conjunction())
        self.depth -= 1
        return operands[0] if len(operands) == 1 else Or(tuple(operands))

    def conjunction(self) -> Expression:
        operands = [self.negation()]
        while self.word("and"):
            operands.append(self.negation())
        return operands[0] if len(operands) == 1 else And(tuple(operands))

    def negation(self) -> Expression:
        negations = 0
        while self.word("not"):
            negations += 1
        operand = self.test()
        for _ in range(negations):
            operand = Not(operand)
        return operand

    def test(self) -> Expression:
        left = self.sum()
        if operator := self.symbol(*_COMPARISONS):
            return Compare(_COMPARISONS[operator], left, self.sum())
        if self.word("is"):
            negated = self.word("not")
            self.need("null")
            return Not(IsNull(left)) if negated else IsNull(left)
        negated = self.word("not")
        if self.word("in"):
            found: Expression = In(left, self.literals())
        elif self.word("between"):
            low = self.sum()
            self.need("and")
            found = And((Compare(">=", left, low), Compare("<=", left, self.sum())))
        elif negated:
            self.fail("'in' or 'between'")
        else:
            return left
        return Not(found) if negated else found

    def literals(self) -> tuple[Literal, ...]:
        self.need("(")
        values: list[Literal] = []
        while True:
            value = self.unary()
            if not isinstance(value, Literal):
                self.fail("a constant before this")
            else:
                values.append(value)
            if not self.symbol(","):
                self.need(")")
                return tuple(values)

    def sum(self) -> Expression:
        left = self.product()
        while operator := self.symbol("+", "-"):
            left = Arithmetic(operator, left, self.product())
        return left

    def product(self) -> Expression:
        left = self.unary()
        while operator := self.symbol("*", "/"):
            left = Arithmetic(operator, left, self.unary())
        return left

    def unary(self) -> Expression:
        negative = False
        while self.symbol("-"):
            negative = not negative
        operand = self.atom()
        if not negative:
            return operand
        value = operand.value if isinstance(operand, Literal) else None
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            return Literal(-value)
        return Arithmetic("-", Literal(0), operand)

    def atom(self) -> Expression:
        token = self.token
        if self.symbol("("):
            inside = self.disjunction()
            self.need(")")
            return inside
        if token.kind not in ("number", "text", "name"):
            self.fail("a name or a value")
        self.position += 1
        if token.kind == "text":
            return Literal(token.text[1:-1].replace("''", "'"))
        if token.kind == "number":
            return self.quantity(token.text)
        return self.named(token)

    def quantity(self, text: str) -> Expression:
        if any(len(digits) > _MOST_DIGITS for digits in text.split(".")):
            raise ExpressionError(
                f"the number {text[:20]}... has too many digits; at most {_MOST_DIGITS} before "
                "and after the point are allowed"
            )
        unit = self.token.text.lower().removesuffix("s") if self.token.kind == "name" else ""
        if unit in _UNITS:
            self.position += 1
            seconds = Decimal(text) * _UNITS[unit]
            if seconds != int(seconds):
                raise ExpressionError(f"{text} {unit}s is not a whole number of seconds")
            return Duration(int(seconds))
        return Literal(Decimal(text) if "." in text else int(text))

    def named(self, token: _Token) -> Expression:
        word = token.text.lower()
        if word in ("true", "false"):
            return Literal(word == "true")
        if word == "null":
            return NULL
        if word == "case":
            return self.case()
        if not self.symbol("("):
            return Name(token.text)
        arguments = []
        if not self.symbol(")"):
            arguments.append(self.disjunction())
            while self.symbol(","):
                arguments.append(self.disjunction())
            self.need(")")
        return Call(word, tuple(arguments))

    def case(self) -> Expression:
        branches = []
        while self.word("when"):
            condition = self.disjunction()
            self.need("then")
            branches.append((condition, self.disjunction()))
        otherwise = self.disjunction() if self.word("else") else NULL
        self.need("end")
        if not branches:
            self.fail("'when' in a case")
        return Case(tuple(branches), otherwise)
