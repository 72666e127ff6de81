"""Which rows does a database of Odoo give one user?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from dialgauge.errors import ServerError, UnknownNameError
from dialgauge.sources.crm.api import MissingError, Row
from dialgauge.sources.odoo.names import RENAMED
from dialgauge.sources.odoo.transport import Transport

_FLAGS = ("active", "is_won")
_NEWER = {older: newer for newer, older in RENAMED.items()}
_ALL: Mapping[str, Any] = {"active_test": False}


class Database:
    """A database of Odoo, as one user sees it."""

    def __init__(self, transport: Transport) -> None:
        """Read over a transport; nothing is asked yet."""
        self._transport = transport
        self._field = "field_id"
        self._fields: dict[str, Sequence[str]] = {}

    @property
    def now(self) -> dt.datetime:
        """The server's own time as of its last answer."""
        return self._transport.now

    def count(self, model: str, domain: Sequence[Any]) -> int:
        """Count rows, those that were put away too."""
        named = {"domain": list(domain), "context": _ALL}
        return int(self._transport.ask(model, "search_count", named))

    def search(self, model: str, domain: Sequence[Any], limit: int) -> list[int]:
        """Give the numbers of rows in their order; of those put away only when the domain says."""
        named = {"domain": list(domain), "order": "id", "limit": limit}
        return list(self._transport.ask(model, "search", named))

    def is_gone(self, model: str, name: int) -> bool:
        """Say whether there is no row of a number; one that is hidden from this user is there.

        Raises:
            ForbiddenError: It is hidden.
        """
        try:
            asked = {"ids": [name], "fields": ["create_date"]}
            return not self._transport.ask(model, "read", asked)
        except MissingError:  # before Odoo 13
            return True

    def read(
        self, model: str, domain: Sequence[Any], fields: Sequence[str], order: str, limit: int
    ) -> list[Row]:
        """Read rows, those that were put away too.

        Args:
            model: Such as `crm.lead`.
            domain: What holds for them.
            fields: What of them.
            order: Such as `write_date, id`.
            limit: How many at most; 0 for all.
        """
        named = {
            "domain": list(domain),
            "fields": list(fields),
            "order": order,
            "context": _ALL,
            **({"limit": limit} if limit else {}),
        }
        found = self._transport.ask(model, "search_read", named)
        # Odoo writes false for what is not there, but a flag that is false is false
        return [
            {
                _NEWER.get(name, name): None if value is False and name not in _FLAGS else value
                for name, value in row.items()
            }
            for row in found
        ]

    def fields(self, model: str) -> Sequence[str]:
        """Say which fields of a model this user may read."""
        if model not in self._fields:
            found = self._transport.ask(model, "fields_get", {"attributes": ["type"]})
            self._fields[model] = tuple(found)
        return self._fields[model]

    def names(self, model: str, usual: Sequence[str], own: Sequence[str]) -> Sequence[str]:
        """Say what the fields of a model are called here; those it lacks are left out.

        Raises:
            UnknownNameError: One of the team's own is not there.
        """
        there = self.fields(model)
        for name in own:
            if name not in there:
                raise UnknownNameError(f"field of {model}", name, there)
        called = (name if name in there else RENAMED.get(name, name) for name in usual)
        return tuple(dict.fromkeys(name for name in (*called, *own) if name in there))

    def with_phones(self, calls: Sequence[Row]) -> list[Row]:
        """Add the numbers of the leads that were called, which need not have changed since."""
        names = sorted({call["res_id"] for call in calls if call.get("res_id")})
        leads = self.read("crm.lead", [["id", "in", names]], ("id", "phone"), "id", 0)
        phones = {lead["id"]: lead.get("phone") for lead in leads}
        return [{**call, "phone": phones.get(call.get("res_id"))} for call in calls]

    def with_changes(self, leads: Sequence[Row]) -> list[Row]:
        """Add the changes of their stage, which only some users may read."""
        names = [lead["id"] for lead in leads]
        messages = self.read(
            "mail.message",
            [
                ["model", "=", "crm.lead"],
                ["res_id", "in", names],
                ["tracking_value_ids", "!=", False],
            ],
            ("id", "res_id", "date"),
            "id",
            0,
        )
        of = {each["id"]: each for each in messages}
        changes: dict[Any, list[Row]] = {name: [] for name in names}
        for each in self._tracked(sorted(of)):
            message = of[each["mail_message_id"][0]]
            changes[message["res_id"]].append(
                {
                    "old": each.get("old_value_integer"),
                    "new": each.get("new_value_integer"),
                    "date": message["date"],
                }
            )
        return [{**lead, "changes": changes[lead["id"]]} for lead in leads]

    def _tracked(self, messages: Sequence[Any]) -> list[Row]:
        fields = ("mail_message_id", "old_value_integer", "new_value_integer")

        def tracked() -> list[Row]:
            domain = [["mail_message_id", "in", messages], [f"{self._field}.name", "=", "stage_id"]]
            return self.read("mail.tracking.value", domain, fields, "id", 0)

        if not messages:
            return []
        try:
            return tracked()
        except ServerError:
            if self._field == "field":
                raise
            self._field = "field"  # so it was called until Odoo 16
            return tracked()
