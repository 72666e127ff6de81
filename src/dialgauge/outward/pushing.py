"""What shall a CRM say about its records, and what would change?

Every lead of the CRM that the conditions choose is told of: who may be called with its score, who
may not with the reason and an empty score, so that nothing stale stays behind. Hours of the day
play no part: what is pushed holds until the next push.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType, ModuleType

from dialgauge.accounts import Connected
from dialgauge.errors import UnknownNameError, UsageError
from dialgauge.gauge import Gauge
from dialgauge.outward.callable import WHY_NOT, Lead, Rules, judged
from dialgauge.outward.chance import Chance, History, learn
from dialgauge.sources.crm.taking import Cell, Change, Refused, Taker, differing
from dialgauge.syncing.feeds import live_account, system_of

_SYSTEMS = ("hubspot", "salesforce")

VALUES: Mapping[str, Callable[[Lead, History], Cell]] = MappingProxyType(
    {
        "score": lambda lead, history: None if lead.why_not else _score(history.of(lead)),
        "reason": lambda lead, history: (
            WHY_NOT[lead.why_not] if lead.why_not else history.of(lead).told
        ),
        "best_hour": lambda lead, history: None if lead.why_not else history.best_hour(lead),
        "callable": lambda lead, _: not lead.why_not,
        "dials": lambda lead, _: lead.dials,
        "last_dial_at": lambda lead, _: (
            None if lead.last_dial_at is None else _instant(lead.last_dial_at)
        ),
    }
)
"""What can be told of a lead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is to be pushed.

    Attributes:
        properties: The CRM's field to a key of `VALUES`.
        where: Conditions on leads.
        rules: Who is left alone; their hours play no part.
        at: The moment of judging.
        history_days: How far back dials count for the score.
    """

    properties: Mapping[str, str]
    where: tuple[str, ...] = ()
    rules: Rules = field(default_factory=Rules)
    at: dt.datetime
    history_days: int = 90

    def __post_init__(self) -> None:
        """Refuse what nobody can tell."""
        if not self.properties:
            raise UsageError(
                "nothing to push; say which property gets what: --property call_score=score"
            )
        for value in self.properties.values():
            if value not in VALUES:
                raise UnknownNameError("value", value, VALUES)


@dataclass(slots=True)
class Pushed:
    """What became of it.

    Attributes:
        records: Of so many records something is told.
        same: So many say it already.
        missing: So many are not in the CRM any more.
        changes: What differs, with what the record says before.
        refused: What the CRM did not take.
    """

    records: int = 0
    same: int = 0
    missing: int = 0
    changes: list[tuple[Change, Mapping[str, object]]] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


def open_taker(account: Connected) -> Taker:
    """Open a CRM to change its records.

    Raises:
        UsageError: It is none that takes values, or a setting is wrong.
    """
    if account.system not in _SYSTEMS:
        raise UsageError(
            f"'{account.name}' is {account.system}, which takes no values; those that do: "
            f"{', '.join(_SYSTEMS)}"
        )
    opened: Taker = _module(account).taker(live_account(account, []))
    return opened


def changes(gauge: Gauge, account: Connected, told: Told) -> list[Change]:
    """Work out what the records of a CRM shall say.

    Raises:
        NoDataError: There are no leads.
        UsageError: A condition cannot be asked of leads.
    """
    prefix = account.options.get("prefix", _module(account).PREFIX)
    rules = replace(told.rules, hours=(0, 24), hours_after_dial=0)
    history = learn(gauge, told.at, told.history_days)
    found = []
    for lead in judged(gauge, told.where, rules, told.at):
        ours = lead.source == account.system and lead.lead_id.startswith(prefix)
        if ours and lead.why_not != "erased":  # its record has another name
            at_any_hour = replace(lead, hour=None)
            values = {
                name: VALUES[value](at_any_hour, history) for name, value in told.properties.items()
            }
            found.append(Change(record=lead.lead_id.removeprefix(prefix), values=values))
    return found


def push(
    taker: Taker, wanted: Sequence[Change], progress: Callable[[str], None], *, dry_run: bool
) -> Pushed:
    """Compare what records say with what they shall say, and change those that differ.

    Args:
        taker: The CRM.
        wanted: What records shall say.
        progress: Told how far it is.
        dry_run: Only compare.

    Raises:
        ForbiddenError: The token may not read or change records; what was changed before stays.
        ServerError: The CRM does not answer; the same.
        UsageError: A field cannot be set.
    """
    fields = tuple(wanted[0].values) if wanted else ()
    pushed = Pushed(records=len(wanted))
    if wanted:
        taker.check(fields)
    for batch in _batches(wanted, taker.size):
        now = taker.there([each.record for each in batch], fields)
        differ = []
        for each in batch:
            if each.record not in now:
                pushed.missing += 1
                continue
            change = differing(each, now[each.record])
            if change.values:
                differ.append(change)
                pushed.changes.append((change, now[each.record]))
            else:
                pushed.same += 1
        if differ and not dry_run:
            pushed.refused += taker.send(differ)
        progress(f"{pushed.same + pushed.missing + len(pushed.changes):,} of {len(wanted):,}")
    return pushed


def _module(account: Connected) -> ModuleType:
    from importlib import import_module  # noqa: PLC0415 - only the system that is meant

    return import_module(f"{system_of(account.system).__name__}.push")


def _batches(wanted: Sequence[Change], size: int) -> Iterator[Sequence[Change]]:
    for begin in range(0, len(wanted), size):
        yield wanted[begin : begin + size]


def _score(chance: Chance) -> float | None:
    return None if chance.score is None else round(chance.score, 4)


def _instant(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
