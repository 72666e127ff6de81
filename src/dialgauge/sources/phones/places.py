"""Which place, carrier and time zones does the beginning of a number tell?

The library keeps them by prefix, and the longest prefix counts. Here they are laid out once as
stretches: sorted by their first number, each to the next, so that one ASOF join finds what holds
for a number. Making them takes a second, so they are kept in the user's cache folder; without
such a folder they are made anew each time.

A stretch begins at a key: the number's first nine digits, filled up with zeros, times 16, plus how
many digits there were. So keys are in the order of a dictionary, where 49 stands before 490.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import duckdb

from dialgauge.sources.phones.plans import plans, version
from dialgauge.tables.storage import text

PLACES = "phone_places"
"""Temporary relation of the stretches: `starts` BIGINT, `region`, `carrier`, `zones`."""

FOLDER_VARIABLE = "DIALGAUGE_CACHE"
"""Names the folder where prepared tables are kept; `off` for none."""

DIGITS = 9
"""How many digits the longest prefix has."""

_LAYOUT = 1
_LENGTHS = 16
_Stretches = list[tuple[int, str | None]]


def key_sql(number: str) -> str:
    """Write the key of a number, a VARCHAR of digits with its calling code."""
    padded = f"CAST(rpad(left({number}, {DIGITS}), {DIGITS}, '0') AS BIGINT)"
    return f"({padded} * {_LENGTHS} + least(length({number}), {DIGITS}))"


def load_places(con: duckdb.DuckDBPyConnection) -> None:
    """Make the relation `PLACES` in a connection, which shall be dropped by `drop_places`."""
    folder = _folder()
    kept = folder / f"phones-{version()}-{_LAYOUT}.parquet" if folder else None
    if kept is None or not _loaded(con, kept):
        _make(con)
        if kept is not None:
            _keep(con, kept)


def drop_places(con: duckdb.DuckDBPyConnection) -> None:
    """Drop the relation `PLACES`, a table or a view of the kept file, where there is one."""
    found = con.execute("SELECT count(*) FROM duckdb_tables() WHERE table_name = ?", [PLACES])
    kind = "TABLE" if found.fetchall()[0][0] else "VIEW"
    con.execute(f"DROP {kind} IF EXISTS {PLACES}")


def country_zones_sql(codes: Iterable[str]) -> str:
    """Write the query of the zones of whole calling codes: `code`, `zones`."""
    zones = _country_zones()
    rows = ", ".join(f"({text(code)}, {text(zones.get(code, ''))})" for code in sorted(codes))
    return f"SELECT code, nullif(zones, '') AS zones FROM (VALUES {rows}) AS v(code, zones)"


def within_sql(codes: Iterable[str], starts: str) -> str:
    """Write the condition that a stretch may hold for numbers of some calling codes."""
    spans = (f"{starts} BETWEEN {_key(code)} AND {_end(code)}" for code in sorted(codes))
    return " OR ".join(spans) or "false"


def stretches(prefixes: Mapping[str, str | None]) -> _Stretches:
    """Lay prefixes out as stretches: where each begins, and what holds from there on.

    Example:
        >>> [(key // 16, name) for key, name in stretches({"49": "a", "491": "b"})]
        [(490000000, 'a'), (491000000, 'b'), (492000000, 'a'), (500000000, None)]
    """
    found: _Stretches = []
    within: list[tuple[int, str | None]] = []  # the ends of what we are inside of, and its value
    for prefix in sorted(prefixes):
        start, end = _key(prefix), _end(prefix)
        while within and within[-1][0] <= start:
            _leave(found, within)
        _put(found, start, prefixes[prefix])
        within.append((end, prefixes[prefix]))
    while within:
        _leave(found, within)
    return found


def _leave(found: _Stretches, within: list[tuple[int, str | None]]) -> None:
    end, _ = within.pop()
    _put(found, end, within[-1][1] if within else None)


def _put(found: _Stretches, start: int, value: str | None) -> None:
    if found and found[-1][0] == start:
        found[-1] = (start, value)
    else:
        found.append((start, value))


def _key(prefix: str) -> int:
    return int(prefix.ljust(DIGITS, "0")) * _LENGTHS + len(prefix)


def _end(prefix: str) -> int:
    return int(str(int(prefix) + 1) + "0" * (DIGITS - len(prefix))) * _LENGTHS


def _make(con: duckdb.DuckDBPyConnection) -> None:
    """Make the table of stretches from what the library knows."""
    from phonenumbers import carrierdata, geodata, tzdata  # noqa: PLC0415 - slow

    parts: Mapping[str, Mapping[str, str | None]] = {
        "region": _in_english(geodata.GEOCODE_DATA),
        "carrier": _in_english(carrierdata.CARRIER_DATA),
        "zones": {prefix: "|".join(names) for prefix, names in tzdata.TIMEZONE_DATA.items()},
    }
    for name, prefixes in parts.items():
        found = stretches(prefixes)
        con.execute(
            f"CREATE TEMP TABLE {PLACES}_{name} AS SELECT"
            f" unnest(CAST(? AS BIGINT[])) AS starts, unnest(CAST(? AS VARCHAR[])) AS {name}",
            [[start for start, _ in found], [value for _, value in found]],
        )
    joins = " ".join(f"ASOF LEFT JOIN {PLACES}_{name} USING (starts)" for name in parts)
    every = " UNION ".join(f"SELECT starts FROM {PLACES}_{name}" for name in parts)
    con.execute(
        f"CREATE TEMP TABLE {PLACES} AS SELECT starts, {', '.join(parts)}"
        f" FROM ({every}) {joins} ORDER BY starts"
    )
    for name in parts:
        con.execute(f"DROP TABLE {PLACES}_{name}")


def _in_english(told: Mapping[str, Mapping[str, str]]) -> dict[str, str | None]:
    return {prefix: names["en"] or None for prefix, names in told.items() if "en" in names}


def _country_zones() -> dict[str, str]:
    """Find the zones of numbers that tell no more than their calling code."""
    from phonenumbers import tzdata  # noqa: PLC0415 - slow

    found = {}
    for code in plans():
        longest = (code[:length] for length in range(len(code), min(len(code), 2) - 1, -1))
        named = next((part for part in longest if part in tzdata.TIMEZONE_DATA), None)
        if named is not None:
            found[code] = "|".join(tzdata.TIMEZONE_DATA[named])
    return found


def _loaded(con: duckdb.DuckDBPyConnection, kept: Path) -> bool:
    if not kept.is_file():
        return False
    try:
        con.execute(
            f"CREATE TEMP VIEW {PLACES} AS SELECT starts, region, carrier, zones"
            f" FROM read_parquet({text(str(kept))})"
        )
    except duckdb.Error:  # cut off, or not by us: it is made anew
        return False
    return True


def _keep(con: duckdb.DuckDBPyConnection, kept: Path) -> None:
    part = kept.with_name(f"{kept.name}-{secrets.token_hex(4)}")
    with contextlib.suppress(OSError, duckdb.Error):  # a cache that cannot be written is none
        kept.parent.mkdir(parents=True, exist_ok=True)
        con.execute(f"COPY {PLACES} TO {text(str(part))} (FORMAT parquet, COMPRESSION zstd)")
        part.replace(kept)


def _folder() -> Path | None:
    told = os.environ.get(FOLDER_VARIABLE, "")
    if told == "off":
        return None
    if told:
        return Path(told)
    with contextlib.suppress(RuntimeError):  # nobody's home
        return next(_usual(sys.platform), None)
    return None


def _usual(platform: str) -> Iterator[Path]:
    """Yield where a system keeps what programs can make again."""
    variable = "LOCALAPPDATA" if platform == "win32" else "XDG_CACHE_HOME"
    if os.environ.get(variable):
        yield Path(os.environ[variable]) / "dialgauge"
    parts: Sequence[str] = ("Library", "Caches") if platform == "darwin" else (".cache",)
    yield Path.home().joinpath(*parts, "dialgauge")
