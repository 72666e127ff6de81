"""Whom did we call, and what came of it?

Definitions follow the catalogue: `answered` is a call that anything picked up, `human` one that a
person did, `contact` a conversation. Where a system cannot tell a person from a machine it writes
`answered`, and only its contact flag makes such a call human.
"""

from __future__ import annotations

from dialgauge.model.fact import Fact, Lookup
from dialgauge.model.measure import count, distinct, median, quantile, total
from dialgauge.model.table import Column, Table, Type
from dialgauge.tables.experiments import WHOLE, experiment_dimensions, experiment_lookups
from dialgauge.tables.shared import PHONE_VALIDITY, agent_tenure

RESULTS = (
    "human",
    "machine",
    "answered",
    "busy",
    "no_answer",
    "invalid",
    "congestion",
    "rejected",
    "cancelled",
    "dropped",
    "abandoned",
    "failed",
)

CALLS = Table(
    name="calls",
    key="call_id",
    clock="started_at",
    by_month=True,
    meaning="Attempts to reach someone by phone, and inbound calls; one row a call, not a leg.",
    columns=(
        Column("call_id", Type.TEXT, "Names the call."),
        Column("started_at", Type.TIME, "When dialling began, or the caller was let in."),
        Column("answered_at", Type.TIME, "When something or someone picked up."),
        Column("ended_at", Type.TIME, "When the line was closed."),
        Column("direction", Type.TEXT, "Who called.", ("outbound", "inbound", "internal")),
        Column("result", Type.TEXT, "What the line came to.", RESULTS),
        Column("disposition", Type.TEXT, "The outcome as the system wrote it."),
        Column("contact", Type.BOOL, "A live conversation with a person took place."),
        Column("right_party", Type.BOOL, "The person was the one we wanted."),
        Column("converted", Type.BOOL, "The call reached the campaign's goal."),
        Column("do_not_call", Type.BOOL, "The person asked not to be called again."),
        Column("callback_at", Type.TIME, "When we promised to call again."),
        Column("ended_by", Type.TEXT, "Who hung up: customer, agent or system."),
        Column("ring_s", Type.NUMBER, "Seconds it rang."),
        Column("wait_s", Type.NUMBER, "Seconds the person waited for an agent."),
        Column("talk_s", Type.NUMBER, "Seconds of talk."),
        Column("hold_s", Type.NUMBER, "Seconds on hold."),
        Column("wrap_s", Type.NUMBER, "Seconds of work after the call."),
        Column("campaign_id", Type.TEXT, "The campaign."),
        Column("list_id", Type.TEXT, "The list the lead came from."),
        Column("lead_id", Type.TEXT, "The lead called."),
        Column("customer_id", Type.TEXT, "The customer called."),
        Column("agent_id", Type.TEXT, "The agent who talked."),
        Column("phone_token", Type.TEXT, "Stands for the number; never the number.", personal=True),
        Column("region", Type.TEXT, "Where the called party is."),
        Column("country", Type.TEXT, "ISO 3166 code of the called party's country."),
        Column("line_type", Type.TEXT, "mobile, fixed, toll_free and the like."),
        Column("carrier", Type.TEXT, "To whom the number's prefix was given first."),
        Column("phone_valid", Type.BOOL, "Such a number can exist, by its country's rules."),
        Column("timezone", Type.TEXT, "IANA zone of the called party, or all possible, with |."),
        Column("script", Type.TEXT, "The script used."),
        Column("product", Type.TEXT, "What was offered."),
        Column("cost", Type.MONEY, "What the call itself cost."),
        Column("currency", Type.TEXT, "ISO 4217 code of cost."),
        Column("recording", Type.TEXT, "Where the recording is.", personal=True),
        Column("test", Type.BOOL, "A test call, which never counts."),
        Column("source", Type.TEXT, "The system it was read from."),
        Column("party_id", Type.TEXT, "The lead, else the phone token.", derived=True),
        Column("local_hour", Type.INTEGER, "The called party's hour, 0-23.", derived=True),
        Column("local_weekday", Type.INTEGER, "The same for the day, 1 Monday.", derived=True),
        Column("attempt", Type.INTEGER, "How often the party had been dialled.", derived=True),
        Column("contact_number", Type.INTEGER, "Which contact with it this is.", derived=True),
        Column("recent_dials", Type.INTEGER, "Dials to it in the day before.", derived=True),
        Column("do_not_call_since", Type.TIME, "First earlier request to stop.", derived=True),
    ),
)

_30_DAYS = 30 * 86_400
_OUT = "direction = 'outbound'"
_IN = "direction = 'inbound'"
_ANSWERED = f"{_OUT} and result in ('human', 'machine', 'answered', 'dropped')"
_HUMAN = f"{_OUT} and (result in ('human', 'dropped') or contact)"
_HANDLED = "result in ('human', 'machine', 'answered') and talk_s is not null"
_SERVED = f"{_IN} and result in ('human', 'answered')"
_SHORT_ABANDON = "(result = 'abandoned' and wait_s <= 5)"

CALLS_FACT = Fact(
    table=CALLS,
    clocks=("started_at",),
    left_out={"test": "test", "internal": "direction = 'internal'"},
    placed=("local_hour", "local_weekday"),
    lookups=(
        Lookup(table="agents", on="agent_id"),
        Lookup(table="leads", on="lead_id"),
        Lookup(table="campaigns", on="campaign_id"),
        Lookup(table="journeys", on="party_id"),
        Lookup(table="lifetimes", on="customer_id"),
        Lookup(table="reviewed_calls", on="call_id"),
        *experiment_lookups(call="call_id", lead="lead_id", agent="agent_id"),
    ),
    dimensions={
        "hour": "local_hour",
        "weekday": "local_weekday",
        "campaign": "campaign_id",
        "campaign_period": "periods_between(campaigns.started_on, started_at, 30) + 1",
        "list": "list_id",
        "agent": "agent_id",
        "team": "agents.team",
        "agent_tenure": agent_tenure("started_at"),
        "region": "region",
        "country": "country",
        "line_type": "line_type",
        "carrier": "carrier",
        "phone_validity": PHONE_VALIDITY,
        "timezone": "timezone",
        "lead_source": "leads.lead_source",
        "industry": "leads.industry",
        "product": "product",
        "script": "script",
        "disposition": "disposition",
        "result": "result",
        "attempt": "case when attempt is null then null when attempt = 1 then '1'"
        " when attempt = 2 then '2' when attempt = 3 then '3'"
        " when attempt <= 6 then '4-6' else '7+' end",
        "direction": "direction",
        **experiment_dimensions(call=WHOLE, lead="started_at", agent="started_at"),
        "source": "source",
    },
    measures={
        "dials": count(_OUT),
        "answered": count(_ANSWERED),
        "human": count(_HUMAN),
        "contacts": count(f"{_OUT} and contact"),
        "contacts_reviewed": count(f"{_OUT} and contact and reviewed_calls.reviews > 0"),
        "right_party": count(f"{_OUT} and right_party"),
        "effective": count(f"{_ANSWERED} and talk_s >= 30"),
        "machine": count(f"{_OUT} and result = 'machine'"),
        "invalid": count(f"{_OUT} and result = 'invalid'"),
        "leads_worked": distinct("party_id", _OUT),
        "leads_contacted": distinct("party_id", f"{_OUT} and contact"),
        "leads_converted": distinct("party_id", f"{_OUT} and converted"),
        "talk": total("talk_s", _ANSWERED, empty=None),
        "median_talk": median("talk_s", _ANSWERED),
        "p90_talk": quantile("talk_s", "0.9", _ANSWERED),
        "ring": total("ring_s", _OUT, empty=None),
        "ringing": count(f"{_OUT} and ring_s is not null"),
        "hold": total("hold_s", _OUT, empty=None),
        "held": count(f"{_OUT} and hold_s is not null"),
        "wrap": total("wrap_s", _OUT, empty=None),
        "wrapped": count(f"{_OUT} and wrap_s is not null"),
        "handling": total(
            "talk_s + coalesce(hold_s, 0) + coalesce(wrap_s, 0)",
            f"{_OUT} and {_HANDLED}",
            empty=None,
        ),
        "handled": count(f"{_OUT} and {_HANDLED}"),
        "dropped": count(f"{_OUT} and result = 'dropped'"),
        "dropped_in_30_days": count(f"{_OUT} and result = 'dropped'", trailing=_30_DAYS),
        "human_in_30_days": count(_HUMAN, trailing=_30_DAYS),
        "place_known": count(f"{_OUT} and local_hour is not null"),
        "out_of_hours": count(f"{_OUT} and (local_hour < 8 or local_hour >= 21)"),
        "over_frequency": count(f"{_OUT} and recent_dials >= 3"),
        "do_not_call": count(f"{_OUT} and do_not_call"),
        "do_not_call_violations": count(
            f"{_OUT} and (started_at > do_not_call_since + 10 days"
            " or started_at > leads.do_not_call_at + 10 days)"
        ),
        "conversions": count(f"{_OUT} and converted"),
        "offered": count(_IN),
        "abandoned": count(f"{_IN} and result = 'abandoned'"),
        "offered_over_5s": count(f"{_IN} and not coalesce({_SHORT_ABANDON}, false)"),
        "abandoned_over_5s": count(
            f"{_IN} and result = 'abandoned' and not coalesce({_SHORT_ABANDON}, false)"
        ),
        "served": count(_SERVED),
        "waited": total("wait_s", f"{_SERVED} and wait_s is not null", empty=None),
        "waiting": count(f"{_SERVED} and wait_s is not null"),
        "served_in_20s": count(f"{_SERVED} and wait_s <= 20"),
    },
)
