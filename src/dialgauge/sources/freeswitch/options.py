"""What may a user say about their FreeSWITCH that its records do not tell?

Options come as texts, from the command line (`--option name=value`) or from
`[sources.NAME.options]`, and are checked here, once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields

from dialgauge.errors import UnknownNameError, UsageError
from dialgauge.sources.phones import home_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the user said; the defaults suit most systems. Lists are separated by commas.

    Attributes:
        extension_length: A number of at most this many digits is an extension, not a phone number.
        outbound_contexts: Dialplan contexts of calls that go out; `*` stands for anything.
        inbound_contexts: Dialplan contexts of calls that come in.
        internal_contexts: Dialplan contexts of calls inside the house.
        outside_prefix: Digits dialled for an outside line, which are no part of the number.
        region: Where numbers without + belong, as a country such as `DE`; empty when unknown.
        columns: The order of a cdr_csv template of one's own, as names of channel variables.
        campaign: The channel variable that names the campaign, or `none`; a queue always wins.
        lead_id: The channel variable that names the lead; empty for none.
        list_id: The channel variable that names the list; empty for none.
        contact_after: Seconds of talk after which an answered call counts as a conversation; None
            when nobody decided, then `contact` stays unknown but for queues.
        dates: In which order a spreadsheet wrote day, month and year: `ymd`, `dmy` or `mdy`; empty
            when the rows may tell.
        lone_legs: What becomes of a leg whose first leg is not among the rows: `keep aside`, or
            `calls`, where only b-legs are written.
        queue_direction: `inbound`, or `outbound` where people are called and then queued.
        server: Put before every call's name, for several FreeSWITCHes in one lake.
    """

    extension_length: int = 6
    outbound_contexts: tuple[str, ...] = ()
    inbound_contexts: tuple[str, ...] = ()
    internal_contexts: tuple[str, ...] = ()
    outside_prefix: str = ""
    region: str = ""
    columns: tuple[str, ...] = ()
    campaign: str = "accountcode"
    lead_id: str = ""
    list_id: str = ""
    contact_after: float | None = None
    dates: str = ""
    lone_legs: str = "keep aside"
    queue_direction: str = "inbound"
    server: str = ""

    @property
    def own(self) -> tuple[str, ...]:
        """The channel variables that the user named."""
        named = ("" if self.campaign == "none" else self.campaign, self.lead_id, self.list_id)
        return tuple(dict.fromkeys(name for name in named if name))


def read_options(texts: Mapping[str, str]) -> Options:
    """Check options and give them their types.

    Args:
        texts: Option name to its text.

    Raises:
        UnknownNameError: There is no such option, or no such value.
        UsageError: A value is not allowed.

    Example:
        >>> read_options({"columns": "uuid, billsec"}).columns
        ('uuid', 'billsec')
    """
    names = tuple(field.name for field in fields(Options))
    values: dict[str, object] = {}
    for name, text in texts.items():
        if name not in names:
            raise UnknownNameError("freeswitch option", name, names)
        values[name] = _READERS.get(name, _plain)(name, text.strip())
    return Options(**values)  # type: ignore[arg-type]


def _plain(_name: str, text: str) -> str:
    return text


def _names(_name: str, text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _matching(pattern: str, example: str) -> Callable[[str, str], str]:
    def read(name: str, text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise UsageError(f"option {name} is '{text}', but must be such as {example}")
        return text

    return read


def _variables(name: str, text: str) -> tuple[str, ...]:
    return tuple(_VARIABLE(name, word) for word in _names(name, text))


def _one_of(*allowed: str) -> Callable[[str, str], str]:
    def read(name: str, text: str) -> str:
        if text not in allowed:
            raise UnknownNameError(f"value of option {name}", text, allowed)
        return text

    return read


def _region(_name: str, text: str) -> str:
    return home_of(text)


_VARIABLE = _matching(r"[A-Za-z_][A-Za-z0-9_.-]{0,99}", "campaign_id")
_WHOLE = _matching(r"[0-9]{1,2}", "6")
_SECONDS = _matching(r"[0-9]{1,9}(\.[0-9]+)?", "30")
_READERS: Mapping[str, Callable[[str, str], object]] = {
    "extension_length": lambda name, text: int(_WHOLE(name, text)),
    "outbound_contexts": _names,
    "inbound_contexts": _names,
    "internal_contexts": _names,
    "outside_prefix": _matching("[0-9]*", "9"),
    "region": _region,
    "columns": _variables,
    "campaign": _VARIABLE,
    "lead_id": _VARIABLE,
    "list_id": _VARIABLE,
    "contact_after": lambda name, text: float(_SECONDS(name, text)),
    "dates": _one_of("ymd", "dmy", "mdy"),
    "lone_legs": _one_of("keep aside", "calls"),
    "queue_direction": _one_of("inbound", "outbound"),
}
