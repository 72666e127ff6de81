"""Does a lake go on that was made before a table had the columns of today?"""

from __future__ import annotations

import contextlib
import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from dialgauge.lake import Lake
from dialgauge.lake.erase import Person
from dialgauge.lake.layout import create
from dialgauge.model.table import Table
from dialgauge.outward.callable import Rules, judged
from dialgauge.tables import TABLES
from dialgauge.tables.storage import quoted
from small_lake import SmallLake, by, call, small_lake

YOUNG: Final = {
    "calls": ("carrier", "phone_valid"),
    "leads": ("carrier", "phone_valid", "do_not_call"),
}
"""Table to the columns it did not have at first."""

AT = "2026-01-05T10:00:00Z"
LATER = "2026-01-06T10:00:00Z"
CALLS = (call(1, AT, "human", lead_id="L1", contact=True), call(2, AT, phone_token="abc"))
LEADS = ({"lead_id": "L1", "created_at": AT, "country": "DE"},)


def old(table: Table) -> Table:
    """Return a table as it was."""
    gone = YOUNG.get(table.name, ())
    return replace(table, columns=tuple(each for each in table.columns if each.name not in gone))


@pytest.fixture
def aged(tmp_path: Path) -> SmallLake:
    """Give a lake whose files were written by an older package, opened by this one."""
    source = small_lake(tmp_path, calls=CALLS, leads=LEADS).lake.snapshot()
    layout = create(str(tmp_path / "aged"))
    lake = Lake(layout, {name: old(table) for name, table in TABLES.items()})
    with contextlib.closing(lake.connect()) as con, lake.write("import") as change:
        for name, table in lake.tables.items():
            names = ", ".join(quoted(column.name) for column in table.columns)
            rows = source.stored(TABLES[name]).reading(TABLES[name])
            con.execute(f"CREATE TEMP TABLE old_{name} AS SELECT {names} FROM ({rows})")
            change.upsert(con, table, f"old_{name}")
        change.publish({})
    return SmallLake(Lake.open(str(tmp_path / "aged")), tmp_path)


def test_an_old_lake_is_asked_by_a_new_dimension(aged: SmallLake) -> None:
    """Nobody wrote the carrier down, so all calls and leads stand under unknown."""
    assert by(aged.ask("dials", by=("carrier",)), "dials") == {None: 2}
    assert by(aged.ask("dials", by=("phone_validity",)), "dials") == {None: 2}
    assert by(aged.ask("leads_created", by=("carrier", "country")), "leads_created") == {
        (None, "DE"): 1
    }
    assert aged.total("dials", where=("phone_valid = false",)).value == 0
    assert aged.total("contact_rate").value == 0.5


def test_rows_are_added_beside_old_ones(aged: SmallLake) -> None:
    """New calls of the same month bring the columns; the old ones stay as they are."""
    aged.load(calls=[call(3, LATER, phone_valid=False, carrier="Acme")])
    assert by(aged.ask("dials", by=("carrier",)), "dials") == {None: 2, "Acme": 1}
    assert aged.total("dials", where=("phone_valid = false",)).value == 1


def test_the_same_file_again_fills_old_rows(aged: SmallLake) -> None:
    """Importing the old file once more is how old rows get what they lack."""
    first, second = CALLS
    (report,) = aged.load(calls=[{**first, "phone_valid": True, "carrier": "Acme"}, second])
    assert (report.counts.updated, report.counts.unchanged) == (1, 1)
    assert by(aged.ask("dials", by=("phone_validity",)), "dials") == {"valid": 1, None: 1}


def test_a_file_that_says_nothing_of_them_changes_nothing(aged: SmallLake) -> None:
    """A file as it was before leaves the rows unchanged."""
    reports = aged.load(calls=CALLS, leads=LEADS)
    assert [(each.counts.updated, each.counts.unchanged) for each in reports] == [(0, 2), (0, 1)]


def test_an_old_lake_leaves_alone_whom_it_must(aged: SmallLake) -> None:
    """An old row says nothing of it; once the lead is read again, it does."""
    at = dt.datetime(2026, 3, 2, 11, tzinfo=dt.UTC)
    rules = Rules(hours=(0, 24))
    assert [each.why_not for each in judged(aged.gauge(), (), rules, at)] == [""]
    aged.load(leads=[{**LEADS[0], "do_not_call": "true"}])
    assert [each.why_not for each in judged(aged.gauge(), (), rules, at)] == ["do_not_call"]


def test_a_person_is_forgotten_in_old_files(aged: SmallLake) -> None:
    """The old rows are rewritten with all columns of today, and keep counting."""
    assert aged.lake.erase(Person(lead_id="L1")).rows["calls"] == 1
    assert by(aged.ask("dials", by=("carrier",)), "dials") == {None: 2}
    aged.lake.compact()
    assert aged.total("leads_created").value == 1
