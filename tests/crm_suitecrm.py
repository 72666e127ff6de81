"""What does a SuiteCRM look like over its V8 API?

Tokens for clients, modules with filters, one sort field and pages, JSON:API rows, relationships.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from crm_server import Answer, Asked, Crm

SECRET = "client-s3cret-of-the-test"


class SuiteCrm(Crm):
    """One installation."""

    def __init__(self) -> None:
        super().__init__()
        self.tokens = 0
        self.shows_deleted = False
        self.hidden: set[str] = set()
        self.denied: set[str] = set()
        self.rows: dict[str, list[dict[str, Any]]] = {
            "Users": [{"id": f"u{n}", "full_name": f"Ann {n}", "user_name": f"ann{n}",
                       "department": "North"} for n in range(120)],
            "Leads": [],
            "Contacts": [],
            "Opportunities": [],
            "Calls": [],
        }  # fmt: skip
        self.related: dict[tuple[str, str], list[str]] = {}

    def put(
        self, kind: str, name: str, changed: str = "2026-01-05 10:00:00", /, **is_: Any
    ) -> None:
        """Store a record."""
        self.rows[kind] = [row for row in self.rows[kind] if row["id"] != name]
        usual = {"date_entered": "2026-01-02T08:00:00+00:00", "deleted": "0"}
        self.rows[kind].append(
            {"id": name, "date_modified": changed, **usual, "assigned_user_id": "u7", **is_}
        )

    def call(self, name: str, changed: str = "2026-01-05 10:00:00", /, **is_: Any) -> None:
        """Store a call of an hour and a quarter."""
        usual = {
            "status": "Held",
            "date_start": "2026-01-05T09:00:00+00:00",
            "duration_hours": "1",
            "duration_minutes": "15",
            "direction": "Outbound",
            "parent_type": "Leads",
            "parent_id": "l1",
        }
        self.put("Calls", name, changed, **{**usual, **is_})

    def answer(self, asked: Asked) -> Answer:
        """Answer as SuiteCRM does."""
        if asked.path == "/Api/access_token":
            if asked.body.get("client_secret") != SECRET:
                return Answer({"error": "invalid_client", "message": str(asked.body)}, 401)
            self.tokens += 1
            return Answer({"token_type": "Bearer", "access_token": f"token-{self.tokens}"})
        if asked.headers.get("authorization") != f"Bearer token-{self.tokens}":
            return Answer({"errors": {"status": 401, "title": "UNAUTHORIZED"}}, 401)
        parts = asked.path.strip("/").split("/")
        if "relationships" in parts:
            names = self.related.get((parts[4], parts[-1]), [])
            return Answer({"data": [{"type": "x", "id": name} for name in names]})
        if len(parts) == 5:
            return self._one(parts[3], parts[4])
        return self._listed(parts[3], asked.params)

    def _one(self, module: str, name: str) -> Answer:
        if name in self.denied:
            said = "The API user does not have access to this module."
            return Answer({"errors": {"status": 400, "title": None, "detail": said}}, 400)
        for row in self.rows[module]:
            if row["id"] == name and (row["deleted"] != "1" or self.shows_deleted):
                return Answer({"data": {"type": module, "id": name, "attributes": row}})
        said = f"{module} module with id {name} is not found"
        return Answer({"errors": {"status": 400, "title": None, "detail": said}}, 400)

    def _listed(self, module: str, params: Mapping[str, str]) -> Answer:
        rows = [row for row in self.rows[module] if row["id"] not in self.denied]
        if module in self.hidden:
            return Answer({"errors": {"status": 403, "title": "Forbidden"}}, 403)
        if "filter[deleted][eq]" not in params:
            rows = [row for row in rows if row.get("deleted") != "1"]
        for name, value in params.items():
            rule = re.fullmatch(r"filter\[(\w+)\]\[(\w+)\]", name)
            if rule:
                rows = [row for row in rows if _fits(str(row.get(rule[1]) or ""), rule[2], value)]
        if "sort" in params:
            rows = sorted(rows, key=lambda row: str(row[params["sort"]]))
        size, number = int(params["page[size]"]), int(params.get("page[number]", "1"))
        page = rows[(number - 1) * size : number * size]
        gone = [row["id"] for row in page if str(row.get("deleted")) == "1"]
        if gone and not self.shows_deleted:
            # it lists them, and then cannot open the first: SuiteCRM issues 8631 and 10683
            said = f"{module} module with id {gone[0]} is not found"
            return Answer({"errors": {"status": 400, "title": None, "detail": said}}, 400)
        data = [
            {"type": module, "id": row["id"],
             "attributes": {name: row[name] for name in row if name != "id"}}
            for row in page
        ]  # fmt: skip
        if not data:
            nothing = {"message": "Request was successful, but there is no result"}
            return Answer({"meta": nothing, "data": []})
        return Answer({"meta": {"total-pages": -(-len(rows) // size)}, "data": data})


def _fits(have: str, sign: str, want: str) -> bool:
    return {
        "eq": have == want,
        "gt": have > want,
        "gte": have >= want,
        "lt": have < want,
    }[sign]
