"""Which rows does an EspoCRM give?

Each entity is listed by its last change, which EspoCRM shows to the second. What is asked for is
named: else EspoCRM would send names and notes, and would not say which leads a call is linked with.
Opportunities come with what their stream tells of their stage, a request each. Leads come with what
the contact they became says of being called, also when only that contact changed; who has a number
that opted out is listed anew each time, as that changes no record. What was deleted is shown no
more, so once a day it is looked for (see `crm.rolls`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from dialgauge.errors import ForbiddenError
from dialgauge.sources.crm.api import (
    Api,
    Credentials,
    RefusedError,
    Row,
    Service,
    attempts_of,
    checked_url,
    in_header,
)
from dialgauge.sources.crm.options import objects_of, own_names
from dialgauge.sources.crm.pages import begin_at, cursors_at, page_of
from dialgauge.sources.crm.rolls import DELETED, Listing, after_each, is_missing, missed
from dialgauge.sources.crm.walk import Asking, walk
from dialgauge.sources.espocrm.rows import CONTACT_SAYS_NO, ENTITIES, OWN_WORDS, STREAMS
from dialgauge.sources.live import Account, Page, Setting, Span, checked_settings

SETTINGS = (
    Setting("url", "Where is your EspoCRM?", "https://crm.example.com"),
    Setting("timezone", "In which zone do days begin?", "Europe/Berlin", required=False),
    Setting("objects", "Which of lead, contact, opportunity, call?", "call", required=False),
    Setting("fields", "Which of your own fields?", "call.cCampaign", required=False),
    Setting("history", "Shall the stream of opportunities be read?", "true", required=False),
    DELETED,
    Setting("plain_http", "Is it in your own network, without https?", "false", required=False),
    Setting("attempts", "How often is a request tried?", "7", required=False),
)
SECRETS = (Setting("token", "What is the API key of an API user?"),)

_PAGE = 200
_TOGETHER = 50  # identifiers in an address, which servers want shorter than 8 kB
_STAGES = "entityDefs.Opportunity.fields.stage.options"
_STAGE_NOTES = ("Create", "Status", "Update")
_NO_FIELDS = ("stream", "deleted", CONTACT_SAYS_NO)
_OPTED_OUT = "phoneNumberIsOptedOut"

_Rule = tuple[str, str, tuple[str, ...]]
_List = Callable[[Sequence[_Rule], str], Sequence[Row]]


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
    lists = {stream: _list_of(api, stream, own[stream]) for stream in objects}
    for stream in ("lead", "contact"):
        if stream in objects and stream in span.cursors and span.start is None:
            for rows in _opted_out(lists[stream]):
                yield from _people(lists, stream, rows)
    for stream in objects:
        for found in walk(_asking(lists[stream], span.end), _written(begin_at(span, stream))):
            last = dt.datetime.fromisoformat(found[-1]["modifiedAt"]).replace(tzinfo=dt.UTC)
            cursors = cursors_at(span, stream, last, api.now)
            if stream == "opportunity" and history:
                yield page_of(stream, [_with_history(api, row) for row in found], cursors)
            else:
                yield from _people(lists, stream, found, cursors)
        yield from missed(account, span, _names_of(api, stream), api.now)


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


def _names_of(api: Api, stream: str) -> Listing:
    path = f"/api/v1/{ENTITIES[stream]}"

    def listed(last: str) -> Sequence[str]:
        params = {"select": "id", "maxSize": str(_PAGE), "orderBy": "id", "order": "asc"}
        if last:
            rule = {"type": "greaterThan", "attribute": "id", "value": last}
            params |= {f"where[0][{name}]": value for name, value in rule.items()}
        return [str(row["id"]) for row in api.get(path, params)["list"]]

    return Listing(
        stream=stream,
        names=lambda: after_each(listed, _PAGE),
        is_gone=lambda name: is_missing(api, f"{path}/{name}"),
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


def _list_of(api: Api, stream: str, own: Sequence[str]) -> _List:
    """Make what lists a stream's entity, by rules (kind, attribute, values) and an order."""
    names = [name for name in STREAMS[stream].columns if name not in _NO_FIELDS]
    select = ",".join(dict.fromkeys((*names, *own)))

    def listed(rules: Sequence[_Rule], order: str) -> Sequence[Row]:
        params = {"maxSize": str(_PAGE), "orderBy": order, "order": "asc", "select": select}
        for place, (kind, attribute, values) in enumerate(rules):
            params |= {f"where[{place}][type]": kind, f"where[{place}][attribute]": attribute}
            if kind == "in":
                each = {f"where[{place}][value][{n}]": value for n, value in enumerate(values)}
                params |= each
            elif values:
                params[f"where[{place}][value]"] = values[0]
        found: Any = api.get(f"/api/v1/{ENTITIES[stream]}", params)
        rows: list[Row] = found["list"]
        return rows

    return listed


def _asking(listed: _List, end: dt.datetime | None) -> Asking:
    before = [] if end is None else [("lessThan", "modifiedAt", (_written(end),))]

    def within(at: str, after: str) -> Sequence[Row]:
        behind = [("greaterThan", "id", (after,))] if after else []
        return listed([("equals", "modifiedAt", (at,)), *behind, *before], "id")

    return Asking(
        since=lambda at: listed(
            [("greaterThanOrEquals", "modifiedAt", (at,)), *before], "modifiedAt"
        ),
        within=within,
        changed=lambda row: str(row["modifiedAt"]),
        key=lambda row: str(row["id"]),
        size=_PAGE,
        step=lambda at: str(dt.datetime.fromisoformat(at) + dt.timedelta(seconds=1)),
    )


def _opted_out(listed: _List) -> Iterator[Sequence[Row]]:
    """Go through people whose number opted out; versions before 5.6 know no such thing."""
    after = ""
    while True:
        behind = [("greaterThan", "id", (after,))] if after else []
        try:
            rows = listed([("isTrue", _OPTED_OUT, ()), *behind], "id")
        except (ForbiddenError, RefusedError):
            return
        if rows:
            yield rows
        if len(rows) < _PAGE:
            return
        after = str(rows[-1]["id"])


def _people(
    lists: Mapping[str, _List],
    stream: str,
    rows: Sequence[Row],
    cursors: Mapping[str, str] | None = None,
) -> Iterator[Page]:
    """Make the page of some rows: leads with their contacts' word, contacts behind their leads."""
    both = "lead" in lists and "contact" in lists
    if both and stream == "lead":
        rows = _with_contacts(lists["contact"], rows)
    if both and stream == "contact":
        said = {str(row["id"]): _says_no(row) for row in rows}
        leads = _by_id(lists["lead"], rows, "originalLeadId")
        if leads:
            # the lead names the contact it became: only that one's word counts
            yield page_of("lead", _marked(leads, said))
    yield page_of(stream, rows, cursors)


def _with_contacts(contacts: _List, leads: Sequence[Row]) -> list[Row]:
    found = _by_id(contacts, leads, "createdContactId")
    return _marked(leads, {str(row["id"]): _says_no(row) for row in found})


def _marked(leads: Sequence[Row], said: Mapping[str, bool]) -> list[Row]:
    """Add what the contacts say; one that is gone says nothing against being called."""
    return [
        {**row, CONTACT_SAYS_NO: said.get(str(row["createdContactId"]), False)}
        if row.get("createdContactId")
        else row
        for row in leads
    ]


def _says_no(row: Row) -> bool:
    return any(row.get(name) is True for name in OWN_WORDS)


def _by_id(listed: _List, rows: Sequence[Row], link: str) -> list[Row]:
    """Get the records that rows name."""
    names = sorted({str(row[link]) for row in rows if row.get(link)})
    found: list[Row] = []
    for begin in range(0, len(names), _TOGETHER):
        found += listed([("in", "id", tuple(names[begin : begin + _TOGETHER]))], "id")
    return found


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
