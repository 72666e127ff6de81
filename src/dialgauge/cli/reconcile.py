"""`dialgauge reconcile`: what do the system's own reports say, and why do we say otherwise?"""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import json
import secrets
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import duckdb
from cyclopts import Parameter
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from dialgauge.asking import day
from dialgauge.cli.export import check_format, emit
from dialgauge.cli.given import need_files, option_values
from dialgauge.cli.opening import configuration
from dialgauge.cli.progress import telling
from dialgauge.cli.table import console
from dialgauge.errors import UnknownNameError, UsageError
from dialgauge.sources.base import Request

if TYPE_CHECKING:
    from dialgauge.accounts import Connected
    from dialgauge.sources.vicidial.reconcile import Figure

_SYSTEM = "vicidial"
_MARGIN = dt.timedelta(days=1)


def command(  # noqa: PLR0913 - one parameter an option
    source: str,
    *paths: Path,
    campaign: str = "",
    from_: Annotated[str | None, Parameter(name="--from")] = None,
    to: str | None = None,
    timezone: str = "",
    option: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    format: str = "table",
) -> None:
    """Work out a system's own reports beside our figures, and say why they differ.

    Nothing is stored. Of VICIdial: outbound calling, agent time, agent performance, team
    performance and list reports.

    Args:
        source: vicidial, with the files of its tables behind it; or the name of a system of
            dialgauge.toml, which is then read over --from and --to.
        paths: Files or folders of the system's tables.
        campaign: Only this campaign.
        from_: The first day, by the system's own clock.
        to: The day before which it ends.
        timezone: Zone of times that carry none.
        option: What the source understands, as name=value; may be repeated.
        format: table or json.
    """
    check_format(format, ("table", "json"))
    start, end = day(from_, "--from") if from_ else None, day(to, "--to") if to else None
    if start and end and start >= end:
        raise UsageError(
            f"the range from {from_} to {to} is empty; the last day is exclusive, so write a "
            "later --to"
        )
    from dialgauge.sources.vicidial.reconcile import Window, reconcile  # noqa: PLC0415 - not all

    window = Window(campaign=campaign, start=start, end=end)
    with telling(f"reconcile {source}") as progress, contextlib.ExitStack() as stack:
        request = _request(source, paths, timezone, option)
        if not paths:
            account = _connected(source)
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dialgauge-")))
            progress(f"reading {source}")
            _fetch(account, folder, start, end)
            request = Request(
                paths=(folder,),
                timezone=timezone or account.timezone,
                options={**account.options, **request.options},
                phone_key=request.phone_key,
            )
        progress("reckoning")
        con = stack.enter_context(contextlib.closing(duckdb.connect()))
        con.execute("SET TimeZone = 'UTC'")
        figures = reconcile(con, request, window)
    if format == "json":
        told = [{**asdict(figure), "same": figure.same} for figure in figures]
        emit(json.dumps(told, ensure_ascii=False, indent=2) + "\n", None)
    else:
        _show(figures, console())


def _request(
    source: str, paths: tuple[Path, ...], timezone: str, option: tuple[str, ...]
) -> Request:
    if paths and source != _SYSTEM:
        raise UnknownNameError("system that can be reconciled from files", source, [_SYSTEM])
    need_files(paths)
    # numbers are not kept, so any key will do
    return Request(
        paths=paths,
        timezone=timezone,
        options=option_values(option),
        phone_key=secrets.token_bytes(32),
    )


def _connected(source: str) -> Connected:
    if source == _SYSTEM:
        raise UsageError(
            "no file was named; write the folder of VICIdial's tables behind it, or the name of a "
            "connected VICIdial instead: dialgauge reconcile pbx --from 2026-01-01"
        )
    known = {account.name: account for account in configuration().sources}
    if source not in known:
        raise UnknownNameError("source", source, (_SYSTEM, *known))
    if known[source].system != _SYSTEM:
        raise UsageError(
            f"'{source}' is {known[source].system}, whose own reports are not known here; only "
            f"those of {_SYSTEM} can be reconciled"
        )
    return known[source]


def _fetch(account: Connected, folder: Path, start: dt.date | None, end: dt.date | None) -> None:
    """Read a system into a folder, with a day more on both sides, as its zone is its own."""
    import pyarrow.parquet as pq  # noqa: PLC0415 - only when asked

    from dialgauge.sources.live import Span  # noqa: PLC0415
    from dialgauge.sources.vicidial import fetch  # noqa: PLC0415
    from dialgauge.syncing.feeds import live_account  # noqa: PLC0415

    span = Span(start=_instant(start, -_MARGIN), end=_instant(end, _MARGIN))
    numbers = itertools.count(1)
    for page in fetch(live_account(account, []), span):
        place = folder / page.stream
        place.mkdir(exist_ok=True)
        pq.write_table(page.rows, place / f"{next(numbers):06}.parquet")


def _instant(on: dt.date | None, margin: dt.timedelta) -> dt.datetime | None:
    if on is None:
        return None
    return dt.datetime.combine(on, dt.time(), dt.UTC) + margin


def _show(figures: list[Figure], to: Console) -> None:
    for report, lines in itertools.groupby(figures, lambda figure: figure.report):
        table = Table(box=SIMPLE_HEAD, pad_edge=False, title=report, title_justify="left")
        table.add_column("figure", no_wrap=True)
        for heading in ("there", "here"):
            table.add_column(heading, justify="right", no_wrap=True)
        table.add_column("why", overflow="fold")
        for figure in lines:
            table.add_row(figure.name, *_values(figure), "the same" if figure.same else figure.why)
        to.print(table)
    apart = sum(not figure.same for figure in figures)
    to.print(f"{len(figures)} figures, {apart} of them differ; nothing was stored", style="dim")


def _values(figure: Figure) -> Iterator[str]:
    for value in (figure.theirs, figure.ours):
        if value is None:
            yield "n/a"
        elif figure.unit == "share":
            yield f"{value:.2%}"
        elif figure.unit in {"count", "seconds"}:
            yield f"{value:,.0f}"
        else:
            yield f"{value:,.2f}"
