"""How does Spark answer a plan on many machines?

The same statement as everywhere, in Spark's words, over the same files. `SPARK` is what differs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Self

import pyarrow as pa
from sqlglot import exp

from dialgauge.engines.base import TableFiles, schema
from dialgauge.engines.dialect import TENTHS, Dialect, cast, function, number, text
from dialgauge.engines.statement import rows_statement, statement
from dialgauge.errors import EngineError
from dialgauge.plan.nodes import Plan, RowsPlan

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def _moment(at: dt.datetime) -> exp.Expr:
    return cast(text(at.astimezone(dt.UTC).isoformat(sep=" ")), "TIMESTAMPTZ")


def _quantiles(value: exp.Expr, fractions: tuple[float, ...]) -> exp.Expr:
    return function("percentile", value, function("array", *map(number, fractions)))


def _series(first: exp.Expr, last: exp.Expr) -> exp.Expr:
    # A sequence would run backwards if its end came first.
    return function("explode", function("sequence", first, function("greatest", first, last)))


def _json_text(whole: exp.Expr, part: exp.Expr) -> exp.Expr:
    """Read an object as a map of texts, strictly.

    `get_json_object` takes single quotes, reads names as paths, and like every JSON function of
    Spark stops reading where the first value ends. As the first of a list of exactly two, the
    text must be one whole value.
    """
    listed = function("concat", text("["), whole, text(",{}]"))
    options = ("allowSingleQuotes", "allowNonNumericNumbers")
    strict = function("map", *(text(word) for name in options for word in (name, "false")))
    both = function("from_json", listed, text("array<map<string,string>>"), strict)
    found = function("try_element_at", function("get", both, number(0)), part)
    complete = exp.EQ(this=function("size", both.copy()), expression=number(2))
    return exp.Case(ifs=[exp.If(this=complete, true=found)])


def _tuples(numbers: list[exp.Expr], where: exp.Expr | None) -> exp.Expr:
    cells = function("array", *(cast(each, "DOUBLE") for each in numbers))
    known = exp.Not(this=exp.Is(this=exp.paren(numbers[0].copy()), expression=exp.null()))
    kept = known if where is None else exp.and_(where, known)
    found = function("collect_list", exp.Case(ifs=[exp.If(this=kept, true=cells)]))
    # Where none is kept, Spark's list is empty, not NULL.
    some = exp.GT(this=function("size", found.copy()), expression=number(0))
    return exp.Case(ifs=[exp.If(this=some, true=found)])


def _share(money: exp.Expr, part: exp.Expr, whole: exp.Expr) -> exp.Expr:
    units = cast(exp.Mul(this=money, expression=number(10_000)), "DECIMAL(38, 0)")
    due = exp.paren(exp.Mul(this=units, expression=part))
    # `div` cuts off towards 0, as DuckDB's // does.
    cut = exp.IntDiv(this=due, expression=whole)
    return exp.Mul(this=cast(cut, "DECIMAL(22, 0)"), expression=cast(number(0.0001), TENTHS))


SPARK = Dialect(
    name="spark",
    stacks_by_name=False,
    microseconds=lambda at: function("unix_micros", at),
    instant=lambda microseconds: function("timestamp_micros", microseconds),
    day=lambda days: function("date_from_unix_date", cast(days, "INT")),
    month=lambda day, unit: function("trunc", day, text(unit)),
    day_number=lambda day: function("unix_date", day),
    moment=_moment,
    quantiles=_quantiles,
    element=lambda cell, place: function("get", cell, number(place)),
    series=_series,
    tuples=_tuples,
    share=_share,
    json_text=_json_text,
    trim=lambda whole: function("trim", whole),
    starts_with=lambda whole, part: function("startswith", whole, part),
    contains=lambda whole, part: function("contains", whole, part),
)


class SparkEngine:
    """Answers plans with Spark, on this machine or on a cluster that sees the lake's files.

    Starting takes some seconds and is done once a process: a second engine joins the Spark that
    runs. Close the engine that started it, or use it in a `with` statement.
    """

    name = "spark"

    def __init__(
        self,
        master: str = "",
        *,
        session: SparkSession | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        """Start Spark, or join the one that runs in this process.

        Args:
            master: Where work is done: `local[4]` for four cores of this machine,
                `spark://host:7077` for a cluster; by default the running Spark, else what the
                environment variable DIALGAUGE_SPARK_MASTER names, else `local[*]`.
            session: A session to work in; its own settings, views and life are left alone.
            settings: Spark's own settings for a Spark started here, such as
                `{"spark.driver.memory": "8g"}`.

        Raises:
            EngineError: PySpark or Java is missing, or Spark does not start.
        """
        try:
            from dialgauge.engines import spark_session  # noqa: PLC0415 - PySpark is an extra
        except ImportError as error:
            raise EngineError(
                f"the spark engine needs PySpark ({error}); install it with "
                "pip install 'dialgauge[spark]'"
            ) from error
        if session is not None:
            self._work = spark_session.Work(session, ours=False)
        else:
            self._work = spark_session.start(master, settings or {})

    def run(self, plan: Plan, files: Mapping[str, TableFiles]) -> pa.Table:
        """Answer a plan; see `engines.base.Engine`."""
        answer = self._work.query(
            statement(plan, SPARK), {name: files[name] for name in plan.tables}
        )
        return answer.cast(schema(plan))

    def rows(self, plan: RowsPlan, files: Mapping[str, TableFiles]) -> pa.Table:
        """List the rows behind a number; see `engines.base.Engine`."""
        tables = (plan.leg.fact, *(join.table for join in plan.leg.joins))
        return self._work.query(rows_statement(plan, SPARK), {name: files[name] for name in tables})

    def explain(self, plan: Plan, files: Mapping[str, TableFiles]) -> str:
        """Show the statement that `run` would execute."""
        del files
        return statement(plan, SPARK)

    def close(self) -> None:
        """Stop Spark if this engine started it."""
        self._work.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
