"""Does the command line give the numbers of the dashboard, and cost nothing without one?"""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from pathlib import Path

import pytest

import dialgauge
from dialgauge.cli import main
from dialgauge.errors import UnknownNameError
from dialgauge.model.segment import Segment
from dialgauge.model.target import Target
from dialgauge.store import Store, open_store

CALLS = """\
call_id,started_at,direction,result,contact,campaign_id
1,2026-01-05T09:00:00Z,outbound,human,true,spring
2,2026-01-05T09:01:00Z,outbound,busy,false,spring
3,2026-01-06T15:02:00Z,outbound,no_answer,false,autumn
"""
HALF = Segment(name="half", rules=(("early", "campaign = 'spring'"),), otherwise="late")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a lake of three calls, two of them for the spring campaign."""
    monkeypatch.delenv("DIALGAUGE_DATABASE_URL", raising=False)
    (tmp_path / "calls.csv").write_text(CALLS, encoding="utf-8")
    assert main(["init", str(tmp_path / "lake")]) == 0
    lake = ["--lake", str(tmp_path / "lake")]
    assert main([*lake, "import", "files", str(tmp_path / "calls.csv")]) == 0
    return tmp_path / "lake"


def by_half(folder: Path) -> dict[object, float | None]:
    """Ask for dials by the segment."""
    answer = dialgauge.connect(folder).ask(dialgauge.Question(kpis=("dials",), by=("half",)))
    return {row.keys["half"]: row.values["dials"].value for row in answer.rows}


def decide(store: Store) -> None:
    """Make a segment and a target."""
    store.segments.put(HALF, "Ann")
    store.targets.put(
        Target(
            target_id="made",
            kpi="dials",
            value=2.0,
            starts_on=dt.date(2026, 1, 1),
            ends_on=dt.date(2026, 1, 31),
        ),
        "Ann",
    )
    store.close()


def test_segments_and_targets_of_the_database_count_everywhere(folder: Path) -> None:
    """A file dialgauge.db beside the settings is read; without one nothing is known of them."""
    with pytest.raises(UnknownNameError, match="half"):
        by_half(folder)
    decide(open_store(f"sqlite:///{folder / 'dialgauge.db'}"))
    assert by_half(folder) == {"early": 2, "late": 1}
    (status,) = dialgauge.connect(folder).targets(dt.datetime(2026, 2, 1, tzinfo=dt.UTC))
    assert (status.target.target_id, status.status.value) == ("made", "reached")


def test_the_variable_names_another_database(
    folder: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite elsewhere, or PostgreSQL."""
    decide(open_store(url))
    monkeypatch.setenv("DIALGAUGE_DATABASE_URL", url)
    assert by_half(folder) == {"early": 2, "late": 1}


def asked(folder: Path, program: str) -> subprocess.CompletedProcess[str]:
    """Run a program that asks, in the lake's folder."""
    environment = {key: value for key, value in os.environ.items() if "DIALGAUGE" not in key}
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_without_a_database_nothing_of_it_is_imported(folder: Path) -> None:
    """Neither help nor a question costs the time, or needs the extra."""
    looked = (
        "import sys; from dialgauge.cli import main; status = main({});"
        "print([name for name in ('sqlalchemy', 'alembic', 'argon2', 'fastapi', 'uvicorn')"
        " if name in sys.modules], status)"
    )
    for words in (["--help"], ["ask", "dials"], ["serve", "--help"], ["users", "--help"]):
        assert asked(folder, looked.format(words)).stdout.splitlines()[-1] == "[] 0"


def test_without_the_extra_a_database_is_not_passed_over(folder: Path) -> None:
    """Numbers without the segments made in the dashboard would be others: that is refused."""
    open_store(f"sqlite:///{folder / 'dialgauge.db'}").close()
    program = (
        "import sys; sys.modules['sqlalchemy'] = None; from dialgauge.cli import main;"
        "sys.exit(main(['ask', 'dials']))"
    )
    done = asked(folder, program)
    assert done.returncode == 1
    assert done.stderr == (
        "dialgauge: the dashboard's database needs sqlalchemy, which is not installed; run: pip "
        'install "dialgauge[server]"\n'
    )
