"""In which zones are a file's times that carry none?"""

from __future__ import annotations

import datetime as dt

import duckdb

from dialgauge.model.table import Type
from dialgauge.sources.convert.cells import as_text
from dialgauge.sources.convert.projection import Headers, Origin, project, zone_cell
from dialgauge.sources.convert.times import Local
from dialgauge.sources.mapping import TableMapping
from dialgauge.sources.zones import FIRST_YEAR, LAST_YEAR, known_zones

_UTC = ("", "UTC", "Etc/UTC", "Etc/GMT", "GMT")


def local_zones(
    con: duckdb.DuckDBPyConnection,
    relation: str,
    origin: Origin,
    mapping: TableMapping,
    timezone: str,
) -> dict[str, Local]:
    """Find the zones of each time column, where that is not UTC alone.

    Where a column of the file names each row's zone, the file is read once more for the zones
    and years that occur, so that the statement stays small.

    Args:
        con: The connection.
        relation: The raw relation.
        origin: The file.
        mapping: How its columns are filled.
        timezone: The command's zone; a column's own goes before it, the mapping's after it.
    """
    found = {}
    for rule in mapping.rules:
        if rule.column.type is not Type.TIME:
            continue
        usual = rule.timezone or timezone or mapping.timezone
        if rule.timezone_from:
            chooser = as_text(zone_cell(rule, Headers(origin)))
            first, last = _years(con, relation, origin, mapping)
            zones = con.execute(f"SELECT DISTINCT {chooser} FROM {relation}").fetchall()
            known = sorted(zone for (zone,) in zones if zone in known_zones())
            found[rule.column.name] = Local(tuple(known), chooser, first, last)
        elif usual not in _UTC:
            found[rule.column.name] = Local((usual,))
    return found


def _years(
    con: duckdb.DuckDBPyConnection,
    relation: str,
    origin: Origin,
    mapping: TableMapping,
) -> tuple[int, int]:
    plan = project(mapping, origin)
    times = [name for name in plan.columns if mapping.table.types[name] is Type.TIME]
    wanted = ", ".join(f"min(year({name})), max(year({name}))" for name in times)
    if plan.uses_token:
        return FIRST_YEAR, LAST_YEAR
    low, high = FIRST_YEAR, dt.datetime.now(tz=dt.UTC).year
    found = con.execute(
        f"SELECT {wanted} FROM ({plan.body.replace('{relation}', relation)})"
    ).fetchall()[0]
    years = [year for year in found if year is not None and low <= year < LAST_YEAR]
    return (min(years) - 1, max(years) + 2) if years else (high - 1, high + 1)
