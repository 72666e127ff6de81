"""What does a HubSpot account look like over its API?

Answers in the shapes of its documentation (CRM v3 objects and search, v4 associations, owners,
pipelines, account details), and refuses what HubSpot refuses: two sort rules, more than 200 rows a
page, more than 10,000 results of a search, more than 50 records with history.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from crm_server import TOKEN, Answer, Asked, Crm

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
CHANGED = {"contacts": "lastmodifieddate"}
CONNECTED = "f240bbac-87c9-4f6e-bf70-924b57d47db7"
NO_ANSWER = "73a0d17f-1163-4015-bdd5-ec830791da20"

PIPELINE = {
    "id": "default",
    "label": "Sales",
    "displayOrder": 0,
    "archived": False,
    "stages": [
            {"id": "won", "label": "Closed won", "displayOrder": 2,
             "metadata": {"isClosed": "true", "probability": "1.0"}},
            {"id": "lost", "label": "Closed lost", "displayOrder": 3,
             "metadata": {"isClosed": "true", "probability": "0.0"}},
            {"id": "offer", "label": "Offer sent", "displayOrder": 1,
             "metadata": {"isClosed": "false", "probability": "0.6"}},
            {"id": "meeting", "label": "Meeting", "displayOrder": 0,
             "metadata": {"isClosed": "false", "probability": "0.2"}},
    ],
}  # fmt: skip
OWNERS = [
    {"id": "7", "email": "ann@example.com", "firstName": "Ann", "lastName": "Lee",
     "userId": 70, "createdAt": "2025-01-01T00:00:00.000Z",
     "updatedAt": "2025-01-01T00:00:00.000Z", "archived": False,
     "teams": [{"id": "1", "name": "East", "primary": False},
               {"id": "2", "name": "North", "primary": True}]},
    {"id": "8", "email": "bo@example.com", "firstName": "Bo", "lastName": "",
     "userId": 80, "createdAt": "2025-01-01T00:00:00.000Z",
     "updatedAt": "2025-06-30T12:00:00.000Z", "archived": True},
]  # fmt: skip


class HubSpot(Crm):
    """One account."""

    def __init__(self) -> None:
        super().__init__()
        self.token = TOKEN
        self.version = ""
        self.ended: set[str] = set()
        self.objects: dict[str, dict[str, dict[str, Any]]] = {
            "contacts": {},
            "deals": {},
            "calls": {},
        }
        self.contacts_of: dict[tuple[str, str], list[str]] = {}
        self.history: dict[str, list[tuple[str, str]]] = {}
        self.no_scope: set[str] = set()
        self.on_search: list[Any] = []
        self.most = 10_000

    def put(
        self,
        kind: str,
        name: str,
        changed: str = "2026-01-05T10:00:00.000Z",
        contacts: Sequence[str] = (),
        archived_at: str | None = None,
        **properties: str | None,
    ) -> None:
        """Store a record; its change is an ISO instant with milliseconds."""
        stamp = CHANGED.get(kind, "hs_lastmodifieddate")
        row: dict[str, Any] = {
            "id": name,
            "properties": {**properties, stamp: changed, "hs_object_id": name},
            "createdAt": properties.get("createdate") or "2026-01-01T00:00:00.000Z",
            "updatedAt": changed,
            "archived": archived_at is not None,
        }
        if archived_at is not None:
            row["archivedAt"] = archived_at
        self.objects[kind][name] = row
        self.contacts_of[kind, name] = list(contacts)

    def call(self, name: str, **properties: Any) -> None:
        """Store a call that somebody answered, unless said otherwise."""
        usual = {
            "hs_timestamp": "2026-01-05T09:00:00Z",
            "hs_call_direction": "OUTBOUND",
            "hs_call_status": "COMPLETED",
            "hs_call_disposition": CONNECTED,
            "hs_call_duration": "61500",
            "hs_call_to_number": "+49 30 123456",
            "hubspot_owner_id": "7",
        }
        self.put("calls", name, **{**usual, **properties})

    def answer(self, asked: Asked) -> Answer:
        """Answer as HubSpot does."""
        if asked.headers.get("authorization") != f"Bearer {self.token}":
            return _error(401, "INVALID_AUTHENTICATION", f"{asked.headers.get('authorization')}")
        if self.version:
            if re.search(r"/v[34]/", asked.path):
                return _error(404, "NOT_FOUND", "this version has ended")
            asked = replace(asked, path=_legacy(asked.path, self.version))
        if asked.path in self.ended:
            return _error(410, "GONE", "this endpoint has ended")
        return self._small(asked) or self._objects(asked)

    def _small(self, asked: Asked) -> Answer | None:
        if asked.path == "/account-info/v3/details":
            who = {"portalId": 62515, "timeZone": "Europe/Berlin", "companyCurrency": "EUR"}
            return Answer(who)
        if asked.path == "/calling/v1/dispositions":
            return Answer([{"id": CONNECTED, "label": "Connected", "deleted": False},
                           {"id": "c0ffee", "label": "Interested", "deleted": False}])  # fmt: skip
        if asked.path == "/crm/v3/pipelines/deals":
            return Answer({"results": [PIPELINE]})
        if asked.path == "/crm/v3/owners":
            return self._list(OWNERS, asked.params)
        return None

    def _objects(self, asked: Asked) -> Answer:
        parts = asked.path.strip("/").split("/")
        kind = parts[3]
        if kind in self.no_scope:
            return _error(403, "MISSING_SCOPES", "This app hasn't been granted all scopes")
        if parts[1] == "v4":
            return self._associations(parts[3], asked.body)
        if parts[-1] == "search":
            return self._search(kind, asked.body)
        if parts[-2:] == ["batch", "read"]:
            return self._batch(kind, asked.body)
        return self._list(list(self.objects[kind].values()), asked.params)

    def _list(self, rows: list[dict[str, Any]], params: Mapping[str, str]) -> Answer:
        if int(params["limit"]) > 100:
            return _error(400, "VALIDATION_ERROR", "limit")
        wanted = [row for row in rows if row["archived"] == (params.get("archived") == "true")]
        begin = int(params.get("after", "0"))
        return self._paged(wanted, begin, int(params["limit"]))

    def _paged(self, rows: list[dict[str, Any]], begin: int, limit: int) -> Answer:
        said: dict[str, Any] = {"results": rows[begin : begin + limit]}
        if begin + limit < len(rows):
            said["paging"] = {"next": {"after": str(begin + limit), "link": "https://hubspot"}}
        return Answer(said)

    def _search(self, kind: str, body: Mapping[str, Any]) -> Answer:
        if len(body.get("sorts", [])) > 1 or body["limit"] > 200:
            return _error(400, "VALIDATION_ERROR", "one sort rule and 200 rows")
        rows = [row for row in self.objects[kind].values() if not row["archived"]]
        for each in body.get("filterGroups", [{"filters": []}])[0]["filters"]:
            rows = [row for row in rows if _fits(row, each)]
        for rule in body.get("sorts", []):
            rows = sorted(rows, key=lambda row: (_number(row, rule["propertyName"]), row["id"]))
        if self.on_search:
            self.on_search.pop(0)()
        begin = int(body.get("after", "0"))
        if begin + body["limit"] > self.most:
            return _error(400, "VALIDATION_ERROR", "paging past 10,000")
        said = self._paged([self._shown(row, body) for row in rows], begin, body["limit"])
        return Answer({"total": len(rows), **said.body})

    def _shown(self, row: dict[str, Any], body: Mapping[str, Any]) -> dict[str, Any]:
        wanted = (*body.get("properties", ()), "hs_object_id")
        return {**row, "properties": {name: row["properties"].get(name) for name in wanted}}

    def _batch(self, kind: str, body: Mapping[str, Any]) -> Answer:
        if len(body["inputs"]) > (50 if "propertiesWithHistory" in body else 100):
            return _error(400, "VALIDATION_ERROR", "too many inputs")
        found = []
        for each in body["inputs"]:
            row = self.objects[kind].get(each["id"])
            if row is not None and not row["archived"]:
                listed = [
                    {"value": value, "timestamp": at, "sourceType": "CRM_UI"}
                    for value, at in reversed(self.history.get(each["id"], []))
                ]
                history = {"propertiesWithHistory": {"dealstage": listed}}
                found.append({**self._shown(row, body), **history})
        code = 200 if len(found) == len(body["inputs"]) else 207
        return Answer({"status": "COMPLETE", "results": found}, code)

    def _associations(self, kind: str, body: Mapping[str, Any]) -> Answer:
        assert len(body["inputs"]) <= 1000
        found = []
        for each in body["inputs"]:
            to = self.contacts_of.get((kind, each["id"]), [])
            begin = int(each.get("after", "0"))
            if to:
                said: dict[str, Any] = {
                    "from": {"id": each["id"]},
                    "to": [
                        {"toObjectId": int(name), "associationTypes": [{"typeId": 194}]}
                        for name in to[begin : begin + 2]
                    ],
                }
                if begin + 2 < len(to):
                    said["paging"] = {"next": {"after": str(begin + 2)}}
                found.append(said)
        return Answer({"status": "COMPLETE", "results": found})


def _legacy(path: str, version: str) -> str:
    """Write a path of a dated version as the older ones write it."""
    if path.startswith("/account-info/"):
        return path.replace(version, "v3")
    found = re.fullmatch(rf"/crm/(\w+)/{version}(/.*)?", path)
    if found is None:
        return path
    return f"/crm/{'v4' if found[1] == 'associations' else 'v3'}/{found[1]}{found[2] or ''}"


def _fits(row: Mapping[str, Any], rule: Mapping[str, str]) -> bool:
    have, want = _number(row, rule["propertyName"]), int(rule["value"])
    return {
        "GTE": have >= want,
        "GT": have > want,
        "LT": have < want,
        "EQ": have == want,
    }[rule["operator"]]


def _number(row: Mapping[str, Any], name: str) -> int:
    value = str(row["properties"][name])
    if "T" not in value:
        return int(value)
    return (dt.datetime.fromisoformat(value) - EPOCH) // dt.timedelta(milliseconds=1)


def _error(code: int, category: str, message: str) -> Answer:
    return Answer({"status": "error", "category": category, "message": message}, code)
