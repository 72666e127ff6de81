"""What may a user say about their VICIdial that its tables do not tell?

Options come as texts, from the command line (`--option name=value`) or from
`[sources.NAME.options]`, and are checked here, once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields

from dialgauge.errors import UnknownNameError, UsageError
from dialgauge.sources.phones import home_of

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
        paid: Which of the logged-in time is paid: `unknown`, `all`, or `billable`.
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
    names = tuple(field.name for field in fields(Options))
    values: dict[str, object] = {}
    for name, text in texts.items():
        if name not in names:
            raise UnknownNameError("vicidial option", name, names)
        values[name] = _READERS.get(name, _plain)(name, text.strip())
    return Options(**values)  # type: ignore[arg-type]


def _plain(_name: str, text: str) -> str:
    return text


def _names(_name: str, text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _flags(name: str, text: str) -> tuple[str, ...]:
    flags = tuple(word.lower() for word in _names(name, text))
    if not flags:
        raise UsageError(f"option {name} is empty; name flags, such as customer_contact,sale")
    for flag in flags:
        if flag not in CONTACT_FLAGS:
            raise UnknownNameError(f"flag of option {name}", flag, CONTACT_FLAGS)
    return flags


def _one_of(*allowed: str) -> Callable[[str, str], str]:
    def read(name: str, text: str) -> str:
        if text not in allowed:
            raise UnknownNameError(f"value of option {name}", text, allowed)
        return text

    return read


def _yes(name: str, text: str) -> bool:
    return _one_of("yes", "no")(name, text.lower()) == "yes"


def _region(_name: str, text: str) -> str:
    return home_of(text)


_READERS: Mapping[str, Callable[[str, str], object]] = {
    "contact": _flags,
    "credit": _one_of("closer", "fronter"),
    "pdrop": _one_of("answered", "dropped"),
    "right_party": _names,
    "lead_source": _one_of(*LEAD_SOURCES),
    "paid": _one_of("unknown", "all", "billable"),
    "test_lists": _names,
    "test_campaigns": _names,
    "recordings": _yes,
    "region": _region,
}
