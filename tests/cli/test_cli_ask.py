"""Are the numbers that commands print those one counts by hand, in every format?"""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from commands import Run


def _values(row: dict[str, Any], kpi: str) -> tuple[object, ...]:
    value = row["values"][kpi]
    return value["value"], value["numerator"], value["denominator"], value["n"]


def test_json_is_the_contracts_shape(team: Run) -> None:
    """Question, notes, rows with keys and values, and the total; Wilson's interval of 2 of 3."""
    answer = team("ask", "contact_rate", "--by", "campaign", "--format", "json").json
    assert list(answer) == ["question", "notes", "rows", "total"]
    assert answer["question"] == {
        "kpis": ["contact_rate"],
        "by": ["campaign"],
        "where": [],
        "from": None,
        "to": None,
        "grain": None,
        "timezone": "UTC",
        "versus": None,
        "week_starts": 1,
        "as_of": None,
        "totals": True,
    }
    assert answer["notes"] == ["Left out: 1 internal call.", "Left out: 1 test call."]
    known, unknown = answer["rows"]
    assert known["keys"] == {"campaign": "C1"}
    value = known["values"]["contact_rate"]
    assert list(value) == ["value", "numerator", "denominator", "n", "low", "high"]
    assert _values(known, "contact_rate") == (2 / 3, 2, 3, 3)
    # (p + z2/2n -+ z sqrt(p(1-p)/n + z2/4n2)) / (1 + z2/n), z = 1.959964, worked out by hand
    assert value["low"] == pytest.approx(0.20766, abs=1e-5)
    assert value["high"] == pytest.approx(0.93851, abs=1e-5)
    assert unknown["keys"] == {"campaign": None}
    assert _values(unknown, "contact_rate") == (0, 0, 1, 1)
    total = answer["total"]["contact_rate"]
    assert (total["value"], total["numerator"], total["denominator"]) == (0.5, 2, 4)


def test_json_of_nothing_known_is_null_with_a_reason(team: Run) -> None:
    """A zero denominator: no number, and why."""
    answer = team("ask", "contact_rate", "--where", "agent = 'Z'", "--format", "json").json
    assert answer["total"]["contact_rate"] == {
        "value": None,
        "numerator": 0,
        "denominator": 0,
        "n": 0,
        "low": None,
        "high": None,
        "reason": "the denominator is 0",
    }


def test_a_comparison_in_json(team: Run) -> None:
    """February's 1 dial beside January's 3, from the days before."""
    words = ("ask", "dials", "--from", "2026-02-01", "--to", "2026-03-01", "--format", "json")
    for versus in ("previous", "2026-01-01..2026-02-01"):
        answer = team(*words, "--versus", versus).json
        assert answer["question"]["versus"] == versus
        (row,) = answer["rows"]
        assert row["values"]["dials"]["value"] == 1
        beside = row["values"]["dials"]["versus"]
        assert (beside["value"], beside["difference"], beside["relative"]) == (3, -2, -2 / 3)
        assert any("28 days" in note for note in answer["notes"])
    year = team(*words, "--versus", "year").json
    assert year["rows"][0]["values"]["dials"]["versus"]["value"] == 0


def test_grain_zone_and_range(team: Run) -> None:
    """10:00 and 11:00 in UTC are 23:00 and midnight in Auckland, 13 hours ahead in January."""
    words = ("ask", "dials", "--grain", "day", "--format", "json")
    utc = team(*words, "--from", "2026-01-05", "--to", "2026-01-07").json
    assert {row["keys"]["period"]: row["values"]["dials"]["value"] for row in utc["rows"]} == {
        "2026-01-05": 2,
        "2026-01-06": 1,
    }
    far = team(
        *words, "--from", "2026-01-05", "--to", "2026-01-07", "--timezone", "Pacific/Auckland"
    ).json
    assert {row["keys"]["period"]: row["values"]["dials"]["value"] for row in far["rows"]} == {
        "2026-01-05": 1,
        "2026-01-06": 2,
    }


def test_the_zone_and_the_week_of_the_settings_hold(team: Run) -> None:
    """What dialgauge.toml says is used unless the command says otherwise."""
    settings = Path("dialgauge.toml")
    text = settings.read_text("utf-8").replace('timezone = "UTC"', 'timezone = "Asia/Tokyo"')
    settings.write_text(text.replace('"monday"', '"sunday"'), encoding="utf-8")
    asked = team("ask", "dials", "--format", "json").json["question"]
    assert (asked["timezone"], asked["week_starts"]) == ("Asia/Tokyo", 7)
    asked = team(
        "ask", "dials", "--timezone", "UTC", "--week-starts", "1", "--format", "json"
    ).json["question"]
    assert (asked["timezone"], asked["week_starts"]) == ("UTC", 1)


def test_several_words_behind_one_option_and_commas(team: Run) -> None:
    """KPIs and dimensions may be listed with commas, conditions repeat."""
    answer = team(
        "ask", "dials,contacts", "conversions", "--by", "agent,campaign", "--format", "json",
        "--where", "campaign = 'C1'", "--where", "agent = 'A'",
    ).json  # fmt: skip
    (row,) = answer["rows"]
    assert row["keys"] == {"agent": "A", "campaign": "C1"}
    assert [row["values"][kpi]["value"] for kpi in ("dials", "contacts", "conversions")] == [
        2,
        2,
        1,
    ]


def test_csv_has_one_line_a_group(team: Run) -> None:
    """The keys, then each KPI with its parts; unknown is empty."""
    said = team("ask", "dials", "contact_rate", "--by", "campaign", "--format", "csv")
    first, second = csv.DictReader(io.StringIO(said.out))
    parts = ("numerator", "denominator", "n", "low", "high")
    names = [f"{kpi}_{part}" for kpi in ("dials", "contact_rate") for part in parts]
    assert set(first) == {"campaign", "dials", "contact_rate", *names}
    assert (first["campaign"], float(first["dials"]), float(first["contact_rate"])) == (
        "C1",
        3,
        2 / 3,
    )
    assert (second["campaign"], float(second["contact_rate"])) == ("", 0)
    assert first["dials_denominator"] == ""
    assert said.err == ""


def test_output_goes_to_a_file(team: Run) -> None:
    """CSV, JSON and Parquet land where they are told to, and nothing is printed."""
    for name in ("answer.csv", "answer.json", "answer.parquet"):
        said = team("ask", "dials", "--format", name.partition(".")[2], "--output", name)
        assert (said.status, said.out, said.err) == (0, "", "")
    assert Path("answer.csv").read_text("utf-8").splitlines()[1].startswith("4")
    assert json.loads(Path("answer.json").read_text("utf-8"))["total"]["dials"]["value"] == 4
    assert pq.read_table("answer.parquet").to_pylist()[0]["dials"] == 4


def test_parquet_on_standard_output_is_parquet(team: Run) -> None:
    """A pipe gets bytes, with the keys as columns."""
    assert team("check").status == 0
    piped = subprocess.run(
        [sys.executable, "-m", "dialgauge", "ask", "dials", "--by", "agent", "--format", "parquet"],
        capture_output=True,
        check=True,
    )
    rows = pq.read_table(io.BytesIO(piped.stdout)).to_pylist()
    assert [(row["agent"], row["dials"], row["dials_n"]) for row in rows] == [
        ("A", 2, 2),
        ("B", 2, 2),
    ]


def test_the_table_shows_value_interval_and_total(team: Run) -> None:
    """One line a group, the whole below, the notes last."""
    lines = team("ask", "contact_rate", "--by", "campaign").out.splitlines()
    words = [line.split() for line in lines]
    assert ["C1", "66.7", "%", "20.8", "to", "93.9", "%", "3"] in words
    assert ["unknown", "0.00", "%", "0.00", "to", "79.3", "%", "1"] in words
    assert ["all", "50.0", "%", "15.0", "to", "85.0", "%", "4"] in words
    assert lines[-2:] == ["  Left out: 1 internal call.", "  Left out: 1 test call."]


def test_a_table_of_no_group_at_all(team: Run) -> None:
    """Several KPIs split by agent where nobody is Z: headings and the whole, no failure."""
    said = team("ask", "dials", "contacts", "--by", "agent", "--where", "agent = 'Z'")
    assert said.status == 0
    assert ["all", "0", "0", "to", "4", "0", "0", "to", "4"] in [
        line.split() for line in said.out.splitlines()
    ]
    assert "agent" in said.out


def test_a_table_without_totals(team: Run) -> None:
    """--no-totals leaves the last line and the JSON's total out."""
    assert " all " not in team("ask", "dials", "--by", "agent", "--no-totals").out
    words = ("ask", "dials", "--by", "agent", "--no-totals", "--format", "json")
    assert "total" not in team(*words).json


def test_not_available_is_written_so(team: Run) -> None:
    """n/a, never 0 and never 100 %."""
    shown = team("ask", "contact_rate", "--where", "agent = 'Z'").out
    assert "n/a" in shown
    assert "%" not in shown.replace("95 %", "")


@pytest.mark.parametrize(
    "engine", ["duckdb", "reference", pytest.param("spark", marks=pytest.mark.spark)]
)
def test_every_engine_gives_the_same_json(team: Run, engine: str) -> None:
    """The engine is no part of the answer."""
    words = ("ask", "dials", "contact_rate", "median_call_duration", "--by", "campaign")
    answer = team(*words, "--engine", engine, "--format", "json").json
    first, second = answer["rows"]
    assert _values(first, "contact_rate") == (2 / 3, 2, 3, 3)
    assert _values(first, "median_call_duration") == (40, None, None, 2)
    assert _values(second, "dials") == (1, 1, None, 1)


def test_the_statement_can_be_read(team: Run) -> None:
    """--sql shows what DuckDB would run, and runs nothing."""
    said = team("ask", "dials", "--sql")
    assert said.status == 0
    assert "SELECT" in said.out
    assert "outbound" in said.out


def test_rows_show_what_a_number_counts(team: Run) -> None:
    """The four dials behind `dials`: no test call, no internal one; the earliest first."""
    listed = team("rows", "dials", "--format", "json").json
    assert [row["call_id"] for row in listed] == ["1", "2", "3", "4"]
    assert listed[0]["started_at"] == "2026-01-05T10:00:00+00:00"
    assert (listed[0]["talk_s"], listed[0]["contact"], listed[0]["cost"]) == (60, True, None)
    some = team("rows", "dials", "--where", "agent = 'B'", "--to", "2026-02-01", "--format", "csv")
    (row,) = csv.DictReader(io.StringIO(some.out))
    assert (row["call_id"], row["agent_id"], row["talk_s"]) == ("3", "B", "")
    shown = team("rows", "dials", "--limit", "2").out
    assert "2 rows, columns without a value hidden; --limit shows more than 2" in shown
    assert team("rows", "dials", "--format", "parquet", "--output", "rows.parquet").status == 0
    assert pq.read_table("rows.parquet").num_rows == 4


def test_rows_of_a_share_are_those_above_or_below_its_line(team: Run) -> None:
    """Contact conversion: the two contacts, of which one converted."""
    listed = team("rows", "contact_conversion_rate", "--format", "json").json
    assert [row["call_id"] for row in listed] == ["1", "2"]


def test_a_kpi_is_explained_in_four_languages(run: Run) -> None:
    """Without a lake: title, question and dimensions; the numbers' names stay."""
    titles = {
        language: run("kpis", "dials", "--lang", language, "--format", "json").json["title"]
        for language in ("en", "zh", "ru", "ka")
    }
    assert titles["en"] == "Dials"
    assert titles["zh"] == "外呼量"
    assert len(set(titles.values())) == 4
    every = run("kpis", "--format", "json").json
    assert len(every) > 50
    found = {kpi["name"]: kpi for kpi in every}["contact_rate"]
    assert found["formula"] == "calls.contacts / calls.dials"
    assert {"unit": "share", "better": "higher"}.items() <= found.items()
    assert {"hour", "campaign", "team"} <= set(found["dimensions"])
    shown = run("kpis", "contact_rate").out
    assert "calls.contacts / calls.dials" in shown
    assert "contact_rate" in run("kpis").out


def test_the_overview_tells_the_main_kpis(team: Run) -> None:
    """30 days up to the newest call, which is a test call of 6 February."""
    said = team("overview")
    assert said.status == 0
    assert "Overview 2026-01-08 to 2026-02-06 (UTC)" in said.out
    words = [line.split() for line in said.out.splitlines()]
    assert ["dials", "1", "0", "to", "6", "-2", "(-66.7%)"] in words
    assert "In the other period: Left out" not in said.out
    whole = team("overview", "--from", "2026-01-01", "--to", "2026-03-01").out
    assert ["dials", "4", "1", "to", "10", "+4"] in [line.split() for line in whole.splitlines()]


def test_the_overview_of_inbound_calls_alone(run: Run) -> None:
    """No dial at all: zeros and n/a, not a failure."""
    Path("calls.csv").write_text(
        "call_id,started_at,direction,result\n1,2026-01-05T10:00:00Z,inbound,human\n",
        encoding="utf-8",
    )
    run("init")
    run("import", "files", "calls.csv")
    said = run("overview")
    assert said.status == 0
    assert "Overview 2025-12-07 to 2026-01-05 (UTC)" in said.out
    assert "no call whose local hour is known" in said.out


def test_own_kpis_are_asked_like_ours(team: Run) -> None:
    """kpis.yaml beside dialgauge.toml is read: busy calls / dials is 1 of 4."""
    Path("kpis.yaml").write_text(
        "measures:\n"
        "  calls:\n"
        "    busy:\n"
        "      count: all\n"
        "      where: direction = 'outbound' and result = 'busy'\n"
        "kpis:\n"
        "  busy_rate:\n"
        "    formula: calls.busy / calls.dials\n"
        "    unit: share\n"
        "    title: Busy rate\n",
        encoding="utf-8",
    )
    total = team("ask", "busy_rate", "--format", "json").json["total"]["busy_rate"]
    assert (total["value"], total["numerator"], total["denominator"]) == (0.25, 1, 4)
