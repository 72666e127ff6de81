"""Does the command behave as a process should: quick to start, quiet in pipes, easy to stop?"""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from commands import Run

COMMAND = (sys.executable, "-m", "dialgauge")
HEAVY = ("duckdb", "deltalake", "pyarrow", "sqlglot", "numpy", "pandas", "pyspark", "openpyxl")


@pytest.mark.parametrize("words", ["--help", "--version", "ask --help", "kpis --help", "lake"])
def test_starting_up_loads_nothing_heavy(words: str) -> None:
    """Help and version need no engine; the help of one command may load what it stands on."""
    script = (
        "import sys; from dialgauge.cli import main; status = main(sys.argv[1:]);"
        f" print([name for name in {HEAVY} if name in sys.modules], file=sys.stderr);"
        " sys.exit(status)"
    )
    told = subprocess.run(
        [sys.executable, "-c", script, *words.split()],
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout != ""
    if words in ("--help", "--version"):
        assert told.stderr == "[]\n"
    assert "pyspark" not in told.stderr


def test_help_names_every_command_and_the_options_of_all() -> None:
    """The first thing a newcomer reads."""
    told = subprocess.run([*COMMAND, "--help"], capture_output=True, text=True, check=True)
    names = ("init", "demo", "import", "overview", "ask", "rows", "kpis", "check", "lake")
    for name in (*names, "--lake", "DIALGAUGE_LAKE", "--debug"):
        assert name in told.stdout
    assert told.stderr == ""


@pytest.mark.parametrize("format", ["json", "table"])
def test_a_reader_may_leave_early(format: str) -> None:
    """As in `| head -1`: status 0 and not a word of complaint."""
    with subprocess.Popen(
        [*COMMAND, "kpis", "--format", format],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        # A small pipe is full long before the list of KPIs ends.
        fcntl.fcntl(process.stdout, fcntl.F_SETPIPE_SZ, 4096)
        assert process.stdout.readline() != ""
        process.stdout.close()
        complaint = process.stderr.read()
        assert process.wait(timeout=60) == 0
    assert complaint == ""


def test_stopping_leaves_nothing_half_done(tmp_path: Path) -> None:
    """Ctrl-C in the middle of a demo: one sentence, status 130, and the folder as it was."""
    with subprocess.Popen(
        [*COMMAND, "demo", "shop", "--calls", "60000"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        assert process.stdout is not None
        for line in process.stderr:
            if line.startswith("demo: importing calls"):
                break
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()
        assert process.wait(timeout=60) == 130
        assert process.stdout.read() == ""
    last = rest.splitlines()[-1]
    assert last == "dialgauge: stopped; what was not finished has not changed the lake"
    assert "Traceback" not in rest
    assert list(tmp_path.iterdir()) == []


def test_stopping_a_question_is_no_bug(team: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C while DuckDB counts: it stops at once, with the same sentence and status."""
    # Spark, when a test of this process has started it, listens to Ctrl-C in its own way.
    signal.signal(signal.SIGINT, signal.default_int_handler)

    def endless(*_: object) -> str:
        threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
        return "SELECT sum(sqrt(a.range * b.range)) FROM range(10000000) a, range(9999) b"

    monkeypatch.setattr("dialgauge.engines.duckdb.statement", endless)
    said = team("ask", "dials")
    assert said.status == 130
    assert said.sentence == "stopped; what was not finished has not changed the lake"


def test_the_status_reaches_the_shell(tmp_path: Path) -> None:
    """2 for a wrong command, 1 for work that failed, and nothing on standard output."""
    for words, status in (("ask --foo", 2), ("ask dials", 1), ("kpis dials", 0)):
        told = subprocess.run(
            [*COMMAND, *words.split()], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert told.returncode == status
        assert (told.stdout == "") == (status != 0)
        assert len(told.stderr.splitlines()) == (status != 0)
