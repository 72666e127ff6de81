"""How does Spark start, read the lake's files, and stop?

The only module that needs PySpark; `spark` imports it when an engine is made.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pyarrow as pa
from py4j.protocol import Py4JError  # type: ignore[import-untyped]
from pyspark import SparkConf, SparkContext
from pyspark.errors import PySparkException, PySparkRuntimeError
from pyspark.java_gateway import launch_gateway
from pyspark.logger import PySparkLogger
from pyspark.sql import DataFrame, SparkSession

from dialgauge.engines.base import TableFiles
from dialgauge.engines.spark_java import java_home
from dialgauge.errors import EngineError
from dialgauge.model.table import Type

TYPES: Mapping[Type, str] = {
    Type.TEXT: "STRING",
    Type.BOOL: "BOOLEAN",
    Type.INTEGER: "BIGINT",
    Type.NUMBER: "DOUBLE",
    Type.MONEY: "DECIMAL(18,4)",
    Type.TIME: "TIMESTAMP",
    Type.DATE: "DATE",
    Type.JSON: "STRING",
}
"""Column type to the Spark type that reads it from the lake's Parquet files."""

_QUIET = {
    "spark.app.name": "dialgauge",
    "spark.log.level": "ERROR",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}

_ALONE = {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
"""One machine talks to itself and needs no network."""

_MEANING = {
    # Instants are UTC, whatever the machine's clock says.
    "spark.sql.session.timeZone": "UTC",
    # A number that does not fit is an error; without this it is NULL or wraps around.
    "spark.sql.ansi.enabled": "true",
    # A file that is gone or damaged is an error; rows are never skipped.
    "spark.sql.files.ignoreMissingFiles": "false",
    "spark.sql.files.ignoreCorruptFiles": "false",
}
"""What statements mean; set in a session of their own, so that nobody else's settings change."""


class Work:
    """Runs statements on one Spark.

    Attributes:
        session: The session whose Spark does the work; it is left as it is.
        ours: Whether we started it, and so stop it.
    """

    def __init__(self, session: SparkSession, *, ours: bool) -> None:
        self.session, self.ours = session, ours

    def query(self, statement: str, files: Mapping[str, TableFiles]) -> pa.Table:
        """Run a statement over views named like the tables.

        Args:
            statement: A query in Spark's SQL.
            files: The tables it reads.

        Raises:
            EngineError: Spark failed; the message is one line of what it says.
        """
        try:
            # Views and settings of one question stay out of the way of all others.
            session = self.session.newSession()
            for name, value in _MEANING.items():
                session.conf.set(name, value)
            for name, table in files.items():
                _read(session, table).createOrReplaceTempView(name)
            return session.sql(statement).toArrow()
        except (PySparkException, Py4JError) as error:
            raise EngineError(f"Spark could not answer: {_reason(error)}") from error

    def close(self) -> None:
        """Stop Spark if we started it."""
        if self.ours:
            self.session.stop()


def start(master: str, settings: Mapping[str, str]) -> Work:
    """Join the Spark that runs in this process, or start one.

    Args:
        master: Where work is done, such as `local[4]` or `spark://host:7077`; empty for the
            running Spark, else what DIALGAUGE_SPARK_MASTER names, else `local[*]`.
        settings: Spark's own settings, for a Spark that is started here.

    Raises:
        EngineError: Another Spark runs in this process, or Spark does not start.
    """
    running = _running()
    if running is not None:
        there = running.sparkContext.master
        if master not in ("", there):
            raise EngineError(
                f"this process already runs Spark on {there} and can have only one; "
                f"stop it before asking on {master}, or leave the master out to use it"
            )
        return Work(running, ours=False)
    master = master or os.environ.get("DIALGAUGE_SPARK_MASTER", "") or "local[*]"
    for name in ("SQLQueryContextLogger", "DataFrameQueryContextLogger"):
        # What fails is raised; PySpark would print it besides, with a trace.
        PySparkLogger.getLogger(name).setLevel(logging.CRITICAL)
    conf = SparkConf().setMaster(master)
    alone = _ALONE if master.startswith("local") else {}
    conf.setAll(list({**_QUIET, **alone, **_partitions(master), **settings}.items()))
    try:
        with _java():
            context = _context(conf)
        return Work(_session(context), ours=True)
    except (PySparkException, Py4JError, OSError, ValueError) as error:
        raise _not_started(master, _reason(error)) from error


def _not_started(master: str, reason: str) -> EngineError:
    return EngineError(
        f"Spark did not start on {master}: {reason}; see that the address is right, that a Spark "
        "master answers there, and that JAVA_HOME, when set, names a JDK 17 or newer"
    )


def _running() -> SparkSession | None:
    try:
        return SparkSession.active()
    except PySparkRuntimeError:
        return None


def _partitions(master: str) -> Mapping[str, str]:
    """Use no more pieces than one machine has cores; Spark's default suits a cluster."""
    if not master.startswith("local"):
        return {}
    return {"spark.sql.shuffle.partitions": str(os.cpu_count() or 1)}


def _context(conf: SparkConf) -> SparkContext:
    """Start Spark; what Java prints meanwhile is kept aside and told if it fails."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as printed:
        try:
            # Java survives when Spark is stopped: a second start in this process uses it again.
            gateway = SparkContext._gateway or launch_gateway(  # noqa: SLF001
                conf, popen_kwargs={"stdout": printed, "stderr": printed}
            )
        except PySparkRuntimeError as error:
            printed.seek(0)
            said = [line.strip() for line in printed if line.strip()] or [str(error)]
            # The first line that names an error; a trace follows.
            named = [line for line in said if "Exception:" in line or "Error:" in line]
            raise _not_started(conf.get("spark.master"), (named or said)[0]) from error
        return SparkContext(conf=conf, gateway=gateway)


def _session(context: SparkContext) -> SparkSession:
    """Open a session; a Spark that found no master is cleared away, so that another may start."""
    try:
        return SparkSession(context)
    except Py4JError:
        context.stop()
        raise


@contextlib.contextmanager
def _java() -> Iterator[None]:
    """Point Spark's start scripts at a Java, and forget it once they ran."""
    before = os.environ.get("JAVA_HOME")
    with tempfile.TemporaryDirectory(prefix="dialgauge-java-") as folder:
        os.environ["JAVA_HOME"] = str(java_home(Path(folder), os.environ))
        try:
            yield
        finally:
            os.environ.pop("JAVA_HOME")
            if before is not None:
                os.environ["JAVA_HOME"] = before


def _read(session: SparkSession, files: TableFiles) -> DataFrame:
    """Read a table's files; columns a file lacks are NULL, since the table says the schema."""
    columns = files.table.types.items()
    if not files.paths:
        nothing = ", ".join(f"CAST(NULL AS {TYPES[type_]}) AS `{name}`" for name, type_ in columns)
        return session.sql(f"SELECT {nothing} WHERE false")
    schema = ", ".join(f"`{name}` {TYPES[type_]}" for name, type_ in columns)
    # Without recursiveFileLookup, folders such as month=2026-02 would become columns.
    reader = session.read.schema(schema).option("recursiveFileLookup", "true")
    return reader.parquet(*map(_address, files.paths))


def _address(path: str) -> str:
    """Write a path so that Spark reads exactly this file."""
    if path.rpartition("/")[2].startswith(("_", ".")):
        raise EngineError(
            f"Spark passes over files whose names begin with _ or . and would lose the rows of "
            f"{path}; rename the file, or ask with the duckdb engine"
        )
    exact = re.sub(r"([\\{}\[\]*?])", r"\\\1", path)
    return f"file:{exact}" if exact.startswith("/") else exact


def _reason(error: Exception) -> str:
    """Find the line that says what is wrong, below what Spark wraps around it.

    Spark's own errors begin with a name in brackets; their causes say too little.
    """
    found = [str(error)]
    cause = getattr(error, "java_exception", None)
    while cause is not None:
        found.append(cause.getMessage() or "")
        cause = cause.getCause()
    named = [message for message in found if message.startswith("[")]
    told = [message for message in named or found if message.strip()]
    return told[-1].strip().partition("\n")[0].rstrip(".") if told else type(error).__name__
