"""What did we try, what was better, and how sure is it?"""

from __future__ import annotations

from collections.abc import Sequence

from dialgauge.errors import UsageError
from dialgauge.server.pages.page import Page
from dialgauge.server.panels.arms import Arms
from dialgauge.server.panels.courses import Courses
from dialgauge.server.panels.guide import Guide
from dialgauge.server.panels.hints import Hints, Say
from dialgauge.server.panels.panel import Look, Panel
from dialgauge.server.view import is_one_of
from dialgauge.server.viewer import May

_CHOICES = (
    "contact_conversion_rate",
    "call_conversion_rate",
    "contact_rate",
    "worked_lead_conversion_rate",
    "avg_order_value",
    "avg_call_duration",
    "csat",
    "quality_score",
)
_COUNTED = ("dials", "leads_created")


def experiments(look: Look) -> list[str]:
    """List the experiments that calls or leads of the page's days are in."""
    found: dict[str, None] = {}
    for kpi in _COUNTED:
        try:
            answer = look.gauge.ask(look.view.question(kpi, by=("experiment",)))
        except UsageError:
            continue
        for row in answer.rows:
            name = row.keys["experiment"]
            if name is not None and row.values[kpi].n:
                found[str(name)] = None
    return list(found)


def panels(look: Look) -> Sequence[Panel]:
    """Show each experiment; where there are none, how to bring one, and what is not one."""
    found: list[Panel] = []
    for place, name in enumerate(experiments(look), 1):
        where = (is_one_of("experiment", (name,)),)
        found += [
            Arms(
                kpi=_CHOICES[0],
                by="variant",
                title="boards.experiment",
                of=name,
                where=where,
                name=f"experiment{place}",
                choices=_CHOICES,
            ),
            Courses(
                kpi=_CHOICES[0],
                by="variant",
                title="boards.over_time",
                name=f"course{place}",
                where=where,
                choices=_CHOICES,
                span=12,
            ),
        ]
    if not found:
        found.append(
            Guide(
                title="boards.no_experiments",
                text="boards.bring_experiments",
                example="dialgauge import files assignments.csv --table assignments\n\n"
                "assignment_id,experiment,variant,unit,unit_id,assigned_at\n"
                "1,new script,control,lead,L1001,2026-04-01T08:00:00Z\n"
                "2,new script,short,lead,L1002,2026-04-01T08:00:00Z",
                needs=May.IMPORT,
            )
        )
    return (
        *found,
        Arms(
            kpi=_CHOICES[0],
            by="script",
            title="boards.arms_scripts",
            name="scripts",
            choices=_CHOICES,
        ),
        Arms(
            kpi=_CHOICES[0],
            by="list",
            title="boards.arms_lists",
            name="lists",
            choices=_CHOICES,
        ),
        Hints(
            title="boards.reading",
            rules=(
                Say(key="boards.peeking"),
                Say(key="boards.by_lot"),
                Say(key="boards.same_lead"),
                Say(key="boards.one_kpi"),
            ),
        ),
    )


PAGE = Page(
    name="experiments",
    path="/experiments",
    icon="M9 3h6m-5 0v6l-5.5 9a2 2 0 0 0 1.7 3h11.6a2 2 0 0 0 1.7-3L14 9V3M7.5 15h9",
    panels=panels,
)
