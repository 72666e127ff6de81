"""`dialgauge users`: who may log in to the dashboard?"""

from __future__ import annotations

import getpass
import json
import sys
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter
from rich.box import SIMPLE_HEAD
from rich.table import Table

from dialgauge.cli.export import check_format, emit
from dialgauge.cli.opening import configuration
from dialgauge.cli.table import console
from dialgauge.errors import UsageError
from dialgauge.front import application_database

if TYPE_CHECKING:
    from dialgauge.store import Store
    from dialgauge.store.users import User

command = App(name="users", help="Say who may log in to the dashboard: add, list, disable.")
"""The commands of this group."""

_BY = "command line"
_Flag = Annotated[bool, Parameter(negative="")]


@command.command
def add(  # noqa: PLR0913 - all that is said of a person
    name: str,
    *,
    role: str,
    team: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    agent: str = "",
    email: str = "",
    password_stdin: _Flag = False,
    no_password: _Flag = False,
) -> None:
    """Add someone who may log in.

    Args:
        name: What they will type.
        role: owner, manager, team_lead, agent or viewer; the first user is an owner.
        team: A team whose rows a team lead sees; may be repeated.
        agent: The agent whose rows an agent sees, as the records name them.
        email: By which a log-in service knows them.
        password_stdin: Read the password from standard input, one line.
        no_password: They come from the log-in service only.
    """
    from dialgauge.store.users import need_a_way  # noqa: PLC0415 - an extra

    store = _opened()
    password = None if no_password else _password(typed=not password_stdin)
    need_a_way(password, email)
    user = store.users.add(name, role, teams=team, agent=agent, email=email, password=password)
    store.audit.write(_BY, "user", f"{user.name}: {user.role}")
    console().print(f"{user.name} may log in as {_called(user)}")


@command.command(name="list")
def listed(*, format: str = "table") -> None:
    """List who may log in.

    Args:
        format: table or json.
    """
    check_format(format, ("table", "json"))
    users = _opened().users.list()
    if format == "json":
        told = [
            {key: each for key, each in user.as_json().items() if key != "id"} for user in users
        ]
        written = json.dumps(told, ensure_ascii=False, indent=2)
        emit(written + "\n", None)
        return
    if not users:
        console().print(
            "nobody logs in yet; add the first user with: dialgauge users add NAME --role owner"
        )
        return
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading in ("name", "role", "sees", "e-mail", "logs in with", ""):
        table.add_column(heading)
    for user in users:
        ways = ["password"] * user.has_password + ["log-in service"] * user.linked
        kept_out = "kept out" if user.disabled else ""
        table.add_row(user.name, _called(user), _sees(user), user.email, ", ".join(ways), kept_out)
    console().print(table)


@command.command
def disable(name: str) -> None:
    """Keep someone out: their sessions and tokens end at once.

    Args:
        name: Whom.
    """
    store = _opened()
    user = store.users.disable(store.users.by_name(name).id)
    store.audit.write(_BY, "user_disabled", user.name)
    console().print(f"{user.name} is kept out; sessions and tokens have ended")


@command.command
def enable(name: str) -> None:
    """Let someone in again.

    Args:
        name: Whom.
    """
    store = _opened()
    user = store.users.enable(store.users.by_name(name).id)
    store.audit.write(_BY, "user_enabled", user.name)
    console().print(f"{user.name} may log in again")


@command.command
def password(name: str, *, password_stdin: _Flag = False) -> None:
    """Give someone a new password; they are logged out everywhere.

    Args:
        name: Whom.
        password_stdin: Read the password from standard input, one line.
    """
    store = _opened()
    user = store.users.by_name(name)
    store.users.set_password(user.id, _password(typed=not password_stdin))
    store.audit.write(_BY, "user_password", user.name)
    console().print(f"{user.name} has a new password")


def _opened() -> Store:
    return application_database(configuration())


def _password(*, typed: bool) -> str:
    """Read a password where nobody sees it; never from the command, which others can list."""
    if not typed:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise UsageError(
            "there is no terminal to type a password at; give it on standard input with "
            "--password-stdin"
        )
    first = getpass.getpass("password (12 characters or more): ")
    if getpass.getpass("once more: ") != first:
        raise UsageError("the two passwords differ; nothing was changed")
    return first


def _called(user: User) -> str:
    return user.role.replace("_", " ")


def _sees(user: User) -> str:
    match user.role:
        case "team_lead":
            return ", ".join(user.teams)
        case "agent":
            return user.agent
    return "everything"
