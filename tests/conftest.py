"""What do all tests share?

Options: `--long` adds the tests that take minutes and draws many more random examples, `--fast`
leaves out the tests that start Spark. Fixtures: `store` writes small tables as Parquet files,
`engine` is each engine in turn, `candidate` each but the reference.
"""

from __future__ import annotations

import importlib.util
import os
import signal
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import pytest
from hypothesis import HealthCheck, settings

from dialgauge.engines.base import Engine, TableFiles
from dialgauge.engines.duckdb import DuckDBEngine
from dialgauge.engines.reference import ReferenceEngine
from stored import write


class Store(Protocol):
    """Writes tables, given by name as lists of rows, and says where they are."""

    def __call__(self, **tables: Sequence[Mapping[str, Any]]) -> Mapping[str, TableFiles]:
        """Write the tables; those that are not given are empty."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    parser.addoption("--long", action="store_true", help="also run the tests that take minutes")
    parser.addoption("--fast", action="store_true", help="leave out the tests that start Spark")


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker, and choose how many random examples are drawn."""
    # A shell that runs tests in the background lets them and their children ignore Ctrl-C, which
    # some of them are about.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    config.addinivalue_line("markers", "spark: starts Spark; left out with --fast")
    slow = [HealthCheck.too_slow]
    settings.register_profile(
        "dev", deadline=None, max_examples=60, print_blob=True, suppress_health_check=slow
    )
    settings.register_profile("ci", settings.get_profile("dev"), derandomize=True)
    settings.register_profile("long", settings.get_profile("dev"), max_examples=1500)
    profile = "long" if config.getoption("--long") else "ci" if os.environ.get("CI") else "dev"
    settings.load_profile(profile)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what the options do not ask for."""
    unwanted = set()
    if not config.getoption("--long"):
        unwanted.add("long")
    if config.getoption("--fast"):
        unwanted.add("spark")
    left_out = [item for item in items if unwanted & {mark.name for mark in item.iter_markers()}]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Write small tables as Parquet files, each time into a folder of their own."""

    def stored(**tables: Sequence[Mapping[str, Any]]) -> Mapping[str, TableFiles]:
        folder: Path = tmp_path_factory.mktemp("tables")
        return write(tables, folder)

    return stored


@pytest.fixture(scope="session")
def spark() -> Iterator[Engine]:
    """Start Spark once for all tests."""
    if importlib.util.find_spec("pyspark") is None:
        pytest.skip("pyspark is not installed: NOTHING was checked on Spark")
    from dialgauge.engines.spark import SparkEngine  # noqa: PLC0415 - pyspark is optional

    engine = SparkEngine()
    yield engine
    engine.close()


SPARK = pytest.param("spark", marks=pytest.mark.spark)


def _engine(request: pytest.FixtureRequest) -> Engine:
    if request.param == "spark":
        found: Engine = request.getfixturevalue("spark")
        return found
    return ReferenceEngine() if request.param == "reference" else DuckDBEngine()


@pytest.fixture(scope="session", params=["reference", "duckdb", SPARK])
def engine(request: pytest.FixtureRequest) -> Engine:
    """Offer every engine in turn, for tests that know the answer by hand."""
    return _engine(request)


@pytest.fixture(scope="session", params=["duckdb", SPARK])
def candidate(request: pytest.FixtureRequest) -> Engine:
    """Offer each engine that must agree with the reference."""
    return _engine(request)
