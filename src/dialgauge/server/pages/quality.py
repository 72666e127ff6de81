"""How well do we talk with people, and what should be trained?"""

from __future__ import annotations

from dialgauge.server.pages.page import Page, always
from dialgauge.server.panels.cards import Cards
from dialgauge.server.panels.dots import Dots
from dialgauge.server.panels.grid import Grid
from dialgauge.server.panels.hints import Hints, Say, StandOut
from dialgauge.server.panels.trend import Trend

PAGE = Page(
    name="quality",
    path="/quality",
    icon="M12 3.5l2.6 5.4 5.9.8-4.3 4.1 1 5.9-5.2-2.8-5.2 2.8 1-5.9-4.3-4.1 5.9-.8z",
    panels=always(
        Cards(
            kpis=(
                "quality_score",
                "quality_pass_rate",
                "quality_fail_rate",
                "quality_coverage",
                "csat",
                "nps",
                "survey_response_rate",
                "talk_share",
            )
        ),
        Trend(
            kpi="quality_score",
            choices=(
                "quality_score",
                "quality_pass_rate",
                "csat",
                "nps",
                "talk_share",
                "silence_share",
                "interruptions_per_call",
            ),
            span=6,
        ),
        Dots(
            kpi="quality_question_score",
            by="section",
            title="boards.sections",
            name="sections",
        ),
        Dots(
            kpi="quality_question_score",
            by="question",
            title="boards.questions",
            name="questions",
        ),
        Dots(
            kpi="quality_score",
            by="agent",
            title="boards.quality_agents",
            name="agents",
            choices=("quality_score", "csat", "talk_share", "interruptions_per_call"),
            link="/agent/{}",
        ),
        Grid(
            kpis=(
                "quality_score",
                "quality_pass_rate",
                "csat",
                "talk_share",
                "silence_share",
                "interruptions_per_call",
                "longest_monologue",
                "questions_per_call",
            ),
            by="agent",
            title="boards.talk",
            name="talk",
            link="/agent/{}",
        ),
        Grid(
            kpis=("quality_score", "quality_pass_rate", "quality_fail_rate", "quality_coverage"),
            by="scorecard",
            name="scorecards",
            span=6,
        ),
        Grid(
            kpis=("quality_score", "csat", "nps", "talk_share"),
            by="script",
            name="scripts",
            span=6,
        ),
        Hints(
            rules=(
                StandOut(
                    kpi="quality_question_score",
                    by=("section",),
                    worst="boards.sections_weak",
                    none="boards.questions_none",
                ),
                StandOut(
                    kpi="quality_question_score", by=("question",), worst="boards.questions_weak"
                ),
                StandOut(
                    kpi="quality_score",
                    by=("team",),
                    best="boards.teams_quality_best",
                    worst="boards.teams_quality",
                ),
                StandOut(
                    kpi="quality_score",
                    by=("agent",),
                    worst="boards.agents_quality",
                    link="/agent/{}",
                ),
                StandOut(kpi="csat", by=("team",), worst="boards.teams_csat"),
                StandOut(kpi="csat", by=("agent",), worst="boards.agents_csat", link="/agent/{}"),
                Say(key="boards.quality_care"),
            )
        ),
    ),
)
