"""What does an EspoCRM look like over its API?

Lists with `where`, `orderBy`, `select`, `maxSize` and `offset`, streams of records, and times to
the second in UTC, in the shapes of its documentation. As its ListLoader does, a list gives the
records that a row is linked with only where `select` names them; where counting is off, the
total is -1 while there are more.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from crm_server import TOKEN, Answer, Asked, Crm

LINKED = ("leadsIds", "contactsIds", "usersIds")
OPTED_OUT = "phoneNumberIsOptedOut"
STAGES = ["Prospecting", "Proposal", "Closed Won", "Closed Lost"]


class EspoCrm(Crm):
    """One installation."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: dict[str, list[dict[str, Any]]] = {
            "User": [{"id": "u7", "name": "Ann Lee", "userName": "ann", "createdAt": "2025",
                      "defaultTeamName": "North", "modifiedAt": None}],
            "Lead": [],
            "Contact": [],
            "Opportunity": [],
            "Call": [],
        }  # fmt: skip
        self.notes: dict[str, list[dict[str, Any]]] = {}
        self.counts = True
        self.before_8_2 = False
        self.knows_opting_out = True

    def put(
        self, kind: str, name: str, changed: str = "2026-01-05 10:00:00", /, **is_: Any
    ) -> None:
        """Store a record."""
        self.rows[kind] = [row for row in self.rows[kind] if row["id"] != name]
        usual = {"createdAt": "2026-01-02 08:00:00", "deleted": False, "assignedUserId": "u7"}
        self.rows[kind].append({"id": name, "modifiedAt": changed, **usual, **is_})

    def call(self, name: str, changed: str = "2026-01-05 10:00:00", /, **is_: Any) -> None:
        """Store a call that was held for five minutes."""
        usual = {
            "name": "Call Eve",
            "status": "Held",
            "dateStart": "2026-01-05 09:00:00",
            "dateEnd": "2026-01-05 09:05:00",
            "direction": "Outbound",
            "parentType": "Lead",
            "parentId": "l1",
        }
        self.put("Call", name, changed, **{**usual, **is_})

    def answer(self, asked: Asked) -> Answer:
        """Answer as EspoCRM does."""
        if asked.headers.get("x-api-key") != TOKEN:
            return Answer(None, 401)
        parts = asked.path.strip("/").split("/")
        if parts[2] == "App":
            return Answer({"user": {"userName": "api"}})
        if parts[2] == "Metadata":
            fields = {"stage": {"options": STAGES}}
            whole = {"entityDefs": {"Opportunity": {"fields": fields}, "Call": {}}}
            return Answer(whole if self.before_8_2 else STAGES)
        if len(parts) == 4:
            found = [row for row in self.rows[parts[2]] if row["id"] == parts[3]]
            return Answer(found[0]) if found else Answer(None, 404)
        rows = self.notes.get(parts[3], []) if parts[-1] == "stream" else self.rows[parts[2]]
        for kind, attribute, values in _rules(asked.params):
            if attribute == OPTED_OUT and not self.knows_opting_out:
                return Answer({"message": "Not existing attribute."}, 400)
            rows = [row for row in rows if _fits(str(row.get(attribute)), kind, values)]
        if "orderBy" in asked.params:
            rows = sorted(rows, key=lambda row: str(row[asked.params["orderBy"]]))
        begin, most = int(asked.params.get("offset", "0")), int(asked.params["maxSize"])
        assert most <= 200
        more = -1 if begin + most < len(rows) else -2
        page = [_shown(row, asked.params.get("select")) for row in rows[begin : begin + most]]
        return Answer({"total": len(rows) if self.counts else more, "list": page})


def _shown(row: Mapping[str, Any], select: str | None) -> Mapping[str, Any]:
    if select is None:
        return {name: value for name, value in row.items() if name not in LINKED}
    return {name: row[name] for name in ("id", *select.split(",")) if name in row}


def _rules(params: Mapping[str, str]) -> list[tuple[str, str, list[str]]]:
    places = {found[1] for name in params if (found := re.match(r"where\[(\d+)\]", name))}
    return [
        (
            params[f"where[{place}][type]"],
            params[f"where[{place}][attribute]"],
            [params[name] for name in params if name.startswith(f"where[{place}][value]")],
        )
        for place in sorted(places)
    ]


def _fits(have: str, kind: str, want: list[str]) -> bool:
    if kind == "isTrue":
        return have == "True"
    if kind == "in":
        return have in want
    (only,) = want
    return {
        "equals": have == only,
        "greaterThan": have > only,
        "greaterThanOrEquals": have >= only,
        "lessThan": have < only,
    }[kind]
