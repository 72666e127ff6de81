"""Do two answers say the same?"""

from __future__ import annotations

import math
from collections.abc import Iterator

from dialgauge.model.answer import Answer, Change, Row, Value


def assert_same_answer(a: Answer, b: Answer, rel: float = 1e-9) -> None:
    """Raise when two answers differ in rows, keys or numbers.

    The wording of notes may differ; numbers may by `rel`, relative to the larger one (and by
    `rel` itself near 0).

    Args:
        a: The one answer.
        b: The other.
        rel: The tolerated relative difference.

    Raises:
        AssertionError: They differ; the message lists the first differences.

    Example:
        >>> from dialgauge.model.question import Question
        >>> one = Answer(question=Question(kpis=("dials",)), rows=())
        >>> assert_same_answer(one, one)
    """
    differences = list(_answers(a, b, rel))
    if differences:
        shown = "\n".join(f"  {difference}" for difference in differences[:10])
        more = f"\n  and {len(differences) - 10} more" if len(differences) > 10 else ""
        raise AssertionError(
            f"the answers to {a.question.kpis} by {a.question.by} differ:\n{shown}{more}"
        )


def _answers(a: Answer, b: Answer, rel: float) -> Iterator[str]:
    left, right = _by_key(a), _by_key(b)
    if len(left) != len(a.rows) or len(right) != len(b.rows):
        yield "a key stands in more than one row"
    for key in left.keys() - right.keys():
        yield f"{_shown(key)}: only the first answer has this row"
    for key in right.keys() - left.keys():
        yield f"{_shown(key)}: only the second answer has this row"
    shared = [key for key in left if key in right]
    if shared != [key for key in right if key in left]:
        yield "the rows are ordered differently"
    for key in shared:
        yield from _rows(_shown(key), left[key], right[key], rel)
    if (a.total is None) != (b.total is None):
        yield "only one answer has a total"
    elif a.total is not None and b.total is not None:
        yield from _rows("total", a.total, b.total, rel)


def _by_key(answer: Answer) -> dict[tuple[tuple[str, object], ...], Row]:
    return {tuple(row.keys.items()): row for row in answer.rows}


def _shown(key: tuple[tuple[str, object], ...]) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in key) or "the only row"


def _rows(where: str, a: Row, b: Row, rel: float) -> Iterator[str]:
    if a.values.keys() != b.values.keys():
        yield f"{where}: KPIs {sorted(a.values)} against {sorted(b.values)}"
    for kpi in a.values.keys() & b.values.keys():
        yield from _values(f"{where}: {kpi}", a.values[kpi], b.values[kpi], rel)


def _values(where: str, a: Value, b: Value, rel: float) -> Iterator[str]:
    for part in ("value", "numerator", "denominator", "n", "low", "high"):
        left, right = getattr(a, part), getattr(b, part)
        if not _close(left, right, rel):
            yield f"{where}.{part}: {left!r} against {right!r}"
    if (a.change is None) != (b.change is None):
        yield f"{where}: only one answer has a change"
    elif a.change is not None and b.change is not None:
        yield from _changes(f"{where}.change", a.change, b.change, rel)


def _changes(where: str, a: Change, b: Change, rel: float) -> Iterator[str]:
    for part in ("difference", "low", "high", "relative"):
        left, right = getattr(a, part), getattr(b, part)
        if not _close(left, right, rel):
            yield f"{where}.{part}: {left!r} against {right!r}"
    if a.likely_real != b.likely_real:
        yield f"{where}.likely_real: {a.likely_real} against {b.likely_real}"
    yield from _values(f"{where}.value", a.value, b.value, rel)


def _close(a: float | None, b: float | None, rel: float) -> bool:
    if a is None or b is None:
        return a is b
    return math.isclose(a, b, rel_tol=rel, abs_tol=rel) or (math.isnan(a) and math.isnan(b))
