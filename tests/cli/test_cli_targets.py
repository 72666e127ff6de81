"""Does `dialgauge targets` tell how each target stands, and stumble over none?"""

from __future__ import annotations

import csv
import datetime as dt
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from commands import Run

from dialgauge.errors import UsageError
from dialgauge.front import connect
from dialgauge.model.question import Period, Question

CALLS = [
    "call_id,started_at,direction,result,contact,agent_id,lead_id",
    *(f"{n},2026-03-{1 + n % 10:02}T10:00:00Z,outbound,human,true,a,L{n % 25}" for n in range(20)),
    *(f"{n},2026-03-{1 + n % 10:02}T11:00:00Z,outbound,busy,,a,L{n % 25}" for n in range(20, 100)),
    "late,2026-03-11T09:00:00Z,outbound,human,true,b,L1",
]
"""100 dials and 20 contacts on the first ten days of March, one more dial on the eleventh."""

TARGETS = """\
target_id,kpi,value,scope,starts_on,ends_on
01 enough,dials,300,,2026-03-01,2026-03-31
02 too few,dials,400,,2026-03-01,2026-03-31
03 there,dials,100,,2026-03-01,2026-03-31
04 rate,contact_rate,0.25,,2026-03-01,2026-03-31
05 scope,contact_rate,0.15,agent = 'a',2026-03-01,2026-03-31
06 over,contacts,20,,2026-03-01,2026-03-10
07 missed,contacts,21,,2026-03-01,2026-03-10
08 later,contacts,21,,2026-03-11,2026-03-31
09 leads,leads_worked,30,,2026-03-01,2026-03-31
10 name,contact_rat,0.2,,2026-03-01,2026-03-31
11 words,contact_rate,0.2,agent = ,2026-03-01,2026-03-31
12 column,contact_rate,0.2,pipeline = 'x',2026-03-01,2026-03-31
13 empty,revenue,1000,,2026-03-01,2026-03-31
15 no value,dials,,,2026-03-01,2026-03-31
16 no kpi,,300,,2026-03-01,2026-03-31
17 nobody,contact_rate,0.2,agent = 'zoe',2026-03-01,2026-03-31
18 endless,dials,300,,2026-03-01,2090-12-31
19 odd later,contact_rat,0.2,,2026-05-01,2026-05-31
20 worse later,contact_rate,0.2,nothing = 1,2026-05-01,2026-05-31
21 drops,drop_rate,0.03,,2026-03-01,2026-03-31
"""


@pytest.fixture
def march(run: Run) -> Run:
    """Type commands in a lake with calls of March and with targets."""
    Path("calls.csv").write_text("\n".join(CALLS) + "\n", encoding="utf-8")
    Path("targets.csv").write_text(TARGETS, encoding="utf-8")
    assert run("init").status == 0
    assert run("import", "files", "calls.csv").status == 0
    assert run("import", "files", "targets.csv").status == 0
    return run


def _stand(run: Run, as_of: str = "2026-03-11") -> dict[str, Any]:
    found = run("targets", "--as-of", as_of, "--format", "json").json
    return {each["target_id"].partition(" ")[2]: each for each in found}


def test_counts_are_carried_on_by_calendar_days(march: Run) -> None:
    """100 dials in 10 of 31 days are 310 at the end; the eleventh day is not over."""
    enough = _stand(march)["enough"]
    assert (enough["value"], enough["target"], enough["gap"]) == (100, 300, -200)
    assert enough["elapsed"] == pytest.approx(10 / 31)
    assert enough["forecast"] == pytest.approx(310)
    # (T - 310)^2 = 1.96^2 x 2.1 T
    for end in (enough["forecast_low"], enough["forecast_high"]):
        assert (end - 310) ** 2 == pytest.approx(1.959964**2 * 2.1 * end)
    assert enough["forecast_low"] < 310 < enough["forecast_high"]
    assert (enough["value_low"], enough["value_high"]) == pytest.approx((81.36, 121.63), abs=0.01)
    assert enough["status"] == "on_track"


def test_statuses_by_hand(march: Run) -> None:
    """What the present pace does for each, and why some are unknown."""
    found = {name: each["status"] for name, each in _stand(march).items()}
    assert found == {
        "enough": "on_track",
        "too few": "at_risk",
        "there": "reached",
        "rate": "at_risk",
        "scope": "on_track",
        "over": "reached",
        "missed": "missed",
        "later": "not_started",
        "leads": "unknown",
        "name": "unknown",
        "words": "unknown",
        "column": "unknown",
        "empty": "unknown",
        "no value": "unknown",
        "no kpi": "unknown",
        "nobody": "unknown",
        "endless": "on_track",
        "odd later": "unknown",
        "worse later": "unknown",
        "drops": "on_track",
    }


def test_reasons_say_what_to_do(march: Run) -> None:
    """Each unknown target has the sentence that a question would get."""
    found = {name: each["reason"] for name, each in _stand(march).items()}
    assert "things that were counted may come again" in found["leads"]
    assert "did you mean 'contact_rate'" in found["name"]
    assert "cannot read 'agent ='" in found["words"]
    assert "calls has no 'pipeline'" in found["column"]
    assert "'revenue' needs the table orders, which is empty" in found["empty"]
    assert "does not say its value" in found["no value"]
    assert "does not say its kpi" in found["no kpi"]
    assert found["nobody"] == "the denominator is 0"
    assert "did you mean 'contact_rate'" in found["odd later"]
    assert "unknown dimension or column 'nothing'" in found["worse later"]


def test_a_rate_keeps_its_value(march: Run) -> None:
    """20 of 100 are expected to stay 20 %, surer than so far as a third of March is over."""
    rate = _stand(march)["rate"]
    assert (rate["value"], rate["forecast"]) == (0.2, 0.2)
    assert rate["gap"] == pytest.approx(-0.05)
    left = (21 / 31) ** 0.5
    assert rate["forecast_low"] == pytest.approx(0.2 - (0.2 - rate["value_low"]) * left)
    assert rate["made_of"]["numerator"] == 20


def test_at_the_end_nothing_is_expected_any_more(march: Run) -> None:
    """101 dials came in March, and that is it."""
    found = _stand(march, "2026-04-01")
    enough = found["enough"]
    assert (enough["value"], enough["elapsed"], enough["forecast"]) == (101, 1, 101)
    assert (enough["forecast_low"], enough["forecast_high"]) == (101, 101)
    assert enough["status"] == "missed"
    assert found["leads"]["status"] == "missed"
    assert found["later"]["status"] == "missed"


def test_days_without_records_are_told(march: Run) -> None:
    """On the 20th, the records of the days since the 11th are missing or there were none."""
    notes = _stand(march, "2026-03-20")["enough"]["notes"]
    told = (
        "In calls, the newest record is of 2026-03-11: days up to 2026-03-19 count as days on which"
    )
    assert notes == [f"{told} nothing happened."]


def test_records_up_to_yesterday_are_all_there_can_be(march: Run) -> None:
    """On the 12th, the newest record is of the 11th: nothing is missing."""
    assert _stand(march, "2026-03-12")["enough"]["notes"] == []


def test_outcomes_are_judged_at_the_moment_asked(march: Run) -> None:
    """On 11 March nobody knows whether a lead of the 2nd converts within 90 days."""
    Path("leads.csv").write_text("lead_id,created_at\nL1,2026-03-02T10:00:00Z\n", "utf-8")
    Path("more.csv").write_text(
        "target_id,kpi,value,scope,starts_on,ends_on\n"
        "x young,lead_conversion_rate,0.5,,2026-03-01,2026-03-31\n",
        encoding="utf-8",
    )
    assert march("import", "files", "leads.csv").status == 0
    assert march("import", "files", "more.csv", "--table", "targets").status == 0
    young = _stand(march)["young"]
    assert (young["status"], young["reason"]) == ("unknown", "the denominator is 0")
    assert _stand(march, "2026-09-01")["young"]["status"] == "missed"


def test_days_begin_in_the_zone_asked(march: Run) -> None:
    """At noon of 1 April in UTC it is 2 April in Kiribati, and still March is over."""
    asked = ("targets", "--as-of", "2026-03-10T12:00:00+00:00", "--format", "json")
    assert march(*asked).json[0]["elapsed"] == pytest.approx(9 / 10)
    there = march(*asked, "--timezone", "Pacific/Kiritimati").json
    assert there[0]["elapsed"] == 1
    assert march(*asked, "--timezone", "Mars").status == 2


def test_the_table_speaks_four_languages(march: Run) -> None:
    """A line a target, the status in words, reasons below."""
    printed = march("targets", "--as-of", "2026-03-11").out
    line = next(line for line in printed.splitlines() if line.startswith(" 01 enough"))
    told = "Dials 2026-03-01..2026-03-31 100 300 -200 32% 310 264 to 364 on track"
    assert " ".join(line.split()[2:]) == told
    assert "10 name, 19 odd later: unknown KPI 'contact_rat'" in printed
    for lang, word in (("ru", "под угрозой"), ("zh", "有风险"), ("ka", "რისკის ქვეშ")):
        assert word in march("targets", "--as-of", "2026-03-11", "--lang", lang).out


def test_csv_has_a_record_a_target(march: Run) -> None:
    """Flat records, as for spreadsheets."""
    printed = march("targets", "--as-of", "2026-03-11", "--format", "csv").out
    records = list(csv.DictReader(io.StringIO(printed)))
    assert len(records) == 20
    by_name = {record["target_id"]: record for record in records}
    assert by_name["04 rate"]["status"] == "at_risk"
    assert by_name["05 scope"]["scope"] == "agent = 'a'"


def test_cost_may_not_exceed_its_target(march: Run) -> None:
    """100 a day: 1,000 so far, 3,100 expected; above 3,000 at risk, above 999 missed already."""
    Path("costs.csv").write_text(
        "cost_id,category,amount,currency,starts_on,ends_on\n"
        "1,labour,3100,EUR,2026-03-01,2026-03-31\n",
        encoding="utf-8",
    )
    Path("more.csv").write_text(
        "target_id,kpi,value,scope,starts_on,ends_on\n"
        "x at risk,cost,3000,,2026-03-01,2026-03-31\n"
        "x fine,cost,3200,,2026-03-01,2026-03-31\n"
        "x gone,cost,999,,2026-03-01,2026-03-31\n",
        encoding="utf-8",
    )
    assert march("import", "files", "costs.csv", "--table", "costs").status == 0
    assert march("import", "files", "more.csv", "--table", "targets").status == 0
    found = _stand(march)
    assert [found[name]["status"] for name in ("at risk", "fine", "gone")] == [
        "at_risk",
        "on_track",
        "missed",
    ]
    assert found["fine"]["value"] == 1000
    assert found["fine"]["forecast"] == pytest.approx(3100)
    assert found["fine"]["forecast_low"] is None
    assert found["fine"]["reason"] == "costs are recorded in full, not sampled"


def test_stocks_are_read_at_the_last_day_that_is_over(march: Run) -> None:
    """Two deals are open on the 10th, worth 500; one more opens later and does not count."""
    Path("deals.csv").write_text(
        "deal_id,created_at,status,amount,currency\n"
        "1,2026-02-01T10:00:00Z,open,200,EUR\n"
        "2,2026-03-05T10:00:00Z,open,300,EUR\n"
        "3,2026-03-20T10:00:00Z,open,900,EUR\n",
        encoding="utf-8",
    )
    Path("more.csv").write_text(
        "target_id,kpi,value,scope,starts_on,ends_on\n"
        "x pipeline,pipeline_value,400,,2026-03-01,2026-03-31\n",
        encoding="utf-8",
    )
    assert march("import", "files", "deals.csv").status == 0
    assert march("import", "files", "more.csv", "--table", "targets").status == 0
    found = _stand(march)["pipeline"]
    assert (found["value"], found["forecast"], found["status"]) == (500, 500, "on_track")


def test_row_rules_hold_for_targets_and_reasons(march: Run) -> None:
    """Who may see agent b alone sees its one dial, in targets and in explanations."""
    assert march("targets").status == 0
    gauge = replace(connect(), guard=("agent = 'b'",))
    found = gauge.targets(dt.datetime(2026, 4, 1, tzinfo=dt.UTC))
    dials = next(each for each in found if each.target.target_id == "01 enough")
    assert dials.value is not None
    assert dials.value.value == 1
    april = Period(dt.date(2026, 4, 1), dt.date(2026, 5, 1))
    why = gauge.why(Question(kpis=("dials",), by=("agent",), period=april))
    assert (why.before, why.after) == (1, 0)
    assert [each.keys for each in why.effects] == [{"agent": "b"}]


def test_a_moment_without_a_zone_is_refused_from_python(march: Run) -> None:
    """Whose midnight is meant must be said."""
    assert march("targets").status == 0
    with pytest.raises(UsageError, match="has no time zone"):
        connect().targets(dt.datetime(2026, 4, 1))  # noqa: DTZ001 - that is what is refused


def test_a_lake_without_targets_says_how_to_bring_them(team: Run) -> None:
    """One sentence, exit status 2."""
    said = team("targets")
    assert said.status == 2
    assert "dialgauge import files targets.csv --table targets" in said.sentence


def test_a_moment_that_is_none_is_refused(march: Run) -> None:
    """As everywhere."""
    assert "--as-of 'soon' is not a time" in march("targets", "--as-of", "soon").sentence
