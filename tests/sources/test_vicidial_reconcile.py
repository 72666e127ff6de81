"""Are VICIdial's own figures reproduced, and is each difference explained?

The figures are worked out by hand from the definitions of its reports.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import pytest
from vicidial_tables import KEY, Dialler, dialler, dump

from dialgauge.catalogue.user import built_in
from dialgauge.errors import UsageError
from dialgauge.sources.base import Request
from dialgauge.sources.vicidial.reconcile import Figure, Window, reconcile, uk_drop_rate

AT = "2026-01-05 10:00:00"


def figures(folder: Path, made: Dialler, window: Window | None = None) -> dict[str, Figure]:
    """Reconcile a dialler's tables; figures by report's first word and name."""
    con = duckdb.connect()
    con.execute("SET TimeZone = 'UTC'")
    request = Request(
        paths=(dump(folder / "dump", made.tables),), timezone="America/New_York", phone_key=KEY
    )
    found = reconcile(con, request, window)
    assert con.execute(
        "SELECT count(*) FROM duckdb_tables() WHERE table_name LIKE 'vd%'"
    ).fetchall() == [(0,)]
    told = {}
    for figure in found:
        short = "time" if figure.report == "Agent Time Detail" else figure.report.split()[-1]
        short = "performance" if figure.report == "Agent Performance Detail" else short
        told[f"{short.lower()}: {figure.name}"] = figure
    return told


def test_the_published_example_of_the_uk() -> None:
    """29 drops, 9 people and 7 machines that agents took: 16.3125 / 25.3125."""
    assert uk_drop_rate(29, 9, 7) == pytest.approx(16.3125 / 25.3125)
    assert uk_drop_rate(29, 0, 0) is None
    assert uk_drop_rate(0, 0, 5) is None


def test_the_published_example_from_rows(tmp_path: Path) -> None:
    """The same from 45 rows of vicidial_log; what no agent took does not count."""
    made = dialler()
    for number in range(29):
        made.call(f"1.{number}", AT, 5, status="DROP")
    for number in range(9):
        made.call(f"2.{number}", AT, 60, status="NI", user="ann")
    for number in range(7):
        made.call(f"3.{number}", AT, 20, status="A", user="ann")
    made.call("4.1", AT, 9, status="AM")
    made.call("4.2", AT, 9, status="PDROP")
    found = figures(tmp_path, made)
    uk = found["report: UK drop rate"]
    assert uk.theirs is not None
    assert round(uk.theirs, 4) == 0.6444
    assert uk.ours == pytest.approx(29 / 38)
    assert "(7 of 16)" in uk.why


def outbound_day() -> Dialler:
    """Give 20 calls, of each kind some."""
    made = dialler()
    kinds = [
        *[("NI", "ann", 60)] * 4,
        *[("SALE", "ann", 90)] * 2,
        *[("A", "ann", 15)] * 1,
        *[("DROP", "VDAD", 5)] * 2,
        ("DROP", "VDAD", 7000),
        ("XDROP", "VDAD", 5),
        ("PDROP", "VDAD", 0),
        ("AA", "VDAD", 5),
        *[("NA", "VDAD", 0)] * 3,
        ("AB", "VDAD", 0),
        ("DC", "ann", 20),
        ("N", "ann", 90),
        ("B", "ann", 10),
    ]
    for number, (code, user, length) in enumerate(kinds, 1):
        made.call(f"{number}.0", AT, length, status=code, user=user, lead_id=number)
    return made


def test_the_outbound_report(tmp_path: Path) -> None:
    """20 calls; 4 NI, 2 SALE, 3 DROP, XDROP and PDROP are flagged as answered: 11."""
    found = figures(tmp_path, outbound_day())
    told = {
        name.removeprefix("report: "): (figure.theirs, figure.ours)
        for name, figure in found.items()
        if name.startswith("report: ")
    }
    assert told["calls placed"] == (20, 20)
    assert told["answered by a person"] == (11, 10)  # PDROP is nobody's answer here
    assert told["drops"] == (2, 4)  # without the one of 7,000 s and XDROP there
    assert told["drop percentage"] == (2 / 20, None)
    assert told["drops of answers"] == (2 / 11, 4 / 10)
    assert told["drops of answers and drops"] == (2 / 13, 4 / 10)
    # agents took 6 people and 1 machine: 2 x 6/7 = 12/7 drops
    uk, ours = told["UK drop rate"]
    assert uk == pytest.approx((12 / 7) / (6 + 12 / 7))
    assert ours == 4 / 10
    assert told["no answer"] == (6, 7)  # N lasted 90 s
    assert found["rate: drops of answers"].theirs == 3 / 11
    assert "1 XDROP" in found["report: drops"].why
    assert "1 drops longer than 6,000 s" in found["report: drops"].why
    assert "1 longer ones are left out" in found["report: no answer"].why


def test_a_dialler_without_answers(tmp_path: Path) -> None:
    """The dialler divides by at least one and shows 0; we know nothing."""
    made = dialler()
    made.call("1.1", AT)
    found = figures(tmp_path, made)
    rate = found["rate: drops of answers"]
    assert (rate.theirs, rate.ours) == (0, None)
    assert found["report: drops of answers"].same


def worked_day() -> Dialler:
    """Give four cycles, one of them with a full counter."""
    made = dialler()
    for number in (1, 2, 3):
        made.call(f"{number}.1", AT, 100, status="NI", user="ann", lead_id=number)
    cycles = (
        (1, (10, 20, 100, 5, 30), "NI", "1.1"),
        (2, (65_535, 30, 60, 6, 0), "SALE", "2.1"),
        (3, (40, 50, 20, 7, 25), "NI", "3.1"),
    )
    for number, seconds, code, name in cycles:
        made.cycle(number, "ann", AT, seconds, status=code, uniqueid=name, lead_id=number)
    made.cycle(4, "ann", AT, (600, 0, 0, 0, 0), lead_id=0, status=None, sub_status="PRECAL")
    return made


def test_the_two_reports_of_agents_disagree(tmp_path: Path) -> None:
    """One zeroes the part that is full, the other drops its row; we do as the first."""
    found = figures(tmp_path, worked_day())
    names = ("pause", "wait", "talk", "dispo", "customer", "logged-in")
    time = {name: found[f"time: {name} time"] for name in names}
    performance = {name: found[f"performance: {name} time"] for name in names}
    assert [time[name].theirs for name in names] == [650, 100, 180, 18, 130, 948]
    assert [performance[name].theirs for name in names] == [650, 70, 120, 12, 70, 852]
    assert [figure.ours for figure in time.values()] == [650, 100, 180, 18, 130, 948]
    assert all(figure.same for figure in time.values())
    assert not performance["wait"].same
    assert "1 rows have a counter of 65,000 s or more" in performance["wait"].why
    assert (found["time: calls"].theirs, found["performance: calls"].theirs) == (3, 2)
    assert found["time: calls"].ours == 3


def test_parks_are_hold_with_us_and_talk_there(tmp_path: Path) -> None:
    """Talk with the customer stays 70 s for both; 20 of the 25 s of park_log lie inside a talk."""
    made = dialler()
    made.call("1.1", AT, 100, status="NI", user="ann")
    made.cycle(1, "ann", AT, (10, 20, 100, 5, 30), uniqueid="1.1")
    made.park("1.1", "ann", "2026-01-05 10:00:40", 20)
    made.park("9.9", "ann", "2026-01-05 12:00:00", 5, lead=9)
    made.park("9.9", "ann", "2026-01-05 13:00:00", 0, lead=9, grab_time=None)
    found = figures(tmp_path, made)
    park = found["time: park time"]
    assert (park.theirs, park.ours) == (25, 20)
    assert "1 parks have no seconds" in park.why
    assert all(found[f"time: {name} time"].same for name in ("talk", "customer", "logged-in"))
    assert found["time: customer time"].ours == 70
    day = Window(start=dt.date(2026, 1, 6))
    made.cycle(2, "ann", "2026-01-06 10:00:00", (9, 0, 0, 0, 0))
    assert figures(tmp_path, made, day)["time: park time"].theirs == 0
    assert "time: park time" not in figures(tmp_path, made, Window(campaign="SOLAR"))


def test_the_team_report(tmp_path: Path) -> None:
    """Two rows with customer_contact and one sale over three leads; sales by contacts is 50 %."""
    found = figures(tmp_path, worked_day())
    assert found["detail: contact ratio"].theirs == pytest.approx(2 / 3)
    assert found["detail: contact ratio"].ours == 1
    assert found["detail: sales ratio"].theirs == pytest.approx(1 / 3)
    assert found["detail: sales to contacts"].theirs == 1 / 2
    # 180 talk + 100 wait + 18 dispo + 600 of PRECAL
    assert found["detail: sales per working hour"].theirs == pytest.approx(3600 / 898)
    assert found["detail: sales per hour"].theirs == pytest.approx(3600 / 130)
    assert found["detail: first call resolution"].theirs == 1


def test_lists_show_leads_as_they_are_now(tmp_path: Path) -> None:
    """A lead that was sold to and set back counts with us, and not there."""
    made = dialler()
    for lead, code, called in ((1, "CALLBK", 2), (2, "SALE", 1), (3, "NEW", 0), (4, "DNC", 0)):
        made.add("vicidial_list", {"lead_id": lead, "entry_date": AT, "status": code,
                                   "list_id": 101, "called_count": called})  # fmt: skip
    made.call("1.1", AT, 60, status="SALE", user="ann", lead_id=1)
    made.call("1.2", AT, 60, status="SALE", user="ann", lead_id=2)
    made.call("1.3", AT, 0, lead_id=3)
    found = figures(tmp_path, made)
    told = {
        name.removeprefix("statuses: "): (figure.theirs, figure.ours)
        for name, figure in found.items()
        if name.startswith("statuses: ")
    }
    assert told == {
        "called of leads": (2 / 4, 3 / 4),
        "human answer of leads": (3 / 4, 2 / 4),
        "sale of leads": (1 / 4, 2 / 4),
        "dnc of leads": (1 / 4, 0),
    }


def test_one_campaign_on_some_days(tmp_path: Path) -> None:
    """By the server's own days, the last one not included."""
    made = outbound_day()
    made.call("90.1", "2026-01-06 00:00:00", 60, status="NI", user="ann", lead_id=90)
    made.call("91.1", AT, 60, status="NI", user="ann", lead_id=91, campaign_id="OTHER")
    made.cycle(1, "ann", "2026-01-06 09:00:00", (9, 0, 0, 0, 0))
    window = Window(campaign="solar", start=dt.date(2026, 1, 5), end=dt.date(2026, 1, 6))
    found = figures(tmp_path, made, window)
    calls = found["report: calls placed"]
    assert (calls.theirs, calls.ours) == (20, 20)
    assert found["time: pause time"].theirs == 0
    assert not any(name.startswith("statuses: ") for name in found)
    with pytest.raises(UsageError, match="no call and no agent's time lies in that campaign"):
        figures(tmp_path, made, Window(campaign="NONE"))


def test_a_rescued_drop_is_told(tmp_path: Path) -> None:
    """A drop that rolled over and was taken is one there, and a conversation here."""
    made = dialler()
    made.call("1.1", AT, 6, status="DROP")
    made.passed(40, "2026-01-05 10:00:06", 45, status="NI", user="bob", uniqueid="1.1")
    drops = figures(tmp_path, made)["report: drops"]
    assert (drops.theirs, drops.ours) == (1, 0)
    assert "take out 1 that rolled over" in drops.why


def test_every_difference_has_a_sentence_and_every_kpi_exists(tmp_path: Path) -> None:
    """Each line can be explained to somebody who asks."""
    known = built_in().kpis
    for figure in figures(tmp_path, outbound_day()).values():
        assert figure.why.endswith(".")
        assert figure.kpi in {"", *known}
        assert figure.unit in {"count", "share", "seconds", "per hour", "per minute"}
