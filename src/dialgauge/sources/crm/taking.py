"""How does a CRM take values that somebody else worked out?

A system's `push.py` offers `taker(account)`, which knows what a record says now and changes it.
Only what differs is sent, in batches; values are set, never added up, so twice does no harm.
What a server refuses in a batch is sought one by one, so that one bad record stops no other.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from dialgauge.sources.crm.api import Doing, RefusedError

Cell: TypeAlias = str | float | bool | None
"""What a field may be set to; None empties it."""

WRITING = Doing(verb="change", kept="what was changed before stays, push again later")
"""What a server is asked for."""

_CLOSE = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a record shall say.

    Attributes:
        record: Its identifier in the CRM.
        values: Field to value.
    """

    record: str
    values: Mapping[str, Cell]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A record that was not changed, and why."""

    record: str
    why: str


class Taker(Protocol):
    """A CRM that takes values.

    Attributes:
        size: How many records a request may hold.
    """

    size: int

    def check(self, fields: Sequence[str]) -> None:
        """Refuse fields that the CRM does not have, or does not let anybody set.

        Raises:
            UnknownNameError: There is no such field.
            UsageError: It cannot be set.
        """

    def there(
        self, records: Sequence[str], fields: Sequence[str]
    ) -> Mapping[str, Mapping[str, object]]:
        """Say what records hold now; those that do not exist are missing."""

    def send(self, changes: Sequence[Change]) -> Sequence[Refused]:
        """Change records, at most `size`, and say which were refused."""


def differing(change: Change, now: Mapping[str, object]) -> Change:
    """Keep of a change what the record does not say already.

    Example:
        >>> change = Change(record="1", values={"score": 0.25, "why": None})
        >>> dict(differing(change, {"score": "0.250", "why": "x"}).values)
        {'why': None}
    """
    values = {
        name: value for name, value in change.values.items() if not _same(value, now.get(name))
    }
    return Change(record=change.record, values=values)


def one_by_one(
    send: Callable[[Sequence[Change]], Sequence[Refused]], changes: Sequence[Change]
) -> list[Refused]:
    """Send changes, and when the server refuses them all, each half by itself.

    Args:
        send: Sends some.
        changes: What to send.

    Returns:
        The records that the server refuses, with its words.
    """
    try:
        return list(send(changes))
    except RefusedError as error:
        if len(changes) == 1:
            return [Refused(record=changes[0].record, why=str(error))]
    half = len(changes) // 2
    return [*one_by_one(send, changes[:half]), *one_by_one(send, changes[half:])]


def _same(new: Cell, old: object) -> bool:
    a, b = _plain(new), _plain(old)
    if isinstance(a, float) and isinstance(b, float):
        return abs(a - b) <= _CLOSE
    return a == b


def _plain(value: object) -> object:
    """Bring a value to what it means, however a CRM writes it."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    try:
        return float(text)
    except ValueError:
        pass
    try:
        at = dt.datetime.fromisoformat(text)
    except ValueError:
        return text
    return (at if at.tzinfo else at.replace(tzinfo=dt.UTC)).timestamp()
