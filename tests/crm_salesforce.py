"""What does a Salesforce organisation look like over its REST API?

Answers in the shapes of its documentation: tokens, describe, query and queryAll with
nextRecordsUrl, lists within rows with pages of their own. It understands the SOQL that our reader
writes, and refuses fields that the organisation does not have.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from crm_server import Answer, Asked, Crm

DATA = "/services/data/v61.0"
SECRET = "client-s3cret-of-the-test"
STAGES = [
    {"Id": "s1", "ApiName": "Offer", "MasterLabel": "Angebot", "SortOrder": 2,
     "IsWon": False, "IsClosed": False},
    {"Id": "s2", "ApiName": "Talk", "MasterLabel": "Gespraech", "SortOrder": 1,
     "IsWon": False, "IsClosed": False},
    {"Id": "s3", "ApiName": "Closed Won", "MasterLabel": "Gewonnen", "SortOrder": 3,
     "IsWon": True, "IsClosed": True},
    {"Id": "s4", "ApiName": "Closed Lost", "MasterLabel": "Verloren", "SortOrder": 4,
     "IsWon": False, "IsClosed": True},
]  # fmt: skip
USERS = [
    {"Id": "005A", "Name": "Ann Lee", "IsActive": True, "UserRole": {"Name": "North"}},
    {"Id": "005B", "Name": "Bo", "IsActive": False, "UserRole": None},
]


class Salesforce(Crm):
    """One organisation."""

    def __init__(self) -> None:
        super().__init__()
        self.tokens = 0
        self.size = 2
        self.missing = {"CurrencyIsoCode", "CountryCode", "MailingCountryCode"}
        self.rows: dict[str, list[dict[str, Any]]] = {
            "User": USERS,
            "OpportunityStage": STAGES,
            "Lead": [],
            "Contact": [],
            "Opportunity": [],
            "Task": [],
        }
        self.hidden: set[tuple[str, str]] = set()
        self.kept: dict[str, list[dict[str, Any]]] = {}
        self.own: dict[str, list[str]] = {}

    def put(self, kind: str, name: str, changed: str, **fields: Any) -> None:
        """Store a row; its change is an instant such as `2026-01-05T10:00:00.000+0000`."""
        usual = {"IsDeleted": False, "CreatedDate": "2026-01-02T08:00:00.000+0000"}
        self.rows[kind] = [row for row in self.rows[kind] if row["Id"] != name]
        self.rows[kind].append({"Id": name, **usual, "SystemModstamp": changed, **fields})

    def task(self, name: str, changed: str = "2026-01-05T10:00:00.000+0000", **fields: Any) -> None:
        """Store a call of a minute and a half."""
        usual = {
            "TaskSubtype": "Call",
            "IsClosed": True,
            "CallType": "Outbound",
            "CallDurationInSeconds": 90,
            "CallDisposition": "Connected",
            "Status": "Completed",
            "ActivityDate": "2026-01-05",
            "CreatedDate": "2026-01-05T09:30:00.000+0000",
            "OwnerId": "005A",
            "Who": {"Phone": "(030) 123456"},
        }
        self.put("Task", name, changed, **{**usual, **fields})

    def answer(self, asked: Asked) -> Answer:
        """Answer as Salesforce does."""
        if asked.path == "/services/oauth2/token":
            if asked.body.get("client_secret") != SECRET:
                wrong = {"error": "invalid_client", "error_description": asked.body}
                return Answer({**wrong, "error_description": str(asked.body)}, 400)
            self.tokens += 1
            return Answer({"access_token": f"token-{self.tokens}", "token_type": "Bearer"})
        if asked.headers.get("authorization") != f"Bearer token-{self.tokens}":
            return _error(401, "INVALID_SESSION_ID", "Session expired or invalid")
        if asked.path == f"{DATA}/limits":
            return Answer({"DailyApiRequests": {"Max": 15000, "Remaining": 14998}})
        described = re.fullmatch(rf"{DATA}/sobjects/(\w+)/describe", asked.path)
        if described:
            return Answer({"fields": [{"name": name} for name in self._fields(described[1])]})
        more = re.fullmatch(rf"{DATA}/query/(.+)-(\d+)", asked.path)
        if more:
            return self._page(more[1], int(more[2]))
        return self._query(asked.params["q"], with_deleted=asked.path.endswith("queryAll"))

    def _fields(self, kind: str) -> list[str]:
        from dialgauge.sources.salesforce.names import FIELDS  # noqa: PLC0415

        known = [*FIELDS[kind.lower()], "TaskSubtype", "IsClosed", *self.own.get(kind, [])]
        there = [name for name in known if name not in self.missing]
        return [name for name in there if (kind, name) not in self.hidden]

    def _query(self, soql: str, *, with_deleted: bool) -> Answer:
        said = re.fullmatch(r"SELECT (.*) FROM (\w+)(?: WHERE (.*?))?(?: ORDER BY .*)?", soql)
        assert said, soql
        wanted, kind, where = said[1], said[2], said[3] or ""
        rows = [row for row in self.rows[kind] if with_deleted or not row.get("IsDeleted")]
        for operator, literal in re.findall(r"SystemModstamp (>=|<) (\S+?Z)", where):
            at = dt.datetime.fromisoformat(literal)
            rows = [row for row in rows if (_at(row) >= at) == (operator == ">=")]
        listed = re.search(r"(\w+) IN \((.*?)\)", where)
        if listed:
            names = re.findall(r"'(\w+)'", listed[2])
            rows = [row for row in rows if row.get(listed[1]) in names]
        if "TaskSubtype" in where:
            assert "IsClosed = true" in where
            rows = [row for row in rows if row["IsClosed"]]
            rows = [row for row in rows if row["TaskSubtype"] == "Call" or row["CallType"]]
        if wanted == "count()":
            return Answer({"totalSize": len(rows), "done": True, "records": []})
        if kind in ("Lead", "Contact", "Task"):
            for name in wanted.replace(", Who.Phone", "").split(", "):
                of, _, field = name.rpartition(".")
                if field not in self._fields(of.removeprefix("Converted") or kind):
                    return _error(400, "INVALID_FIELD", f"No such column '{name}'")
        if "ConvertedContact.DoNotCall" in wanted:
            rows = [{**row, "ConvertedContact": self._contact(row)} for row in rows]
        if "SystemModstamp" in soql:
            rows = sorted(rows, key=lambda row: (row["SystemModstamp"], row["Id"]))
        name = f"01g{len(self.kept)}"
        self.kept[name] = [{"attributes": {"type": kind}, **row} for row in rows]
        return self._page(name, 0)

    def _contact(self, lead: dict[str, Any]) -> dict[str, Any] | None:
        """Give what a lead's query says of the contact it became."""
        for row in self.rows["Contact"]:
            if row["Id"] == lead.get("ConvertedContactId"):
                return {"attributes": {"type": "Contact"}, "DoNotCall": row.get("DoNotCall")}
        return None

    def _page(self, name: str, begin: int) -> Answer:
        if name not in self.kept:
            return _error(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        rows = self.kept[name]
        end = begin + self.size
        said: dict[str, Any] = {
            "totalSize": len(rows),
            "done": end >= len(rows),
            "records": [self._with_lists(row) for row in rows[begin:end]],
        }
        if end < len(rows):
            said["nextRecordsUrl"] = f"{DATA}/query/{name}-{end}"
        return Answer(said)

    def _with_lists(self, row: dict[str, Any]) -> dict[str, Any]:
        found = dict(row)
        for key, value in row.items():
            if isinstance(value, list):
                name = f"01h{row['Id']}{key}"
                self.kept[name] = [{"attributes": {}, **each} for each in value]
                found[key] = self._page(name, 0).body if value else None
        return found


def _at(row: dict[str, Any]) -> dt.datetime:
    return dt.datetime.fromisoformat(row["SystemModstamp"])


def _error(code: int, name: str, message: str) -> Answer:
    return Answer([{"message": message, "errorCode": name}], code)
