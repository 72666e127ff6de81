"""Who was put into which variant of an experiment?"""

from __future__ import annotations

from dialgauge.model.table import Column, Table, Type

UNITS = ("lead", "agent", "call")

ASSIGNMENTS = Table(
    name="assignments",
    key="assignment_id",
    clock="assigned_at",
    meaning="Units put into variants of experiments, one row each.",
    columns=(
        Column("assignment_id", Type.TEXT, "Names the assignment."),
        Column("experiment", Type.TEXT, "The experiment."),
        Column("variant", Type.TEXT, "The variant."),
        Column("unit", Type.TEXT, "What was assigned.", UNITS),
        Column("unit_id", Type.TEXT, "Which one: its lead_id, agent_id or call_id."),
        Column("assigned_at", Type.TIME, "When."),
    ),
)
