"""What must a reader know beside the numbers?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dialgauge.model.vocabulary import Vocabulary
from dialgauge.plan.nodes import Plan
from dialgauge.plan.reading import Reading

_LEFT_OUT = {
    "calls.test": ("test call", "test calls"),
    "calls.internal": ("internal call", "internal calls"),
    "agent_time.unfinished": ("interval without an end", "intervals without an end"),
}
_DAY = 86_400


def left_out_notes(counts: Mapping[str, int]) -> list[str]:
    """Say which rows never count.

    Example:
        >>> left_out_notes({"calls.test": 2})
        ['Left out: 2 test calls.']
    """
    notes = []
    for reason, rows in sorted(counts.items()):
        fact, _, why = reason.partition(".")
        one, many = _LEFT_OUT.get(reason, (f"row of {fact} ({why})", f"rows of {fact} ({why})"))
        notes.append(f"Left out: {rows:,} {one if rows == 1 else many}.")
    return notes


def immature_notes(counts: Iterable[tuple[Reading, int]], words: Vocabulary) -> list[str]:
    """Say which rows do not count yet."""
    notes = []
    for reading, rows in counts:
        if not rows:
            continue
        fact, name = reading.measures[-1]
        seconds = words.facts[fact].measures[name].matures_in or 0
        wait = f"{seconds // _DAY} days" if seconds >= _DAY else f"{seconds // 60} minutes"
        verb = "is" if rows == 1 else "are"
        notes.append(
            f"{reading.kpi.name}: {rows:,} of {fact} {verb} not counted yet, because what becomes "
            f"of them is known only after {wait}."
        )
    return notes


def unrecorded_notes(silent: Mapping[str, tuple[str, str]]) -> list[str]:
    """Say which KPIs are unknown because nobody wrote down what they count.

    Example:
        >>> unrecorded_notes({"contact_rate": ("calls", "contact")})
        ["contact_rate: no row of calls says 'contact', so it is unknown; import that column, or \
map dispositions to it."]
    """
    return [
        f"{kpi}: no row of {fact} says '{flag}', so it is unknown; import that column, or map "
        "dispositions to it."
        for kpi, (fact, flag) in silent.items()
    ]


def lookup_notes(plan: Plan, empty: Iterable[str]) -> list[str]:
    """Say which looked-up tables hold nothing, so that what they tell is unknown."""
    missing = set(empty)
    looked_up = dict.fromkeys(join.table for leg in plan.legs for join in leg.joins)
    return [
        f"The table {table} is empty, so all that it tells is unknown here; "
        f"import it with: dialgauge import files {table}.csv --table {table}."
        for table in looked_up
        if table in missing
    ]
