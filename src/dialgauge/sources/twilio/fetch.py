"""Which calls does a Twilio account give?

Twilio lists calls from the newest to the oldest and filters by day, so reading goes day by day and
may stop behind any of them. A call's price comes minutes or hours after it, so the last days are
read again each time. The day before, and the one behind a range, are context: a parent and its
children may lie on both sides of midnight, and no call that begins there is made.
"""

from __future__ import annotations

import base64
import datetime as dt
import email.utils
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import pyarrow as pa

from dialgauge.errors import UsageError
from dialgauge.sources.crm.api import Api, Credentials, Row, Service, attempts_of, checked_url
from dialgauge.sources.crm.pages import page_of
from dialgauge.sources.live import Account, Page, Setting, Span, checked_settings, whole
from dialgauge.sources.twilio.names import CALL, CONTEXT, EARLIER

SETTINGS = (
    Setting("account_sid", "What is the account's SID?", "ACxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"),
    Setting("url", "Where is Twilio's API?", "https://api.twilio.com", required=False),
    Setting("since", "From which day on are calls read?", "2026-01-01", required=False),
    Setting("overlap_days", "How many days late may a price come?", "2", required=False),
    Setting("attempts", "How often is a request tried?", "7", required=False),
)
"""What `fetch` must be told."""

SECRETS = (Setting("auth_token", "What is the account's auth token?"),)
"""What `fetch` asks for and nobody writes down."""

_NOTHING = pa.schema([(name, pa.string()) for name in CALL])
_URL = "https://api.twilio.com"
_LISTED = "1000"
_DAY = dt.timedelta(days=1)
_LONG_AGO = dt.timedelta(days=62)


def fetch(account: Account, span: Span) -> Iterator[Page]:
    """Read the calls of an account, day by day.

    Args:
        account: Which, see `SETTINGS` and `SECRETS`.
        span: From where; widened to whole days of UTC.

    Raises:
        ForbiddenError: The token is not accepted.
        ServerError: Twilio does not answer.
        UnknownNameError: A setting does not exist.
        UsageError: A setting is not allowed.
    """
    settings = checked_settings(account.settings, SETTINGS)
    overlap = dt.timedelta(days=whole(settings, "overlap_days", 2, 31))
    since = _since(settings)
    sid = _sid(settings)
    api = _api(account, sid)
    about = api.get(f"/2010-04-01/Accounts/{sid}.json")
    today = api.now.date()
    reached = span.cursors.get("calls")
    if span.start is not None:
        day = span.start.astimezone(dt.UTC).date()
    elif reached is not None:
        day = dt.date.fromisoformat(reached) - overlap
    else:
        day = since or _made(about) or today
    end = today + _DAY if span.end is None else span.end.astimezone(dt.UTC).date() + _DAY
    if span.start is not None or reached is not None:
        yield from _context(api, sid, day - _DAY)
    while day < end:
        after = _month_behind(day)
        # one request tells of a month long ago that there is nothing in it
        if after <= today - _LONG_AGO and not any(_calls(api, sid, day, after, "1")):
            day = after
            continue
        moved = span.end is None and day.isoformat() > (reached or "")
        yield from _day(api, sid, day, {"calls": day.isoformat()} if moved else {})
        day += _DAY
    if span.end is not None and end <= today:
        yield from _context(api, sid, end)


def _day(api: Api, sid: str, day: dt.date, cursors: Mapping[str, str]) -> Iterator[Page]:
    """Read a day; its last page moves the cursor, also when it has no rows."""
    rows: list[Row] = []
    for following in _calls(api, sid, day, day + _DAY, _LISTED):
        if rows:
            yield page_of("calls", rows)
        rows = following
    if rows:
        yield page_of("calls", rows, cursors)
    elif cursors:
        yield Page(stream="calls", rows=_NOTHING.empty_table(), cursors=cursors)


def _context(api: Api, sid: str, day: dt.date) -> Iterator[Page]:
    """Read a day that only helps to understand the one before or behind it."""
    for rows in _calls(api, sid, day, day + _DAY, _LISTED):
        if rows:
            page = page_of("calls", rows)
            marks = pa.array([EARLIER] * page.rows.num_rows, pa.string())
            yield replace(page, rows=page.rows.append_column(CONTEXT, marks))


def probe(account: Account) -> Sequence[str]:
    """Say whose account this is.

    Raises:
        ForbiddenError: The token is not accepted.
        ServerError: Twilio does not answer.
    """
    sid = _sid(checked_settings(account.settings, SETTINGS))
    about = _api(account, sid).get(f"/2010-04-01/Accounts/{sid}.json")
    name, state = about.get("friendly_name"), about.get("status")
    return [f"This is the Twilio account {name} ({state}), made on {_made(about)}."]


def _calls(api: Api, sid: str, first: dt.date, after: dt.date, size: str) -> Iterator[list[Row]]:
    from dlt.sources.helpers.rest_client.paginators import (  # noqa: PLC0415 - slow
        JSONLinkPaginator,
        SinglePagePaginator,
    )

    paginator: Any = JSONLinkPaginator(next_url_path="next_page_uri")
    if size == "1":
        paginator = SinglePagePaginator()
    params = {
        "StartTime>": first.isoformat(),
        "StartTime<": after.isoformat(),
        "PageSize": size,
    }
    for page in api.pages(f"/2010-04-01/Accounts/{sid}/Calls.json", params, paginator, "calls"):
        yield [{name: row.get(name) for name in CALL} for row in page]


def _api(account: Account, sid: str) -> Api:
    settings = account.settings
    credentials = Credentials(
        name="auth_token",
        get=lambda: account.secret("auth_token"),
        stamp=partial(_signed, sid),
    )
    service = Service(
        system="Twilio",
        url=checked_url(settings.get("url") or _URL),
        credentials=credentials,
        attempts=attempts_of(settings),
    )
    return Api(service)


def _signed(sid: str, request: Any, token: str) -> None:
    shown = base64.b64encode(f"{sid}:{token}".encode()).decode()
    request.headers["Authorization"] = f"Basic {shown}"


def _sid(settings: Mapping[str, object]) -> str:
    sid = str(settings["account_sid"])
    if not re.fullmatch("AC[0-9a-fA-F]{32}", sid):
        raise UsageError(f"account_sid is '{sid}', but must be AC and 32 digits or letters a to f")
    return sid


def _since(settings: Mapping[str, object]) -> dt.date | None:
    told = settings.get("since")
    try:
        return None if told in (None, "") else dt.date.fromisoformat(str(told))
    except ValueError:
        raise UsageError(f"since is '{told}', but must be a day such as 2026-01-01") from None


def _made(about: Mapping[str, Any]) -> dt.date | None:
    try:
        return email.utils.parsedate_to_datetime(str(about.get("date_created"))).date()
    except ValueError:
        return None


def _month_behind(day: dt.date) -> dt.date:
    return (day.replace(day=1) + dt.timedelta(days=32)).replace(day=1)
