"""How does an answer leave as data?"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from dialgauge.errors import FileError, UnknownNameError, UsageError
from dialgauge.model.answer import Answer
from dialgauge.model.csv_text import to_csv
from dialgauge.model.wire import answer_json, records

FORMATS = ("table", "json", "csv", "parquet")


def check_format(name: str, allowed: tuple[str, ...] = FORMATS) -> None:
    """Refuse a format that is not offered.

    Raises:
        UnknownNameError: It is not.
    """
    if name not in allowed:
        raise UnknownNameError("format", name, allowed)


def write(answer: Answer, format: str, output: str | None) -> None:
    """Write an answer as json, csv or parquet, to a file or to standard output.

    Raises:
        UsageError: Parquet would land on a terminal.
        FileError: The file cannot be written.
    """
    if format == "json":
        text = json.dumps(answer_json(answer), ensure_ascii=False, indent=2, allow_nan=False)
        emit(text + "\n", output)
    elif format == "csv":
        emit(to_csv(records(answer)), output)
    else:
        table = pa.Table.from_pylist(records(answer))
        write_parquet(table, output)


def write_parquet(table: pa.Table, output: str | None) -> None:
    """Write a table as Parquet.

    Raises:
        UsageError: It would land on a terminal.
        FileError: The file cannot be written.
    """
    if output is not None:
        with _writing(output):
            pq.write_table(table, output)
        return
    if sys.stdout.isatty():
        raise UsageError("parquet is not for a terminal; name a file with --output answer.parquet")
    buffer = io.BytesIO()
    pq.write_table(table, buffer)
    sys.stdout.buffer.write(buffer.getvalue())


def emit(text: str, output: str | None) -> None:
    """Write text to a file, or to standard output.

    Raises:
        FileError: The file cannot be written.
    """
    if output is None:
        sys.stdout.write(text)
        return
    with _writing(output):
        Path(output).write_text(text, encoding="utf-8", newline="")


@contextlib.contextmanager
def _writing(output: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        # pyarrow tells its own story instead of the system's word for it.
        why = os.strerror(error.errno) if error.errno else str(error)
        raise FileError(f"'{output}' cannot be written: {why}; name another file") from error
