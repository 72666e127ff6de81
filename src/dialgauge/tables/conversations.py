"""How did people talk on each call?"""

from __future__ import annotations

from dialgauge.model.fact import Fact, Lookup
from dialgauge.model.measure import count, total
from dialgauge.model.table import Column, Table, Type
from dialgauge.tables.experiments import WHOLE, experiment_dimensions, experiment_lookups
from dialgauge.tables.shared import SOURCE, agent_tenure

CONVERSATIONS = Table(
    name="conversations",
    key="call_id",
    clock=None,
    meaning="What was measured in the recordings of calls, one row a call.",
    columns=(
        Column("call_id", Type.TEXT, "The call."),
        Column("agent_talk_s", Type.NUMBER, "Seconds the agent spoke."),
        Column("customer_talk_s", Type.NUMBER, "Seconds the customer spoke."),
        Column("silence_s", Type.NUMBER, "Seconds nobody spoke."),
        Column("overlap_s", Type.NUMBER, "Seconds both spoke."),
        Column("interruptions", Type.INTEGER, "How often the agent cut in."),
        Column("longest_monologue_s", Type.NUMBER, "The agent's longest turn."),
        Column("questions", Type.INTEGER, "Questions the agent asked."),
        Column("words_per_minute", Type.NUMBER, "How fast the agent spoke."),
        Column("quality_flags", Type.TEXT, "What makes the measurement doubtful."),
        SOURCE,
        Column("started_at", Type.TIME, "When the call began.", derived=True),
        Column("direction", Type.TEXT, "The call's direction.", derived=True),
        Column("test", Type.BOOL, "It was a test call.", derived=True),
        Column("campaign_id", Type.TEXT, "The call's campaign.", derived=True),
        Column("list_id", Type.TEXT, "The call's list.", derived=True),
        Column("lead_id", Type.TEXT, "The call's lead.", derived=True),
        Column("agent_id", Type.TEXT, "The call's agent.", derived=True),
        Column("product", Type.TEXT, "The call's product.", derived=True),
        Column("script", Type.TEXT, "The call's script.", derived=True),
        Column("local_hour", Type.INTEGER, "The called party's hour.", derived=True),
        Column("local_weekday", Type.INTEGER, "The called party's day.", derived=True),
        Column("converted", Type.BOOL, "The call converted.", derived=True),
    ),
)

_OUT = "direction = 'outbound'"
_BOTH = f"{_OUT} and agent_talk_s + customer_talk_s > 0"
_WHOLE = "agent_talk_s + customer_talk_s + silence_s - coalesce(overlap_s, 0)"

CONVERSATIONS_FACT = Fact(
    table=CONVERSATIONS,
    clocks=("started_at",),
    left_out={"test": "test", "internal": "direction = 'internal'"},
    placed=("local_hour", "local_weekday"),
    lookups=(
        Lookup(table="agents", on="agent_id"),
        Lookup(table="leads", on="lead_id"),
        Lookup(table="journeys", on="lead_id"),
        *experiment_lookups(call="call_id", lead="lead_id", agent="agent_id"),
    ),
    dimensions={
        "hour": "local_hour",
        "weekday": "local_weekday",
        "campaign": "campaign_id",
        "list": "list_id",
        "agent": "agent_id",
        "team": "agents.team",
        "agent_tenure": agent_tenure("started_at"),
        "region": "leads.region",
        "country": "leads.country",
        "lead_source": "leads.lead_source",
        "industry": "leads.industry",
        "product": "product",
        "script": "script",
        "direction": "direction",
        **experiment_dimensions(call=WHOLE, lead="started_at", agent="started_at"),
        "source": "source",
    },
    measures={
        "two_sided": count(_BOTH),
        "talk_share": total("agent_talk_s / (agent_talk_s + customer_talk_s)", _BOTH, empty=None),
        "agent_talk": total("agent_talk_s", _BOTH, empty=None),
        "talk": total("agent_talk_s + customer_talk_s", _BOTH, empty=None),
        "silence": total("silence_s", f"{_OUT} and {_WHOLE} > 0", empty=None),
        "duration": total(_WHOLE, f"{_OUT} and {_WHOLE} > 0", empty=None),
        "interruptions": total("interruptions", _OUT, empty=None),
        "with_interruptions": count(f"{_OUT} and interruptions is not null"),
        "longest_monologue": total("longest_monologue_s", _OUT, empty=None),
        "with_monologue": count(f"{_OUT} and longest_monologue_s is not null"),
        "questions": total("questions", _OUT, empty=None),
        "with_questions": count(f"{_OUT} and questions is not null"),
        "words_per_minute": total("words_per_minute", _OUT, empty=None),
        "with_words": count(f"{_OUT} and words_per_minute is not null"),
    },
)
