"""Is every no one readable sentence with what is allowed, on the right stream and status?"""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import Run

# The words of a command, and how its refusal begins. All leave with status 2.
WRONG = {
    "ask dails": "unknown KPI 'dails'; did you mean 'dials'?",
    "ask dials --by agnt": "unknown dimension 'agnt'; did you mean 'agent'?",
    "ask dials --where agnt='A'": "unknown dimension or column 'agnt'; did you mean 'agent'?",
    "ask dials --where talk_s": "the condition 'talk_s' gives a number, not true or false",
    "ask dials --where talk_s>='x'": "in the condition 'talk_s>='x'':",
    "ask dials --timezone Europe/Berln": (
        "unknown time zone 'Europe/Berln'; did you mean 'Europe/Berlin'?"
    ),
    "ask dials --from 2026-02-01 --to 2026-02-01": (
        "the period from 2026-02-01 to 2026-02-01 is empty; the last day is exclusive"
    ),
    "ask dials --from 2026-02-02 --to 2026-02-01": "the period from 2026-02-02 to 2026-02-01",
    "ask dials --from 1.2.2026": (
        "--from '1.2.2026' is not a day; write it as year-month-day, such as 2026-01-31"
    ),
    "ask dials --to 2026-02-30": "--to '2026-02-30' is not a day",
    "ask dials --from 1066-10-14": "1066-10-14 is out of reach",
    "ask dials --grain weak": "unknown grain 'weak'; did you mean 'week'? Allowed: day, hour,",
    "ask dials --format xml": "unknown format 'xml'; allowed: csv, json, parquet, table.",
    "ask dials --engine duck": "unknown engine 'duck'; did you mean 'duckdb'?",
    "ask dials --versus last": "cannot compare with 'last'; allowed: previous, year, or a range",
    "ask dials --versus previous": "a comparison needs a period with both ends",
    "ask dials --versus 2026-01-01..x": "--versus 'x' is not a day",
    "ask dials --week-starts 9": "weeks cannot start on day 9; 1 is Monday and 7 is Sunday",
    "ask dials --as-of soon": "--as-of 'soon' is not a time",
    "ask": "no KPI was asked; name at least one, `dialgauge kpis` lists them",
    "ask agent_hours": (
        "'agent_hours' needs the table agent_time, which is empty; import it first, for example "
        "with: dialgauge import files agent_time.csv --table agent_time"
    ),
    "ask speed_to_lead": "'speed_to_lead' needs the table leads, which is empty",
    "rows agent_hours": "'agent_hours' needs the table agent_time, which is empty",
    "rows dails": "unknown KPI 'dails'; did you mean 'dials'?",
    "rows dials --limit 0": "at least 1 row must be listed, not 0",
    "check --rows --limit -3": "at least 1 row must be listed, not -3",
    "rows dials --format xls": "unknown format 'xls'; allowed: csv, json, parquet, table.",
    "kpis dails": "unknown KPI 'dails'; did you mean 'dials'?",
    "kpis --lang fr": "there are no texts in language 'fr'; allowed: en (English)",
    "kpis --format csv": "unknown format 'csv'; allowed: json, table.",
    "check --format xml": "unknown format 'xml'; allowed: csv, json, table.",
    "overview --from soon": "--from 'soon' is not a day",
    "overview --timezone Mars": "unknown time zone 'Mars'",
    "import": "`dialgauge import` needs SOURCE; `dialgauge import --help` shows how",
    "import files": "no file was named; write it behind the source: import files calls.csv",
    "import fils calls.csv": "unknown source 'fils'; did you mean 'files'? Allowed: asterisk,",
    "import files calls.csv --table call": "unknown table 'call'; did you mean 'calls'?",
    "import files calls.csv --option x": "--option 'x' has no value; write it as name=value",
    "import files calls.csv --option encoding=utf-9": (
        "unknown encoding 'utf-9'; did you mean 'utf-8'? Allowed: big5,"
    ),
    "import files calls.csv --timezone Mars": "unknown time zone 'Mars'",
    "import files calls.csv --format csv": "unknown format 'csv'; allowed: json, table.",
    "template cost": "unknown template 'cost'; did you mean 'costs'? Allowed: agents, campaigns,",
    "template costs costs.csv": "'costs.csv' is no name of a workbook; let it end in .xlsx",
    "template costs --lang fr": "there are no texts in language 'fr'; allowed: en (English)",
    "list": "there are no leads to call; import them first, for example with: dialgauge import",
    "list --hours 9": "--hours '9' is not understood; write it as 9-20, or 0-24 for all",
    "list --hours 20-9": "the hours 20-9 cannot be; write the first and the one before which it",
    "list --order-by best": "unknown order 'best'; did you mean 'newest'? Allowed: attempts,",
    "list --format vicidial": "VICIdial loads leads by their numbers; add --numbers, which needs",
    "list --limit 0": "at least 1 lead must be listed, not 0",
    "lake restor 1": "unknown command 'restor'; did you mean 'restore'? Allowed: compact, erase,",
    "lake restore": "`dialgauge lake restore` needs VERSION;",
    "lake restore one": "version 'one' is not a whole number;",
    "lake vacuum --older-than x": "--older-than 'x' is not a number;",
    "lake vacuum --older-than -1": "cannot keep -1 days of history; allowed: 0 or more.",
    "lake erase": "whom to forget? Allowed: a lead_id, a customer_id or a phone_token.",
    "aks dials": "unknown command 'aks'; did you mean 'ask'? Allowed: ask, check, cohorts,",
    "ask dials --form json": "unknown option '--form'; did you mean '--format'? Allowed: --as-of,",
    "ask dials --by": "--by needs a value behind it; `dialgauge ask --help` shows how",
    "ask dials --from 2026-01-01 --from 2026-01-02": "--from was given twice; write it once",
    "ask dials --week-starts monday": "--week-starts 'monday' is not a whole number;",
    "init a b": "nothing is expected where 'b' stands;",
    "demo --calls 0": "a demo needs at least 1 call, not 0",
    "init calls.csv": "'calls.csv/dialgauge.toml' cannot be made: a file stands in its way;",
    "ask dials --where (": "cannot read '('",
    "ask dials --by day --versus 2026-01-01..2026-02-01 --from 2026-02-01 --to 2026-03-01": (
        "a comparison cannot be split by 'day', which differs in each period; use --grain day"
    ),
    "demo --calls many": "--calls 'many' is not a whole number;",
    "ask dials --lake": "--lake needs a folder behind it, such as --lake sales",
    "ask dials --lake=": "--lake needs a folder behind it, such as --lake sales",
    "sync": "no system is connected yet; `dialgauge connect` asks for what it takes, or write",
    "sync --every often": "'often' is not how often; write a number and s, m, h or d, such as 30s,",
    "sync --every 1s": "'1s' is not how often;",
    "sync --from soon": "--from 'soon' is not a day",
    "sync --from 2026-02-01 --to 2026-02-01": (
        "the range from 2026-02-01 to 2026-02-01 is empty; the last day is exclusive, so write a"
    ),
    "sync --every 5m --from 2026-02-01": "--every goes on where it stopped; read a range once,",
    "sync --format csv": "unknown format 'csv'; allowed: json, table.",
    "connect vicidail": "unknown system 'vicidail';",
    "connect": (
        "connect asks at a terminal, and there is none; `dialgauge connect SYSTEM` shows what to"
    ),
    "serve --port 99999": "--port 99999 is no port; allowed: 0 to 65535, 0 for any free one",
    "serve --host 0.0.0.0": "--host 0.0.0.0 listens on every address of this machine; say what",
    "serve --host 192.0.2.7": (
        "others could reach this server, and there are no users yet; add the first with "
        "`dialgauge users add NAME --role owner`, then start it again"
    ),
    "serve --public-url gauge.example.com": "--public-url 'gauge.example.com' is not an address;",
    "users add Ann --role boss --no-password --email a@b.c": (
        "unknown role 'boss'; allowed: agent, manager, owner, team_lead, viewer."
    ),
    "users add Ann --role viewer --no-password --email a@b.c": (
        "the first user must be an owner, who can add the others; add one with: dialgauge users"
    ),
    "users add Ann --role owner --no-password": "whoever has no password comes from the log-in",
    "users disable Ann": "unknown user 'Ann'; nothing is declared here yet.",
}
# The same for work that fails: status 1.
FAILED = {
    "import files missing.csv": "there is no 'missing.csv'; check the name and the folder you are",
    "import files folder": "folder is a folder; name the files in it, for example folder/*.csv",
    "import files calls.csv --mapping missing.toml": "there is no 'missing.toml'",
    "import files picture.csv": "picture.csv is not UTF-8: byte 1 is 0x89; say its encoding,",
    "import files empty.csv": "empty.csv is empty; a CSV file needs at least a header line",
    "import files broken.parquet": "broken.parquet cannot be read as Parquet",
    "import files broken.xlsx": "broken.xlsx cannot be read as an Excel workbook",
    "ask dials --lake missing": (
        "--lake names does not exist; name a folder, or make one with `dialgauge init DIR`"
    ),
    "ask dials --lake calls.csv": "that --lake names is a file, not a folder",
    "check --lake folder": "folder' is no lake; make one with `dialgauge init`, or name another",
    "lake restore 77": "the lake has no version 77; allowed: 0, 1.",
    "ask dials --format csv --output missing/answer.csv": (
        "'missing/answer.csv' cannot be written: No such file or directory; name another file"
    ),
    "ask dials --format parquet --output missing/answer.parquet": (
        "'missing/answer.parquet' cannot be written: No such file or directory; name another file"
    ),
}


@pytest.fixture
def odd(team: Run) -> Run:
    """Lay odd files beside the team's."""
    Path("folder").mkdir()
    Path("empty.csv").write_bytes(b"")
    Path("picture.csv").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4)
    Path("broken.parquet").write_bytes(b"PAR1 is not enough")
    Path("broken.xlsx").write_bytes(b"PK\x03\x04 is not enough")
    return team


def test_wrong_commands_are_refused_with_status_2(odd: Run) -> None:
    """Each is one sentence that says what is wrong and what is allowed; the lake is untouched."""
    for words, begins in WRONG.items():
        said = odd(*words.split())
        assert said.status == 2, words
        assert said.sentence.startswith(begins), words
    assert len(odd("lake", "history", "--format", "json").json) == 1


def test_work_that_fails_ends_with_status_1(odd: Run) -> None:
    """Each says in one sentence which file or lake, and what to do."""
    for words, part in FAILED.items():
        said = odd(*words.split())
        assert said.status == 1, words
        assert part in said.sentence, words
        assert "this is a bug" not in said.sentence, words
    assert len(odd("lake", "history", "--format", "json").json) == 1


def test_a_dimension_that_a_fact_lacks_is_refused_with_those_all_share(team: Run) -> None:
    """Agents' time knows no list: the sentence says so and names what both know."""
    Path("time.csv").write_text(
        "interval_id,agent_id,state,started_at,ended_at\n"
        "1,A,wrap,2026-01-05T10:00:00Z,2026-01-05T11:00:00Z\n",
        encoding="utf-8",
    )
    assert team("import", "files", "time.csv", "--table", "agent_time").status == 0
    said = team("ask", "dials", "agent_hours", "--by", "list")
    assert said.status == 2
    assert said.sentence.startswith(
        "agent_time cannot be split by 'list'; all facts of this question share: campaign, agent,"
    )
    assert team("ask", "dials_per_agent_hour", "--where", "list = 'X'").status == 2


def test_long_lists_are_cut_to_what_is_close(team: Run) -> None:
    """Of 60 KPIs and 600 zones a sentence names the six most alike, in any spelling of case."""
    kpi = team("ask", "Contact-Rate").sentence
    assert kpi.startswith("unknown KPI 'Contact-Rate'; did you mean 'contact_rate'? Allowed are ")
    assert "names, the closest: contact_rate, " in kpi
    zone = team("ask", "dials", "--timezone", "berlin").sentence
    assert zone.startswith("unknown time zone 'berlin'; did you mean 'Europe/Berlin'?")
    assert zone.endswith(" Use an IANA name such as Europe/Berlin.")
    assert max(len(kpi), len(zone)) < 300


def test_without_a_lake_every_command_that_needs_one_says_where_it_looked(run: Run) -> None:
    """The folder, and the three ways to name a lake."""
    here = Path.cwd()
    for words in ("ask dials", "rows dials", "check", "overview", "lake history"):
        said = run(*words.split())
        assert said.status == 1
        assert said.sentence == (
            f"there is no dialgauge.toml in '{here}' or above it; run `dialgauge init` to make a "
            "lake here, or name one with --lake DIR or the variable DIALGAUGE_LAKE"
        )


def test_the_variable_is_named_when_it_misleads(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever set DIALGAUGE_LAKE is told that it was this."""
    monkeypatch.setenv("DIALGAUGE_LAKE", "missing")
    assert "that DIALGAUGE_LAKE names does not exist" in run("check").sentence


def test_debug_shows_where(team: Run) -> None:
    """With --debug, before or after the command, the traceback comes too; the status stays."""
    for words in (("--debug", "ask", "dails"), ("ask", "dails", "--debug")):
        said = team(*words)
        assert said.status == 2
        assert said.out == ""
        assert said.err.startswith("Traceback (most recent call last):")
        last = said.err.splitlines()[-1]
        assert last.startswith("dialgauge: unknown KPI 'dails'; did you mean 'dials'?")


def test_a_bug_is_called_one(team: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """What nobody foresaw is one line too, and says how to see more."""

    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("so\nmuch")

    monkeypatch.setattr("dialgauge.gauge.Gauge.ask", broken)
    said = team("ask", "dials")
    assert said.status == 1
    assert said.sentence == (
        "ZeroDivisionError: so much; this is a bug in dialgauge, --debug shows where"
    )
