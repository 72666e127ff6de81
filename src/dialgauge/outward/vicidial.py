"""How does a list get into VICIdial?

In its lead loader's standard format: one line a lead, no header, 25 fields in the order of
`FIELDS`, divided by tabs or bars. The loader splits at every divider and knows no quotes, so no
field may hold one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from dialgauge.errors import UnknownNameError, UsageError
from dialgauge.outward.lists import CallList, Entry

FIELDS = (
    *("vendor_lead_code", "source_id", "list_id", "phone_code", "phone_number"),
    *("title", "first_name", "middle_initial", "last_name"),
    *("address1", "address2", "address3", "city", "state", "province", "postal_code"),
    *("country_code", "gender", "date_of_birth", "alt_phone", "email", "security_phrase"),
    *("comments", "rank", "owner"),
)
"""The fields of a line, in order."""

DIVIDERS: Mapping[str, str] = {"tab": "\t", "pipe": "|"}
"""What may stand between them."""

_LONGEST = {"vendor_lead_code": 20, "source_id": 50, "province": 50, "comments": 255}
_MOST_RANK = 32_767
_FORMULA = ("=", "+", "-", "@")


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A file for the lead loader.

    Attributes:
        text: Its lines.
        leads: How many they are.
        left_out: Why other leads are not in it, and how many.
    """

    text: str
    leads: int
    left_out: Mapping[str, int]


def written(found: CallList, list_id: str, divider: str) -> Written:
    """Write a list for VICIdial's lead loader; its leads must have their numbers.

    The first lead gets the highest rank, so the list order DOWN RANK dials it first.

    Args:
        found: The list.
        list_id: VICIdial's list to load them into; empty for the one each lead is on.
        divider: A key of `DIVIDERS`.

    Raises:
        UnknownNameError: There is no such divider.
        UsageError: VICIdial's lists are named by digits.
    """
    if divider not in DIVIDERS:
        raise UnknownNameError("divider", divider, DIVIDERS)
    if list_id and not re.fullmatch(r"[0-9]{2,14}", list_id):
        raise UsageError(f"VICIdial names lists by 2 to 14 digits, not '{list_id}'")
    out = dict(found.left_out)
    lines = []
    for place, entry in enumerate(found.entries):
        fields, why_not = _fields(entry, list_id, max(1, _MOST_RANK - place))
        if why_not:
            out[why_not] = out.get(why_not, 0) + 1
        else:
            lines.append(DIVIDERS[divider].join(fields[name] for name in FIELDS))
    return Written(text="".join(f"{line}\n" for line in lines), leads=len(lines), left_out=out)


def _fields(entry: Entry, list_id: str, rank: int) -> tuple[Mapping[str, str], str]:
    """Fill the fields of a lead, or say why that cannot be."""
    lead = entry.lead
    parts = _parts(entry.number)
    if parts is None:
        return {}, "a number without a calling code"
    key = _plain("vendor_lead_code", lead.lead_id)
    if key != lead.lead_id:
        return {}, "a lead_id that VICIdial cannot hold, too long or with signs"
    on = list_id or lead.list_id
    if not re.fullmatch(r"[0-9]{2,14}", on):
        return {}, "on no list of VICIdial's; say one with --list-id"
    region = _plain("province", lead.region)
    state = region if re.fullmatch(r"[A-Z]{2}", region) else ""
    filled = {
        "vendor_lead_code": key,
        "source_id": _plain("source_id", lead.lead_source),
        "list_id": on,
        "phone_code": parts[0],
        "phone_number": parts[1],
        "state": state,
        "province": "" if state else region,
        "comments": _plain("comments", entry.reason),
        "rank": str(rank),
    }
    return {name: filled.get(name, "") for name in FIELDS}, ""


def _parts(number: str) -> tuple[str, str] | None:
    """Split a number into its calling code and the rest.

    Example:
        >>> _parts("+4930901820"), _parts("+12125550123"), _parts("030901820")
        (('49', '30901820'), ('1', '2125550123'), None)
    """
    import phonenumbers  # noqa: PLC0415 - slow

    try:
        found = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return None
    return str(found.country_code), phonenumbers.national_significant_number(found)


def _plain(field: str, text: str) -> str:
    """Write a text so that the loader reads one field and no spreadsheet a formula.

    Example:
        >>> _plain("comments", "=1|2" + chr(9) + "x")
        '1 2 x'
    """
    line = re.sub(r"[\x00-\x1f|\"'\\;]+", " ", text).strip()
    while line.startswith(_FORMULA):
        line = line[1:].lstrip()
    return line[: _LONGEST[field]]
