"""What may a user say about their Asterisk that its files do not tell?

Options come as text from the command line (`--option name=value`) and are checked here, once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dialgauge.sources import options

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
    return options.read("asterisk", Options, texts, _READERS)


_READERS: Mapping[str, options.Reader] = {
    "extension_length": options.whole,
    "horizon": options.whole,
    "outside_prefix": options.matching("[0-9]*", "digits such as 9"),
    "region": options.region,
    "columns": options.listed_in_small,
    "campaign": options.one_of(*CAMPAIGN_FIELDS),
    "contact_after": options.seconds,
    "recordings": options.yes,
    "logins": options.one_of("events", "activity"),
    "queue_direction": options.one_of("inbound", "outbound"),
}
