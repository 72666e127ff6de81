"""What may a user say about their Asterisk that its files do not tell?

Options come as text from the command line (`--option name=value`) and are checked here, once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields

from dialgauge.errors import UnknownNameError, UsageError
from dialgauge.sources.phones import home_of

CAMPAIGN_FIELDS = ("accountcode", "userfield", "dcontext", "none")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the user said; the defaults suit most systems.

    Lists are separated by commas, `*` and `?` in them stand for anything and for one character.

    Attributes:
        extension_length: A number of at most this many digits is an extension, not a phone number.
        trunks: Channels that lead outside, such as `PJSIP/provider,SIP/10*`.
        agents: Channels with a name for a number that are people, such as `SIP/alice,PJSIP/ag_*`.
        outbound_contexts: Dialplan contexts (dcontext) of calls that go out.
        inbound_contexts: Dialplan contexts of calls that come in.
        internal_contexts: Dialplan contexts of calls inside the house.
        outside_prefix: Digits dialled for an outside line, which are no part of the number.
        region: Where numbers without + belong, as a country such as `DE`; empty when unknown.
        columns: The order of a cdr_custom file of one's own, as CDR field names.
        campaign: The CDR field that names the campaign, or `none`; a queue always wins.
        contact_after: Seconds of talk after which an answered call counts as a conversation;
            None when nobody decided, then the CDR's `contact` stays unknown.
        recordings: Whether to keep recording file names, which often contain the phone number.
        server: Put before every call's name, for several Asterisks in one lake.
        horizon: Seconds after which a queue call without an end counts as lost from sight.
        logins: `events` trusts logins and logouts; `activity` takes an agent as logged in from
            the first to the last event, until nothing happens for a horizon.
        queue_direction: `inbound`, or `outbound` where a dialler feeds the queues.
    """

    extension_length: int = 6
    trunks: str = ""
    agents: str = ""
    outbound_contexts: str = ""
    inbound_contexts: str = ""
    internal_contexts: str = ""
    outside_prefix: str = ""
    region: str = ""
    columns: tuple[str, ...] = ()
    campaign: str = "accountcode"
    contact_after: float | None = None
    recordings: bool = False
    server: str = ""
    horizon: int = 4 * 3600
    logins: str = "events"
    queue_direction: str = "inbound"


def read_options(texts: Mapping[str, str]) -> Options:
    """Check options and give them their types.

    Args:
        texts: Option name to its text.

    Raises:
        UnknownNameError: There is no such option.
        UsageError: A value is not allowed.

    Example:
        >>> read_options({"extension_length": "4"}).extension_length
        4
    """
    names = tuple(field.name for field in fields(Options))
    values: dict[str, object] = {}
    for name, text in texts.items():
        if name not in names:
            raise UnknownNameError("asterisk option", name, names)
        values[name] = _READERS.get(name, _plain)(name, text.strip())
    return Options(**values)  # type: ignore[arg-type]


def glob_regex(patterns: str) -> str:
    r"""Write a comma-separated list of patterns as one regular expression for a whole text.

    Example:
        >>> glob_regex("PJSIP/provider, SIP/10*")
        '(?i)(?:PJSIP/provider|SIP/10.*)'
    """
    words = (re.escape(word.strip()) for word in patterns.split(",") if word.strip())
    return "(?i)(?:" + "|".join(w.replace(r"\*", ".*").replace(r"\?", ".") for w in words) + ")"


def _plain(_name: str, text: str) -> str:
    return text


def _whole(name: str, text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise UsageError(f"option {name} is '{text}', but must be a whole number such as 6")
    return int(text)


def _seconds(name: str, text: str) -> float:
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]+)?", text):
        raise UsageError(f"option {name} is '{text}', but must be a number of seconds such as 30")
    return float(text)


def _yes(name: str, text: str) -> bool:
    return _one_of("yes", "no")(name, text.lower()) == "yes"


def _digits(name: str, text: str) -> str:
    if not re.fullmatch(r"[0-9]*", text):
        raise UsageError(f"option {name} is '{text}', but must be digits such as 9")
    return text


def _region(_name: str, text: str) -> str:
    return home_of(text)


def _names(_name: str, text: str) -> tuple[str, ...]:
    return tuple(word.strip().lower() for word in text.split(",") if word.strip())


def _one_of(*allowed: str) -> Callable[[str, str], str]:
    def read(name: str, text: str) -> str:
        if text not in allowed:
            raise UnknownNameError(f"value of option {name}", text, allowed)
        return text

    return read


_READERS: Mapping[str, Callable[[str, str], object]] = {
    "extension_length": _whole,
    "horizon": _whole,
    "outside_prefix": _digits,
    "region": _region,
    "columns": _names,
    "campaign": _one_of(*CAMPAIGN_FIELDS),
    "contact_after": _seconds,
    "recordings": _yes,
    "logins": _one_of("events", "activity"),
    "queue_direction": _one_of("inbound", "outbound"),
}
