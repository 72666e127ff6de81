"""Which lake does a command work on, and who answers?"""

from __future__ import annotations

import os
from pathlib import Path

from dialgauge.catalogue.user import built_in, load
from dialgauge.config import Config, find
from dialgauge.engines.base import Engine
from dialgauge.errors import LakeError, UnknownNameError
from dialgauge.gauge import Gauge
from dialgauge.lake import Lake
from dialgauge.model.vocabulary import Vocabulary

ENGINES = ("duckdb", "spark", "reference")


def configuration() -> Config:
    """Find the configuration: `--lake`, else the environment, else the nearest dialgauge.toml."""
    return find(Path.cwd(), os.environ.get("DIALGAUGE_LAKE"), os.environ)


def open_lake(config: Config | None = None) -> Lake:
    """Open the configured lake."""
    config = config or configuration()
    return Lake.open(str(config.lake), memory_limit=config.memory)


def open_gauge(engine: str = "duckdb") -> tuple[Gauge, Config]:
    """Open the configured lake with the team's own words.

    Raises:
        UnknownNameError: There is no such engine.
    """
    config = configuration()
    words = load(built_in(), config.vocabulary)
    lake = open_lake(config)
    return Gauge(lake=lake, words=words, engine=make_engine(engine, lake)), config


def vocabulary() -> Vocabulary:
    """Return all that may be named; works without a lake."""
    try:
        return load(built_in(), configuration().vocabulary)
    except LakeError:
        return built_in()


def make_engine(name: str, lake: Lake) -> Engine:
    """Start an engine.

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
