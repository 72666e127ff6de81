"""Which lake is meant, and can what happened to it be seen and undone?"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from commands import CALLS, Run


def _dials(run: Run, *words: str) -> float:
    value: float = run(*words, "ask", "dials", "--format", "json").json["total"]["dials"]["value"]
    return value


def _import(run: Run, name: str, *rows: str) -> None:
    Path(name).write_text("call_id,started_at,direction,lead_id\n" + "\n".join(rows), "utf-8")
    assert run("import", "files", name).status == 0


def test_history_restore_and_back(team: Run) -> None:
    """Restoring version 1 takes the fifth dial away; restoring version 2 brings it back."""
    _import(team, "more.csv", "9,2026-01-09T10:00:00Z,outbound,")
    assert _dials(team) == 5
    states = team("lake", "history", "--format", "json").json
    assert [(state["version"], state["operation"]) for state in states[:2]] == [
        (2, "import more.csv"),
        (1, "import calls.csv"),
    ]
    assert states[1]["counts"]["loaded"] == 6
    assert "import more.csv" in team("lake", "history").out
    assert team("lake", "restore", "1").out == "version 3 is as version 1 was\n"
    assert _dials(team) == 4
    assert team("lake", "restore", "2").out == "version 4 is as version 2 was\n"
    assert _dials(team) == 5
    assert team("lake", "restore", "0").status == 0
    assert team("ask", "dials").status == 2


def test_compact_and_vacuum_keep_the_rows(team: Run) -> None:
    """Merged and tidied, the lake answers the same."""
    for number in range(3):
        _import(team, f"{number}.csv", f"m{number},2026-01-09T10:00:00Z,outbound,")
    compacted = team("lake", "compact")
    assert compacted.status == 0
    assert compacted.out.endswith("small files were merged\n")
    assert _dials(team) == 7
    told = team("lake", "vacuum", "--older-than", "0", "--dry-run")
    assert told.out.endswith("would go\n")
    before = len(team("lake", "history", "--format", "json").json)
    assert team("lake", "vacuum", "--older-than", "0").out.endswith("are gone\n")
    assert len(team("lake", "history", "--format", "json").json) < before
    assert _dials(team) == 7


def test_changed_rules_are_applied_on_request(team: Run) -> None:
    """An order of 200 USD is worth 100 EUR once the team counts in euros."""
    Path("orders.csv").write_text(
        "order_id,ordered_at,amount,currency\no1,2026-01-06T10:00:00Z,200,USD\n", encoding="utf-8"
    )
    Path("rates.csv").write_text(
        "rate_id,currency,on,rate\nr1,USD,2026-01-05,0.5\n", encoding="utf-8"
    )
    assert team("import", "files", "orders.csv", "--table", "orders").status == 0
    assert team("import", "files", "rates.csv", "--table", "currencies").status == 0
    text = Path("dialgauge.toml").read_text("utf-8")
    text = text.replace('# currency = "EUR"', 'currency = "EUR"').replace(
        "rate_days = 0", "rate_days = 1"
    )
    Path("dialgauge.toml").write_text(text, encoding="utf-8")
    said = team("lake", "prepare")
    assert said.status == 0
    assert said.out == "came out differently: orders\n  the lake is now at version 4\n"
    assert "nothing has changed" in team("lake", "prepare").out
    found = team("rows", "revenue", "--format", "json").json
    assert [float(row["value"]) for row in found] == [100]


def test_a_person_is_forgotten_and_the_numbers_stay(team: Run) -> None:
    """L1's two calls still count; who was called is not known any more."""
    _import(
        team, "l.csv", "a,2026-01-09T10:00:00Z,outbound,L1", "b,2026-01-09T11:00:00Z,outbound,L1"
    )
    said = team("lake", "erase", "--lead", "L1")
    assert said.status == 0
    assert said.out.startswith("forgotten: ")
    assert "2 of calls" in said.out
    assert _dials(team) == 6
    assert "L1" not in team("rows", "dials", "--format", "json").out
    nobody = team("lake", "erase", "--lead", "L1")
    assert nobody.out.startswith("forgotten: nothing")


def test_the_nearest_settings_say_which_lake(team: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """From a folder below, the team's lake is found."""
    below = Path("reports/2026")
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    assert _dials(team) == 4


def test_the_option_wins_over_the_variable_over_the_nearest(
    team: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three lakes with 4, 1 and 2 dials: each way to name one finds its own."""
    for name, count in (("one", 1), ("two", 2)):
        assert team("init", name).status == 0
        rows = [f"{n},2026-01-09T10:00:00Z,outbound," for n in range(count)]
        Path("few.csv").write_text(
            "call_id,started_at,direction,lead_id\n" + "\n".join(rows), encoding="utf-8"
        )
        assert team("import", "files", "few.csv", "--lake", name).status == 0
    assert _dials(team) == 4
    monkeypatch.setenv("DIALGAUGE_LAKE", str(Path("one").resolve()))
    assert _dials(team) == 1
    assert _dials(team, "--lake", "two") == 2
    assert team("ask", "dials", "--lake=two", "--format", "json").json["total"]["dials"]["n"] == 2
    # What one command was told is forgotten by the next.
    assert _dials(team) == 1


def test_a_lake_elsewhere(run: Run) -> None:
    """dialgauge.toml may name another folder; init refuses to overwrite."""
    Path("calls.csv").write_text(CALLS, encoding="utf-8")
    assert run("init", "far").status == 0
    text = Path("far/dialgauge.toml").read_text("utf-8").replace('lake = "."', 'lake = "far"')
    Path("dialgauge.toml").write_text(text, encoding="utf-8")
    assert run("import", "files", "calls.csv").status == 0
    assert _dials(run) == 4
    again = run("init", "far")
    assert again.status == 2
    assert "is there already; nothing was changed" in again.sentence


def test_a_demo_in_one_command(run: Run) -> None:
    """A small company: the overview is printed, the lake can be asked, again is not made anew."""
    said = run("demo", "--calls", "3000")
    assert said.status == 0
    assert "contact_rate" in said.out
    assert "Best hours to call" in said.out
    assert "dialgauge --lake dialgauge-demo ask contact_rate --by hour" in said.out
    dials = _dials(run, "--lake", "dialgauge-demo")
    assert 1500 < dials < 3000
    assert run("demo", "--calls", "10").status == 0
    assert _dials(run, "--lake", "dialgauge-demo") == dials
    hours = run(
        "--lake", "dialgauge-demo", "ask", "contact_rate", "--by", "hour", "--format", "json"
    ).json
    assert sum(row["values"]["contact_rate"]["denominator"] for row in hours["rows"]) == dials


def test_a_demo_touches_no_folder_of_others(run: Run) -> None:
    """A folder with files and without a lake is refused and left alone."""
    Path("mine").mkdir()
    Path("mine/letter.txt").write_text("dear", encoding="utf-8")
    said = run("demo", "mine", "--calls", "10")
    assert said.status == 2
    assert said.sentence == (
        "'mine' is not empty and holds no lake; name another folder for the demo"
    )
    assert [path.name for path in Path("mine").iterdir()] == ["letter.txt"]


def test_settings_that_are_wrong_are_named(team: Run) -> None:
    """A misspelt setting is said with its file."""
    with Path("dialgauge.toml").open("a", encoding="utf-8") as file:
        file.write("\n[engin]\n")
    said = team("ask", "dials")
    assert said.status == 2
    assert "dialgauge.toml: unknown setting 'engin'; did you mean 'engine'?" in said.sentence


def test_the_answer_is_valid_json_when_nothing_matches(team: Run) -> None:
    """No group at all: an empty list, and a total of 0."""
    answer = team("ask", "dials", "--by", "agent", "--where", "agent = 'Z'", "--format", "json")
    assert json.loads(answer.out)["rows"] == []
    assert answer.json["total"]["dials"]["value"] == 0
    assert team("ask", "dials", "--by", "agent", "--where", "agent = 'Z'").status == 0
    empty = team("ask", "dials", "--by", "agent", "--where", "agent = 'Z'", "--format", "csv")
    assert (empty.status, empty.out) == (0, "")
