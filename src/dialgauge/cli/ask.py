"""`dialgauge ask`: what are the numbers?"""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from dialgauge.asking import Words, question
from dialgauge.cli.export import check_format, write
from dialgauge.cli.opening import open_gauge
from dialgauge.cli.table import console, show


def command(  # noqa: PLR0913 - each option is one word of the question
    *kpis: str,
    by: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    where: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    start: Annotated[str | None, Parameter(name="--from")] = None,
    end: Annotated[str | None, Parameter(name="--to")] = None,
    grain: str | None = None,
    timezone: str | None = None,
    versus: str | None = None,
    week_starts: int | None = None,
    as_of: str | None = None,
    totals: bool = True,
    format: str = "table",
    output: Annotated[str | None, Parameter(name=["--output", "-o"])] = None,
    engine: str = "duckdb",
    sql: Annotated[bool, Parameter(negative="")] = False,
) -> None:
    """Ask KPIs, split, filtered and compared.

    Every number comes with its numerator, denominator and 95 % interval.

    Args:
        kpis: Names of KPIs; `dialgauge kpis` lists them.
        by: A dimension to split by, such as campaign or hour; may be repeated.
        where: A condition, such as "team = 'Alder' and talk_s >= 30"; may be repeated.
        start: First day inside, such as 2026-01-01.
        end: First day after.
        grain: Width of time buckets: hour, day, week, month, quarter or year.
        timezone: Zone in which days begin, such as Europe/Berlin.
        versus: Compare with previous, year, or a range such as 2026-01-01..2026-02-01.
        week_starts: 1 for Monday to 7 for Sunday.
        as_of: The moment at which outcomes are judged to be known; now by default.
        totals: Whether to show all groups together as well.
        format: table, json, csv or parquet.
        output: File to write to instead of standard output.
        engine: duckdb, spark or reference.
        sql: Show the statement instead of running it.
    """
    check_format(format)
    gauge, config = open_gauge(engine)
    asked = question(
        Words(
            kpis=kpis,
            by=by,
            where=where,
            start=start,
            end=end,
            grain=grain,
            timezone=timezone or config.timezone,
            versus=versus,
            week_starts=week_starts or config.week_starts,
            as_of=as_of,
            totals=totals,
        )
    )
    if sql:
        console().print(gauge.explain(asked))
        return
    answer = gauge.ask(asked)
    if format == "table" and output is None:
        show(answer, gauge.words.kpis, console())
    else:
        write(answer, "csv" if format == "table" else format, output)
