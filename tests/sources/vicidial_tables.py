"""How do tests write the tables of a VICIdial, into a real MariaDB or into files?

Rows are dictionaries by table. Times are given once, as the wall clock of a server in New York in
January (-05:00); epochs follow from them.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
from running_mariadb import PASSWORD, Server

from dialgauge.sources.base import Request, Staged
from dialgauge.sources.live import Account, Page
from dialgauge.sources.vicidial import stage

KEY = b"a secret of the tests"
EASTERN = dt.timezone(dt.timedelta(hours=-5))
Row = Mapping[str, Any]
Tables = dict[str, list[Row]]

_CALL = (
    "lead_id INT UNSIGNED NOT NULL, list_id BIGINT UNSIGNED, campaign_id VARCHAR(20), "
    "call_date DATETIME, start_epoch INT UNSIGNED, end_epoch INT UNSIGNED, length_in_sec INT, "
    "status VARCHAR(6), phone_code VARCHAR(10), phone_number VARCHAR(18), user VARCHAR(20), "
    "comments VARCHAR(255), processed ENUM('Y','N'), user_group VARCHAR(20), "
)
_FLAGS = ", ".join(
    f"{name} ENUM('Y','N') DEFAULT 'N'"
    for name in (
        *("selectable", "human_answered", "sale", "dnc", "customer_contact", "not_interested"),
        *("unworkable", "scheduled_callback", "completed", "answering_machine"),
    )
)
_LIVE: Mapping[str, str] = {
    "vicidial_log": "uniqueid VARCHAR(20) PRIMARY KEY, " + _CALL + "term_reason ENUM('CALLER',"
    "'AGENT','QUEUETIMEOUT','ABANDON','AFTERHOURS','NONE') DEFAULT 'NONE', alt_dial VARCHAR(6), "
    "called_count SMALLINT UNSIGNED, KEY (lead_id), KEY (call_date)",
    "vicidial_closer_log": "closecallid INT UNSIGNED AUTO_INCREMENT PRIMARY KEY, "
    + _CALL
    + "queue_seconds DECIMAL(7,2), xfercallid INT UNSIGNED, term_reason VARCHAR(20), "
    "uniqueid VARCHAR(20) NOT NULL DEFAULT '', agent_only VARCHAR(20), KEY (lead_id), "
    "KEY (call_date), KEY (uniqueid)",
    "vicidial_xfer_log": "xfercallid INT UNSIGNED AUTO_INCREMENT PRIMARY KEY, lead_id INT UNSIGNED,"
    " call_date DATETIME, phone_number VARCHAR(18), user VARCHAR(20), closer VARCHAR(20), "
    "front_uniqueid VARCHAR(50), close_uniqueid VARCHAR(50), KEY (lead_id), KEY (call_date)",
    "vicidial_agent_log": "agent_log_id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY, user VARCHAR(20), "
    "server_ip VARCHAR(15), event_time DATETIME, lead_id INT UNSIGNED, campaign_id VARCHAR(8), "
    + "".join(
        f"{part}_epoch INT UNSIGNED, {part}_sec SMALLINT UNSIGNED DEFAULT 0, "
        for part in ("pause", "wait", "talk", "dispo", "dead")
    )
    + "status VARCHAR(6), user_group VARCHAR(20), comments VARCHAR(20), sub_status VARCHAR(6), "
    "uniqueid VARCHAR(20), pause_type ENUM('UNDEFINED','SYSTEM','AGENT','API','ADMIN'), "
    "KEY (lead_id), KEY (user), KEY (event_time)",
    "park_log": "uniqueid VARCHAR(20) DEFAULT '', status VARCHAR(10), channel VARCHAR(100), "
    "channel_group VARCHAR(30), server_ip VARCHAR(15), parked_time DATETIME, grab_time DATETIME, "
    "hangup_time DATETIME, parked_sec INT(10), talked_sec INT(10), extension VARCHAR(100), "
    "user VARCHAR(20), lead_id INT(9) UNSIGNED DEFAULT 0, campaign_id VARCHAR(20) DEFAULT '', "
    "KEY (parked_time), KEY (lead_id), KEY (uniqueid)",
    "vicidial_carrier_log": "uniqueid VARCHAR(20) PRIMARY KEY, call_date DATETIME, lead_id INT, "
    "hangup_cause TINYINT UNSIGNED, dialstatus VARCHAR(16), dial_time SMALLINT UNSIGNED, "
    "answered_time SMALLINT UNSIGNED, channel VARCHAR(100), KEY (call_date), KEY (lead_id)",
    "recording_log": "recording_id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY, start_time DATETIME, "
    "length_in_sec MEDIUMINT UNSIGNED, filename VARCHAR(100), location VARCHAR(255), "
    "lead_id INT UNSIGNED, user VARCHAR(20), vicidial_id VARCHAR(20), KEY (vicidial_id)",
    "vicidial_callbacks": "callback_id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY, lead_id INT, "
    "campaign_id VARCHAR(8), status VARCHAR(10), entry_time DATETIME, callback_time DATETIME, "
    "user VARCHAR(20), recipient ENUM('USERONLY','ANYONE'), comments VARCHAR(255), KEY (lead_id)",
}
_PLAIN: Mapping[str, str] = {
    "vicidial_list": "lead_id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY, entry_date DATETIME, "
    "modify_date TIMESTAMP, status VARCHAR(6), user VARCHAR(20), vendor_lead_code VARCHAR(20), "
    "source_id VARCHAR(50), list_id BIGINT UNSIGNED, gmt_offset_now DECIMAL(4,2), "
    "phone_code VARCHAR(10), phone_number VARCHAR(18), first_name VARCHAR(30), "
    "last_name VARCHAR(30), state VARCHAR(2), province VARCHAR(50), country_code VARCHAR(3), "
    "email VARCHAR(70), comments VARCHAR(255), called_count SMALLINT UNSIGNED, "
    "`rank` SMALLINT, owner VARCHAR(20), KEY (list_id), KEY (status)",
    "vicidial_timeclock_log": "timeclock_id INT(9) UNSIGNED AUTO_INCREMENT PRIMARY KEY, "
    "event_epoch INT(10) UNSIGNED NOT NULL, event_date DATETIME NOT NULL, "
    "login_sec INT(10) UNSIGNED, event VARCHAR(50) NOT NULL, user VARCHAR(20) NOT NULL, "
    "user_group VARCHAR(20) NOT NULL, ip_address VARCHAR(15), shift_id VARCHAR(20), "
    "notes VARCHAR(255), manager_user VARCHAR(20), manager_ip VARCHAR(15), tcid_link INT(9), "
    "KEY (user), KEY (event_epoch)",
    "vicidial_dnc": "phone_number VARCHAR(18) PRIMARY KEY NOT NULL",
    "vicidial_campaign_dnc": "phone_number VARCHAR(18) NOT NULL, campaign_id VARCHAR(8) NOT NULL, "
    "KEY (phone_number), UNIQUE KEY (phone_number, campaign_id)",
    "vicidial_dnc_log": "phone_number VARCHAR(18) NOT NULL, campaign_id VARCHAR(8) NOT NULL, "
    "action ENUM('add','delete') DEFAULT 'add', action_date DATETIME NOT NULL, "
    "user VARCHAR(20) DEFAULT '', KEY (phone_number)",
    "vicidial_lists": "list_id BIGINT UNSIGNED PRIMARY KEY, list_name VARCHAR(30), "
    "campaign_id VARCHAR(8), active ENUM('Y','N'), KEY (campaign_id)",
    "vicidial_campaigns": "campaign_id VARCHAR(8) PRIMARY KEY, campaign_name VARCHAR(40), "
    "active ENUM('Y','N'), drop_call_seconds TINYINT DEFAULT 5",
    "vicidial_inbound_groups": "group_id VARCHAR(20) PRIMARY KEY, group_name VARCHAR(30), "
    "active ENUM('Y','N')",
    "vicidial_statuses": f"status VARCHAR(6) PRIMARY KEY, status_name VARCHAR(30), "
    f"category VARCHAR(20), {_FLAGS}",
    "vicidial_campaign_statuses": f"status VARCHAR(6), status_name VARCHAR(30), "
    f"campaign_id VARCHAR(8), category VARCHAR(20), {_FLAGS}, KEY (campaign_id)",
    "vicidial_users": "user_id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY, user VARCHAR(20), "
    "pass VARCHAR(100), full_name VARCHAR(50), user_level TINYINT, user_group VARCHAR(20), "
    "phone_login VARCHAR(20), phone_pass VARCHAR(100), active ENUM('Y','N') DEFAULT 'Y', "
    "pass_hash VARCHAR(500), UNIQUE KEY (user)",
    "vicidial_user_groups": "user_group VARCHAR(20), group_name VARCHAR(40)",
    "vicidial_pause_codes": "pause_code VARCHAR(6), pause_code_name VARCHAR(30), "
    "billable ENUM('NO','YES','HALF') DEFAULT 'NO', campaign_id VARCHAR(8), KEY (campaign_id)",
}
SCHEMA: Mapping[str, str] = {
    **_PLAIN,
    **_LIVE,
    **{
        f"{name}_archive": columns.replace("AUTO_INCREMENT ", "") for name, columns in _LIVE.items()
    },
}
"""Table to its columns, those of VICIdial 2.14 that matter and some that must not be read."""

SECRET_COLUMNS = ("pass", "pass_hash", "phone_pass", "first_name", "last_name", "email", "comments")


def status(code: str, *flags: str, **more: str) -> Row:
    """Write a row of vicidial_statuses, or of a campaign's with campaign_id."""
    return {"status": code, "status_name": code.title(), **dict.fromkeys(flags, "Y"), **more}


STATUSES = [
    status("SALE", "human_answered", "sale", "completed"),
    status("DNC", "human_answered", "dnc", "completed"),
    status("NI", "human_answered", "customer_contact", "not_interested"),
    status("CALLBK", "human_answered", "customer_contact", "scheduled_callback"),
    status("XFER", "human_answered", "customer_contact"),
    status("A", "answering_machine"),
    status("AM", "answering_machine"),
    status("AL", "answering_machine"),
    status("AA"),
    status("B"),
    status("AB"),
    status("N"),
    status("NA"),
    status("DC", "unworkable"),
    status("ADC", "unworkable"),
    status("DROP", "human_answered"),
    status("XDROP", "human_answered"),
    status("PDROP", "human_answered"),
    status("TIMEOT", "human_answered"),
    status("PU"),
    status("QUEUE"),
    status("INCALL"),
]
"""As VICIdial is delivered: a sale is no customer_contact, and AA is no machine."""


def epoch(wall: str) -> int:
    """Return the UTC second at which the server's clock shows a time."""
    return int(dt.datetime.fromisoformat(wall).replace(tzinfo=EASTERN).timestamp())


def later(wall: str, seconds: float) -> str:
    """Move a wall-clock time."""
    return (dt.datetime.fromisoformat(wall) + dt.timedelta(seconds=seconds)).isoformat(" ")


def utc(wall: str) -> dt.datetime:
    """Return the instant at which the server's clock shows a time."""
    return dt.datetime.fromisoformat(wall).replace(tzinfo=EASTERN).astimezone(dt.UTC)


@dataclass
class Dialler:
    """A VICIdial of which rows are written down, call by call."""

    tables: Tables

    def call(self, uniqueid: str, at: str, length: int | None = 0, **row: Any) -> None:
        """Dial: a row of vicidial_log, by default a call nobody answered."""
        given: Row = {
            "uniqueid": uniqueid,
            "lead_id": 1,
            "list_id": 101,
            "campaign_id": "SOLAR",
            **_times("call_date", at, length),
            "status": "NA",
            "phone_code": "1",
            "phone_number": "2125550101",
            "user": "VDAD",
            "comments": "AUTO",
            "user_group": "",
            "term_reason": "NONE",
            "alt_dial": "MAIN",
            **row,
        }
        self.add("vicidial_log", given)

    def passed(self, number: int, at: str, length: int = 0, **row: Any) -> None:
        """Pass through an in-group: a row of vicidial_closer_log, by default of an inbound call."""
        given: Row = {
            "closecallid": number,
            "lead_id": 1,
            "list_id": 101,
            "campaign_id": "HELP",
            **_times("call_date", at, length),
            "status": "NI",
            "phone_code": "1",
            "phone_number": "2125550101",
            "user": "VDCL",
            "queue_seconds": "0.00",
            "xfercallid": 0,
            "term_reason": "CALLER",
            "uniqueid": f"in.{number}",
            **row,
        }
        self.add("vicidial_closer_log", given)

    def cycle(self, number: int, user: str, at: str, seconds: Sequence[int], **row: Any) -> None:
        """Work: a row of vicidial_agent_log; seconds of pause, wait, talk, dispo and dead."""
        pause, wait, talk, dispo, dead = seconds
        starts = dict(
            zip(("pause", "wait", "talk", "dispo"), (0, pause, pause + wait, pause + wait + talk),
                strict=True)
        )  # fmt: skip
        given: Row = {
            "agent_log_id": number,
            "user": user,
            "event_time": at,
            "lead_id": 1,
            "campaign_id": "SOLAR",
            "status": "NI",
            "user_group": "EAST",
            "uniqueid": "",
            **{f"{part}_epoch": epoch(at) + start for part, start in starts.items()},
            "pause_sec": pause,
            "wait_sec": wait,
            "talk_sec": talk,
            "dispo_sec": dispo,
            "dead_sec": dead,
            "dead_epoch": None,
            "sub_status": "",
            "pause_type": "AGENT",
            **row,
        }
        self.add("vicidial_agent_log", given)

    def park(
        self, uniqueid: str, user: str, at: str, seconds: int, lead: int = 1, **row: Any
    ) -> None:
        """Park the customer: a row of park_log, by default of one who was taken back."""
        given: Row = {
            "uniqueid": uniqueid,
            "status": "GRABBED",
            "parked_time": at,
            "grab_time": later(at, seconds),
            "parked_sec": seconds,
            "user": user,
            "lead_id": lead,
            **row,
        }
        self.add("park_log", given)

    def clock(
        self, number: int, user: str, at: str, out: str | None, event: str = "LOGOUT", **row: Any
    ) -> None:
        """Clock in and out: two rows of vicidial_timeclock_log, or one of who is still there."""
        seconds = None if out is None else epoch(out) - epoch(at)
        for place, when, what in ((0, at, "LOGIN"), (1, out, event)):
            if when is not None:
                given: Row = {
                    "timeclock_id": number + place,
                    "event_epoch": epoch(when),
                    "event_date": when,
                    "login_sec": seconds,
                    "event": what,
                    "user": user,
                    "user_group": "EAST",
                    **row,
                }
                self.add("vicidial_timeclock_log", given)

    def call_at(self, uniqueid: str) -> str:
        """Return when a call was dialled."""
        (at,) = (row["call_date"] for row in self.tables["vicidial_log"]
                 if row["uniqueid"] == uniqueid)  # fmt: skip
        return str(at)

    def add(self, table: str, *rows: Row) -> None:
        """Write rows of any table."""
        self.tables.setdefault(table, []).extend(rows)


def _times(by: str, at: str, length: int | None) -> Row:
    end = None if length is None else epoch(at) + length
    return {by: at, "start_epoch": epoch(at), "end_epoch": end, "length_in_sec": length}


def dialler() -> Dialler:
    """Give a VICIdial with one campaign, one list, one in-group, two agents, and no calls."""
    made = Dialler({})
    made.add("vicidial_statuses", *STATUSES)
    made.add(
        "vicidial_campaigns",
        {"campaign_id": "SOLAR", "campaign_name": "Solar panels", "active": "Y"},
    )
    made.add("vicidial_lists", {"list_id": 101, "list_name": "May", "campaign_id": "SOLAR"})
    made.add("vicidial_inbound_groups", {"group_id": "HELP", "group_name": "Help line"})
    for user, name, group in (("ann", "Ann Lee", "EAST"), ("bob", "Bob Ray", "WEST")):
        secrets = {"pass": f"pw-{user}", "pass_hash": f"hash-{user}", "phone_pass": f"ph-{user}"}
        made.add(
            "vicidial_users", {"user": user, "full_name": name, "user_group": group, **secrets}
        )
    made.add("vicidial_user_groups", {"user_group": "EAST", "group_name": "East wing"})
    return made


def fill(server: Server, database: str, tables: Tables, *, only: Iterable[str] = SCHEMA) -> None:
    """Make a database of VICIdial with these rows."""
    server.new(database)
    with server.root(database) as cursor:
        for name in only:
            cursor.execute(f"CREATE TABLE {name} ({SCHEMA[name]}) ENGINE=MyISAM")
    insert(server, database, tables)


def insert(server: Server, database: str, tables: Tables) -> None:
    """Write rows, in place of those with the same key."""
    with server.root(database) as cursor:
        for name, rows in tables.items():
            for row in rows:
                columns, marks = ", ".join(row), ", ".join(["%s"] * len(row))
                cursor.execute(f"REPLACE INTO {name} ({columns}) VALUES ({marks})", [*row.values()])


def account(server: Server, database: str, **settings: object) -> Account:
    """Tell how to reach it."""
    return Account(
        name="pbx", settings={"url": server.url(database), **settings}, secret=lambda _: PASSWORD
    )


def spool(folder: Path, pages: Iterable[Page]) -> dict[str, str]:
    """Keep pages as sync does, and return the cursors."""
    cursors: dict[str, str] = {}
    for page in pages:
        keep(folder, page)
        cursors |= page.cursors
    return cursors


def keep(folder: Path, page: Page) -> None:
    """Keep one page behind those of its stream that are there."""
    place = folder / page.stream
    place.mkdir(parents=True, exist_ok=True)
    pq.write_table(page.rows, place / f"{len(list(place.iterdir())) + 1:06}.parquet")


def dump(folder: Path, tables: Tables) -> Path:
    """Write tables as files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        texts = [
            {key: None if value is None else str(value) for key, value in row.items()}
            for row in rows
        ]
        path = folder / f"{name}.jsonl"
        path.write_text("".join(f"{json.dumps(row)}\n" for row in texts), encoding="utf-8")
    return folder


@dataclass(frozen=True)
class Read:
    """What staging gave."""

    con: duckdb.DuckDBPyConnection
    staged: Mapping[str, Staged]

    def rows(self, table: str, key: str = "") -> dict[str, dict[str, Any]]:
        """Return a table's rows that may be loaded, by their key."""
        if table not in self.staged:
            return {}
        part = self.staged[table]
        found = self.con.execute(f"FROM {part.relation} WHERE _problem IS NULL ORDER BY _row")
        names = [column[0] for column in found.description or ()]
        rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
        return {row[key or part.table.key]: row for row in rows}

    def call(self, call_id: str = "") -> dict[str, Any]:
        """Return a call, the only one unless named."""
        calls = self.rows("calls")
        if call_id:
            return calls[call_id]
        (only,) = calls.values()
        return only

    def problems(self, table: str) -> list[str]:
        """Return the reasons of rows that may not be loaded."""
        found = self.con.execute(
            f"SELECT _problem FROM {self.staged[table].relation} WHERE _problem IS NOT NULL "
            "ORDER BY _row"
        )
        return [reason for (reason,) in found.fetchall()]

    def raw(self, table: str) -> list[str]:
        """Return what is kept of rows that may not be loaded."""
        found = self.con.execute(
            f"SELECT _raw FROM {self.staged[table].relation} WHERE _problem IS NOT NULL"
        )
        return [raw for (raw,) in found.fetchall()]

    @property
    def notes(self) -> str:
        """All notes."""
        return "\n".join(note for part in self.staged.values() for note in part.notes)


def read(
    *paths: Path, timezone: str = "America/New_York", table: str | None = None, **options: str
) -> Read:
    """Stage files."""
    con = duckdb.connect()
    con.execute("SET TimeZone = 'UTC'")
    request = Request(paths=paths, table=table, timezone=timezone, options=options, phone_key=KEY)
    return Read(con, {part.table.name: part for part in stage(con, request)})


def staged(folder: Path, made: Dialler, timezone: str = "America/New_York", **options: str) -> Read:
    """Write a dialler's tables as files and stage them."""
    return read(dump(folder / "dump", made.tables), timezone=timezone, **options)
