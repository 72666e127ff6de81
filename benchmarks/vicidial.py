"""How many rows of a VICIdial come in for a CPU second, against its driver reading the same rows?

    python benchmarks/vicidial.py [--rows N] [--rounds N]

Needs MariaDB's server (Debian: mariadb-server). Steps:

- plain   pymysql alone reads the same columns of the same tables, a question a table, and keeps
          the rows in a list
- fetch   the same rows in small pages into a spool
- stage   the spool becomes calls, agents' time and leads, without phone numbers
- spool   all that Parquet needs to take the plain rows, for comparison with fetch
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from measure import Cost, median, spent_by, take_turns

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "sources"))

_DATABASE = "asterisk"
_DAYS = 30


def main() -> None:
    """Measure, and print a line for each step."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=200_000, help="rows of vicidial_log")
    parser.add_argument("--rounds", type=int, default=3, help="how often each step runs")
    parser.add_argument("--server", default="", help=argparse.SUPPRESS)
    parser.add_argument("--folder", default="", help=argparse.SUPPRESS)
    parser.add_argument("--step", default="", help=argparse.SUPPRESS)
    told = parser.parse_args()
    if told.step:
        _STEPS[told.step](Path(told.server), Path(told.folder))
        return
    from running_mariadb import programs, running_mariadb  # noqa: PLC0415 - of the tests

    found = programs()
    if found is None:
        raise SystemExit("MariaDB's server is not installed; on Debian: apt install mariadb-server")
    with running_mariadb(*found) as server, tempfile.TemporaryDirectory() as folder:
        rows = _generate(server, told.rows)
        _fetch(server.folder, Path(folder, "kept"))
        names = ("plain", "spool", "fetch", "stage")
        costs = take_turns(
            {name: partial(_step, name, server.folder, folder) for name in names}, told.rounds
        )
        base = median(costs["plain"])
        for name in names:
            _show(name, median(costs[name]), rows, base)


def _step(name: str, server: Path, folder: str) -> Cost:
    return spent_by(
        [sys.executable, __file__, "--step", name, "--server", str(server), "--folder", folder]
    )


def _show(name: str, cost: Cost, rows: int, base: Cost) -> None:
    print(
        f"{name:6} {cost.cpu:7.2f} CPU s {cost.wall:7.2f} s {cost.memory:6.0f} MB "
        f"{rows / cost.cpu:9,.0f} rows per CPU s {cost.cpu / base.cpu:6.2f} of plain",
        flush=True,
    )


def _generate(server: Any, calls: int) -> int:
    """Invent calls over a month: half answered by nobody, a fifth by agents, with leads."""
    from vicidial_tables import dialler, fill  # noqa: PLC0415 - of the tests

    fill(server, _DATABASE, dialler().tables)
    second = f"1767600000 + FLOOR(seq * {_DAYS * 86_400} / {calls})"
    agent = "seq MOD 5 = 0"
    with server.root(_DATABASE) as cursor:
        cursor.execute("SET time_zone = '-05:00'")
        cursor.execute(f"""
            INSERT INTO vicidial_log (uniqueid, lead_id, list_id, campaign_id, call_date,
                start_epoch, end_epoch, length_in_sec, status, phone_code, phone_number, user,
                term_reason)
            SELECT CONCAT({second}, '.', seq), 1 + seq MOD {calls // 4}, 101, 'SOLAR',
                FROM_UNIXTIME({second}), {second}, {second} + IF({agent}, 60, 0),
                IF({agent}, 60, 0), IF({agent}, IF(seq MOD 25 = 0, 'SALE', 'NI'),
                IF(seq MOD 7 = 0, 'AA', 'NA')), '1', 2120000000 + seq MOD {calls // 4},
                IF({agent}, CONCAT('agent', seq MOD 100), 'VDAD'), 'NONE' FROM seq_1_to_{calls}
        """)
        cursor.execute(f"""
            INSERT INTO vicidial_agent_log (user, event_time, lead_id, campaign_id, pause_epoch,
                pause_sec, wait_epoch, wait_sec, talk_epoch, talk_sec, dispo_epoch, dispo_sec,
                dead_sec, status, uniqueid)
            SELECT CONCAT('agent', seq MOD 100), FROM_UNIXTIME({second} - 40),
                1 + seq MOD {calls // 4}, 'SOLAR', {second} - 40, 10, {second} - 30, 30, {second},
                60, {second} + 60, 8, 2, 'NI', CONCAT({second}, '.', seq)
            FROM seq_1_to_{calls} WHERE {agent}
        """)
        cursor.execute(f"""
            INSERT INTO vicidial_list (lead_id, entry_date, status, list_id, phone_code,
                phone_number, state, source_id, called_count)
            SELECT seq, '2026-01-01', 'NEW', 101, '1', 2120000000 + seq - 1, 'NY', 'web', 4
            FROM seq_1_to_{calls // 4}
        """)
    return calls + calls // 5 + calls // 4


def _server(folder: Path) -> Any:
    from running_mariadb import Server  # noqa: PLC0415 - of the tests

    return Server(folder)


def _tables() -> Iterator[tuple[str, tuple[str, ...]]]:
    from dialgauge.sources.vicidial.tables import ALL, CARRIER  # noqa: PLC0415 - by step

    yield from ((each.name, each.columns) for each in ALL.values() if each is not CARRIER)


def _read(server: Path) -> dict[str, list[tuple[Any, ...]]]:
    import pymysql  # noqa: PLC0415 - by step
    from running_mariadb import PASSWORD, READER  # noqa: PLC0415 - of the tests

    con = pymysql.connect(
        unix_socket=str(_server(server).socket), user=READER, password=PASSWORD, database=_DATABASE
    )
    rows = {}
    with contextlib.closing(con), con.cursor() as cursor:
        for name, columns in _tables():
            cursor.execute(f"SELECT {', '.join(columns)} FROM {name}")
            rows[name] = list(cursor.fetchall())
    return rows


def _plain(server: Path, _: Path) -> None:
    _read(server)


def _spool(server: Path, folder: Path) -> None:
    import pyarrow.parquet as pq  # noqa: PLC0415 - by step

    from dialgauge.sources.databases import texts  # noqa: PLC0415

    columns = dict(_tables())
    for name, rows in _read(server).items():
        pq.write_table(texts(columns[name], rows), folder / f"{name}.parquet", compression="zstd")


def _fetch(server: Path, folder: Path) -> None:
    import pyarrow.parquet as pq  # noqa: PLC0415 - by step
    from vicidial_tables import account  # noqa: PLC0415 - of the tests

    from dialgauge.sources.live import Span  # noqa: PLC0415
    from dialgauge.sources.vicidial import fetch  # noqa: PLC0415

    numbers = itertools.count(1)
    for page in fetch(account(_server(server), _DATABASE), Span()):
        place = folder / page.stream
        place.mkdir(parents=True, exist_ok=True)
        pq.write_table(page.rows, place / f"{next(numbers):06}.parquet", compression="zstd")


def _again(server: Path, folder: Path) -> None:
    with tempfile.TemporaryDirectory(dir=folder) as place:
        _fetch(server, Path(place))


def _stage(_: Path, folder: Path) -> None:
    import duckdb  # noqa: PLC0415 - by step

    from dialgauge.sources.base import Request  # noqa: PLC0415
    from dialgauge.sources.vicidial import stage  # noqa: PLC0415

    con = duckdb.connect()
    con.execute("SET TimeZone = 'UTC'")
    request = Request(
        paths=(folder / "kept",), timezone="America/New_York", phone_key=b"of the benchmark"
    )
    stage(con, request)


_STEPS: dict[str, Callable[[Path, Path], None]] = {
    "plain": _plain,
    "spool": _spool,
    "fetch": _again,
    "stage": _stage,
}

if __name__ == "__main__":
    main()
