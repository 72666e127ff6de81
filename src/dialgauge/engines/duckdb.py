"""How does DuckDB answer a plan on one machine?"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

import duckdb
import pyarrow as pa
from sqlglot import exp

from dialgauge.engines.base import TableFiles, schema
from dialgauge.engines.dialect import TENTHS, Dialect, cast, function, number, text
from dialgauge.engines.statement import rows_statement, statement
from dialgauge.errors import EngineError
from dialgauge.plan.nodes import Plan, RowsPlan
from dialgauge.tables.storage import empty_select, quoted
from dialgauge.tables.storage import text as literal

# Ten thousand times their product is within 63 bits.
_SMALL_MONEY = 100_000_000
_SMALL_PART = 1_000_000
_ANSWER = '"the answer"'  # no table of the lake has a space in its name


def _moment(at: dt.datetime) -> exp.Expr:
    return cast(text(at.astimezone(dt.UTC).isoformat(sep=" ")), "TIMESTAMPTZ")


def _quantiles(value: exp.Expr, fractions: tuple[float, ...]) -> exp.Expr:
    return function("quantile_cont", value, exp.Array(expressions=[*map(number, fractions)]))


def _day(days: exp.Expr) -> exp.Expr:
    return exp.paren(exp.Add(this=cast(text("1970-01-01"), "DATE"), expression=cast(days, "INT")))


def _day_number(day: exp.Expr) -> exp.Expr:
    return exp.paren(exp.Sub(this=day, expression=cast(text("1970-01-01"), "DATE")))


def _month(day: exp.Expr, unit: str) -> exp.Expr:
    return cast(function("date_trunc", text(unit), day), "DATE")


def _json_text(whole: exp.Expr, part: exp.Expr) -> exp.Expr:
    path = exp.DPipe(
        this=exp.DPipe(this=text('$."'), expression=exp.paren(part)), expression=text('"')
    )
    valid = function("json_valid", whole)
    found = function("json_extract_string", whole.copy(), path)
    return exp.Case(ifs=[exp.If(this=valid, true=found)])


def _tuples(numbers: list[exp.Expr], where: exp.Expr | None) -> exp.Expr:
    cells = exp.Array(expressions=[cast(each, "DOUBLE") for each in numbers])
    known = exp.Not(this=exp.Is(this=exp.paren(numbers[0].copy()), expression=exp.null()))
    kept = known if where is None else exp.and_(where, known)
    return exp.Filter(this=function("list", cells), expression=exp.Where(this=kept))


def _series(first: exp.Expr, last: exp.Expr) -> exp.Expr:
    # Nearly always there is one number, and a list of one is cheaper than a range.
    single = exp.LTE(this=last, expression=first)
    listed = exp.If(this=single, true=exp.Array(expressions=[first.copy()]))
    after = exp.Add(this=last.copy(), expression=number(1))
    many = function("range", first.copy(), after)
    return function("unnest", exp.Case(ifs=[listed], default=many))


def _share(money: exp.Expr, part: exp.Expr, whole: exp.Expr) -> exp.Expr:
    # Dividing numbers of 128 bits takes 20 times as long, so it is for those that need them.
    small = exp.and_(
        exp.LT(this=function("abs", money.copy()), expression=number(_SMALL_MONEY)),
        exp.LT(this=function("abs", part.copy()), expression=number(_SMALL_PART)),
    )
    cut = exp.Case(
        ifs=[exp.If(this=small, true=cast(_cut(money, part, whole, "BIGINT"), "HUGEINT"))],
        default=_cut(cast(money, "DECIMAL(38, 4)"), part, whole, "HUGEINT"),
    )
    return exp.Mul(this=cast(cut, "DECIMAL(22, 0)"), expression=cast(number(0.0001), TENTHS))


def _cut(money: exp.Expr, part: exp.Expr, whole: exp.Expr, width: str) -> exp.Expr:
    units = cast(exp.Mul(this=money.copy(), expression=number(10_000)), width)
    due = exp.Mul(this=units, expression=cast(part.copy(), width))
    return exp.IntDiv(this=exp.paren(due), expression=cast(whole.copy(), width))


DUCKDB = Dialect(
    name="duckdb",
    stacks_by_name=True,
    microseconds=lambda at: function("epoch_us", at),
    instant=lambda microseconds: function("make_timestamptz", microseconds),
    day=_day,
    month=_month,
    day_number=_day_number,
    moment=_moment,
    quantiles=_quantiles,
    element=lambda cell, place: function("list_extract", cell, number(place + 1)),
    series=_series,
    tuples=_tuples,
    share=_share,
    json_text=_json_text,
    # By itself it would take off the wide spaces of Unicode, too.
    trim=lambda whole: function("trim", whole, text(" ")),
    starts_with=lambda whole, part: function("starts_with", whole, part),
    contains=lambda whole, part: function("contains", whole, part),
)


class DuckDBEngine:
    """Answers plans with an embedded DuckDB that reads the lake's Parquet files.

    Args:
        connection: With the memory it may take and the folder it may spill to, such as
            `Lake.connect` gives; without one, an answer that outgrows memory fails.

    Example:
        >>> DuckDBEngine().name
        'duckdb'
    """

    name = "duckdb"

    def __init__(self, connection: duckdb.DuckDBPyConnection | None = None) -> None:
        self._connection = connection or duckdb.connect(config={"temp_directory": ""})

    def run(self, plan: Plan, files: Mapping[str, TableFiles]) -> pa.Table:
        """Answer a plan; see `engines.base.Engine`."""
        # A relation over the statement itself would parse and bind it twice, and it is long.
        script = f"CREATE TEMP TABLE {_ANSWER} AS {statement(plan, DUCKDB)}; FROM {_ANSWER}"
        return self._query(script, plan.tables, files).cast(schema(plan))

    def rows(self, plan: RowsPlan, files: Mapping[str, TableFiles]) -> pa.Table:
        """List the rows behind a number; see `engines.base.Engine`."""
        tables = (plan.leg.fact, *(join.table for join in plan.leg.joins))
        return self._query(rows_statement(plan, DUCKDB), tables, files)

    def explain(self, plan: Plan, files: Mapping[str, TableFiles]) -> str:
        """Show the statement that `run` would execute."""
        del files
        return statement(plan, DUCKDB)

    def _query(
        self, query: str, tables: tuple[str, ...], files: Mapping[str, TableFiles]
    ) -> pa.Table:
        # A cursor has its own temporary views, so questions may be asked from several threads.
        with self._connection.cursor() as cursor:
            try:
                cursor.execute("SET TimeZone = 'UTC'")
                for name in tables:
                    cursor.execute(
                        f"CREATE OR REPLACE TEMP VIEW {quoted(name)} AS {_relation(files[name])}"
                    )
                return _stoppable(lambda: cursor.sql(query).to_arrow_table(), cursor.interrupt)
            except duckdb.Error as error:
                raise EngineError(f"DuckDB could not answer: {error}") from error


def _stoppable(work: Callable[[], pa.Table], stop: Callable[[], None]) -> pa.Table:
    """Do work that Ctrl-C stops.

    DuckDB looks for signals only where it waits: a main thread that counts itself may not hear them
    for minutes. So it waits, and another thread counts.
    """
    if threading.current_thread() is not threading.main_thread():
        return work()
    with ThreadPoolExecutor(1) as pool:
        doing = pool.submit(work)
        try:
            return doing.result()
        except KeyboardInterrupt:
            stop()
            raise


def _relation(files: TableFiles) -> str:
    if not files.paths:
        return empty_select(files.table)
    paths = ", ".join(literal(path) for path in files.paths)
    # Files written before a column was added do not have it: names decide, not positions. The
    # empty table brings columns that no file has; DuckDB drops it when it plans.
    stored = f"read_parquet([{paths}], union_by_name = true, hive_partitioning = false)"
    return f"SELECT * FROM {stored} UNION ALL BY NAME {empty_select(files.table)}"
