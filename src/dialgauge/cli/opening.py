"""Which lake does a command work on, and who answers?"""

from __future__ import annotations

import os
from dataclasses import replace

from dialgauge.catalogue.user import built_in, load
from dialgauge.cli.chosen import LAKE
from dialgauge.config import Config, find
from dialgauge.errors import LakeError
from dialgauge.front import gauge
from dialgauge.gauge import Gauge
from dialgauge.lake import Lake
from dialgauge.model.vocabulary import Vocabulary


def configuration() -> Config:
    """Find the configuration: `--lake`, else the environment, else the nearest dialgauge.toml."""
    return find(None, LAKE.get(), os.environ)


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
    return gauge(config, engine), config


def vocabulary() -> Vocabulary:
    """Return all that may be named; works without a lake."""
    try:
        config = configuration()
        return replace(load(built_in(), config.vocabulary), rules=config.rules)
    except LakeError:
        return built_in()
