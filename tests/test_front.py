"""Is the front door light, and does it open what the command line opens?"""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from pathlib import Path

import pytest

import dialgauge
from dialgauge.cli import main
from dialgauge.errors import LakeError, UnknownNameError

CALLS = """\
call_id,started_at,direction,result,contact
1,2026-01-05T09:00:00Z,outbound,human,true
2,2026-01-05T09:01:00Z,outbound,busy,false
3,2026-01-06T09:02:00Z,outbound,no_answer,false
4,2026-01-06T09:03:00Z,outbound,human,true
"""
OWN = "kpis: {talks: {formula: calls.contacts, unit: count}}"


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a lake of four calls, two of them contacts, with a KPI of the team's own."""
    folder = tmp_path_factory.mktemp("front")
    (folder / "calls.csv").write_text(CALLS, encoding="utf-8")
    assert main(["init", str(folder / "lake")]) == 0
    (folder / "lake" / "kpis.yaml").write_text(OWN, encoding="utf-8")
    files = ["--lake", str(folder / "lake"), "import", "files", str(folder / "calls.csv")]
    assert main([*files, "--table", "calls"]) == 0
    return folder / "lake"


def test_importing_fetches_nothing_heavy() -> None:
    """`import dialgauge` and looking at its names leaves DuckDB, Arrow and the like alone."""
    program = (
        "import sys, dialgauge; dialgauge.__all__; dialgauge.Question(kpis=('dials',));"
        "print([name for name in ('duckdb', 'pyarrow', 'deltalake', 'numpy', 'sqlglot')"
        " if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def test_every_name_is_there() -> None:
    """Each name of the front door can be fetched; another is refused with those there are."""
    for name in dialgauge.__all__:
        assert getattr(dialgauge, name).__name__ == name
    with pytest.raises(AttributeError, match=r"no 'conect'; it has .*connect"):
        dialgauge.conect  # noqa: B018 - being fetched is what is tested


@pytest.mark.parametrize("engine", ["duckdb", "reference"])
def test_connect_opens_a_lake(lake: Path, engine: str) -> None:
    """Two of four dials are contacts, with any engine; the team's own KPI is known."""
    question = dialgauge.Question(kpis=("contact_rate", "talks"))
    (row,) = dialgauge.connect(lake, engine).ask(question).rows
    rate = row.values["contact_rate"]
    assert (rate.value, rate.numerator, rate.denominator) == (0.5, 2, 4)
    assert row.values["talks"].value == 2


def test_connect_finds_the_nearest_lake(lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a path, the variable names it, else the folder one stands in."""
    monkeypatch.delenv("DIALGAUGE_LAKE", raising=False)
    monkeypatch.chdir(lake / "calls")
    assert dialgauge.connect().lake.layout.root == str(lake.resolve())
    monkeypatch.chdir(lake.parent)
    with pytest.raises(LakeError, match=r"no dialgauge\.toml"):
        dialgauge.connect()
    monkeypatch.setenv("DIALGAUGE_LAKE", str(lake))
    assert dialgauge.connect().lake.layout.root == str(lake.resolve())


def test_an_unknown_engine_is_refused(lake: Path) -> None:
    """The message names the engines there are."""
    with pytest.raises(UnknownNameError, match=r"'duckbd'; did you mean 'duckdb'\?.*reference"):
        dialgauge.connect(lake, "duckbd")


def test_records_are_flat(lake: Path) -> None:
    """One record a group: the key, then each KPI's value and parts; compared, the change too."""
    period = dialgauge.Period(dt.date(2026, 1, 6), dt.date(2026, 1, 7))
    question = dialgauge.Question(kpis=("dials",), by=("result",), period=period, versus="previous")
    found = dialgauge.records(dialgauge.connect(lake).ask(question))
    human = next(record for record in found if record["result"] == "human")
    assert (human["dials"], human["dials_n"], human["dials_denominator"]) == (1, 1, None)
    assert (human["dials_versus"], human["dials_difference"]) == (1, 0)
    gone = next(record for record in found if record["result"] == "busy")
    assert (gone["dials"], gone["dials_versus"], gone["dials_difference"]) == (0, 1, -1)
