"""What is a check of the data, and what does it find?"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from dialgauge.model.vocabulary import Vocabulary


class Severity(enum.Enum):
    """How bad it is; the worst first."""

    ERROR = "error"  # rows that cannot be true: numbers are wrong
    WARNING = "warning"  # rows that lack what numbers need: they are too low, or lean to a side
    INFO = "info"  # nothing is wrong, but something cannot be told


@dataclass(frozen=True, slots=True)
class Known:
    """A relation in which a row's reference is looked up; it has at most one row for it.

    Attributes:
        relation: A table, or one of `relations.MADE`; conditions read it under this name.
        on: SQL of the reference, of the row `r`.
        key: The relation's column that is referred to.
    """

    relation: str
    on: str
    key: str


@dataclass(frozen=True, slots=True)
class Where:
    """Rows of the check's table that meet a condition; all such of a table take one scan.

    Attributes:
        condition: SQL; the row is `r`, looked-up relations go by their names. `{now}` stands for
            the moment of checking, `{currency}` for the lake's own currency, '' without one.
        known: What is looked up.
    """

    condition: str
    known: tuple[Known, ...] = ()


@dataclass(frozen=True, slots=True)
class Never:
    """A column that is unknown in every row that counts.

    Attributes:
        column: The column.
        counts: SQL of the rows that count, of the row `r`.
    """

    column: str
    counts: str = "true"


@dataclass(frozen=True, slots=True)
class Keys:
    """Rows that a query names.

    Attributes:
        query: SQL that gives the keys, each once, as the column `key`; `{calls}` and the like
            stand for tables and for relations of `relations.MADE`.
        made: The relations of `relations.MADE` it reads.
    """

    query: str
    made: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Judged:
    """Rows of a small table that only the vocabulary can judge.

    Attributes:
        columns: What is judged.
        wrong: Tells of a row's columns whether it is wrong.
    """

    columns: tuple[str, ...]
    wrong: Callable[[tuple[Any, ...], Vocabulary], bool]


@dataclass(frozen=True, slots=True)
class Late:
    """A table whose newest row is older than the newest of the others.

    Attributes:
        days: How much older it may be.
    """

    days: int


@dataclass(frozen=True, slots=True)
class Empty:
    """A table without rows."""


Finds: TypeAlias = Where | Never | Keys | Judged | Late | Empty


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that may be wrong with a table.

    Attributes:
        name: Its one name everywhere.
        table: The table whose rows it finds.
        says: What is found, in English, without a number; `{words}` are filled in.
        severity: How bad it is.
        touches: The columns that cannot be trusted in rows that are found: `talk_s` of its own
            table, `deals.status` of another, `lead_id>leads` for what is looked up by it, `*`
            for the table's rows as such. What they do to KPIs follows, see `touched`.
        finds: How rows are found.
        needs: Further tables without whose rows there is nothing to check.
        detail: SQL of a text that tells more, from `{rows}`; empty for none.
        text: Under which name languages say it; its own when empty.
        words: What `says` is filled in with.
    """

    name: str
    table: str
    says: str
    severity: Severity
    touches: tuple[str, ...]
    finds: Finds
    needs: tuple[str, ...] = ()
    detail: str = ""
    text: str = ""
    words: Mapping[str, str] = field(default_factory=dict)

    @property
    def heading(self) -> str:
        """What is found, in English."""
        return self.says.format(**self.words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a check found in one version of a lake.

    Attributes:
        check: The check's name.
        table: The table whose rows it found.
        severity: How bad it is.
        says: One sentence with the number.
        rows: How many rows; 0 where a whole table is meant.
        total: How many rows the table has.
        share: Rows of total, 0-1; None where a whole table is meant.
        detail: What more there is to tell, such as currencies or days; mostly empty.
        kpis: The KPIs it touches.
        dimensions: What cannot be told apart rightly, as `fact.dimension`.
        examples: Keys of at most three of the rows.
    """

    check: str
    table: str
    severity: Severity
    says: str
    rows: int
    total: int
    share: float | None
    detail: str = ""
    kpis: tuple[str, ...] = ()
    dimensions: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()


def of_rows(  # noqa: PLR0913 - each says something of its own
    table: str,
    name: str,
    says: str,
    where: str,
    touches: str,
    *,
    severity: Severity = Severity.ERROR,
) -> Check:
    """Make a check of the rows of one table that meet a condition.

    Args:
        table: The table.
        name: The check's name.
        says: What it finds, without the number.
        where: The condition, in SQL; the row is `r`.
        touches: The columns whose KPIs it touches, with spaces between them.
        severity: How bad it is.
    """
    return Check(
        name=name,
        table=table,
        says=says,
        severity=severity,
        touches=tuple(touches.split()),
        finds=Where(where),
    )


def numbers(rows: int, total: int, detail: str) -> str:
    """Write the numbers of a finding; the same in all languages.

    Example:
        >>> numbers(12, 20_000, ""), numbers(3, 4, "USD"), numbers(0, 0, "2026-01-05")
        ('12 / 20,000 (0.06 %)', '3 / 4 (75 %); USD', '2026-01-05')
    """
    counted = f"{rows:,} / {total:,} ({_per_cent(rows / total)})" if rows else ""
    return "; ".join(part for part in (counted, detail) if part)


def sentence(heading: str, told: str) -> str:
    """Write the sentence of a finding.

    Example:
        >>> sentence("Calls without a lead", "3 / 4 (75 %)"), sentence("No deals", "")
        ('Calls without a lead: 3 / 4 (75 %).', 'No deals.')
    """
    return f"{heading}: {told}." if told else f"{heading}."


def _per_cent(share: float) -> str:
    return f"{share * 100:.2g} %" if share < 0.995 else f"{share * 100:.0f} %"
