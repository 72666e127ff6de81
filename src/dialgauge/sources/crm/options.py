"""What may a team decide about its CRM that no API tells?

Options come as texts (`[sources.NAME.options]`, `--option name=value`) and are checked here, once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from dialgauge.errors import UnknownNameError, UsageError
from dialgauge.model.table import Table
from dialgauge.sources import options
from dialgauge.sources.base import stored_columns
from dialgauge.sources.disposition import FLAGS, Dispositions
from dialgauge.tables.calls import CALLS, RESULTS
from dialgauge.tables.customers import CUSTOMERS
from dialgauge.tables.deals import DEALS
from dialgauge.tables.leads import LEADS
from dialgauge.tables.orders import ORDERS

TABLES: Mapping[str, Table] = MappingProxyType(
    {table.name: table for table in (CALLS, LEADS, DEALS, ORDERS, CUSTOMERS)}
)
"""The tables whose columns `fields` may fill."""

Meanings = Mapping[str, Mapping[str, str | bool]]
"""A disposition in lower case to columns and their values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a team decided; the defaults suit most.

    Attributes:
        prefix: Put before every identifier, so that two systems in one lake do not share any.
        fields: Table and column to the CRM's own field that fills it.
        dispositions: What outcomes mean, over what is known of the system.
        contact_after: Seconds of talk after which an answered call counts as a conversation;
            None when nobody decided.
        direction: Which way calls went that do not tell.
        recordings: Whether to keep where recordings are.
        orders: `won` makes an order of each won deal; `none` when orders come from elsewhere.
        currency: Of amounts that do not tell.
        region: Where phone numbers without + belong, as `phones.home_of` gives it.
        types: Kinds of activities that are calls, where a system lets a team name them.
    """

    prefix: str = ""
    fields: Mapping[tuple[str, str], str] = field(default_factory=lambda: MappingProxyType({}))
    dispositions: Dispositions = field(default_factory=Dispositions)
    contact_after: float | None = None
    direction: str = ""
    recordings: bool = False
    orders: str = "none"
    currency: str = ""
    region: str = ""
    types: tuple[str, ...] = ("call",)

    def fields_of(self, table: str) -> Mapping[str, str]:
        """Return column to field for one table."""
        return {column: name for (of, column), name in self.fields.items() if of == table}


def read_options(texts: Mapping[str, str], system: str, prefix: str, known: Meanings) -> Options:
    """Check options and give them their types.

    Args:
        texts: Option name to its text.
        system: The system's name, for errors.
        prefix: The system's own, which an option may replace.
        known: What the system's own dispositions mean.

    Raises:
        UnknownNameError: There is no such option, table, column, result or country.
        UsageError: A value is not allowed.

    Example:
        >>> read_options({"orders": "won"}, "hubspot", "hubspot-", {}).orders
        'won'
    """
    found = options.read(system, Options, {"prefix": prefix, **texts}, _READERS)
    codes = MappingProxyType({**known, **found.dispositions.codes})
    return replace(found, dispositions=Dispositions(codes=codes))


def objects_of(
    system: str, told: str, known: Iterable[str], usual: Iterable[str] | None = None
) -> tuple[str, ...]:
    """Read which of a system's objects are wanted.

    Args:
        system: Its name, for errors.
        told: Their names, between blanks or commas; empty for the usual ones.
        known: All there are; what is wanted comes in their order.
        usual: Those that are read when nothing is said; all by default.

    Raises:
        UnknownNameError: There is no such object.

    Example:
        >>> objects_of("HubSpot", "deals, contacts", ("contacts", "deals", "calls"))
        ('contacts', 'deals')
    """
    names = tuple(known)
    usually = names if usual is None else tuple(usual)
    wanted = tuple(told.replace(",", " ").split()) if told else usually
    for name in wanted:
        if name not in names:
            raise UnknownNameError(f"object of {system}", name, names)
    return tuple(name for name in names if name in wanted)


def own_names(
    setting: str, told: object, known: Iterable[str], example: str
) -> Mapping[str, tuple[str, ...]]:
    """Read which of a team's own fields are asked for, object by object.

    Args:
        setting: Its name, for errors.
        told: Such as `lead.cShop call.cCampaign`, between blanks or commas; None for none.
        known: The objects.
        example: One such field, for errors.

    Raises:
        UsageError: A part is not of that form, or names no object.

    Example:
        >>> own_names("fields", "lead.cShop", ("lead", "call"), "call.cCampaign")
        {'lead': ('cShop',), 'call': ()}
    """
    found: dict[str, tuple[str, ...]] = dict.fromkeys(known, ())
    for each in str(told or "").replace(",", " ").split():
        name, _, field = each.partition(".")
        if name.lower() not in found or not re.fullmatch(r"\w+", field):
            raise UsageError(
                f"{setting} says '{each}'; write the object and its field, such as {example}; "
                f"objects: {', '.join(found)}"
            )
        found[name.lower()] = (*found[name.lower()], field)
    return found


def read_fields(name: str, text: str) -> Mapping[tuple[str, str], str]:
    """Read which of the CRM's fields fill which columns.

    Args:
        name: The option's name, for errors.
        text: Such as `calls.campaign_id = utm_campaign, leads.region = state__c`.

    Raises:
        UnknownNameError: A table or a column does not exist, or is none a source may fill.
        UsageError: A part is not of that form.

    Example:
        >>> dict(read_fields("fields", "deals.campaign_id = utm"))
        {('deals', 'campaign_id'): 'utm'}
    """
    found: dict[tuple[str, str], str] = {}
    for part in filter(None, (each.strip() for each in re.split(r"[,;\n]", text))):
        said = re.fullmatch(r"(\w+)\.(\w+)\s*=\s*([\w. -]+)", part)
        if said is None:
            raise UsageError(
                f"option {name} says '{part}'; write table.column = field, such as "
                "calls.campaign_id = utm_campaign"
            )
        table, column, own = said.groups()
        if table not in TABLES:
            raise UnknownNameError(f"table in option {name}", table, TABLES)
        columns = [each.name for each in stored_columns(TABLES[table])]
        if column not in columns:
            raise UnknownNameError(f"column of {table} in option {name}", column, columns)
        found[table, column] = own.strip()
    return MappingProxyType(found)


def _meanings(name: str, text: str) -> Meanings:
    found: dict[str, Mapping[str, str | bool]] = {}
    for part in filter(None, (each.strip() for each in re.split(r"[;\n]", text))):
        code, colon, words = part.rpartition(":")
        if not colon or not code.strip():
            raise UsageError(
                f"option {name} says '{part}'; write outcome: what it means, such as "
                "Interested: human contact converted"
            )
        meaning: dict[str, str | bool] = {}
        for word in words.split():
            flag = word.removeprefix("not_")
            if word in RESULTS:
                meaning["result"] = word
            elif flag in FLAGS and flag != "result":
                meaning[flag] = not word.startswith("not_")
            else:
                raise UnknownNameError(f"word in option {name}", word, (*RESULTS, *FLAGS[1:]))
        found[code.strip().lower()] = meaning
    return found


def _dispositions(name: str, text: str) -> Dispositions:
    return Dispositions(codes=_meanings(name, text))


def _currency(name: str, text: str) -> str:
    return options.matching("[A-Za-z]{3}", "a code such as EUR")(name, text).upper()


_READERS: Mapping[str, options.Reader] = {
    "dispositions": _dispositions,
    "fields": read_fields,
    "contact_after": options.seconds,
    "direction": options.one_of("outbound", "inbound"),
    "recordings": options.yes,
    "orders": options.one_of("none", "won"),
    "currency": _currency,
    "region": options.region,
    "types": options.listed_in_small,
}
