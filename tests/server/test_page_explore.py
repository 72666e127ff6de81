"""Does Explore show what `ask` answers, for whatever is chosen?"""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import altair as alt
import pytest
from starlette.testclient import TestClient

from dialgauge.gauge import Gauge
from dialgauge.model.question import Grain, Period, Question
from dialgauge.model.wire import answer_json
from dialgauge.server.panels.figures import Figures
from dialgauge.server.panels.panel import Look
from dialgauge.server.panels.picker import lacking
from dialgauge.server.panels.pivot import shades
from dialgauge.server.speech import speech
from dialgauge.server.view import View
from dialgauge.server.viewer import AT_HOME

DAYS = "from=2026-04-01&to=2026-05-01"
APRIL = Period(dt.date(2026, 4, 1), dt.date(2026, 5, 1))
PAGE = {"Accept": "text/html"}


def panels(client: TestClient, words: str) -> dict[str, Any]:
    """Read the twin of an address of Explore, its panels by name."""
    told = client.get(f"/explore.json?{DAYS}&{words}")
    assert told.status_code == 200, told.text
    return {panel["name"]: panel for panel in told.json()["panels"]}


def same(answer: Any, gauge: Gauge, question: Question) -> None:
    """Hold an answer of the twin to that of the gauge; both are of the same moment but a total."""
    asked = answer_json(gauge.ask(question))
    assert answer["rows"] == asked["rows"]
    assert answer["total"] == asked["total"]


def test_what_is_chosen_is_shown(client: TestClient, gauge: Gauge) -> None:
    """Big numbers, lines, one table a dimension, and a table of both; all as asked directly."""
    words = "kpi=dials&kpi=contact_rate&by=team&by=line_type&versus=none"
    found = panels(client, words)
    assert list(found) == ["picker", "figures", "by.team", "by.line_type", "pivot"]
    kpis = ("dials", "contact_rate")
    figures = found["figures"]["answers"]
    same(figures["now"], gauge, Question(kpis=kpis, period=APRIL))
    same(figures["course"], gauge, Question(kpis=kpis, period=APRIL, grain=Grain.DAY))
    by_team = found["by.team"]["answers"]["grid"]
    same(by_team, gauge, Question(kpis=kpis, period=APRIL, by=("team",)))


def test_the_edges_of_a_pivot_are_answers(client: TestClient, gauge: Gauge) -> None:
    """Totals of a pivot table are asked without the other dimension, and the whole without both."""
    words = "kpi=dials&kpi=leads_worked&by=team&by=line_type&pivot=leads_worked"
    cells = panels(client, words)["pivot"]["answers"]
    asked = Question(kpis=("leads_worked",), period=APRIL)
    for name, by in (("cells", ("team", "line_type")), ("down", ("team",))):
        same(cells[name], gauge, Question(kpis=asked.kpis, period=APRIL, by=by))
    same(cells["across"], gauge, Question(kpis=asked.kpis, period=APRIL, by=("line_type",)))
    in_cells = sum(row["values"]["leads_worked"]["value"] for row in cells["cells"]["rows"])
    whole = cells["cells"]["total"]["leads_worked"]["value"]
    # A lead is worked by several teams: who added the cells up would count it twice.
    assert whole < in_cells


def test_a_filter_changes_numbers_and_charts(client: TestClient, gauge: Gauge) -> None:
    """A team in the address narrows every panel, and the lines that are drawn."""
    wide, narrow = (panels(client, f"kpi=dials&by=line_type{team}") for team in ("", "&team=Alder"))
    for name in ("figures", "by.line_type"):
        assert wide[name]["answers"] != narrow[name]["answers"]
    asked = Question(kpis=("dials",), period=APRIL, by=("line_type",), where=("team = 'Alder'",))
    rows = answer_json(gauge.ask(asked))["rows"]
    found = narrow["by.line_type"]["answers"]["grid"]["rows"]
    assert [row["values"]["dials"]["value"] for row in found] == [
        row["values"]["dials"]["value"] for row in rows
    ]
    specs = [
        re.findall(r'"value": (\d+)', client.get(f"/explore?{DAYS}&kpi=dials{team}").text)
        for team in ("", "&team=Alder")
    ]
    assert specs[0] != specs[1]


def test_what_nobody_chose_is_chosen(client: TestClient) -> None:
    """Without a word, Explore is no empty page; with a KPI alone, nothing is split."""
    assert panels(client, "")["picker"]["data"] == {
        "kpis": ["dials", "contact_rate", "conversions"],
        "by": ["campaign", "agent"],
    }
    assert list(panels(client, "kpi=revenue")) == ["picker", "figures"]


def test_grain_is_chosen(client: TestClient, gauge: Gauge) -> None:
    """Weeks in the address make weeks of the lines."""
    found = panels(client, "kpi=dials&grain=week&versus=none")["figures"]["answers"]["course"]
    same(found, gauge, Question(kpis=("dials",), period=APRIL, grain=Grain.WEEK))


def test_months_are_not_compared(client: TestClient) -> None:
    """A split by months cannot be compared, so it is shown without; named in the language."""
    page = client.get(f"/explore?{DAYS}&kpi=dials&by=month&lang=ru", headers=PAGE).text
    assert "апр. 2026" in page
    assert "Кампания</a>" not in page


def test_a_dimension_that_a_kpi_lacks_says_so(client: TestClient, gauge: Gauge) -> None:
    """Agents' time has no list: the box cannot be ticked, and the reason stands beside it."""
    kpi = gauge.words.kpi("agent_hours")
    assert lacking("list", [gauge.words.kpi("dials"), kpi], gauge.words) == [kpi]
    assert lacking("agent", [gauge.words.kpi("dials"), kpi], gauge.words) == []
    page = client.get(f"/explore?{DAYS}&kpi=agent_hours", headers=PAGE).text
    box = re.search(r'<input type="checkbox" name="by" value="list"([^>]*)>(.*?)</label>', page)
    assert box
    assert "disabled" in box[1]
    assert "Not known for: Agent hours" in box[2]


def test_what_cannot_be_split_is_left_out_with_its_sentence(client: TestClient) -> None:
    """Of two KPIs by a dimension that one lacks, the other is shown, and the page says why."""
    found = panels(client, "kpi=dials&kpi=agent_hours&by=list")["by.list"]
    assert found["answers"]["grid"]["question"]["kpis"] == ["dials"]
    page = client.get(f"/explore?{DAYS}&kpi=dials&kpi=agent_hours&by=list", headers=PAGE).text
    assert "Left out here: Agent hours" in page
    assert "agent_time cannot be split by" in page


def test_shares_of_the_total_are_of_what_adds_up(client: TestClient) -> None:
    """Counts say their share of the whole, ratios none; the shares add up to all."""
    words = f"{DAYS}&kpi=dials&kpi=contact_rate&by=line_type&parts=1&versus=none"
    page = client.get(f"/explore?{words}", headers=PAGE).text
    parts = [float(each) for each in re.findall(r'<small class="part">([\d.]+)%</small>', page)]
    *groups, whole = parts
    assert whole == 100.0
    assert abs(sum(groups) - 100.0) < 0.1 * len(groups)
    rows = panels(client, words)["by.line_type"]["answers"]["grid"]["rows"]
    assert len(groups) == len(rows)


@pytest.mark.parametrize(("words", "status"), [("kpi=contact_rat", 404), ("by=tem", 200)])
def test_unknown_names_are_refused(client: TestClient, words: str, status: int) -> None:
    """An unknown KPI is no page; an unknown dimension is refused by the tables that need it."""
    told = client.get(f"/explore?{DAYS}&{words}", headers=PAGE)
    assert told.status_code == status
    assert "did you mean" in told.text


def test_numbers_lead_to_rows_and_names_to_filters(client: TestClient) -> None:
    """In each table, a group's name filters by it and its number leads to its rows."""
    page = client.get(f"/explore?{DAYS}&kpi=dials&by=team", headers=PAGE).text
    filtered = "/explore?from=2026-04-01&amp;to=2026-05-01&amp;team=Alder&amp;kpi=dials&amp;by=team"
    assert f'href="{filtered}"' in page
    rows = "/rows?from=2026-04-01&amp;to=2026-05-01&amp;team=Alder&amp;kpi=dials"
    assert f'href="{rows}"' in page


def test_lines_are_valid_and_below_each_other(gauge: Gauge) -> None:
    """The picture that is taken along is one valid chart with a part for each KPI."""
    view = View(path="/explore", period=APRIL, preset="")
    look = Look(gauge=gauge, view=view, say=speech("ka", "EUR"), viewer=AT_HOME)
    shown = Figures(kpis=("dials", "contact_rate", "revenue")).show(look)
    assert shown.chart is not None
    alt.Chart.from_dict(dict(shown.chart))
    assert [part["title"] for part in shown.chart["vconcat"]] == [
        look.say.title(gauge.words.kpis[name]) for name in ("dials", "contact_rate", "revenue")
    ]
    for row in shown.face["rows"]:
        alt.Chart.from_dict(row["chart"])


def test_shades_are_even() -> None:
    """From the lowest to the highest in five steps; one value alone has none."""
    assert shades([1.0, 2.0, 3.0, 4.0, 5.0]) == {1.0: 0, 2.0: 1, 3.0: 2, 4.0: 3, 5.0: 4}
    assert shades([0.5, None, 0.5]) == {}


def test_every_language_is_whole(client: TestClient) -> None:
    """The page opens in each language with its own words."""
    said = {"en": "Split by", "zh": "拆分维度", "ru": "Разбить по", "ka": "დაყოფა"}
    for language, text in said.items():
        page = client.get(f"/explore?{DAYS}&kpi=dials&lang={language}", headers=PAGE)
        assert text in page.text
