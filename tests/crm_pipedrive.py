"""What does a company's Pipedrive look like over its API?

Answers in the shapes of its documentation: v2 lists with cursors and updated_since, v1 users, call
logs with start, changelogs of deals with cursors.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from crm_server import TOKEN, Answer, Asked, Crm

STAGES = [
    {"id": 11, "name": "Talk", "order_nr": 0, "pipeline_id": 1, "is_deleted": False},
    {"id": 12, "name": "Offer", "order_nr": 1, "pipeline_id": 1, "is_deleted": False},
]
PIPELINES = [{"id": 1, "name": "Sales", "order_nr": 0, "is_deleted": False}]
ME = {"id": 7, "name": "Ann Lee", "company_id": 99, "company_name": "Acme", "email": "a@x.org",
      "default_currency": "EUR", "timezone_name": "Europe/Berlin"}  # fmt: skip
USERS = [
    {"id": 7, "name": "Ann Lee", "email": "ann@example.com", "active_flag": True},
    {"id": 8, "name": "Bo", "email": "bo@example.com", "active_flag": False},
]


class Pipedrive(Crm):
    """One company."""

    def __init__(self) -> None:
        super().__init__()
        self.most = 3
        self.rows: dict[str, list[dict[str, Any]]] = {
            "stages": STAGES,
            "pipelines": PIPELINES,
            "persons": [],
            "deals": [],
            "archived": [],
            "activities": [],
        }
        self.logs: list[dict[str, Any]] = []
        self.changelogs: dict[str, list[dict[str, Any]]] = {}

    def put(
        self, kind: str, name: int, changed: str = "2026-01-05T10:00:00Z", /, **is_: Any
    ) -> None:
        """Store a row; its change is an instant to the second."""
        self.rows[kind] = [row for row in self.rows[kind] if row["id"] != name]
        usual = {"add_time": "2026-01-02T08:00:00Z", "owner_id": 7}
        self.rows[kind].append({"id": name, "update_time": changed, **usual, **is_})

    def call(self, name: int, changed: str = "2026-01-05T10:00:00Z", **is_: Any) -> None:
        """Store a call that was ticked off."""
        usual = {
            "type": "call",
            "done": True,
            "subject": "Call Eve",
            "due_date": "2026-01-05",
            "due_time": "08:00",
            "duration": "00:30",
            "marked_as_done_time": "2026-01-05 09:00:00",
            "person_id": 51,
        }
        self.put("activities", name, changed, **{**usual, **is_})

    def log(self, activity: int, **is_: Any) -> None:
        """Store the call log of an activity."""
        usual = {
            "id": f"log{activity}",
            "activity_id": activity,
            "outcome": "connected",
            "duration": "61",
            "to_phone_number": "+49 30 123456",
            "from_phone_number": "+49 40 1",
            "start_time": "2026-01-05 08:58:00",
            "end_time": "2026-01-05 08:59:01",
        }
        self.logs.append({**usual, **is_})

    def answer(self, asked: Asked) -> Answer:
        """Answer as Pipedrive does."""
        if asked.headers.get("x-api-token") != TOKEN:
            return Answer({"success": False, "error": "unauthorized access"}, 401)
        parts = asked.path.strip("/").split("/")
        if parts[1] == "v2":
            if len(parts) == 4 and parts[3].isdigit():
                return self._one(parts[2], int(parts[3]))
            kind = parts[-1]
            assert int(asked.params["limit"]) <= 500
            return self._list(self.rows[kind], asked.params, kind)
        if asked.path == "/api/v1/users/me":
            return Answer({"success": True, "data": ME})
        if asked.path == "/api/v1/users":
            return Answer({"success": True, "data": USERS})
        if asked.path == "/api/v1/callLogs":
            return self._logs(asked.params)
        changes = self.changelogs.get(parts[3], [])
        begin = int(asked.params.get("cursor", "0"))
        more = str(begin + 2) if begin + 2 < len(changes) else None
        return Answer(
            {
                "success": True,
                "data": changes[begin : begin + 2],
                "additional_data": {"next_cursor": more},
            }
        )

    def _one(self, kind: str, name: int) -> Answer:
        for row in self.rows[kind]:
            if row["id"] == name:
                return Answer({"success": True, "data": row})
        return Answer({"success": False, "error": "Activity not found", "code": 404}, 404)

    def _logs(self, params: Mapping[str, str]) -> Answer:
        begin, limit = int(params.get("start", "0")), int(params["limit"])
        assert limit <= 50
        page = {
            "start": begin,
            "limit": limit,
            "more_items_in_collection": begin + limit < len(self.logs),
        }
        rows = self.logs[begin : begin + limit]
        return Answer({"success": True, "data": rows, "additional_data": {"pagination": page}})

    def _list(self, rows: list[dict[str, Any]], params: Mapping[str, str], kind: str) -> Answer:
        if "updated_since" in params:
            since = dt.datetime.fromisoformat(params["updated_since"])
            rows = [row for row in rows if _at(row) >= since]
        if "updated_until" in params:
            until = dt.datetime.fromisoformat(params["updated_until"])
            rows = [row for row in rows if _at(row) < until]
        if kind == "deals":
            gone = params.get("status") == "deleted"
            rows = [row for row in rows if (row.get("status") == "deleted") == gone]
        if params.get("done") == "true":
            rows = [row for row in rows if row["done"]]
        if params.get("sort_by") == "update_time":
            rows = sorted(rows, key=lambda row: (row["update_time"], row["id"]))
        begin = int(params.get("cursor", "c0")[1:])
        end = begin + min(self.most, int(params["limit"]))
        more = f"c{end}" if end < len(rows) else None
        return Answer(
            {"success": True, "data": rows[begin:end], "additional_data": {"next_cursor": more}}
        )


def _at(row: Mapping[str, Any]) -> dt.datetime:
    return dt.datetime.fromisoformat(row["update_time"])
