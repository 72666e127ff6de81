"""Does a check of a lake reach those who ask it?"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from dialgauge import checkup
from dialgauge.checks import Severity
from dialgauge.errors import UnknownNameError, UsageError
from dialgauge.intake import take_in
from dialgauge.lake import Person
from dialgauge.model.rules import Rules
from dialgauge.sources import source
from dialgauge.sources.base import Request
from dialgauge.tables import TABLES
from dialgauge.testing import make_world, write_world
from small_lake import NOW, SmallLake, call, small_lake

AGENTS = [{"agent_id": "A", "team": "North"}]


def talk(call_id: str, hour: int, seconds: int, **columns: object) -> dict[str, object]:
    """Write a contact of a minute, at an hour, with some seconds of talk."""
    return dict(
        call(
            call_id,
            f"2026-03-02T{hour}:00:00Z",
            "human",
            contact=True,
            answered_at=f"2026-03-02T{hour}:00:00Z",
            ended_at=f"2026-03-02T{hour}:01:00Z",
            talk_s=seconds,
            **columns,
        )
    )


@pytest.fixture
def muddled(tmp_path: Path) -> SmallLake:
    """Three contacts and a dial: one with more talk than time, one by an agent nobody knows."""
    return small_lake(
        tmp_path,
        agents=AGENTS,
        calls=[
            talk("ok", 10, 60, agent_id="A"),
            talk("long", 11, 90, agent_id="A", lead_id="L1"),
            talk("whose", 12, 60, agent_id="?"),
            call("silent", "2026-03-02T13:00:00Z", agent_id="A", contact=None),
        ],
    )


def data_notes(lake: SmallLake, *kpis: str, by: tuple[str, ...] = ()) -> list[str]:
    """Ask, and give what is said about the data."""
    return [note for note in lake.ask(*kpis, by=by).notes if note.startswith("Data:")]


def test_a_check_finds_what_is_wrong_with_a_lake(muddled: SmallLake) -> None:
    """One of four calls is too long; the error comes before all else."""
    first, *others = muddled.gauge().check()
    assert (first.check, first.rows, first.total) == ("talk_longer_than_call", 1, 4)
    assert first.examples == ("long",)
    assert "calls_of_unknown_agent" in {finding.check for finding in others}


def test_answers_say_what_touches_them(muddled: SmallLake) -> None:
    """Only after a check, only on KPIs that read talk, and on splits by what is unknown."""
    assert data_notes(muddled, "avg_call_duration") == []
    muddled.gauge().check()
    (note,) = data_notes(muddled, "avg_call_duration")
    assert note.endswith(": 1 / 4 (25 %). See `dialgauge check talk_longer_than_call`.")
    assert not any("talk_longer" in note for note in data_notes(muddled, "dials"))
    by_team = data_notes(muddled, "dials", by=("team",))
    assert any("calls_of_unknown_agent" in note for note in by_team)
    (filtered,) = [
        note
        for note in muddled.ask("dials", where=("team = 'North'",)).notes
        if "calls_of_unknown_agent" in note
    ]
    assert filtered in by_team


def test_answers_from_another_version_say_nothing(muddled: SmallLake) -> None:
    """What was found before an import may be mended by it; a new check says it anew."""
    muddled.gauge().check()
    muddled.load(calls=[talk("long", 11, 55, agent_id="A", lead_id="L1")])
    assert data_notes(muddled, "avg_call_duration") == []
    assert "talk_longer_than_call" not in {each.check for each in muddled.gauge().check()}
    assert data_notes(muddled, "avg_call_duration") == []


def test_who_sees_some_rows_hears_nothing_of_all(muddled: SmallLake) -> None:
    """Findings count everybody's rows: they are neither told nor made for a guarded gauge."""
    muddled.gauge().check()
    guarded = replace(muddled, guard=("agent = 'A'",))
    assert data_notes(guarded, "avg_call_duration") == []
    with pytest.raises(UsageError, match="you may see only some"):
        guarded.gauge().check()


def test_rows_behind_a_finding_are_listed(muddled: SmallLake) -> None:
    """The rows themselves with all their columns; none where nothing is wrong."""

    def listed(name: str, limit: int = 10) -> list[str]:
        gauge = muddled.gauge()
        _, rows = checkup.look(gauge.lake, gauge.words, NOW, name, limit)
        return [str(key) for key in rows.column(0).to_pylist()]

    assert listed("talk_longer_than_call") == ["long"]
    assert listed("calls_without_list") == ["long", "ok", "silent", "whose"]
    assert listed("calls_without_list", 2) == ["long", "ok"]
    assert listed("orders_without_kind") == []
    assert listed("no_orders") == []
    assert listed("overlapping_calls") == []
    with pytest.raises(UnknownNameError, match="did you mean 'talk_longer_than_call'"):
        listed("talk_longer_than_cal")
    with pytest.raises(UsageError, match="at least 1 row"):
        listed("talk_longer_than_call", 0)


def test_one_check_is_run_by_itself(muddled: SmallLake) -> None:
    """It finds what it finds among all; its rows show first what cannot be trusted."""
    gauge = muddled.gauge()
    one, rows = checkup.look(gauge.lake, gauge.words, NOW, "talk_longer_than_call", 5)
    assert one == gauge.check()[0]
    assert rows.column_names[:3] == ["call_id", "started_at", "talk_s"]
    assert set(rows.column_names) == set(TABLES["calls"].types)
    for name in ("orders_without_kind", "contact_never_recorded", "calls_stopped"):
        nothing, rows = checkup.look(gauge.lake, gauge.words, NOW, name, 5)
        assert (nothing, rows.num_rows) == (None, 0)


def test_what_is_remembered_does_not_know_people(muddled: SmallLake) -> None:
    """After a person is erased the findings kept name nobody, and are of the past."""
    muddled.gauge().check()
    kept = Path(muddled.lake.layout.findings).read_text("utf-8")
    assert "talk_longer_than_call" in kept
    assert '"long"' not in kept
    assert "L1" not in kept
    muddled.lake.erase(Person(lead_id="L1"))
    assert muddled.lake.findings(muddled.lake.snapshot().version) == ""


def test_an_empty_lake_only_lacks_tables(tmp_path: Path) -> None:
    """Nothing is wrong where nothing is; each table that KPIs need is named."""
    found = small_lake(tmp_path).gauge().check()
    assert {finding.severity for finding in found} == {Severity.INFO}
    assert {finding.table for finding in found} >= {"calls", "leads", "orders", "costs"}
    assert all(finding.rows == 0 for finding in found)


def test_an_invented_company_makes_no_errors(tmp_path: Path) -> None:
    """The demo's world contradicts itself nowhere."""
    files = write_world(make_world(days=14, calls=3_000), tmp_path / "files")
    lake = small_lake(tmp_path, rules=Rules(currency="EUR"))
    for table, path in files.items():
        request = Request(paths=(path,), table=table, phone_key=lake.lake.phone_key)
        take_in(lake.lake, source("files"), request, rules=lake.rules, strict=True)
    found = lake.gauge().check()
    assert [finding.says for finding in found if finding.severity is Severity.ERROR] == []
