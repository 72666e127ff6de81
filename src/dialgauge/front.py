"""How does a program open a lake and ask?

What the command line and Python share: the settings that are found, the team's own words, the
engine that was named.
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, overload

from dialgauge.catalogue.user import built_in, extend, load
from dialgauge.config import Config, database_url, find, has_database
from dialgauge.engines.base import Engine
from dialgauge.errors import StoreError, UnknownNameError, UsageError
from dialgauge.gauge import Gauge
from dialgauge.lake import Lake

if TYPE_CHECKING:
    from dialgauge.remote import RemoteGauge
    from dialgauge.store import Store
    from dialgauge.store.decided import Decisions

ENGINES = ("duckdb", "spark", "reference")
"""Who can do the work."""


@overload
def connect(path: str | Path | None = None, engine: str = "duckdb") -> Gauge: ...


@overload
def connect(path: str, *, token: str, timeout_s: float = ...) -> RemoteGauge: ...


def connect(
    path: str | Path | None = None,
    engine: str = "duckdb",
    *,
    token: str | None = None,
    timeout_s: float | None = None,
) -> Gauge | RemoteGauge:
    """Open a lake to ask it, here or on a server.

    Args:
        path: The lake's folder, or one with a `dialgauge.toml`. Without it, the variable
            DIALGAUGE_LAKE or the nearest `dialgauge.toml` says where, as on the command line.
            With a token, the address of a server, such as `https://gauge.example.com`.
        engine: duckdb, spark or reference; a server has its own.
        token: Who asks a server; empty for one that asks nobody to log in.
        timeout_s: How many seconds a server's answer may take; 120 by default.

    Returns:
        A gauge with the team's own KPIs; the server's takes the same questions. Questions say
        their time zone themselves: the one in `dialgauge.toml` is for the command line.

    Raises:
        LakeError: There is no lake.
        UsageError: The address of a server cannot be used, or its token is missing.
        UnknownNameError: There is no such engine.
    """
    if isinstance(path, str) and path.startswith(("http://", "https://")):
        if token is None:
            raise UsageError(
                f"'{path}' is a server, which must know who asks: connect(..., token='dg_...'); "
                "token='' for one that asks nobody to log in"
            )
        from dialgauge import remote  # noqa: PLC0415 - an extra

        return remote.connect(path, token, timeout_s or remote.TIMEOUT_S)
    if token is not None:
        raise UsageError(
            f"a token is for a server, and '{path}' is none; write its address as https://host"
        )
    return gauge(find(None, None if path is None else str(path), os.environ), engine)


def gauge(config: Config, engine: str = "duckdb") -> Gauge:
    """Open the lake of some settings, with all that the team decided.

    Its own words and rules are in files; segments and targets may also be in the application
    database, when they were made in the dashboard.

    Args:
        config: Where the lake is.
        engine: duckdb, spark or reference.

    Raises:
        LakeError: There is no lake.
        StoreError: The application database cannot be read.
        UnknownNameError: There is no such engine.
    """
    opened = configured(config, engine)
    if not has_database(config, os.environ):
        return opened
    with contextlib.closing(application_database(config)) as store:
        return decided(opened, store.decisions())


def application_database(config: Config) -> Store:
    """Open the application database, made where there is none.

    Raises:
        StoreError: It cannot be opened, or what it needs is not installed.
    """
    try:
        from dialgauge.store import open_store  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise StoreError(
            f"the dashboard's database needs {error.name}, which is not installed; run: "
            'pip install "dialgauge[server]"'
        ) from error
    return open_store(database_url(config, os.environ))


def decided(opened: Gauge, decisions: Decisions) -> Gauge:
    """Add the segments and targets that were made in the dashboard.

    Raises:
        UsageError: A segment does not fit the words any more.
    """
    words = opened.words
    if decisions.segments:
        words = extend(words, {"segments made in the dashboard": decisions.segments})
    return replace(opened, words=words, more_targets=decisions.targets)


def configured(config: Config, engine: str = "duckdb") -> Gauge:
    """Open the lake of some settings, with the words and rules of the team's files only.

    A server adds what is in the application database itself, as it is at each request.

    Args:
        config: Where the lake is.
        engine: duckdb, spark or reference.

    Raises:
        LakeError: There is no lake.
        UnknownNameError: There is no such engine.
    """
    words = replace(load(built_in(), config.vocabulary), rules=config.rules)
    lake = Lake.open(str(config.lake), memory_limit=config.memory)
    return Gauge(lake=lake, words=words, engine=make_engine(engine, lake))


def make_engine(name: str, lake: Lake) -> Engine:
    """Start an engine.

    Args:
        name: duckdb, spark or reference.
        lake: Whose memory limit and scratch folder count.

    Raises:
        UnknownNameError: There is no such engine.
    """
    match name:
        case "duckdb":
            from dialgauge.engines.duckdb import DuckDBEngine  # noqa: PLC0415 - only when used

            return DuckDBEngine(lake.connect())
        case "spark":
            from dialgauge.engines.spark import SparkEngine  # noqa: PLC0415 - an extra

            return SparkEngine()
        case "reference":
            from dialgauge.engines.reference import ReferenceEngine  # noqa: PLC0415 - only when used

            return ReferenceEngine()
    raise UnknownNameError("engine", name, ENGINES)
