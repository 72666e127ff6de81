"""`dialgauge sync`: what is new in the systems that run?"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Annotated
from zoneinfo import ZoneInfo

from cyclopts import Parameter
from rich.box import SIMPLE_HEAD
from rich.table import Table

from dialgauge.accounts import duration
from dialgauge.asking import day
from dialgauge.cli.export import check_format, emit
from dialgauge.cli.opening import configuration, open_lake
from dialgauge.cli.progress import telling
from dialgauge.cli.table import console
from dialgauge.config import Config
from dialgauge.errors import DialgaugeError, UsageError
from dialgauge.lake import Lake
from dialgauge.syncing import service
from dialgauge.syncing.feed import Outcome, Round
from dialgauge.syncing.feeds import feeds_of, named
from dialgauge.syncing.following import Following
from dialgauge.syncing.status import Status

_SAY_EVERY_S = 2.0


class SyncError(DialgaugeError):
    """Some system could not be read; the others were."""


def command(
    *names: str,
    every: str = "",
    from_: Annotated[str | None, Parameter(name="--from")] = None,
    to: str | None = None,
    status: Annotated[bool, Parameter(negative="")] = False,
    format: str = "table",
) -> None:
    """Read what is new in the systems of dialgauge.toml.

    Each goes on where it stopped. One that fails stops no other; the exit status is 1 then. With
    --every a change of dialgauge.toml counts from the next round on.

    Args:
        names: Which systems; all by default.
        every: Read again and again, such as every 5m, until Ctrl-C or SIGTERM.
        from_: Read again what happened since a day, such as 2026-01-01, instead of going on.
        to: Only what happened before a day.
        status: Only tell how it stands; read nothing.
        format: table or json.
    """
    check_format(format, ("table", "json"))
    config = configuration()
    start, end = _moment(from_, "--from", config), _moment(to, "--to", config)
    if start and end and start >= end:
        raise UsageError(
            f"the range from {from_} to {to} is empty; the last day is exclusive, so write a "
            "later --to"
        )
    pause = duration(every) if every else None
    if pause is not None and (start or end):
        raise UsageError("--every goes on where it stopped; read a range once, without --every")
    accounts = named(config.sources, names)
    lake = open_lake(config)
    feeds = feeds_of(lake, accounts)
    if status:
        show([feed.status() for feed in feeds], format)
        return
    if pause is not None:
        following = Following(lake=lake, config=config, names=names, say=_warn)
        _serve(lake, following, pause, format)
        return
    if start or end:
        feeds = tuple(feed for feed in feeds if feed.kind == "fetch")
        if not feeds:
            raise UsageError(
                "what a system sends by itself has no range; leave out --from and --to"
            )
    with _throttled("sync") as say:
        asked = Round(rules=config.rules, start=start, end=end, say=say)
        try:
            outcomes = service.once(lake, feeds, asked, lambda _: None)
        except KeyboardInterrupt:
            _leave(130, "dialgauge: stopped; the next time goes on from here\n")
            raise
    show([outcome.status for outcome in outcomes], format)
    _raise(outcomes)


def show(statuses: Sequence[Status], format: str) -> None:
    """Print how feeds stand."""
    now = dt.datetime.now(dt.UTC)
    if format == "json":
        told = [status.as_json(now) for status in statuses]
        emit(json.dumps(told, ensure_ascii=False, indent=2) + "\n", None)
        return
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading in ("source", "system", "last run"):
        table.add_column(heading)
    for heading in ("read", "new", "changed", "refused", "behind"):
        table.add_column(heading, justify="right")
    table.add_column("next run")
    for status in statuses:
        counts, next_at = status.counts, status.next_at
        table.add_row(
            _called(status),
            status.system,
            _clock(status.ended_at) or "never",
            *(
                f"{number:,}"
                for number in (counts.read, counts.loaded, counts.updated, counts.quarantined)
            ),
            _span(status.lag_s(now)),
            _clock(next_at) if next_at and next_at > now else "",
        )
    to = console()
    to.print(table)
    for status in statuses:
        for sentence in (*([status.error] if status.error else []), *status.refused):
            to.print(f"  {_called(status)}: {sentence}", style="yellow", soft_wrap=True)
        for sentence in status.notes:
            to.print(f"  {_called(status)}: {sentence}", style="dim", soft_wrap=True)
    if any(status.refused for status in statuses):
        to.print("  refused rows are kept: `dialgauge check --rows` lists them", style="dim")


def line(status: Status) -> str:
    """Say in one line how a round went."""
    if status.error:
        return f"{_called(status)}: {status.error}"
    counts = status.counts
    return (
        f"{_called(status)}: {counts.read:,} rows read: {counts.loaded:,} new, {counts.updated:,} "
        f"changed, {counts.unchanged:,} unchanged, {counts.quarantined:,} refused"
    )


def _called(status: Status) -> str:
    return status.name if status.feed == "fetch" else f"{status.name} (events)"


def _raise(outcomes: Sequence[Outcome]) -> None:
    failed = [outcome for outcome in outcomes if outcome.error is not None]
    if not failed:
        return
    first = failed[0]
    many = f"{len(failed)} of {len(outcomes)} sources failed" if len(outcomes) > 1 else "failed"
    raise SyncError(f"{many}: {line(first.status)}") from first.error


def _warn(sentence: str) -> None:
    """Say what is no round's; standard output holds those only."""
    sys.stderr.write(f"dialgauge: {sentence}\n")
    sys.stderr.flush()


def _serve(lake: Lake, following: Following, every_s: float, format: str) -> None:
    """Read again and again until a signal comes, and end quietly."""
    printing, asked = threading.Lock(), Round()

    def told(outcome: Outcome) -> None:
        now = dt.datetime.now(dt.UTC)
        said = (
            json.dumps(outcome.status.as_json(now), ensure_ascii=False)
            if format == "json"
            else f"{_clock(outcome.status.ended_at or now)} {line(outcome.status)}"
        )
        with printing:
            sys.stdout.write(f"{said}\n")
            sys.stdout.flush()

    with _ended_by_signals(asked.stop):
        service.again_and_again(lake, following, asked, every_s, told)
    if format != "json":
        console().print("stopped", style="dim")
    _leave(0, "")


def _leave(status: int, sentence: str) -> None:
    """End the process when something hangs that cannot be ended.

    It is a thread in a driver or in DuckDB. All that it has not finished is done again next time.
    """
    if service.hangs():
        sys.stderr.write(sentence)
        sys.stderr.flush()
        sys.stdout.flush()
        os._exit(status)


@contextlib.contextmanager
def _ended_by_signals(stop: threading.Event) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    wanted = (signal.SIGTERM, signal.SIGINT)
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in wanted}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def _throttled(what: str) -> Iterator[Callable[[str], None]]:
    """Show how it goes, but not each page of many."""
    with telling(what) as say:
        yield _Sometimes(say)


@dataclass(slots=True)
class _Sometimes:
    say: Callable[[str], None]
    said_at: float = field(default=0.0)

    def __call__(self, step: str) -> None:
        now = time.monotonic()
        if now - self.said_at >= _SAY_EVERY_S:
            self.said_at = now
            self.say(step)


def _moment(text: str | None, option: str, config: Config) -> dt.datetime | None:
    """Read a day as the moment it begins, in the time zone of the settings."""
    found = day(text, option)
    if found is None:
        return None
    return dt.datetime.combine(found, dt.time(), ZoneInfo(config.timezone)).astimezone(dt.UTC)


def _clock(at: dt.datetime | None) -> str:
    return "" if at is None else at.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _span(seconds: float | None) -> str:
    if seconds is None:
        return ""
    minutes, hours, days = seconds / 60, seconds / 3_600, seconds / 86_400
    if days >= 2:
        return f"{days:,.0f} d"
    if hours >= 2:
        return f"{hours:.0f} h"
    return f"{minutes:.0f} min"
