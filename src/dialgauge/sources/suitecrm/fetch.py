"""Which rows does a SuiteCRM give?

Over its V8 API, module by module, by the last change; first what was deleted, then what is there.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dialgauge.errors import DialgaugeError
from dialgauge.sources.crm.api import (
    Api,
    Credentials,
    Row,
    Service,
    attempts_of,
    bearer,
    checked_url,
)
from dialgauge.sources.crm.options import objects_of
from dialgauge.sources.crm.pages import begin_at, cursors_at, page_of
from dialgauge.sources.crm.tokens import new_token
from dialgauge.sources.crm.walk import Asking, walk
from dialgauge.sources.live import Account, Page, Setting, Span, checked_settings
from dialgauge.sources.suitecrm.rows import FIELDS, MODULES

SETTINGS = (
    Setting("url", "Where is the folder Api of your SuiteCRM?", "https://crm.example.com/legacy"),
    Setting("client_id", "What is the identifier of the OAuth2 client?", "b8f0c1a2"),
    Setting("objects", "Which of leads, contacts, opportunities, calls?", "calls", required=False),
    Setting("related", "Shall the contacts of calls be asked for?", "true", required=False),
    Setting("plain_http", "Is it in your own network, without https?", "false", required=False),
    Setting("attempts", "How often is a request tried?", "7", required=False),
)
SECRETS = (Setting("client_secret", "What is the secret of the OAuth2 client?"),)

_PAGE = 100
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
    for stream in objects:
        for deleted in ("1", "0"):
            asking = _asking(api, stream, deleted, span.end)
            for found in walk(asking, _written(begin_at(span, stream))):
                last = _at(found[-1])
                rows = list(found)
                if stream == "calls" and related and deleted == "0":
                    rows = [_with_related(api, row) for row in rows]
                # both go over the same time, and the second moves the cursor
                moved = cursors_at(span, stream, last, api.now) if deleted == "0" else {}
                yield page_of(stream, rows, moved)


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
    params = {"page[size]": str(_PAGE), "fields[Users]": "full_name,user_name,department"}
    for page in api.pages("/Api/V8/module/Users", params, paginator, "data"):
        yield [_flat(row) for row in page]


def _asking(api: Api, stream: str, deleted: str, end: dt.datetime | None) -> Asking:
    module = MODULES[stream]
    before = {} if end is None else {"filter[date_modified][lt]": _written(end)}

    def listed(rules: Mapping[str, str], order: str) -> Sequence[Row]:
        found: Any = api.get(
            f"/Api/V8/module/{module}",
            {
                f"fields[{module}]": ",".join(FIELDS[stream]),
                "filter[operator]": "and",
                "filter[deleted][eq]": deleted,
                **before,
                **rules,
                "sort": order,
                "page[size]": str(_PAGE),
                "page[number]": "1",
            },
        )
        return [_flat(row) for row in found["data"]]

    def within(at: str, after: str) -> Sequence[Row]:
        behind = {"filter[id][gt]": after} if after else {}
        return listed({"filter[date_modified][eq]": at, **behind}, "id")

    return Asking(
        since=lambda at: listed({"filter[date_modified][gte]": at}, "date_modified"),
        within=within,
        changed=lambda row: _written(_at(row)),
        key=lambda row: str(row["id"]),
        size=_PAGE,
        step=lambda at: str(dt.datetime.fromisoformat(at) + dt.timedelta(seconds=1)),
    )


def _with_related(api: Api, row: Row) -> Row:
    """Add the lead or contact of a call that is filed under something else."""
    if row.get("parent_type") in ("Leads", "Contacts"):
        return row
    for link in ("leads", "contacts"):
        found = api.get(f"/Api/V8/module/Calls/{row['id']}/relationships/{link}")
        if found.get("data"):
            return {**row, "related": str(found["data"][0]["id"])}
    return row


def _flat(row: Row) -> Row:
    return {"id": row["id"], **row["attributes"]}


def _at(row: Row) -> dt.datetime:
    """Read when a row changed; without an offset it is UTC, as in the database."""
    at = dt.datetime.fromisoformat(str(row["date_modified"]))
    return at if at.tzinfo else at.replace(tzinfo=dt.UTC)


def _written(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M:%S")
