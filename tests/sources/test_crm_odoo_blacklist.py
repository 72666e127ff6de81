"""Are those left alone whose number is on Odoo's phone blacklist, as long as it is there?"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from crm_odoo import Odoo
from crm_server import Spool, account, listening, status, streams
from dialgauge.accounts import Connected
from dialgauge.errors import ServerError
from dialgauge.lake import Lake, view
from dialgauge.sources.live import Account, Span
from dialgauge.sources.odoo import fetch, stage
from dialgauge.sources.odoo.names import BLACKLISTED
from dialgauge.syncing.feed import Feed, Round, read_feed
from dialgauge.tables import TABLES

NUMBER = {name: f"+49 30 12345{name}" for name in range(1, 8)}
"""The number of each lead, as people write it."""
LISTED = {name: said.replace(" ", "") for name, said in NUMBER.items()}
"""And as it stands on the blacklist."""


@pytest.fixture(params=["18.0", "19.0"], ids=["over JSON-RPC", "over JSON-2"])
def crm(request: pytest.FixtureRequest) -> Iterator[Odoo]:
    """Serve three leads: those of the first and of the last, which was put away, are listed."""
    served = Odoo(request.param)
    for name in (1, 2, 3):
        served.lead(name, f"2026-01-05 10:00:0{name}", phone=NUMBER[name], active=name != 3)
    served.blacklist = {LISTED[1]: True, LISTED[3]: True}
    with listening(served):
        yield served


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    """Keep what comes."""
    return Spool(tmp_path / "spool", fetch, stage)


def ours(crm: Odoo, **settings: object) -> Account:
    """Give the account of a user."""
    return account(crm, database="acme", login="me@acme.com", **settings)


def later(crm: Odoo) -> None:
    """Let another lead change long after, so that the others do not come again for that."""
    crm.lead(9, "2026-02-05 10:00:00")


def told(spool: Spool) -> dict[str, bool | None]:
    """Say of each lead that came whether it may not be called."""
    found = spool.stage()
    parts = [found[part] for part in ("leads", "leads, again") if part in found]
    return dict(row for part in parts for row in part.rows("lead_id", "do_not_call"))


def test_leads_whose_number_is_listed_must_not_be_called(crm: Odoo, spool: Spool) -> None:
    """Those that were put away too; a lead without a number is on no list."""
    crm.lead(4, "2026-01-05 10:00:04")
    spool.run(ours(crm))
    assert told(spool) == {"odoo-1": True, "odoo-2": False, "odoo-3": True, "odoo-4": False}


def test_a_number_that_was_taken_off_the_list_may_be_called(crm: Odoo, spool: Spool) -> None:
    """Odoo keeps it, put away, and goes on to say yes to whoever reads what was put away."""
    crm.blacklist = {LISTED[1]: False}
    spool.run(ours(crm))
    assert told(spool) == {"odoo-1": False, "odoo-2": False, "odoo-3": False}


def test_leads_that_did_not_change_learn_of_the_list(crm: Odoo, spool: Spool) -> None:
    """One number came on it, one was put away there, one removed; the fourth lead is as before."""
    crm.lead(4, "2026-01-05 10:00:04", phone=NUMBER[4])
    crm.blacklist = {LISTED[1]: True, LISTED[3]: True, LISTED[4]: True}
    later(crm)
    spool.run(ours(crm))
    spool.emptied()
    crm.blacklist = {LISTED[1]: False, LISTED[2]: True, LISTED[4]: True}
    spool.run(ours(crm))
    assert told(spool) == {"odoo-1": False, "odoo-2": True, "odoo-3": False, "odoo-9": False}


def test_nothing_is_read_again_while_the_list_stays(crm: Odoo, spool: Spool) -> None:
    """One search tells; the list of before is kept as it was."""
    later(crm)
    spool.run(ours(crm))
    before = dict(spool.cursors)
    pages = spool.run(ours(crm))
    assert [row["id"] for row in streams(pages)["leads"]] == ["9"]
    assert spool.cursors == before


def test_rounds_that_wait_together_end_with_the_last_word(crm: Odoo, spool: Spool) -> None:
    """The pages of three rounds are taken in at once; the lead changed in none of them."""
    later(crm)
    spool.run(ours(crm))
    crm.blacklist = {}
    spool.run(ours(crm))
    crm.blacklist = {LISTED[3]: True}
    spool.run(ours(crm))
    assert told(spool) == {"odoo-1": False, "odoo-2": False, "odoo-3": True, "odoo-9": False}


def test_a_lake_from_before_learns_of_the_whole_list(crm: Odoo, spool: Spool) -> None:
    """It has leads, and was never told of the list."""
    later(crm)
    spool.run(ours(crm, do_not_call=False))
    assert "do_not_call" not in spool.stage()["leads"].staged[0].present
    spool.emptied()
    spool.run(ours(crm))
    assert told(spool) == {"odoo-1": True, "odoo-3": True, "odoo-9": False}


def test_a_range_leaves_the_list_of_before_alone(crm: Odoo, spool: Spool) -> None:
    """Its leads say what the list says; the others learn of it in the next round."""
    later(crm)
    spool.run(ours(crm))
    before = dict(spool.cursors)
    spool.emptied()
    crm.blacklist = {LISTED[2]: True}
    spool.run(ours(crm), Span(start=dt.datetime(2026, 2, 1, tzinfo=dt.UTC)))
    assert told(spool) == {"odoo-9": False}
    assert spool.cursors == before
    spool.run(ours(crm))
    assert told(spool) == {"odoo-1": False, "odoo-2": True, "odoo-3": False, "odoo-9": False}


def test_more_leads_than_an_answer_holds_are_all_listed(spool: Spool) -> None:
    """2,090 of 2,100 come on the list, which is told 2,000 at a time."""
    served = Odoo("19.0")
    for name in range(1, 2101):
        at = f"2026-01-05 {name // 3600:02d}:{name % 3600 // 60:02d}:{name % 60:02d}"
        served.lead(name, at, phone=f"+49 30 {100_000 + name}")
    with listening(served):
        spool.run(account(served, history=False))
        spool.emptied()
        served.blacklist = {f"+4930{100_000 + name}": True for name in range(1, 2091)}
        spool.run(account(served, history=False))
    # the last leads are those of the ten minutes that are read again anyway
    assert told(spool) == {
        **{f"odoo-{name}": True for name in range(1, 2091)},
        **{f"odoo-{name}": False for name in range(2091, 2101)},
    }


def test_without_the_list_nothing_is_said(crm: Odoo, spool: Spool) -> None:
    """What the lake knows from elsewhere then stays."""
    crm.blacklist = None
    spool.run(ours(crm))
    assert "do_not_call" not in spool.stage()["leads"].staged[0].present
    assert not any(BLACKLISTED in str(asked.body) for asked in crm.asked)


def test_who_may_not_ask_the_list_gets_the_leads_all_the_same(spool: Spool) -> None:
    """A refusal of that one search; another failure is told, as the next round may do better."""
    served = Odoo("19.0")
    served.lead(1, phone=NUMBER[1])
    with listening(served):
        served.troubles = [("crm.lead/search", status(403))]
        spool.run(ours(served))
        found = spool.stage()["leads"]
        served.troubles = [("crm.lead/search", status(500))] * 3
        with pytest.raises(ServerError, match=r"answered crm\.lead/search with 500"):
            spool.run(ours(served))
    assert found.rows("lead_id") == [("odoo-1",)]
    assert "do_not_call" not in found.staged[0].present


def test_a_teams_own_field_may_say_it_instead(crm: Odoo, spool: Spool) -> None:
    """Then the blacklist does not count."""
    crm.own = {"crm.lead": ["x_opt_out"]}
    crm.lead(2, "2026-01-05 10:00:02", phone=NUMBER[2], x_opt_out="yes")
    spool.run(ours(crm, fields="leads.x_opt_out"))
    found = spool.stage(fields="leads.do_not_call = x_opt_out")["leads"]
    said = dict(found.rows("lead_id", "do_not_call"))
    assert said == {"odoo-1": None, "odoo-2": True, "odoo-3": None}


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Make an empty lake."""
    return Lake.create(str(tmp_path / "lake"))


def known(crm: Odoo, lake: Lake, start: dt.datetime | None = None) -> dict[str, bool | None]:
    """Go a round of `dialgauge sync`, and say of each lead in the lake what it knows then."""
    feed = Feed(
        account=Connected(name="crm", system="odoo", settings={}),
        kind="fetch",
        folder=Path(lake.layout.sync("crm"), "fetch"),
        stage=stage,
        pages=lambda span: fetch(ours(crm), span),
    )
    assert read_feed(lake, feed, Round(start=start)).error is None
    with contextlib.closing(lake.connect()) as con:
        seen = view(con, lake.snapshot(), TABLES["leads"])
        found = con.execute(f"SELECT lead_id, do_not_call, created_at FROM {seen}").fetchall()
    assert all(created is not None for *_, created in found)
    return {lead: no_calls for lead, no_calls, _ in found}


def test_a_lake_knows_after_each_round_who_may_be_called(crm: Odoo, lake: Lake) -> None:
    """Nothing else of a lead that came on the list is lost; without a list all stays."""
    later(crm)
    assert known(crm, lake) == {"odoo-1": True, "odoo-2": False, "odoo-3": True, "odoo-9": False}
    crm.blacklist = {LISTED[2]: True}
    now = {"odoo-1": False, "odoo-2": True, "odoo-3": False, "odoo-9": False}
    assert known(crm, lake) == now
    crm.blacklist = None
    assert known(crm, lake) == now


def test_leads_that_nobody_wanted_do_not_come_by_the_list(crm: Odoo, lake: Lake) -> None:
    """Who began with a range has its leads only; of those the list is told."""
    now = dt.datetime.now(dt.UTC)
    yesterday = f"{now - dt.timedelta(days=1):%Y-%m-%d %H:%M:%S}"
    crm.lead(7, yesterday, phone=NUMBER[7])
    crm.lead(9, yesterday)
    assert known(crm, lake, now - dt.timedelta(days=2)) == {"odoo-7": False, "odoo-9": False}
    crm.blacklist = {LISTED[1]: True, LISTED[7]: True}
    assert known(crm, lake) == {"odoo-7": True, "odoo-9": False}
