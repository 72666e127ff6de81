"""What should be reached, where, and by when?"""

from __future__ import annotations

from dialgauge.model.table import Column, Table, Type

TARGETS = Table(
    name="targets",
    key="target_id",
    clock="starts_on",
    meaning="Values that KPIs should reach in a range of days.",
    columns=(
        Column("target_id", Type.TEXT, "Names the target."),
        Column("kpi", Type.TEXT, "The KPI."),
        Column("value", Type.NUMBER, "What it should reach; shares are 0-1."),
        Column("scope", Type.TEXT, "A condition that says where, such as team = 'North'."),
        Column("starts_on", Type.DATE, "The first day."),
        Column("ends_on", Type.DATE, "The last day, included."),
    ),
)
