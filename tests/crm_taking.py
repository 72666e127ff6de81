"""How do HubSpot and Salesforce take values?

In the shapes of their documentation: HubSpot's list of properties and batch update, which refuses a
whole batch for one value that is not allowed and tells of records that are not there; Salesforce's
collections, which answer record by record, in the order of the request.
"""

from __future__ import annotations

import re
from typing import Any

from crm_hubspot import HubSpot
from crm_salesforce import DATA, Salesforce
from crm_server import Answer, Asked

MOST = 1.0


class TakingHubSpot(HubSpot):
    """An account with properties for scores."""

    def __init__(self) -> None:
        super().__init__()
        self.updates: list[list[str]] = []

    def contact(self, name: str, **properties: str) -> None:
        """Store a contact."""
        self.put("contacts", name, **properties)

    def answer(self, asked: Asked) -> Answer:
        """Answer as HubSpot does."""
        if asked.headers.get("authorization") == f"Bearer {self.token}":
            if asked.path == "/crm/v3/properties/contacts":
                own = {"modificationMetadata": {"readOnlyValue": False}}
                set_there = {"modificationMetadata": {"readOnlyValue": True}}
                named = {"call_score": own, "call_reason": own, "createdate": set_there}
                return Answer({"results": [{"name": n, **v} for n, v in named.items()]})
            if asked.path == "/crm/v3/objects/contacts/batch/update":
                return self._update(asked.body["inputs"])
        return super().answer(asked)

    def _update(self, inputs: list[dict[str, Any]]) -> Answer:
        assert len(inputs) <= 100
        self.updates.append([each["id"] for each in inputs])
        known = self.objects["contacts"]
        for each in inputs:
            assert all(isinstance(value, str) for value in each["properties"].values())
            score = each["properties"].get("call_score")
            if (score and float(score) > MOST) or each["id"] == "cursed":
                wrong = {"status": "error", "category": "VALIDATION_ERROR",
                         "message": "Property values were not valid"}  # fmt: skip
                return Answer(wrong, 400)
        found = [each for each in inputs if each["id"] in known and each["id"] != "locked"]
        for each in found:
            known[each["id"]]["properties"] |= each["properties"]
        if len(found) == len(inputs):
            return Answer({"status": "COMPLETE", "results": found})
        gone = [each["id"] for each in inputs if each not in found]
        error = {"status": "error", "category": "OBJECT_NOT_FOUND",
                 "message": "Could not update", "context": {"ids": gone}}  # fmt: skip
        said = {"status": "COMPLETE", "results": found, "numErrors": 1, "errors": [error]}
        return Answer(said, 207)


class TakingSalesforce(Salesforce):
    """An organisation with fields for scores."""

    def __init__(self) -> None:
        super().__init__()
        self.own = {"Lead": ["Score__c", "Why__c"], "Contact": ["Score__c", "Why__c"]}
        self.updates: list[list[str]] = []

    def answer(self, asked: Asked) -> Answer:
        """Answer as Salesforce does."""
        if asked.method == "PATCH" and asked.path == f"{DATA}/composite/sobjects":
            assert asked.headers["authorization"].startswith("Bearer token-")
            return self._collection(asked.body)
        return super().answer(asked)

    def _collection(self, body: dict[str, Any]) -> Answer:
        assert body["allOrNone"] is False
        assert len(body["records"]) <= 200
        self.updates.append([each["id"] for each in body["records"]])
        return Answer([self._set(each) for each in body["records"]])

    def _set(self, sent: dict[str, Any]) -> dict[str, Any]:
        row = next(row for row in self.rows[sent["attributes"]["type"]] if row["Id"] == sent["id"])
        score = sent.get("Score__c")
        assert re.fullmatch(r"\w+", sent["id"])
        if row.get("IsConverted"):
            error = {"statusCode": "CANNOT_UPDATE_CONVERTED_LEAD",
                     "message": "cannot reference converted lead", "fields": []}  # fmt: skip
            return {"success": False, "errors": [error]}
        assert score is None or isinstance(score, float)
        row |= {name: value for name, value in sent.items() if name not in ("attributes", "id")}
        return {"id": sent["id"], "success": True, "errors": []}
