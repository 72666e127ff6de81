"""Which feeds has a system, and which module reads it?"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType

from dialgauge.accounts import Connected, secrets_of
from dialgauge.errors import UnknownNameError, UsageError
from dialgauge.lake import Lake
from dialgauge.sources import SOURCES
from dialgauge.sources.live import Account, Page, Span
from dialgauge.syncing import hooklog
from dialgauge.syncing.feed import Feed
from dialgauge.syncing.hookpages import stage_of
from dialgauge.syncing.status import Status


def system_of(name: str) -> ModuleType:
    """Return the module that reads a system.

    Raises:
        UsageError: There is none in this dialgauge.
    """
    if name not in SOURCES:
        raise UsageError(
            f"this dialgauge cannot read {name} yet; it reads: {', '.join(SOURCES)}. Events that "
            "it sends are kept until one that can is installed"
        )
    return importlib.import_module(f"dialgauge.sources.{name}")


def fetches(system: str) -> bool:
    """Tell whether a system can be asked for its rows while it runs."""
    return system in SOURCES and hasattr(system_of(system), "fetch")


def named(accounts: Iterable[Connected], names: Iterable[str]) -> tuple[Connected, ...]:
    """Return the systems of some names, all of them when no name is given.

    Raises:
        UnknownNameError: One has not been connected.
        UsageError: None has.
    """
    known = {account.name: account for account in accounts}
    if not known:
        raise UsageError(
            "no system is connected yet; `dialgauge connect` asks for what it takes, or write "
            "[sources.NAME] into dialgauge.toml"
        )
    for name in names:
        if name not in known:
            raise UnknownNameError("source", name, known)
    return tuple(known[name] for name in dict.fromkeys(names)) or tuple(known.values())


def feeds_of(lake: Lake, accounts: Iterable[Connected]) -> tuple[Feed, ...]:
    """List the feeds of systems.

    Raises:
        UsageError: One of them can neither be asked nor sends anything.
    """
    return tuple(feed for account in accounts for feed in _of(lake, account))


def statuses(lake: Lake, accounts: Iterable[Connected]) -> list[Status]:
    """Say how systems stand; one that cannot be read at all is told of, too."""
    found: list[Status] = []
    for account in accounts:
        try:
            found += [feed.status() for feed in _of(lake, account)]
        except UsageError as error:
            blank = Status(name=account.name, system=account.system, feed="fetch")
            found.append(replace(blank, error=str(error)))
    return found


def hook_feed(lake: Lake, account: Connected) -> Feed:
    """Return the feed of what a system sends by itself."""
    folder = Path(lake.layout.sync(account.name), "hook")
    log = folder / "log"
    return Feed(
        account=account,
        kind="hook",
        folder=folder,
        stage=stage_of(account.system),
        pages=lambda span: hooklog.pages(log, span, account.system),
        after=lambda spool: spool.forget(hooklog.tidy(log, spool.kept)),
    )


def _of(lake: Lake, account: Connected) -> Iterator[Feed]:
    # who is told nothing to ask with only sends
    asked = fetches(account.system) and not (account.hook and not account.settings)
    if not asked and not account.hook:
        how = "; write hook = true to let it send events" if account.system == "files" else ""
        raise UsageError(
            f"[sources.{account.name}] names {account.system}, which cannot be read while it runs; "
            f"`dialgauge import {account.system}` reads its files{how}"
        )
    if asked:
        yield _fetch_feed(lake, account)
    if account.hook:
        yield hook_feed(lake, account)


def _fetch_feed(lake: Lake, account: Connected) -> Feed:
    module = system_of(account.system)
    said: list[str] = []
    live = live_account(account, said)

    def pages(span: Span) -> Iterator[Page]:
        return iter(module.fetch(live, span))

    folder = Path(lake.layout.sync(account.name), "fetch")
    return Feed(
        account=account, kind="fetch", folder=folder, stage=module.stage, pages=pages, said=said
    )


def live_account(account: Connected, said: list[str]) -> Account:
    """Describe a system to the module that reads it.

    Args:
        account: The system.
        said: Gets every secret that is handed out, so that none is repeated.
    """
    find = secrets_of(account.name)

    def secret(name: str) -> str:
        found = find(name)
        said.append(found)
        return found

    settings = dict(account.settings)
    known = getattr(system_of(account.system), "SETTINGS", ())
    if account.timezone and any(setting.name == "timezone" for setting in known):
        settings["timezone"] = account.timezone
    return Account(name=account.name, settings=settings, secret=secret)
