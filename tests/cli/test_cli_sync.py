"""Does `sync` read what is new, tell how it stands, and end as it should?"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from commands import Run

from dialgauge.lake import Lake
from dialgauge.syncing.hooklog import HookLog

SETTINGS = """
[sources.dialler]
system = "files"
table = "calls"
hook = true
[sources.wrong]
system = "files"
table = "cals"
hook = true
"""


def arrive(name: str, number: int) -> None:
    """Let an event arrive."""
    lake = Lake.open(str(Path.cwd()))
    log = HookLog(Path(lake.layout.sync(name), "hook", "log"))
    event = {"call_id": f"w{number}", "started_at": "2026-01-05T09:00:00Z", "direction": "outbound"}
    log.append([json.dumps(event)])
    log.close()


@pytest.fixture
def connected(team: Run) -> Run:
    """Connect two systems, of which one names a table that nobody knows."""
    with Path("dialgauge.toml").open("a", encoding="utf-8") as file:
        file.write(SETTINGS)
    return team


def test_one_bad_source_stops_no_other(connected: Run) -> None:
    """The table shows both, the sentence what failed, and the status is 1."""
    arrive("dialler", 1)
    arrive("wrong", 2)
    said = connected("sync")
    assert said.status == 1
    sentence = "1 of 2 sources failed: wrong (events): unknown table 'cals'; did you mean 'calls'?"
    assert said.err.splitlines()[-1].startswith(f"dialgauge: {sentence}")
    assert re.search(r"dialler \(events\) +files +\S+ \S+ UTC +1 +1 +0 +0 +\d+ d", said.out)
    told = {each["name"]: each for each in connected("sync", "--status", "--format", "json").json}
    assert (told["dialler"]["state"], told["wrong"]["state"]) == ("ok", "failed")
    assert told["wrong"]["failures"] == 1
    assert connected("sync", "dialler").status == 0


def test_a_source_that_does_not_run_is_told(connected: Run) -> None:
    """Files are imported; a name that nobody connected is refused."""
    with Path("dialgauge.toml").open("a", encoding="utf-8") as file:
        file.write('[sources.old]\nsystem = "files"\n')
    assert connected("sync", "old").sentence == (
        "[sources.old] names files, which cannot be read while it runs; `dialgauge import files` "
        "reads its files; write hook = true to let it send events"
    )
    assert connected("sync", "dialer").sentence.startswith("unknown source 'dialer'; did you mean")
    assert connected("sync", "dialler", "--from", "2026-01-01").sentence == (
        "what a system sends by itself has no range; leave out --from and --to"
    )


def test_debug_shows_where_it_failed(connected: Run) -> None:
    """The traceback of what went wrong behind the sentence."""
    arrive("wrong", 1)
    said = connected("sync", "wrong", "--debug")
    assert said.status == 1
    assert "UnknownNameError: unknown table 'cals'" in said.err


@pytest.mark.usefixtures("connected")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_service_ends_quietly_with_a_signal(number: signal.Signals) -> None:
    """It has told each round on a line; status 0, and nothing on standard error."""
    arrive("dialler", 1)
    with subprocess.Popen(
        [sys.executable, "-m", "dialgauge", "sync", "dialler", "--every", "5s"],
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        first = process.stdout.readline()
        assert first.rstrip().endswith(
            "dialler (events): 1 rows read: 1 new, 0 changed, 0 unchanged, 0 refused"
        )
        process.send_signal(number)
        assert process.wait(timeout=60) == 0
        assert process.stdout.read() == "stopped\n"
        assert process.stderr.read() == ""


@pytest.mark.usefixtures("team")
def test_a_service_follows_the_settings() -> None:
    """A new source begins, a broken file is told once and stops nobody, a removed source ends."""
    settings = Path("dialgauge.toml")
    before = settings.read_text(encoding="utf-8")
    first, second = (
        f'[sources.{name}]\nsystem = "files"\ntable = "calls"\nhook = true\n'
        for name in ("dialler", "second")
    )
    settings.write_text(before + first, encoding="utf-8")
    arrive("second", 2)
    with (
        Path("out").open("w") as out,
        Path("err").open("w") as err,
        subprocess.Popen(
            [sys.executable, "-m", "dialgauge", "sync", "--every", "5s"], stdout=out, stderr=err
        ) as process,
    ):

        def write(text: str) -> None:
            Path("draft.toml").write_text(text, encoding="utf-8")
            Path("draft.toml").replace(settings)

        def until(holds: Callable[[str, str], object]) -> None:
            give_up = time.monotonic() + 60
            while not holds(Path("out").read_text(), Path("err").read_text()):
                assert time.monotonic() < give_up
                time.sleep(0.05)

        until(lambda out, _: "dialler (events): 0 rows read" in out)
        write(before + first + second)
        until(lambda out, _: "second (events): 1 rows read: 1 new" in out)
        write(before + first + "=")
        until(lambda _, err: "is not TOML" in err)
        rounds = Path("out").read_text().count("second (events)")
        until(lambda out, _: out.count("second (events)") >= rounds + 2)
        write(before + second)
        until(lambda _, err: "dialler (events) ends" in err)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=60) == 0
    begins, broken, ends = Path("err").read_text().splitlines()
    file = settings.resolve()
    assert begins == f"dialgauge: {file} has changed: second (events) begins"
    assert broken.startswith(f"dialgauge: {file} is not TOML in UTF-8: ")
    assert ends == f"dialgauge: {file} has changed: dialler (events) ends"
    assert Path("out").read_text().splitlines()[-1] == "stopped"
