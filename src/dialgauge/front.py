"""How does a program open a lake and ask?

What the command line and Python share: the settings that are found, the team's own words, the
engine that was named.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from dialgauge.catalogue.user import built_in, load
from dialgauge.config import Config, find
from dialgauge.engines.base import Engine
from dialgauge.errors import UnknownNameError
from dialgauge.gauge import Gauge
from dialgauge.lake import Lake

ENGINES = ("duckdb", "spark", "reference")
"""Who can do the work."""


def connect(path: str | Path | None = None, engine: str = "duckdb") -> Gauge:
    """Open a lake to ask it.

    Args:
        path: The lake's folder, or one with a `dialgauge.toml`. Without it, the variable
            DIALGAUGE_LAKE or the nearest `dialgauge.toml` says where, as on the command line.
        engine: duckdb, spark or reference.

    Returns:
        A gauge with the team's own KPIs. Questions say their time zone themselves: the one in
        `dialgauge.toml` is for the command line.

    Raises:
        LakeError: There is no lake.
        UnknownNameError: There is no such engine.
    """
    return gauge(find(None, None if path is None else str(path), os.environ), engine)


def gauge(config: Config, engine: str = "duckdb") -> Gauge:
    """Open the lake of some settings, with the team's own words and rules.

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
