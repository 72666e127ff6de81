"""To which stored rows can new calls matter?

A day's calls among those of years seldom change an order of last spring. Where only new rows came
into a table, steps that say here which rows of their own table these may matter to are run on
those alone, or not at all when there are none; in all other cases on everything that is stored.
A table that is derived as a whole is worked out as a whole.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from dialgauge.prepare.step import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """What happened to the tables.

    Attributes:
        tables: Those with new or changed rows.
        new: Table name to a relation of its new rows, for tables in which no row that was stored
            before has changed in a column that files bring, or in its local time.
    """

    tables: frozenset[str]
    new: Mapping[str, str] = field(default_factory=dict)


def mattering(step: Step, tables: frozenset[str], new: Mapping[str, str]) -> str | None:
    """Write the condition that what happened may matter to a stored row of a step's table.

    Args:
        step: The step.
        tables: The tables that were touched so far.
        new: As in `Touched`.

    Returns:
        SQL over the columns of the step's table; None when all its rows must be worked out.

    Example:
        >>> from dialgauge.prepare.surveys import STEP
        >>> mattering(STEP, frozenset({"calls"}), {"calls": "day"})
        '(call_id IN (SELECT call_id FROM day))'
        >>> mattering(STEP, frozenset({"calls", "customers"}), {"calls": "day"}) is None
        True
    """
    known = _CONDITIONS.get(step.table, {})
    read = sorted(step.reads & tables)
    if not all(name in known and name in new for name in read):
        return None
    return " OR ".join(f"({known[name](new[name])})" for name in read)


def _about_call(calls: str) -> str:
    return f"call_id IN (SELECT call_id FROM {calls})"


def _credited(calls: str) -> str:
    """Write which orders name a new call, or are later than a new contact with their lead.

    The lead that is stored stands: it can only change with the call that the order names.
    """
    contacts = f"{calls} WHERE contact AND test IS NOT TRUE"
    return (
        f"{_about_call(calls)} OR (ordered_at >= (SELECT min(started_at) FROM {contacts})"
        f" AND credited_lead_id IN (SELECT lead_id FROM {contacts}))"
    )


def _in_its_days(calls: str) -> str:
    """Write which costs are for days of the new calls; a day more on either side does no harm."""
    first, last = (f"CAST({least}(started_at) AS DATE)" for least in ("min", "max"))
    return (
        f"ends_on >= (SELECT {first} - 1 FROM {calls})"
        f" AND starts_on <= (SELECT {last} + 1 FROM {calls})"
    )


_CONDITIONS: Mapping[str, Mapping[str, Callable[[str], str]]] = MappingProxyType(
    {
        "orders": {"calls": _credited},
        "surveys": {"calls": _about_call},
        "reviews": {"calls": _about_call},
        "scores": {"calls": _about_call},
        "cost_shares": {"calls": _in_its_days},
        "conversations": {"calls": _about_call},
    }
)
"""Table of a step, then table it reads, to what writes the condition from the new rows."""
