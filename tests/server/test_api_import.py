"""How do records come in over the network?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from starlette.testclient import TestClient

from dialgauge import front
from dialgauge.cli import main
from dialgauge.config import find
from dialgauge.server.api import imports
from dialgauge.server.site import Site
from dialgauge.store import open_store
from served import client

CSV = (
    "call_id,started_at,direction,result\n"
    "A1,2026-01-05T09:00:00Z,outbound,busy\n"
    "A2,2026-01-05T10:00:00Z,outbound,human\n"
)
LINES = (
    '{"call_id": "A1", "started_at": "2026-01-05T09:00:00Z", "direction": "outbound",'
    ' "result": "busy"}\n'
    '{"call_id": "A2", "started_at": "2026-01-05T10:00:00Z", "direction": "outbound",'
    ' "result": "human"}\n'
)
NDJSON = "application/x-ndjson"


@pytest.fixture
def served(tmp_path: Path) -> Site:
    """A server of an empty lake."""
    lake = tmp_path / "lake"
    assert main(["init", str(lake)]) == 0
    config = find(lake, None, {})
    store = open_store(f"sqlite:///{tmp_path / 'dialgauge.db'}")
    return Site(gauge=front.gauge(config), config=config, store=store)


@pytest.fixture
def api(served: Site) -> TestClient:
    """The API as its owner sees it."""
    return client(served)


def sent(api: TestClient, body: str | bytes, kind: str = "text/csv", **query: str) -> Any:
    """Send a file and read what became of it."""
    content = body.encode() if isinstance(body, str) else body
    found = api.post(
        "/api/v1/import", content=content, headers={"Content-Type": kind}, params=query
    )
    assert found.status_code == 200, found.text
    return found.json()


def parquet() -> bytes:
    """Write the two calls as Parquet."""
    sink = pa.BufferOutputStream()
    columns = [line.split(",") for line in CSV.splitlines()]
    names, *rows = columns
    pq.write_table(pa.table(list(map(pa.array, zip(*rows, strict=True))), names=names), sink)
    return bytes(sink.getvalue())


def excel(folder: Path) -> bytes:
    """Write the two calls as an Excel sheet."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for line in CSV.splitlines():
        sheet.append(line.split(","))
    book.save(folder / "calls.xlsx")
    return (folder / "calls.xlsx").read_bytes()


def test_the_same_rows_in_every_form_are_the_same_rows(api: TestClient, tmp_path: Path) -> None:
    """CSV is loaded; JSON lines, Parquet and Excel of the same calls then change nothing."""
    first = sent(api, CSV, table="calls")
    assert (first["read"], first["loaded"], first["version"]) == (2, 2, 1)
    for body, kind in (
        (LINES, NDJSON),
        (LINES, "application/json"),
        (parquet(), "application/octet-stream"),
        (excel(tmp_path), "application/octet-stream"),
        (CSV, "text/csv; charset=utf-8"),
    ):
        again = sent(api, body, kind, table="calls")
        assert (again["read"], again["unchanged"], again["version"]) == (2, 2, 1)
    answer = api.get("/api/v1/ask?kpi=dials").json()
    assert answer["total"]["dials"]["value"] == 2


def test_a_row_of_a_known_key_corrects_it(api: TestClient) -> None:
    """The key says which call is meant."""
    sent(api, CSV, table="calls")
    again = sent(api, CSV.replace("busy", "no_answer"), table="calls")
    assert (again["updated"], again["unchanged"]) == (1, 1)
    rows = api.get("/api/v1/rows?kpi=dials").json()
    assert [row["result"] for row in rows] == ["no_answer", "human"]


def test_the_answer_is_that_of_the_command(api: TestClient, tmp_path: Path, capsys: Any) -> None:
    """One lake gets a file over the network, the other from the command line."""
    bad = CSV + "A3,yesterday,outbound,busy\n"
    told = sent(api, bad, name="calls.csv")
    other = tmp_path / "other"
    assert main(["init", str(other)]) == 0
    (tmp_path / "calls.csv").write_text(bad, encoding="utf-8")
    capsys.readouterr()
    words = ["import", "files", str(tmp_path / "calls.csv"), "--format", "json"]
    assert main([*words, "--lake", str(other)]) == 0
    import json  # noqa: PLC0415

    printed = json.loads(capsys.readouterr().out.replace(str(tmp_path / "calls.csv"), "calls.csv"))
    assert told == printed
    assert told["quarantined"] == 1


def test_nothing_tells_where_the_file_lay(api: TestClient, served: Site) -> None:
    """Reports, refused rows and the lake's history name the file as it was sent."""
    sent(api, CSV + "A3,yesterday,outbound,busy\n", table="calls", name="../../etc/monday.csv")
    (refused,) = api.get("/api/v1/checks?limit=5").json()["rows"]
    assert (refused["file"], refused["row"]) == ("monday.csv", 3)
    newest = served.gauge.lake.history()[0]
    assert newest.details["files"] == ["monday.csv"]
    assert newest.operation == "import monday.csv"


@pytest.mark.parametrize(
    ("body", "kind", "query", "status", "says"),
    [
        (b"", "text/csv", {}, 400, "the body is empty"),
        (b"a,b\n1,2\n", "text/csv", {"name": "x.csv"}, 400, "x.csv"),
        (b"a,b\n1,2\n", "application/zip", {}, 415, "format=csv"),
        (b"PAR1 but not more", "application/octet-stream", {}, 400, "upload.parquet"),
        (b"not json", NDJSON, {"table": "calls"}, 400, "upload.jsonl"),
        (b"\xff\xfe\x00", "text/csv", {"table": "calls"}, 400, "upload.csv"),
        (CSV.encode(), "text/csv", {"table": "call"}, 400, "did you mean 'calls'?"),
        (CSV.encode(), "text/csv", {"timezone": "Mars"}, 400, "unknown time zone 'Mars'"),
        (CSV.encode(), "text/csv", {"tabel": "calls"}, 400, "did you mean 'table'?"),
        (CSV.encode(), "text/csv", {"format": "xml"}, 422, "format: Input should be 'csv'"),
    ],
)
def test_what_cannot_be_read_is_refused(  # noqa: PLR0917
    api: TestClient, body: bytes, kind: str, query: dict[str, str], status: int, says: str
) -> None:
    """With a sentence that names the file as it was sent, and nothing is stored."""
    found = api.post("/api/v1/import", content=body, headers={"Content-Type": kind}, params=query)
    told = found.json()
    assert (found.status_code, told["status"]) == (status, status)
    assert says in told["detail"]
    assert "dialgauge-" not in told["detail"]
    assert api.get("/api/v1/readyz").json()["version"] == 0


def test_strict_stores_nothing_when_a_row_is_refused(api: TestClient) -> None:
    """All or nothing, when that is wished."""
    bad = CSV + "A3,yesterday,outbound,busy\n"
    found = api.post("/api/v1/import?table=calls&strict=true", content=bad.encode())
    assert found.status_code == 415  # nobody has said what it is
    found = api.post("/api/v1/import?table=calls&strict=true&format=csv", content=bad.encode())
    assert found.status_code == 400
    assert "nothing was stored" in found.json()["detail"]
    assert api.get("/api/v1/readyz").json()["version"] == 0


def test_a_file_that_is_too_long_is_refused(
    api: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As soon as it has too many bytes, whatever the client said of its length."""
    monkeypatch.setattr(imports, "MOST_BYTES", 1_000)
    for body in (b"x" * 1_001, (b"x" * 100 for _ in range(11))):
        found = api.post("/api/v1/import?format=csv", content=body)
        assert found.status_code == 413
        assert "1,000 bytes" in found.json()["detail"]


def test_imports_are_in_the_audit_trail(api: TestClient, served: Site) -> None:
    """Who sent which file, and what became of it."""
    sent(api, CSV, table="calls", name="monday.csv")
    newest = served.store.audit.list(1)[0]
    assert (newest.what, newest.detail) == ("import", "monday.csv: 2 rows read, 2 new")
