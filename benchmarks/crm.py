"""How many rows of a CRM are read per CPU second, beside plain httpx reading the same pages?

    python benchmarks/crm.py [CALLS] [SYSTEM...]

A process of its own answers as the system does, with the stand-in of the tests; only the reader's
CPU time is counted. Plain httpx sends the very requests that `fetch` sent, reads the JSON and drops
it. Each line is the best of three.
"""

from __future__ import annotations

import importlib
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))


@dataclass(frozen=True)
class System:
    """A CRM, how its stand-in gets a call, and how it is asked.

    Attributes:
        kind: The stand-in's class.
        call: Stores the call of a number, a second after the one before.
        secrets, settings: Of the account.
        stream: In which the calls are.
    """

    kind: str
    call: Callable[[Any, int, str], None]
    stream: str
    secrets: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, object] = field(default_factory=dict)


def at(number: int, form: str) -> str:
    """Write the instant of a call."""
    return time.strftime(form, time.gmtime(1_767_600_000 + number))


def hubspot(crm: Any, number: int, stamp: str) -> None:
    """Store a call of HubSpot's with a contact."""
    crm.call(str(number + 1), changed=f"{stamp}.000Z", contacts=[str(number % 500)])


def salesforce(crm: Any, number: int, stamp: str) -> None:
    """Store a call of Salesforce's."""
    crm.size = 2000
    row = {"WhoId": f"00Q{number % 500:012d}", "CreatedDate": f"{stamp}.000+0000"}
    usual = {"TaskSubtype": "Call", "IsClosed": True, "CallType": "Outbound", "IsDeleted": False}
    told = {"CallDurationInSeconds": 90, "CallDisposition": "Connected", "Status": "Completed"}
    rest = {"ActivityDate": stamp[:10], "OwnerId": "005A", "Who": {"Phone": "(030) 123456"}}
    key = {"Id": f"00T{number:012d}", "SystemModstamp": f"{stamp}.000+0000"}
    crm.rows["Task"].append({**key, **usual, **told, **rest, **row})


def pipedrive(crm: Any, number: int, stamp: str) -> None:
    """Store an activity of Pipedrive's."""
    crm.most = 500
    row = {"id": number, "update_time": f"{stamp}Z", "add_time": f"{stamp}Z", "owner_id": 7}
    told = {"type": "call", "done": True, "subject": "Call Eve", "person_id": number % 500}
    crm.rows["activities"].append({**row, **told, "marked_as_done_time": f"{stamp}Z"})


def espocrm(crm: Any, number: int, stamp: str) -> None:
    """Store a call of EspoCRM's."""
    day = stamp.replace("T", " ")
    row = {"id": f"c{number:08d}", "modifiedAt": day, "createdAt": day, "assignedUserId": "u7"}
    told = {"status": "Held", "dateStart": day, "dateEnd": day, "direction": "Outbound"}
    crm.rows["Call"].append({**row, **told, "parentType": "Lead", "parentId": f"l{number % 500}"})


def suitecrm(crm: Any, number: int, stamp: str) -> None:
    """Store a call of SuiteCRM's."""
    row = {"id": f"c{number:08d}", "date_modified": stamp.replace("T", " "), "deleted": "0"}
    told = {"status": "Held", "date_start": f"{stamp}+00:00", "direction": "Outbound"}
    rest = {"duration_hours": "0", "duration_minutes": "5", "date_entered": f"{stamp}+00:00"}
    whom = {"assigned_user_id": "u7", "parent_type": "Leads", "parent_id": f"l{number % 500}"}
    crm.rows["Calls"].append({**row, **told, **rest, **whom})


def odoo(crm: Any, number: int, stamp: str) -> None:
    """Store a call of Odoo's."""
    day = stamp.replace("T", " ")
    row = {"id": number + 1, "write_date": day, "date": day, "author_id": [70, "Ann Lee"]}
    told = {"model": "crm.lead", "res_id": number % 500, "kind": "phonecall"}
    crm.rows["mail.message"].append({**row, **told})


CLIENT = {"client_secret": "client-s3cret-of-the-test"}
SYSTEMS: Mapping[str, System] = {
    "hubspot": System("HubSpot", hubspot, "calls", {}, {"objects": "calls", "deleted": False}),
    "salesforce": System(
        "Salesforce", salesforce, "task", CLIENT, {"objects": "task", "client_id": "3MVG9"}
    ),
    "pipedrive": System("Pipedrive", pipedrive, "activities", {}, {"objects": "activities"}),
    "espocrm": System("EspoCrm", espocrm, "call", {}, {"objects": "call"}),
    "suitecrm": System(
        "SuiteCrm", suitecrm, "calls", CLIENT, {"objects": "calls", "client_id": "b8f"}
    ),
    "odoo": System("Odoo", odoo, "calls", {}, {"objects": "calls", "database": "d", "login": "a"}),
}


def serve(name: str, calls: int, told: Connection) -> None:
    """Answer as a system does, and say what was asked, until the end of the benchmark."""
    from crm_server import listening  # noqa: PLC0415

    crm = getattr(importlib.import_module(f"crm_{name}"), SYSTEMS[name].kind)()
    for number in range(calls):
        SYSTEMS[name].call(crm, number, at(number, "%Y-%m-%dT%H:%M:%S"))
    with listening(crm) as url:
        told.send(url)
        while told.recv():
            told.send([(a.method, a.path, dict(a.params), a.body, a.headers) for a in crm.asked])
            crm.asked.clear()


def ours(name: str, url: str, folder: Path) -> int:
    """Read with `fetch`, into the Parquet files of a spool."""
    from crm_server import TOKEN  # noqa: PLC0415
    from dialgauge.sources.live import Account, Span  # noqa: PLC0415

    system = SYSTEMS[name]
    module = importlib.import_module(f"dialgauge.sources.{name}")
    secrets = {"token": TOKEN, **system.secrets}
    settings = {"url": url, **system.settings}
    account = Account(name="bench", settings=settings, secret=secrets.__getitem__)
    rows = 0
    (folder / system.stream).mkdir(exist_ok=True)
    for number, page in enumerate(module.fetch(account, Span())):
        if page.stream == system.stream:
            pq.write_table(page.rows, folder / system.stream / f"{number:06d}.parquet")
            rows += page.rows.num_rows
    return rows


def plain(url: str, asked: Sequence[Any], calls: int) -> int:
    """Send the same requests with plain httpx, read the JSON and do nothing with it."""
    import httpx2 as httpx  # noqa: PLC0415

    kept = ("authorization", "x-api-token", "x-api-key")
    with httpx.Client() as client:
        for method, path, params, body, headers in asked:
            shown = {key: value for key, value in headers.items() if key in kept}
            form = {"data": body} if "form" in headers.get("content-type", "") else {"json": body}
            sent = {} if body is None else form
            client.request(method, f"{url}{path}", params=params, headers=shown, **sent).json()
    return calls


def staged(name: str, folder: Path) -> int:
    """Make canonical calls of the spool."""
    from dialgauge.sources.base import Request  # noqa: PLC0415

    module = importlib.import_module(f"dialgauge.sources.{name}")
    con = duckdb.connect()
    (calls,) = module.stage(con, Request(paths=(folder,), phone_key=b"key"))
    ((rows,),) = con.execute(f"SELECT count(*) FROM {calls.relation}").fetchall()
    return int(rows)


def measure(what: str, run: Callable[[], int]) -> None:
    """Print rows per CPU second, the best of three."""
    best = 0.0
    for _ in range(3):
        begun = time.process_time()
        rows = run()
        best = max(best, rows / (time.process_time() - begun))
    print(f"{what:50} {rows:>10,} rows {best:>12,.0f} rows per CPU second", flush=True)


def main() -> None:
    """Measure."""
    calls = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    for name in sys.argv[2:] or SYSTEMS:
        here, there = multiprocessing.Pipe()
        server = multiprocessing.Process(target=serve, args=(name, calls, there), daemon=True)
        server.start()
        url = here.recv()
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            ours(name, url, folder)
            here.send(True)  # noqa: FBT003
            asked = here.recv()
            if name in ("salesforce", "suitecrm"):  # tokens are given anew, the old one then ends
                asked = [each for each in asked if "token" not in each[1]]
            measure(f"{name}: plain httpx", partial(plain, url, asked, calls))
            measure(f"{name}: fetch, into a spool", partial(ours, name, url, folder))
            measure(f"{name}: stage, from the spool", partial(staged, name, folder))
        server.terminate()


if __name__ == "__main__":
    main()
