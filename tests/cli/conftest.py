"""What does a newcomer's folder look like, and how do tests type commands?"""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import CALLS, Run, Said

from dialgauge.cli import main


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Type commands in an empty folder."""
    folder = tmp_path / "team"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.delenv("DIALGAUGE_LAKE", raising=False)

    def typed(*words: object) -> Said:
        capsys.readouterr()
        status = main([str(word) for word in words])
        said = capsys.readouterr()
        return Said(status, said.out, said.err)

    return typed


@pytest.fixture
def team(run: Run) -> Run:
    """Type commands in the folder of a team that has imported its calls."""
    Path("calls.csv").write_text(CALLS, encoding="utf-8")
    assert run("init").status == 0
    assert run("import", "files", "calls.csv").status == 0
    return run
