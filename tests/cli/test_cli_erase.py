"""Does erasing reach what a refused row says of a person?"""

from __future__ import annotations

from pathlib import Path

import pytest

from dialgauge.cli import main

NAME = "anna-baker.wav"
NUMBER = "+49 170 1234567"
CALLS = f"""\
call_id,started_at,lead_id,recording,direction
1,yesterday,,{NAME},outbound
4,yesterday,,{NUMBER},outbound
2,2026-01-05T10:00:00Z,L1,,outbound
3,2026-01-05T10:01:00Z,L2,,outbound
"""


def test_texts_reach_refused_rows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A refused row that names no lead is forgotten by a word in it; no file keeps it."""
    lake = tmp_path / "lake"
    (tmp_path / "calls.csv").write_text(CALLS, encoding="utf-8")
    assert main(["init", str(lake)]) == 0
    command = ["import", "files", str(tmp_path / "calls.csv"), "--table", "calls"]
    assert main(["--lake", str(lake), *command]) == 0
    held = [path for path in lake.rglob("*.parquet") if NAME.encode() in path.read_bytes()]
    assert held
    capsys.readouterr()
    assert main(["--lake", str(lake), "lake", "erase", "--lead", "L1", "--text", NAME]) == 0
    assert "forgotten: 1 of calls, 1 of journeys, 1 of quarantine" in capsys.readouterr().out
    left = b"".join(path.read_bytes() for path in lake.rglob("*") if path.is_file())
    assert NAME.encode() not in left
    assert NUMBER.encode() not in left
