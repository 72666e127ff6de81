"""Who may be called now, and who must not, and why?

Whatever says no counts, wherever it was said: on the lead, on a call with it, on a call to the
same number. Row rules and conditions choose whose leads are looked at, but a wish not to be called
holds whoever looks. A lead gets the first reason that holds, in the order of `WHY_NOT`.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType

import duckdb

from dialgauge.errors import NoDataError, UsageError
from dialgauge.gauge import Gauge
from dialgauge.lake import view
from dialgauge.lake.names import is_new
from dialgauge.model.question import Question
from dialgauge.outward.register import Register
from dialgauge.plan.zones import zone
from dialgauge.tables.callbacks import CALLBACKS
from dialgauge.tables.calls import CALLS
from dialgauge.tables.customers import CUSTOMERS
from dialgauge.tables.journeys import JOURNEYS
from dialgauge.tables.leads import LEADS
from dialgauge.tables.orders import ORDERS

WHY_NOT: Mapping[str, str] = MappingProxyType(
    {
        "erased": "erased",
        "do_not_call": "asked not to be called",
        "register": "on the do-not-call register",
        "unchecked": "no number to look up in the do-not-call register",
        "invalid": "the number or the person does not exist",
        "converted": "customers already",
        "lost": "given up",
        "attempts": "dialled often enough",
        "contact": "reached a short while ago",
        "dial": "dialled a short while ago",
        "callback": "promised a call later",
        "day": "not a day for calls there",
        "hour": "not the hour there now",
        "zone": "the hour there is not known",
    }
)
"""Why a lead is left out, in the order in which reasons count."""

_ALL = 2**62
_AT_ONCE = 10_000
_PROMISE_HOLDS = dt.timedelta(days=7)
_DAY_H = 24
ALL_DAYS = frozenset(range(7))
"""The days of the week, Monday is 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Who is left alone.

    Attributes:
        most_attempts: Leads that were dialled so often are left out.
        days_after_contact: For so many days after a conversation nobody calls again.
        hours_after_dial: For so many hours after a dial.
        hours: From which hour on and until which the phone may ring, where the lead lives.
        days: On which days of the week, Monday is 0, where the lead lives.
    """

    most_attempts: int = 10
    days_after_contact: int = 30
    hours_after_dial: int = 4
    hours: tuple[int, int] = (8, 21)
    days: frozenset[int] = ALL_DAYS

    def __post_init__(self) -> None:
        """Refuse rules that nobody can mean."""
        if not self.days or not self.days <= ALL_DAYS:
            raise UsageError(f"no days of the week are {sorted(self.days)}; Monday is 0, Sunday 6")
        first, end = self.hours
        if not 0 <= first < end <= _DAY_H:
            raise UsageError(
                f"the hours {first}-{end} cannot be; write the first and the one before which it "
                "ends, such as 9-20, or 0-24 for all"
            )
        for name, least in (
            ("most_attempts", 1),
            ("days_after_contact", 0),
            ("hours_after_dial", 0),
        ):
            if getattr(self, name) < least:
                told = name.replace("_", "-")
                raise UsageError(f"--{told} must be {least} or more, not {getattr(self, name)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """A lead and where it stands.

    Attributes:
        lead_id: Its name, in the team's own systems too.
        token: Stands for its number; empty when that is unknown.
        created_at: When it came in.
        campaign_id, list_id, lead_source, region, country, timezone: As its record says, empty
            when unknown.
        source: The system it came from.
        dials: How often it was dialled.
        last_dial_at: When for the last time.
        promised_at: When a call was promised that is due now and has not been made.
        hour: The hour where it lives; None when that is not certain.
        why_not: A key of `WHY_NOT`; empty when it may be called.
    """

    lead_id: str
    token: str = ""
    created_at: dt.datetime
    campaign_id: str = ""
    list_id: str = ""
    lead_source: str = ""
    region: str = ""
    country: str = ""
    timezone: str = ""
    source: str = ""
    dials: int = 0
    last_dial_at: dt.datetime | None = None
    promised_at: dt.datetime | None = None
    hour: int | None = None
    why_not: str = ""


def judged(
    gauge: Gauge,
    where: Iterable[str],
    rules: Rules,
    at: dt.datetime,
    register: Register | None = None,
) -> list[Lead]:
    """Look at leads and say of each whether it may be called, the oldest first.

    Args:
        gauge: Whose leads; its row rules count.
        where: Conditions on leads, such as `list = '101'`.
        rules: Who is left alone.
        at: The moment of calling.
        register: Numbers that nobody may call.

    Raises:
        NoDataError: There are no leads at all.
        UsageError: A condition cannot be asked of leads.
    """
    with _judgement(gauge, where, rules, at, register) as con:
        return _leads(con, "true")


def callable_leads(
    gauge: Gauge,
    where: Iterable[str],
    rules: Rules,
    at: dt.datetime,
    register: Register | None = None,
) -> tuple[list[Lead], Mapping[str, int]]:
    """Look at leads and give those that may be called; takes and raises what `judged` does.

    Returns:
        The leads, the oldest first, and for each key of `WHY_NOT` how many others it holds for.
    """
    with _judgement(gauge, where, rules, at, register) as con:
        out = dict(con.execute("SELECT why_not, count(*) FROM judged GROUP BY 1").fetchall())
        counts = {why: out[why] for why in WHY_NOT if why in out}
        return _leads(con, "why_not = ''"), MappingProxyType(counts)


@contextlib.contextmanager
def _judgement(
    gauge: Gauge, where: Iterable[str], rules: Rules, at: dt.datetime, register: Register | None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Put the leads into a table `judged`, whose columns are the attributes of `Lead`."""
    snapshot = gauge.lake.snapshot()
    if not snapshot.rows(LEADS):
        raise NoDataError(
            "there are no leads to call; import them first, for example with: "
            "dialgauge import files leads.csv --table leads"
        )
    leads = gauge.rows(Question(kpis=("leads_created",), where=tuple(where)), _ALL)
    with contextlib.closing(gauge.lake.connect()) as con:
        con.register("chosen", leads)
        names = {
            table.name: view(con, snapshot, table)
            for table in (LEADS, JOURNEYS, CALLS, CALLBACKS, CUSTOMERS, ORDERS)
        }
        _look_up(con, names[CALLS.name], register)
        con.execute(
            f"CREATE TEMP TABLE looked AS {_LOOK.format(**names)}",
            {
                "reached": at - dt.timedelta(days=rules.days_after_contact),
                "forgotten": at - _PROMISE_HOLDS,
                "at": at,
            },
        )
        con.unregister("chosen")
        del leads
        _hours_there(con, rules, at)
        con.execute(
            f"CREATE TEMP TABLE judged AS {_JUDGE}",
            {
                "dialled": at - dt.timedelta(hours=rules.hours_after_dial),
                "most": rules.most_attempts,
            },
        )
        yield con


def _look_up(con: duckdb.DuckDBPyConnection, calls: str, register: Register | None) -> None:
    """Put what a register names into `registered`, and leads with a number into `numbered`.

    Both name leads, by their own name or their token; without a register all of them are numbered.
    """
    con.execute("CREATE TEMP TABLE registered (who VARCHAR)")
    con.execute("CREATE TEMP TABLE numbered (who VARCHAR)")
    if register is None:
        con.execute("INSERT INTO numbered SELECT DISTINCT lead_id FROM chosen")
        return
    con.register("register", register.tokens)
    con.execute(
        "INSERT INTO registered SELECT token FROM register UNION"
        f" SELECT lead_id FROM {calls} SEMI JOIN register ON token = phone_token"
        " WHERE lead_id IS NOT NULL"
    )
    con.execute(
        "INSERT INTO numbered SELECT lead_id FROM chosen WHERE phone_token IS NOT NULL UNION"
        f" SELECT lead_id FROM {calls} WHERE lead_id IS NOT NULL AND phone_token IS NOT NULL"
    )
    con.unregister("register")


def _hours_there(con: duckdb.DuckDBPyConnection, rules: Rules, at: dt.datetime) -> None:
    """Say of each zone, in a table `zones`, which hour it is there and why nobody may call."""
    first, end = rules.hours
    con.execute("CREATE TEMP TABLE zones (zone VARCHAR, hour INTEGER, why_not VARCHAR)")
    for (place,) in con.execute("SELECT DISTINCT timezone FROM looked").fetchall():
        moments = _moments(place, at)
        hours = {hour for _, hour in moments}
        if not moments:
            why_not = "zone"
        elif not {day for day, _ in moments} <= rules.days:
            why_not = "day"
        else:
            why_not = "" if all(first <= hour < end for hour in hours) else "hour"
        con.execute(
            "INSERT INTO zones VALUES (?, ?, ?)",
            [
                place,
                next(iter(hours)) if len(hours) == 1 else None,
                "" if rules.hours == (0, _DAY_H) and rules.days == ALL_DAYS else why_not,
            ],
        )


def _leads(con: duckdb.DuckDBPyConnection, condition: str) -> list[Lead]:
    names = [each.name for each in fields(Lead)]
    found = con.execute(
        f"SELECT {', '.join(names)} FROM judged WHERE {condition} ORDER BY created_at, lead_id"
    )
    leads: list[Lead] = []
    while rows := found.fetchmany(_AT_ONCE):
        leads += (Lead(**dict(zip(names, row, strict=True))) for row in rows)
    return leads


def _moments(places: str, at: dt.datetime) -> frozenset[tuple[int, int]]:
    """Give the days of the week and hours that it may be, in all zones that are possible.

    Example:
        >>> noon = dt.datetime(2026, 7, 1, 12, tzinfo=dt.UTC)
        >>> sorted(_moments("America/Denver|America/Phoenix", noon)), sorted(_moments("Mars", noon))
        ([(2, 5), (2, 6)], [])
    """
    found = set()
    for place in filter(None, places.split("|")):
        try:
            there = at.astimezone(zone(place))
            found.add((there.weekday(), there.hour))
        except UsageError:
            return frozenset()
    return frozenset(found)


# What was said by number counts for all leads with it. A call that was promised and is due goes
# before the rules of rest, for it was agreed; a dial since the hour of the promise settles it.
_LOOK = """
WITH numbers AS (
    SELECT phone_token AS who FROM {calls} WHERE do_not_call AND phone_token IS NOT NULL
    UNION SELECT phone_token FROM {leads}
        WHERE (do_not_call OR do_not_call_at IS NOT NULL) AND phone_token IS NOT NULL
), refused AS (
    SELECT who FROM numbers
    UNION SELECT lead_id FROM {calls} WHERE do_not_call AND lead_id IS NOT NULL
    UNION SELECT lead_id FROM {calls} SEMI JOIN numbers ON who = phone_token
        WHERE lead_id IS NOT NULL
    UNION SELECT party_id FROM {journeys} WHERE do_not_call_at IS NOT NULL
), bought AS (
    SELECT lead_id AS who FROM {customers} WHERE lead_id IS NOT NULL
    UNION SELECT lead_id FROM {orders} WHERE lead_id IS NOT NULL
), reached AS (
    SELECT lead_id AS who FROM {calls} WHERE contact AND started_at > $reached
        AND NOT coalesce(test, false) AND lead_id IS NOT NULL
    UNION SELECT phone_token FROM {calls} WHERE contact AND started_at > $reached
        AND NOT coalesce(test, false) AND phone_token IS NOT NULL
), promised AS (
    SELECT party_id, min(due_at) FILTER (due_at > $at) AS later_at,
        max(due_at) FILTER (due_at <= $at AND due_at > $forgotten AND dialled_at IS NULL) AS due_at
    FROM {callbacks} GROUP BY 1
), looked AS (
    SELECT l.lead_id, coalesce(l.phone_token, '') AS token, l.created_at,
        coalesce(l.campaign_id, '') AS campaign_id, coalesce(l.list_id, '') AS list_id,
        coalesce(l.lead_source, '') AS lead_source, coalesce(l.region, '') AS region,
        coalesce(l.country, '') AS country,
        coalesce(l.timezone, j.timezone, k.timezone, '') AS timezone,
        coalesce(l.source, '') AS source,
        coalesce(j.dials, 0) + coalesce(k.dials, 0) AS dials,
        greatest(j.last_dial_at, k.last_dial_at) AS last_dial_at,
        p.later_at,
        CASE WHEN coalesce(greatest(j.last_dial_at, k.last_dial_at) < p.due_at, true)
            THEN p.due_at END AS promised_at,
        coalesce(l.do_not_call, false) OR l.do_not_call_at IS NOT NULL
            OR d.who IS NOT NULL OR e.who IS NOT NULL AS no_call,
        coalesce(l.invalid, false) AS invalid,
        coalesce(l.converted_at, j.converted_at, k.converted_at) IS NOT NULL
            OR l.customer_id IS NOT NULL OR b.who IS NOT NULL AS converted,
        l.lost_at IS NOT NULL AS lost,
        r.who IS NOT NULL OR s.who IS NOT NULL AS reached,
        l.lead_id IN (SELECT who FROM registered)
            OR coalesce(l.phone_token IN (SELECT who FROM registered), false) AS registered,
        l.lead_id NOT IN (SELECT who FROM numbered) AS unchecked
    FROM chosen AS l
    LEFT JOIN {journeys} AS j ON j.party_id = l.lead_id
    LEFT JOIN {journeys} AS k ON k.party_id = l.phone_token
    LEFT JOIN refused AS d ON d.who = l.lead_id
    LEFT JOIN refused AS e ON e.who = l.phone_token
    LEFT JOIN reached AS r ON r.who = l.lead_id
    LEFT JOIN reached AS s ON s.who = l.phone_token
    LEFT JOIN bought AS b ON b.who = l.lead_id
    LEFT JOIN promised AS p ON p.party_id = l.lead_id
)
SELECT * FROM looked
"""

_JUDGE = f"""
SELECT lead_id, token, created_at, campaign_id, list_id, lead_source, region, country, timezone,
    source, dials, last_dial_at, promised_at, z.hour,
    CASE
        WHEN {is_new("lead_id")} THEN 'erased'
        WHEN no_call THEN 'do_not_call'
        WHEN registered THEN 'register'
        WHEN unchecked THEN 'unchecked'
        WHEN invalid THEN 'invalid'
        WHEN converted THEN 'converted'
        WHEN lost THEN 'lost'
        WHEN promised_at IS NOT NULL THEN z.why_not
        WHEN dials >= $most THEN 'attempts'
        WHEN later_at IS NOT NULL THEN 'callback'
        WHEN reached THEN 'contact'
        WHEN last_dial_at > $dialled THEN 'dial'
        ELSE z.why_not
    END AS why_not
FROM looked JOIN zones AS z ON z.zone = looked.timezone
"""
