"""What of a row may someone see who may not see phone tokens?

A token is not a number, but it is the same for the same number: whoever has it can follow a
person through the lake. So it is masked in rows, and no condition may read it, or it could be
guessed letter by letter.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from dialgauge.errors import DimensionError, ExpressionError
from dialgauge.model.expression import names
from dialgauge.model.parse import parse
from dialgauge.model.question import Question
from dialgauge.server.viewer import May, Viewer

MASKED = "***"
"""What stands in place of a phone token."""

_TOKEN = "phone_token"  # noqa: S105 - the name of a column
_PARTY = "party_id"  # the lead, else the phone token; of stages the deal
_BESIDE = frozenset(("lead_id", "deal_id"))
_READ = frozenset((_TOKEN, _PARTY))


def masked(found: pa.Table) -> pa.Table:
    """Mask the phone tokens of rows.

    `party_id` may be one, too: it is shown only where a lead or a deal stands beside it.

    Example:
        >>> masked(pa.table({"call_id": ["a"], "phone_token": ["t49"]})).to_pylist()
        [{'call_id': 'a', 'phone_token': '***'}]
    """
    for place, name in enumerate(found.column_names):
        column = found.column(name)
        if name not in _READ or column.null_count == len(column):
            continue
        hidden = pc.is_valid(column)
        if name == _PARTY:
            for beside in _BESIDE & set(found.column_names):
                hidden = pc.and_(hidden, pc.is_null(found.column(beside)))
        mask = pa.scalar(MASKED, column.type)
        found = found.set_column(place, found.field(place), pc.if_else(hidden, mask, column))
    return found


def for_viewer(found: pa.Table, who: Viewer) -> pa.Table:
    """Give rows as someone may see them."""
    return found if May.PHONES in who.may else masked(found)


def need_no_tokens(question: Question, who: Viewer) -> None:
    """Refuse a question that reads phone tokens, of someone who may not see them.

    Raises:
        DimensionError: It does.

    Example:
        >>> from dialgauge.server.viewer import AT_HOME
        >>> need_no_tokens(Question(kpis=("dials",), where=("phone_token = 'a'",)), AT_HOME)
    """
    if May.PHONES not in who.may:
        need_none_in(question.where, question.by)


def need_none_in(where: Iterable[str], by: Iterable[str] = ()) -> None:
    """Refuse conditions and dimensions that read phone tokens.

    Raises:
        DimensionError: One does.
    """
    for text in (*where, *by):
        read = {name.rpartition(".")[2].lower() for name in _names(text)} & _READ
        if read:
            raise DimensionError(
                f"'{text}' reads {' and '.join(sorted(read))}, which you may not see; ask "
                "without it, or by lead_id"
            )


@functools.lru_cache(maxsize=256)
def _names(text: str) -> tuple[str, ...]:
    try:
        return tuple(names(parse(text)))
    except ExpressionError:
        return ()  # whoever plans the question says what is wrong with it


def masked_record(record: Mapping[str, object]) -> dict[str, object]:
    """Mask what stands in a refused row as it was read: it may hold the number itself."""
    return {**record, "raw": MASKED} if record.get("raw") else dict(record)
