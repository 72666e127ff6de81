"""Does all that HubSpot has come, once, whatever happens on the way?"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from crm_hubspot import HubSpot
from crm_server import TOKEN, Spool, account, broken_json, everything, listening, status, streams
from dialgauge.errors import ForbiddenError, ServerError, UnknownNameError, UsageError
from dialgauge.sources.hubspot import fetch, probe, stage
from dialgauge.sources.live import Span


@pytest.fixture
def crm() -> Iterator[HubSpot]:
    """Serve an account."""
    served = HubSpot()
    with listening(served):
        yield served


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    """Keep what comes."""
    return Spool(tmp_path / "spool", fetch, stage)


def at(second: int) -> str:
    """Write an instant as HubSpot does."""
    moment = dt.datetime(2026, 1, 5, 10, tzinfo=dt.UTC) + dt.timedelta(seconds=second)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def names(crm: HubSpot, spool: Spool, kind: str = "calls", **settings: object) -> list[str]:
    """Fetch, and list which records of a kind came."""
    rows = streams(spool.run(account(crm, **settings))).get(kind, [])
    return [str(row["id"]) for row in rows]


def test_more_calls_than_a_search_may_give_all_come(crm: HubSpot, spool: Spool) -> None:
    """1,450 calls, of which 450 changed in one instant, where a search gives 1,000."""
    crm.most = 1000
    for number in range(1000):
        crm.call(str(number), changed=at(number // 3))
    for number in range(1000, 1450):
        crm.call(str(number), changed=at(1))
    found = names(crm, spool, objects="calls")
    assert sorted(set(found), key=int) == [str(number) for number in range(1450)]
    assert len(found) <= 1450 + 200
    assert not [asked for asked in crm.asked if asked.body and "after" in asked.body]


def test_going_on_reads_what_changed_since(crm: HubSpot, spool: Spool) -> None:
    """The second time only the changed call comes, and those of the last ten minutes before."""
    crm.call("1", changed=at(0))
    crm.call("2", changed=at(3600))
    assert names(crm, spool) == ["1", "2"]
    crm.call("3", changed=at(3700))
    assert names(crm, spool) == ["2", "3"]
    assert spool.cursors["calls"] == "2026-01-05T11:01:40+00:00"


def test_a_server_that_dies_half_way_loses_and_doubles_nothing(crm: HubSpot, spool: Spool) -> None:
    """What came is kept with its cursor; the next time reading goes on there."""
    for number in range(500):
        crm.call(f"{number:03d}", changed=at(number * 60))
    crm.on_search = [lambda: None, lambda: crm.troubles.extend([("search", status(502))] * 3)]
    with pytest.raises(ServerError, match="with 502"):
        spool.run(account(crm, objects="calls"))
    kept = spool.pages
    spool.run(account(crm, objects="calls"))
    assert kept > 0
    assert spool.pages > kept
    rows = spool.stage()["calls"].rows("call_id")
    assert sorted(rows) == [(f"hubspot-{number:03d}",) for number in range(500)]


def test_calls_that_change_while_they_are_read_hide_no_other(crm: HubSpot, spool: Spool) -> None:
    """Each search moves a call that was read to the end, which shifts all others."""
    chance = random.Random(3)
    for number in range(900):
        crm.call(str(number), changed=at(number))
    later = iter(range(1000, 2000))

    def move() -> None:
        crm.call(str(chance.randrange(900)), changed=at(next(later)))

    crm.on_search = [move] * 30
    assert set(names(crm, spool)) == {str(number) for number in range(900)}


def test_a_span_reads_a_range_again(crm: HubSpot, spool: Spool) -> None:
    """From an instant on, up to and not including another."""
    for number in range(6):
        crm.call(str(number), changed=at(number))
    begin, end = (dt.datetime.fromisoformat(at(second)) for second in (2, 4))
    pages = spool.run(account(crm), Span(cursors={}, start=begin, end=end))
    assert [row["id"] for row in streams(pages)["calls"]] == ["2", "3"]
    assert spool.cursors["calls"] == "2026-01-05T10:00:03+00:00"


def test_a_row_from_the_future_does_not_hide_what_changes_until_then(
    crm: HubSpot, spool: Spool
) -> None:
    """The cursor stops at the server's own time."""
    crm.call("1", changed="2199-01-01T00:00:00.000Z")
    spool.run(account(crm))
    now = dt.datetime.now(dt.UTC)
    assert now - dt.datetime.fromisoformat(spool.cursors["calls"]) < dt.timedelta(minutes=1)


def test_throttling_and_damage_in_the_middle_cost_nothing(crm: HubSpot, spool: Spool) -> None:
    """Each of a run's requests fails once, in one way or another."""
    crm.call("1", contacts=["51"])
    crm.put("contacts", "51", createdate="2026-01-01T00:00:00Z")
    crm.put("deals", "9", createdate="2026-01-01T00:00:00Z", contacts=["51"])
    crm.troubles = [
        ("contacts/search", broken_json),
        ("deals/batch/read", status(429, Retry_After="1")),
        ("calls/contacts/batch", status(500)),
    ]
    pages = streams(spool.run(account(crm)))
    assert crm.troubles == []
    assert {kind: len(rows) for kind, rows in pages.items()} == {
        "account": 1,
        "owners": 2,
        "dispositions": 2,
        "pipelines": 1,
        "contacts": 1,
        "deals": 1,
        "calls": 1,
    }


def test_no_page_holds_the_token_a_name_or_a_note(crm: HubSpot, spool: Spool) -> None:
    """What is not counted is not asked for."""
    crm.call("1", hs_call_body="she is ill", hs_call_title="Call with Eve")
    crm.put("contacts", "51", createdate="2026-01-01T00:00:00Z", firstname="Eve", email="e@x.org")
    held = everything(spool.run(account(crm)))
    for secret in (TOKEN, "she is ill", "Eve", "e@x.org"):
        assert secret not in held


def test_a_scope_that_is_missing_is_told(crm: HubSpot, spool: Spool) -> None:
    """The sentence names what cannot be read; the rest can be read without it."""
    crm.no_scope = {"deals"}
    crm.call("1")
    with pytest.raises(ForbiddenError, match=r"read /crm/v3/objects/deals/search \(MISSING"):
        spool.run(account(crm))
    assert names(crm, spool, objects="calls contacts") == ["1"]


def test_a_withdrawn_token_is_told(crm: HubSpot, spool: Spool) -> None:
    """Nothing of the token is in the sentence."""
    crm.token = "another"
    with pytest.raises(ForbiddenError, match="does not accept the token") as caught:
        spool.run(account(crm))
    assert TOKEN not in str(caught.value)


def test_probe_says_who_asks_and_what_there_is(crm: HubSpot) -> None:
    """In sentences, also where something cannot be read."""
    crm.call("1")
    crm.no_scope = {"deals"}
    said = probe(account(crm))
    assert said[0] == "This is HubSpot account 62515 (Europe/Berlin, EUR)."
    assert said[1] == "There are 0 contacts."
    assert said[2].startswith("Deals cannot be read: HubSpot")
    assert said[3] == "There are 1 calls."


def test_a_dated_version_gives_the_same(crm: HubSpot, spool: Spool) -> None:
    """With HubSpot's own pattern of paths, of which none is of the older versions."""
    crm.call("1", contacts=["51", "52", "53"])
    crm.put("deals", "d1", createdate="2026-01-02T08:00:00Z", dealstage="offer", contacts=["51"])
    crm.put("contacts", "51", createdate="2026-01-02T08:00:00Z")
    before = [page.rows.to_pylist() for page in fetch(account(crm), Span())]
    crm.version = "2026-03"
    assert [page.rows.to_pylist() for page in spool.run(account(crm, version="2026-03"))] == before
    assert "/crm/associations/2026-03/calls/contacts/batch/read" in crm.paths()
    assert "/crm/owners/2026-03" in crm.paths()
    assert probe(account(crm, version="2026-03"))[-1] == "There are 1 calls."


def test_what_only_helps_may_be_missing(crm: HubSpot, spool: Spool) -> None:
    """The list of outcomes, an older endpoint, and the account, whose currency is then unknown."""
    crm.call("1")
    crm.put("deals", "d1", createdate="2026-01-02T08:00:00Z", amount="5")
    crm.ended = {"/calling/v1/dispositions", "/account-info/v3/details"}
    spool.run(account(crm))
    found = spool.stage()
    assert found["calls"].rows("disposition", "result") == [("Connected", "human")]
    assert found["deals"].rows("currency") == [(None,)]
    assert "1 deals have an amount and no currency" in found["deals"].notes
    assert probe(account(crm))[0] == "This is HubSpot; about the account it says nothing."


def test_a_status_can_be_given_a_meaning_as_its_note_says(crm: HubSpot, spool: Spool) -> None:
    """Where there is no outcome; and of a call that says nothing no such thing is proposed."""
    crm.call("1", hs_call_disposition=None, hs_call_status="PARKED")
    crm.call("2", hs_call_disposition=None, hs_call_status=None, hs_call_duration=None)
    spool.run(account(crm))
    notes = spool.stage()["calls"].notes
    assert "1 calls came to 'PARKED', which nobody has said the meaning of" in notes
    assert "1 calls do not say what came of them; they count as dials and as nothing else." in notes
    told = spool.stage(dispositions="PARKED: human contact")["calls"]
    assert told.rows("result", "contact") == [("human", True), (None, None)]
    assert "PARKED" not in told.notes


@pytest.mark.parametrize(
    ("settings", "error", "sentence"),
    [
        ({"tokn": "x"}, UnknownNameError, "unknown setting 'tokn'"),
        ({"objects": "calls tickets"}, UnknownNameError, "unknown object of HubSpot 'tickets'"),
        ({"properties": "calls"}, UsageError, "write the object and its field"),
        ({"url": "http://api.hubapi.com"}, UsageError, "unencrypted"),
        ({"version": "4"}, UsageError, "version is 4, but must be"),
    ],
)
def test_settings_are_checked(
    crm: HubSpot, settings: dict[str, object], error: type[Exception], sentence: str
) -> None:
    """A wrong setting is told before anything is asked."""
    with pytest.raises(error, match=sentence):
        list(fetch(account(crm, **settings), Span()))
    assert crm.asked == []


def test_own_properties_are_asked_for(crm: HubSpot, spool: Spool) -> None:
    """And fill the columns that a team says."""
    crm.call("1", utm="spring", hs_timestamp="1767603600000")
    spool.run(account(crm, properties="calls.utm"))
    found = spool.stage(fields="calls.campaign_id = utm")["calls"]
    assert found.texts("campaign_id", "started_at") == [("spring", "2026-01-05 09:00:00+00")]


def test_a_deleted_record_comes_as_its_last_word(crm: HubSpot, spool: Spool) -> None:
    """It comes besides the living ones, unless that is switched off."""
    crm.call("1")
    crm.call("2", archived_at="2026-01-06T00:00:00.000Z")
    assert names(crm, spool, deleted=False) == ["1"]
    assert sorted(names(crm, spool)) == ["1", "2"]
    found = spool.stage()
    assert found["calls"].rows("call_id", "test") == [("hubspot-1", False)]
    assert found["calls, again"].rows("call_id", "test") == [("hubspot-2", True)]
    # HubSpot does not say any more whom it was with, so what the lake knows shall stay
    assert "lead_id" not in found["calls, again"].staged[0].present
