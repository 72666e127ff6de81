"""Whom may we call, where did they come from, and what became of them?"""

from __future__ import annotations

from dialgauge.model.fact import Fact, Lookup
from dialgauge.model.measure import count, median
from dialgauge.model.table import Column, Table, Type
from dialgauge.tables.experiments import experiment_dimensions, experiment_lookups
from dialgauge.tables.shared import PHONE_VALIDITY

LEADS = Table(
    name="leads",
    key="lead_id",
    clock="created_at",
    by_month=True,
    meaning="People and firms we may call, one row each.",
    columns=(
        Column("lead_id", Type.TEXT, "Names the lead in calls."),
        Column("created_at", Type.TIME, "When it came in."),
        Column("lead_source", Type.TEXT, "Where it came from."),
        Column("list_id", Type.TEXT, "The list it is on."),
        Column("campaign_id", Type.TEXT, "The campaign it is for."),
        Column("region", Type.TEXT, "Where it is."),
        Column("country", Type.TEXT, "ISO 3166 code of its country."),
        Column("carrier", Type.TEXT, "To whom the number's prefix was given first."),
        Column("phone_valid", Type.BOOL, "Such a number can exist, by its country's rules."),
        Column("timezone", Type.TEXT, "IANA zone it lives in, or all possible, with |."),
        Column("industry", Type.TEXT, "Its trade."),
        Column("attributes", Type.JSON, "Anything else, as a JSON object.", personal=True),
        Column("mql_at", Type.TIME, "When marketing qualified it."),
        Column("sql_at", Type.TIME, "When sales qualified it."),
        Column("converted_at", Type.TIME, "When it became a customer."),
        Column("lost_at", Type.TIME, "When it was given up."),
        Column("invalid", Type.BOOL, "The number or the person does not exist."),
        Column("do_not_call", Type.BOOL, "It must not be called, whenever that was said."),
        Column("do_not_call_at", Type.TIME, "When it asked not to be called again."),
        Column("cost", Type.MONEY, "What was paid for it."),
        Column("currency", Type.TEXT, "ISO 4217 code of cost."),
        Column("customer_id", Type.TEXT, "The customer it became."),
        Column("phone_token", Type.TEXT, "Stands for its number.", personal=True),
        Column("source", Type.TEXT, "The system it was read from."),
    ),
)

_90_DAYS = 90 * 86_400

LEADS_FACT = Fact(
    table=LEADS,
    clocks=("created_at", "mql_at", "sql_at", "converted_at"),
    lookups=(
        Lookup(table="journeys", on="lead_id"),
        Lookup(table="lifetimes", on="customer_id"),
        *experiment_lookups(lead="lead_id"),
    ),
    dimensions={
        "campaign": "campaign_id",
        "list": "list_id",
        "lead_source": "lead_source",
        "region": "region",
        "country": "country",
        "carrier": "carrier",
        "phone_validity": PHONE_VALIDITY,
        "do_not_call": "case when do_not_call or do_not_call_at is not null then 'yes'"
        " when not do_not_call then 'no' end",
        "timezone": "timezone",
        "industry": "industry",
        **experiment_dimensions(lead="journeys.first_dial_at"),
        "source": "source",
    },
    measures={
        "created": count(),
        "dialled_by_end": count("journeys.first_dial_at < bucket_end"),
        "speed": median(
            "seconds_between(created_at, journeys.first_dial_at)",
            "journeys.first_dial_at >= created_at",
        ),
        "never_dialled": count("journeys.first_dial_at is null"),
        "created_5_minutes_ago": count(matures_in=300),
        "dialled_in_5_minutes": count(
            "journeys.first_dial_at between created_at and created_at + 5 minutes",
            matures_in=300,
        ),
        "qualified": count("sql_at is not null", clock="sql_at"),
        "created_90_days_ago": count(matures_in=_90_DAYS),
        "qualified_in_90_days": count("sql_at <= created_at + 90 days", matures_in=_90_DAYS),
        "converted_in_90_days": count("converted_at <= created_at + 90 days", matures_in=_90_DAYS),
        "mql_90_days_ago": count("mql_at is not null", clock="mql_at", matures_in=_90_DAYS),
        "mql_to_sql_in_90_days": count(
            "sql_at <= mql_at + 90 days", clock="mql_at", matures_in=_90_DAYS
        ),
    },
)
