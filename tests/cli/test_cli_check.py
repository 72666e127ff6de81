"""Does `dialgauge check` tell what is wrong, to people and to programs?"""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from commands import Run

LONG = """\
call_id,started_at,answered_at,ended_at,direction,result,contact,converted,talk_s,agent_id
7,2026-02-06T10:00:00Z,2026-02-06T10:00:00Z,2026-02-06T10:01:00Z,outbound,human,true,false,90,A
8,2026-02-06T12:00:00Z,2026-02-06T12:00:00Z,2026-02-06T12:01:00Z,outbound,human,true,false,95,B
"""
"""Two calls of a minute with more talk than that."""


@pytest.fixture
def muddled(team: Run) -> Run:
    """Type commands where two of eight calls are too short for their talk."""
    Path("long.csv").write_text(LONG, encoding="utf-8")
    assert team("import", "files", "long.csv", "--table", "calls").status == 0
    return team


def test_findings_are_listed_the_worst_first(muddled: Run) -> None:
    """The error first, with its number and how many KPIs it touches; empty tables last."""
    lines = muddled("check").out.splitlines()
    first, *others = (line for line in lines if line.split()[:1] in (["error"], ["info"]))
    assert "between their beginning and their end: 2 / 8 (25 %)." in first
    assert first.split()[-1] == "talk_longer_than_call"
    assert " KPIs: " in first
    assert any("The table orders is empty." in line for line in others)


def test_findings_are_data_too(muddled: Run) -> None:
    """JSON keeps what it had and has findings beside it, with keys and KPIs."""
    found = muddled("check", "--format", "json").json
    assert {"version", "tables", "quarantine", "rows", "findings"} == found.keys()
    first = found["findings"][0]
    assert first["check"] == "talk_longer_than_call"
    assert first["severity"] == "error"
    assert (first["rows"], first["total"], first["share"]) == (2, 8, 0.25)
    assert first["examples"] == ["7", "8"]
    assert "avg_call_duration" in first["kpis"]
    order = [("error", "warning", "info").index(each["severity"]) for each in found["findings"]]
    assert order == sorted(order)


def test_findings_are_a_csv(muddled: Run) -> None:
    """One row a finding, lists in one cell."""
    records = list(csv.DictReader(io.StringIO(muddled("check", "--format", "csv").out)))
    assert records[0]["check"] == "talk_longer_than_call"
    assert records[0]["examples"] == "7 8"
    assert "avg_call_duration" in records[0]["kpis"].split()


def test_the_rows_of_a_finding_are_listed(muddled: Run) -> None:
    """By the check's name: the sentence, the KPIs, and the rows with what is wrong in front."""
    said = muddled("check", "talk_longer_than_call").out
    assert "2 / 8 (25 %)." in said
    assert "KPI: " in said
    assert "avg_call_duration" in said
    (heading,) = [line.split() for line in said.splitlines() if "call_id" in line]
    assert heading[:3] == ["call_id", "started_at", "talk_s"]
    found = muddled("check", "talk_longer_than_call", "--format", "json").json
    assert found["finding"]["rows"] == 2
    assert [row["call_id"] for row in found["rows"]] == ["7", "8"]
    only = muddled("check", "talk_longer_than_call", "--limit", 1, "--format", "csv").out
    (row,) = csv.DictReader(io.StringIO(only))
    assert (row["call_id"], row["talk_s"]) == ("7", "90.0")


def test_a_check_that_finds_nothing_says_so(muddled: Run) -> None:
    """A sentence for people, nothing for programs."""
    assert "nothing was found" in muddled("check", "deals_open_with_end").out
    found = muddled("check", "deals_open_with_end", "--format", "json").json
    assert found == {"finding": None, "rows": []}


def test_unknown_checks_and_formats_are_refused(muddled: Run) -> None:
    """With what is allowed."""
    said = muddled("check", "talk_longer")
    assert said.status == 2
    assert "unknown check 'talk_longer'; did you mean 'talk_longer_than_call'" in said.sentence
    assert "csv, json, table" in muddled("check", "--format", "xml").sentence
    assert "at least 1 row" in muddled("check", "talk_longer_than_call", "--limit", 0).sentence
    assert "allowed: en" in muddled("check", "--lang", "de").sentence


def test_strict_fails_when_rows_cannot_be_true(muddled: Run) -> None:
    """Exit status 1 with an error, after everything was told; 0 with warnings alone."""
    said = muddled("check", "--strict")
    assert said.status == 1
    assert "talk_longer_than_call" in said.out
    assert "rows were found that cannot be true: talk_longer_than_call; mend them" in said.err
    assert muddled("check").status == 0
    assert muddled("check", "talk_longer_than_call", "--strict").status == 1
    assert muddled("check", "deals_open_with_end", "--strict").status == 0
    mended = LONG.replace(",90,", ",60,").replace(",95,", ",60,")
    Path("long.csv").write_text(mended, encoding="utf-8")
    muddled("import", "files", "long.csv", "--table", "calls")
    assert muddled("check", "--strict").status == 0


@pytest.mark.parametrize(
    ("lang", "words"), [("zh", "通话时长超过"), ("ru", "разговора больше"), ("ka", "საუბარი")]
)
def test_findings_speak_the_language(muddled: Run, lang: str, words: str) -> None:
    """The sentence is in the language, its numbers are the same."""
    first = muddled("check", "--lang", lang, "--format", "json").json["findings"][0]
    assert words in first["says"]
    assert first["says"].endswith(": 2 / 8 (25 %).")
    assert words in muddled("check", "--lang", lang).out
    assert words in muddled("check", "talk_longer_than_call", "--lang", lang).out


def test_answers_say_what_a_check_found(muddled: Run) -> None:
    """After a check an answer on durations names it; one on dials does not."""
    muddled("check")
    notes = muddled("ask", "avg_call_duration", "--format", "json").json["notes"]
    (note,) = [each for each in notes if each.startswith("Data:")]
    assert note.endswith("See `dialgauge check talk_longer_than_call`.")
    assert "talk_longer" not in muddled("ask", "dials", "--format", "json").out
