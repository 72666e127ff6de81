"""What of a database of Odoo is read, and from where on?

Leads come with the changes of their stage, and with whether their number is on the blacklist. What
was deleted is shown no more, so once a day it is looked for (see `crm.rolls`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from dialgauge.errors import ForbiddenError
from dialgauge.sources.crm.api import Row
from dialgauge.sources.crm.options import objects_of, own_names
from dialgauge.sources.crm.pages import begin_at, cursors_at, page_of
from dialgauge.sources.crm.rolls import DELETED, Listing, after_each, missed
from dialgauge.sources.crm.walk import Asking, walk
from dialgauge.sources.live import Account, Page, Setting, Span, checked_settings
from dialgauge.sources.odoo.blacklist import marked, on_the_list, turned
from dialgauge.sources.odoo.database import Database
from dialgauge.sources.odoo.names import FIELDS, MODELS
from dialgauge.sources.odoo.transport import connected

SETTINGS = (
    Setting("url", "Where is your Odoo?", "https://acme.odoo.com"),
    Setting(
        "database",
        "What is its database called, if Odoo is older than 19 or has several?",
        "acme",
        required=False,
        asked=True,
    ),
    Setting(
        "login",
        "As which user, if Odoo is older than 19?",
        "reports@acme.com",
        required=False,
        asked=True,
    ),
    Setting("api", "Over which API, json-2 or json-rpc?", "json-2", required=False),
    Setting("objects", "Which of leads, calls?", "leads", required=False),
    Setting("fields", "Which of your own fields?", "leads.x_margin", required=False),
    Setting("history", "Shall changes of stages be asked for?", "true", required=False),
    Setting("do_not_call", "Shall the phone blacklist be asked?", "true", required=False),
    DELETED,
    Setting("plain_http", "Is it in your own network, without https?", "false", required=False),
    Setting("attempts", "How often is a request tried?", "7", required=False),
)
SECRETS = (Setting("token", "What is the user's API key?"),)

_Whole: TypeAlias = Callable[[Sequence[Row]], Sequence[Row]]
_PAGE, _LISTED = 500, 5_000
_CALLS = [["mail_activity_type_id.category", "=", "phonecall"], ["model", "=", "crm.lead"]]
_SMALL: Mapping[str, tuple[str, Sequence[str]]] = {
    "users": ("res.users", ("id", "name", "active", "sale_team_id", "partner_id")),
    "stages": ("crm.stage", ("id", "name", "sequence", "is_won")),
    "countries": ("res.country", ("id", "code")),
}


def fetch(account: Account, span: Span) -> Iterator[Page]:
    """Read a database of Odoo.

    Args:
        account: Which, see `SETTINGS` and `SECRETS`.
        span: From where.

    Raises:
        ForbiddenError: The key is not accepted, or the user may not read something.
        ServerError: Odoo does not answer.
        UnknownNameError: A setting, or an object, does not exist.
        UsageError: A setting is not allowed.
    """
    objects, own = _wanted(account)
    odoo = Database(connected(account))
    for stream, (model, fields) in _SMALL.items():
        if rows := odoo.read(model, [], fields, "id", 0):
            yield page_of(stream, rows)
    for stream in objects:
        names = odoo.names(MODELS[stream], FIELDS[stream], own[stream])
        whole: _Whole = odoo.with_phones
        if stream == "leads":
            listed = on_the_list(odoo) if _wants(account, "do_not_call") else None
            whole = _whole_leads(odoo, listed, history=_wants(account, "history"))
            if listed is not None and not span.ranged:
                yield from turned(odoo, span, listed, dt.datetime.now(dt.UTC))
        asking = _asking(odoo, stream, names, span.end)
        for found in walk(asking, _written(begin_at(span, stream))):
            last = dt.datetime.fromisoformat(str(found[-1]["write_date"])).replace(tzinfo=dt.UTC)
            yield page_of(stream, whole(found), cursors_at(span, stream, last, odoo.now))
        yield from missed(account, span, _numbers_of(odoo, stream), odoo.now)


def probe(account: Account) -> Sequence[str]:
    """Say who asks, and how much there is to read.

    Raises:
        ForbiddenError: The key is not accepted.
        ServerError: Odoo does not answer.
    """
    objects, _ = _wanted(account)
    transport = connected(account)
    odoo = Database(transport)
    said = [f"This is {transport.described}."]
    for stream in objects:
        try:
            found = odoo.count(MODELS[stream], _only(stream))
        except ForbiddenError as error:
            said.append(f"{stream.capitalize()} cannot be read: {error}.")
        else:
            said.append(f"There are {found:,} {stream}.")
    return said


def _numbers_of(odoo: Database, stream: str) -> Listing:
    model = MODELS[stream]
    only = [["active", "in", [True, False]]] if stream == "leads" else _only(stream)

    def listed(last: str) -> Sequence[str]:
        behind = [["id", ">", int(last or 0)]]
        return [str(name) for name in odoo.search(model, [*only, *behind], _LISTED)]

    return Listing(
        stream=stream,
        names=lambda: after_each(listed, _LISTED),
        is_gone=lambda name: odoo.is_gone(model, int(name)),
    )


def _whole_leads(odoo: Database, listed: Collection[int] | None, *, history: bool) -> _Whole:
    """Say what is added to rows of leads."""
    if history:
        return lambda leads: marked(odoo.with_changes(leads), listed)
    return lambda leads: marked(leads, listed)


def _wants(account: Account, setting: str) -> bool:
    return account.settings.get(setting, True) is not False


def _asking(odoo: Database, stream: str, names: Sequence[str], end: dt.datetime | None) -> Asking:
    """Ask for rows by their last change, which Odoo shows to the second."""
    before = [] if end is None else [["write_date", "<", _written(end)]]
    only = [*_only(stream), *before]

    def within(at: str, after: str) -> Sequence[Row]:
        second = [["write_date", ">=", at], ["write_date", "<", _next(at)]]
        behind = [["id", ">", int(after or 0)]]
        return odoo.read(MODELS[stream], [*only, *second, *behind], names, "id", _PAGE)

    return Asking(
        since=lambda at: odoo.read(
            MODELS[stream], [*only, ["write_date", ">=", at]], names, "write_date, id", _PAGE
        ),
        within=within,
        changed=lambda row: str(row["write_date"]),
        key=lambda row: str(row["id"]),
        size=_PAGE,
        step=_next,
    )


def _only(stream: str) -> list[list[Any]]:
    return list(_CALLS) if stream == "calls" else []


def _written(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M:%S")


def _next(at: str) -> str:
    return str(dt.datetime.fromisoformat(at) + dt.timedelta(seconds=1))


def _wanted(account: Account) -> tuple[tuple[str, ...], Mapping[str, Sequence[str]]]:
    settings = checked_settings(account.settings, SETTINGS)
    objects = objects_of("Odoo", str(settings.get("objects") or ""), MODELS)
    return objects, own_names("fields", settings.get("fields"), MODELS, "leads.x_margin")
