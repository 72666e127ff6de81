"""How many leads may not be called, by a word with or without a moment?

Six leads: a mere yes, a moment alone, both, a no, a no with a moment that came from elsewhere, and
one of whom nobody said anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from dialgauge.model.question import Question
from dialgauge.server.panels.journey import Journey
from dialgauge.server.panels.panel import Look
from dialgauge.server.speech import speech
from dialgauge.server.view import View, is_one_of
from dialgauge.server.viewer import AT_HOME
from small_lake import SmallLake, days, small_lake

WHEN = "2026-01-02T00:00:00Z"
SAID: Mapping[str, Mapping[str, object]] = {
    "yes": {"do_not_call": "true"},
    "moment": {"do_not_call_at": WHEN},
    "both": {"do_not_call": "true", "do_not_call_at": WHEN},
    "no": {"do_not_call": "false"},
    "no, and a moment": {"do_not_call": "false", "do_not_call_at": WHEN},
    "nothing": {},
}


@pytest.fixture
def lake(tmp_path: Path) -> SmallLake:
    """Keep the leads; those with a moment came from the web."""
    leads = [
        {
            "lead_id": name,
            "created_at": "2026-01-01T00:00:00Z",
            "lead_source": "web" if "do_not_call_at" in said else "fair",
            **said,
        }
        for name, said in SAID.items()
    ]
    return small_lake(tmp_path, leads=leads)


def test_leads_are_counted_by_whether_they_may_be_called(lake: SmallLake) -> None:
    """A yes or a moment is a yes; a no needs somebody who said so."""
    answer = lake.ask("leads_created", by=("do_not_call", "lead_source"), totals=False)
    counted = {
        (row.keys["do_not_call"], row.keys["lead_source"]): row.values["leads_created"].value
        for row in answer.rows
    }
    assert counted == {("yes", "web"): 3, ("yes", "fair"): 1, ("no", "fair"): 1, (None, "fair"): 1}
    assert lake.total("leads_created", where=(is_one_of("do_not_call", ["yes"]),)).value == 4


def test_rows_of_leads_have_the_word_itself(lake: SmallLake) -> None:
    """As it was read: the moment stands in a column of its own."""
    rows = lake.gauge().rows(Question(kpis=("leads_created",)), 10).to_pylist()
    assert {row["lead_id"]: row["do_not_call"] for row in rows} == {
        **dict.fromkeys(("yes", "both"), True),
        **dict.fromkeys(("no", "no, and a moment"), False),
        **dict.fromkeys(("moment", "nothing"), None),
    }


@pytest.mark.parametrize(
    ("language", "yes", "no"),
    [("en", "yes", "no"), ("zh", "是", "否"), ("ru", "да", "нет"), ("ka", "კი", "არა")],
)
def test_a_lead_s_page_says_so_without_a_moment(
    lake: SmallLake, language: str, yes: str, no: str
) -> None:
    """Beside how it became a lead; nothing is said of whom nobody spoke."""
    label = speech(language, "EUR").texts.words["column.do_not_call"]
    told = {who: beside(lake, language, who).get(label) for who in SAID}
    assert told == {
        **dict.fromkeys(("yes", "both"), yes),
        **dict.fromkeys(("no", "no, and a moment"), no),
        **dict.fromkeys(("moment", "nothing"), None),
    }


def beside(lake: SmallLake, language: str, who: str) -> Mapping[str, str]:
    """Give what is told beside the first thing that happened with a lead."""
    view = View(path="/lead", period=days("2026-01-01", "2026-02-01"), preset="")
    shown = Journey(who=who).show(
        Look(gauge=lake.gauge(), view=view, say=speech(language, "EUR"), viewer=AT_HOME)
    )
    (_, (first, *_)), *_ = shown.face["days"]
    return {heading: text for heading, text, _ in first["details"]}
