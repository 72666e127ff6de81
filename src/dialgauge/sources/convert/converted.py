"""What does the conversion of one column consist of?"""

from __future__ import annotations

from dataclasses import dataclass

from dialgauge.model.table import Column
from dialgauge.sources.convert.cells import both, stripped


@dataclass(frozen=True, slots=True, kw_only=True)
class Converted:
    """A column's conversion, written as layers of SQL so that nothing is computed twice.

    Attributes:
        column: The canonical column.
        layers: Name and SQL of what each layer adds; the first reads the raw relation, each other
            one what stands below it.
        said: Condition under which the file says anything at all.
        value: Name of the canonical value.
        problems: Conditions over all names, each with its reason, in order.
        marks: Conditions that are worth a note, each with the note; `{rows}` stands for how many.
    """

    column: Column
    layers: tuple[tuple[tuple[str, str], ...], ...]
    said: str
    value: str
    problems: tuple[tuple[str, str], ...] = ()
    marks: tuple[tuple[str, str], ...] = ()


def says(source: str, *, loose: bool) -> str:
    """Write the condition under which a value is neither NULL nor blank.

    Args:
        source: Name of the value.
        loose: It is a text that may still have blanks around it.
    """
    said = f"{source} IS NOT NULL"
    return both(said, f"{stripped(source)} IS NOT NULL") if loose else said
