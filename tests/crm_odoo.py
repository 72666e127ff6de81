"""What does a database of Odoo look like over JSON-RPC?

Answers `authenticate`, `search_read` and `search_count` in the shapes of its documentation:
failures are answers with status 200 and an error, false stands for what is not there, times are
shown to the second, other rows as number and name.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

from crm_server import TOKEN, Answer, Asked, Crm
from dialgauge.sources.odoo.names import FIELDS

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


class Odoo(Crm):
    """One database."""

    def __init__(self) -> None:
        super().__init__()
        self.forbidden: set[str] = set()
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

    def answer(self, asked: Asked) -> Answer:
        """Answer as Odoo does."""
        params = asked.body["params"]
        args = params["args"]
        if params["method"] == "authenticate":
            return _result(2 if args[2] == TOKEN else False)
        if args[2] != TOKEN:
            return _error("odoo.exceptions.AccessDenied", "Access Denied")
        _, _, _, model, method, positional, *more = args
        if model in self.forbidden:
            return _error("odoo.exceptions.AccessError", f"You are not allowed\nto {model}")
        if method == "fields_get":
            assert more == [{"attributes": ["type"]}]
            return _result({key: {"type": "char"} for key in self._fields(model)})
        rows, (domain,) = self.rows[model], positional
        for name, sign, value in domain:
            if name == "field_id.name" and self.old:
                return _error("builtins.ValueError", "Invalid field mail.tracking.value.field_id")
            rows = [row for row in rows if _fits(row, name, sign, value)]
        if method == "search_count":
            return _result(len(rows))
        rows = sorted(rows, key=_order(more[0]["order"]))
        limit = more[0].get("limit") or len(rows)
        wanted = ("id", *more[0]["fields"])
        for name in set(wanted) - set(self._fields(model)):
            return _error("builtins.ValueError", f"Invalid field '{name}' on model '{model}'")
        return _result([{name: row.get(name, False) for name in wanted} for row in rows[:limit]])

    def _fields(self, model: str) -> list[str]:
        """List a model's fields; before 16 the reason of a loss was called otherwise."""
        names = ["id", *(FIELDS[KEPT_IN[model]] if model in KEPT_IN else self.rows[model][0])]
        if self.old:
            names = ["lost_reason" if name == "lost_reason_id" else name for name in names]
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
