"""Which plans stand for all, and what are their answers?

Each case is a plan and its answer, derived by hand from `golden_world`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from dialgauge.catalogue.user import built_in
from dialgauge.model.expression import Name
from dialgauge.model.question import Grain, Period, Question
from dialgauge.model.table import Type
from dialgauge.plan.nodes import Bucket, Function, Key, Leg, Offset, Plan, RowsPlan
from dialgauge.plan.planner import plan as plan_question
from legs import aggregation, key, leg, moment, plan, rows_plan

UTC = (Offset(None, 0),)
BERLIN = (
    Offset(None, 7200),
    Offset(int(moment("2026-10-25 01:00").timestamp()), 3600),
)
_TEST = {"test": "test"}
MARCH: Mapping[str, Any] = {"start": "2026-03-01", "end": "2026-04-01"}


@dataclass(frozen=True, slots=True)
class Case:
    """A plan with its answer.

    Attributes:
        plan: What is asked.
        answer: The cells that matter of each row; `left_out` and `is_total` where they are not
            NULL and false.
    """

    plan: Plan
    answer: Sequence[Mapping[str, Any]]


def _period(at: str, grain: Grain, offsets: tuple[Offset, ...], name: str = "period") -> Key:
    type_ = Type.INTEGER if grain is Grain.HOUR else Type.DATE
    return Key(name=name, expression=Bucket(Name(at), grain, offsets), type=type_)


def _second(text: str) -> int:
    return int(moment(text).timestamp())


def _calls(**settings: Any) -> Leg:
    dials = aggregation("calls", "dials", where="direction = 'outbound'")
    return leg("calls", dials, keys=[key("calls", "campaign", "campaign_id")], **settings)


def _one_fact() -> Case:
    dials = aggregation("calls", "dials", where="direction = 'outbound'")
    contacts = aggregation("calls", "contacts", where="direction = 'outbound' and contact")
    by = [key("calls", "campaign", "campaign_id")]
    asked = plan(leg("calls", dials, contacts, keys=by, **MARCH), rate="contacts / dials")
    return Case(
        asked,
        [
            {"campaign": "A", "dials": 3, "contacts": 2, "rate": 2 / 3},
            {"campaign": "B", "dials": 2, "contacts": 1, "rate": 0.5},
            {"campaign": None, "dials": 1, "contacts": 0, "rate": 0.0},
        ],
    )


def _two_facts() -> Case:
    """Campaign B has no leads, D no calls; nothing is divided by zero, nothing is lost."""
    leads = leg(
        "leads",
        aggregation("leads", "created"),
        keys=[key("leads", "campaign", "campaign_id")],
        **MARCH,
    )
    asked = plan(_calls(**MARCH), leads, totals=True, dials_a_lead="dials / created")
    return Case(
        asked,
        [
            {"campaign": "A", "dials": 3, "created": 2, "dials_a_lead": 1.5},
            {"campaign": "B", "dials": 2, "created": 0, "dials_a_lead": None},
            {"campaign": "D", "dials": 0, "created": 1, "dials_a_lead": 0.0},
            {"campaign": None, "dials": 1, "created": 0, "dials_a_lead": None},
            {"campaign": None, "dials": 6, "created": 3, "dials_a_lead": 2.0, "is_total": True},
        ],
    )


def _joins() -> Case:
    """Hired on 20 February, a2 called 11, 17 and 18 days later; a1 was hired in January."""
    talk = aggregation("calls", "talk", Function.SUM, "talk_s", "direction = 'outbound'")
    newcomers = aggregation(
        "calls", "newcomers", where="days_between(agents.hired_on, started_at) < 18"
    )
    by = [key("calls", "team", "agents.team")]
    return Case(
        plan(leg("calls", talk, newcomers, keys=by, **MARCH)),
        [
            {"team": "North", "talk": 180.0, "newcomers": 0},
            {"team": "South", "talk": 40.0, "newcomers": 2},
            {"team": None, "talk": None, "newcomers": 0},
        ],
    )


def _several_clocks() -> Case:
    """1 March 2026 is a Sunday, so its week begins on 23 February."""
    asked = plan(
        leg(
            "leads",
            aggregation("leads", "created", where="clock = 'created_at'"),
            aggregation("leads", "converted", where="clock = 'converted_at'"),
            keys=[_period("at", Grain.WEEK, UTC)],
            clocks=("created_at", "converted_at"),
            **MARCH,
        )
    )
    return Case(
        asked,
        [
            {"period": dt.date(2026, 2, 23), "created": 1, "converted": 0},
            {"period": dt.date(2026, 3, 2), "created": 1, "converted": 0},
            {"period": dt.date(2026, 3, 9), "created": 1, "converted": 1},
        ],
    )


def _spread() -> Case:
    """i1 is cut at 9 and 10 o'clock, i2 has no end, i3 counts from midnight on."""
    asked = plan(
        leg(
            "agent_time",
            aggregation("agent_time", "spent", Function.SUM, "seconds"),
            aggregation("agent_time", "begun", where="opens"),
            keys=[_period("at", Grain.HOUR, UTC)],
            start="2026-03-02",
            end="2026-03-03",
            pieces_s=3600,
        )
    )
    return Case(
        asked,
        [
            {"period": _second("2026-03-02 00:00"), "spent": 1800.0, "begun": 1},
            {"period": _second("2026-03-02 08:00"), "spent": 1800.0, "begun": 1},
            {"period": _second("2026-03-02 09:00"), "spent": 3600.0, "begun": 1},
            {"period": _second("2026-03-02 10:00"), "spent": 900.0, "begun": 0},
        ],
    )


def _left_out() -> Case:
    reasons = {"test": "test", "internal": "direction = 'internal'"}
    return Case(
        plan(_calls(left_out=reasons, **MARCH), totals=True),
        [
            {"campaign": "A", "dials": 2},
            {"campaign": "B", "dials": 2},
            {"campaign": None, "dials": 1},
            {"campaign": None, "dials": 5, "is_total": True},
            {"left_out": "calls.test", "is_total": True, "dials": None, "rows": 1},
            {"left_out": "calls.internal", "is_total": True, "dials": None, "rows": 1},
        ],
    )


def _parts() -> Case:
    """The call of no campaign is in no part; a2's internal call makes a group, but no dial."""
    dials = aggregation("calls", "dials", where="direction = 'outbound'")
    by = [key("calls", "agent", "agent_id")]
    source = leg("calls", dials, keys=by, where="campaign_id is not null", left_out=_TEST, **MARCH)
    return Case(
        plan(replace(source, where=None, part=Name("campaign_id")), totals=True),
        [
            {"part": "A", "agent": "a1", "dials": 2},
            {"part": "A", "agent": "a2", "dials": 0},
            {"part": "A", "agent": None, "dials": 2, "is_total": True},
            {"part": "A", "left_out": "calls.test", "is_total": True, "dials": None, "rows": 1},
            {"part": "B", "agent": "a2", "dials": 2},
            {"part": "B", "agent": None, "dials": 2, "is_total": True},
        ],
    )


def _totals() -> Case:
    """Three different leads in all, though the campaigns' numbers add up to five."""
    worked = aggregation("calls", "worked", Function.DISTINCT, "lead_id", "direction = 'outbound'")
    by = [key("calls", "campaign", "campaign_id")]
    return Case(
        plan(leg("calls", worked, keys=by, **MARCH), totals=True),
        [
            {"campaign": "A", "worked": 3},
            {"campaign": "B", "worked": 2},
            {"campaign": None, "worked": 0},
            {"campaign": None, "worked": 3, "is_total": True},
        ],
    )


def _quantiles() -> Case:
    """Outbound 10, 30, 60 (120 is too long): places 0.2, 1 and 1.8 counted from 0."""
    talk = aggregation(
        "calls", "talk", Function.QUANTILES, "talk_s", "talk_s < 100", fractions=(0.1, 0.5, 0.9)
    )
    asked = plan(
        leg(
            "calls",
            replace(talk, picked=1),
            keys=[key("calls", "direction", "direction")],
            where="direction != 'internal'",
            **MARCH,
        ),
        median="talk",
    )
    return Case(
        asked,
        [
            {"direction": "outbound", "talk": [14.0, 30.0, 54.0], "median": 30.0},
            {"direction": "inbound", "talk": [90.0, 90.0, 90.0], "median": 90.0},
        ],
    )


def _filters() -> Case:
    """c1 and c3 called l1; the attributes of l2 are broken, those of l3 are no object."""
    where = (
        "campaign_id in ('A', 'B') and (talk_s / 2 >= 15) = (result != 'busy')"
        " and starts_with(result, 'hum') and json_text(leads.attributes, 'size') = '10'"
    )
    asked = plan(
        leg(
            "calls",
            aggregation("calls", "found"),
            aggregation(
                "calls", "noted", where=r"json_text(leads.attributes, 'note') = 'it''s a \ slash'"
            ),
            aggregation("calls", "early", where="started_at + 10 hours < '2026-03-03'"),
            aggregation("calls", "odd", where="contains(result, 'zz') or campaign_id is null"),
            where=where,
        )
    )
    return Case(asked, [{"found": 2, "noted": 2, "early": 1, "odd": 0, "is_total": True}])


def _hour_of_an_autumn_night() -> Case:
    """Both calls ring at half past two in Berlin, an hour apart."""
    asked = plan(
        leg(
            "calls",
            aggregation("calls", "dials"),
            keys=[_period("started_at", Grain.HOUR, BERLIN)],
            start="2026-10-25",
            end="2026-10-26",
        )
    )
    return Case(
        asked,
        [
            {"period": _second("2026-10-25 00:00"), "dials": 1},
            {"period": _second("2026-10-25 01:00"), "dials": 1},
        ],
    )


def _calendar() -> Case:
    """Half past eleven on New Year's Eve in UTC is the first day of 2027, a Friday, in Berlin."""
    sunday = Bucket(Name("started_at"), Grain.WEEK, BERLIN, week_starts=7)
    asked = plan(
        leg(
            "calls",
            aggregation("calls", "dials"),
            keys=[
                *(
                    _period("started_at", grain, BERLIN, grain.value)
                    for grain in (Grain.DAY, Grain.MONTH, Grain.QUARTER, Grain.YEAR)
                ),
                Key(name="week", expression=sunday, type=Type.DATE),
            ],
            start="2026-11-01",
        )
    )
    first = dt.date(2027, 1, 1)
    return Case(
        asked,
        [
            {
                "day": first,
                "month": first,
                "quarter": first,
                "year": first,
                "week": dt.date(2026, 12, 27),
                "dials": 1,
            }
        ],
    )


def _no_keys() -> Case:
    """Squares 3600 + 900 + 100 + 14400; products with one second more, the sum of talk besides."""
    out = "direction = 'outbound'"
    asked = plan(
        leg(
            "calls",
            aggregation("calls", "dials", where=out),
            aggregation("calls", "cost", Function.SUM, "cost", out, type_=Type.MONEY),
            aggregation("calls", "squares", Function.SUM_OF_SQUARES, "talk_s", out),
            aggregation(
                "calls", "products", Function.SUM_OF_PRODUCTS, "talk_s", out, other="talk_s + 1"
            ),
            aggregation("calls", "first", Function.MIN, "started_at", type_=Type.TIME),
            aggregation("calls", "last", Function.MAX, "started_at", type_=Type.TIME),
            **MARCH,
        ),
        cost_a_dial="cost / dials",
    )
    answer = {
        "dials": 6,
        "cost": Decimal("0.7600"),
        "squares": 19000.0,
        "products": 19220.0,
        "first": moment("2026-03-02 09:00"),
        "last": moment("2026-03-10 09:30"),
        "cost_a_dial": 0.76 / 6,
        "is_total": True,
    }
    return Case(asked, [answer])


def _nothing() -> Case:
    """No call in 2030: counts are 0, all else is unknown, and there is a total."""
    asked = plan(
        leg(
            "calls",
            aggregation("calls", "dials"),
            aggregation("calls", "talk", Function.SUM, "talk_s"),
            aggregation("calls", "middle", Function.QUANTILES, "talk_s", fractions=(0.5,)),
            keys=[key("calls", "campaign", "campaign_id")],
            start="2030-01-01",
        ),
        totals=True,
        mean="talk / dials",
    )
    empty = {"campaign": None, "dials": 0, "talk": None, "middle": None, "mean": None}
    return Case(asked, [{**empty, "is_total": True}])


def _asked(*kpis: str, **question: Any) -> Plan:
    period = Period(dt.date(2026, 3, 1), dt.date(2026, 5, 1))
    asked = Question(kpis=kpis, period=period, **question)
    return plan_question(asked, built_in(), now=moment("2026-06-01")).plan


def _lives() -> Case:
    """At the end of March d2 and d3 are open, at the end of April d2; one deal is won in March."""
    return Case(
        _asked("pipeline_value", "win_rate", grain=Grain.MONTH),
        [
            {"period": dt.date(2026, 3, 1), "pipeline_value": 47.0, "win_rate": 1.0},
            {"period": dt.date(2026, 4, 1), "pipeline_value": 40.0, "win_rate": 0.0},
            {"is_total": True, "pipeline_value": 40.0, "win_rate": 0.5},
        ],
    )


def _days() -> Case:
    """Two of the three days of s1 lie in March: 66.6666 of 100, and 33.3334 are left for April."""
    return Case(
        _asked("cost", "cost_labour", grain=Grain.MONTH),
        [
            {"period": dt.date(2026, 3, 1), "cost": 66.6666, "cost_labour": 66.6666},
            {"period": dt.date(2026, 4, 1), "cost": 32.3334, "cost_labour": 33.3334},
            {"is_total": True, "cost": 99.0, "cost_labour": 100.0},
        ],
    )


def _times() -> Case:
    """d1 was won after 17 days."""
    return Case(
        _asked("sales_cycle", where=("deal_id = 'd1'",)),
        [{"is_total": True, "deals.days_to_win": [[17.0, 1.0]], "deals.days_to_win:n": 1}],
    )


def _variants() -> Case:
    """c1 by itself, c2 by its lead; c3 by lead A and agent B, c4 by its agent; c5 by nobody.

    The internal call c8 is in it by its agent.
    """
    return Case(
        _asked("contact_rate", by=("variant",), where=("experiment = 'script'",)),
        [
            {"variant": "C", "contact_rate": 1.0, "calls.dials": 1},
            {"variant": "B", "contact_rate": 0.0, "calls.dials": 2},
            {"variant": "several", "contact_rate": 1.0, "calls.dials": 1},
            {"is_total": True, "contact_rate": 0.5, "calls.dials": 4},
            {"left_out": "calls.internal", "is_total": True, "rows": 1},
        ],
    )


def _experiments() -> Case:
    """The lead of c2 was put into a second experiment half an hour before."""
    return Case(
        _asked("dials", by=("experiment",)),
        [
            {"experiment": "script", "dials": 3},
            {"experiment": "several", "dials": 1},
            {"experiment": None, "dials": 1},
            {"is_total": True, "dials": 5},
            {"left_out": "calls.internal", "is_total": True, "rows": 1},
            {"left_out": "calls.test", "is_total": True, "rows": 1},
        ],
    )


CASES: Mapping[str, Case] = {
    "experiments": _experiments(),
    "variants": _variants(),
    "lives": _lives(),
    "days": _days(),
    "times": _times(),
    "one_fact": _one_fact(),
    "two_facts": _two_facts(),
    "joins": _joins(),
    "several_clocks": _several_clocks(),
    "spread": _spread(),
    "left_out": _left_out(),
    "parts": _parts(),
    "totals": _totals(),
    "quantiles": _quantiles(),
    "filters": _filters(),
    "hour_of_an_autumn_night": _hour_of_an_autumn_night(),
    "calendar": _calendar(),
    "no_keys": _no_keys(),
    "nothing": _nothing(),
}
"""Name of the statement's file to the plan and its answer."""


def rows_behind() -> RowsPlan:
    """Ask for the contacts of team North that are no tests; they are c1 and c6."""
    source = leg("calls", where="agents.team = 'North'", left_out={"test": "test"})
    return rows_plan(source, ("call_id",), "contact", limit=10)
