"""Are exactly those on a call list who may be called, in an order that holds?"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from dialgauge.analysis.interval import wilson
from dialgauge.errors import FileError, NoDataError, UnknownNameError, UsageError
from dialgauge.intake import take_in
from dialgauge.lake import Person
from dialgauge.lake.vault import VARIABLE, new_key
from dialgauge.outward.callable import Rules, judged
from dialgauge.outward.lists import CallList, Wanted, call_list, with_numbers
from dialgauge.outward.register import read_register
from dialgauge.outward.vicidial import FIELDS, written
from dialgauge.sources import source
from dialgauge.sources.base import Request
from dialgauge.sources.phone import token
from small_lake import Record, SmallLake, call, small_lake

# A Monday, 12:00 in Berlin and 6:00 in New York.
NOW = dt.datetime(2026, 3, 2, 11, tzinfo=dt.UTC)
BERLIN = {"timezone": "Europe/Berlin"}


def lead(name: str, **columns: object) -> Record:
    """Write a lead of Berlin."""
    return {"lead_id": name, "created_at": "2026-01-01T00:00:00Z", **BERLIN, **columns}


def spoken(name: str, started_at: str, party: str, **columns: object) -> Record:
    """Write a call with a conversation."""
    return call(name, started_at, "human", contact=True, lead_id=party, **columns)


def listed(lake: SmallLake, **wanted: object) -> CallList:
    """Make a list of a lake."""
    return call_list(lake.gauge(), Wanted(at=NOW, **wanted))  # type: ignore[arg-type]


def names(found: CallList) -> list[str]:
    """Give who is on a list, in order."""
    return [entry.lead.lead_id for entry in found.entries]


def why_not(lake: SmallLake, rules: Rules | None = None) -> dict[str, str]:
    """Give each lead's reason not to be called."""
    found = judged(lake.gauge(), (), rules or Rules(), NOW)
    return {each.lead_id: each.why_not for each in found}


def test_each_reason_leaves_a_lead_out(tmp_path: Path) -> None:
    """What the lead says, what calls with it say, what calls to its number say."""
    lake = small_lake(
        tmp_path,
        leads=[
            lead("free"),
            lead("asked", do_not_call_at="2026-01-02T00:00:00Z", phone_token="t1"),
            lead("same_number", phone_token="t1"),
            lead("asked_on_call"),
            lead("asked_by_number", phone_token="t2"),
            lead("wrong", invalid=True),
            lead("customer", customer_id="k"),
            lead("called_at_that_number"),
            lead("sold"),
            lead("ordered"),
            lead("became"),
            lead("lost", lost_at="2026-02-01T00:00:00Z"),
            lead("often"),
            lead("reached"),
            lead("reached_long_ago"),
            lead("called_us", phone_token="t3"),
            lead("dialled"),
            lead("sleeping", timezone="America/New_York"),
            lead("somewhere", timezone=""),
        ],
        calls=[
            call(1, "2026-01-05T10:00:00Z", "human", do_not_call=True, lead_id="asked_on_call"),
            call(2, "2026-01-05T10:00:00Z", "human", do_not_call=True, phone_token="t2"),
            call("2b", "2026-01-06T10:00:00Z", lead_id="called_at_that_number", phone_token="t2"),
            spoken("3", "2026-01-05T10:00:00Z", "sold", converted=True),
            *(call(f"o{n}", f"2026-01-0{n}T10:00:00Z", lead_id="often") for n in range(1, 4)),
            spoken("4", "2026-02-20T10:00:00Z", "reached"),
            spoken("5", "2026-01-20T10:00:00Z", "reached_long_ago"),
            {"call_id": "6", "started_at": "2026-03-01T10:00:00Z", "direction": "inbound",
             "result": "human", "contact": True, "phone_token": "t3"},
            call(7, "2026-03-02T08:00:00Z", lead_id="dialled"),
        ],
        orders=[{"order_id": 1, "ordered_at": "2026-01-05T10:00:00Z", "lead_id": "ordered"}],
        customers=[
            {"customer_id": 1, "acquired_at": "2026-01-05T10:00:00Z", "lead_id": "became"}
        ],
    )  # fmt: skip
    assert why_not(lake, Rules(most_attempts=3)) == {
        "free": "",
        "asked": "do_not_call",
        "same_number": "do_not_call",
        "asked_on_call": "do_not_call",
        "asked_by_number": "do_not_call",
        "wrong": "invalid",
        "customer": "converted",
        "called_at_that_number": "do_not_call",
        "sold": "converted",
        "ordered": "converted",
        "became": "converted",
        "lost": "lost",
        "often": "attempts",
        "reached": "contact",
        "reached_long_ago": "",
        "called_us": "contact",
        "dialled": "dial",
        "sleeping": "hour",
        "somewhere": "zone",
    }
    always = why_not(lake, Rules(most_attempts=3, hours=(0, 24)))
    assert [always[name] for name in ("sleeping", "somewhere")] == ["", ""]
    rested = why_not(lake, Rules(days_after_contact=5, hours_after_dial=3))
    assert [rested[name] for name in ("often", "reached", "dialled")] == ["", "", ""]
    assert rested["called_us"] == "contact"
    found = listed(lake, rules=Rules(most_attempts=3))
    assert sum(found.left_out.values()) + len(found.entries) == 19
    assert found.left_out["asked not to be called"] == 5


def test_a_number_of_several_zones_is_called_when_it_may_be_in_all(tmp_path: Path) -> None:
    """A mobile of Russia: 9 h in Kaliningrad is 19 h in Kamchatka; two hours later it is 21 h."""
    lake = small_lake(tmp_path)
    mapping, path = tmp_path / "map.toml", tmp_path / "leads.csv"
    columns = "lead_id = 'Id'\ncreated_at = 'At'\nphone_token = {expression = 'token(Phone)'}\n"
    mapping.write_text(f"table = 'leads'\n[columns]\n{columns}", encoding="utf-8")
    path.write_text("Id,At,Phone\na,2026-01-01,+7 912 345 67 89\n", encoding="utf-8")
    request = Request(paths=(path,), mapping=mapping, phone_key=lake.lake.phone_key)
    take_in(lake.lake, source("files"), request, strict=True)

    def at(hour: int) -> str:
        (found,) = judged(lake.gauge(), (), Rules(), NOW.replace(hour=hour))
        assert found.hour is None
        return found.why_not

    assert [at(hour) for hour in (5, 7, 9)] == ["hour", "", "hour"]


def test_days_of_the_week_are_those_where_the_lead_lives(tmp_path: Path) -> None:
    """Monday noon in Berlin is still Monday in New York and in Kiritimati already Tuesday."""
    lake = small_lake(
        tmp_path,
        leads=[
            lead("berlin"),
            lead("kiritimati", timezone="Pacific/Kiritimati"),
            lead("both", timezone="Europe/Berlin|Pacific/Kiritimati"),
            lead("nowhere", timezone=""),
        ],
    )
    mondays = Rules(days=frozenset({0}), hours=(0, 24))
    assert why_not(lake, mondays) == {
        "berlin": "",
        "kiritimati": "day",
        "both": "day",
        "nowhere": "zone",
    }
    assert set(why_not(lake, Rules(hours=(0, 24))).values()) == {""}
    with pytest.raises(UsageError, match="no days of the week"):
        Rules(days=frozenset())


def test_who_is_on_a_register_is_left_out(tmp_path: Path) -> None:
    """By its number however written, by the number of its calls, by token; the unknown as well."""
    key = small_lake(tmp_path).lake.phone_key
    tokens = [str(token(key, f"+49301234{n}")) for n in range(6)]
    lake = small_lake(
        tmp_path / "full",
        leads=[
            *(lead(f"l{n}", phone_token=t) for n, t in enumerate(tokens[:4])),
            lead("by_call"),
            lead("no_number"),
        ],
        calls=[call(1, "2026-01-05T10:00:00Z", lead_id="by_call", phone_token=tokens[4])],
    )
    path = tmp_path / "register.csv"
    path.write_text(
        f'number;since\r\n+49 30 / 1234-0;2020\r\n030 12341\n\n{tokens[2]}\n"0049301234 4",x\n'
    )
    register = read_register(path, key, "DE")
    assert register.unread == 1
    assert sorted(register.tokens["token"].to_pylist()) == sorted((*tokens[:3], tokens[4]))
    found = judged(lake.gauge(), (), Rules(), NOW, register)
    assert {each.lead_id: each.why_not for each in found} == {
        "l0": "register",
        "l1": "register",
        "l2": "register",
        "l3": "",
        "by_call": "register",
        "no_number": "unchecked",
    }
    assert listed(lake, register=register).left_out == {
        "on the do-not-call register": 4,
        "no number to look up in the do-not-call register": 1,
    }


def test_a_register_without_numbers_is_refused(tmp_path: Path) -> None:
    """An empty file, one of words, and none at all must not let everybody be called."""
    path = tmp_path / "register.txt"
    for text in ("", "number\nname\n"):
        path.write_text(text)
        with pytest.raises(FileError, match="holds no number"):
            read_register(path, b"key")
    with pytest.raises(FileError, match="there is no file"):
        read_register(tmp_path / "other.txt", b"key")


def test_a_wish_not_to_be_called_holds_under_row_rules(tmp_path: Path) -> None:
    """Who sees only list A still must not call whom somebody of list B was asked to leave alone."""
    lake = small_lake(
        tmp_path,
        leads=[lead("a", list_id="A", phone_token="t"), lead("b", list_id="B", phone_token="t")],
        calls=[call(1, "2026-01-05T10:00:00Z", "human", do_not_call=True, lead_id="b",
                    list_id="B", phone_token="t")],
    )  # fmt: skip
    assert why_not(replace(lake, guard=("list = 'A'",))) == {"a": "do_not_call"}


def test_the_score_is_the_cautious_end_of_what_happened(tmp_path: Path) -> None:
    """List A reached 30 of 60 at noon, list B 20 of 80, C is new: all first attempts, 50 of 140."""
    dials = [
        call(f"{of}{n}", "2026-02-10T11:00:00Z", "human" if n < reached else "busy",
             contact=n < reached, lead_id=f"{of}{n}", list_id=of, **BERLIN)
        for of, reached, many in (("A", 30, 60), ("B", 20, 80))
        for n in range(many)
    ]  # fmt: skip
    leads = [lead("b", list_id="B"), lead("c", list_id="C"), lead("a", list_id="A")]
    lake = small_lake(tmp_path, leads=leads, calls=dials)
    found = listed(lake)
    assert names(found) == ["a", "c", "b"]
    lows = [float(wilson(k, n)[0]) for k, n in ((30, 60), (50, 140), (20, 80))]
    assert [entry.chance.score for entry in found.entries] == pytest.approx(lows)
    assert [record["reason"] for record in found.records()] == [
        "list A, attempt 1, hour 12: 30 of 60 dials reached somebody, at least 37.7 %",
        "attempt 1: 50 of 140 dials reached somebody, at least 28.3 %",
        "list B, attempt 1, hour 12: 20 of 80 dials reached somebody, at least 16.8 %",
    ]
    assert names(listed(lake, limit=1)) == ["a"]
    assert listed(lake, limit=1).left_out["beyond the limit"] == 2
    assert names(listed(lake, where=("list = 'B'",))) == ["b"]
    # Dials of before the days that count are forgotten.
    unknown = listed(lake, history_days=3).entries[0]
    assert (unknown.chance.score, unknown.reason) == (None, "no dials to learn from yet")


def test_the_best_hour_is_where_dials_reached_most(tmp_path: Path) -> None:
    """At 9 h 10 of 50 were reached, at 17 h 30 of 60, at 20 h 9 of 10, which is too few to tell."""
    dials = [
        call(f"{hour}-{n}", f"2026-02-10T{hour - 1:02}:00:00Z", "human" if n < reached else "busy",
             contact=n < reached, lead_id=f"{hour}-{n}", list_id="A", **BERLIN)
        for hour, reached, many in ((9, 10, 50), (17, 30, 60), (20, 9, 10))
        for n in range(many)
    ]  # fmt: skip
    leads = [lead("a", list_id="A"), lead("b", list_id="B")]
    lake = small_lake(tmp_path, leads=leads, calls=dials)
    found = {record["lead_id"]: record["best_hour"] for record in listed(lake).records()}
    assert found == {"a": 17, "b": None}


def test_other_orders(tmp_path: Path) -> None:
    """The newest first, or those waiting longest, or those dialled least."""
    lake = small_lake(
        tmp_path,
        leads=[
            lead("old", created_at="2026-01-01T00:00:00Z"),
            lead("new", created_at="2026-02-01T00:00:00Z"),
            lead("mid", created_at="2026-01-15T00:00:00Z"),
        ],
        calls=[
            call(1, "2026-02-05T10:00:00Z", lead_id="old"),
            call(2, "2026-02-03T10:00:00Z", lead_id="new"),
            call(3, "2026-02-04T10:00:00Z", lead_id="new"),
        ],
    )
    assert names(listed(lake, order="newest")) == ["new", "mid", "old"]
    assert names(listed(lake, order="waiting")) == ["mid", "new", "old"]
    assert names(listed(lake, order="attempts")) == ["mid", "old", "new"]
    assert [record["attempt"] for record in listed(lake, order="attempts").records()] == [1, 2, 3]


def test_a_promised_call_comes_first_and_not_too_early(tmp_path: Path) -> None:
    """One that is due goes before all others and past the rules of rest; one for later waits."""
    promises = {"due": "2026-03-02T10:30:00Z", "later": "2026-03-02T15:00:00Z",
                "kept": "2026-03-02T09:00:00Z", "stale": "2026-02-01T09:00:00Z"}  # fmt: skip
    lake = small_lake(
        tmp_path,
        leads=[lead("other"), *(lead(name) for name in promises)],
        calls=[
            *(spoken(name, "2026-01-20T10:00:00Z", name, callback_at=at)
              for name, at in promises.items()),
            spoken("x", "2026-03-01T10:00:00Z", "due", callback_at=promises["due"]),
            call("y", "2026-03-02T09:10:00Z", lead_id="kept"),
        ],
    )  # fmt: skip
    found = listed(lake)
    assert names(found)[0] == "due"
    assert found.entries[0].reason.startswith("a call was promised for 2026-03-02 10:30 UTC; ")
    assert set(names(found)) == {"due", "other", "stale"}
    assert why_not(lake)["later"] == "callback"
    assert why_not(lake)["kept"] == "dial"


def test_a_number_is_called_once(tmp_path: Path) -> None:
    """Of two leads with one number the better one is listed; unknown numbers are not the same."""
    lake = small_lake(
        tmp_path,
        leads=[lead("a", phone_token="t"), lead("b", phone_token="t"), lead("c"), lead("d")],
        calls=[call(1, "2026-02-05T10:00:00Z", lead_id="a")],
    )
    found = listed(lake, order="attempts")
    assert set(names(found)) == {"b", "c", "d"}
    assert found.left_out == {"the same number stands further up": 1}


def test_who_was_erased_is_on_no_list(tmp_path: Path) -> None:
    """What stands for a forgotten lead counts, and is nobody to call."""
    lake = small_lake(tmp_path, leads=[lead("a"), lead("b")])
    assert names(listed(lake)) == ["a", "b"]
    lake.lake.erase(Person(lead_id="a"))
    found = listed(lake)
    assert names(found) == ["b"]
    assert found.left_out == {"erased": 1}


def test_numbers_leave_only_the_open_vault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each one that is shown is remembered; leads the vault does not know are left out and told."""
    lake = small_lake(tmp_path, leads=[lead("a", phone_token="t1"), lead("b", phone_token="t2")])
    plain = listed(lake)
    assert "phone_number" not in plain.records()[0]
    with pytest.raises(UsageError, match=r"keeps no phone numbers, only tokens"):
        with_numbers(lake.gauge(), plain, "ann")
    monkeypatch.setenv(VARIABLE, new_key())
    lake.lake.vault.open()
    lake.lake.vault.keep([("t1", "+4930901820")])
    found = with_numbers(lake.gauge(), plain, "ann")
    assert [(r["lead_id"], r["phone_number"]) for r in found.records()] == [("a", "4930901820")]
    assert found.left_out == {"no number in the vault": 1}
    assert [row[1:] for row in lake.lake.vault.shown()] == [("ann", "t1", "the number")]


def test_vicidial_gets_its_standard_format(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """25 fields a line in the documented order; a divider in a text does not make a field more."""
    monkeypatch.setenv(VARIABLE, new_key())
    lake = small_lake(
        tmp_path,
        leads=[
            lead("a", phone_token="t1", list_id="101", lead_source="=fair|x\ty", region="BE"),
            lead("b", phone_token="t2", list_id="spring", created_at="2026-01-02T00:00:00Z"),
            lead("c", phone_token="t3", list_id="101", region="Berlin"),
            lead("d" * 21, phone_token="t4", list_id="101"),
        ],
    )
    lake.lake.vault.open()
    numbers = {"t1": "+12125550123", "t2": "+4930901820", "t3": "030901820", "t4": "+4930901821"}
    lake.lake.vault.keep(numbers.items())
    found = with_numbers(lake.gauge(), listed(lake, order="newest"), "ann")
    file = written(found, "", "pipe")
    (line,) = file.text.splitlines()
    fields = dict(zip(FIELDS, line.split("|"), strict=True))
    assert len(FIELDS) == 25
    assert {name: text for name, text in fields.items() if text} == {
        "vendor_lead_code": "a",
        "source_id": "fair x y",
        "list_id": "101",
        "phone_code": "1",
        "phone_number": "2125550123",
        "state": "BE",
        "comments": "no dials to learn from yet",
        "rank": "32766",
    }
    assert file.left_out == {
        "on no list of VICIdial's; say one with --list-id": 1,
        "a number without a calling code": 1,
        "a lead_id that VICIdial cannot hold, too long or with signs": 1,
    }
    told = written(found, "998", "tab").text.splitlines()
    assert [each.split("\t")[:5] for each in told] == [
        ["b", "", "998", "49", "30901820"],
        ["a", "fair x y", "998", "1", "2125550123"],
    ]


def test_what_cannot_be_listed(tmp_path: Path) -> None:
    """Each wrong wish is one sentence."""
    lake = small_lake(tmp_path)
    with pytest.raises(NoDataError, match=r"there are no leads to call; import them first"):
        listed(lake)
    with pytest.raises(UnknownNameError, match=r"unknown order 'best'.*chance, newest"):
        listed(lake, order="best")
    with pytest.raises(UsageError, match=r"the hours 20-9 cannot be"):
        Rules(hours=(20, 9))
    with pytest.raises(UsageError, match=r"--most-attempts must be 1 or more, not 0"):
        Rules(most_attempts=0)
    lake.load(leads=[lead("a")])
    with pytest.raises(UsageError, match=r"unknown dimension or column 'hour'|hour"):
        listed(lake, where=("hour = 9",))
    with pytest.raises(UnknownNameError, match=r"unknown divider 'comma'"):
        written(listed(lake), "", "comma")
    with pytest.raises(UsageError, match=r"names lists by 2 to 14 digits, not 'spring'"):
        written(listed(lake), "spring", "tab")
