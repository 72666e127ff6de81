"""Which rows does a Salesforce organisation give?

Each object is asked for what changed, deleted and archived rows included (queryAll), with those of
our fields that the organisation has. Opportunities come with the history of their stage. Contacts,
opportunities and tasks get one column more, the lead they were before it was converted. Leads come
with what the contact they became says of being called, and again when that contact changed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dialgauge.errors import DialgaugeError, UnknownNameError
from dialgauge.sources.crm.api import (
    READING,
    Api,
    Credentials,
    Doing,
    Row,
    Service,
    attempts_of,
    bearer,
    checked_url,
)
from dialgauge.sources.crm.options import objects_of, own_names
from dialgauge.sources.crm.pages import begin_at, cursors_at, page_of
from dialgauge.sources.crm.tokens import new_token
from dialgauge.sources.live import Account, Page, Setting, Span, checked_settings
from dialgauge.sources.salesforce.names import (
    BESIDE,
    CONTACT,
    CONTACT_SAYS_NO,
    CONVERTED,
    FIELDS,
    LEAD_ID,
    OBJECTS,
    ONLY,
)

SETTINGS = (
    Setting("url", "Where is your Salesforce?", "https://acme.my.salesforce.com"),
    Setting(
        "client_id", "What is the consumer key of your app?", "3MVG9...", required=False, asked=True
    ),
    Setting("timezone", "In which zone do days begin?", "Europe/Berlin", required=False),
    Setting("objects", "Which of lead, contact, opportunity, task?", "task", required=False),
    Setting("fields", "Which of your own fields?", "task.Campaign__c", required=False),
    Setting("version", "Which version of the API?", "61.0", required=False),
    Setting("attempts", "How often is a request tried?", "7", required=False),
)
SECRETS = (
    Setting("client_secret", "What is the consumer secret of your app?", required=False),
    Setting("token", "Or, without an app: what is the access token?", required=False),
)

_VERSION = "61.0"
_TOGETHER = 200
_USERS = "SELECT Id, Name, IsActive, UserRole.Name FROM User"
_STAGES = "SELECT Id, ApiName, MasterLabel, SortOrder, IsWon, IsClosed FROM OpportunityStage"


def fetch(account: Account, span: Span) -> Iterator[Page]:
    """Read an organisation of Salesforce.

    Args:
        account: Which, see `SETTINGS` and `SECRETS`.
        span: From where.

    Raises:
        ForbiddenError: The secret is not accepted, or may not read something.
        ServerError: Salesforce does not answer, or today's requests are used up.
        UnknownNameError: A setting, or a field, does not exist.
        UsageError: A setting is not allowed.
    """
    objects, own = _wanted(account)
    api, data = open_api(account), data_path(account)
    for rows in _asked(api, data, _USERS):
        yield page_of("user", rows)
    if "opportunity" in objects:
        for rows in _asked(api, data, _STAGES):
            yield page_of("opportunitystage", rows)
    wanted = _selected(api, data, objects, own)
    for stream in objects:
        query = (
            f"SELECT {wanted[stream]} FROM {OBJECTS[stream]} WHERE {_since(span, stream)}"
            " ORDER BY SystemModstamp, Id"
        )
        for rows in _asked(api, data, query):
            last = dt.datetime.fromisoformat(rows[-1]["SystemModstamp"])
            whole = [_nested(api, row) for row in rows]
            if "lead" in objects and stream in CONVERTED:
                # of a contact that changed the whole lead comes again, of others only its name
                select = wanted["lead"] if stream == "contact" else ""
                leads = _leads_of(api, data, stream, whole, select)
                if leads and stream == "contact":
                    yield page_of("lead", leads)
                whole = _with_leads(stream, whole, leads)
            yield page_of(stream, whole, cursors_at(span, stream, last, api.now))


def probe(account: Account) -> Sequence[str]:
    """Say who asks, and how much there is to read.

    Raises:
        ForbiddenError: The secret is not accepted.
        ServerError: Salesforce does not answer.
    """
    objects, _ = _wanted(account)
    api, data = open_api(account), data_path(account)
    left = api.get(f"{data}/limits").get("DailyApiRequests", {})
    requests = f"{left.get('Remaining', 0):,} of {left.get('Max', 0):,} requests"
    said = [f"This is Salesforce at {account.settings['url']}; {requests} are left today."]
    for stream in objects:
        only = f" WHERE {ONLY[stream]}" if stream in ONLY else ""
        query = f"SELECT count() FROM {OBJECTS[stream]}{only}"
        try:
            found = api.get(f"{data}/query", {"q": query})
        except DialgaugeError as error:
            said.append(f"{OBJECTS[stream]} cannot be read: {error}.")
        else:
            said.append(f"There are {found['totalSize']:,} rows of {OBJECTS[stream]}.")
    return said


def open_api(account: Account, doing: Doing = READING) -> Api:
    """Make ready to ask an account.

    Args:
        account: Which.
        doing: For what.

    Raises:
        UsageError: Its address cannot be used, or the extra is not installed.
    """
    url = checked_url(account.settings["url"])
    attempts = attempts_of(account.settings)
    client = account.settings.get("client_id")

    def token() -> str:
        if not client:
            return account.secret("token")
        form = {
            "grant_type": "client_credentials",
            "client_id": str(client),
            "client_secret": account.secret("client_secret"),
        }
        giver = Service(system="Salesforce", url=url, attempts=attempts)
        return new_token(giver, "/services/oauth2/token", form)

    credentials = Credentials(name="token", get=token, stamp=bearer, renewable=bool(client))
    return Api(
        Service(
            system="Salesforce",
            url=url,
            credentials=credentials,
            headers={"Sforce-Query-Options": "batchSize=2000"},
            hopeless=lambda _, said: "REQUEST_LIMIT_EXCEEDED" in said,
            attempts=attempts,
            doing=doing,
        )
    )


def data_path(account: Account) -> str:
    """Say where an organisation's API begins, with its version."""
    return f"/services/data/v{account.settings.get('version') or _VERSION}"


def _selected(
    api: Api, data: str, objects: Sequence[str], own: Mapping[str, Sequence[str]]
) -> Mapping[str, str]:
    """Write what is asked for of each object: what the organisation has, and shows this user."""
    there = {
        stream: [each["name"] for each in api.get(_about(data, stream))["fields"]]
        for stream in objects
    }
    found = {}
    for stream, fields in there.items():
        for name in own[stream]:
            if name not in fields:
                raise UnknownNameError(f"field of {OBJECTS[stream]}", name, fields)
        names = [name for name in (*FIELDS[stream], *own[stream]) if name in fields]
        if stream == "lead" and CONTACT_SAYS_NO in there.get("contact", ()):
            names.append(f"{CONTACT}.{CONTACT_SAYS_NO}")
        found[stream] = ", ".join((*dict.fromkeys(names), *BESIDE.get(stream, ())))
    return found


def _about(data: str, stream: str) -> str:
    return f"{data}/sobjects/{OBJECTS[stream]}/describe"


def _wanted(account: Account) -> tuple[tuple[str, ...], Mapping[str, Sequence[str]]]:
    """Say which objects are read, and which of the team's fields of each."""
    settings = checked_settings(account.settings, SETTINGS)
    objects = objects_of("Salesforce", str(settings.get("objects") or "").lower(), OBJECTS)
    return objects, own_names("fields", settings.get("fields"), OBJECTS, "task.Campaign__c")


def _since(span: Span, stream: str) -> str:
    found = [f"SystemModstamp >= {_literal(begin_at(span, stream))}"]
    if span.end is not None:
        found.append(f"SystemModstamp < {_literal(span.end)}")
    if stream in ONLY:
        found.append(ONLY[stream])
    return " AND ".join(found)


def _literal(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _asked(api: Api, data: str, query: str) -> Iterator[list[Row]]:
    from dlt.sources.helpers.rest_client.paginators import JSONLinkPaginator  # noqa: PLC0415 - slow

    return api.pages(
        f"{data}/queryAll", {"q": query}, JSONLinkPaginator("nextRecordsUrl"), "records"
    )


def _nested(api: Api, row: Row) -> Row:
    """Get the rest of lists within a row, which have pages of their own."""
    whole = {name: value for name, value in row.items() if name != "attributes"}
    for name, value in whole.items():
        if isinstance(value, dict) and "records" in value:
            records, more = list(value["records"]), value.get("nextRecordsUrl")
            while more:
                page: Any = api.get(more)
                records += page["records"]
                more = page.get("nextRecordsUrl")
            whole[name] = [
                {key: each[key] for key in each if key != "attributes"} for each in records
            ]
    return whole


def _leads_of(api: Api, data: str, stream: str, rows: Sequence[Row], select: str) -> Sequence[Row]:
    """Get the leads that were converted into what these rows name."""
    field, became = CONVERTED[stream]
    names = sorted({row[field] for row in rows if row.get(field)})
    leads: list[Row] = []
    for begin in range(0, len(names), _TOGETHER):
        listed = ", ".join(f"'{name}'" for name in names[begin : begin + _TOGETHER])
        query = f"SELECT {select or f'Id, {became}'} FROM Lead WHERE {became} IN ({listed})"
        for page in _asked(api, data, query):
            leads += [_nested(api, row) for row in page]
    return leads


def _with_leads(stream: str, rows: Sequence[Row], leads: Sequence[Row]) -> list[Row]:
    """Say of each row which lead it was before that was converted."""
    field, became = CONVERTED[stream]
    names = {row[became]: row["Id"] for row in leads}
    return [{**row, LEAD_ID: names.get(row.get(field) or "")} for row in rows]
