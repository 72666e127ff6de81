"""Which rows does an EspoCRM give?

Each entity is listed by its last change, which EspoCRM shows to the second. What is asked for is
named: else EspoCRM would send names and notes, and would not say which leads a call is linked with.
Opportunities come with what their stream tells of their stage, a request each.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
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
from dialgauge.sources.crm.options import objects_of, own_names
from dialgauge.sources.crm.pages import begin_at, cursors_at, page_of
from dialgauge.sources.crm.walk import Asking, walk
from dialgauge.sources.espocrm.rows import ENTITIES, STREAMS
from dialgauge.sources.live import Account, Page, Setting, Span, checked_settings

SETTINGS = (
    Setting("url", "Where is your EspoCRM?", "https://crm.example.com"),
    Setting("timezone", "In which zone do days begin?", "Europe/Berlin", required=False),
    Setting("objects", "Which of lead, contact, opportunity, call?", "call", required=False),
    Setting("fields", "Which of your own fields?", "call.cCampaign", required=False),
    Setting("history", "Shall the stream of opportunities be read?", "true", required=False),
    Setting("plain_http", "Is it in your own network, without https?", "false", required=False),
    Setting("attempts", "How often is a request tried?", "7", required=False),
)
SECRETS = (Setting("token", "What is the API key of an API user?"),)

_PAGE = 200
_STAGES = "entityDefs.Opportunity.fields.stage.options"
_STAGE_NOTES = ("Create", "Status", "Update")
_NO_FIELDS = ("stream", "deleted")


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
    objects, own = _wanted(account)
    api = _api(account)
    for users in _users(api):
        yield page_of("user", users)
    if "opportunity" in objects and (names := _stages(api)):
        yield page_of("stage", [{"name": each, "position": n} for n, each in enumerate(names, 1)])
    history = account.settings.get("history", True) is not False
    for stream in objects:
        names = [name for name in STREAMS[stream].columns if name not in _NO_FIELDS]
        asking = _asking(api, ENTITIES[stream], [*names, *own[stream]], span.end)
        for found in walk(asking, _written(begin_at(span, stream))):
            last = dt.datetime.fromisoformat(found[-1]["modifiedAt"]).replace(tzinfo=dt.UTC)
            rows = list(found)
            if stream == "opportunity" and history:
                rows = [_with_history(api, row) for row in rows]
            yield page_of(stream, rows, cursors_at(span, stream, last, api.now))


def probe(account: Account) -> Sequence[str]:
    """Say who asks, and how much there is to read.

    Raises:
        ForbiddenError: The key is not accepted.
        ServerError: EspoCRM does not answer.
    """
    objects, _ = _wanted(account)
    api = _api(account)
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


def _wanted(account: Account) -> tuple[tuple[str, ...], Mapping[str, Sequence[str]]]:
    settings = checked_settings(account.settings, SETTINGS)
    objects = objects_of("EspoCRM", str(settings.get("objects") or "").lower(), ENTITIES)
    return objects, own_names("fields", settings.get("fields"), ENTITIES, "call.cCampaign")


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
    # names are asked for of our own people only
    params = {"orderBy": "createdAt", "order": "asc", "select": ",".join(STREAMS["user"].columns)}
    return _all(api, "/api/v1/User", params)


def _all(api: Api, path: str, params: Mapping[str, str]) -> Iterator[list[Row]]:
    """Go through all rows of a list, whose total is less than 0 where nobody counts."""
    begin = 0
    while True:
        page = {**params, "maxSize": str(_PAGE), "offset": str(begin)}
        rows: list[Row] = api.get(path, page)["list"]
        if rows:
            yield rows
        if len(rows) < _PAGE:
            return
        begin += len(rows)


def _stages(api: Api) -> Sequence[str]:
    """List the stages in their order; without the right to, they have no places."""
    try:
        found: Any = api.get("/api/v1/Metadata", {"key": _STAGES})
    except ForbiddenError:
        return ()
    if isinstance(found, dict):  # before 8.2 it gives everything
        for part in _STAGES.split("."):
            found = found.get(part) if isinstance(found, dict) else None
    return found if isinstance(found, list) else ()


def _asking(api: Api, entity: str, names: Sequence[str], end: dt.datetime | None) -> Asking:
    before = [] if end is None else [("lessThan", "modifiedAt", _written(end))]

    def listed(wanted: Sequence[tuple[str, str, str]], order: str) -> Sequence[Row]:
        params = {"maxSize": str(_PAGE), "orderBy": order, "order": "asc"}
        params["select"] = ",".join(dict.fromkeys(names))
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
    kept = [
        {"type": note["type"], "createdAt": note["createdAt"], "data": note.get("data") or {}}
        for notes in _all(api, f"/api/v1/Opportunity/{row['id']}/stream", {})
        for note in notes
        if note.get("type") in _STAGE_NOTES
    ]
    return {**row, "stream": kept}


def _written(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M:%S")
