"""Which experiments is each lead, agent and call in, and since when?

Assignments that name no experiment or no unit say nothing. Who was put into one experiment more
than once is in it since the first time; when the variants differ, in none of them rightly.
"""

from __future__ import annotations

from functools import partial

from dialgauge.prepare.changes import typed
from dialgauge.prepare.step import Given, Step
from dialgauge.tables.experiments import EXPERIMENTS, SEVERAL
from dialgauge.tables.storage import text

_PLACES = f"""
    SELECT unit_id, experiment, min(assigned_at) AS assigned_at,
        CASE WHEN count(DISTINCT variant) > 1 THEN {text(SEVERAL)} ELSE min(variant) END AS variant
    FROM {{assignments}}
    WHERE unit = {{unit}} AND unit_id IS NOT NULL AND experiment <> ''
    GROUP BY unit_id, experiment
"""

# An aggregate skips NULL, but not a row that holds one: the variant may be unknown.
_ROWS = """
    SELECT unit_id, row_number() OVER (PARTITION BY unit_id ORDER BY experiment) AS number,
        experiment AS asked, experiment, variant, assigned_at, NULL AS several_at
    FROM places
    UNION ALL
    SELECT unit_id, 0, '', first.experiment, first.variant, times[1], times[2]
    FROM (
        SELECT unit_id, min(assigned_at, 2) AS times, arg_min(
            struct_pack(experiment := experiment, variant := variant), row(assigned_at, experiment)
        ) AS first
        FROM places GROUP BY unit_id
    )
"""


def experiment_rows(given: Given, unit: str) -> str:
    """Write the query of what the leads, agents or calls are in.

    Args:
        given: With the view of assignments.
        unit: What was assigned.
    """
    table = EXPERIMENTS[unit]
    values = {
        "place_id": "unit_id || '#' || number",
        f"{unit}_id": "unit_id",
        "asked_experiment": "asked",
        "experiment": "experiment",
        "variant": "variant",
        "assigned_at": "assigned_at",
        "several_at": "several_at",
    }
    places = _PLACES.format(assignments=given.views["assignments"], unit=text(unit))
    return f"WITH places AS ({places}) SELECT {typed(table, values)} FROM ({_ROWS})"


STEPS = tuple(
    Step(
        table=table.name,
        reads=frozenset({"assignments"}),
        rows=partial(experiment_rows, unit=unit),
    )
    for unit, table in EXPERIMENTS.items()
)
"""One step a unit."""
