"""Does a CSV file arrive whole, whatever it looks like?"""

from __future__ import annotations

import gzip
import json
import tempfile
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialgauge.errors import FileError, MappingError, UnknownNameError, UsageError
from dialgauge.sources.base import Request
from dialgauge.sources.files import stage
from dialgauge.sources.files.csv_load import Survey
from staging import staged, staged_path

HEAD = "call_id,started_at,ring_s\n"
ROW = "a,2026-01-05 10:00:00,1\n"
A = ("a", "2026-01-05 10:00:00+00", "1.0")


def test_canonical_headers_need_nothing_else(tmp_path: Path) -> None:
    """A file with our headers is recognised, typed, and the columns it lacks are NULL."""
    result = staged(tmp_path, HEAD + ROW)
    one = result.staged[0]
    assert one.table.name == "calls"
    assert one.present == ("call_id", "started_at", "ring_s")
    assert result.texts("call_id", "started_at", "ring_s") == [A]
    assert result.rows("talk_s", "contact", "source") == [(None, None, None)]
    described = result.con.execute(f"DESCRIBE {one.relation}").fetchall()
    types = {str(row[0]): str(row[1]) for row in described}
    assert types["started_at"] == "TIMESTAMP WITH TIME ZONE"
    assert types["cost"] == "DECIMAL(18,4)"
    assert types["contact"] == "BOOLEAN"
    assert types["_row"] == "BIGINT"
    assert list(types)[-4:] == ["_row", "_file", "_problem", "_raw"]
    assert "local_hour" not in types


def test_rows_keep_the_order_of_the_file(tmp_path: Path) -> None:
    """Row numbers grow in file order, over large files and over several of them."""
    first, second = tmp_path / "one.csv", tmp_path / "two.csv"
    for path, start in ((first, 0), (second, 300_000)):
        duckdb.execute(
            f"COPY (SELECT 'c' || (i + {start}) AS call_id, TIMESTAMP '2026-01-01' + to_seconds(i)"
            f" AS started_at, 'outbound' AS direction, 'human' AS result,"
            f" 'Europe/Berlin' AS timezone, true AS contact FROM range(300000) t(i)) TO '{path}'"
        )
    con = duckdb.connect()
    (one,) = stage(con, Request(paths=(first, second)))
    found = con.execute(
        f"SELECT count(*), min(_row), max(_row), count(DISTINCT _row),"
        f" count_if(CAST(substr(call_id, 2) AS BIGINT) <> _row - 1) FROM {one.relation}"
    ).fetchall()
    assert found == [(600_000, 1, 600_000, 600_000, 0)]
    files = con.execute(f"SELECT _file, count(*) FROM {one.relation} GROUP BY 1 ORDER BY 1")
    assert files.fetchall() == [(str(first), 300_000), (str(second), 300_000)]


@given(st.integers(0, 1 << 40), st.integers(0, 1 << 33), st.integers(0, 1 << 40))
def test_threads_read_shares_at_whose_ends_no_row_is_lost(size: int, lines: int, room: int) -> None:
    """Shares are multiples of 16 bytes, between 8 and 64 MiB: DuckDB 2.0 loses rows with others."""
    share = Survey(lines=lines, size=size, blanks="").share(room)
    assert share % 16 == 0
    assert 8 << 20 <= share <= 64 << 20


@pytest.mark.parametrize("blank", [" ", "\t", "\v", "\u00a0"])
@pytest.mark.parametrize("place", [262_142, 262_143, 262_144, 262_145])
@pytest.mark.parametrize("side", ["before", "after"])
def test_one_blank_beside_a_field_is_seen_wherever_it_stands(
    tmp_path: Path, blank: str, place: int, side: str
) -> None:
    """In a file without any other, at the border of the chunks in which a file is looked at."""
    region = {"before": f"{blank}R-1", "after": f"R-1{blank}"}[side]
    head = "call_id,started_at,region\n"
    row = f"x,2026-01-05,{region}\n"
    filled = place - len(f"{head}a,2026-01-05,\nx,2026-01-05,") - (side == "after") * 3
    content = f"{head}a,2026-01-05,{'a' * filled}\n{row}b,2026-01-05,R-2\n"
    assert content.index(blank, len(head) + filled) == place
    path = tmp_path / "calls.csv"
    path.write_bytes(content.encode())
    result = staged_path(path)
    assert result.texts("region")[1:] == [("R-1",), ("R-2",)]


@pytest.mark.parametrize(
    ("content", "regions"),
    [
        ("call_id,started_at,region\na,2026-01-05,R 1 ", ["R 1"]),
        ("call_id,started_at,region\na,2026-01-05, \n", [None]),
        ('call_id,started_at,region\na,2026-01-05,""\n', [None]),
        ('call_id,started_at,region\na,2026-01-05," R 1"\n', ["R 1"]),
        ("call_id,started_at,region\r\na,2026-01-05, R 1 \r\n", ["R 1"]),
        ("call_id|started_at|region\n a|2026-01-05|R, 1\n", ["R, 1"]),
    ],
)
def test_blanks_at_the_edges_of_a_file(
    tmp_path: Path, content: str, regions: list[str | None]
) -> None:
    """Blanks are cut off at a file's end too, and what is blank is unknown."""
    result = staged(tmp_path, content)
    assert result.texts("call_id", "region") == [("a", region) for region in regions]


def test_the_statement_holds_no_join(tmp_path: Path) -> None:
    """Long lists of values are not planned as joins, which would lose the order of rows."""
    codes = "\n".join(
        f'code{number} = {{ contact = true, result = "human" }}' for number in range(60)
    )
    mapping = f"""
        table = "calls"
        [columns]
        call_id = "id"
        started_at = "at"
        disposition = "code"
        direction = "way"
        timezone = "zone"
        converted = {{ expression = "code in ('code1', 'code2', 'code3', 'code4', 'code5')" }}
        [disposition.codes]
        {codes}
    """
    path = tmp_path / "many.csv"
    duckdb.execute(
        "COPY (SELECT i AS id, TIMESTAMP '2026-01-01' + to_seconds(i) AS at, 'outbound' AS way,"
        " 'code' || (i % 60) AS code, 'Europe/Berlin' AS zone FROM range(400000) t(i))"
        f" TO '{path}'"
    )
    result = staged_path(path, mapping)
    found = result.con.execute(
        f"SELECT count_if(CAST(call_id AS BIGINT) <> _row - 1), count_if(contact),"
        f" count_if(converted), count_if(_problem IS NULL) FROM {result.staged[0].relation}"
    ).fetchall()
    # 400,000 rows are 6,666 rounds of 60 codes and 40 rows more; codes 1-5 come 6,667 times each
    assert found == [(0, 400_000, 5 * 6_667, 400_000)]


@pytest.mark.parametrize(
    "content",
    [
        HEAD + ROW,
        "\ufeff" + HEAD + ROW,
        (HEAD + ROW).replace("\n", "\r\n"),
        (HEAD + ROW).replace("\n", "\r"),
        (HEAD + ROW).replace(",", ";"),
        (HEAD + ROW).replace(",", "\t"),
        (HEAD + ROW).replace(",", "|"),
        "sep=;\n" + (HEAD + ROW).replace(",", ";"),
        '"call_id","started_at","ring_s"\n"a","2026-01-05 10:00:00","1"\n',
        "'call_id','started_at','ring_s'\n'a','2026-01-05 10:00:00','1'\n",
        HEAD + ROW.rstrip("\n"),
        HEAD + "\n" + ROW + "\n\n",
        "Call_ID , STARTED_AT,Ring_S\n" + ROW,
        "call_id,started_at,ring_s,\na,2026-01-05 10:00:00,1,\n",
        HEAD + " a ,  2026-01-05 10:00:00 , 1 \n",
        HEAD + "a\t,2026-01-05T10:00:00Z\u00a0,1\u00a0\n",
        HEAD + "\u3000a,2026-01-05 10:00:00,1\n",
    ],
)
def test_any_sane_dialect_reads_the_same(tmp_path: Path, content: str) -> None:
    """Delimiter, quote, line ends, byte order mark, blanks and case of headers do not matter."""
    assert staged(tmp_path, content).texts("call_id", "started_at", "ring_s") == [A]


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("utf-8", "Ираклий"),
        ("utf-16", "Ираклий"),
        ("utf-16-le", "Ираклий"),
        ("utf-16-be", "张三"),
        ("cp1251", "Ираклий"),
        ("koi8-r", "Ираклий"),
        ("gb18030", "张三"),
        ("latin-1", "Müller"),
    ],
)
def test_encodings(tmp_path: Path, encoding: str, name: str) -> None:
    """Text is read in the encoding that is told; UTF-8 and UTF-16 need not be told."""
    content = f"agent_id,name\n1,{name}\n".encode(encoding)
    told = {"encoding": encoding}
    assert staged(tmp_path, content, options=told).rows("agent_id", "name") == [("1", name)]
    if encoding.startswith("utf"):
        assert staged(tmp_path, content).rows("agent_id", "name") == [("1", name)]


def test_bytes_that_are_not_utf8_are_named(tmp_path: Path) -> None:
    """A file in another encoding is refused with the byte, a guess and what is allowed."""
    content = "agent_id,name\n1,Ираклий\n".encode("cp1251")
    with pytest.raises(FileError, match=r"not UTF-8: byte 17 is 0xc8.*encoding=cp1251.*koi8-r"):
        staged(tmp_path, content)
    with pytest.raises(FileError, match="encoding=gb18030"):
        staged(tmp_path, "agent_id,name\n1,张三李四\n".encode("gb18030"))


def test_bytes_that_do_not_fit_the_told_encoding_are_named(tmp_path: Path) -> None:
    """When the told encoding is wrong, the first byte it lacks is named."""
    with pytest.raises(FileError, match=r"not cp1251: byte 17 is 0x98"):
        staged(tmp_path, b"agent_id,name\n1,\x98\n", options={"encoding": "cp1251"})
    with pytest.raises(FileError, match="mark of UTF-16"):
        staged(tmp_path, b"agent_id,name\n1,x\n", options={"encoding": "utf-16"})
    with pytest.raises(UnknownNameError, match="unknown encoding 'cp1215'; did you mean 'cp125"):
        staged(tmp_path, b"agent_id\n1\n", options={"encoding": "cp1215"})


def test_bad_bytes_cost_only_their_row_when_utf8_was_told(tmp_path: Path) -> None:
    """With encoding=utf-8, a row with other bytes is quarantined and the rest is read."""
    content = b"agent_id,name\n1,\xff\n2,Eka\n"
    result = staged(tmp_path, content, options={"encoding": "utf-8"})
    assert result.rows("agent_id", "name") == [("2", "Eka")]
    assert result.reasons() == ["the row has bytes that are not in the file's encoding"]


def test_compressed_files(tmp_path: Path) -> None:
    """Files ending in .gz and .zst are unpacked while they are read."""
    packed = gzip.compress((HEAD + ROW).encode())
    assert staged(tmp_path, packed, "x.csv.gz").texts("call_id", "started_at", "ring_s") == [A]
    packed = pa.compress((HEAD + ROW).encode(), codec="zstd", asbytes=True)
    assert staged(tmp_path, packed, "x.csv.zst").texts("call_id", "started_at", "ring_s") == [A]


def test_ragged_rows_are_kept_with_their_text(tmp_path: Path) -> None:
    """A row with too few or too many fields is quarantined as it stands; no other row suffers."""
    result = staged(tmp_path, HEAD + ROW + "b,2026-01-05\nc,2026-01-05,1,9\nd,2026-01-05,2\n")
    assert result.rows("call_id") == [("a",), ("d",)]
    assert result.problems() == [
        ("the row has fewer fields than the header", '{"line": 3, "text": "b,2026-01-05"}'),
        ("the row has more fields than the header", '{"line": 4, "text": "c,2026-01-05,1,9"}'),
    ]


def test_an_open_quote_costs_only_its_row(tmp_path: Path) -> None:
    """A quote that is never closed does not swallow the rows after it."""
    result = staged(tmp_path, HEAD + ROW + 'b,"2026-01-05,2\n' + "c,2026-01-05,3\nd,2026-01-05,4\n")
    assert result.rows("call_id") == [("a",), ("c",), ("d",)]
    ((reason, raw),) = result.problems()
    assert reason.startswith("the row has a quote that is not closed")
    assert json.loads(raw) == {"line": 3, "text": 'b,"2026-01-05,2'}


def test_two_open_quotes_do_not_make_one_row(tmp_path: Path) -> None:
    """Two rows with an open quote each are two refused rows, and the one between is read."""
    content = HEAD + 'a,"2026-01-05,1\n' + "b,2026-01-05,2\n" + 'c,"2026-01-05,3\n'
    result = staged(tmp_path, content)
    assert result.rows("call_id") == [("b",)]
    assert [json.loads(raw)["line"] for _, raw in result.problems()] == [2, 4]


def test_text_after_a_closing_quote(tmp_path: Path) -> None:
    """Text after a closing quote is refused, not joined."""
    result = staged(tmp_path, HEAD + '"a"x,2026-01-05,1\n' + ROW)
    assert result.rows("call_id") == [("a",)]
    assert len(result.problems()) == 1


def test_quoted_line_ends_delimiters_and_quotes_stay(tmp_path: Path) -> None:
    """Inside quotes a line end, a delimiter and a doubled quote are text."""
    result = staged(tmp_path, 'agent_id,name\n1,"Eka ""the\nvoice"", Tbilisi"\n2,x\n')
    assert result.rows("agent_id", "name") == [("1", 'Eka "the\nvoice", Tbilisi'), ("2", "x")]


def test_blank_lines_beside_quoted_line_ends(tmp_path: Path) -> None:
    """Blank lines are no rows, also in a file whose values have line ends."""
    result = staged(tmp_path, 'agent_id,name\n1,"a\n\nb"\n\n\n2,x\n\n')
    assert result.rows("agent_id", "name") == [("1", "a\n\nb"), ("2", "x")]
    assert result.problems() == []


def test_mixed_line_ends(tmp_path: Path) -> None:
    """A file whose lines end now with CR LF, now with LF, is read whole."""
    result = staged(tmp_path, "agent_id,name\r\n1,a\n2,b\r\n3,c\n")
    assert result.rows("agent_id", "name") == [("1", "a"), ("2", "b"), ("3", "c")]


def test_a_lone_carriage_return_is_refused(tmp_path: Path) -> None:
    """A carriage return inside an unquoted field is refused by its own reason."""
    result = staged(tmp_path, "agent_id,name\n1,a\rb\n2,x\n")
    assert result.rows("agent_id") == [("2",)]
    assert result.reasons() == ["the row has a line end of another kind inside a field"]


def test_backslash_escapes_are_understood(tmp_path: Path) -> None:
    """A file that escapes quotes with a backslash, as MySQL writes them, is read so."""
    result = staged(tmp_path, 'agent_id,name\n1,"a \\"b\\""\n')
    assert result.rows("name") == [('a "b"',)]


def test_files_in_which_quotes_mean_nothing(tmp_path: Path) -> None:
    """With quote=none a quote is a letter like any other, also in damaged files."""
    content = 'agent_id\tname\n1\t"Eka" the voice\n2\t5" screen\n3\n4\t"open\n'
    result = staged(tmp_path, content, options={"quote": "none"})
    assert result.rows("name") == [('"Eka" the voice',), ('5" screen',), ('"open',)]
    assert result.reasons() == ["the row has fewer fields than the header"]
    mixed = staged(tmp_path, content.replace("screen\n", "screen\r\n"), options={"quote": "none"})
    assert mixed.rows("name") == result.rows("name")


def test_hostile_values_stay_values(tmp_path: Path) -> None:
    """Zero bytes, formulas, SQL and braces are text like any other."""
    nasty = ["a\0b", "=HYPERLINK(1)", "'; DROP TABLE x; --", "{relation} {0} $1", "\u202eabc", "%s"]
    lines = "".join(f"{number},{value}\n" for number, value in enumerate(nasty))
    assert staged(tmp_path, "agent_id,name\n" + lines).rows("name") == [(one,) for one in nasty]


def test_hostile_headers_stay_headers(tmp_path: Path) -> None:
    """Headers with quotes, braces and SQL are only reported, also in the original row."""
    content = 'agent_id,"a\'b",{x},"q""q",hired_on\n1,2,3,4,no\n2,2,3,4,\n'
    result = staged(tmp_path, content, table="agents")
    assert result.staged[0].unused == ("a'b", "{x}", 'q"q')
    assert result.rows("agent_id") == [("2",)]
    raw = json.loads(result.problems()[0][1])
    assert raw == {"agent_id": "1", "a'b": "2", "{x}": "3", 'q"q': "4", "hired_on": "no"}


def test_overlong_rows_are_refused(tmp_path: Path) -> None:
    """A row of more than two million bytes is refused, shortened, and the next one is read."""
    result = staged(tmp_path, "agent_id,name\n1," + "x" * 3_000_000 + "\n2,y\n")
    assert result.rows("agent_id") == [("2",)]
    ((reason, raw),) = result.problems()
    assert reason == "the row is longer than 2,000,000 bytes"
    assert len(raw) < 110_000


@pytest.mark.parametrize("before", [0, 1_000, 100_000, 200_000, 262_144])
def test_overlong_rows_are_refused_wherever_they_begin(tmp_path: Path, before: int) -> None:
    """However a file is cut into pieces while it is looked through, the long row is noticed."""
    content = f"agent_id,name\n0,{'a' * before}\n1,{'x' * 2_050_000}\n2,y\n"
    result = staged(tmp_path, content)
    assert result.rows("agent_id") == [("0",), ("2",)]
    assert result.reasons() == ["the row is longer than 2,000,000 bytes"]


def test_unread_and_derived_headers(tmp_path: Path) -> None:
    """Headers nobody reads are reported; columns dialgauge derives are ignored in silence."""
    result = staged(tmp_path, "call_id,started_at,colour,local_hour\n1,2026-01-05,red,4\n")
    assert result.staged[0].unused == ("colour",)
    assert result.rows("call_id") == [("1",)]


def test_tables_are_recognised_by_key_and_clock(tmp_path: Path) -> None:
    """An agent in a call does not make it a table of agents; a lone key does."""
    cases = {
        "call_id,started_at,agent_id,campaign_id,lead_id": "calls",
        "agent_id,name": "agents",
        "campaign_id": "campaigns",
        "lead_id,created_at,campaign_id": "leads",
        "interval_id,started_at,agent_id": "agent_time",
        "call_id,agent_talk_s,silence_s,started_at": "conversations",
        "call_id,started_at,source": "calls",
    }
    for header, table in cases.items():
        assert staged(tmp_path, header + "\n").staged[0].table.name == table


def test_an_unknown_table_is_one_sentence(tmp_path: Path) -> None:
    """A file without our headers is refused with what each table needs and the way out."""
    with pytest.raises(MappingError, match=r"calls needs call_id and started_at.*--dry-run"):
        staged(tmp_path, "id,when\n1,2\n")
    with pytest.raises(MappingError, match=r"no header call_id \(did you mean 'callid'\?\)"):
        staged(tmp_path, "callid,started_at\n1,2\n", table="calls")
    with pytest.raises(MappingError, match="header call_id twice"):
        staged(tmp_path, "call_id,started_at,Call_ID\n1,2,3\n")
    with pytest.raises(UnknownNameError, match="unknown table 'call'; did you mean 'calls'"):
        staged(tmp_path, HEAD, table="call")


def test_files_that_cannot_be_read_are_one_sentence(tmp_path: Path) -> None:
    """A missing file, a folder, an empty file, an archive: each says what to do."""
    with pytest.raises(FileError, match="cannot be read: No such file"):
        staged_path(tmp_path / "none.csv")
    with pytest.raises(FileError, match="is a folder"):
        staged_path(tmp_path)
    with pytest.raises(FileError, match="is empty"):
        staged(tmp_path, "")
    with pytest.raises(FileError, match="zip archive"):
        staged(tmp_path, b"PK\x03\x04....", "x.csv")
    with pytest.raises(FileError, match=r"old Excel workbook .* save it as .xlsx"):
        staged(tmp_path, b"\xd0\xcf\x11\xe0....", "x.xls")
    with pytest.raises(FileError, match="no ending we know"):
        staged(tmp_path, "agent_id\n1\n", "x.dat")
    with pytest.raises(UsageError, match="at least one file"):
        stage(duckdb.connect(), Request(paths=()))
    assert staged(tmp_path, "agent_id\n1\n", "x.dat", options={"kind": "csv"}).rows("agent_id")


def test_a_header_alone_is_no_error(tmp_path: Path) -> None:
    """A file with a header and no rows gives an empty table."""
    assert staged(tmp_path, HEAD).rows("call_id") == []


def test_lines_before_the_header_and_files_without_one(tmp_path: Path) -> None:
    """`skip` passes over a preamble, headers names the columns of a file that has none."""
    told = {"skip": "2"}
    found = staged(tmp_path, "Report\n2026\nagent_id\n7\n", options=told)
    assert found.rows("agent_id") == [("7",)]
    told = {"headers": "agent_id,name"}
    assert staged(tmp_path, "7,Eka\n8,Nino\n", options=told).rows("name") == [("Eka",), ("Nino",)]
    with pytest.raises(FileError, match=r"2 columns but .* names 3"):
        staged(tmp_path, "7,Eka\n", options={"headers": "agent_id,name,team"})


def test_words_for_unknown(tmp_path: Path) -> None:
    r"""`null` lists texts that mean unknown, such as \N and MySQL's zero date."""
    content = "call_id,started_at,answered_at\na,2026-01-05,0000-00-00 00:00:00\nb,2026-01-05,\\N\n"
    assert len(staged(tmp_path, content).problems()) == 2
    result = staged(tmp_path, content, options={"null": "\\N,0000-00-00 00:00:00"})
    assert result.rows("call_id", "answered_at") == [("a", None), ("b", None)]


def test_settings_of_the_connection_are_put_back(tmp_path: Path) -> None:
    """Reading needs rows in order; a connection that gives that up for memory gets it back."""
    con = duckdb.connect()
    con.execute("SET preserve_insertion_order = false")
    (tmp_path / "a.csv").write_text("agent_id\n1\n")
    stage(con, Request(paths=(tmp_path / "a.csv",)))
    assert con.execute("SELECT current_setting('preserve_insertion_order')").fetchall() == [
        (False,)
    ]


def test_files_with_different_columns_share_a_table(tmp_path: Path) -> None:
    """Two files may bring different columns in different orders; each row keeps its file."""
    one, two = tmp_path / "one.csv", tmp_path / "two.csv"
    one.write_text("agent_id,name\n1,Eka\n")
    two.write_text("team,agent_id,x\nred,2,3\n")
    con = duckdb.connect()
    (found,) = stage(con, Request(paths=(one, two)))
    assert found.present == ("agent_id", "name", "team")
    assert found.unused == ("x",)
    rows = con.execute(f"SELECT agent_id, name, team, _row FROM {found.relation} ORDER BY _row")
    assert rows.fetchall() == [("1", "Eka", None, 1), ("2", None, "red", 2)]


@pytest.mark.parametrize(
    "name", ["calls [1].csv", "what?.csv", "all*.csv", "it's.csv", "{relation}.csv"]
)
def test_strange_names_of_files(tmp_path: Path, name: str) -> None:
    """A name with marks that mean something elsewhere names one file."""
    (tmp_path / "calls 1.csv").write_text("agent_id\nwrong\n")
    assert staged(tmp_path, "agent_id\n1\n", name).rows("agent_id", "_file") == [
        ("1", str(tmp_path / name))
    ]
    assert staged(tmp_path, '{"agent_id": 1}', f"{name}.jsonl").rows("agent_id") == [("1",)]


def test_folders_named_like_partitions_add_nothing(tmp_path: Path) -> None:
    """A folder such as agent_id=7 does not become a column."""
    (tmp_path / "agent_id=7").mkdir()
    assert staged(tmp_path / "agent_id=7", "agent_id\n1\n").rows("agent_id") == [("1",)]


def test_blank_lines_of_a_single_column_are_no_rows(tmp_path: Path) -> None:
    """In a file of one column, too, a blank line is not a row without a key."""
    result = staged(tmp_path, "agent_id\n1\n\n2\n\n\n")
    assert result.rows("agent_id") == [("1",), ("2",)]
    assert result.problems() == []


GOOD = st.just(b"%d,2026-01-05,good")
BAD = st.sampled_from(
    [b"%d", b"%d,2026-01-05", b"%d,2026-01-05,x,y", b'%d,"2026-01-05,open', b'"%d"x,2026-01-05,y',
     b"%d,2026-01-05,\xff", b"%d,2026-01-05,a\rb"]
)  # fmt: skip
QUOTED = st.sampled_from(
    [b'%d,2026-01-05,"a\nb"', b'%d,2026-01-05,"a, ""b"""', b'"%d",2026-01-05,']
)


@settings(max_examples=40)
@given(st.lists(st.tuples(st.sampled_from("gbq"), GOOD, BAD, QUOTED), max_size=12), st.booleans())
def test_no_row_is_lost_whatever_stands_beside_it(
    drawn: list[tuple[str, bytes, bytes, bytes]],
    windows: bool,  # noqa: FBT001 - hypothesis draws it
) -> None:
    """Of good and damaged rows in any order, each good one is read and each damaged one kept."""
    rows = [{"g": good, "b": bad, "q": quoted}[kind] for kind, good, bad, quoted in drawn]
    end = b"\r\n" if windows else b"\n"
    content = end.join(
        [b"call_id,started_at,disposition", *(r % n for n, r in enumerate(rows)), b""]
    )
    with tempfile.TemporaryDirectory() as folder:
        result = staged(Path(folder), content, options={"encoding": "utf-8"})
    expected = [(str(n),) for n, (kind, *_) in enumerate(drawn) if kind != "b"]
    assert result.rows("call_id") == expected
    assert len(result.problems()) == len(rows) - len(expected)
