"""Does a newcomer get records in, and is every row accounted for?"""

from __future__ import annotations

from pathlib import Path

from commands import CALLS, Run


def test_a_newcomer_imports_with_two_commands(run: Run) -> None:
    """After init and import the numbers are there."""
    Path("calls.csv").write_text(CALLS, encoding="utf-8")
    made = run("init")
    assert (made.status, made.err) == (0, "")
    assert Path("dialgauge.toml").is_file()
    said = run("import", "files", "calls.csv")
    assert said.status == 0
    first = said.out.splitlines()[0]
    assert first == "calls: 6 rows read: 6 loaded, 0 updated, 0 unchanged, 0 quarantined"
    assert "the lake is now at version 1" in said.out


def test_importing_twice_changes_nothing(run: Run) -> None:
    """The second report says unchanged, and the lake keeps its version."""
    Path("calls.csv").write_text(CALLS, encoding="utf-8")
    run("init")
    first = run("import", "files", "calls.csv", "--format", "json").json
    assert first == {
        "read": 6,
        "loaded": 6,
        "updated": 0,
        "unchanged": 0,
        "quarantined": 0,
        "version": 1,
        "tables": {
            "calls": {"read": 6, "loaded": 6, "updated": 0, "unchanged": 0, "quarantined": 0}
        },
        "reasons": [],
        "unused": [],
        "notes": [],
    }
    second = run("import", "files", "calls.csv", "--format", "json").json
    assert (second["loaded"], second["unchanged"], second["version"]) == (0, 6, 1)


BAD = """\
call_id,started_at,direction,result,mood
7,2026-01-07T10:00:00Z,outbound,busy,good
8,yesterday,outbound,busy,good
9,2026-01-07T10:00:00Z,outbound,asleep,good
,2026-01-07T10:00:00Z,outbound,busy,bad
"""


def test_bad_rows_are_kept_told_and_can_be_mended(team: Run) -> None:
    """One of four is loaded; check lists the three; mended, they are loaded and told as mended."""
    Path("bad.csv").write_text(BAD, encoding="utf-8")
    report = team("import", "files", "bad.csv", "--format", "json").json
    counts = [report[name] for name in ("read", "loaded", "updated", "unchanged", "quarantined")]
    assert counts == [4, 1, 0, 0, 3]
    assert [reason["rows"] for reason in report["reasons"]] == [1, 1, 1]
    assert {reason["table"] for reason in report["reasons"]} == {"calls"}
    assert {reason["file"] for reason in report["reasons"]} == {"bad.csv"}
    assert report["unused"] == ["mood"]
    assert team("ask", "dials", "--format", "json").json["total"]["dials"]["value"] == 5

    listed = team("check", "--rows", "--format", "json").json
    assert [row["row"] for row in listed["rows"]] == [2, 3, 4]
    assert [reason["mended"] for reason in listed["quarantine"]] == [0, 0, 0]
    assert "yesterday" in listed["rows"][0]["raw"]
    shown = team("check", "--rows").out
    assert "1 refused for calls: started_at is not" in shown
    assert "bad.csv row 2" in shown

    mended = BAD.replace("yesterday", "2026-01-07T11:00:00Z").replace("asleep", "busy")
    Path("bad.csv").write_text(mended.replace("\n,2026", "\n10,2026"), encoding="utf-8")
    again = team("import", "files", "bad.csv", "--format", "json").json
    counts = [again[name] for name in ("read", "loaded", "updated", "unchanged", "quarantined")]
    assert counts == [4, 3, 0, 1, 0]
    assert team("ask", "dials", "--format", "json").json["total"]["dials"]["value"] == 8


def test_strict_stores_nothing_when_a_row_is_bad(team: Run) -> None:
    """Exit status 1, one sentence, the lake as before."""
    Path("bad.csv").write_text(BAD, encoding="utf-8")
    said = team("import", "files", "bad.csv", "--strict")
    assert said.status == 1
    assert said.sentence.startswith("3 rows cannot be taken in, so nothing was stored")
    assert team("ask", "dials", "--format", "json").json["total"]["dials"]["value"] == 4
    assert team("check", "--format", "json").json["quarantine"] == []


def test_check_counts_every_table(team: Run) -> None:
    """Rows, and the times of the oldest and the newest."""
    found = {each["table"]: each for each in team("check", "--format", "json").json["tables"]}
    assert found["calls"]["rows"] == 6
    assert found["calls"]["oldest"] == "2026-01-05T10:00:00+00:00"
    assert found["calls"]["newest"] == "2026-02-06T12:00:00+00:00"
    assert (found["leads"]["rows"], found["leads"]["oldest"]) == (0, None)
    assert "no row was refused" in team("check").out


def test_times_without_a_zone_are_read_in_the_one_given(run: Run) -> None:
    """10:00 in Berlin in winter is 9:00 in UTC."""
    Path("calls.csv").write_text("call_id,started_at\n1,2026-01-05 10:00:00\n", encoding="utf-8")
    run("init")
    assert run("import", "files", "calls.csv", "--timezone", "Europe/Berlin").status == 0
    (calls,) = (
        each for each in run("check", "--format", "json").json["tables"] if each["table"] == "calls"
    )
    assert calls["oldest"] == "2026-01-05T09:00:00+00:00"


def test_a_dry_run_needs_no_lake_and_stores_nothing(run: Run) -> None:
    """It tells what each header becomes, ten rows before and after, and what is refused."""
    Path("bad.csv").write_text(BAD, encoding="utf-8")
    said = run("import", "files", "bad.csv", "--table", "calls", "--dry-run", "--format", "json")
    found = said.json
    (file,) = found["files"]
    assert (file["path"], file["kind"], file["table"]) == ("bad.csv", "csv", ["calls"])
    assert [header["column"] for header in file["headers"]] == [
        "call_id",
        "started_at",
        "direction",
        "result",
        "",
    ]
    assert [row["call_id"] for row in file["before"]] == ["7", "8", "9", None]
    (table,) = found["tables"]
    assert (table["table"], table["rows"], table["refused"]) == ("calls", 4, 3)
    assert [reason["rows"] for reason in table["reasons"]] == [1, 1, 1]
    assert [row["call_id"] for row in table["after"]] == ["7"]
    assert table["unused"] == ["mood"]
    assert (found["proposal"], found["trouble"]) == ("", "")
    assert [path.name for path in Path().iterdir()] == ["bad.csv"]
    shown = run("import", "files", "bad.csv", "--table", "calls", "--dry-run")
    assert shown.status == 0
    assert "calls: 4 rows, of which 3 would be refused" in shown.out
    assert "headers not used: mood" in shown.out
    assert shown.out.endswith("nothing was imported\n")


def test_a_dry_run_proposes_a_mapping_that_works(run: Run) -> None:
    """Headers that are not ours: what is proposed, saved as it is, imports the file."""
    Path("export.csv").write_text(
        "Call ID,Start Time,Direction,Agent\n"
        "1,2026-01-05 10:00:00,outbound,Ann\n"
        "2,2026-01-05 11:00:00,outbound,Ben\n",
        encoding="utf-8",
    )
    found = run("import", "files", "export.csv", "--dry-run", "--format", "json").json
    assert found["trouble"] != ""
    Path("mapping.toml").write_text(found["proposal"], encoding="utf-8")
    run("init")
    said = run("import", "files", "export.csv", "--mapping", "mapping.toml", "--format", "json")
    assert (said.json["read"], said.json["loaded"]) == (2, 2)
    shown = run("import", "files", "export.csv", "--dry-run").out
    assert "Proposed mapping" in shown
    assert found["proposal"].strip() in shown


def test_a_dry_run_of_a_system_shows_the_calls_it_would_make(run: Run) -> None:
    """Asterisk's own order of fields: one row, one call, nothing stored."""
    Path("Master.csv").write_text(
        '"","100","5551234","default","""Ann"" <100>","SIP/100-1","SIP/trunk-1","Dial",'
        '"SIP/trunk/5551234","2026-01-05 10:00:00","2026-01-05 10:00:05","2026-01-05 10:01:05",'
        '65,60,"ANSWERED","DOCUMENTATION","1767607200.1",""\n',
        encoding="utf-8",
    )
    found = run("import", "asterisk", "Master.csv", "--dry-run", "--format", "json").json
    assert found["files"] == []
    calls = {table["table"]: table for table in found["tables"]}["calls"]
    assert (calls["rows"], calls["refused"]) == (1, 0)
    assert len(calls["after"]) == 1
    assert [path.name for path in Path().iterdir()] == ["Master.csv"]


def test_brackets_in_data_are_shown_as_they_are(run: Run) -> None:
    """A campaign called [/bold] is no instruction to the terminal."""
    Path("calls.csv").write_text(
        "call_id,started_at,direction,campaign_id\n1,2026-01-05T10:00:00Z,outbound,[/bold] :x:\n",
        encoding="utf-8",
    )
    run("init")
    run("import", "files", "calls.csv")
    assert "[/bold] :x:" in run("ask", "dials", "--by", "campaign").out
    assert "[/bold] :x:" in run("rows", "dials").out
