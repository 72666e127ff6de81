"""Which rows does a HubSpot account give?

Contacts, deals and calls are searched by when they changed. Deals are then read with the history of
their stage, and deals and calls get the contacts they belong to, in the shape that HubSpot itself
writes associations; so a page holds all that is known of its rows.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from dialgauge.errors import ForbiddenError, UsageError
from dialgauge.sources.crm.api import (
    READING,
    Api,
    Credentials,
    Doing,
    RefusedError,
    Row,
    Service,
    as_written,
    attempts_of,
    bearer,
    checked_url,
)
from dialgauge.sources.crm.options import objects_of, own_names
from dialgauge.sources.crm.pages import EPOCH, begin_at, cursors_at, page_of
from dialgauge.sources.crm.walk import Asking, walk
from dialgauge.sources.hubspot.names import CHANGED, OBJECTS, PROPERTIES
from dialgauge.sources.live import Account, Page, Setting, Span, checked_settings

SETTINGS = (
    Setting("url", "Where is HubSpot's API?", "https://api.hubapi.com", required=False),
    Setting("objects", "Which of contacts, deals, calls are read?", "calls", required=False),
    Setting("properties", "Which of your own properties?", "calls.campaign", required=False),
    Setting("version", "Which version of the API, instead of v3?", "2026-03", required=False),
    Setting("deleted", "Shall deleted records be asked for?", "true", required=False),
    Setting("attempts", "How often is a request tried?", "7", required=False),
)
SECRETS = (Setting("token", "What is your service key, or your app's access token?"),)

_URL = "https://api.hubapi.com"
_PAGE, _WITH_HISTORY, _LISTED = 200, 50, "100"


def fetch(account: Account, span: Span) -> Iterator[Page]:
    """Read an account of HubSpot.

    Args:
        account: Which, see `SETTINGS` and `SECRETS`.
        span: From where.

    Raises:
        ForbiddenError: The token is not accepted, or lacks a scope.
        ServerError: HubSpot does not answer.
        UnknownNameError: A setting does not exist.
        UsageError: A setting is not allowed.
    """
    objects, properties = _wanted(account)
    api = open_api(account)
    if who := _helpful(api, "/account-info/v3/details"):
        yield page_of("account", [who])
    for archived in ("false", "true"):
        for owners in _listed(api, "/crm/v3/owners", archived=archived):
            yield page_of("owners", owners)
    if outcomes := _helpful(api, "/calling/v1/dispositions"):
        yield page_of("dispositions", outcomes)
    if "deals" in objects:
        yield page_of("pipelines", api.get("/crm/v3/pipelines/deals")["results"])
    for name in objects:
        for rows in walk(_asking(api, name, properties[name], span.end), _ms(begin_at(span, name))):
            last = dt.datetime.fromtimestamp(int(_changed(name, rows[-1])) / 1000, dt.UTC)
            whole = _completed(api, name, rows, properties[name])
            yield page_of(name, whole, cursors_at(span, name, last, api.now))
        if account.settings.get("deleted", True) is not False:
            for gone in _listed(
                api, f"/crm/v3/objects/{name}", archived="true", properties=properties[name]
            ):
                yield page_of(name, gone)


def probe(account: Account) -> Sequence[str]:
    """Say who asks, and how much there is to read.

    Raises:
        ForbiddenError: The token is not accepted.
        ServerError: HubSpot does not answer.
    """
    objects, _ = _wanted(account)
    api = open_api(account)
    said = ["This is HubSpot; about the account it says nothing."]
    if who := _helpful(api, "/account-info/v3/details"):
        where = f"{who.get('timeZone')}, {who.get('companyCurrency')}"
        said = [f"This is HubSpot account {who.get('portalId')} ({where})."]
    for name in objects:
        try:
            found = api.post(f"/crm/v3/objects/{name}/search", {"limit": 1})
        except ForbiddenError as error:
            said.append(f"{name.capitalize()} cannot be read: {error}.")
        else:
            said.append(f"There are {found.get('total', 0):,} {name}.")
    return said


def open_api(account: Account, doing: Doing = READING) -> Api:
    """Make ready to ask an account.

    Args:
        account: Which.
        doing: For what.

    Raises:
        UsageError: Its address cannot be used, or the extra is not installed.
    """
    credentials = Credentials(name="token", get=lambda: account.secret("token"), stamp=bearer)
    url = checked_url(account.settings.get("url") or _URL)
    service = Service(
        system="HubSpot",
        url=url,
        credentials=credentials,
        hopeless=lambda _, said: "DAILY" in said,
        attempts=attempts_of(account.settings),
        doing=doing,
        placed=_placed(account.settings.get("version")),
    )
    return Api(service)


def _placed(version: object) -> Callable[[str], str]:
    """Say where paths of v3 are in another version, which HubSpot names by its month.

    Raises:
        UsageError: It is no month.

    Example:
        >>> _placed("2026-03")("/crm/v4/associations/calls/contacts/batch/read")
        '/crm/associations/2026-03/calls/contacts/batch/read'
        >>> _placed("2026-03")("/account-info/v3/details"), _placed(None)("/crm/v3/owners")
        ('/account-info/2026-03/details', '/crm/v3/owners')
    """
    if version in (None, "", "v3"):
        return as_written
    if not re.fullmatch(r"20\d\d-\d\d", str(version)):
        raise UsageError(f"version is {version}, but must be a month such as 2026-03, or v3")

    def placed(path: str) -> str:
        dated = re.sub(r"^/crm/v[34]/(\w+)", rf"/crm/\g<1>/{version}", path)
        return re.sub(r"^/account-info/v3/", f"/account-info/{version}/", dated)

    return placed


def _helpful(api: Api, path: str) -> Any:
    """Ask for what reading can do without; None when the token may not see it or it has ended.

    Raises:
        ForbiddenError: The token is not accepted at all.
    """
    try:
        return api.get(path)
    except ForbiddenError as error:
        if "does not accept" in str(error):
            raise
    except RefusedError:
        pass
    return None


def _wanted(account: Account) -> tuple[tuple[str, ...], Mapping[str, tuple[str, ...]]]:
    """Say which objects are read, and which properties of each."""
    settings = checked_settings(account.settings, SETTINGS)
    objects = objects_of("HubSpot", str(settings.get("objects") or ""), OBJECTS)
    own = own_names("properties", settings.get("properties"), OBJECTS, "calls.campaign")
    wanted = {name: tuple(dict.fromkeys((*PROPERTIES[name], *own[name]))) for name in OBJECTS}
    return objects, wanted


def _listed(
    api: Api, path: str, *, archived: str, properties: Sequence[str] = ()
) -> Iterator[list[Row]]:
    from dlt.sources.helpers.rest_client.paginators import (  # noqa: PLC0415 - slow
        JSONResponseCursorPaginator,
    )

    params = {"limit": _LISTED, "archived": archived}
    if properties:
        params["properties"] = ",".join(properties)
    paginator = JSONResponseCursorPaginator(cursor_path="paging.next.after", cursor_param="after")
    return api.pages(path, params, paginator, "results")


def _asking(api: Api, name: str, properties: Sequence[str], end: dt.datetime | None) -> Asking:
    """Search one kind of object by its last change; HubSpot takes one sort rule only."""
    changed = CHANGED[name]
    before = [] if end is None else [_filter(changed, "LT", _ms(end))]

    def search(filters: list[Mapping[str, str]], order: str) -> Sequence[Row]:
        found: Any = api.post(
            f"/crm/v3/objects/{name}/search",
            {
                "filterGroups": [{"filters": [*filters, *before]}],
                "sorts": [{"propertyName": order, "direction": "ASCENDING"}],
                "properties": list(properties),
                "limit": _PAGE,
            },
        )
        rows: list[Row] = found["results"]
        return rows

    def within(at: str, after: str) -> Sequence[Row]:
        since = _filter("hs_object_id", "GT", after or "0")
        return search([_filter(changed, "EQ", at), since], "hs_object_id")

    return Asking(
        since=lambda at: search([_filter(changed, "GTE", at)], changed),
        within=within,
        changed=lambda row: _changed(name, row),
        key=lambda row: str(row["id"]),
        size=_PAGE,
        step=lambda at: f"{int(at) + 1:015d}",
    )


def _completed(
    api: Api, name: str, rows: Sequence[Row], properties: Sequence[str]
) -> Sequence[Row]:
    """Add to rows what a search does not give."""
    if name == "contacts":
        return rows
    whole = {str(row["id"]): dict(row) for row in rows}
    if name == "deals":
        names = list(whole)
        for begin in range(0, len(names), _WITH_HISTORY):
            batch = names[begin : begin + _WITH_HISTORY]
            body = {
                "inputs": [{"id": each} for each in batch],
                "properties": list(properties),
                "propertiesWithHistory": ["dealstage"],
            }
            # one that was deleted meanwhile is missing here, and stays as the search gave it
            for row in api.post("/crm/v3/objects/deals/batch/read", body).get("results", ()):
                whole[str(row["id"])] = dict(row)
    for row in whole.values():
        row["associations"] = {"contacts": {"results": []}}
    inputs: list[Mapping[str, str]] = [{"id": each} for each in whole]
    while inputs:
        found = api.post(f"/crm/v4/associations/{name}/contacts/batch/read", {"inputs": inputs})
        inputs = []
        for each in found.get("results", ()):
            of = str(each["from"]["id"])
            whole[of]["associations"]["contacts"]["results"] += [
                {"id": str(to["toObjectId"])} for to in each["to"]
            ]
            after = each.get("paging", {}).get("next", {}).get("after")
            if after:
                inputs.append({"id": of, "after": after})
    return list(whole.values())


def _filter(name: str, operator: str, value: str) -> Mapping[str, str]:
    return {"propertyName": name, "operator": operator, "value": str(int(value))}


def _changed(name: str, row: Row) -> str:
    """Give the instant of a row in milliseconds, written so that texts sort as numbers."""
    said = row["properties"].get(CHANGED[name]) or row["updatedAt"]
    return _ms(dt.datetime.fromisoformat(said))


def _ms(at: dt.datetime) -> str:
    return f"{(at - EPOCH) // dt.timedelta(milliseconds=1):015d}"
