"""Which rows of a system's own tables lie in these files?"""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dialgauge.errors import FileError
from dialgauge.sources.spooled import find_streams, load_stream

STREAMS = ("calls_log", "users")


def test_files_belong_to_the_stream_they_are_named_for(tmp_path: Path) -> None:
    """A spool's folder, a dump and a dump with a suffix are found, in order; others are not."""
    spool = tmp_path / "calls_log"
    spool.mkdir()
    names = ("calls_log/000002.parquet", "calls_log/000001.parquet", "users-2026.jsonl.gz")
    for name in (*names, "users.csv", "notes.csv", "users.txt"):
        (tmp_path / name).write_bytes(b"")
    found = find_streams([tmp_path], STREAMS)
    assert {name: [file.name for file in files] for name, files in found.items()} == {
        "calls_log": ["000001.parquet", "000002.parquet"],
        "users": ["users-2026.jsonl.gz", "users.csv"],
    }


def test_a_file_named_itself_must_be_known(tmp_path: Path) -> None:
    """A file that is no stream's is refused with the names that are."""
    path = tmp_path / "leads.csv"
    path.write_text("a\n1\n")
    with pytest.raises(FileError, match=r"must begin with one of: calls_log, users"):
        find_streams([path], STREAMS)


def test_rows_of_all_kinds_of_files_are_texts(tmp_path: Path) -> None:
    """Columns are found by name in any case, missing ones are unknown, rows are numbered on."""
    pq.write_table(
        pa.table({"ID": [7], "when": pa.array([1_700_000_000])}), tmp_path / "calls_log.parquet"
    )
    (tmp_path / "calls_log-2.csv").write_text('when,id\n"01:30, early",8\nNULL,\n')
    with gzip.open(tmp_path / "calls_log-3.jsonl.gz", "wt") as file:
        file.write(json.dumps({"id": "9", "when": {"at": 5}, "more": 1}) + "\n")
    con = duckdb.connect()
    files = find_streams([tmp_path], STREAMS)["calls_log"]
    order = ["calls_log-2.csv", "calls_log-3.jsonl.gz", "calls_log.parquet"]
    assert [file.name for file in files] == order
    assert load_stream(con, "said", files, ("id", "when", "who"), first_row=5) == 4
    rows = con.execute('SELECT id, "when", who, _row, _said FROM said ORDER BY _row').fetchall()
    assert [row[:4] for row in rows] == [
        ("8", "01:30, early", None, 5),
        (None, None, None, 6),
        ("9", '{"at":5}', None, 7),
        ("7", "1700000000", None, 8),
    ]
    assert json.loads(rows[0][4]) == {"id": "8", "when": "01:30, early", "who": None}


def test_pages_of_a_spool_stay_in_order(tmp_path: Path) -> None:
    """Pages are read together, and each value is written as in its own page."""
    pages: list[dict[str, list[object]]] = [
        {"id": ["a", "b"], "filename": ["x.wav", None]},
        {"id": ["c"], "filename": ["z.wav"]},
        {"id": [4, 5], "filename": ["p.wav", "q.wav"]},
        {"id": [6.5], "filename": ["r.wav"]},
        {"filename": ["s.wav"], "id": ["g"]},
    ]
    for number, page in enumerate(pages):
        pq.write_table(pa.table(page), tmp_path / f"users-{number}.parquet")
    con = duckdb.connect()
    files = find_streams([tmp_path], STREAMS)["users"]
    assert load_stream(con, "said", files, ("id", "filename"), first_row=11) == 7
    rows = con.execute("SELECT id, filename, _row, _file FROM said ORDER BY _row").fetchall()
    assert [row[:3] for row in rows] == [
        *[("a", "x.wav", 11), ("b", None, 12), ("c", "z.wav", 13)],
        *[("4", "p.wav", 14), ("5", "q.wav", 15), ("6.5", "r.wav", 16), ("g", "s.wav", 17)],
    ]
    assert [Path(row[3]).name for row in rows][2:4] == ["users-1.parquet", "users-2.parquet"]


def test_a_torn_file_is_refused_with_its_name(tmp_path: Path) -> None:
    """A Parquet file that was cut off says so in one sentence."""
    path = tmp_path / "users.parquet"
    pq.write_table(pa.table({"id": ["1"]}), path)
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(FileError, match=r"users\.parquet' cannot be read: .*Make the dump again"):
        load_stream(duckdb.connect(), "said", [path], ("id",))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("id,when\n1,a\n2", "line 3: the row has fewer fields than the header"),
        ('id,when\n1,"a\n2,b\n', "line 2: the row has a quote that is not closed"),
        ("id,when\n1,a,b\n2,a,b\n", "line 2, and 1 more lines: the row has more fields"),
        (b"id,when\n1,caf\xe9\n", "line 2: the row has bytes that are not in the file's encoding"),
    ],
)
def test_a_dump_with_a_bad_line_is_refused(
    tmp_path: Path, content: str | bytes, sentence: str
) -> None:
    """Whole, and the line is named; what the other lines mean does not change with it."""
    path = tmp_path / "users.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(FileError, match=sentence):
        load_stream(duckdb.connect(), "said", [path], ("id", "when"))


def test_a_packed_dump_that_broke_off_is_refused(tmp_path: Path) -> None:
    """Of JSON lines DuckDB would take what is left."""
    path = tmp_path / "users.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"id": "1"}\n' * 1000)[:-8])
    with pytest.raises(FileError, match="is packed, and breaks off or is damaged"):
        load_stream(duckdb.connect(), "said", [path], ("id", "when"))


def test_a_dump_of_mysql_is_read(tmp_path: Path) -> None:
    """With tabs, a mark at its beginning, and unknowns as MySQL prints them."""
    path = tmp_path / "users.csv"
    path.write_bytes(b"\xef\xbb\xbfID\twhen\nNULL\t\\N\n7\tx\n")
    con = duckdb.connect()
    assert load_stream(con, "said", [path], ("id", "when")) == 2
    assert con.execute('SELECT id, "when", _row FROM said ORDER BY _row').fetchall() == [
        (None, None, 1),
        ("7", "x", 2),
    ]


def test_a_key_that_comes_late_is_read(tmp_path: Path) -> None:
    """DuckDB looks at the first 20,480 objects only, unless it is told to look at all."""
    path = tmp_path / "users.jsonl"
    path.write_text('{"id": "1"}\n' * 30_000 + '{"id": "2", "when": "late"}\n')
    con = duckdb.connect()
    load_stream(con, "said", [path], ("id", "when"))
    assert con.execute("SELECT \"when\" FROM said WHERE id = '2'").fetchall() == [("late",)]
