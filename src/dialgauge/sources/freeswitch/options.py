"""What may a user say about their FreeSWITCH that its records do not tell?

Options come as texts, from the command line (`--option name=value`) or from
`[sources.NAME.options]`, and are checked here, once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dialgauge.sources import options


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
    return options.read("freeswitch", Options, texts, _READERS)


def _variables(name: str, text: str) -> tuple[str, ...]:
    return tuple(_VARIABLE(name, word) for word in options.listed(name, text))


def _length(name: str, text: str) -> int:
    return int(options.matching("[0-9]{1,2}", "a whole number below 100, such as 6")(name, text))


_VARIABLE = options.matching(r"[A-Za-z_][A-Za-z0-9_.-]{0,99}", "such as campaign_id")
_READERS: Mapping[str, options.Reader] = {
    "extension_length": _length,
    "outbound_contexts": options.listed,
    "inbound_contexts": options.listed,
    "internal_contexts": options.listed,
    "outside_prefix": options.matching("[0-9]*", "digits such as 9"),
    "region": options.region,
    "columns": _variables,
    "campaign": _VARIABLE,
    "lead_id": _VARIABLE,
    "list_id": _VARIABLE,
    "contact_after": options.seconds,
    "dates": options.one_of("ymd", "dmy", "mdy"),
    "lone_legs": options.one_of("keep aside", "calls"),
    "queue_direction": options.one_of("inbound", "outbound"),
}
