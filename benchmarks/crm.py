"""How many rows of a CRM are read per CPU second, beside plain httpx reading the same pages?

    python benchmarks/crm.py [CALLS]

A process of its own answers as HubSpot does, with pages made before; only the reader's CPU time is
counted. Each line is the best of three.
"""

from __future__ import annotations

import json
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

PAGE = 200


def call(number: int) -> dict[str, object]:
    """Make a call as HubSpot's search gives it, with 13 properties."""
    stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(1_767_600_000 + number))
    properties = {
        "hs_timestamp": f"{stamp}.000Z",
        "hs_createdate": f"{stamp}.000Z",
        "hs_lastmodifieddate": f"{stamp}.000Z",
        "hs_call_direction": "OUTBOUND",
        "hs_call_disposition": "f240bbac-87c9-4f6e-bf70-924b57d47db7",
        "hs_call_duration": str(1000 * (number % 400)),
        "hs_call_status": "COMPLETED",
        "hubspot_owner_id": str(number % 40),
        "hs_call_from_number": "+4930123456",
        "hs_call_to_number": f"+4930{100_000 + number % 50_000}",
        "hs_call_recording_url": None,
        "hs_call_callee_object_id": str(number % 50_000),
        "hs_call_callee_object_type_id": "0-1",
    }
    return {
        "id": str(number),
        "properties": properties,
        "createdAt": f"{stamp}.000Z",
        "updatedAt": f"{stamp}.000Z",
        "archived": False,
    }


class Answers(BaseHTTPRequestHandler):
    """Answers from bytes that were made before."""

    protocol_version = "HTTP/1.1"
    pages: tuple[bytes, ...] = ()
    links: tuple[bytes, ...] = ()

    def do_GET(self) -> None:
        """Answer whatever small thing is asked."""
        self._say(b'{"results": []}' if "dispositions" not in self.path else b"[]")

    def do_POST(self) -> None:
        """Answer a search with the page that begins there, else with who belongs to whom."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if not self.path.endswith("/search"):
            self._say(self.links[int(body["inputs"][0]["id"]) // PAGE])
            return
        begin = max(0, int(body["filterGroups"][0]["filters"][0]["value"]) // 1000 - 1_767_600_000)
        page = -(-begin // PAGE)
        self._say(self.pages[page] if page < len(self.pages) else b'{"results": []}')

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _say(self, said: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)


def serve(calls: int, told: Connection) -> None:
    """Answer until the end of the benchmark."""
    pages, links = [], []
    for begin in range(0, calls, PAGE):
        rows = [call(number) for number in range(begin, min(begin + PAGE, calls))]
        pages.append(json.dumps({"total": calls, "results": rows}).encode())
        found = [{"from": {"id": row["id"]}, "to": [{"toObjectId": 7}]} for row in rows]
        links.append(json.dumps({"results": found}).encode())
    Answers.pages, Answers.links = tuple(pages), tuple(links)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    told.send(server.server_address[1])
    server.serve_forever()


def plain(url: str, calls: int) -> int:
    """Read the pages and the contacts with plain httpx, and do nothing with them."""
    import httpx2 as httpx  # noqa: PLC0415

    rows = 0
    with httpx.Client(headers={"Authorization": "Bearer x"}) as client:
        for begin in range(0, calls, PAGE):
            at = str((1_767_600_000 + begin) * 1000)
            rule = {"propertyName": "hs_lastmodifieddate", "operator": "GTE", "value": at}
            body = {"filterGroups": [{"filters": [rule]}], "limit": PAGE}
            found = client.post(f"{url}/crm/v3/objects/calls/search", json=body).json()["results"]
            inputs = {"inputs": [{"id": row["id"]} for row in found]}
            client.post(f"{url}/crm/v4/associations/calls/contacts/batch/read", json=inputs).json()
            rows += len(found)
    return rows


def ours(url: str, folder: Path) -> int:
    """Read them with `fetch`, into the Parquet files of a spool."""
    from dialgauge.sources.hubspot import fetch  # noqa: PLC0415
    from dialgauge.sources.live import Account, Span  # noqa: PLC0415

    settings = {"url": url, "objects": "calls", "deleted": False}
    account = Account(name="bench", settings=settings, secret=lambda _: "x")
    rows = 0
    (folder / "calls").mkdir(exist_ok=True)
    for number, page in enumerate(fetch(account, Span())):
        if page.stream == "calls":
            pq.write_table(page.rows, folder / "calls" / f"{number:06d}.parquet")
            rows += page.rows.num_rows
    return rows


def staged(folder: Path) -> int:
    """Make canonical calls of the spool."""
    from dialgauge.sources.base import Request  # noqa: PLC0415
    from dialgauge.sources.hubspot import stage  # noqa: PLC0415

    con = duckdb.connect()
    (calls,) = stage(con, Request(paths=(folder,), phone_key=b"key"))
    ((rows,),) = con.execute(f"SELECT count(*) FROM {calls.relation}").fetchall()
    return int(rows)


def measure(what: str, run: Callable[[], int]) -> None:
    """Print rows per CPU second, the best of three."""
    best = 0.0
    for _ in range(3):
        begun = time.process_time()
        rows = run()
        best = max(best, rows / (time.process_time() - begun))
    print(f"{what:40} {rows:>10,} rows {best:>12,.0f} rows per CPU second")


def main() -> None:
    """Measure."""
    calls = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    here, there = multiprocessing.Pipe()
    server = multiprocessing.Process(target=serve, args=(calls, there), daemon=True)
    server.start()
    url = f"http://127.0.0.1:{here.recv()}"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        measure("plain httpx, JSON read and dropped", lambda: plain(url, calls))
        measure("fetch, into a spool", lambda: ours(url, folder))
        measure("stage, from the spool", lambda: staged(folder))
    server.terminate()


if __name__ == "__main__":
    main()
