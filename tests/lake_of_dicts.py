"""How do tests load batches without a lake, and what should come out?

`DictLake` applies what `prepare` returns to plain dicts. `expected` works everything out again
from the final rows with plain Python, the slow and obvious way.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa

from dialgauge.model.table import Table, Type
from dialgauge.prepare import prepare
from dialgauge.tables import TABLES

Row: TypeAlias = dict[str, Any]
Rows: TypeAlias = dict[str, Row]

_ARROW = {
    Type.TEXT: pa.string(),
    Type.BOOL: pa.bool_(),
    Type.INTEGER: pa.int64(),
    Type.NUMBER: pa.float64(),
    Type.MONEY: pa.decimal128(18, 4),
    Type.TIME: pa.timestamp("us", tz="UTC"),
    Type.DATE: pa.date32(),
    Type.JSON: pa.string(),
}
PREPARED = ("leads", "calls", "journeys", "callbacks")


def utc(text: str) -> dt.datetime:
    """Read an ISO time as UTC."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def dial(call_id: str, started_at: str, **columns: Any) -> Row:
    """Write an outbound call to lead L, in UTC."""
    return {
        "call_id": call_id,
        "started_at": utc(started_at),
        "direction": "outbound",
        "lead_id": "L",
    } | columns


def _arrow(table: Table, rows: Iterable[Row], *, derived: bool) -> pa.Table:
    fields = [
        pa.field(column.name, _ARROW[column.type])
        for column in table.columns
        if derived or not column.derived
    ]
    filled = [{field.name: row.get(field.name) for field in fields} for row in rows]
    return pa.Table.from_pylist(filled, schema=pa.schema(fields))


class DictLake:
    """Rows by key for each prepared table, loaded batch by batch through `prepare`."""

    def __init__(self) -> None:
        """Start empty."""
        self.tables: dict[str, Rows] = {name: {} for name in PREPARED}
        self.returned: dict[str, list[Row]] = {}

    def load(self, name: str, rows: Iterable[Row], *, hint: bool = False) -> None:
        """Prepare a batch and apply what comes back.

        Args:
            name: The table.
            rows: Its new and changed rows.
            hint: Whether the batch tells which keys are stored already.
        """
        con = duckdb.connect()
        con.execute("SET TimeZone='UTC'")
        views = {}
        for known, stored in self.tables.items():
            con.register(f"stored_{known}", _arrow(TABLES[known], stored.values(), derived=True))
            views[known] = f"stored_{known}"
        con.register("arrow_batch", _arrow(TABLES[name], rows, derived=False))
        mark = ""
        if hint:
            key = TABLES[name].key
            mark = f", {key} IN (SELECT {key} FROM stored_{name}) AS _updated"
        numbered = f"SELECT *, 7 + row_number() OVER () AS _row{mark} FROM arrow_batch"
        con.execute(f"CREATE TEMP TABLE batch AS {numbered}")
        result = prepare(con, TABLES[name], "batch", views)
        self.returned = {
            known: _fetch(con, made.relation, TABLES[known]) for known, made in result.items()
        }
        con.close()
        for known, found in self.returned.items():
            self._apply(TABLES[known], found)

    def _apply(self, table: Table, rows: list[Row]) -> None:
        keys = [row[table.key] for row in rows]
        assert len(keys) == len(set(keys)), "a key may be returned once"
        for row in rows:
            if table.clock is not None and row[table.clock] is None:
                del self.tables[table.name][row[table.key]]
            else:
                self.tables[table.name][row[table.key]] = row


def _fetch(con: duckdb.DuckDBPyConnection, relation: str, table: Table) -> list[Row]:
    cursor = con.execute(f"SELECT {', '.join(table.types)} FROM {relation}")
    names = [str(column[0]) for column in cursor.description or ()]
    return [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]


def expected(calls: Iterable[Row], leads: Mapping[str, Row]) -> dict[str, Rows]:
    """Work out every derived column and row from the final calls, one row at a time."""
    rows = sorted(
        ({"party_id": _party(call)} | call for call in calls),
        key=lambda row: (row["started_at"], row["call_id"]),
    )
    dials = [row for row in rows if _is_dial(row) and row["party_id"] is not None]
    parties = {str(d["party_id"]) for d in dials}
    return {
        "calls": {str(row["call_id"]): _derived(row, rows, dials, leads) for row in rows},
        "journeys": {
            party: _journey(party, rows, [d for d in dials if d["party_id"] == party])
            for party in parties
        },
        "callbacks": {
            str(row["call_id"]): _callback(row, dials)
            for row in rows
            if row.get("callback_at") is not None and not row.get("test")
        },
    }


def _party(call: Row) -> str | None:
    if call.get("lead_id") is not None:
        return str(call["lead_id"])
    return None if call.get("phone_token") is None else f"phone:{call['phone_token']}"


def _is_dial(row: Row) -> bool:
    return row.get("direction") == "outbound" and not row.get("test")


def _derived(row: Row, rows: list[Row], dials: list[Row], leads: Mapping[str, Row]) -> Row:
    zone = row.get("timezone")
    if zone is None or "|" in zone:
        zone = leads.get(row.get("lead_id") or "", {}).get("timezone") or zone
    known = [row["started_at"].astimezone(ZoneInfo(one)) for one in zone.split("|")] if zone else []
    hours, days = {each.strftime("%F %H") for each in known}, {each.date() for each in known}
    found = {
        "party_id": row["party_id"],
        "local_hour": known[0].hour if len(hours) == 1 else None,
        "local_weekday": known[0].isoweekday() if len(days) == 1 else None,
        "attempt": None,
        "contact_number": None,
        "recent_dials": None,
        "do_not_call_since": None,
    }
    if row not in dials:
        return found
    earlier = [
        d for d in rows[: rows.index(row)] if d["party_id"] == row["party_id"] and not d.get("test")
    ]
    before = [d for d in earlier if d in dials]
    found["attempt"] = len(before) + 1
    if row.get("contact"):
        found["contact_number"] = sum(bool(d.get("contact")) for d in before) + 1
    day = dt.timedelta(hours=24)
    found["recent_dials"] = sum(d["started_at"] > row["started_at"] - day for d in before)
    stops = [d["started_at"] for d in earlier if d.get("do_not_call")]
    found["do_not_call_since"] = min(stops, default=None)
    return found


def _journey(party: str, rows: list[Row], dials: list[Row]) -> Row:
    contacts = [d for d in dials if d.get("contact")]
    reached = contacts[0] if contacts else None
    after = [] if reached is None else dials[dials.index(reached) + 1 :]
    stops = [
        row["started_at"]
        for row in rows
        if row["party_id"] == party and row.get("do_not_call") and not row.get("test")
    ]
    return {
        "party_id": party,
        "first_dial_at": dials[0]["started_at"],
        "last_dial_at": dials[-1]["started_at"],
        "dials": len(dials),
        "contacts": len(contacts),
        "first_contact_at": None if reached is None else reached["started_at"],
        "attempts_to_contact": None if reached is None else dials.index(reached) + 1,
        "second_contact_at": contacts[1]["started_at"] if len(contacts) > 1 else None,
        "dialled_after_contact_at": after[0]["started_at"] if after else None,
        "converted_at": next((d["started_at"] for d in dials if d.get("converted")), None),
        "converted_on_first_contact": None if reached is None else bool(reached.get("converted")),
        "converted_later_at": next((d["started_at"] for d in after if d.get("converted")), None),
        "do_not_call_at": min(stops, default=None),
        "agent_id": None if reached is None else reached.get("agent_id"),
    } | {
        name: dials[0].get(name)
        for name in ("campaign_id", "list_id", "region", "country", "timezone", "source")
    }


def _callback(row: Row, dials: list[Row]) -> Row:
    due = row["callback_at"]
    kept = [
        d["started_at"]
        for d in dials
        if d["party_id"] == row["party_id"]
        and due - dt.timedelta(minutes=5) <= d["started_at"] <= due + dt.timedelta(minutes=30)
        and (d["started_at"], d["call_id"]) > (row["started_at"], row["call_id"])
    ]
    names = ("campaign_id", "list_id", "agent_id", "region", "country", "timezone", "source")
    return {
        "call_id": row["call_id"],
        "due_at": due,
        "dialled_at": min(kept, default=None),
        "party_id": row["party_id"],
    } | {name: row.get(name) for name in names}
