"""What does a database of Odoo look like over JSON-RPC, and from version 19 on over JSON-2?

Answers `search`, `search_read`, `search_count` and `fields_get` in the shapes of its documentation:
false stands for what is not there, times are shown to the second, other rows as number and name.
Failures have statuses over JSON-2, and over JSON-RPC are answers with status 200 and an error.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

from crm_server import TOKEN, Answer, Asked, Crm
from dialgauge.sources.odoo.names import FIELDS

LISTED = "phone_sanitized_blacklisted"
HIDING = ("crm.lead", "res.users")
KEPT_IN = {"crm.lead": "leads", "mail.message": "calls"}
STAGES = [
    {"id": 3, "name": "Proposal", "sequence": 2, "is_won": False},
    {"id": 1, "name": "New", "sequence": 0, "is_won": False},
    {"id": 4, "name": "Won", "sequence": 70, "is_won": True},
]
USERS = [
    {"id": 7, "name": "Ann Lee", "active": True, "sale_team_id": [2, "North"],
     "partner_id": [70, "Ann Lee"]},
    {"id": 8, "name": "Bo", "active": False, "sale_team_id": False, "partner_id": [80, "Bo"]},
]  # fmt: skip


ARGUMENTS = {
    "read": {"ids", "fields", "context"},
    "fields_get": {"attributes", "allfields", "context"},
    "search": {"domain", "offset", "limit", "order", "context"},
    "search_count": {"domain", "limit", "context"},
    "search_read": {"domain", "fields", "offset", "limit", "order", "context"},
}
NOWHERE = Answer(None, 404, {"content-type": "text/html; charset=utf-8"}, b"<h1>Not Found</h1>")


class Failure(Exception):  # noqa: N818 - Odoo's, not ours
    """Why Odoo does not do what was asked."""

    def __init__(self, status: int, name: str, message: str) -> None:
        self.status, self.name, self.message = status, name, message
        super().__init__(message)


class Odoo(Crm):
    """One database, `acme`.

    Attributes:
        version: As it says it; before 19 it does not, and knows no JSON-2.
        others: Whether the server has other databases, too, so that it must be told which.
        forbidden: Models that the user may not read.
        hidden: Numbers of rows that a rule hides from the user.
        old: Whether it is older than 16.
        own: Model to a team's own fields.
        blacklist: Number, as its country writes it abroad, to whether it is on the list still; None
            where the app CRM has no such list.
        rows: Model to its rows.
    """

    def __init__(self, version: str = "19.0") -> None:
        super().__init__()
        self.version = version
        self.others = False
        self.blacklist: dict[str, bool] | None = {}
        self.forbidden: set[str] = set()
        self.hidden: set[int] = set()
        self.old = False
        self.own: dict[str, list[str]] = {}
        self.rows: dict[str, list[dict[str, Any]]] = {
            "res.users": USERS,
            "crm.stage": STAGES,
            "res.country": [{"id": 57, "code": "DE"}],
            "crm.lead": [],
            "mail.message": [],
            "mail.tracking.value": [],
        }

    def lead(self, name: int, changed: str = "2026-01-05 10:00:00", **is_: Any) -> None:
        """Store an open opportunity."""
        usual = {
            **dict.fromkeys(("partner_id", "date_closed", "lost_reason_id", "source_id"), False),
            **dict.fromkeys(("campaign_id", "phone", "country_id", "state_id"), False),
            "date_conversion": False,
            "type": "opportunity",
            "active": True,
            "stage_id": [1, "New"],
            "user_id": [7, "Ann Lee"],
            "team_id": [2, "North"],
            "expected_revenue": 1200.5,
            "company_currency": [1, "EUR"],
            "probability": 20.0,
            "create_date": "2026-01-02 08:00:00",
            "date_last_stage_update": "2026-01-03 08:00:00",
            "date_open": "2026-01-02 08:00:00",
        }
        self._put("crm.lead", {"id": name, "write_date": changed, **usual, **is_})

    def call(self, name: int, lead: int, changed: str = "2026-01-05 10:00:00") -> None:
        """Store that a phone call was ticked off."""
        self._put(
            "mail.message",
            {
                "id": name,
                "write_date": changed,
                "date": "2026-01-05 09:00:00",
                "author_id": [70, "Ann Lee"],
                "model": "crm.lead",
                "res_id": lead,
                "kind": "phonecall",
            },
        )

    def moved(self, name: int, lead: int, at: str, was: int, became: int) -> None:
        """Store a change of stage."""
        said = {"id": name, "model": "crm.lead", "res_id": lead, "date": at, "tracked": True}
        self._put("mail.message", {**said, "write_date": at})
        self._put(
            "mail.tracking.value",
            {
                "id": name,
                "mail_message_id": [name, "Stage changed"],
                "old_value_integer": was,
                "new_value_integer": became,
            },
        )

    @property
    def modern(self) -> bool:
        """Whether it speaks JSON-2."""
        return int(re.sub(r"^\D*(\d+).*", r"\1", self.version)) >= 19

    @property
    def door(self) -> str:
        """A part of the paths of all questions about rows."""
        return "/json/2/" if self.modern else "/jsonrpc"

    def answer(self, asked: Asked) -> Answer:
        """Answer as Odoo does."""
        if self.modern and asked.path == "/web/version":
            assert "authorization" not in asked.headers
            return Answer({"version_info": [19, 0, 0, "final", 0, ""], "version": self.version})
        if self.modern and asked.path.startswith("/json/2/"):
            return self._over_json_2(asked)
        if asked.path == "/jsonrpc":
            return self._over_json_rpc(asked.body["params"])
        return NOWHERE

    def _over_json_2(self, asked: Asked) -> Answer:
        assert asked.method == "POST"
        if self.others and asked.headers.get("x-odoo-database") != "acme":
            return NOWHERE
        if asked.headers.get("authorization", "").lower() != f"bearer {TOKEN}":
            return _status(401, "werkzeug.exceptions.Unauthorized", "Invalid apikey")
        _, _, _, model, method = asked.path.split("/")
        if (model, method) == ("res.users", "context_get"):
            return Answer({"lang": "en_US", "tz": False, "uid": 2})
        try:
            return Answer(self._call(model, method, asked.body))
        except Failure as failure:
            return _status(failure.status, failure.name, failure.message)

    def _over_json_rpc(self, params: Mapping[str, Any]) -> Answer:
        args = params["args"]
        if params["method"] == "authenticate":
            return _result(2 if args[2] == TOKEN else False)
        if args[2] != TOKEN:
            return _error("odoo.exceptions.AccessDenied", "Access Denied")
        _, _, _, model, method, positional, more = args
        first = "ids" if method == "read" else "domain"
        try:
            return _result(
                self._call(model, method, {**dict(zip([first], positional, strict=False)), **more})
            )
        except Failure as failure:
            return _error(failure.name, failure.message)

    def _call(self, model: str, method: str, named: Mapping[str, Any]) -> Any:
        if model not in self.rows:
            raise Failure(
                404, "werkzeug.exceptions.NotFound", f"the model '{model}' does not exist"
            )
        if model in self.forbidden:
            raise Failure(403, "odoo.exceptions.AccessError", f"You are not allowed\nto {model}")
        for name in set(named) - ARGUMENTS[method]:
            said = f"got an unexpected keyword argument '{name}'"
            raise Failure(422, "werkzeug.exceptions.UnprocessableEntity", said)
        if method == "fields_get":
            assert named["attributes"] == ["type"]
            return {key: {"type": "char"} for key in self._fields(model)}
        if method == "read":
            return self._read(model, named)
        rows = self._found(model, named)
        if method == "search_count":
            return len(rows)
        rows = sorted(rows, key=_order(named["order"]))
        limit = named.get("limit") or len(rows)
        if method == "search":
            return [row["id"] for row in rows[:limit]]
        wanted = ("id", *named["fields"])
        for name in set(wanted) - set(self._fields(model)):
            raise Failure(500, "builtins.ValueError", f"Invalid field '{name}' on model '{model}'")
        return [{name: self._shown(row, name, named) for name in wanted} for row in rows[:limit]]

    def _read(self, model: str, named: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Read by number: a rule that hides one refuses, what was deleted is left out."""
        if hidden := self.hidden & {*named["ids"]}:
            said = f"Due to security restrictions, you are not allowed to access {hidden}"
            raise Failure(403, "odoo.exceptions.AccessError", said)
        return [{"id": row["id"]} for row in self.rows[model] if row["id"] in named["ids"]]

    def _found(self, model: str, named: Mapping[str, Any]) -> list[dict[str, Any]]:
        rows = [row for row in self.rows[model] if row["id"] not in self.hidden]
        domain = list(named["domain"])
        if model in HIDING and _hidden(named) and "active" not in {name for name, *_ in domain}:
            domain.append(["active", "=", True])
        for name, sign, value in domain:
            if name == "field_id.name" and self.old:
                said = "Invalid field mail.tracking.value.field_id"
                raise Failure(500, "builtins.ValueError", said)
            if name == LISTED:
                assert (sign, value) == ("=", True)
                rows = [row for row in rows if (self.blacklist or {}).get(_number(row))]
            else:
                rows = [row for row in rows if _fits(row, name, sign, value)]
        return rows

    def _shown(self, row: Mapping[str, Any], name: str, named: Mapping[str, Any]) -> Any:
        """Show a field; whoever reads what was put away gets numbers that were taken off, too."""
        if name != LISTED:
            return row.get(name, False)
        on = (self.blacklist or {}).get(_number(row))
        return on if _hidden(named) else on is not None

    def _fields(self, model: str) -> list[str]:
        """List a model's fields; before 16 the reason of a loss was called otherwise."""
        names = ["id", *(FIELDS[KEPT_IN[model]] if model in KEPT_IN else self.rows[model][0])]
        if self.old:
            names = ["lost_reason" if name == "lost_reason_id" else name for name in names]
        if model == "crm.lead" and self.blacklist is not None:
            names.append(LISTED)
        return [*names, *self.own.get(model, [])]

    def _put(self, model: str, row: dict[str, Any]) -> None:
        self.rows[model] = [each for each in self.rows[model] if each["id"] != row["id"]] + [row]


_OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "in": lambda have, wanted: have in wanted,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}


def _hidden(named: Mapping[str, Any]) -> bool:
    """Say whether rows that were put away are left out."""
    return bool(named.get("context", {}).get("active_test", True))


def _number(lead: Mapping[str, Any]) -> str:
    return "".join(letter for letter in str(lead["phone"]) if letter in "+0123456789")


def _order(said: str) -> Callable[[dict[str, Any]], tuple[Any, ...]]:
    return lambda row: tuple(row[name] for name in said.split(", "))


def _fits(row: dict[str, Any], name: str, sign: str, value: Any) -> bool:
    if name == "mail_activity_type_id.category":
        return bool(row.get("kind") == value)
    if name == "tracking_value_ids":
        return bool(row.get("tracked"))
    if name in ("field_id.name", "field.name"):
        return True
    have = row[name][0] if isinstance(row[name], list) else row[name]
    fits: Callable[[Any, Any], bool] = _OPERATORS[sign]
    return fits(have, value)


def _result(said: Any) -> Answer:
    return Answer({"jsonrpc": "2.0", "id": 1, "result": said})


def _error(name: str, message: str) -> Answer:
    data = {"name": name, "message": message, "debug": "Traceback ..."}
    error = {"code": 200, "message": "Odoo Server Error", "data": data}
    return Answer({"jsonrpc": "2.0", "id": 1, "error": error})


def _status(status: int, name: str, message: str) -> Answer:
    said = {"name": name, "message": message, "arguments": [message], "context": {}}
    return Answer({**said, "debug": "Traceback (most recent call last): ..."}, status)
