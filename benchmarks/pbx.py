"""How many rows of a PBX come in for a CPU second, against its plain driver reading the same rows?

    python benchmarks/pbx.py [--rows N] [--rounds N] [--only asterisk]

Asterisk's cdr is read from MariaDB, FreeSWITCH's from PostgreSQL (Debian: mariadb-server,
postgresql), from Master.csv and from the files of mod_json_cdr, and Twilio's calls from a server
of its own. Servers are other processes, and only the reader's CPU time is counted, that of all its
threads. Steps:

- plain   pymysql, psycopg, csv.reader, json.loads or httpx read the same rows, and drop them
- fetch   the same rows in pages into the files of a spool; files need none
- load    all of it: fetch, stage, and a new lake with the calls in it
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import email.utils
import itertools
import json
import multiprocessing
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from measure import Cost, in_turns, median

TESTS = Path(__file__).parents[1] / "tests"
sys.path[:0] = [str(TESTS), str(TESTS / "sources")]

START = 1_767_600_000  # 2026-01-05 08:00 UTC
EVERY_S = 7
PAGE = 1_000
SID = "AC" + "0" * 32


@dataclass(frozen=True)
class System:
    """A system to be read.

    Attributes:
        system: The source's name.
        plain: Reads its rows and says how many there are.
        account: Settings of `fetch`, and the secret; None where files are read.
        files: What is imported instead.
    """

    system: str
    plain: Callable[[], int]
    account: Mapping[str, object] | None = None
    secret: str = ""
    files: Path | None = None


def main() -> None:
    """Measure, and print a line for each step."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=100_000, help="rows of each system")
    parser.add_argument("--rounds", type=int, default=3, help="how often each step runs")
    parser.add_argument("--only", default="", help="one of the systems")
    told = parser.parse_args()
    for name, made in SYSTEMS.items():
        if told.only in ("", name):
            with tempfile.TemporaryDirectory() as folder, made(told.rows, Path(folder)) as system:
                measure(name, system, Path(folder), told.rounds)


def measure(name: str, system: System, folder: Path, rounds: int) -> None:
    """Let the steps of a system take turns."""
    numbers = itertools.count()
    works: dict[str, Callable[[], object]] = {"plain": system.plain}
    if system.account is not None:
        works["fetch"] = lambda: fetched(system, folder / f"spool{next(numbers)}")
    works["load"] = lambda: loaded(system, folder / f"lake{next(numbers)}")
    rows = system.plain()
    costs = in_turns(works, rounds)
    base = median(costs["plain"])
    for step in works:
        show(f"{name} {step}", median(costs[step]), rows, base)


def show(name: str, cost: Cost, rows: int, base: Cost) -> None:
    """Print a line."""
    print(
        f"{name:24} {cost.cpu:7.2f} CPU s {cost.wall:7.2f} s {rows / cost.cpu:10,.0f} rows per "
        f"CPU s {cost.cpu / base.cpu:7.2f} of plain",
        flush=True,
    )


def fetched(system: System, folder: Path) -> None:
    """Read a system into a spool."""
    import importlib  # noqa: PLC0415

    import pyarrow.parquet as pq  # noqa: PLC0415

    from dialgauge.sources.live import Account, Span  # noqa: PLC0415

    fetch = importlib.import_module(f"dialgauge.sources.{system.system}").fetch
    account = Account(name="pbx", settings=system.account or {}, secret=lambda _: system.secret)
    for number, page in enumerate(fetch(account, Span())):
        place = folder / page.stream
        place.mkdir(parents=True, exist_ok=True)
        pq.write_table(page.rows, place / f"{number:06}.parquet", compression="zstd")


def loaded(system: System, folder: Path) -> None:
    """Take a system into a new lake."""
    from dialgauge.accounts import Connected  # noqa: PLC0415
    from dialgauge.intake import take_in  # noqa: PLC0415
    from dialgauge.lake import Lake  # noqa: PLC0415
    from dialgauge.sources import source  # noqa: PLC0415
    from dialgauge.sources.base import Request  # noqa: PLC0415
    from dialgauge.syncing.feed import Round, read_feed  # noqa: PLC0415
    from dialgauge.syncing.feeds import feeds_of  # noqa: PLC0415

    lake = Lake.create(str(folder))
    if system.files is not None:
        request = Request(paths=(system.files,), timezone="UTC", phone_key=lake.phone_key)
        take_in(lake, source(system.system), request)
        return
    known = Connected(
        name="pbx", system=system.system, settings=system.account or {}, timezone="UTC"
    )
    (feed,) = feeds_of(lake, (known,))
    outcome = read_feed(lake, feed, Round())
    if outcome.error is not None:
        raise outcome.error


@contextlib.contextmanager
def secret(value: str) -> Iterator[None]:
    """Put a secret where `dialgauge sync` finds it."""
    import os  # noqa: PLC0415

    names = ("DIALGAUGE_PBX_PASSWORD", "DIALGAUGE_PBX_AUTH_TOKEN")
    os.environ |= dict.fromkeys(names, value)
    try:
        yield
    finally:
        for name in names:
            del os.environ[name]


@contextlib.contextmanager
def asterisk(rows: int, _: Path) -> Iterator[System]:
    """Fill a FreePBX's table in MariaDB."""
    import pymysql  # noqa: PLC0415
    from running_mariadb import PASSWORD, READER, programs, running_mariadb  # noqa: PLC0415
    from test_asterisk_tables import CDR  # noqa: PLC0415

    found = programs()
    if found is None:
        print("asterisk: MariaDB's server is not installed")
        raise SystemExit(1)
    columns = (
        *("calldate", "src", "dst", "dcontext", "channel", "dstchannel", "lastapp", "duration"),
        *("billsec", "disposition", "accountcode", "userfield", "uniqueid", "linkedid"),
        *("sequence", "did", "recordingfile", "cnum"),
    )
    with running_mariadb(*found) as server, secret(PASSWORD):
        server.new("pbx")
        with server.root("pbx") as cursor:
            cursor.execute("SET time_zone = '+00:00'")
            cursor.execute(CDR)
            second = f"{START} + seq * {EVERY_S}"
            cursor.execute(
                "INSERT INTO cdr (calldate, src, dst, dcontext, channel, dstchannel, lastapp, "
                "duration, billsec, disposition, uniqueid, linkedid, sequence) SELECT "
                f"FROM_UNIXTIME({second}), 100 + seq MOD 50, 4930000000 + seq MOD 90000, "
                "'from-internal', CONCAT('PJSIP/', 100 + seq MOD 50, '-0000001a'), "
                "'PJSIP/trunk-0000001b', 'Dial', 38, IF(seq MOD 3 = 0, 30, 0), "
                f"IF(seq MOD 3 = 0, 'ANSWERED', 'NO ANSWER'), CONCAT({second}, '.7'), "
                f"CONCAT({second}, '.7'), seq FROM seq_0_to_{rows - 1}"
            )

        def plain() -> int:
            con = pymysql.connect(
                unix_socket=str(server.socket), user=READER, password=PASSWORD, database="pbx"
            )
            with contextlib.closing(con), con.cursor(pymysql.cursors.SSCursor) as cursor:
                cursor.execute(f"SELECT {', '.join(columns)} FROM cdr ORDER BY calldate")
                return many(cursor)

        yield System("asterisk", plain, {"url": server.url("pbx")}, PASSWORD)


@contextlib.contextmanager
def freeswitch_sql(rows: int, _: Path) -> Iterator[System]:
    """Fill the table of mod_cdr_pg_csv in PostgreSQL."""
    import psycopg  # noqa: PLC0415
    from pbx_postgres import PASSWORD, READER, Postgres  # noqa: PLC0415
    from test_freeswitch_postgres import PG_CSV  # noqa: PLC0415

    from running_postgres import programs, running_postgres  # noqa: PLC0415

    found = programs()
    if found is None:
        print("freeswitch: PostgreSQL's server is not installed")
        raise SystemExit(1)
    columns = (
        *("uuid", "bleg_uuid", "context", "caller_id_number", "destination_number"),
        *("accountcode", "start_stamp", "answer_stamp", "end_stamp", "duration", "billsec"),
        *("hangup_cause", "sip_hangup_disposition", "ani"),
    )
    with running_postgres(found) as address, secret(PASSWORD):
        server = Postgres(address)
        with server.root() as cursor:
            cursor.execute(f"CREATE USER {READER} PASSWORD '{PASSWORD}'")
        server.new("pbx")
        began = f"to_timestamp({START} + i * {EVERY_S})"
        with server.root("pbx") as cursor:
            cursor.execute(PG_CSV)
            cursor.execute("CREATE INDEX ON cdr (start_stamp)")
            cursor.execute(
                "INSERT INTO cdr (local_ip_v4, caller_id_number, destination_number, context, "
                "start_stamp, answer_stamp, end_stamp, duration, billsec, hangup_cause, uuid, "
                "accountcode) SELECT '10.0.0.1', '10' || i % 50, '+4930' || 1000000 + i % 90000, "
                f"'default', {began}, CASE WHEN i % 3 = 0 THEN {began} + interval '10s' END, "
                f"{began} + interval '30s', 30, CASE WHEN i % 3 = 0 THEN 20 ELSE 0 END, "
                "CASE WHEN i % 3 = 0 THEN 'NORMAL_CLEARING' ELSE 'NO_ANSWER' END, "
                f"gen_random_uuid(), 'spring' FROM generate_series(0, {rows - 1}) i"
            )

        def plain() -> int:
            with (
                psycopg.connect(server.url("pbx"), password=PASSWORD) as con,
                con.cursor("rows") as cursor,
            ):
                cursor.execute(f"SELECT {', '.join(columns)} FROM cdr ORDER BY start_stamp")
                return many(cursor)

        yield System("freeswitch", plain, {"url": server.url("pbx")}, PASSWORD)


def many(cursor: Any) -> int:
    """Read all rows of a question, some thousand at once."""
    rows = 0
    while some := cursor.fetchmany(2_000):
        rows += len(some)
    return rows


def leg(number: int) -> dict[str, str]:
    """Give the record of a leg: a third is answered after ten seconds, for twenty."""
    from datetime import UTC, datetime  # noqa: PLC0415

    def at(seconds: int) -> str:
        moment = datetime.fromtimestamp(START + number * EVERY_S + seconds, UTC)
        return moment.strftime("%Y-%m-%d %H:%M:%S")

    answered = number % 3 == 0
    return {
        "caller_id_name": "Ann",
        "caller_id_number": f"10{number % 50:02d}",
        "destination_number": f"+4930{number % 90_000:07d}",
        "context": "default",
        "start_stamp": at(0),
        "answer_stamp": at(10) if answered else "",
        "end_stamp": at(30),
        "duration": "30",
        "billsec": "20" if answered else "0",
        "hangup_cause": "NORMAL_CLEARING" if answered else "NO_ANSWER",
        "uuid": f"00000000-0000-0000-0000-{number:012d}",
        "bleg_uuid": "",
        "accountcode": "spring",
        "read_codec": "PCMA",
        "write_codec": "PCMA",
    }


@contextlib.contextmanager
def freeswitch_csv(rows: int, folder: Path) -> Iterator[System]:
    """Write a Master.csv."""
    path = folder / "Master.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerows(leg(number).values() for number in range(rows))

    def plain() -> int:
        with path.open(encoding="utf-8", newline="") as file:
            return sum(1 for _ in csv.reader(file))

    yield System("freeswitch", plain, files=path)


@contextlib.contextmanager
def freeswitch_json(rows: int, folder: Path) -> Iterator[System]:
    """Write the files of mod_json_cdr, a leg each, with some hundred variables as they have."""
    made = folder / "json_cdr"
    made.mkdir()
    others = {f"sip_h_X-{place}": "x" * 20 for place in range(100)}
    for number in range(rows):
        said = leg(number)
        profile = {name: said[name] for name in ("caller_id_number", "destination_number")}
        record = {
            "channel_data": {"direction": "inbound"},
            "variables": said | others,
            "callflow": [{"caller_profile": profile}],
        }
        (made / f"{said['uuid']}.cdr.json").write_text(json.dumps(record), encoding="utf-8")

    def plain() -> int:
        paths = sorted(made.glob("*.json"))
        return sum(bool(json.loads(path.read_text(encoding="utf-8"))) for path in paths)

    yield System("freeswitch", plain, files=made)


@contextlib.contextmanager
def twilio(rows: int, _: Path) -> Iterator[System]:
    """Start a server that answers as Twilio does, from bytes made before."""
    import httpx2 as httpx  # noqa: PLC0415

    here, there = multiprocessing.Pipe()
    server = multiprocessing.Process(target=serve, args=(rows, there), daemon=True)
    server.start()
    url, days = f"http://127.0.0.1:{here.recv()}", rows * EVERY_S // 86_400 + 1

    def plain() -> int:
        found = 0
        with httpx.Client(auth=(SID, "x")) as client:
            for day in range(days):
                path: str | None = f"/2010-04-01/Accounts/{SID}/Calls.json?StartTime%3E={_day(day)}"
                while path:
                    page = client.get(url + path).json()
                    found, path = found + len(page["calls"]), page["next_page_uri"]
        return found

    with secret("x"):
        account = {"url": url, "account_sid": SID, "since": _day(0)}
        yield System("twilio", plain, account, "x")
    server.terminate()


def _day(number: int) -> str:
    import datetime as dt  # noqa: PLC0415

    return (dt.date(2026, 1, 5) + dt.timedelta(days=number)).isoformat()


class Answers(BaseHTTPRequestHandler):
    """Answers from bytes that were made before."""

    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16  # an answer goes out at once, not its head before its body
    days: Mapping[str, Sequence[bytes]] = {}

    def do_GET(self) -> None:
        """Answer with the account, or with a page of a day's calls."""
        asked = urlsplit(self.path)
        told = {name: values[0] for name, values in parse_qs(asked.query).items()}
        if not asked.path.endswith("/Calls.json"):
            body = b'{"friendly_name": "Bench", "date_created": "Mon, 05 Jan 2026 00:00:00 +0000"}'
        else:
            pages = self.days.get(told.get("StartTime>", ""), ())
            place = int(told.get("Page", "0"))
            body = pages[place] if place < len(pages) else b'{"calls": [], "next_page_uri": null}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def serve(rows: int, told: Connection) -> None:
    """Answer until the end of the benchmark."""
    days: dict[str, list[dict[str, object]]] = {}
    for number in range(rows):
        at = START + number * EVERY_S
        began, over = (email.utils.formatdate(moment) for moment in (at, at + 30))
        row = dict.fromkeys(("uri", "account_sid", "phone_number_sid", "group_sid"), "x" * 20)
        days.setdefault(_day((at - 1_767_571_200) // 86_400), []).append(
            row
            | {
                "sid": f"CA{number:032d}",
                "parent_call_sid": None if number % 2 == 0 else f"CA{number - 1:032d}",
                "to": f"+4930{number % 90_000:07d}" if number % 2 == 0 else "client:ann",
                "from": "+4930111111",
                "status": "completed",
                "start_time": began,
                "end_time": over,
                "date_created": began,
                "date_updated": over,
                "duration": "30",
                "price": "-0.01300",
                "price_unit": "USD",
                "direction": "outbound-api" if number % 2 == 0 else "outbound-dial",
                "answered_by": "human",
                "caller_name": "",
            }
        )
    Answers.days = {day: pages(day, found) for day, found in days.items()}
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    told.send(server.server_address[1])
    server.serve_forever()


def pages(day: str, rows: Sequence[object]) -> list[bytes]:
    """Cut a day into pages."""
    found = []
    for place, begin in enumerate(range(0, len(rows), PAGE), start=1):
        path = f"/2010-04-01/Accounts/{SID}/Calls.json?StartTime%3E={day}&Page={place}"
        more = path if begin + PAGE < len(rows) else None
        said = {"calls": rows[begin : begin + PAGE], "next_page_uri": more}
        found.append(json.dumps(said).encode())
    return found


SYSTEMS: Mapping[str, Callable[[int, Path], contextlib.AbstractContextManager[System]]] = {
    "asterisk": asterisk,
    "freeswitch-sql": freeswitch_sql,
    "freeswitch-csv": freeswitch_csv,
    "freeswitch-json": freeswitch_json,
    "twilio": twilio,
}

if __name__ == "__main__":
    main()
