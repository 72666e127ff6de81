"""`dialgauge list`: whom shall we call, and who first?"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from dialgauge.asking import moment
from dialgauge.cli.export import check_format, emit
from dialgauge.cli.opening import open_gauge
from dialgauge.cli.table import console
from dialgauge.cli.trail import audited, who
from dialgauge.errors import FileError, UsageError
from dialgauge.model.csv_text import to_csv
from dialgauge.outward.callable import Rules
from dialgauge.outward.lists import CallList, Wanted, call_list, with_numbers
from dialgauge.outward.register import read_register
from dialgauge.sources.phones import home_of

_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FORMATS = ("table", "csv", "json", "vicidial")


def command(  # noqa: PLR0913 - each option says who is on the list, or how it is written
    *,
    where: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    order_by: str = "chance",
    limit: int = 1000,
    most_attempts: int = 10,
    days_after_contact: int = 30,
    hours_after_dial: int = 4,
    hours: str = "8-21",
    days: str = "mon-sun",
    except_: Annotated[Path | None, Parameter(name="--except")] = None,
    region: str = "",
    history_days: int = 90,
    as_of: str | None = None,
    numbers: Annotated[bool, Parameter(negative="")] = False,
    format: str = "table",
    list_id: str = "",
    divider: str = "tab",
    output: Annotated[str | None, Parameter(name=["--output", "-o"])] = None,
) -> None:
    """List the leads that may be called now, the likeliest to be reached first.

    Each says why it stands where it does, and how many were left out is told with the reason.

    Args:
        where: A condition on leads, such as "list = '101'"; may be repeated.
        order_by: chance, newest, waiting (longest since the last dial) or attempts (fewest).
        limit: At most so many leads.
        most_attempts: Leads that were dialled so often are left out.
        days_after_contact: For so many days after a conversation a lead is left out.
        hours_after_dial: For so many hours after a dial.
        hours: When the phone may ring where the lead lives, such as 9-20; 0-24 for always.
        days: On which days of the week there, such as mon-sat or mon,wed,fri.
        except_: A file of a do-not-call register, a number or token a line: who is on it, or has no
            number to look up, is left out.
        region: Where numbers of that file without + belong, such as DE.
        history_days: How many days of dials the score is learnt from.
        as_of: The moment of calling; now by default.
        numbers: Put the phone numbers in; needs the lake's vault, which remembers who asked.
        format: table, csv, json or vicidial (its lead loader's standard format).
        list_id: For vicidial: the list to load them into; the one each lead is on by default.
        divider: For vicidial: tab or pipe.
        output: File to write to instead of standard output.
    """
    check_format(format, _FORMATS)
    wanted = Wanted(
        where=where,
        rules=Rules(
            most_attempts=most_attempts,
            days_after_contact=days_after_contact,
            hours_after_dial=hours_after_dial,
            hours=_hours(hours),
            days=_days(days),
        ),
        at=moment(as_of) or dt.datetime.now(dt.UTC),
        order=order_by,
        limit=limit,
        history_days=history_days,
    )
    if format == "vicidial" and not numbers:
        raise UsageError(
            "VICIdial loads leads by their numbers; add --numbers, which needs the lake's vault"
        )
    gauge, config = open_gauge()
    if except_ is not None:
        register = read_register(except_, gauge.lake.phone_key, home_of(region))
        wanted = replace(wanted, register=register)
    found = call_list(gauge, wanted)
    if numbers:
        found = with_numbers(gauge, found, who())
    text, leads, out = _written(found, format, list_id, divider)
    told = f"call list of {leads} leads{' with their numbers' if numbers else ''} ({format})"
    audited(config, "export", told)
    if format == "table":
        _show(found, console())
    elif numbers and output is not None:
        _private(text, Path(output))
    else:
        emit(text, output)
    # Where the list itself goes to standard output, nothing else may.
    to = console() if format == "table" or output is not None else None
    _tell(leads, out, to)
    if wanted.register is not None and wanted.register.unread:
        unread = wanted.register.unread
        verb = "line is" if unread == 1 else "lines are"
        _line(f"{unread:,} {verb} no number in '{except_}'", to)


def _written(
    found: CallList, format: str, list_id: str, divider: str
) -> tuple[str, int, Mapping[str, int]]:
    if format == "vicidial":
        from dialgauge.outward.vicidial import written  # noqa: PLC0415 - only when asked

        file = written(found, list_id, divider)
        return file.text, file.leads, file.left_out
    records = found.records()
    if format == "json":
        told = {"leads": records, "left_out": dict(found.left_out)}
        return json.dumps(told, ensure_ascii=False, indent=2) + "\n", len(records), found.left_out
    return to_csv(records) if format == "csv" else "", len(records), found.left_out


def _hours(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"\s*(\d{1,2})\s*-\s*(\d{1,2})\s*", text)
    if not found:
        raise UsageError(f"--hours '{text}' is not understood; write it as 9-20, or 0-24 for all")
    return int(found[1]), int(found[2])


def _days(text: str) -> frozenset[int]:
    """Read days of the week.

    Example:
        >>> sorted(_days("mon-wed, sun"))
        [0, 1, 2, 6]
    """
    found: set[int] = set()
    for part in text.lower().replace(" ", "").split(","):
        first, _, last = part.partition("-")
        if first not in _WEEK or (last or first) not in _WEEK:
            raise UsageError(
                f"--days '{text}' is not understood; write it as mon-sat or mon,wed,fri"
            )
        begin, end = _WEEK.index(first), _WEEK.index(last or first)
        found.update(range(begin, end + 1) if begin <= end else (*range(begin, 7), *range(end + 1)))
    return frozenset(found)


def _private(text: str, path: Path) -> None:
    """Write a file that only its owner may read, for it holds phone numbers."""
    try:
        with contextlib.suppress(FileNotFoundError):
            path.unlink()  # an older file may be open to others
        made = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(made, "w", encoding="utf-8", newline="") as file:
            file.write(text)
    except OSError as error:
        raise FileError(f"'{path}' cannot be written: {error.strerror}; name another") from error


def _show(found: CallList, to: Console) -> None:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    records = found.records()
    names = [
        "place",
        "lead_id",
        *(["phone_number"] if records and "phone_number" in records[0] else []),
    ]
    for name in (*names, "list", "hour", "attempt", "score"):
        table.add_column(
            name, justify="right" if name in {"place", "hour", "attempt", "score"} else "left"
        )
    table.add_column("why", overflow="fold")
    for record in records:
        cells = [*(record[name] for name in names), record["list_id"], record["local_hour"]]
        score = record["score"]
        cells += [
            record["attempt"],
            "" if score is None else f"{100 * score:.1f} %",
            record["reason"],
        ]
        table.add_row(*(Text("" if cell is None else str(cell)) for cell in cells))
    to.print(table)


def _tell(leads: int, out: Mapping[str, int], to: Console | None) -> None:
    lines = [f"{leads:,} {'lead' if leads == 1 else 'leads'} to call"]
    lines += [f"  {rows:,} left out: {why}" for why, rows in out.items()]
    for line in lines:
        _line(line, to)


def _line(line: str, to: Console | None) -> None:
    if to is None:
        sys.stderr.write(f"{line}\n")
    else:
        to.print(line, style="dim", soft_wrap=True)
