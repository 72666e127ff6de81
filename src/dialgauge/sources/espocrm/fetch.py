"""Which rows does an EspoCRM give?

Each entity is listed by its last change, which EspoCRM shows to the second. Opportunities come with
what their stream tells of their stage, a request each.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from dialgauge.errors import ForbiddenError
from dialgauge.sources.crm.api import (
    Api,
    Credentials,
    Row,
    Service,
    attempts_of,
    checked_url,
    in_header,
)
from dialgauge.sources.crm.options import objects_of
from dialgauge.sources.crm.pages import begin_at, cursors_at, page_of
from dialgauge.sources.crm.walk import Asking, walk
from dialgauge.sources.espocrm.rows import DROPPED, ENTITIES
from dialgauge.sources.live import Account, Page, Setting, Span, checked_settings

SETTINGS = (
    Setting("url", "Where is your EspoCRM?", "https://crm.example.com"),
    Setting("objects", "Which of lead, contact, opportunity, call?", "call", required=False),
    Setting("history", "Shall the stream of opportunities be read?", "true", required=False),
    Setting("plain_http", "Is it in your own network, without https?", "false", required=False),
    Setting("attempts", "How often is a request tried?", "7", required=False),
)
SECRETS = (Setting("token", "What is the API key of an API user?"),)

_PAGE = 200
_STAGES = "entityDefs.Opportunity.fields.stage.options"
_STAGE_NOTES = ("Create", "Status", "Update")


def fetch(account: Account, span: Span) -> Iterator[Page]:
    """Read an EspoCRM.

    Args:
        account: Which, see `SETTINGS` and `SECRETS`.
        span: From where.

    Raises:
        ForbiddenError: The key is not accepted, or its role lacks a right.
        ServerError: EspoCRM does not answer.
        UnknownNameError: A setting, or an object, does not exist.
        UsageError: A setting is not allowed.
    """
    objects, api = _wanted(account), _api(account)
    for users in _users(api):
        yield page_of("user", users)
    if "opportunity" in objects:
        try:
            names = api.get("/api/v1/Metadata", {"key": _STAGES})
        except ForbiddenError:  # then stages have no position
            names = []
        if names:
            rows = [{"name": name, "position": place} for place, name in enumerate(names, 1)]
            yield page_of("stage", rows)
    history = account.settings.get("history", True) is not False
    for stream in objects:
        asking = _asking(api, ENTITIES[stream], span.end)
        for found in walk(asking, _written(begin_at(span, stream))):
            last = dt.datetime.fromisoformat(found[-1]["modifiedAt"]).replace(tzinfo=dt.UTC)
            kept = [_kept(row) for row in found]
            if stream == "opportunity" and history:
                kept = [_with_history(api, row) for row in kept]
            yield page_of(stream, kept, cursors_at(span, stream, last, api.now))


def probe(account: Account) -> Sequence[str]:
    """Say who asks, and how much there is to read.

    Raises:
        ForbiddenError: The key is not accepted.
        ServerError: EspoCRM does not answer.
    """
    objects, api = _wanted(account), _api(account)
    user = api.get("/api/v1/App/user").get("user", {})
    said = [f"This is EspoCRM at {account.settings['url']}, user {user.get('userName')}."]
    for stream in objects:
        try:
            found = api.get(f"/api/v1/{ENTITIES[stream]}", {"maxSize": "1", "select": "id"})
        except ForbiddenError as error:
            said.append(f"{ENTITIES[stream]} cannot be read: {error}.")
        else:
            said.append(f"There are {found.get('total', 0):,} rows of {ENTITIES[stream]}.")
    return said


def _wanted(account: Account) -> tuple[str, ...]:
    settings = checked_settings(account.settings, SETTINGS)
    return objects_of("EspoCRM", str(settings.get("objects") or "").lower(), ENTITIES)


def _api(account: Account) -> Api:
    plain = account.settings.get("plain_http", False) is True
    return Api(
        Service(
            system="EspoCRM",
            url=checked_url(account.settings["url"], plain_http=plain),
            credentials=Credentials(
                name="API key", get=lambda: account.secret("token"), stamp=in_header("X-Api-Key")
            ),
            attempts=attempts_of(account.settings),
        )
    )


def _users(api: Api) -> Iterator[list[Row]]:
    from dlt.sources.helpers.rest_client.paginators import OffsetPaginator  # noqa: PLC0415 - slow

    paginator = OffsetPaginator(
        limit=_PAGE, offset_param="offset", limit_param="maxSize", total_path="total"
    )
    params = {"orderBy": "createdAt", "order": "asc"}
    for rows in api.pages("/api/v1/User", params, paginator, "list"):
        # names are kept of our own people only
        yield [{**_kept(row), "name": row.get("name")} for row in rows]


def _kept(row: Row) -> Row:
    return {name: value for name, value in row.items() if name not in DROPPED}


def _asking(api: Api, entity: str, end: dt.datetime | None) -> Asking:
    before = [] if end is None else [("lessThan", "modifiedAt", _written(end))]

    def listed(wanted: Sequence[tuple[str, str, str]], order: str) -> Sequence[Row]:
        params = {"maxSize": str(_PAGE), "orderBy": order, "order": "asc"}
        for place, (kind, attribute, value) in enumerate([*wanted, *before]):
            params |= {
                f"where[{place}][type]": kind,
                f"where[{place}][attribute]": attribute,
                f"where[{place}][value]": value,
            }
        found: Any = api.get(f"/api/v1/{entity}", params)
        rows: list[Row] = found["list"]
        return rows

    def within(at: str, after: str) -> Sequence[Row]:
        behind = [("greaterThan", "id", after)] if after else []
        return listed([("equals", "modifiedAt", at), *behind], "id")

    return Asking(
        since=lambda at: listed([("greaterThanOrEquals", "modifiedAt", at)], "modifiedAt"),
        within=within,
        changed=lambda row: str(row["modifiedAt"]),
        key=lambda row: str(row["id"]),
        size=_PAGE,
        step=lambda at: str(dt.datetime.fromisoformat(at) + dt.timedelta(seconds=1)),
    )


def _with_history(api: Api, row: Row) -> Row:
    """Add what the stream of an opportunity tells of its stage."""
    notes: list[Row] = []
    while True:
        params = {"maxSize": str(_PAGE), "offset": str(len(notes))}
        found = api.get(f"/api/v1/Opportunity/{row['id']}/stream", params)
        notes += found["list"]
        if not found["list"] or len(notes) >= int(found.get("total", 0)):
            break
    kept = [
        {"type": note["type"], "createdAt": note["createdAt"], "data": note.get("data") or {}}
        for note in notes
        if note.get("type") in _STAGE_NOTES
    ]
    return {**row, "stream": kept}


def _written(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M:%S")
