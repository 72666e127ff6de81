"""What is being sold, and when?"""

from __future__ import annotations

from dialgauge.model.table import Column, Table, Type

CAMPAIGNS = Table(
    name="campaigns",
    key="campaign_id",
    clock=None,
    meaning="Calling campaigns, one row each.",
    columns=(
        Column("campaign_id", Type.TEXT, "Names the campaign in calls and leads."),
        Column("name", Type.TEXT, "What the campaign is called."),
        Column("product", Type.TEXT, "What it sells."),
        Column("goal", Type.TEXT, "What it is for, such as sale, meeting or survey."),
        Column("started_on", Type.DATE, "First day."),
        Column("ended_on", Type.DATE, "Last day."),
    ),
)
