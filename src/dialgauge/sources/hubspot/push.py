"""How do values get into a HubSpot account?

As properties of contacts, read and updated in batches of a hundred.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dialgauge.errors import UnknownNameError, UsageError
from dialgauge.sources.crm.api import Api
from dialgauge.sources.crm.taking import WRITING, Cell, Change, Refused, Taker, one_by_one
from dialgauge.sources.hubspot.fetch import SETTINGS, open_api
from dialgauge.sources.live import Account, checked_settings

PREFIX = "hubspot-"
"""Stands before identifiers in the lake, unless an option says otherwise."""

_CONTACTS = "/crm/v3/objects/contacts/batch"


def taker(account: Account) -> Taker:
    """Open an account to change its contacts.

    Raises:
        UsageError: A setting is wrong, or the extra is not installed.
    """
    checked_settings(account.settings, SETTINGS)
    return Contacts(open_api(account, WRITING))


class Contacts:
    """The contacts of an account."""

    size = 100

    def __init__(self, api: Api) -> None:
        """Ask through an API; nothing is sent yet."""
        self._api = api

    def check(self, fields: Sequence[str]) -> None:
        """Refuse properties that contacts do not have or that HubSpot sets itself."""
        listed = self._api.get("/crm/v3/properties/contacts")["results"]
        known = {each["name"]: each for each in listed}
        for name in fields:
            if name not in known:
                raise UnknownNameError(
                    "property of contacts",
                    name,
                    known,
                    " Make it in HubSpot: Settings, Properties.",
                )
            if known[name].get("modificationMetadata", {}).get("readOnlyValue"):
                raise UsageError(
                    f"HubSpot sets the property {name} itself; make one of your own for it"
                )

    def there(
        self, records: Sequence[str], fields: Sequence[str]
    ) -> Mapping[str, Mapping[str, object]]:
        """Say what contacts hold now."""
        body = {"inputs": [{"id": record} for record in records], "properties": list(fields)}
        found: Any = self._api.post(f"{_CONTACTS}/read", body)
        return {str(row["id"]): row["properties"] for row in found.get("results", ())}

    def send(self, changes: Sequence[Change]) -> Sequence[Refused]:
        """Change contacts; what HubSpot refuses as a whole is tried one by one."""
        return one_by_one(self._send, changes)

    def _send(self, changes: Sequence[Change]) -> Sequence[Refused]:
        inputs = [
            {"id": each.record, "properties": {name: _text(v) for name, v in each.values.items()}}
            for each in changes
        ]
        said: Any = self._api.post(f"{_CONTACTS}/update", {"inputs": inputs})
        done = {str(row["id"]) for row in said.get("results", ())}
        why = {
            str(record): str(error.get("message") or error.get("category") or "refused")
            for error in said.get("errors", ())
            for record in error.get("context", {}).get("ids", ())
        }
        return [
            Refused(record=each.record, why=why.get(each.record, "HubSpot does not say why"))
            for each in changes
            if each.record not in done
        ]


def _text(value: Cell) -> str:
    """Write a value as HubSpot takes it; an empty text empties a property."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
