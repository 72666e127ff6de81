"""Whom to call first?

Leads that may be called, each with its score and why, in an order that can be checked. Numbers
are in it only when somebody asks for them and the lake's vault is open; the vault remembers who.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from dialgauge.errors import UnknownNameError, UsageError
from dialgauge.gauge import Gauge
from dialgauge.outward.callable import WHY_NOT, Lead, Rules, callable_leads
from dialgauge.outward.chance import Chance, learn
from dialgauge.outward.register import Register

_NEVER = dt.datetime.min.replace(tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which list.

    Attributes:
        where: Conditions on leads.
        rules: Who is left alone.
        at: The moment of calling.
        order: A key of `ORDERS`.
        limit: At most so many leads.
        history_days: How far back dials count for the score.
        register: Numbers that nobody may call.
    """

    where: tuple[str, ...] = ()
    rules: Rules = field(default_factory=Rules)
    at: dt.datetime
    order: str = "chance"
    limit: int = 1_000
    history_days: int = 90
    register: Register | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be done."""
        if self.order not in ORDERS:
            raise UnknownNameError("order", self.order, ORDERS)
        if self.limit < 1:
            raise UsageError(f"at least 1 lead must be listed, not {self.limit}")
        if self.history_days < 1:
            raise UsageError(f"at least 1 day of dials is needed, not {self.history_days}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A lead on the list.

    Attributes:
        lead: The lead.
        chance: How likely it is reached.
        best_hour: At which hour, where it lives; None when nobody can tell.
        number: Its number; empty unless asked for.
    """

    lead: Lead
    chance: Chance
    best_hour: int | None = None
    number: str = ""

    @property
    def reason(self) -> str:
        """Say why it stands where it does."""
        lead = self.lead
        promised = ""
        if lead.promised_at is not None:
            promised = f"a call was promised for {lead.promised_at:%Y-%m-%d %H:%M} UTC; "
        return f"{promised}{self.chance.told}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallList:
    """Leads to call, the first one first.

    Attributes:
        entries: The leads.
        left_out: Why others are not on it, in words, and how many.
    """

    entries: tuple[Entry, ...]
    left_out: Mapping[str, int]

    def records(self) -> list[dict[str, Any]]:
        """Write the list flat, as a dialler reads CSV; the number only where it is known."""
        return [_record(place, entry) for place, entry in enumerate(self.entries, 1)]


def _waited(entry: Entry) -> dt.datetime:
    return entry.lead.last_dial_at or _NEVER


def _best(entry: Entry) -> tuple[float, int, dt.datetime]:
    score = -1.0 if entry.chance.score is None else entry.chance.score
    return -score, entry.lead.dials, _waited(entry)


ORDERS: Mapping[str, Callable[[Entry], Any]] = MappingProxyType(
    {
        "chance": _best,
        "newest": lambda entry: -entry.lead.created_at.timestamp(),
        "waiting": _waited,
        "attempts": lambda entry: (entry.lead.dials, _waited(entry)),
    }
)
"""How a list may be ordered; promised calls come first in each."""


def call_list(gauge: Gauge, wanted: Wanted) -> CallList:
    """Make a list.

    Raises:
        NoDataError: There are no leads.
        UsageError: A condition cannot be asked of leads.
    """
    leads, not_now = callable_leads(gauge, wanted.where, wanted.rules, wanted.at, wanted.register)
    history = learn(gauge, wanted.at, wanted.history_days)
    out = {WHY_NOT[why]: rows for why, rows in not_now.items()}
    entries = [
        Entry(lead=lead, chance=history.of(lead), best_hour=history.best_hour(lead))
        for lead in leads
    ]
    order = ORDERS[wanted.order]
    entries.sort(key=lambda entry: (entry.lead.promised_at is None, order(entry)))
    once = _once(entries)
    if len(once) < len(entries):
        out["the same number stands further up"] = len(entries) - len(once)
    if len(once) > wanted.limit:
        out["beyond the limit"] = len(once) - wanted.limit
    return CallList(entries=tuple(once[: wanted.limit]), left_out=MappingProxyType(out))


def with_numbers(gauge: Gauge, found: CallList, who: str) -> CallList:
    """Add the numbers, which the vault remembers; leads whose number it lacks are left out.

    Args:
        gauge: Of which lake.
        found: The list.
        who: Who asks for them.

    Raises:
        LakeError: The vault's key is not there.
        UsageError: The lake keeps no numbers.
    """
    vault = gauge.lake.vault
    if not vault.opened:
        raise UsageError(
            "this lake keeps no phone numbers, only tokens; `dialgauge lake vault` keeps those of"
            " later imports. Without --numbers the list names leads by lead_id"
        )
    numbers = vault.show_all([each.lead.token for each in found.entries if each.lead.token], who)
    entries = [
        replace(each, number=numbers[each.lead.token])
        for each in found.entries
        if each.lead.token in numbers
    ]
    out = dict(found.left_out)
    if len(entries) < len(found.entries):
        out["no number in the vault"] = len(found.entries) - len(entries)
    return CallList(entries=tuple(entries), left_out=MappingProxyType(out))


def _once(entries: Iterable[Entry]) -> Sequence[Entry]:
    """Keep the first lead of each number; those whose number is unknown stay."""
    seen: set[str] = set()
    kept = []
    for entry in entries:
        if entry.lead.token and entry.lead.token in seen:
            continue
        seen.add(entry.lead.token)
        kept.append(entry)
    return kept


def _record(place: int, entry: Entry) -> dict[str, Any]:
    lead = entry.lead
    # Digits only: a plus in front would be a formula to a spreadsheet.
    number = {"phone_number": entry.number.lstrip("+")} if entry.number else {}
    return {
        "place": place,
        "lead_id": lead.lead_id,
        **number,
        "campaign_id": lead.campaign_id,
        "list_id": lead.list_id,
        "lead_source": lead.lead_source,
        "region": lead.region,
        "country": lead.country,
        "timezone": lead.timezone,
        "local_hour": lead.hour,
        "best_hour": entry.best_hour,
        "attempt": lead.dials + 1,
        "last_dial_at": lead.last_dial_at and lead.last_dial_at.isoformat(),
        "score": None if entry.chance.score is None else round(entry.chance.score, 4),
        "reason": entry.reason,
    }
