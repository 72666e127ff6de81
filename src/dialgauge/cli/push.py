"""`dialgauge push`: what shall the CRM say about its leads?"""

from __future__ import annotations

import datetime as dt
import json
from typing import Annotated

from cyclopts import Parameter
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from dialgauge.asking import moment
from dialgauge.cli.export import check_format, emit
from dialgauge.cli.opening import open_gauge
from dialgauge.cli.progress import telling
from dialgauge.cli.table import console
from dialgauge.cli.trail import audited
from dialgauge.errors import DialgaugeError, UsageError
from dialgauge.outward.callable import Rules
from dialgauge.outward.pushing import Pushed, Told, changes, open_taker, push
from dialgauge.syncing.feeds import named

_SHOWN = 10


class PushError(DialgaugeError):
    """The CRM did not take some records; the others were changed."""


def command(  # noqa: PLR0913 - each option says what is told, of whom, or how
    name: str,
    *,
    properties: Annotated[tuple[str, ...], Parameter(name="--property", negative="")] = (),
    where: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    most_attempts: int = 10,
    days_after_contact: int = 30,
    history_days: int = 90,
    as_of: str | None = None,
    yes: Annotated[bool, Parameter(negative="")] = False,
    format: str = "table",
) -> None:
    """Set properties of a CRM's leads: what would change is shown, and done only with --yes.

    Args:
        name: The system's name in dialgauge.toml, a HubSpot or a Salesforce.
        properties: A property of the CRM and what it gets, such as call_score=score; may be
            repeated. Values are score, reason, best_hour, callable, dials, last_dial_at.
        where: A condition on leads, such as "list = '101'"; may be repeated.
        most_attempts: Leads that were dialled so often may not be called.
        days_after_contact: For so many days after a conversation a lead may not be called.
        history_days: How many days of dials the score is learnt from.
        as_of: The moment of judging; now by default.
        yes: Change the records; without it nothing is sent.
        format: table or json.
    """
    check_format(format, ("table", "json"))
    told = Told(
        properties=_properties(properties),
        where=where,
        rules=Rules(most_attempts=most_attempts, days_after_contact=days_after_contact),
        at=moment(as_of) or dt.datetime.now(dt.UTC),
        history_days=history_days,
    )
    gauge, config = open_gauge()
    (account,) = named(config.sources, (name,))
    taker = open_taker(account)
    with telling(f"push {name}") as progress:
        progress("working out")
        wanted = changes(gauge, account, told)
        if not wanted:
            raise UsageError(
                f"no lead of '{name}' is in the lake; read them first: dialgauge sync {name}"
            )
        pushed = push(taker, wanted, progress, dry_run=not yes)
    if yes:
        done = len(pushed.changes) - len(pushed.refused)
        audited(config, "export", f"{done} records of {name} changed: {', '.join(told.properties)}")
    if format == "json":
        emit(json.dumps(_json(pushed, yes), ensure_ascii=False, indent=2) + "\n", None)
    else:
        _show(pushed, name, console(), done=yes)
    if pushed.refused:
        raise PushError(
            f"{len(pushed.refused):,} of {len(pushed.changes):,} records were refused by '{name}', "
            f"the first with: {pushed.refused[0].why}; mend that there and push again, the others "
            "are done"
        )


def _properties(said: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for each in said:
        name, equals, value = (part.strip() for part in each.partition("="))
        if not (name and equals and value):
            raise UsageError(
                f"--property '{each}' is not understood; write the property and what it gets, such "
                "as call_score=score"
            )
        found[name] = value
    return found


def _json(pushed: Pushed, done: bool) -> dict[str, object]:  # noqa: FBT001 - what was done
    return {
        "records": pushed.records,
        "same": pushed.same,
        "missing": pushed.missing,
        "differ": len(pushed.changes),
        "sent": done,
        "changes": [
            {
                "record": change.record,
                "before": {name: now.get(name) for name in change.values},
                "after": dict(change.values),
            }
            for change, now in pushed.changes
        ],
        "refused": [{"record": each.record, "why": each.why} for each in pushed.refused],
    }


def _show(pushed: Pushed, name: str, to: Console, *, done: bool) -> None:
    refused = {each.record for each in pushed.refused}
    if pushed.changes:
        table = Table(box=SIMPLE_HEAD, pad_edge=False)
        for heading in ("record", "property", "before", "after"):
            table.add_column(heading, overflow="fold")
        for change, now in pushed.changes[:_SHOWN]:
            for field, value in change.values.items():
                cells = (change.record, field, now.get(field), value)
                table.add_row(*(Text("" if cell is None else str(cell)) for cell in cells))
        to.print(table)
    more = len(pushed.changes) - _SHOWN
    if more > 0:
        to.print(f"  and {more:,} more", style="dim")
    changed = len(pushed.changes) - len(refused)
    verb = "were changed" if done else "would change"
    to.print(f"{changed:,} of {pushed.records:,} records of {name} {verb}")
    to.print(f"  {pushed.same:,} say it already", style="dim")
    if pushed.missing:
        to.print(f"  {pushed.missing:,} are not there any more", style="dim")
    for each in pushed.refused:
        to.print(f"  {each.record} was refused: {each.why}", style="yellow", soft_wrap=True)
    if not done and pushed.changes:
        to.print("  nothing was sent; --yes sends it", style="dim")
