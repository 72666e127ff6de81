"""Does what was deleted in a CRM stop to count, where the CRM does not tell?"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote

import duckdb
import pytest

from crm_espocrm import EspoCrm
from crm_odoo import Odoo
from crm_pipedrive import Pipedrive
from crm_server import Spool, account, broken_json, listening, status, streams
from crm_suitecrm import SECRET, SuiteCrm
from dialgauge.accounts import Connected
from dialgauge.errors import ServerError
from dialgauge.intake import Counts, Report, take_in
from dialgauge.lake import Lake, view
from dialgauge.sources import espocrm, odoo, suitecrm
from dialgauge.sources.base import Request, Staged
from dialgauge.sources.gone import stage_gone
from dialgauge.sources.live import Account, Span
from dialgauge.sources.pipedrive import fetch, stage
from dialgauge.sources.staging import Shape, stage_shapes
from dialgauge.syncing.feed import Feed, Round, read_feed
from dialgauge.tables import TABLES


@pytest.fixture
def crm() -> Iterator[Pipedrive]:
    """Serve a company with eight calls, three a page."""
    served = Pipedrive()
    for number in range(8):
        served.call(number, f"2026-01-05T{10 + number}:00:00Z")
    with listening(served):
        yield served


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    """Keep what comes."""
    return Spool(tmp_path / "spool", fetch, stage)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Make an empty lake."""
    return Lake.create(str(tmp_path / "lake"))


def taken(crm: Pipedrive, lake: Lake, spool: Spool) -> Report:
    """Go one round: fetch, take in, forget the pages; every row is accounted for."""
    spool.run(account(crm))
    request = Request(paths=(spool.folder,), phone_key=lake.phone_key)
    report = take_in(lake, stage, request)
    spool.emptied()
    counts = report.counts
    assert counts.read == counts.loaded + counts.updated + counts.unchanged + counts.quarantined
    return report


def delete(crm: Pipedrive, *names: int) -> None:
    """Delete activities, as if they had never been."""
    crm.rows["activities"] = [row for row in crm.rows["activities"] if row["id"] not in names]


def rows(lake: Lake, table: str, columns: str) -> list[tuple[Any, ...]]:
    """Read a table of the lake."""
    with contextlib.closing(lake.connect()) as con:
        seen = view(con, lake.snapshot(), TABLES[table])
        return con.execute(f"SELECT {columns} FROM {seen} ORDER BY ALL").fetchall()


def no_calls(lake: Lake) -> list[str]:
    """List the calls that count as none."""
    return [name for name, test in rows(lake, "calls", "call_id, test") if test]


def test_a_deleted_call_counts_as_none(crm: Pipedrive, lake: Lake, spool: Spool) -> None:
    """From the day on on which it is missed first, and its other columns stay."""
    taken(crm, lake, spool)
    delete(crm, 2, 7)
    taken(crm, lake, spool)
    assert no_calls(lake) == []  # on the same day nobody looks
    spool.a_day_later()
    report = taken(crm, lake, spool)
    assert no_calls(lake) == ["pipedrive-2", "pipedrive-7"]
    assert "2 of activities were deleted there and no longer count." in report.notes
    leads = rows(lake, "calls", "DISTINCT lead_id, CAST(started_at AS VARCHAR)")
    assert leads == [("pipedrive-51", "2026-01-05 09:00:00+00")]
    spool.a_day_later()
    again = taken(crm, lake, spool)
    assert again.counts.updated == 0


def test_what_is_there_all_the_same_was_not_deleted(
    crm: Pipedrive, lake: Lake, spool: Spool
) -> None:
    """As a list may lack it for a moment: each one is asked for by itself, and again later."""
    taken(crm, lake, spool)
    spool.a_day_later()
    short = {"success": True, "data": [{"id": 0}], "additional_data": {"next_cursor": None}}
    crm.troubles = [("activities", lambda answer: answer()), ("activities", status(200, short))]
    taken(crm, lake, spool)
    assert not crm.troubles
    assert no_calls(lake) == []
    assert sorted(spool.rolls["activities_there"]["id"].to_pylist()) == list("01234567")
    delete(crm, 5)
    spool.a_day_later()
    taken(crm, lake, spool)
    assert no_calls(lake) == ["pipedrive-5"]


def test_a_right_that_was_lost_deletes_nothing(crm: Pipedrive, lake: Lake, spool: Spool) -> None:
    """Asking ends at the first one that may not be seen, and goes on another day."""
    taken(crm, lake, spool)
    kept = list(crm.rows["activities"])
    delete(crm, *range(8))
    spool.a_day_later()
    crm.troubles = [("activities/0", status(403, {"success": False, "error": "no right"}))]
    taken(crm, lake, spool)
    assert no_calls(lake) == []
    assert sum(path.startswith("/api/v2/activities/") for path in crm.paths()) == 1
    crm.rows["activities"] = kept[1:]
    spool.a_day_later()
    taken(crm, lake, spool)
    assert no_calls(lake) == ["pipedrive-0"]


def test_whatever_refuses_a_record_deletes_nothing(tmp_path: Path) -> None:
    """SuiteCRM has no status of its own for what may not be seen; the sync goes well."""
    crm = SuiteCrm()
    for name in ("c1", "c2"):
        crm.call(name)
    spool = Spool(tmp_path / "spool", suitecrm.fetch, suitecrm.stage)
    with listening(crm):
        ours = account(crm, ("client_secret", SECRET), client_id="b8f0c1a2")
        spool.run(ours)
        crm.denied = {"c1"}
        spool.a_day_later()
        assert streams(spool.run(ours)).get("gone") == []
    assert sorted(spool.rolls["calls_there"]["id"].to_pylist()) == ["c1", "c2"]


def test_a_list_that_breaks_off_deletes_nothing(crm: Pipedrive, lake: Lake, spool: Spool) -> None:
    """The next round begins it anew, against the same roll as before."""
    taken(crm, lake, spool)
    delete(crm, 3)
    spool.a_day_later()
    before = dict(spool.cursors)
    crm.troubles = [
        *[("activities", lambda answer: answer())] * 2,
        *[("activities", broken_json)] * 3,
    ]
    with pytest.raises(ServerError, match="breaks off"):
        spool.run(account(crm))
    assert spool.cursors == before
    taken(crm, lake, spool)
    assert no_calls(lake) == ["pipedrive-3"]


def test_it_is_looked_for_only_where_that_is_wanted(crm: Pipedrive, spool: Spool) -> None:
    """Not with deleted = false, and not while a range is read again."""
    assert "gone" not in streams(spool.run(account(crm, deleted=False)))
    begin = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    assert "gone" not in streams(spool.run(account(crm), Span(start=begin)))
    assert spool.run(account(crm))[-1].stream == "gone"


def test_what_was_deleted_must_be_said(lake: Lake, tmp_path: Path) -> None:
    """Of a dump written by hand each row that does not say it is kept aside; none is lost."""
    told = "stream,id,gone_at\nactivities,7,2026-01-05\nactivities,,2026-01-05\n"
    (tmp_path / "gone.csv").write_text(f"{told}activities,8,soon\nmeetings,9,2026-01-05\n")
    report = take_in(lake, stage, Request(paths=(tmp_path / "gone.csv",)))
    assert sorted(reason.reason for reason in report.reasons) == [
        *["it is not said what was deleted"] * 2,
        "it is not said when it was deleted",
    ]
    assert report.counts == Counts(read=4, unchanged=1, quarantined=3)


def test_a_record_that_changed_and_went_in_one_round(tmp_path: Path, lake: Lake) -> None:
    """A deal is won and deleted between two rounds: its order is cancelled, its end stays.

    By hand: the batch says won on the 9th with an order of 1,200.50; that it is gone is laid over
    the rows of the same batch, so closed_at is the 9th, and not the 11th when it was missed.
    """

    def staged(con: duckdb.DuckDBPyConnection, _: Request) -> list[Staged]:
        con.execute(
            "CREATE TEMP TABLE gone AS SELECT key, TIMESTAMPTZ '2026-01-11 00:00:00+00' AS gone_at,"
            " _row, 'f' AS _file, '{}' AS _said"
            " FROM (VALUES ('d1', 10), ('d2', 11), ('d3', 12), (NULL, 13)) AS t(key, _row)"
        )
        deals = (
            "(VALUES ('d1', 'won', '2026-01-09'), ('d2', 'open', NULL))"
            " AS t(deal_id, status, closed_at)"
        )
        columns = {
            "deal_id": "deal_id",
            "created_at": "TIMESTAMPTZ '2026-01-02 00:00:00+00'",
            "closed_at": "CAST(closed_at || ' 00:00:00+00' AS TIMESTAMPTZ)",
            "status": "status",
            "amount": "1200.5",
            "currency": "'EUR'",
        }
        order = {"order_id": "deal_id", "ordered_at": columns["closed_at"], "amount": "1200.5"}
        won = f"{deals} WHERE status = 'won'"
        number = "row_number() OVER ()"
        deal = Shape(columns=columns, rows=deals, row=number, file="'f'")
        ordered = Shape(columns=order, rows=won, row=number, file="'f'")
        return [
            stage_shapes(con, TABLES["deals"], [deal]),
            stage_shapes(con, TABLES["orders"], [ordered]),
            stage_gone(con, TABLES["deals"], "gone"),
            stage_gone(con, TABLES["orders"], "gone"),
        ]

    report = take_in(lake, staged, Request(paths=(tmp_path,)))
    assert rows(lake, "deals", "deal_id, status, CAST(closed_at AS VARCHAR)") == [
        ("d1", None, "2026-01-09 00:00:00+00"),
        ("d2", None, "2026-01-11 00:00:00+00"),
    ]
    assert rows(lake, "orders", "order_id, amount, cancelled") == [("d1", Decimal("1200.5"), True)]
    assert report.tables["deals"].unchanged == 1  # d3 was never heard of
    assert [reason.reason for reason in report.reasons] == ["it is not said what was deleted"] * 2


def test_a_sync_keeps_the_roll(crm: Pipedrive, lake: Lake) -> None:
    """As `dialgauge sync` reads it: the roll of one round is at hand in the next."""
    feed = Feed(
        account=Connected(name="crm", system="pipedrive", settings={}),
        kind="fetch",
        folder=Path(lake.layout.sync("crm"), "fetch"),
        stage=stage,
        pages=lambda span: fetch(account(crm), span),
    )
    assert read_feed(lake, feed, Round()).error is None
    delete(crm, 4)
    path = feed.folder / "cursors.json"
    then = json.loads(path.read_text())["kept"]["activities_there"]
    day_before = (dt.datetime.fromisoformat(then) - dt.timedelta(days=1)).isoformat()
    path.write_text(path.read_text().replace(then, day_before))
    rolls = feed.folder / "rolls" / "activities_there"
    (roll,) = rolls.iterdir()
    roll.rename(roll.with_name(f"{quote(day_before, safe='')}.parquet"))
    found = read_feed(lake, feed, Round())
    assert "1 of activities were deleted there and no longer count." in found.status.notes
    assert no_calls(lake) == ["pipedrive-4"]


def in_espocrm() -> EspoCrm:
    """Make an installation with 250 calls, two leads and two opportunities."""
    crm = EspoCrm()
    for number in range(250):
        crm.call(f"c{number:03d}")
    for name in ("l1", "l2"):
        crm.put("Lead", name, source="Web", addressState="Berlin")
    usual = {"amount": 1200.5, "amountCurrency": "EUR", "closeDate": "2026-01-09"}
    crm.put("Opportunity", "o1", stage="Closed Won", **usual)
    crm.put("Opportunity", "o2", stage="Proposal", **usual)
    return crm


def in_suitecrm() -> SuiteCrm:
    """Make the same in an installation that shows nothing deleted."""
    crm = SuiteCrm()
    for number in range(250):
        crm.call(f"c{number:03d}")
    for name in ("l1", "l2"):
        crm.put("Leads", name, lead_source="Web", primary_address_state="Berlin")
    usual = {"amount": "1200.5", "date_closed": "2026-01-09"}
    crm.put("Opportunities", "o1", sales_stage="Closed Won", **usual)
    crm.put("Opportunities", "o2", sales_stage="Proposal/Price Quote", **usual)
    return crm


OFFICES: Mapping[str, tuple[Callable[[], Any], Any, Callable[[Any], Account]]] = {
    "espocrm": (in_espocrm, espocrm, account),
    "suitecrm": (
        in_suitecrm,
        suitecrm,
        lambda crm: account(crm, ("client_secret", SECRET), client_id="b8f0c1a2"),
    ),
}


@pytest.mark.parametrize("system", OFFICES)
def test_records_of_every_kind_that_are_deleted(system: str, lake: Lake, tmp_path: Path) -> None:
    """A call, a lead, an opportunity that was won and one that was open, of 256 records.

    By hand: the lead is given up on the day it is missed, and stays one from Berlin; of the order
    of 1,200.50 nothing counts; o1 keeps its close date, o2 ends when it is missed.
    """
    made, source, ours = OFFICES[system]
    crm = made()
    spool = Spool(tmp_path / "spool", source.fetch, source.stage)

    def one_round() -> None:
        spool.run(ours(crm))
        request = Request(
            paths=(spool.folder,),
            options={"orders": "won", "currency": "EUR"},
            phone_key=lake.phone_key,
        )
        take_in(lake, source.stage, request)
        spool.emptied()

    with listening(crm):
        one_round()
        for kind, names in crm.rows.items():
            gone = ("c123", "l2", "o1", "o2")
            crm.rows[kind] = [row for row in names if row["id"] not in gone]
        spool.a_day_later()
        one_round()
    assert no_calls(lake) == ["c123"]
    missed = "lost_at > now() - INTERVAL 1 HOUR"
    assert rows(lake, "leads", f"lead_id, lost_at IS NULL, {missed}, lead_source, region") == [
        ("l1", True, None, "Web", "Berlin"),
        ("l2", False, True, "Web", "Berlin"),
    ]
    just_now = "closed_at > now() - INTERVAL 1 HOUR"
    assert rows(lake, "deals", f"deal_id, status, {just_now}") == [
        ("o1", None, False),
        ("o2", None, True),
    ]
    assert rows(lake, "orders", "order_id, cancelled") == [("o1", True)]


@pytest.mark.parametrize("version", ["19.0", "18.0"])
def test_leads_and_calls_that_are_deleted_in_odoo(version: str, lake: Lake, tmp_path: Path) -> None:
    """Over both APIs: lead 2 is deleted with its call, lead 3 is hidden by a rule and stays.

    By hand: lead 2 is a lead of ours, a deal that was won on 9 January, and its order of 1,200.50.
    """
    crm = Odoo(version)
    won = {"stage_id": [4, "Won"], "date_closed": "2026-01-09 08:00:00", "probability": 100.0}
    stands: Mapping[int, Mapping[str, Any]] = {1: {}, 2: won, 3: {}}
    for number, is_ in stands.items():
        crm.lead(number, **is_)
        crm.call(number + 10, lead=number)
    crm.lead(4, active=False)
    spool = Spool(tmp_path / "spool", odoo.fetch, odoo.stage)

    def one_round() -> None:
        spool.run(account(crm, database="acme", login="me@acme.com"))
        options = {"orders": "won"}
        request = Request(paths=(spool.folder,), options=options, phone_key=lake.phone_key)
        take_in(lake, odoo.stage, request)
        spool.emptied()

    with listening(crm):
        one_round()
        assert spool.rolls["leads_there"]["id"].to_pylist() == ["1", "2", "3", "4"]
        crm.rows["crm.lead"] = [row for row in crm.rows["crm.lead"] if row["id"] != 2]
        crm.rows["mail.message"] = [row for row in crm.rows["mail.message"] if row["id"] != 12]
        crm.hidden = {3}
        spool.a_day_later()
        one_round()
    assert no_calls(lake) == ["odoo-12"]
    assert rows(lake, "leads", "lead_id, lost_at IS NULL") == [
        ("odoo-1", True),
        ("odoo-2", False),
        ("odoo-3", True),
        ("odoo-4", True),
    ]
    ended = "CAST(closed_at AS DATE) = DATE '2026-01-09'"
    assert rows(lake, "deals", f"deal_id, status, {ended}")[1] == ("odoo-2", None, True)
    assert rows(lake, "orders", "order_id, cancelled") == [("odoo-2", True)]
