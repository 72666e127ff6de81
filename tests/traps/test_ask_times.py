"""Do calls lie in the right hour, day and week, and in the right period?"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from dialgauge.model.question import Question
from small_lake import by, call, days, small_lake, spell


def test_the_last_day_is_exclusive(tmp_path: Path) -> None:
    """Midnight belongs to the day it begins: in February, not in January."""
    lake = small_lake(
        tmp_path,
        calls=[
            call(1, "2026-01-31T23:59:59.999999Z"),
            call(2, "2026-02-01T00:00:00Z"),
            call(3, "2026-03-01T00:00:00Z"),
        ],
    )
    assert lake.total("dials", period=days("2026-01-01", "2026-02-01")).value == 1
    assert lake.total("dials", period=days("2026-02-01", "2026-03-01")).value == 1
    assert lake.total("dials", period=days("2026-02-01", "2026-03-02")).value == 2


def test_the_filter_and_the_bucket_use_one_zone(tmp_path: Path) -> None:
    """23:30 on 31 January in UTC is February in Berlin, for the period and for the bucket."""
    lake = small_lake(
        tmp_path, calls=[call(1, "2026-01-31T23:30:00Z"), call(2, "2026-02-28T23:30:00Z")]
    )
    february = days("2026-02-01", "2026-03-01")
    berlin = lake.ask("dials", grain="day", timezone="Europe/Berlin", period=february)
    assert by(berlin, "dials") == {"2026-02-01": 1}
    utc = lake.ask("dials", grain="day", timezone="UTC", period=february)
    assert by(utc, "dials") == {"2026-02-28": 1}
    months = lake.ask("dials", by=("month",), timezone="Europe/Berlin")
    assert by(months, "dials") == {"2026-02-01": 1, "2026-03-01": 1}


def _every_hour(first: str, hours: int) -> list[dict[str, object]]:
    start = dt.datetime.fromisoformat(first)
    return [
        dict(call(n, (start + dt.timedelta(hours=n, minutes=30)).isoformat())) for n in range(hours)
    ]


def test_a_spring_day_has_23_hours(tmp_path: Path) -> None:
    """Berlin, 29 March 2026: one call an hour from midnight to midnight makes 23 buckets."""
    lake = small_lake(tmp_path, calls=_every_hour("2026-03-28T22:00:00+00:00", 26))
    period = days("2026-03-29", "2026-03-30")
    answer = lake.ask("dials", grain="hour", timezone="Europe/Berlin", period=period)
    hours = list(by(answer, "dials"))
    assert len(hours) == 23
    assert hours[0] == "2026-03-29T00:00:00+01:00"
    assert hours[1:3] == ["2026-03-29T01:00:00+01:00", "2026-03-29T03:00:00+02:00"]
    assert hours[-1] == "2026-03-29T23:00:00+02:00"
    assert answer.total is not None
    assert answer.total.values["dials"].value == 23


def test_an_autumn_day_has_25_hours_and_two_of_them_look_alike(tmp_path: Path) -> None:
    """Berlin, 25 October 2026: 02:00 comes twice, and each keeps its own call."""
    lake = small_lake(tmp_path, calls=_every_hour("2026-10-24T21:00:00+00:00", 28))
    period = days("2026-10-25", "2026-10-26")
    answer = lake.ask("dials", grain="hour", timezone="Europe/Berlin", period=period)
    found = by(answer, "dials")
    assert len(found) == 25
    assert set(found.values()) == {1}
    assert list(found)[2:4] == ["2026-10-25T02:00:00+02:00", "2026-10-25T02:00:00+01:00"]
    daily = lake.ask("dials", grain="day", timezone="Europe/Berlin", period=period)
    assert by(daily, "dials") == {"2026-10-25": 25}


def test_weeks_start_where_they_are_said_to(tmp_path: Path) -> None:
    """Sunday 4 January 2026 ends the week of 29 December, or begins its own."""
    lake = small_lake(tmp_path, calls=[call(1, "2026-01-04T12:00:00Z")])
    assert by(lake.ask("dials", grain="week"), "dials") == {"2025-12-29": 1}
    assert by(lake.ask("dials", grain="week", week_starts=7), "dials") == {"2026-01-04": 1}
    assert by(lake.ask("dials", by=("week",), week_starts=7), "dials") == {"2026-01-04": 1}


def test_hour_and_weekday_are_the_called_partys(tmp_path: Path) -> None:
    """23:30 on Monday in UTC is 8:30 on Tuesday in Tokyo, whatever zone the question is in."""
    lake = small_lake(
        tmp_path,
        calls=[
            call(1, "2026-01-05T23:30:00Z", timezone="Asia/Tokyo"),
            call(2, "2026-01-05T23:30:00Z"),
        ],
    )
    for zone in ("UTC", "America/New_York"):
        assert by(lake.ask("dials", by=("hour",), timezone=zone), "dials") == {8: 1, None: 1}
        assert by(lake.ask("dials", by=("weekday",), timezone=zone), "dials") == {2: 1, None: 1}


def test_an_interval_counts_where_it_lies(tmp_path: Path) -> None:
    """A shift from 23:00 to 01:30 gives its first hour to one day and the rest to the next."""
    lake = small_lake(
        tmp_path, agent_time=[spell(1, "wrap", "2026-01-31T23:00:00Z", "2026-02-01T01:30:00Z")]
    )
    answer = lake.ask("agent_hours", grain="day")
    assert by(answer, "agent_hours") == {"2026-01-31": 1, "2026-02-01": 1.5}
    # It began in January, and its file is January's.
    assert lake.total("agent_hours", period=days("2026-02-01", "2026-03-01")).value == 1.5
    assert lake.total("agent_hours", period=days("2026-01-01", "2026-02-01")).value == 1


def test_immature_leads_are_left_out_of_both_sides(tmp_path: Path) -> None:
    """On 15 April leads of January are 90 days old; the sale of an April lead does not count."""
    lake = small_lake(
        tmp_path,
        leads=[
            {
                "lead_id": "L1",
                "created_at": "2026-01-01T00:00:00Z",
                "converted_at": "2026-02-01T00:00:00Z",
            },
            {"lead_id": "L2", "created_at": "2026-01-10T00:00:00Z"},
            {
                "lead_id": "L3",
                "created_at": "2026-04-01T00:00:00Z",
                "converted_at": "2026-04-02T00:00:00Z",
            },
        ],
    )
    then = dt.datetime(2026, 4, 15, tzinfo=dt.UTC)
    answer = lake.ask("lead_conversion_rate", as_of=then)
    value = answer.rows[0].values["lead_conversion_rate"]
    assert (value.value, value.numerator, value.denominator) == (0.5, 1, 2)
    assert answer.notes == (
        (
            "lead_conversion_rate: 1 of leads is not counted yet, "
            "because what becomes of them is known only after 90 days."
        ),
    )
    later = lake.ask("lead_conversion_rate", as_of=dt.datetime(2026, 7, 1, tzinfo=dt.UTC))
    value = later.rows[0].values["lead_conversion_rate"]
    assert (value.numerator, value.denominator, later.notes) == (2, 3, ())


def test_a_lead_that_matures_this_instant_counts(tmp_path: Path) -> None:
    """Exactly 90 days are enough, a second less is not."""
    lake = small_lake(tmp_path, leads=[{"lead_id": "L", "created_at": "2026-01-01T00:00:00Z"}])
    ripe = dt.datetime(2026, 4, 1, tzinfo=dt.UTC)  # 31 + 28 + 31 days later
    assert lake.total("lead_conversion_rate", as_of=ripe).denominator == 1
    before = ripe - dt.timedelta(seconds=1)
    assert lake.total("lead_conversion_rate", as_of=before).denominator == 0


def test_a_later_milestone_counts_on_its_own_clock(tmp_path: Path) -> None:
    """Created in January, qualified in March: each KPI puts the lead where its clock says."""
    lake = small_lake(
        tmp_path,
        leads=[
            {
                "lead_id": "L",
                "created_at": "2026-01-10T00:00:00Z",
                "sql_at": "2026-03-10T00:00:00Z",
            }
        ],
    )
    answer = lake.ask("leads_created", "qualified_leads", grain="month")
    assert by(answer, "leads_created") == {"2026-01-01": 1, "2026-03-01": 0}
    assert by(answer, "qualified_leads") == {"2026-01-01": 0, "2026-03-01": 1}
    march = days("2026-03-01", "2026-04-01")
    assert lake.total("qualified_leads", period=march).value == 1
    assert lake.total("leads_created", period=march).value == 0


def test_a_total_over_buckets_that_look_to_their_own_end_says_so(tmp_path: Path) -> None:
    """Created in January, dialled in February: penetrated by February's end, not by January's."""
    lake = small_lake(
        tmp_path,
        leads=[{"lead_id": "L", "created_at": "2026-01-10T00:00:00Z"}],
        calls=[call(1, "2026-02-10T00:00:00Z", lead_id="L")],
    )
    period = days("2026-01-01", "2026-03-01")
    whole = lake.ask("list_penetration", period=period)
    assert (whole.rows[0].values["list_penetration"].value, whole.notes) == (1, ())
    note = (
        "list_penetration: each bucket looks no further than its own end, and so does the total "
        "here; asked without time buckets it looks to the end of the whole period."
    )
    for monthly in (
        lake.ask("list_penetration", period=period, grain="month"),
        lake.ask("list_penetration", period=period, by=("month",)),
    ):
        assert by(monthly, "list_penetration") == {"2026-01-01": 0}
        assert monthly.total is not None
        assert monthly.total.values["list_penetration"].value == 0
        assert monthly.notes == (note,)


def test_rows_behind_a_number_keep_the_same_edges(tmp_path: Path) -> None:
    """The list of rows uses the question's zone and exclusive end, as the number does."""
    lake = small_lake(
        tmp_path,
        calls=[
            call("before", "2026-01-31T22:59:59Z"),
            call("first", "2026-01-31T23:00:00Z"),
            call("last", "2026-02-28T22:59:59Z"),
            call("after", "2026-02-28T23:00:00Z"),
        ],
    )
    february = days("2026-02-01", "2026-03-01")
    asked = Question(kpis=("dials",), period=february, timezone="Europe/Berlin")
    assert lake.gauge().rows(asked).column("call_id").to_pylist() == ["first", "last"]
    assert lake.total("dials", period=february, timezone="Europe/Berlin").value == 2
