"""Which rows does a company's Pipedrive give?

Persons, deals and activities are listed by when they changed, page by page. A deal whose stage has
changed comes with its changelog, which costs a request each. Names, notes and addresses are left
out before anything is kept.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dialgauge.errors import DialgaugeError
from dialgauge.sources.crm.api import (
    Api,
    Credentials,
    MissingError,
    Row,
    Service,
    attempts_of,
    checked_url,
    in_header,
)
from dialgauge.sources.crm.options import objects_of
from dialgauge.sources.crm.pages import begin_at, cursors_at, page_of
from dialgauge.sources.crm.rolls import DELETED, Listing, missed
from dialgauge.sources.live import Account, Page, Setting, Span, checked_settings
from dialgauge.sources.pipedrive.names import DROPPED, OBJECTS

SETTINGS = (
    Setting("url", "Where is your Pipedrive?", "https://acme.pipedrive.com"),
    Setting("objects", "Which of persons, deals, activities?", "activities", required=False),
    Setting("history", "Shall each deal's changelog be asked for?", "true", required=False),
    Setting("call_logs", "Shall the token owner's call logs be read?", "false", required=False),
    DELETED,
    Setting("attempts", "How often is a request tried?", "7", required=False),
)
SECRETS = (Setting("token", "What is your API token?"),)

_LIMIT, _FEW = "500", 50
_HISTORY = ("stage_id", "status")


def fetch(account: Account, span: Span) -> Iterator[Page]:
    """Read a company's account of Pipedrive.

    Args:
        account: Which, see `SETTINGS` and `SECRETS`.
        span: From where.

    Raises:
        ForbiddenError: The token is not accepted, or may not read something.
        ServerError: Pipedrive does not answer, or today's budget is used up.
        UnknownNameError: A setting, or an object, does not exist.
        UsageError: A setting is not allowed.
    """
    objects = _wanted(account)
    api = _api(account)
    yield from _read_whole(account, api, objects)
    history = account.settings.get("history", True) is not False
    for stream in objects:
        for path, more, is_last in _queries(stream):
            for rows in _listed(api, path, {**_changed(span, stream), **more}):
                whole = [_kept(row) for row in rows]
                if stream == "deals" and history:
                    whole = [_with_history(api, row) for row in whole]
                at = dt.datetime.fromisoformat(rows[-1]["update_time"])
                # a stream's other queries go over the same time, and the last moves its cursor
                moved = cursors_at(span, stream, at, api.now) if is_last else {}
                yield page_of(stream, whole, moved)
        if stream == "activities":
            yield from missed(account, span, _activities(api), api.now)


def probe(account: Account) -> Sequence[str]:
    """Say who asks, and what can be read.

    Raises:
        ForbiddenError: The token is not accepted.
        ServerError: Pipedrive does not answer.
    """
    objects = _wanted(account)
    api = _api(account)
    me = api.get("/api/v1/users/me")["data"]
    said = [f"This is Pipedrive of {me.get('company_name')} ({me.get('default_currency')})."]
    for stream in objects:
        try:
            found = api.get(f"/api/v2/{stream}", {"limit": "1"})["data"]
        except DialgaugeError as error:
            said.append(f"{stream.capitalize()} cannot be read: {error}.")
        else:
            said.append(f"{stream.capitalize()} can be read{'' if found else '; there are none'}.")
    return said


def _wanted(account: Account) -> tuple[str, ...]:
    settings = checked_settings(account.settings, SETTINGS)
    return objects_of("Pipedrive", str(settings.get("objects") or ""), OBJECTS)


def _api(account: Account) -> Api:
    credentials = Credentials(
        name="token", get=lambda: account.secret("token"), stamp=in_header("x-api-token")
    )
    return Api(
        Service(
            system="Pipedrive",
            url=checked_url(account.settings["url"]),
            credentials=credentials,
            hopeless=lambda status, said: status == 429 and "daily" in said.lower(),
            attempts=attempts_of(account.settings),
        )
    )


def _read_whole(account: Account, api: Api, objects: Sequence[str]) -> Iterator[Page]:
    """Read what has no cursor."""
    yield page_of("me", [_kept(api.get("/api/v1/users/me")["data"])])
    # the one place where names are wanted: those of our own people
    users = [{**_kept(row), "name": row.get("name")} for row in api.get("/api/v1/users")["data"]]
    yield page_of("users", users)
    if "deals" in objects:
        for stream in ("pipelines", "stages"):
            for rows in _listed(api, f"/api/v2/{stream}", {}):
                named = [{**_kept(row), "name": row.get("name")} for row in rows]
                yield page_of(stream, named)
    if "activities" in objects and account.settings.get("call_logs", False) is True:
        for rows in _call_logs(api):
            yield page_of("calllogs", [_kept(row) for row in rows])


def _queries(stream: str) -> Sequence[tuple[str, Mapping[str, str], bool]]:
    """List which queries give all rows of a stream, and which one moves its cursor: the last."""
    path = f"/api/v2/{stream}"
    if stream == "activities":
        return [(path, {"done": "true"}, True)]
    if stream == "deals":
        deleted = {"status": "deleted"}
        return [(path, deleted, False), (f"{path}/archived", {}, False), (path, {}, True)]
    return [(path, {}, True)]


def _activities(api: Api) -> Listing:
    """List activities, planned ones too: one that is opened again was not deleted."""
    path = "/api/v2/activities"

    def is_gone(name: str) -> bool:
        try:
            return api.get(f"{path}/{name}")["data"].get("is_deleted") is True
        except MissingError:
            return True

    return Listing(
        stream="activities",
        names=lambda: ([str(row["id"]) for row in rows] for rows in _listed(api, path, {})),
        is_gone=is_gone,
    )


def _changed(span: Span, stream: str) -> Mapping[str, str]:
    since = begin_at(span, stream)
    params = {
        "limit": _LIMIT,
        "sort_by": "update_time",
        "sort_direction": "asc",
        "updated_since": _written(since),
    }
    return params if span.end is None else {**params, "updated_until": _written(span.end)}


def _written(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _listed(api: Api, path: str, params: Mapping[str, str]) -> Iterator[list[Row]]:
    from dlt.sources.helpers.rest_client.paginators import (  # noqa: PLC0415 - slow
        JSONResponseCursorPaginator,
    )

    paginator = JSONResponseCursorPaginator(
        cursor_path="additional_data.next_cursor", cursor_param="cursor"
    )
    try:
        yield from api.pages(path, {"limit": _LIMIT, **params}, paginator, "data")
    except MissingError:
        # companies without archived deals in their plan have no such list
        if not path.endswith("/archived"):
            raise


def _call_logs(api: Api) -> Iterator[list[Row]]:
    from dlt.sources.helpers.rest_client.paginators import OffsetPaginator  # noqa: PLC0415 - slow

    paginator = OffsetPaginator(
        limit=_FEW,
        offset_param="start",
        limit_param="limit",
        total_path=None,
        has_more_path="additional_data.pagination.more_items_in_collection",
    )
    return api.pages("/api/v1/callLogs", {}, paginator, "data")


def _with_history(api: Api, row: Row) -> Row:
    """Add what became of a deal's stage and status, unless nothing did."""
    if not row.get("stage_change_time"):
        return {**row, "changelog": []}
    changes: list[Row] = []
    params = {"limit": _LIMIT}
    while True:
        found: Any = api.get(f"/api/v1/deals/{row['id']}/changelog", params)
        changes += [each for each in found["data"] or () if each.get("field_key") in _HISTORY]
        after = (found.get("additional_data") or {}).get("next_cursor")
        if not after:
            return {**row, "changelog": changes}
        params = {"limit": _LIMIT, "cursor": str(after)}


def _kept(row: Row) -> Row:
    return {name: value for name, value in row.items() if name not in DROPPED}
