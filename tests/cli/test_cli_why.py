"""Does `dialgauge why` tell where a change comes from, and refuse where it cannot?"""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
from pathlib import Path
from typing import Any

import pytest
from commands import Run

from dialgauge.errors import UsageError
from dialgauge.front import connect
from dialgauge.model.question import Grain, Period, Question

MONTHS = ("--from", "2026-02-01", "--to", "2026-03-01")
BEFORE = ("A", 20, 100), ("B", 10, 100)
AFTER = ("A", 8, 50), ("B", 15, 150)


def _calls(month: str, *lists: tuple[str, int, int]) -> list[str]:
    """Write calls: of each list so many contacts of so many dials."""
    return [
        f"{month}{name}{n},{month}-05T10:00:00Z,outbound,"
        f"{'human,true' if n < contacts else 'busy,false'},{name},L{n % 7},C{name}"
        for name, contacts, dials in lists
        for n in range(dials)
    ]


@pytest.fixture
def lists(run: Run) -> Run:
    """Type commands in a lake with two lists, of which the worse one grew and the other fell."""
    header = "call_id,started_at,direction,result,contact,list_id,lead_id,campaign_id"
    rows = [header, *_calls("2026-01", *BEFORE), *_calls("2026-02", *AFTER)]
    Path("calls.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    assert run("init").status == 0
    assert run("import", "files", "calls.csv").status == 0
    return run


def _explained(run: Run, *words: str) -> Any:
    return run("why", *words, *MONTHS, "--format", "json").json


def test_the_change_is_split_as_by_hand(lists: Run) -> None:
    """15 % became 11.5 %: -2 points by shares, -1.5 by A's own rate, which fell by 4 points."""
    found = _explained(lists, "contact_rate", "--by", "list")
    assert found["question"]["versus"] == "previous"
    total = found["total"]
    assert (total["before"], total["after"], total["change"]) == (0.15, 0.115, -0.035)
    assert (total["mix"], total["rate"]) == pytest.approx((-0.02, -0.015))
    a, b = found["rows"]
    assert (a["keys"], b["keys"]) == ({"list": "A"}, {"list": "B"})
    assert (a["share_before"], a["share_after"]) == (0.5, 0.25)
    assert (a["mix"], a["rate"], a["effect"]) == (-0.011875, -0.015, -0.026875)
    assert (b["mix"], b["rate"], b["effect"]) == (-0.008125, 0, -0.008125)
    assert a["value"]["versus"]["difference"] == pytest.approx(-0.04)
    # Newcombe's interval from Wilson's (8/50: 0.0834 to 0.2851, 20/100: 0.1334 to 0.2888)
    assert a["value"]["versus"]["difference_low"] == pytest.approx(-0.1573, abs=1e-3)
    assert a["value"]["versus"]["difference_high"] == pytest.approx(0.1018, abs=1e-3)


def test_the_sentence_says_how_much_by_what(lists: Run) -> None:
    """Change, mix and rate with their biggest groups, in every language."""
    english = (
        "Contact rate fell by 3.50 points, from 15.0 % to 11.5 %: -2.00 points because the "
        "groups' shares changed (most of it: A -1.19 points, B -0.81 points), -1.50 points because "
        "the groups themselves changed (most of it: A -1.50 points)."
    )
    assert _explained(lists, "contact_rate", "--by", "list")["summary"] == english
    others = {"ru": "снижение на 3.50 п. п.", "zh": "下降 3.50 个百分点", "ka": "კლება"}
    for lang, words in others.items():
        told = _explained(lists, "contact_rate", "--by", "list", "--lang", lang)["summary"]
        assert words in told
        assert "-1.19" in told


def test_the_table_has_a_line_a_group_and_the_total(lists: Run) -> None:
    """Before, after, change, shares, mix, rate and effect, the total below."""
    printed = lists("why", "contact_rate", "--by", "list", *MONTHS).out
    a = next(line for line in printed.splitlines() if line.startswith(" A "))
    told = "A 20.0 % 16.0 % -4.00 -15.73 .. +10.18 50.0 % 25.0 % -1.19 -1.50 -2.69"
    assert " ".join(a.split()) == told
    total = next(line.split() for line in printed.splitlines() if line.startswith(" all "))
    assert total[-3:] == ["-2.00", "-1.50", "-3.50"]
    assert "28 days" in printed


def test_csv_has_a_record_a_group(lists: Run) -> None:
    """Keys, both values, the difference with its interval, shares and effects."""
    printed = lists("why", "contact_rate", "--by", "list", *MONTHS, "--format", "csv").out
    a, b = csv.DictReader(io.StringIO(printed))
    assert list(a) == [
        *("list", "before", "after", "difference", "difference_low", "difference_high"),
        *("share_before", "share_after", "mix", "rate", "effect"),
    ]
    assert (a["list"], a["before"], a["after"], a["mix"]) == ("A", "0.2", "0.16", "-0.011875")
    assert b["rate"] == "0.0"


def test_a_count_is_split_into_differences(lists: Run) -> None:
    """A lost 50 dials, B won as many; nothing changed altogether."""
    found = _explained(lists, "dials", "--by", "list")
    assert {row["keys"]["list"]: row["effect"] for row in found["rows"]} == {"A": -50, "B": 50}
    assert found["total"]["change"] == 0
    assert found["total"]["mix"] is None
    assert found["summary"] == "Dials stayed at 200. Most of it: A -50, B +50."
    assert "-50" in lists("why", "dials", "--by", "list", *MONTHS).out


def test_a_list_that_one_month_lacks_is_all_mix(lists: Run) -> None:
    """C came in February; its own value is told without a change, its effect is its share's."""
    header = "call_id,started_at,direction,result,contact,list_id"
    rows = [header, *(f"c{n},2026-02-06T10:00:00Z,outbound,busy,false,C" for n in range(200))]
    Path("c.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    assert lists("import", "files", "c.csv").status == 0
    found = _explained(lists, "contact_rate", "--by", "list")
    c = next(row for row in found["rows"] if row["keys"]["list"] == "C")
    # From none to half of the dials, at 0 % where all had 15 % and have 5.75 %.
    assert c["rate"] == 0
    assert c["mix"] == pytest.approx(-0.5 * (0.15 + 0.0575) / 2)
    assert c["value"]["versus"]["value"] is None
    effects = [row[part] for row in found["rows"] for part in ("mix", "rate")]
    assert math.fsum(effects) == pytest.approx(0.0575 - 0.15, rel=1e-12)


def test_parts_of_several_tables_are_split_together(lists: Run) -> None:
    """Cost per dial by campaign; what no campaign is charged with has no ratio and is rate."""
    Path("costs.csv").write_text(
        "cost_id,category,amount,currency,starts_on,ends_on,campaign_id\n"
        "1,labour,100,EUR,2026-01-01,2026-01-31,CA\n"
        "2,labour,200,EUR,2026-02-01,2026-02-28,CA\n"
        "3,other,100,EUR,2026-02-01,2026-02-28,\n",
        encoding="utf-8",
    )
    assert lists("import", "files", "costs.csv", "--table", "costs").status == 0
    found = _explained(lists, "cost_per_dial", "--by", "campaign")
    rows = {row["keys"]["campaign"]: row for row in found["rows"]}
    assert (found["total"]["before"], found["total"]["after"]) == (0.5, 1.5)
    assert (rows[None]["mix"], rows[None]["rate"]) == (0, 0.5)
    # CA: 1 -> 4 a dial, at 1/2 -> 1/4 of the dials; totals average 1.
    assert (rows["CA"]["mix"], rows["CA"]["rate"]) == (-0.25 * (2.5 - 1), 3 * 0.375)
    assert (rows["CB"]["mix"], rows["CB"]["rate"]) == (0.25 * (0 - 1), 0)
    assert found["total"]["change"] == 1


def test_leads_of_several_lists_are_refused(lists: Run) -> None:
    """Seven leads stand in both lists: the groups would count them twice."""
    said = lists("why", "leads_worked", "--by", "list", *MONTHS)
    assert said.status == 2
    assert "the groups add up to 14 and not to 7, because some things stand in" in said.sentence
    assert "dialgauge ask leads_worked --by list --versus" in said.sentence


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("median_call_duration", "--by", "list"), "ask why of avg_call_duration, or see"),
        (("contact_rate",), "Name a dimension, such as --by team"),
        (("contact_rate,dials", "--by", "list"), "one KPI is explained at a time, not of 2"),
        (("contact_rat", "--by", "list"), "did you mean 'contact_rate'"),
        (("contact_rate", "--by", "week"), "cannot be split by 'week'"),
        (("contact_rate", "--by", "list", "--where", "list = 'Z'"), "is not known in the other"),
        (("contact_rate", "--by", "list", "--format", "parquet"), "unknown format 'parquet'"),
        (("contact_rate", "--by", "list", "--lang", "de"), "no texts in language 'de'"),
        (("contact_rate", "--by", "list", "--versus", "x"), "cannot compare with 'x'"),
    ],
)
def test_refusals_are_one_sentence(lists: Run, words: tuple[str, ...], sentence: str) -> None:
    """What cannot be explained is refused with what can be done."""
    said = lists("why", *words, *MONTHS)
    assert said.status == 2
    assert sentence in said.sentence


def test_an_open_period_is_refused(lists: Run) -> None:
    """Without both ends there is no period before."""
    assert "needs a period with both ends" in lists("why", "dials", "--by", "list").sentence


def test_buckets_are_refused_from_python(lists: Run) -> None:
    """Two periods are compared whole."""
    assert lists("why", "dials", "--by", "list", *MONTHS).status == 0
    period = Period(dt.date(2026, 2, 1), dt.date(2026, 3, 1))
    asked = Question(kpis=("dials",), by=("list",), period=period, grain=Grain.WEEK)
    with pytest.raises(UsageError, match="leave the grain out"):
        connect().why(asked)


def test_effects_add_up_on_a_whole_company(run: Run) -> None:
    """In an invented company, effects of any KPI by any dimension add up to what `ask` shows."""
    assert run("demo", "demo", "--calls", "600").status == 0
    months = ("--from", "2026-04-01", "--to", "2026-05-01")
    for kpi, by in (
        ("contact_rate", "hour"),
        ("avg_call_duration", "team"),
        ("contacts_per_agent_hour", "agent"),
        ("occupancy", "team"),
        ("lead_contact_rate", "list"),
    ):
        asked = (kpi, *months, "--format", "json", "--lake", "demo")
        found = run("why", *asked, "--by", by).json
        total = run("ask", *asked, "--versus", "previous").json["total"][kpi]
        effects = [row["effect"] for row in found["rows"]]
        assert math.fsum(effects) == pytest.approx(total["versus"]["difference"], rel=1e-9)
        sizes = [abs(effect) for effect in effects]
        assert sizes == sorted(sizes, reverse=True)
