"""How would one get the whole catalogue by month and campaign without dialgauge?

Written by hand for DuckDB as well as we can, one statement a fact: one scan, lookups only of rows
that matter, conditions inside the aggregates, both quantiles of talk from one list, and nothing
but the values: no intervals, no counts of what was left out. What lasts is joined to a small list
of months; what waits for an event is a list of durations.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What is counted on one clock of a fact.

    Attributes:
        rows: A query that gives `moment` (of what the month is taken), `campaign_key` and what
            the cells read; `{calls}` stands for the files of a table, `{now}` for the
            moment of asking, `{windows}` for the list of months.
        cells: Measure to its aggregate.
    """

    rows: str
    cells: Mapping[str, str]


def _count(condition: str) -> str:
    return f"count(CASE WHEN {condition} THEN 1 END)"


def _sum(of: str, condition: str = "true") -> str:
    return f"sum(CASE WHEN {condition} THEN {of} END)"


def _distinct(of: str, condition: str) -> str:
    return f"count(DISTINCT CASE WHEN {condition} THEN {of} END)"


def _median(of: str, condition: str) -> str:
    return f"quantile_cont(CASE WHEN {condition} THEN {of} END, 0.5)"


def _list(of: str, condition: str) -> str:
    return f"list({of}) FILTER ({condition})"


def _month(at: str) -> str:
    """Cut an instant to its month; a third of what `date_trunc` takes on times with a zone."""
    return f"date_trunc('month', make_timestamp(epoch_us({at})))"


def _ripe(at: str, days: int) -> str:
    return f"epoch_us({at}) <= epoch_us({{now}}) - {days * _DAY}"


def _within(later: str, at: str, days: int) -> str:
    return f"epoch_us({later}) <= epoch_us({at}) + {days * _DAY}"


_DAY = 86_400_000_000
_MINUTES = 300_000_000
_ANSWERED = "o AND result IN ('human', 'machine', 'answered', 'dropped')"
_HANDLED = "o AND result IN ('human', 'machine', 'answered') AND talk_s IS NOT NULL"
_SERVED = "i AND result IN ('human', 'answered')"
_SOON = "(result = 'abandoned' AND wait_s <= 5) IS NOT TRUE"
_LATE = f"epoch_us(moment) > epoch_us({{}}) + {10 * _DAY}"

_CALLS = Part(
    rows="""
        SELECT started_at AS moment, campaign_id AS campaign_key, direction = 'outbound' AS o,
            direction = 'inbound' AS i, result, contact, right_party, converted, do_not_call,
            talk_s, ring_s, hold_s, wrap_s, wait_s, party_id, local_hour, recent_dials,
            do_not_call_since, do_not_call_at, reviewed
        FROM {calls}
        LEFT JOIN (SELECT lead_id, do_not_call_at FROM {leads} WHERE do_not_call_at IS NOT NULL)
            USING (lead_id)
        LEFT JOIN (SELECT call_id, true AS reviewed FROM {reviewed_calls} WHERE reviews > 0)
            USING (call_id)
        WHERE test IS NOT TRUE AND direction IS DISTINCT FROM 'internal'
            AND started_at IS NOT NULL""",
    cells={
        "dials": _count("o"),
        "answered": _count(_ANSWERED),
        "human": _count("o AND (result IN ('human', 'dropped') OR contact)"),
        "contacts": _count("o AND contact"),
        "contacts_reviewed": _count("o AND contact AND reviewed"),
        "right_party": _count("o AND right_party"),
        "effective": _count(f"{_ANSWERED} AND talk_s >= 30"),
        "machine": _count("o AND result = 'machine'"),
        "invalid": _count("o AND result = 'invalid'"),
        "leads_worked": _distinct("party_id", "o"),
        "leads_contacted": _distinct("party_id", "o AND contact"),
        "leads_converted": _distinct("party_id", "o AND converted"),
        "talk": _sum("talk_s", _ANSWERED),
        "talks": f"quantile_cont(CASE WHEN {_ANSWERED} THEN talk_s END, [0.5, 0.9])",
        "ring": _sum("ring_s", "o"),
        "ringing": _count("o AND ring_s IS NOT NULL"),
        "hold": _sum("hold_s", "o"),
        "held": _count("o AND hold_s IS NOT NULL"),
        "wrap": _sum("wrap_s", "o"),
        "wrapped": _count("o AND wrap_s IS NOT NULL"),
        "handling": _sum("talk_s + coalesce(hold_s, 0) + coalesce(wrap_s, 0)", _HANDLED),
        "handled": _count(_HANDLED),
        "dropped": _count("o AND result = 'dropped'"),
        "place_known": _count("o AND local_hour IS NOT NULL"),
        "out_of_hours": _count("o AND (local_hour < 8 OR local_hour >= 21)"),
        "over_frequency": _count("o AND recent_dials >= 3"),
        "do_not_call": _count("o AND do_not_call"),
        "do_not_call_violations": _count(
            f"o AND ({_LATE.format('do_not_call_since')} OR {_LATE.format('do_not_call_at')})"
        ),
        "conversions": _count("o AND converted"),
        "offered": _count("i"),
        "abandoned": _count("i AND result = 'abandoned'"),
        "offered_over_5s": _count(f"i AND {_SOON}"),
        "abandoned_over_5s": _count(f"i AND result = 'abandoned' AND {_SOON}"),
        "waited": _sum("wait_s", _SERVED),
        "waiting": _count(f"{_SERVED} AND wait_s IS NOT NULL"),
        "served_in_20s": _count(f"{_SERVED} AND wait_s <= 20"),
    },
)


_SPAN = "(epoch_us({}) - epoch_us({})) / 1e6"
_WORKED = {
    "working": _sum("seconds", "state IN ('available', 'talking', 'hold', 'wrap')"),
    "occupied": _sum("seconds", "state IN ('talking', 'hold', 'wrap')"),
    "available": _sum("seconds", "state = 'available'"),
    "logged_in": _sum("seconds", "state != 'offline'"),
    "paid": _sum("seconds", "paid"),
}
_OVERNIGHT = (
    f"epoch_us(started_at) // {_DAY} != epoch_us(ended_at) // {_DAY}"
    f" AND {_month('started_at')} != {_month('ended_at')}"
)
_AGENT_TIME = (
    # All in the month they begin in; then what is past that month's end moves to the next.
    Part(
        rows=f"""
            SELECT started_at AS moment, campaign_id AS campaign_key, state, paid,
                {_SPAN.format("ended_at", "started_at")} AS seconds
            FROM {{agent_time}}
            WHERE started_at IS NOT NULL AND ended_at IS NOT NULL""",
        cells=_WORKED,
    ),
    Part(
        rows=f"""
            SELECT unnest([started_at, ended_at]) AS moment, campaign_id AS campaign_key, state,
                paid, unnest([-1, 1]) * {_SPAN.format("ended_at", _month("ended_at"))} AS seconds
            FROM {{agent_time}} WHERE {_OVERNIGHT}""",
        cells=_WORKED,
    ),
)

_SOON_DIALLED = (
    f"first_dial_at >= moment AND epoch_us(first_dial_at) <= epoch_us(moment) + {_MINUTES}"
)
_LEADS = (
    Part(
        rows=f"""
            SELECT created_at AS moment, campaign_id AS campaign_key, sql_at, converted_at,
                first_dial_at,
                epoch_us(created_at) <= epoch_us({{now}}) - {_MINUTES} AS cool,
                {_ripe("created_at", 90)} AS ripe
            FROM {{leads}} LEFT JOIN (SELECT party_id AS lead_id, first_dial_at FROM {{journeys}})
                USING (lead_id)
            WHERE created_at IS NOT NULL""",
        cells={
            "created": "count(*)",
            "dialled_by_end": _count(
                f"first_dial_at < {{now}} AND {_month('first_dial_at')} <= month"
            ),
            "speed": _median(_SPAN.format("first_dial_at", "moment"), "first_dial_at >= moment"),
            "never_dialled": _count("first_dial_at IS NULL"),
            "created_5_minutes_ago": _count("cool"),
            "dialled_in_5_minutes": _count(f"cool AND {_SOON_DIALLED}"),
            "created_90_days_ago": _count("ripe"),
            "qualified_in_90_days": _count(f"ripe AND {_within('sql_at', 'moment', 90)}"),
            "converted_in_90_days": _count(f"ripe AND {_within('converted_at', 'moment', 90)}"),
        },
    ),
    Part(
        rows=f"""
            SELECT mql_at AS moment, campaign_id AS campaign_key, sql_at,
                {_ripe("mql_at", 90)} AS ripe
            FROM {{leads}} WHERE mql_at IS NOT NULL""",
        cells={
            "mql_90_days_ago": _count("ripe"),
            "mql_to_sql_in_90_days": _count(f"ripe AND {_within('sql_at', 'moment', 90)}"),
        },
    ),
    Part(
        rows="""
            SELECT sql_at AS moment, campaign_id AS campaign_key FROM {leads}
            WHERE sql_at IS NOT NULL""",
        cells={"qualified": "count(*)"},
    ),
)

_JOURNEYS = (
    Part(
        rows="""
            SELECT first_dial_at AS moment, campaign_id AS campaign_key, first_contact_at
            FROM {journeys} WHERE first_dial_at IS NOT NULL""",
        cells={"dialled": "count(*)", "never_contacted": _count("first_contact_at IS NULL")},
    ),
    Part(
        rows=f"""
            SELECT first_contact_at AS moment, campaign_id AS campaign_key, attempts_to_contact,
                converted_on_first_contact, second_contact_at, dialled_after_contact_at,
                converted_later_at, {_ripe("first_contact_at", 30)} AS ripe
            FROM {{journeys}} WHERE first_contact_at IS NOT NULL""",
        cells={
            "contacted": "count(*)",
            "attempts_to_contact": _sum("attempts_to_contact"),
            "median_attempts_to_contact": _median("attempts_to_contact", "true"),
            "closed_on_first_contact": _count("converted_on_first_contact"),
            "contacted_30_days_ago": _count("ripe"),
            "reached_again_in_30_days": _count(
                f"ripe AND {_within('second_contact_at', 'moment', 30)}"
            ),
            "followed_up": _count("dialled_after_contact_at IS NOT NULL"),
            "converted_on_follow_up": _count("converted_later_at IS NOT NULL"),
        },
    ),
)

_CALLBACKS = Part(
    rows="""
        SELECT due_at AS moment, campaign_id AS campaign_key, dialled_at FROM {callbacks}
        WHERE epoch_us(due_at) <= epoch_us({now}) - 1800000000""",
    cells={"due": "count(*)", "kept": _count("dialled_at IS NOT NULL")},
)

_MEETINGS = (
    Part(
        rows="""
            SELECT set_at AS moment, campaign_id AS campaign_key FROM {meetings}
            WHERE set_at IS NOT NULL""",
        cells={"set": "count(*)"},
    ),
    Part(
        rows="""
            SELECT held_at AS moment, campaign_id AS campaign_key FROM {meetings}
            WHERE held_at IS NOT NULL""",
        cells={"held": "count(*)"},
    ),
    Part(
        rows="""
            SELECT due_at AS moment, campaign_id AS campaign_key, held_at FROM {meetings}
            WHERE due_at <= {now} AND cancelled_at IS NULL""",
        cells={"due": "count(*)", "kept": _count("held_at IS NOT NULL")},
    ),
)

_DEAL_LEAD = """
    LEFT JOIN (SELECT lead_id, campaign_id AS lead_campaign FROM {leads}) USING (lead_id)"""
_FIRST_DIALS = """
    LEFT JOIN (SELECT party_id AS lead_id, first_dial_at FROM {journeys}) USING (lead_id)"""
_CYCLE = """
    greatest((epoch_us(coalesce(closed_at, {now})) - epoch_us(CASE WHEN first_dial_at <=
        coalesce(closed_at, {now}) THEN first_dial_at ELSE created_at END)) / 86400e6, 0)"""
_KNOWN = {
    "deals": f"""
        SELECT deal_id, coalesce(campaign_id, lead_campaign) AS campaign_key, created_at, closed_at,
            status, value, {_CYCLE} AS days
        FROM {{deals}} {_DEAL_LEAD} {_FIRST_DIALS}""",
    "stages": """
        SELECT coalesce(deal_campaign, lead_campaign) AS campaign_key, party_id, entered_at,
            ended_at, forward, norm_id
        FROM {stages}
        LEFT JOIN (SELECT deal_id, campaign_id AS deal_campaign FROM {deals}) USING (deal_id)
        LEFT JOIN (SELECT lead_id AS deal_lead_id, campaign_id AS lead_campaign FROM {leads})
            USING (deal_lead_id)""",
}
"""Facts whose lookups all parts read, so that they are looked up once."""

_DEALS = (
    Part(
        rows="""
            SELECT closed_at AS moment, campaign_key, status, value, days
            FROM known WHERE closed_at IS NOT NULL""",
        cells={
            "won": _count("status = 'won'"),
            "decided": _count("status IN ('won', 'lost')"),
            "won_value": _sum("value", "status = 'won'"),
            "won_with_value": _count("status = 'won' AND value IS NOT NULL"),
            "days_of_won": _sum("days", "status = 'won'"),
            "median_days_of_won": _median("days", "status = 'won'"),
        },
    ),
    Part(
        rows="""
            SELECT created_at AS moment, campaign_key, status, days
            FROM known
            WHERE created_at IS NOT NULL
                AND (closed_at IS NOT NULL OR coalesce(status, 'open') = 'open')""",
        cells={
            "days_to_win": _list("days", "status = 'won'"),
            "days_to_lose": _list("days", "status = 'lost'"),
            "days_open": _list("days", "status IS NULL OR status NOT IN ('won', 'lost')"),
        },
    ),
    Part(
        rows="""
            SELECT low AS moment, campaign_key, value FROM known
            JOIN {windows} ON created_at < high AND (closed_at >= high
                OR (closed_at IS NULL AND coalesce(status, 'open') = 'open'))""",
        cells={"open": "count(*)", "open_value": "sum(value)"},
    ),
)

_STAGES = (
    Part(
        rows="""
            SELECT ended_at AS moment, campaign_key, party_id, forward
            FROM known WHERE ended_at IS NOT NULL""",
        cells={
            "left": "count(DISTINCT party_id)",
            "forward": _distinct("party_id", "forward"),
        },
    ),
    Part(
        rows="""
            SELECT entered_at AS moment, campaign_key, ended_at,
                greatest((epoch_us(coalesce(ended_at, {now})) - epoch_us(entered_at)) / 86400e6,
                    0) AS days
            FROM known WHERE entered_at IS NOT NULL""",
        cells={
            "days": _list("days", "ended_at IS NOT NULL"),
            "days_open": _list("days", "ended_at IS NULL"),
        },
    ),
    Part(
        rows="""
            SELECT low AS moment, campaign_key
            FROM known
            JOIN (SELECT norm_id, usual_s FROM {stage_norms}) USING (norm_id)
            JOIN {windows} ON entered_at < high AND (ended_at IS NULL OR ended_at >= high)
                AND epoch_us(high) - epoch_us(entered_at) > usual_s * 1e6""",
        cells={"stalled": "count(*)"},
    ),
)

_LIFETIMES = (
    Part(
        rows="""
            SELECT acquired_at AS moment, campaign_id AS campaign_key, value, margin_value, worth,
                ended_at, first_order_at, last_order_at, order_days, repeat_worth,
                (greatest(epoch_us(acquired_at), epoch_us(least(ended_at, {now})))
                    - epoch_us(acquired_at)) / 31557600e6 AS years
            FROM {lifetimes} WHERE acquired_at IS NOT NULL""",
        cells={
            "acquired": "count(*)",
            "value": "sum(value)",
            "margin": "sum(margin_value)",
            "worth": "sum(worth)",
            "years": "sum(years)",
            "lost": _count("ended_at <= {now}"),
            "expected_value": "list([order_days - 1, (epoch_us(last_order_at)"
            " - epoch_us(first_order_at)) / 86400e6, (epoch_us({now}) - epoch_us(first_order_at))"
            " / 86400e6, repeat_worth / nullif(order_days - 1, 0)])"
            " FILTER (order_days IS NOT NULL)",
        },
    ),
    Part(
        rows=f"""
            SELECT first_order_at AS moment, campaign_id AS campaign_key, second_order_at
            FROM {{lifetimes}} WHERE {_ripe("first_order_at", 90)}""",
        cells={
            "first_bought_90_days_ago": "count(*)",
            "repeated_in_90_days": _count(_within("second_order_at", "moment", 90)),
        },
    ),
)

_AT_START = "started_at < low AND (ended_at IS NULL OR ended_at >= low)"
_ACTIVE_SPELLS = Part(
    rows="""
        SELECT low AS moment, campaign_id AS campaign_key, low, high, started_at, ended_at
        FROM {active_spells} JOIN {windows}
            ON started_at < high AND (ended_at IS NULL OR ended_at >= low)""",
    cells={
        "active": _count("ended_at IS NULL OR ended_at >= high"),
        "at_start": _count(_AT_START),
        "lost": _count(f"{_AT_START} AND ended_at < high"),
        "kept": _count(f"{_AT_START} AND (ended_at IS NULL OR ended_at >= high)"),
    },
)

_ORDERS = Part(
    rows="""
        SELECT ordered_at AS moment, credited_campaign_id AS campaign_key, value, margin_value,
            customer_id, kind
        FROM {orders} WHERE ordered_at IS NOT NULL""",
    cells={
        "count": "count(*)",
        "revenue": "sum(value)",
        "margin": "sum(margin_value)",
        "with_value": "count(value)",
        "customers": "count(DISTINCT customer_id)",
        "cross_sell": _count("kind = 'cross_sell'"),
        "up_sell": _count("kind = 'up_sell'"),
    },
)

_CATEGORIES = (
    *("labour", "training", "technology", "lead_data", "infrastructure", "management"),
    *("campaign", "other"),
)
_COST_SHARES = Part(
    rows="""
        SELECT low AS moment, campaign_id AS campaign_key, category, CAST(value AS DOUBLE)
            * (least(ends_on + 1, after) - greatest(starts_on, first)) / (ends_on - starts_on + 1)
            AS portion
        FROM {cost_shares} JOIN (
            SELECT low, CAST(low AS DATE) AS first, CAST(high AS DATE) AS after FROM {windows})
            ON starts_on < after AND ends_on >= first""",
    cells={
        "amount": "sum(portion)",
        **{name: _sum("portion", f"category = '{name}'") for name in _CATEGORIES},
    },
)

_CSAT = "kind = 'csat' AND score IS NOT NULL"
_NPS = "kind = 'nps' AND score BETWEEN 0 AND 10 AND coalesce(scale, 10) = 10"
_SURVEYS = Part(
    rows="""
        SELECT asked_at AS moment, campaign_id AS campaign_key, kind, score, scale, answered_at
        FROM {surveys} WHERE asked_at IS NOT NULL""",
    cells={
        "asked": "count(*)",
        "answered": _count("score IS NOT NULL OR answered_at IS NOT NULL"),
        "csat_answers": _count(_CSAT),
        "satisfied": _count(f"{_CSAT} AND score >= coalesce(scale, 5) - 1"),
        "csat_score": _sum("score", _CSAT),
        "nps_answers": _count(_NPS),
        "nps_points": _sum(
            "CASE WHEN score >= 9 THEN 100 WHEN score <= 6 THEN -100 ELSE 0 END", _NPS
        ),
    },
)

_COUNTS = "kind IS DISTINCT FROM 'calibration' AND superseded IS NOT TRUE"
_SCORES = Part(
    rows=f"""
        SELECT reviewed_at AS moment, campaign_id AS campaign_key, score, raw_score, passed,
            auto_failed
        FROM {{scores}} WHERE {_COUNTS} AND reviewed_at IS NOT NULL""",
    cells={
        "scored": "count(score)",
        "score": "sum(score)",
        "raw_score": "sum(raw_score)",
        "passed": _count("passed"),
        "auto_failed": _count("score IS NOT NULL AND auto_failed"),
    },
)

_GIVEN = (
    "score IS NOT NULL AND coalesce(state, 'answered') = 'answered' AND coalesce(max_score, 1) > 0"
)
_REVIEWS = Part(
    rows=f"""
        SELECT reviewed_at AS moment, campaign_key, score, max_score, weight
        FROM {{reviews}} LEFT JOIN (
            SELECT review_id AS score_id, campaign_id AS campaign_key, kind AS score_kind,
                superseded
            FROM {{scores}}) USING (score_id)
        WHERE score_kind IS DISTINCT FROM 'calibration' AND superseded IS NOT TRUE
            AND reviewed_at IS NOT NULL AND {_GIVEN}""",
    cells={
        "points": "sum(coalesce(weight, 1) * score / coalesce(max_score, 1))",
        "possible": "sum(coalesce(weight, 1))",
    },
)

_BOTH = "agent_talk_s + customer_talk_s > 0"
_WHOLE = "agent_talk_s + customer_talk_s + silence_s - coalesce(overlap_s, 0)"
_CONVERSATIONS = Part(
    rows="""
        SELECT started_at AS moment, campaign_id AS campaign_key, agent_talk_s, customer_talk_s,
            silence_s, overlap_s, interruptions, longest_monologue_s, questions, words_per_minute
        FROM {conversations}
        WHERE direction = 'outbound' AND test IS NOT TRUE AND started_at IS NOT NULL""",
    cells={
        "two_sided": _count(_BOTH),
        "talk_share": _sum("agent_talk_s / (agent_talk_s + customer_talk_s)", _BOTH),
        "agent_talk": _sum("agent_talk_s", _BOTH),
        "talk": _sum("agent_talk_s + customer_talk_s", _BOTH),
        "silence": _sum("silence_s", f"{_WHOLE} > 0"),
        "duration": _sum(_WHOLE, f"{_WHOLE} > 0"),
        "interruptions": "sum(interruptions)",
        "with_interruptions": "count(interruptions)",
        "longest_monologue": "sum(longest_monologue_s)",
        "with_monologue": "count(longest_monologue_s)",
        "questions": "sum(questions)",
        "with_questions": "count(questions)",
        "words_per_minute": "sum(words_per_minute)",
        "with_words": "count(words_per_minute)",
    },
)

FACTS: Mapping[str, tuple[Part, ...]] = {
    "calls": (_CALLS,),
    "agent_time": _AGENT_TIME,
    "leads": _LEADS,
    "journeys": _JOURNEYS,
    "callbacks": (_CALLBACKS,),
    "meetings": _MEETINGS,
    "deals": _DEALS,
    "stages": _STAGES,
    "lifetimes": _LIFETIMES,
    "active_spells": (_ACTIVE_SPELLS,),
    "orders": (_ORDERS,),
    "cost_shares": (_COST_SHARES,),
    "surveys": (_SURVEYS,),
    "scores": (_SCORES,),
    "reviews": (_REVIEWS,),
    "conversations": (_CONVERSATIONS,),
}


def query(
    fact: str,
    files: Mapping[str, Sequence[str]],
    months: Sequence[dt.date],
    now: dt.datetime,
    *,
    total: bool = False,
) -> str:
    """Write the statement for one fact by month and campaign.

    Args:
        fact: Its name.
        files: Table name to its Parquet files.
        months: First days of the months, and of the one after.
        now: The moment of asking.
        total: Whether a row over all months and campaigns is wanted.
    """
    at = f"TIMESTAMPTZ '{now.isoformat()}'"
    edges = [f"TIMESTAMPTZ '{min(day.isoformat(), now.isoformat())}'" for day in months]
    listed = ", ".join(f"({low}, {high})" for low, high in itertools.pairwise(edges))
    read = {name: _files(paths) for name, paths in files.items()}
    read |= {"now": at, "windows": f"(VALUES {listed}) AS windows(low, high)"}
    selects = []
    for part in FACTS[fact]:
        cells = ", ".join(f"{of} AS {name}" for name, of in part.cells.items())
        lasts = "{windows}" in part.rows
        groups = "GROUPING SETS ((month, campaign_key), ())" if total and not lasts else "ALL"
        rolled = "grouping(month) = 1" if total and not lasts else "false"
        selects.append(
            f"SELECT month, campaign_key, {rolled} AS is_total, {cells}"
            f" FROM (SELECT *, {_month('moment')} AS month FROM ({part.rows}))"
            f" GROUP BY {groups}".format(**read)
        )
        if total and lasts:
            ever = f"(VALUES (TIMESTAMPTZ '0001-01-01', {edges[-1]})) AS windows(low, high)"
            selects.append(
                f"SELECT true AS is_total, {cells} FROM ({part.rows})".format(
                    **{**read, "windows": ever}
                )
            )
    known = _KNOWN.get(fact, "").format(**read)
    return (f"WITH known AS MATERIALIZED ({known}) " if known else "") + " UNION ALL BY NAME ".join(
        selects
    )


def _files(paths: Sequence[str]) -> str:
    listed = ", ".join(f"'{path}'" for path in paths)
    return f"read_parquet([{listed}], hive_partitioning = false)"
