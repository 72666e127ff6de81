"""Is a person forgotten everywhere, and do the numbers stay?"""

from __future__ import annotations

import contextlib
import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from dialgauge.errors import LakeError, UsageError
from dialgauge.lake import QUARANTINE, Lake, Person, view
from dialgauge.model.table import Table
from dialgauge.tables import TABLES
from visits import on_disk, stage

_AT = dt.datetime(2026, 1, 5, 10, tzinfo=dt.UTC)
_CALLS, _LEADS, _JOURNEYS = TABLES["calls"], TABLES["leads"], TABLES["journeys"]


def _call(key: str, lead: str | None, phone: str | None, customer: str | None = None) -> Any:
    party = lead or f"phone:{phone}"
    return {
        "call_id": key,
        "started_at": _AT,
        "lead_id": lead,
        "customer_id": customer,
        "phone_token": phone,
        "party_id": party,
        "recording": f"{key}.wav",
        "talk_s": 7.0,
    }


def _journey(party: str, dials: int) -> Any:
    return {"party_id": party, "first_dial_at": _AT, "dials": dials}


_FIRST: dict[str, list[Any]] = {
    "leads": [
        {"lead_id": "anna", "created_at": _AT, "attributes": "{}", "phone_token": "home"},
        {"lead_id": "ben", "created_at": _AT, "attributes": "{}", "phone_token": "home"},
    ],
    "calls": [
        _call("1", "anna", "home", "firm"),
        _call("2", "anna", "mobile"),
        _call("3", None, "mobile"),
        _call("4", "ben", "home", "firm"),
        _call("5", None, "other"),
    ],
    "journeys": [
        _journey("anna", 2),
        _journey("phone:mobile", 1),
        _journey("ben", 1),
        _journey("phone:other", 1),
    ],
    "quarantine": [
        {"quarantine_id": "x", "table_name": "calls", "raw": '{"who": "anna", "n": 1}'},
        {"quarantine_id": "y", "table_name": "calls", "raw": '{"tel": "0123"}'},
        {"quarantine_id": "z", "table_name": "calls", "raw": '{"who": "annabel"}'},
    ],
}


def _store(lake: Lake, tables: dict[str, list[Any]]) -> None:
    with contextlib.closing(lake.connect()) as con, lake.write("fill") as change:
        for name, rows in tables.items():
            change.upsert(con, lake.tables[name], stage(con, lake.tables[name], rows))
        change.publish()


def _read(lake: Lake, table: Table, columns: str) -> list[Any]:
    with contextlib.closing(lake.connect()) as con:
        seen = view(con, lake.snapshot(), table)
        return con.execute(f"SELECT {columns} FROM {seen} ORDER BY ALL").fetchall()


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Make a lake of two people who share a number and a firm."""
    made = Lake.create(str(tmp_path / "lake"))
    _store(made, _FIRST)
    return made


def _bytes_hold(lake: Lake, word: str) -> bool:
    """Whether any row of any file on the disk says a word, in whatever version."""
    with contextlib.closing(lake.connect()) as con:
        return any(
            con.execute(f"FROM '{path}' AS t WHERE t::VARCHAR LIKE '%{word}%'").fetchall()
            for path in on_disk(lake)
        )


def test_a_lead_is_forgotten_and_still_counted(lake: Lake) -> None:
    """Calls stay and keep their length, one party stays one party, and others keep their names."""
    done = lake.erase(Person(lead_id="anna", texts=("0123",)))
    assert done.rows == {"leads": 1, "calls": 3, "journeys": 2, "quarantine": 2}
    calls = _read(lake, _CALLS, "call_id, party_id, lead_id, customer_id, phone_token, recording")
    parties = {call_id: party for call_id, party, *_ in calls}
    assert len(set(parties.values())) == 4
    assert parties["1"] == parties["2"] != parties["3"]
    assert calls[3] == ("4", "ben", "ben", "firm", "home", "4.wav")
    assert calls[4] == ("5", "phone:other", None, None, "other", "5.wav")
    assert [row[-1] for row in calls[:3]] == [None, None, None]
    assert _read(lake, _CALLS, "sum(talk_s), count(*)") == [(35.0, 5)]
    journeys = dict(_read(lake, _JOURNEYS, "party_id, dials"))
    assert journeys[parties["1"]] == 2
    assert journeys[parties["3"]] == 1
    leads = _read(lake, _LEADS, "lead_id = 'ben' AS ben, attributes, phone_token, lead_id")
    assert leads[1][:3] == (True, "{}", "home")
    assert leads[0][1] is None
    assert leads[0][2].startswith("erased-")
    assert leads[0][3] == parties["1"]
    assert _read(lake, QUARANTINE, "quarantine_id") == [("z",)]


def test_older_states_that_knew_the_person_are_gone(lake: Lake) -> None:
    """No file on the disk knows the person any more, and older states that did cannot be read."""
    _store(lake, {"calls": [_call("6", "carl", "c")]})
    done = lake.erase(Person(lead_id="anna"))
    assert done.lost == (1, 2)
    assert [state.version for state in lake.history()] == [3]
    with pytest.raises(LakeError, match="no version 1"):
        lake.snapshot(1)
    assert not _bytes_hold(lake, "anna,")
    assert not _bytes_hold(lake, "mobile")
    assert _bytes_hold(lake, "ben")


def test_states_without_the_person_stay(lake: Lake) -> None:
    """An older state is only given up when it knew the person."""
    _store(lake, {"calls": [_call("6", "carl", "c")]})
    assert lake.erase(Person(lead_id="carl")).lost == (2,)
    assert [state.version for state in lake.history()] == [3, 1]
    assert not _bytes_hold(lake, "carl")


def test_a_phone_token_that_is_asked_for_covers_all_who_share_it(lake: Lake) -> None:
    """Asked by token, every call and lead with it is forgotten, whichever lead it names."""
    done = lake.erase(Person(phone_token="home"))
    assert done.rows["leads"] == 2
    assert done.rows["calls"] == 4
    assert not _bytes_hold(lake, "ben")


def test_erasing_again_or_nobody(lake: Lake) -> None:
    """A second time there is nothing to do; without an identifier it is refused."""
    version = lake.erase(Person(lead_id="anna")).version
    again = lake.erase(Person(lead_id="anna"))
    assert (again.version, again.rows, again.lost) == (version, {}, ())
    with pytest.raises(UsageError, match="whom to forget"):
        lake.erase(Person())


def test_orders_deals_and_customers_forget_the_person_too(lake: Lake) -> None:
    """Every column of every table that can name a lead or its customer names somebody new."""
    _store(
        lake,
        {
            "customers": [{"customer_id": "c", "lead_id": "anna", "acquired_at": _AT}],
            "orders": [
                {
                    "order_id": "o",
                    "customer_id": "c",
                    "ordered_at": _AT,
                    "credited_lead_id": "anna",
                    "amount": 7,
                }
            ],
            "stages": [
                {
                    "stage_id": "s",
                    "lead_id": "anna",
                    "entered_at": _AT,
                    "party_id": "lead:anna",
                    "deal_lead_id": "anna",
                }
            ],
            "active_spells": [
                {"spell_id": "c#1", "customer_id": "c", "lead_id": "anna", "started_at": _AT}
            ],
            "surveys": [
                {"survey_id": "q", "customer_id": "c", "asked_at": _AT, "comment": "I am Anna"}
            ],
            "assignments": [
                {
                    "assignment_id": "a",
                    "unit": "lead",
                    "unit_id": "anna",
                    "assigned_at": _AT,
                    "experiment": "e",
                    "variant": "x",
                }
            ],
            "lead_experiments": [
                {"place_id": "anna#1", "lead_id": "anna", "experiment": "e", "assigned_at": _AT}
            ],
        },
    )
    lake.erase(Person(lead_id="anna"))
    stored = ("customers", "orders", "stages", "active_spells", "surveys", "assignments")
    for name in (*stored, "lead_experiments"):
        (row,) = _read(lake, TABLES[name], "*")
        told = [str(value) for value in row]
        assert not any("anna" in value.lower() or value in {"c", "c#1"} for value in told), name
    ((lead,),) = _read(lake, TABLES["assignments"], "unit_id")
    assert _read(lake, TABLES["lead_experiments"], "place_id, lead_id") == [(f"{lead}#1", lead)]
    ((customer,),) = _read(lake, TABLES["orders"], "customer_id")
    assert _read(lake, TABLES["customers"], "customer_id") == [(customer,)]
    assert _read(lake, TABLES["active_spells"], "spell_id") == [(f"{customer}#1",)]
