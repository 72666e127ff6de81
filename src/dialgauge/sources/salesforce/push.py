"""How do values get into a Salesforce organisation?

As fields of leads and contacts, read by a query and updated as collections of two hundred. Which of
the two a record is, the first three letters of its identifier say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dialgauge.errors import ForbiddenError, UnknownNameError, UsageError
from dialgauge.sources.crm.api import Api
from dialgauge.sources.crm.taking import WRITING, Change, Refused, Taker, one_by_one
from dialgauge.sources.live import Account, checked_settings
from dialgauge.sources.salesforce.fetch import SETTINGS, data_path, open_api

PREFIX = ""
"""Stands before identifiers in the lake, unless an option says otherwise."""

_KINDS: Mapping[str, str] = {"00Q": "Lead", "003": "Contact"}


def taker(account: Account) -> Taker:
    """Open an organisation to change its leads and contacts.

    Raises:
        UsageError: A setting is wrong, or the extra is not installed.
    """
    checked_settings(account.settings, SETTINGS)
    return People(open_api(account, WRITING), data_path(account))


class People:
    """The leads and contacts of an organisation."""

    size = 200

    def __init__(self, api: Api, data: str) -> None:
        """Ask through an API whose paths begin with `data`; nothing is sent yet."""
        self._api, self._data = api, data
        self._fields: dict[str, Mapping[str, Any]] = {}

    def check(self, fields: Sequence[str]) -> None:
        """Refuse fields that neither leads nor contacts have, or that nobody may set."""
        hidden: list[ForbiddenError] = []
        for kind in _KINDS.values():
            self._fields[kind] = {}
            try:
                about = self._api.get(f"{self._data}/sobjects/{kind}/describe")
            except ForbiddenError as error:  # a team may work with one of the two only
                hidden.append(error)
            else:
                self._fields[kind] = {each["name"]: each for each in about["fields"]}
        if len(hidden) == len(_KINDS):
            raise hidden[0]
        known = {name: each for of in self._fields.values() for name, each in of.items()}
        for name in fields:
            if name not in known:
                raise UnknownNameError("field of Lead and Contact", name, known)
            if known[name].get("updateable") is False:
                raise UsageError(f"this Salesforce user may not set the field {name}; allow it")

    def there(
        self, records: Sequence[str], fields: Sequence[str]
    ) -> Mapping[str, Mapping[str, object]]:
        """Say what leads and contacts hold now."""
        found: dict[str, Mapping[str, object]] = {}
        for kind in _KINDS.values():
            of_kind = [each for each in records if _KINDS.get(each[:3]) == kind and each.isalnum()]
            wanted = [name for name in fields if name in self._fields[kind]]
            if of_kind and wanted:
                for row in self._rows(kind, of_kind, wanted):
                    found[row["Id"]] = {name: row.get(name) for name in wanted}
        return found

    def _rows(self, kind: str, records: Sequence[str], fields: Sequence[str]) -> Iterator[Any]:
        from dlt.sources.helpers.rest_client.paginators import (  # noqa: PLC0415 - slow
            JSONLinkPaginator,
        )

        listed = ", ".join(f"'{record}'" for record in records)
        query = f"SELECT Id, {', '.join(fields)} FROM {kind} WHERE Id IN ({listed})"
        paginator = JSONLinkPaginator("nextRecordsUrl")
        for page in self._api.pages(f"{self._data}/query", {"q": query}, paginator, "records"):
            yield from page

    def send(self, changes: Sequence[Change]) -> Sequence[Refused]:
        """Change leads and contacts; each is refused or changed by itself."""
        return one_by_one(self._send, changes)

    def _send(self, changes: Sequence[Change]) -> Sequence[Refused]:
        # One kind after the other: Salesforce takes ten changes between kinds in a request.
        ordered = sorted(changes, key=lambda each: each.record[:3])
        records = [
            {"attributes": {"type": _KINDS[each.record[:3]]}, "id": each.record, **each.values}
            for each in ordered
        ]
        body = {"allOrNone": False, "records": records}
        said: Any = self._api.patch(f"{self._data}/composite/sobjects", body)
        return [
            Refused(record=change.record, why=_why(result))
            for change, result in zip(ordered, said, strict=True)
            if not result.get("success")
        ]


def _why(result: Mapping[str, Any]) -> str:
    told = [f"{each.get('statusCode')}: {each.get('message')}" for each in result.get("errors", ())]
    return "; ".join(told) or "Salesforce does not say why"
