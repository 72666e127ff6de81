"""Is an hour that nobody can know left out, and said to be?"""

from __future__ import annotations

from pathlib import Path

import pytest

import dialgauge
from dialgauge.intake import take_in
from dialgauge.lake import Lake
from dialgauge.sources import files
from dialgauge.sources.base import Request

MAPPING = """
table = "calls"
[columns]
call_id = "Id"
started_at = "Start"
direction = { value = "outbound" }
result = { value = "human" }
phone_token = { expression = "token(Phone)" }
"""
CALLS = """Id,Start,Phone
berlin,2026-01-15T12:00:00Z,+49 30 901820
late,2026-01-15T22:00:00Z,+49 170 1234567
moscow,2026-01-15T12:00:00Z,+7 912 345 67 89
withheld,2026-01-15T12:00:00Z,anonymous
"""


@pytest.fixture
def gauge(tmp_path: Path) -> dialgauge.Gauge:
    """Four dials: two to Germany, one to a mobile of some clock of Russia, one to nobody."""
    lake = Lake.create(str(tmp_path / "lake"))
    mapping, calls = tmp_path / "map.toml", tmp_path / "calls.csv"
    mapping.write_text(MAPPING, encoding="utf-8")
    calls.write_text(CALLS, encoding="utf-8")
    request = Request(paths=(calls,), mapping=mapping, phone_key=lake.phone_key)
    take_in(lake, files.stage, request)
    return dialgauge.connect(str(tmp_path / "lake"))


def test_an_answer_by_hour_says_what_stands_in_none(gauge: dialgauge.Gauge) -> None:
    """Germany's hours are certain; the other two stand under no hour, and the note counts them."""
    answer = gauge.ask(dialgauge.Question(kpis=("dials",), by=("hour",)))
    found = {row.keys["hour"]: row.values["dials"].value for row in answer.rows}
    assert found == {13: 1, 23: 1, None: 2}
    assert any(note.startswith("2 of calls are in no hour: ") for note in answer.notes)


def test_calls_outside_of_hours_are_judged_where_the_hour_is_certain(
    gauge: dialgauge.Gauge,
) -> None:
    """One of the two certain dials was at 23:00; the note counts the two that were not judged."""
    answer = gauge.ask(dialgauge.Question(kpis=("out_of_hours_rate",)))
    value = answer.rows[0].values["out_of_hours_rate"]
    assert (value.value, value.denominator) == (0.5, 2)
    assert any(note.startswith("2 of calls are in no hour: ") for note in answer.notes)


def test_an_answer_without_hours_says_nothing_of_them(gauge: dialgauge.Gauge) -> None:
    """Who asks for dials by country learns of countries."""
    answer = gauge.ask(dialgauge.Question(kpis=("dials",), by=("country",)))
    found = {row.keys["country"]: row.values["dials"].value for row in answer.rows}
    assert found == {"DE": 2, "RU": 1, None: 1}
    assert not any("hour" in note for note in answer.notes)
