"""How are the records of a SuiteCRM's module listed?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from dialgauge.sources.crm.api import Api, Row
from dialgauge.sources.crm.walk import Asking
from dialgauge.sources.suitecrm.rows import CONTACTS_SAID, FIELDS, MODULES

PAGE = 100
"""So many records are asked for at once."""


def listing(api: Api, stream: str, deleted: str, end: dt.datetime | None) -> Asking:
    """Make ready to go through a stream's module by the last change.

    Args:
        api: Whom to ask.
        stream: The stream.
        deleted: `1` for deleted records, `0` for the others.
        end: Only what changed before; None for all.
    """
    before = {} if end is None else {"filter[date_modified][lt]": written(end)}

    def asked(rules: Mapping[str, str], order: str) -> Sequence[Row]:
        return listed(api, stream, {**before, **rules, "filter[deleted][eq]": deleted}, order)

    def within(instant: str, after: str) -> Sequence[Row]:
        behind = {"filter[id][gt]": after} if after else {}
        return asked({"filter[date_modified][eq]": instant, **behind}, "id")

    return Asking(
        since=lambda instant: asked({"filter[date_modified][gte]": instant}, "date_modified"),
        within=within,
        changed=lambda row: written(at(row)),
        key=lambda row: str(row["id"]),
        size=PAGE,
        step=lambda instant: str(dt.datetime.fromisoformat(instant) + dt.timedelta(seconds=1)),
    )


def listed(api: Api, stream: str, rules: Mapping[str, str], order: str) -> list[Row]:
    """List the first records that all rules hold for.

    Args:
        api: Whom to ask.
        stream: Says which module and fields.
        rules: Filters as SuiteCRM writes them.
        order: The field they are sorted by.
    """
    module = "Contacts" if stream == CONTACTS_SAID else MODULES[stream]
    found: Any = api.get(
        f"/Api/V8/module/{module}",
        {
            f"fields[{module}]": ",".join(FIELDS[stream]),
            "filter[operator]": "and",
            **rules,
            "sort": order,
            "page[size]": str(PAGE),
            "page[number]": "1",
        },
    )
    return [flat(row) for row in found["data"]]


def flat(row: Row) -> Row:
    """Write a row of JSON:API as a row."""
    return {"id": row["id"], **row["attributes"]}


def at(row: Row) -> dt.datetime:
    """Read when a row changed; without an offset it is UTC, as in the database."""
    found = dt.datetime.fromisoformat(str(row["date_modified"]))
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)


def written(instant: dt.datetime) -> str:
    """Write an instant as SuiteCRM does."""
    return instant.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M:%S")
