"""What does the conversion of one column consist of?"""

from __future__ import annotations

from dataclasses import dataclass

from dialgauge.model.table import Column


@dataclass(frozen=True, slots=True, kw_only=True)
class Converted:
    """A column's conversion, written as layers of SQL so that nothing is computed twice.

    Attributes:
        column: The canonical column.
        layers: Name and SQL of what each layer adds; the first reads the raw relation, each other
            one what stands below it.
        given: Name of what the file holds, NULL when it says nothing.
        value: Name of the canonical value.
        problems: Conditions over all names, each with its reason, in order.
        marks: Conditions that are worth a note, each with the note; `{rows}` stands for how many.
    """

    column: Column
    layers: tuple[tuple[tuple[str, str], ...], ...]
    given: str
    value: str
    problems: tuple[tuple[str, str], ...] = ()
    marks: tuple[tuple[str, str], ...] = ()
