"""How do the segments do, how large are they, and how do they overlap?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dialgauge.model.expression import names
from dialgauge.model.parse import parse
from dialgauge.model.segment import Segment
from dialgauge.server.pages.page import Page
from dialgauge.server.panels.courses import Courses
from dialgauge.server.panels.crossed import Crossed, overlapping
from dialgauge.server.panels.grid import Grid
from dialgauge.server.panels.guide import Guide
from dialgauge.server.panels.hints import Hints, Rule, Say, StandOut
from dialgauge.server.panels.panel import Look, Panel
from dialgauge.server.viewer import May

SETTINGS = "/settings/segments"
_SIZES = ("leads_created", "new_customers", "active_customers")
_KPIS = (
    *_SIZES,
    "contact_rate",
    "contact_conversion_rate",
    "lead_conversion_rate",
    "revenue",
    "revenue_per_customer",
    "clv_historic",
    "churn_rate",
)
_CHOICES = (
    "contact_rate",
    "contact_conversion_rate",
    "leads_created",
    "new_customers",
    "active_customers",
    "revenue",
    "revenue_per_customer",
    "avg_order_value",
    "avg_call_duration",
    "csat",
    "nps",
    "churn_rate",
)
_DEEDS = ("journeys.", "lifetimes.")
"""Tables of what calls and orders did to a lead or a customer."""

EXAMPLE = """segments:
  market:                              # the name of the segment
    - name: home                       # the first rule that is true names the group
      where: country = 'GE'
    - name: industry abroad
      where: industry = 'manufacturing'
    - otherwise: elsewhere
  recency:                             # rules may also read what people did
    - name: last 30 days
      where: lifetimes.last_order_at >= now - 30 days
    - name: longer ago
      where: lifetimes.orders > 0
    - otherwise: never
"""


def panels(look: Look) -> Sequence[Panel]:
    """Show each segment, or how to make the first one."""
    segments = tuple(look.gauge.words.segments)
    if not segments:
        return (
            Guide(
                title="boards.no_segments",
                text="boards.make_segments",
                example=EXAMPLE,
                path=SETTINGS,
                action="boards.to_segments",
            ),
        )
    found: list[Panel] = []
    for name in segments:
        found += [
            Grid(kpis=_KPIS, by=name, name=f"{name}.table", compared=True),
            Courses(
                kpi=_CHOICES[0],
                by=name,
                title="boards.over_time",
                name=name,
                choices=_CHOICES,
                span=12,
            ),
        ]
    pair = overlapping(segments)
    if pair:
        found.append(
            Crossed(
                kpi="leads_created",
                down=pair[0],
                across=pair[1],
                title="boards.overlap",
                name="overlap",
                choices=("leads_created", "new_customers", "active_customers", "dials", "revenue"),
                pick=segments,
            )
        )
    return (*found, Hints(rules=_rules(segments, look)))


def _rules(segments: Sequence[str], look: Look) -> tuple[Rule, ...]:
    found: list[Rule] = []
    behind = [name for name in segments if made_of_deeds(name, look.gauge.words.segments)]
    for name in segments:
        if name in behind:
            continue
        found += [
            StandOut(
                kpi="contact_conversion_rate",
                by=(name,),
                best="boards.segments_best",
                worst="boards.segments_worst",
            ),
            StandOut(kpi="contact_rate", by=(name,), best="boards.segments_reach"),
        ]
    path = SETTINGS if May.DECIDE in look.viewer.may else ""
    if behind:
        found.append(Say(key="boards.segments_care"))
    return (*found, Say(key="boards.segments_edit", path=path))


def made_of_deeds(name: str, segments: Mapping[str, Segment]) -> bool:
    """Say whether a segment's rules read what calls or orders did.

    Such a segment differs in what calls and orders do by how it is made, so no advice follows.

    Args:
        name: The segment.
        segments: All segments, because rules may name others.

    Example:
        >>> lately = Segment(name="lately", rules=(("yes", "lifetimes.orders > 0"),))
        >>> best = Segment(name="best", rules=(("best", "lately = 'yes' and region = 'A'"),))
        >>> made_of_deeds("best", {"lately": lately, "best": best})
        True
    """
    read = {word for _, condition in segments[name].rules for word in names(parse(condition))}
    return any(
        word.startswith(_DEEDS) or (word in segments and made_of_deeds(word, segments))
        for word in read
    )


PAGE = Page(
    name="segments",
    path="/segments",
    icon="M12 3a9 9 0 1 0 9 9h-9zm4-.1A9 9 0 0 1 21.1 8H16z",
    panels=panels,
)
