"""Does `dialgauge reconcile` show both sides, and refuse what it cannot do?"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dialgauge.cli import main

DUMP = Path(__file__).parents[2] / "examples" / "vicidial"


def test_both_sides_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    """Each figure with theirs, ours and why; the example's own README works them out."""
    assert main(["reconcile", "vicidial", str(DUMP), "--format", "json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    drops = next(figure for figure in figures if figure["name"] == "drops of answers")
    assert drops["report"] == "Outbound Calling Report"
    assert (drops["theirs"], drops["ours"]) == (0.25, 1 / 3)
    assert drops["same"] is False


def test_both_sides_as_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    """One table a report; figures that agree say so."""
    assert main(["reconcile", "vicidial", str(DUMP), "--campaign", "SOLAR"]) == 0
    shown = capsys.readouterr().out
    assert "Agent Performance Detail" in shown
    assert "the same" in shown
    assert "nothing was stored" in shown


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["vicidial"], "no file was named; write the folder of VICIdial's tables"),
        (["asterisk", "."], "unknown system that can be reconciled from files 'asterisk'"),
        (["vicidial", "nowhere"], "there is no 'nowhere'"),
        (["vicidial", ".", "--option", "contact"], "--option 'contact' has no value"),
        (["vicidial", ".", "--from", "5.1.2026"], "--from '5.1.2026' is not a day"),
        (
            ["vicidial", ".", "--from", "2026-01-05", "--to", "2026-01-05"],
            "the range from 2026-01-05 to 2026-01-05 is empty",
        ),
        (["vicidial", ".", "--format", "xml"], "xml"),
    ],
)
def test_wrong_commands_are_refused(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit status 2, or 1 for a file that is not there, and one sentence."""
    assert main(["reconcile", *arguments]) in {1, 2}
    told = capsys.readouterr().err
    assert words in told
    assert told.count("\n") == 1


def test_a_system_that_is_not_connected(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The sentence says which there are, and that only VICIdial's reports are known."""
    (tmp_path / "dialgauge.toml").write_text('[sources.pbx]\nsystem = "asterisk"\n')
    lake = ["--lake", str(tmp_path)]
    assert main(["reconcile", "vici", *lake]) == 2
    assert "unknown source 'vici'" in capsys.readouterr().err
    assert main(["reconcile", "pbx", *lake]) == 2
    assert "'pbx' is asterisk, whose own reports are not known here" in capsys.readouterr().err
