"""Who does well, whom should one help, and is the comparison fair?"""

from __future__ import annotations

from collections.abc import Sequence

from dialgauge.errors import UsageError
from dialgauge.server.pages.page import Page
from dialgauge.server.panels.dots import Dots
from dialgauge.server.panels.grid import Grid
from dialgauge.server.panels.hints import For, Hints, Rule, Say, StandOut
from dialgauge.server.panels.panel import Look, Panel, total
from dialgauge.server.panels.scores import Scores
from dialgauge.server.panels.trend import Trend
from dialgauge.server.panels.within import TrendWithin
from dialgauge.server.view import is_one_of
from dialgauge.server.viewer import Role

ONE = "/agent/{}"
_YEAR = 365  # reviews of one agent are few
_RATES = (
    "contact_conversion_rate",
    "contact_rate",
    "call_conversion_rate",
    "effective_contact_rate",
    "avg_handle_time",
    "quality_score",
    "csat",
    "talk_share",
)
_MIXED = ("contact_rate", "contact_conversion_rate", "call_conversion_rate", "avg_handle_time")


def _all(look: Look) -> Sequence[Panel]:
    alone = look.viewer.role is Role.AGENT
    rules: tuple[Rule, ...] = (
        StandOut(
            kpi="contact_conversion_rate",
            by=("agent",),
            best="boards.agents_best",
            worst="boards.agents_worst",
            none="boards.agents_none",
            mix="campaign",
            link=ONE,
        ),
        StandOut(kpi="quality_score", by=("agent",), worst="boards.agents_quality", link=ONE),
        StandOut(kpi="csat", by=("agent",), worst="boards.agents_csat", link=ONE),
        Say(key="boards.agents_care"),
    )
    return (
        Dots(
            kpi="contact_conversion_rate",
            by="agent",
            title="boards.agents",
            name="agents",
            choices=_RATES,
            link=ONE,
            mix="campaign",
            span=12,
        ),
        Grid(
            kpis=(
                "dials",
                "contacts",
                "conversions",
                "revenue",
                "agent_hours",
                "conversions_per_agent_hour",
                "occupancy",
                "avg_handle_time",
                "quality_score",
                "csat",
            ),
            by="agent",
            title="boards.agents_table",
            name="table",
            link=ONE,
            compared=True,
        ),
        *(() if alone else (_teams(),)),
        Hints(rules=(Say(key="boards.only_you"),) if alone else rules),
    )


def _teams() -> Grid:
    return Grid(
        kpis=("dials", "contact_rate", "contact_conversion_rate", "quality_score", "csat"),
        by="team",
        title="boards.teams",
        name="teams",
        compared=True,
    )


def _one(look: Look) -> Sequence[Panel]:
    agent = look.view.first("id")
    mine = (is_one_of("agent", (agent,)),)
    courses = ("contact_conversion_rate", "contact_rate", "dials", "conversions", "revenue")
    trend: Trend = TrendWithin(
        kpi="contact_conversion_rate",
        choices=courses,
        dimension="agent",
        group=agent,
        name="trend",
        span=6,
        height=360,
    )
    return (
        Scores(
            agent=agent,
            kpis=(
                "dials",
                "contacts",
                "conversions",
                "contact_rate",
                "contact_conversion_rate",
                "call_conversion_rate",
                "avg_handle_time",
                "occupancy",
                "conversions_per_agent_hour",
                "revenue",
                "quality_score",
                "quality_pass_rate",
                "csat",
                "talk_share",
                "callback_kept_rate",
            ),
            mixed=_MIXED,
        ),
        trend,
        Dots(
            kpi="contact_rate",
            by="hour",
            title="boards.own_hours",
            name="hours",
            where=mine,
            choices=("contact_rate", "contact_conversion_rate"),
        ),
        Dots(
            kpi="quality_question_score",
            by="section",
            title="boards.sections",
            name="sections",
            where=mine,
            days=_YEAR,
        ),
        Dots(
            kpi="contact_conversion_rate",
            by="campaign",
            title="boards.own_campaigns",
            name="campaigns",
            where=mine,
            choices=("contact_conversion_rate", "contact_rate", "avg_handle_time"),
        ),
        Hints(
            title="boards.coaching",
            rules=(
                For(
                    dimension="agent",
                    group=agent,
                    rule=StandOut(
                        kpi="quality_question_score",
                        by=("section",),
                        worst="boards.sections_weak",
                        most=2,
                    ),
                ),
                For(
                    dimension="agent",
                    group=agent,
                    rule=StandOut(
                        kpi="quality_question_score",
                        by=("question",),
                        worst="boards.questions_weak",
                        best="boards.questions_strong",
                        none="boards.questions_none",
                        most=2,
                    ),
                ),
                For(
                    dimension="agent",
                    group=agent,
                    rule=StandOut(
                        kpi="contact_conversion_rate",
                        by=("campaign",),
                        best="boards.own_campaigns_best",
                        worst="boards.own_campaigns_worst",
                    ),
                ),
            ),
        ),
    )


PAGE = Page(
    name="agents",
    path="/agents",
    icon="M9 11a3.5 3.5 0 1 0 0-7a3.5 3.5 0 0 0 0 7m-6 9c0-4 3-6 6-6s6 2 6 6"
    "m1-9.5a3 3 0 1 0-1-5.8M17 14c2.5.4 4 2.4 4 6",
    panels=_all,
)


def _name(look: Look) -> str:
    """Name the agent, where the reader may see anything of them."""
    agent = look.view.first("id")
    try:
        answer = look.gauge.ask(look.view.question("dials", where=(is_one_of("agent", (agent,)),)))
    except UsageError:
        return ""
    return look.say.key("agent", agent) if total(answer).values["dials"].n else ""


ONE_PAGE = Page(name="agent", path="/agent/{id}", panels=_one, heading=_name)
