"""Are files of PBXs that other programs have saved, or crashes have cut, read or refused well?"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from test_freeswitch import logged, name, read, row

from dialgauge.errors import FileError
from dialgauge.sources import asterisk
from dialgauge.sources.base import Request


def record(number: int, **told: str) -> str:
    """Write a leg as a file of mod_json_cdr."""
    return json.dumps({"variables": row(number, **told)}, ensure_ascii=False)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "latin-1"])
def test_json_that_was_saved_otherwise(tmp_path: Path, encoding: str) -> None:
    """A mark at the beginning, two bytes a letter, or a name in Latin-1: the call is read."""
    said = record(1, caller_id_name="Änne", accountcode="frühling")
    (tmp_path / "a.json").write_bytes(said.encode(encoding))
    (tmp_path / "b.json").write_text(record(2), encoding="utf-8")
    (tmp_path / "c.json").write_text(record(3)[:60], encoding="utf-8")
    found = read(tmp_path)
    assert found.rows("call_id", "campaign_id")[0] == (name(1), "frühling")
    assert len(found.rows("call_id")) == 2
    assert found.reasons() == ["not what mod_json_cdr writes"]


def test_json_counts_in_the_order_of_its_files(tmp_path: Path) -> None:
    """Of a leg that comes twice the later file counts."""
    paths = [tmp_path / each for each in ("z.json", "a.json")]
    for path, seconds in zip(paths, ("11", "12"), strict=True):
        path.write_text(record(1, billsec=seconds), encoding="utf-8")
    assert read(*paths).rows("talk_s") == [(12.0,)]
    assert read(*reversed(paths)).rows("talk_s") == [(11.0,)]


def asterisk_read(path: Path) -> object:
    """Stage a file of Asterisk's."""
    return asterisk.stage(duckdb.connect(), Request(paths=(path,), phone_key=b"key"))


@pytest.mark.parametrize("stage", [read, asterisk_read])
def test_a_log_in_utf_16_is_refused_in_a_sentence(
    tmp_path: Path, stage: Callable[[Path], object]
) -> None:
    """It says what to do."""
    path = tmp_path / "Master.csv"
    path.write_bytes('"","","",""\n'.encode("utf-16"))
    with pytest.raises(FileError, match="is written in UTF-16; save it as UTF-8"):
        stage(path)


def test_a_clock_that_was_never_set(tmp_path: Path) -> None:
    """The time can be read; it is that of no call."""
    times = {f"{each}_stamp": "1970-01-01 00:00:10" for each in ("start", "answer", "end")}
    line = ",".join(f'"{value}"' for value in row(1, **times).values())
    assert logged(tmp_path, line).reasons() == ["start time not between 1990 and 2100"]
