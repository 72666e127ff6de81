"""Over which of its APIs does an Odoo answer, and how is it asked there?

From version 19 on over JSON-2: the key stands in a header, arguments have names, failures have
statuses. Before that over JSON-RPC, which goes away in Odoo 22: the key is part of a request's
body there; it is put in when the request is signed, so that it stands in no log of requests.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from dialgauge.errors import ForbiddenError, ServerError, UsageError
from dialgauge.sources.crm.api import (
    Api,
    Credentials,
    MissingError,
    Service,
    attempts_of,
    bearer,
    checked_url,
)
from dialgauge.sources.live import Account

JSON_2, JSON_RPC = "json-2", "json-rpc"
_APIS = (JSON_2, JSON_RPC)
_FIRST_WITH_JSON_2 = 19
_GLANCES = 2
_KEY = "the key stands here when the request is signed"


class Transport(Protocol):
    """A way to ask an Odoo.

    Attributes:
        user: The number of the user whose key it is.
        described: What is asked there, for people.
    """

    user: int
    described: str

    @property
    def now(self) -> dt.datetime:
        """The server's own time as of its last answer."""

    def ask(self, model: str, method: str, named: Mapping[str, Any]) -> Any:
        """Call a method of a model and return what it returns.

        Args:
            model: Such as `crm.lead`.
            method: Such as `search_read`.
            named: Its arguments, `ids` of records where it needs them, and `context`.

        Raises:
            ForbiddenError: The user may not read that.
            MissingError: There is no such record, or model.
            ServerError: There was no answer, or a refusal.
        """


def connected(account: Account) -> Transport:
    """Find out which API an Odoo speaks, and show it the key.

    Args:
        account: Its settings say where it is, and may say which API; secrets have the key.

    Raises:
        ForbiddenError: The key is not accepted.
        ServerError: Odoo does not answer.
        UsageError: A setting is not allowed, or one is missing that this Odoo needs.
    """
    settings = account.settings
    service = Service(
        system="Odoo",
        url=checked_url(settings["url"], plain_http=settings.get("plain_http", False) is True),
        attempts=attempts_of(settings),
    )
    database, login = (str(settings.get(name) or "") for name in ("database", "login"))
    api, version = str(settings.get("api") or ""), ""
    if api and api not in _APIS:
        raise UsageError(f"api is '{api}', but must be one of: {', '.join(_APIS)}")
    if not api:
        version = _version(service)
        api = _api(version, as_user=bool(database and login))
    if api == JSON_2:
        return Json2(service, account, database, version)
    if not (database and login):
        raise UsageError(
            f"this Odoo{version and ' '}{version} is read over JSON-RPC, as those before version "
            '19 are; write its database and the user, such as database = "acme" and '
            'login = "reports@acme.com"'
        )
    return JsonRpc(service, account, database, login)


def _version(service: Service) -> str:
    """Ask which version this is; empty for those before 19, which do not say it there.

    Whatever else happens is no answer either: what is read next tells what is wrong.
    """
    glance = replace(service, attempts=min(_GLANCES, service.attempts))
    try:
        said = Api(glance).get("/web/version")
    except (ForbiddenError, ServerError):
        return ""
    return str(said.get("version") or "") if isinstance(said, dict) else ""


def _api(version: str, *, as_user: bool) -> str:
    """Decide over what is asked, by the version, else by what was given for it.

    Example:
        >>> _api("saas~19.4+e", as_user=True), _api("18.0", as_user=False), _api("", as_user=True)
        ('json-2', 'json-rpc', 'json-rpc')
    """
    number = re.match(r"\D*(\d+)", version)
    if number:
        return JSON_2 if int(number[1]) >= _FIRST_WITH_JSON_2 else JSON_RPC
    return JSON_RPC if as_user else JSON_2


class Json2:
    """An Odoo from 19 on; which user asks, its key tells."""

    def __init__(self, service: Service, account: Account, database: str, version: str) -> None:
        """Ask for the user's number, which shows whether the key opens anything.

        Raises:
            ForbiddenError: The key is not accepted.
            ServerError: Odoo does not answer.
            UsageError: There are several databases, or none of this name.
        """
        self._api = Api(
            replace(
                service,
                credentials=Credentials(
                    name="key", get=lambda: account.secret("token"), stamp=bearer
                ),
                headers={"X-Odoo-Database": database} if database else {},
                placed=lambda path: f"/json/2/{path}",
            )
        )
        try:
            said = self.ask("res.users", "context_get", {})
        except MissingError:
            raise UsageError(
                f"there is no database '{database}' behind {service.url}; write database as "
                "Odoo's list of databases calls it"
                if database
                else f"{service.url} does not say which database is meant, or is an Odoo before "
                "version 19; write its database, and before 19 also the user as login"
            ) from None
        self.user = int(said.get("uid") or 0) if isinstance(said, dict) else 0
        name = f"database {database}, " if database else ""
        self.described = f"Odoo{version and ' '}{version}, {name}user {self.user}, over JSON-2"

    @property
    def now(self) -> dt.datetime:
        """The server's own time as of its last answer."""
        return self._api.now

    def ask(self, model: str, method: str, named: Mapping[str, Any]) -> Any:
        """Call a method, see `Transport`."""
        return self._api.post(f"{model}/{method}", named)


class JsonRpc:
    """An Odoo before 19."""

    def __init__(self, service: Service, account: Account, database: str, login: str) -> None:
        """Log in.

        Raises:
            ForbiddenError: The user or the key is not accepted.
            ServerError: Odoo does not answer.
        """
        credentials = Credentials(name="key", get=lambda: account.secret("token"), stamp=_stamped)
        self._api = Api(replace(service, credentials=credentials))
        self._database = database
        self.user = self._send("common", "authenticate", [database, login, _KEY, {}])
        if not self.user:
            raise ForbiddenError(
                f"Odoo does not know the user {login} in the database {database}, or not "
                "with this key; make a new key there (Preferences, Account Security) and give it "
                "to this source"
            )
        self.described = f"Odoo's database {database}, user {self.user}, over JSON-RPC"

    @property
    def now(self) -> dt.datetime:
        """The server's own time as of its last answer."""
        return self._api.now

    def ask(self, model: str, method: str, named: Mapping[str, Any]) -> Any:
        """Call a method, see `Transport`."""
        more = dict(named)
        # by their place: ids have no name here, and search_count's domain another before Odoo 16
        args = [more.pop(name) for name in ("ids", "domain") if name in more]
        said = [self._database, self.user, _KEY, model, method, args, more]
        return self._send("object", "execute_kw", said)

    def _send(self, service: str, method: str, args: Sequence[Any]) -> Any:
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
        kind = MissingError if "Missing" in str(data.get("name")) else ServerError
        raise kind(f"Odoo refuses ({words}); what was read is kept, sync again later")


def _stamped(request: Any, key: str) -> None:
    body = request.body if isinstance(request.body, bytes) else str(request.body).encode()
    request.body = body.replace(json.dumps(_KEY).encode(), json.dumps(key).encode())
