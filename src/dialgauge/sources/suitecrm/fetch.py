"""Which rows does a SuiteCRM give?

Over its V8 API, module by module, by the last change; first what was deleted, then what is there.
Most versions list deleted records and then refuse the page, as they cannot open them (issues 8631
and 10683 of SuiteCRM): these are read without, and once a day it is looked for what is missing (see
`crm.rolls`). Leads come with what the contact they became says of
being called, also when only that contact changed (see `contacts`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from functools import cache, partial

from dialgauge.errors import DialgaugeError
from dialgauge.sources.crm.api import (
    Api,
    Credentials,
    RefusedError,
    Row,
    Service,
    attempts_of,
    bearer,
    checked_url,
)
from dialgauge.sources.crm.options import objects_of
from dialgauge.sources.crm.pages import begin_at, cursors_at, page_of
from dialgauge.sources.crm.rolls import DELETED, Listing, after_each, missed
from dialgauge.sources.crm.tokens import new_token
from dialgauge.sources.crm.walk import walk
from dialgauge.sources.live import Account, Page, Setting, Span, checked_settings
from dialgauge.sources.suitecrm.contacts import leads_of_contacts, who_said_no, with_contacts
from dialgauge.sources.suitecrm.listing import PAGE, at, flat, listing, written
from dialgauge.sources.suitecrm.rows import MODULES

SETTINGS = (
    Setting("url", "Where is the folder Api of your SuiteCRM?", "https://crm.example.com/legacy"),
    Setting("client_id", "What is the identifier of the OAuth2 client?", "b8f0c1a2"),
    Setting("timezone", "In which zone do days begin?", "Europe/Berlin", required=False),
    Setting("objects", "Which of leads, contacts, opportunities, calls?", "calls", required=False),
    Setting("related", "Shall the contacts of calls be asked for?", "true", required=False),
    DELETED,
    Setting("plain_http", "Is it in your own network, without https?", "false", required=False),
    Setting("attempts", "How often is a request tried?", "7", required=False),
)
SECRETS = (Setting("client_secret", "What is the secret of the OAuth2 client?"),)

_USUAL = ("leads", "opportunities", "calls")


def fetch(account: Account, span: Span) -> Iterator[Page]:
    """Read a SuiteCRM.

    Args:
        account: Which, see `SETTINGS` and `SECRETS`.
        span: From where.

    Raises:
        ForbiddenError: The secret is not accepted, or its user lacks a right.
        ServerError: SuiteCRM does not answer.
        UnknownNameError: A setting, or an object, does not exist.
        UsageError: A setting is not allowed.
    """
    objects, api = _wanted(account), _api(account)
    for users in _users(api):
        yield page_of("users", users)
    related = account.settings.get("related", True) is not False
    refusals = cache(partial(who_said_no, api))
    for stream in objects:
        since = written(begin_at(span, stream))
        for gone in _deleted(api, stream, since, span.end):
            yield page_of(stream, gone)  # the others go over the same time, and move the cursor
        for found in walk(listing(api, stream, "0", span.end), since):
            last, rows = at(found[-1]), list(found)
            if stream == "calls" and related:
                rows = [_with_related(api, row) for row in rows]
            if stream == "leads":
                rows = with_contacts(rows, refusals)
            yield page_of(stream, rows, cursors_at(span, stream, last, api.now))
        if stream == "leads":
            yield from leads_of_contacts(api, span, refusals)
        yield from missed(account, span, _names_of(api, stream), api.now)


def probe(account: Account) -> Sequence[str]:
    """Say what can be read.

    Raises:
        ForbiddenError: The secret is not accepted.
        ServerError: SuiteCRM does not answer.
    """
    objects, api = _wanted(account), _api(account)
    users = next(_users(api), [])
    said = [f"This is SuiteCRM at {account.settings['url']} with {len(users)} users."]
    for stream in objects:
        try:
            found = api.get(f"/Api/V8/module/{MODULES[stream]}", {"page[size]": "1"})
        except DialgaugeError as error:
            said.append(f"{MODULES[stream]} cannot be read: {error}.")
        else:
            pages = found.get("meta", {}).get("total-pages", 0)
            said.append(f"There are {int(pages):,} rows of {MODULES[stream]}.")
    if "leads" in objects and "contacts" not in objects and who_said_no(api) is None:
        said.append(
            "Contacts cannot be read: of leads that became contacts only their own do_not_call is "
            "known."
        )
    return said


def _wanted(account: Account) -> tuple[str, ...]:
    settings = checked_settings(account.settings, SETTINGS)
    return objects_of("SuiteCRM", str(settings.get("objects") or "").lower(), MODULES, _USUAL)


def _api(account: Account) -> Api:
    plain = account.settings.get("plain_http", False) is True
    url = checked_url(account.settings["url"], plain_http=plain)
    attempts = attempts_of(account.settings)

    def token() -> str:
        form = {
            "grant_type": "client_credentials",
            "client_id": str(account.settings["client_id"]),
            "client_secret": account.secret("client_secret"),
        }
        giver = Service(system="SuiteCRM", url=url, attempts=attempts)
        return new_token(giver, "/Api/access_token", form)

    credentials = Credentials(name="secret", get=token, stamp=bearer, renewable=True)
    return Api(Service(system="SuiteCRM", url=url, credentials=credentials, attempts=attempts))


def _users(api: Api) -> Iterator[list[Row]]:
    from dlt.sources.helpers.rest_client.paginators import (  # noqa: PLC0415 - slow
        PageNumberPaginator,
    )

    paginator = PageNumberPaginator(
        base_page=1, page_param="page[number]", total_path='meta."total-pages"'
    )
    params = {"page[size]": str(PAGE), "fields[Users]": "full_name,user_name,department"}
    for page in api.pages("/Api/V8/module/Users", params, paginator, "data"):
        yield [flat(row) for row in page]


def _deleted(api: Api, stream: str, since: str, end: dt.datetime | None) -> Iterator[Sequence[Row]]:
    """Go through deleted records, where this version can show them."""
    try:
        yield from walk(listing(api, stream, "1", end), since)
    except RefusedError as error:
        if not _is_blind(error):
            raise


def _names_of(api: Api, stream: str) -> Listing:
    path = f"/Api/V8/module/{MODULES[stream]}"

    def listed(last: str) -> Sequence[str]:
        params = {"fields[" + MODULES[stream] + "]": "date_modified", "sort": "id"}
        params |= {"filter[operator]": "and", "filter[deleted][eq]": "0"}
        params |= {"page[size]": str(PAGE), "page[number]": "1"}
        behind = {"filter[id][gt]": last} if last else {}
        return [str(row["id"]) for row in api.get(path, params | behind)["data"]]

    def is_gone(name: str) -> bool:
        try:
            record = api.get(f"{path}/{name}")["data"]
        except RefusedError as error:
            if not _is_blind(error):
                raise
            return True
        return str(record["attributes"].get("deleted")) in ("1", "True")

    return Listing(stream=stream, names=lambda: after_each(listed, PAGE), is_gone=is_gone)


def _is_blind(error: RefusedError) -> bool:
    """Say whether a page was refused because a record on it is deleted."""
    return " with 400" in str(error) and " with id " in str(error)


def _with_related(api: Api, row: Row) -> Row:
    """Add the lead or contact of a call that is filed under something else."""
    if row.get("parent_type") in ("Leads", "Contacts"):
        return row
    for link in ("leads", "contacts"):
        found = api.get(f"/Api/V8/module/Calls/{row['id']}/relationships/{link}")
        if found.get("data"):
            return {**row, "related": str(found["data"][0]["id"])}
    return row
