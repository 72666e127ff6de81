"""Which leads must not be called because the contact that they became says so?

A lead names its contact, a contact not its lead. So each round lists the contacts who said no, for
the leads that changed, and asks for the leads of contacts that changed. Where the user may not read
contacts, leads come without their word.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from dialgauge.errors import ForbiddenError
from dialgauge.sources.crm.api import Api, RefusedError, Row
from dialgauge.sources.crm.pages import EPOCH, begin_at, cursors_at, page_of
from dialgauge.sources.crm.walk import walk
from dialgauge.sources.live import Page, Span
from dialgauge.sources.suitecrm.listing import PAGE, at, listed, listing, written
from dialgauge.sources.suitecrm.rows import CONTACT_SAYS_NO, CONTACTS_SAID

_FEW = 50
_YES = ("1", "true", "yes", "on")


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusals:
    """Which contacts must not be called.

    Attributes:
        contacts: Their identifiers.
        at: When they were read, by the server's clock, or a little before.
    """

    contacts: frozenset[str]
    at: dt.datetime


AskRefusals = Callable[[], Refusals | None]
"""Gives who said no, or None where contacts may not be read."""


def who_said_no(api: Api) -> Refusals | None:
    """List the contacts that must not be called now; None where they may not be read."""
    before = api.now
    try:
        rows = list(_by_id(api, CONTACTS_SAID, {"filter[do_not_call][eq]": "1"}))
    except (ForbiddenError, RefusedError):
        return None
    return Refusals(contacts=frozenset(str(row["id"]) for row in rows), at=before)


def with_contacts(leads: Sequence[Row], refusals: AskRefusals) -> list[Row]:
    """Add to leads what their contacts say, where that is known."""
    if not any(row.get("contact_id") for row in leads):
        return list(leads)
    known = refusals()
    if known is None:
        return list(leads)
    said = dict.fromkeys(known.contacts, True)
    return [_marked(row, said) for row in leads]


def leads_of_contacts(api: Api, span: Span, refusals: AskRefusals) -> Iterator[Page]:
    """Read the leads again whose contact changed; the first time, those whose contact said no.

    Args:
        api: Whom to ask.
        span: From where.
        refusals: Who said no.
    """
    known, since = refusals(), begin_at(span, CONTACTS_SAID)
    if known is None:
        return
    if since > EPOCH:
        walked = walk(listing(api, CONTACTS_SAID, "0", span.end), written(since))
        rows = [row for page in walked for row in page]
    else:
        rows = [{"id": name, "do_not_call": "1"} for name in sorted(known.contacts)]
    if not rows:
        return
    if since > EPOCH or begin_at(span, "leads") > EPOCH:  # else all leads were read just now
        said = {str(row["id"]): str(row.get("do_not_call")).lower() in _YES for row in rows}
        for leads in _leads_of(api, said):
            yield page_of("leads", [_marked(row, said) for row in leads])
    last = max(at(row) for row in rows) if since > EPOCH else known.at
    yield page_of(CONTACTS_SAID, rows, cursors_at(span, CONTACTS_SAID, last, api.now))


def _leads_of(api: Api, contacts: Mapping[str, bool]) -> Iterator[Sequence[Row]]:
    """Get the leads of contacts: of a few one by one, of many by going through all converted."""
    if len(contacts) <= _FEW:
        for name in contacts:
            rules = {"filter[contact_id][eq]": name, "filter[deleted][eq]": "0"}
            if found := listed(api, "leads", rules, "id"):
                yield found
        return
    rows = _by_id(api, "leads", {"filter[contact_id][gt]": "0"})  # greater than nothing
    if found := [row for row in rows if row.get("contact_id") in contacts]:
        yield found


def _by_id(api: Api, stream: str, rules: Mapping[str, str]) -> Iterator[Row]:
    """Go through all records that some rules hold for."""
    after: Mapping[str, str] = {}
    while True:
        page = listed(api, stream, {**rules, "filter[deleted][eq]": "0", **after}, "id")
        yield from page
        if len(page) < PAGE:
            return
        after = {"filter[id][gt]": str(page[-1]["id"])}


def _marked(row: Row, said: Mapping[str, bool]) -> Row:
    contact = row.get("contact_id")
    return {**row, CONTACT_SAYS_NO: said.get(str(contact), False)} if contact else row
