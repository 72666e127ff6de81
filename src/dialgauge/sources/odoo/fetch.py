"""Which rows does a database of Odoo give?

Over JSON-RPC, which every Odoo from 14 to 21 speaks. Leads come with the changes of their stage.
The key is part of a request's body there; it is put in when the request is signed, so that it
stands in no log of requests.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dialgauge.errors import ForbiddenError, ServerError, UnknownNameError
from dialgauge.sources.crm.api import Api, Credentials, Row, Service, attempts_of, checked_url
from dialgauge.sources.crm.options import objects_of, own_names
from dialgauge.sources.crm.pages import begin_at, cursors_at, page_of
from dialgauge.sources.crm.walk import Asking, walk
from dialgauge.sources.live import Account, Page, Setting, Span, checked_settings
from dialgauge.sources.odoo.names import FIELDS, MODELS, RENAMED

SETTINGS = (
    Setting("url", "Where is your Odoo?", "https://acme.odoo.com"),
    Setting("database", "What is its database called?", "acme"),
    Setting("login", "As which user?", "reports@acme.com"),
    Setting("objects", "Which of leads, calls?", "leads", required=False),
    Setting("fields", "Which of your own fields?", "leads.x_margin", required=False),
    Setting("history", "Shall changes of stages be asked for?", "true", required=False),
    Setting("plain_http", "Is it in your own network, without https?", "false", required=False),
    Setting("attempts", "How often is a request tried?", "7", required=False),
)
SECRETS = (Setting("token", "What is the user's API key?"),)

_PAGE = 500
_FLAGS = ("active", "is_won")
_NEWER = {older: newer for newer, older in RENAMED.items()}
_KEY = "the key stands here when the request is signed"
_ALL = {"active_test": False}
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
    odoo = _Odoo(account)
    for stream, (model, fields) in _SMALL.items():
        if rows := odoo.read(model, [], fields, "id", 0):
            yield page_of(stream, rows)
    history = account.settings.get("history", True) is not False
    for stream in objects:
        names = odoo.names(MODELS[stream], FIELDS[stream], own[stream])
        asking = _asking(odoo, stream, names, span.end)
        for found in walk(asking, _written(begin_at(span, stream))):
            last = dt.datetime.fromisoformat(str(found[-1]["write_date"])).replace(tzinfo=dt.UTC)
            whole: Sequence[Row] = found
            if stream == "calls":
                whole = odoo.with_phones(found)
            elif history:
                whole = odoo.with_changes(found)
            yield page_of(stream, whole, cursors_at(span, stream, last, odoo.now))


def probe(account: Account) -> Sequence[str]:
    """Say who asks, and how much there is to read.

    Raises:
        ForbiddenError: The key is not accepted.
        ServerError: Odoo does not answer.
    """
    objects, _ = _wanted(account)
    odoo = _Odoo(account)
    said = [f"This is Odoo's database {account.settings['database']}, user {odoo.user}."]
    for stream in objects:
        try:
            found = odoo.call(MODELS[stream], "search_count", [_only(stream)], {"context": _ALL})
        except ForbiddenError as error:
            said.append(f"{stream.capitalize()} cannot be read: {error}.")
        else:
            said.append(f"There are {found:,} {stream}.")
    return said


class _Odoo:
    """A database of Odoo, as one user sees it."""

    def __init__(self, account: Account) -> None:
        plain = account.settings.get("plain_http", False) is True
        credentials = Credentials(name="key", get=lambda: account.secret("token"), stamp=_stamped)
        self._api = Api(
            Service(
                system="Odoo",
                url=checked_url(account.settings["url"], plain_http=plain),
                credentials=credentials,
                attempts=attempts_of(account.settings),
            )
        )
        self._database, self._field = str(account.settings["database"]), "field_id"
        login = str(account.settings["login"])
        self.user = self._ask("common", "authenticate", [self._database, login, _KEY, {}])
        if not self.user:
            raise ForbiddenError(
                f"Odoo does not know the user {login} in the database {self._database}, or not "
                "with this key; make a new key there (Preferences, Account Security) and give it "
                "to this source"
            )

    @property
    def now(self) -> dt.datetime:
        return self._api.now

    def call(self, model: str, method: str, args: Sequence[Any], more: Mapping[str, Any]) -> Any:
        said = [self._database, self.user, _KEY, model, method, list(args), dict(more)]
        return self._ask("object", "execute_kw", said)

    def read(
        self, model: str, domain: Sequence[Any], fields: Sequence[str], order: str, limit: int
    ) -> list[Row]:
        more = {"fields": list(fields), "order": order, "context": _ALL}
        found = self.call(
            model, "search_read", [list(domain)], {**more, "limit": limit} if limit else more
        )
        # Odoo writes false for what is not there, but a flag that is false is false
        return [
            {
                _NEWER.get(name, name): None if value is False and name not in _FLAGS else value
                for name, value in row.items()
            }
            for row in found
        ]

    def names(self, model: str, usual: Sequence[str], own: Sequence[str]) -> Sequence[str]:
        """Say what the fields of a model are called here; those it lacks are left out.

        Raises:
            UnknownNameError: One of the team's own is not there.
        """
        there = self.call(model, "fields_get", [], {"attributes": ["type"]})
        for name in own:
            if name not in there:
                raise UnknownNameError(f"field of {model}", name, there)
        called = (name if name in there else RENAMED.get(name, name) for name in usual)
        return tuple(dict.fromkeys(name for name in (*called, *own) if name in there))

    def with_phones(self, calls: Sequence[Row]) -> list[Row]:
        """Add the numbers of the leads that were called, which need not have changed since."""
        names = sorted({call["res_id"] for call in calls if call.get("res_id")})
        leads = self.read("crm.lead", [["id", "in", names]], ("id", "phone"), "id", 0)
        phones = {lead["id"]: lead.get("phone") for lead in leads}
        return [{**call, "phone": phones.get(call.get("res_id"))} for call in calls]

    def with_changes(self, leads: Sequence[Row]) -> list[Row]:
        """Add the changes of their stage, which only some users may read."""
        names = [lead["id"] for lead in leads]
        messages = self.read(
            "mail.message",
            [
                ["model", "=", "crm.lead"],
                ["res_id", "in", names],
                ["tracking_value_ids", "!=", False],
            ],
            ("id", "res_id", "date"),
            "id",
            0,
        )
        of = {each["id"]: each for each in messages}
        changes: dict[Any, list[Row]] = {name: [] for name in names}
        for each in self._tracked(sorted(of)):
            message = of[each["mail_message_id"][0]]
            changes[message["res_id"]].append(
                {
                    "old": each.get("old_value_integer"),
                    "new": each.get("new_value_integer"),
                    "date": message["date"],
                }
            )
        return [{**lead, "changes": changes[lead["id"]]} for lead in leads]

    def _tracked(self, messages: Sequence[Any]) -> list[Row]:
        fields = ("mail_message_id", "old_value_integer", "new_value_integer")

        def tracked() -> list[Row]:
            domain = [["mail_message_id", "in", messages], [f"{self._field}.name", "=", "stage_id"]]
            return self.read("mail.tracking.value", domain, fields, "id", 0)

        if not messages:
            return []
        try:
            return tracked()
        except ServerError:
            if self._field == "field":
                raise
            self._field = "field"  # so it was called until Odoo 16
            return tracked()

    def _ask(self, service: str, method: str, args: Sequence[Any]) -> Any:
        params = {"service": service, "method": method, "args": list(args)}
        said = self._api.post(
            "/jsonrpc", {"jsonrpc": "2.0", "method": "call", "params": params, "id": 1}
        )
        error: Any = said.get("error") if isinstance(said, dict) else {"message": "no JSON-RPC"}
        if not error:
            return said.get("result")
        data = error.get("data") or {}
        words = " ".join(str(data.get("message") or error.get("message")).split())[:200]
        if "Access" in str(data.get("name")):
            raise ForbiddenError(
                f"Odoo does not let this user read {args[3] if len(args) > 4 else 'anything'} "
                f"({words}); grant it there, or leave that out of the source's settings"
            )
        raise ServerError(f"Odoo refuses ({words}); what was read is kept, sync again later")


def _stamped(request: Any, key: str) -> None:
    body = request.body if isinstance(request.body, bytes) else str(request.body).encode()
    request.body = body.replace(json.dumps(_KEY).encode(), json.dumps(key).encode())


def _asking(odoo: _Odoo, stream: str, names: Sequence[str], end: dt.datetime | None) -> Asking:
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
