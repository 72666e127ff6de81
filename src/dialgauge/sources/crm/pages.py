"""How do rows of JSON become a page, and where does reading go on?

Nothing is interpreted: each field of a row is a column of texts, and what is no text, such as a
number, a list or an object, stands there as JSON.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pyarrow as pa

from dialgauge.sources.crm.api import Row
from dialgauge.sources.live import Page, Span

OVERLAP = dt.timedelta(minutes=10)
"""So much is read again: a CRM's index shows some changes late."""

_ENCODED = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def page_of(stream: str, rows: Sequence[Row], cursors: Mapping[str, str] | None = None) -> Page:
    """Make a page of rows.

    Example:
        >>> page_of("calls", [{"id": "1", "properties": {"n": 1}}]).rows.to_pylist()
        [{'id': '1', 'properties': '{"n":1}'}]
    """
    names, encoded = list(dict.fromkeys(name for row in rows for name in row)), _encoder()
    columns = [
        pa.array([_text(row.get(name), encoded) for row in rows], pa.string()) for name in names
    ]
    return Page(
        stream=stream, rows=pa.table(dict(zip(names, columns, strict=True))), cursors=cursors or {}
    )


def begin_at(span: Span, stream: str) -> dt.datetime:
    """Say from when on a stream is read."""
    if span.start is not None:
        return span.start
    cursor = span.cursors.get(stream)
    return EPOCH if cursor is None else max(EPOCH, dt.datetime.fromisoformat(cursor) - OVERLAP)


def cursors_at(
    span: Span, stream: str, changed: dt.datetime | None, now: dt.datetime
) -> dict[str, str]:
    """Say where a stream goes on after a page.

    Args:
        span: What is wanted; no cursor moves back.
        stream: The stream.
        changed: When the last row of the page changed; None when the page does not tell.
        now: The server's time: a row from the future must not hide what changes until then.
    """
    if changed is None:
        return {}
    at = min(changed, now) if now > EPOCH else changed
    before = span.cursors.get(stream)
    if before is not None and dt.datetime.fromisoformat(before) > at:
        return {}
    return {stream: at.isoformat()}


def _encoder() -> Callable[[Any], str]:
    """Give what writes JSON fastest; orjson comes with dlt."""
    try:
        import orjson  # noqa: PLC0415 - part of an extra
    except ImportError:
        return _ENCODED

    def encoded(value: Any) -> str:
        try:
            return orjson.dumps(value).decode()
        except TypeError:  # numbers of more than 64 bits
            return _ENCODED(value)

    return encoded


def _text(value: Any, encoded: Callable[[Any], str]) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    return encoded(value)
