"""`dialgauge lake`: what happened to the lake, and can it be undone?"""

from __future__ import annotations

import json
from typing import Annotated, Any

from cyclopts import App, Parameter
from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from dialgauge.cli.export import check_format, emit
from dialgauge.cli.lake_prepare import prepare
from dialgauge.cli.opening import open_lake
from dialgauge.cli.table import console
from dialgauge.cli.trail import who
from dialgauge.errors import UsageError
from dialgauge.lake.erase import Person
from dialgauge.lake.vault import Vault
from dialgauge.lake.vault import new_key as make_key
from dialgauge.model.csv_text import to_csv
from dialgauge.sources.phones.masking import masked
from dialgauge.syncing.remains import drop_recent, remains

command = App(name="lake", help="See the lake's history; restore, prepare, compact, vacuum, erase.")
"""The commands of this group."""

command.command(prepare)


@command.command
def history(*, format: str = "table") -> None:
    """List the states that can be read, newest first.

    Args:
        format: table or json.
    """
    check_format(format, ("table", "json"))
    states: list[dict[str, Any]] = [
        {
            "version": state.version,
            "at": state.at.isoformat(timespec="seconds"),
            "operation": state.operation,
            "counts": dict(state.counts),
        }
        for state in open_lake().history()
    ]
    if format == "json":
        emit(json.dumps(states, ensure_ascii=False, indent=2) + "\n", None)
        return
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading in ("version", "at", "operation", "rows"):
        table.add_column(heading)
    for state in states:
        counts = ", ".join(f"{name} {rows:,}" for name, rows in state["counts"].items() if rows)
        table.add_row(str(state["version"]), state["at"], state["operation"], counts)
    console().print(table)


@command.command
def restore(version: int) -> None:
    """Go back to an older state, as a new version, so that this can be undone too.

    Args:
        version: As `dialgauge lake history` tells; 0 is the empty lake.
    """
    now = open_lake().restore(version)
    console().print(f"version {now} is as version {version} was")


@command.command
def compact() -> None:
    """Merge small files; the rows stay the same."""
    merged = open_lake().compact()
    console().print(f"{merged} small files were merged")


@command.command
def vacuum(
    *, older_than: float = 30, dry_run: Annotated[bool, Parameter(negative="")] = False
) -> None:
    """Give up states that were overtaken long ago, and the files only they needed.

    Args:
        older_than: Days for which overtaken states are kept.
        dry_run: Only tell what would go.
    """
    gone = open_lake().vacuum(older_than, dry_run=dry_run)
    verb = "would go" if dry_run else "are gone"
    console().print(
        f"{len(gone.versions)} versions and {len(gone.files)} files of {gone.size:,} bytes {verb}"
    )


@command.command
def vault(
    *,
    new_key: Annotated[bool, Parameter(negative="")] = False,
    close: Annotated[bool, Parameter(negative="")] = False,
) -> None:
    """Keep phone numbers from now on, encrypted; or encrypt them with the newest key.

    Args:
        new_key: Only make a key, to be put into DIALGAUGE_VAULT_KEY.
        close: Keep none any more, and forget those there are.
    """
    if new_key:
        console().print(make_key(), highlight=False, soft_wrap=True)
        return
    kept = open_lake().vault
    if close:
        kept.close()
        console().print("the vault is closed, its numbers are forgotten")
    elif kept.opened:
        console().print(f"{kept.seal_anew():,} numbers were encrypted with the newest key")
    else:
        kept.open()
        console().print("phone numbers are kept from the next import on, encrypted")


@command.command
def number(token: str, *, reveal: Annotated[bool, Parameter(negative="")] = False) -> None:
    """Show what a phone token stands for, masked; who looked, and when, is remembered.

    Args:
        token: The phone token, as `dialgauge rows` shows it.
        reveal: Show the whole number.
    """
    kept = _open_vault()
    told = kept.show(token, who()) if reveal else kept.glimpse(token, who(), masked)
    console().print(Text(told))
    if not reveal:
        console().print("--reveal shows all of it", style="dim")


@command.command
def looked(*, format: str = "table") -> None:
    """List who looked at which phone numbers, the latest first.

    Args:
        format: table, csv or json.
    """
    check_format(format, ("table", "csv", "json"))
    found = [
        {"at": at, "who": name, "phone_token": token, "saw": what}
        for at, name, token, what in _open_vault().shown()
    ]
    if format == "json":
        emit(json.dumps(found, ensure_ascii=False, indent=2) + "\n", None)
        return
    if format == "csv":
        emit(to_csv(found), None)
        return
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading in ("at", "who", "phone token", "saw"):
        table.add_column(heading)
    for look in found:
        table.add_row(*(Text(cell) for cell in look.values()))
    console().print(table)


def _open_vault() -> Vault:
    kept = open_lake().vault
    if not kept.opened:
        raise UsageError(
            "this lake keeps no phone numbers, only tokens; `dialgauge lake vault` keeps those of"
            " later imports"
        )
    return kept


@command.command
def erase(
    *,
    lead: str | None = None,
    customer: str | None = None,
    phone_token: str | None = None,
    text: Annotated[tuple[str, ...], Parameter(negative="")] = (),
) -> None:
    """Forget a person, also for later imports: the numbers stay, whose they were does not.

    Args:
        lead: The lead_id to forget.
        customer: The customer_id to forget.
        phone_token: The phone token to forget.
        text: What else tells of the person in refused rows, such as the number; may be repeated.
    """
    person = Person(lead_id=lead, customer_id=customer, phone_token=phone_token, texts=text)
    lake = open_lake()
    erased = lake.erase(person)
    rows = ", ".join(f"{rows} of {name}" for name, rows in erased.rows.items() if rows) or "nothing"
    to = console()
    to.print(f"forgotten: {rows}")
    drop_recent(lake)
    left = remains(lake)
    if left:
        to.print(
            f"rows of {', '.join(left)} stand beside the tables as they came and may name the"
            " person; `dialgauge sync` takes in what waits, as nobody's",
            style="dim",
        )
    if erased.lost:
        lost = ", ".join(str(version) for version in erased.lost)
        to.print(f"versions {lost} knew the person and can no longer be restored", style="dim")


@command.command
def readmit(
    *, lead: str | None = None, customer: str | None = None, phone_token: str | None = None
) -> None:
    """Let imports bring somebody in again who was erased; what was forgotten stays so.

    Args:
        lead: The lead_id.
        customer: The customer_id.
        phone_token: The phone token.
    """
    known = open_lake().readmit(Person(lead_id=lead, customer_id=customer, phone_token=phone_token))
    if known:
        console().print("imports take this person in again from now on")
    else:
        console().print("nobody of this name was erased")
