"""How do tests write what Asterisk writes, and read what becomes of it?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from dialgauge.sources.asterisk import stage
from dialgauge.sources.base import Request, Staged

KEY = b"a secret of the tests"
CSV_WIDTHS = (16, 17, 18, 19, 20, 21)

_CSV = (
    *("accountcode", "src", "dst", "dcontext", "clid", "channel", "dstchannel", "lastapp"),
    *("lastdata", "start", "answer", "end", "duration", "billsec", "disposition", "amaflags"),
)
_CUSTOM = (
    *("clid", "src", "dst", "dcontext", "channel", "dstchannel", "lastapp", "lastdata", "start"),
    *("answer", "end", "duration", "billsec", "disposition", "amaflags", "accountcode"),
)
_NEW = ("peeraccount", "linkedid", "sequence")
_EXTRA: Mapping[int, tuple[str, ...]] = {
    16: (),
    17: ("uniqueid",),
    18: ("uniqueid", "userfield"),
    19: _NEW,
    20: ("uniqueid", *_NEW),
    21: ("uniqueid", "userfield", *_NEW),
}
_CUSTOM_EXTRA: Mapping[int, tuple[str, ...]] = {
    16: (),
    17: ("uniqueid",),
    18: ("uniqueid", "userfield"),
    19: ("uniqueid", "userfield", "sequence"),
    20: ("uniqueid", "userfield", "sequence", "linkedid"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """A CDR row: by default extension 101 calls a number over a trunk, 8 s ring, 30 s talk.

    `start` is the wall clock's time; `ring` is None when nobody answered.
    """

    start: str = "2026-01-05 10:00:00"
    ring: int | None = 8
    duration: int = 38
    disposition: str = "ANSWERED"
    src: str = "101"
    dst: str = "15551234567"
    dcontext: str = "from-internal"
    clid: str = '"Ann" <101>'
    channel: str = "PJSIP/101-0000001a"
    dstchannel: str = "PJSIP/provider-0000001b"
    lastapp: str = "Dial"
    lastdata: str = "PJSIP/15551234567@provider,60"
    accountcode: str = "spring"
    uniqueid: str = "1767607200.26"
    linkedid: str = "1767607200.26"
    userfield: str = ""
    peeraccount: str = ""
    sequence: int = 1
    amaflags: str = "DOCUMENTATION"

    def fields(self) -> dict[str, str]:
        """Return the CDR's fields as text."""
        start = dt.datetime.fromisoformat(self.start)
        answer = "" if self.ring is None else str(start + dt.timedelta(seconds=self.ring))
        billsec = 0 if self.ring is None else self.duration - self.ring
        return {
            **{name: str(getattr(self, name)) for name in self.__slots__ if name != "ring"},
            "answer": answer,
            "end": str(start + dt.timedelta(seconds=self.duration)),
            "billsec": str(billsec),
        }


def quoted(value: str) -> str:
    """Write a field as Asterisk does."""
    return '"' + value.replace('"', '""') + '"'


def csv_line(leg: Leg, width: int = 21, **changed: str) -> str:
    """Write a row as cdr_csv does: numbers bare, an absent time bare and empty."""
    fields = leg.fields() | changed
    bare = ("duration", "billsec", "sequence")
    return ",".join(
        fields[name]
        if name in bare or (name in ("start", "answer", "end") and not fields[name])
        else quoted(fields[name])
        for name in (*_CSV, *_EXTRA[width])
    )


def custom_line(leg: Leg, width: int = 19, **changed: str) -> str:
    """Write a row as the sample of cdr_custom does: all quoted but the sequence."""
    fields = leg.fields() | changed
    return ",".join(
        fields[name] if name == "sequence" else quoted(fields[name])
        for name in (*_CUSTOM, *_CUSTOM_EXTRA[width])
    )


FREEPBX = (
    *("calldate", "clid", "src", "dst", "dcontext", "channel", "dstchannel", "lastapp"),
    *("lastdata", "duration", "billsec", "disposition", "amaflags", "accountcode", "uniqueid"),
    *("userfield", "did", "recordingfile", "cnum", "cnam", "outbound_cnum", "outbound_cnam"),
    *("dst_cnam", "linkedid", "peeraccount"),
)


def freepbx_line(leg: Leg, **changed: str) -> str:
    """Write a row as an export of FreePBX's cdr table: no answer, no end, 25 columns."""
    fields = leg.fields() | {"calldate": leg.start, "amaflags": "3"} | changed
    return ",".join(quoted(fields.get(name, "")) for name in FREEPBX)


def write(path: Path, lines: Iterable[str]) -> Path:
    """Write lines to a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What staging made of files."""

    calls: list[dict[str, Any]]
    time: list[dict[str, Any]]
    problems: list[dict[str, Any]]
    notes: list[str]
    staged: list[Staged]

    @property
    def call(self) -> dict[str, Any]:
        """The only call."""
        (call,) = self.calls
        return call


def read(
    *paths: Path, timezone: str = "", options: Mapping[str, str] | None = None, key: bytes = KEY
) -> Read:
    """Stage files; calls are ordered by their start, problems by `_row`."""
    con = duckdb.connect()
    con.execute("SET TimeZone='UTC'")
    request = Request(paths=paths, timezone=timezone, options=options or {}, phone_key=key)
    staged = stage(con, request)
    rows = {"calls": list[dict[str, Any]](), "agent_time": list[dict[str, Any]]()}
    for part in staged:
        found = con.execute(f"SELECT * FROM {part.relation}")
        names = [column[0] for column in found.description or ()]
        rows[part.table.name] += [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    good = [row for row in rows["calls"] if row["_problem"] is None]
    return Read(
        calls=sorted(good, key=lambda row: (row["started_at"], row["call_id"])),
        time=sorted(rows["agent_time"], key=lambda row: (row["agent_id"], row["started_at"])),
        problems=sorted(
            (row for row in rows["calls"] if row["_problem"] is not None),
            key=lambda row: int(row["_row"]),
        ),
        notes=[note for part in staged for note in part.notes],
        staged=staged,
    )


def utc(text: str) -> dt.datetime:
    """Read a time of UTC."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)
