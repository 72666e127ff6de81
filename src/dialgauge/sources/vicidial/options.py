"""What may a user say about their VICIdial that its tables do not tell?

Options come as texts, from the command line (`--option name=value`) or from
`[sources.NAME.options]`, and are checked here, once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from dialgauge.errors import UnknownNameError, UsageError
from dialgauge.sources import options

CONTACT_FLAGS = (
    *("customer_contact", "sale", "dnc", "not_interested", "scheduled_callback"),
    *("completed", "human_answered", "unworkable"),
)
LEAD_SOURCES = ("source_id", "owner", "list_id", "list_name", "vendor_lead_code")


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the user said; the defaults suit most systems. Lists are separated by commas.

    Attributes:
        contact: The flags of a status that make a call an agent took a conversation.
        credit: Who is the agent of a call that was passed on: `closer`, the last one who talked,
            or `fronter`, the first.
        pdrop: What the status PDROP comes to: `answered`, or `dropped`.
        right_party: The statuses that say we talked to the person we wanted.
        lead_source: The column of vicidial_list that says where a lead came from, or `list_name`.
        paid: Which time is paid: `unknown`; of the logged-in time `all` or what is `billable`; or
            what the `timeclock` says.
        do_not_call_since: Since which day numbers are on a do-not-call list where nothing says
            since when, such as `2026-01-01`; without it they have no moment.
        test_lists: Lists whose calls are tests.
        test_campaigns: Campaigns whose calls are tests.
        recordings: Whether to keep where recordings lie; such addresses often hold the number.
        region: The country of numbers that have no phone code, such as `DE`.
        server: Put before all names, for several VICIdials in one lake.
    """

    contact: tuple[str, ...] = CONTACT_FLAGS[:5]
    credit: str = "closer"
    pdrop: str = "answered"
    right_party: tuple[str, ...] = ()
    lead_source: str = "source_id"
    paid: str = "unknown"
    do_not_call_since: str = ""
    test_lists: tuple[str, ...] = ()
    test_campaigns: tuple[str, ...] = ()
    recordings: bool = False
    region: str = ""
    server: str = ""


def read_options(texts: Mapping[str, str]) -> Options:
    """Check options and give them their types.

    Args:
        texts: Option name to its text.

    Raises:
        UnknownNameError: There is no such option, or no such value.
        UsageError: A value is not allowed.

    Example:
        >>> read_options({"contact": "sale, dnc"}).contact
        ('sale', 'dnc')
    """
    return options.read("vicidial", Options, texts, _READERS)


def _flags(name: str, text: str) -> tuple[str, ...]:
    flags = tuple(word.lower() for word in options.listed(name, text))
    if not flags:
        raise UsageError(f"option {name} is empty; name flags, such as customer_contact,sale")
    for flag in flags:
        if flag not in CONTACT_FLAGS:
            raise UnknownNameError(f"flag of option {name}", flag, CONTACT_FLAGS)
    return flags


def _day(name: str, text: str) -> str:
    try:
        return dt.date.fromisoformat(text.strip()).isoformat()
    except ValueError:
        raise UsageError(f"option {name} is '{text}'; write a day, such as 2026-01-31") from None


_READERS: Mapping[str, options.Reader] = {
    "contact": _flags,
    "credit": options.one_of("closer", "fronter"),
    "pdrop": options.one_of("answered", "dropped"),
    "right_party": options.listed,
    "lead_source": options.one_of(*LEAD_SOURCES),
    "paid": options.one_of("unknown", "all", "billable", "timeclock"),
    "do_not_call_since": _day,
    "test_lists": options.listed,
    "test_campaigns": options.listed,
    "recordings": options.yes,
    "region": options.region,
}
