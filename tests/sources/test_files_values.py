"""Is every value read as what it says, or refused with a reason?"""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from dialgauge.errors import UnknownNameError
from staging import staged


def one(tmp_path: Path, column: str, value: str, table: str = "calls") -> str | None:
    """Stage one value of a column; return it as DuckDB writes it, or why it was refused."""
    keys = {"calls": ("call_id", "started_at"), "leads": ("lead_id", "created_at")}
    key, clock = keys.get(table, ("agent_id", "name"))
    header = [name for name in (key, clock) if name != column]
    cells = [{key: "k", clock: "2026-01-05"}.get(name, "") for name in header]
    content = ";".join([*header, column]) + "\n" + ";".join([*cells, value]) + "\n"
    result = staged(tmp_path, content, table=table)
    if result.reasons():
        return f"REFUSED {result.reasons()[0]}"
    return result.texts(column)[0][0]


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("2026-01-05", "2026-01-05 00:00:00+00"),
        ("2026-1-5", "2026-01-05 00:00:00+00"),
        ("2026/01/05 8:05", "2026-01-05 08:05:00+00"),
        ("2026-01-05 10:00", "2026-01-05 10:00:00+00"),
        ("2026-01-05T10:00:00Z", "2026-01-05 10:00:00+00"),
        ("2026-01-05t10:00:00z", "2026-01-05 10:00:00+00"),
        ("2026-01-05 10:00:00 UTC", "2026-01-05 10:00:00+00"),
        ("2026-01-05T10:00:00.123456Z", "2026-01-05 10:00:00.123456+00"),
        ("2026-01-05T10:00:00,5", "2026-01-05 10:00:00.5+00"),
        ("2026-01-05T10:00:00+02:00", "2026-01-05 08:00:00+00"),
        ("2026-01-05T10:00:00-0530", "2026-01-05 15:30:00+00"),
        ("2026-01-05 10:00:00 +0200", "2026-01-05 08:00:00+00"),
        ("2026-01-31T10:15:00.000+0000", "2026-01-31 10:15:00+00"),
        ("2026-02-29T00:00:00+14:00", None),
        ("2024-02-29T00:00:00+14:00", "2024-02-28 10:00:00+00"),
        ("  2026-01-05  ", "2026-01-05 00:00:00+00"),
    ],
)
def test_iso_8601_times(tmp_path: Path, written: str, instant: str | None) -> None:
    """ISO 8601 is read in all its usual spellings; a zone in it counts, its absence means UTC."""
    found = one(tmp_path, "answered_at", written)
    if instant is None:
        assert found is not None
        assert found.startswith("REFUSED answered_at is not an ISO 8601 time")
    else:
        assert one(tmp_path, "callback_at", written) == instant


@pytest.mark.parametrize(
    "written",
    [
        "05.01.2026 10:00",
        "01/05/2026",
        "2026-01-05 10:00:00 PM",
        "2026-01-05 10:00:00 CST",
        "2026-01-05 10:00:00 Europe/Berlin",
        "2026-02-30",
        "1767600000",
        "1767600000000",
        "infinity",
        "-infinity",
        "epoch",
        "now",
        "today",
        "10:00:00",
        "0000-00-00 00:00:00",
        "\uff12\uff10\uff12\uff16-01-05",
        "45678.5",
        "-",
    ],
)
def test_times_that_would_be_guesses_are_refused(tmp_path: Path, written: str) -> None:
    """Day-month order, epochs, abbreviated zones, magic words: nothing is guessed."""
    assert one(tmp_path, "started_at", written) == (
        "REFUSED started_at is not an ISO 8601 time such as 2026-01-31T09:30:00Z; "
        "say how it is written with format in a mapping"
    )


def test_times_far_away_are_refused(tmp_path: Path) -> None:
    """Placeholders such as 1900-01-01 and wrong centuries are not calls."""
    for written in ("1900-01-01", "0026-01-05", "05/01/26", "9999-12-31", "2100-01-01"):
        assert one(tmp_path, "started_at", written) == (
            "REFUSED started_at is not in 1970-2099; "
            "if it is written another way, say how with format in a mapping"
        )
    assert one(tmp_path, "started_at", "1970-01-01") == "1970-01-01 00:00:00+00"
    assert one(tmp_path, "started_at", "2099-12-31 23:59:59") == "2099-12-31 23:59:59+00"


def test_days(tmp_path: Path) -> None:
    """A day is ISO 8601; a time in a day column leaves its day as written."""
    assert one(tmp_path, "hired_on", "2026-01-05", "agents") == "2026-01-05"
    assert one(tmp_path, "hired_on", "2026-01-05T23:30:00+02:00", "agents") == "2026-01-05"
    for written in ("05.01.2026", "infinity", "2026-02-30"):
        found = one(tmp_path, "hired_on", written, "agents")
        assert found is not None
        assert found.startswith("REFUSED hired_on is not an ISO 8601 day such as 2026-01-31")
    assert one(tmp_path, "hired_on", "1899-12-31", "agents") == (
        "REFUSED hired_on is not in 1900-2099; "
        "if it is written another way, say how with format in a mapping"
    )


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("0", "0.0"),
        ("12.5", "12.5"),
        ("1e3", "1000.0"),
        ("1E+02", "100.0"),
        ("+5", "5.0"),
        (".5", "0.5"),
        ("5.", "5.0"),
        ("007", "7.0"),
        (" 7 ", "7.0"),
        ("0:01:30", "90.0"),
        ("26:00:00", "93600.0"),
        ("", None),
        ("   ", None),
    ],
)
def test_durations(tmp_path: Path, written: str, number: str | None) -> None:
    """A duration is a plain number of seconds, or hours, minutes and seconds."""
    assert one(tmp_path, "talk_s", written) == number


@pytest.mark.parametrize(
    "written",
    ["1,5", "1.000,5", "1_000", "nan", "inf", "-inf", "Infinity", "\uff11", "0x10", "1d", "5%",
     "--1", "1e400", "abc", "1:30", "0:61:00", "1 000"],
)  # fmt: skip
def test_numbers_that_would_be_guesses_are_refused(tmp_path: Path, written: str) -> None:
    """Commas, digit separators, hexadecimals, full-width digits and words are no numbers."""
    assert one(tmp_path, "talk_s", written) == "REFUSED talk_s is not a duration in seconds"


def test_negative_durations_are_refused(tmp_path: Path) -> None:
    """Nobody talks for less than no time."""
    assert one(tmp_path, "talk_s", "-1") == "REFUSED talk_s is negative"
    assert one(tmp_path, "talk_s", "-0") == "-0.0"


def test_money(tmp_path: Path) -> None:
    """Amounts keep four decimals; refunds may be negative; what does not fit is refused."""
    assert one(tmp_path, "cost", "12.5") == "12.5000"
    assert one(tmp_path, "cost", "-0.0001") == "-0.0001"
    assert one(tmp_path, "cost", "99999999999999.9999") == "99999999999999.9999"
    for written in ("100000000000000", "1,50", "nan", "1_0", "$5"):
        found = one(tmp_path, "cost", written)
        assert found is not None
        assert found.startswith("REFUSED cost is not an amount such as 12.50")


def test_money_with_more_decimals_is_rounded_and_told(tmp_path: Path) -> None:
    """More than four decimals are rounded half away from zero, never in silence."""
    content = "call_id,started_at,cost\n1,2026-01-05,0.00625\n2,2026-01-05,0.12345\n"
    content += "3,2026-01-05,0.500000\n4,2026-01-05,-0.00005\n"
    result = staged(tmp_path, content)
    assert [row[0] for row in result.rows("cost")] == [
        Decimal("0.0063"), Decimal("0.1235"), Decimal("0.5"), Decimal("-0.0001"),
    ]  # fmt: skip
    assert "cost: amounts with more than 4 decimals, rounded: 3" in result.notes


@pytest.mark.parametrize(
    ("written", "flag"),
    [("true", "true"), ("YES", "true"), ("y", "true"), ("T", "true"), ("1", "true"),
     ("False", "false"), ("no", "false"), ("N", "false"), ("f", "false"), ("0", "false"),
     (" yes ", "true"), ("yes\u00a0", "true"), ("", None)],
)  # fmt: skip
def test_flags(tmp_path: Path, written: str, flag: str | None) -> None:
    """Flags are true or false in the usual words and any case."""
    assert one(tmp_path, "contact", written) == flag


@pytest.mark.parametrize("written", ["2", "ja", "on", "x", "1.0", "-1"])
def test_other_flags_are_refused(tmp_path: Path, written: str) -> None:
    """What is neither yes nor no is refused with what is allowed."""
    assert one(tmp_path, "contact", written) == (
        "REFUSED contact is not true or false; allowed are true, yes, y, t, 1, false, no, n, f, 0"
    )


def test_enumerations(tmp_path: Path) -> None:
    """Enumerations match without case and blanks; anything else is refused with the list."""
    assert one(tmp_path, "direction", "outbound") == "outbound"
    assert one(tmp_path, "direction", " OutBound ") == "outbound"
    assert one(tmp_path, "direction", "") is None
    assert one(tmp_path, "direction", "out") == (
        "REFUSED direction is not one of outbound, inbound, internal"
    )


def test_time_zones_of_rows(tmp_path: Path) -> None:
    """A called party's zone must be one that IANA names."""
    assert one(tmp_path, "timezone", "Asia/Tbilisi") == "Asia/Tbilisi"
    assert one(tmp_path, "timezone", " Asia/Tbilisi ") == "Asia/Tbilisi"
    for written in ("EDT", "GMT+4", "asia/tbilisi", "Europe/Berln"):
        assert one(tmp_path, "timezone", written) == (
            "REFUSED timezone is not an IANA time zone such as Europe/Berlin, "
            "or several with | between"
        )


def test_sets_of_possible_zones(tmp_path: Path) -> None:
    """Several zones with | between come back as our own tables hold them; all must be known."""
    for written in ("Asia/Tbilisi|Europe/Berlin", "Europe/Berlin|Asia/Tbilisi|UTC"):
        assert one(tmp_path, "timezone", written) == written
        assert one(tmp_path, "timezone", f" {written} ") == written
    for written in ("Asia/Tbilisi|EDT", "Asia/Tbilisi|", "|", "Asia/Tbilisi||UTC", "UTC | UTC"):
        assert one(tmp_path, "timezone", written) == (
            "REFUSED timezone is not an IANA time zone such as Europe/Berlin, "
            "or several with | between"
        )


def test_attributes_are_objects(tmp_path: Path) -> None:
    """Attributes must be a JSON object; a list, a text or a broken one is refused."""
    header = "lead_id\tcreated_at\tattributes\n"
    rows = ['{"tier": "gold"}', "[1]", '"x"', "{tier: gold}", "", "{}"]
    content = header + "".join(f"{n}\t2026-01-05\t{row}\n" for n, row in enumerate(rows))
    result = staged(tmp_path, content.replace('"', "'"), options={"quote": "|"})
    assert [row[0] for row in result.rows("attributes")] == [None, "{}"]
    result = staged(tmp_path, content, options={"quote": "|"})
    assert [row[0] for row in result.rows("attributes")] == ['{"tier": "gold"}', None, "{}"]
    assert result.reasons() == ["attributes is not a JSON object"] * 3


def test_keys_stay_as_they_are_written(tmp_path: Path) -> None:
    """Leading zeros, long digits and decimals in keys are text; blank keys are missing."""
    content = (
        "call_id,started_at\n007,2026-01-05\n5.0,2026-01-05\n12345678901234567890,2026-01-05\n"
    )
    content += "1e3,2026-01-05\n   ,2026-01-05\n,2026-01-05\n\u00a0,2026-01-05\n"
    result = staged(tmp_path, content)
    assert result.rows("call_id") == [("007",), ("5.0",), ("12345678901234567890",), ("1e3",)]
    assert result.reasons() == ["call_id is missing"] * 3


def test_a_missing_clock(tmp_path: Path) -> None:
    """A row without the fact's time is refused."""
    result = staged(tmp_path, "call_id,started_at\n1,\n2,  \n")
    assert result.reasons() == ["started_at is missing"] * 2


def test_times_in_the_wrong_order_are_refused(tmp_path: Path) -> None:
    """A call cannot end before it began, be answered before, or end before it was answered."""
    head = "call_id,started_at,answered_at,ended_at\n"
    day = "2026-01-05 "
    result = staged(
        tmp_path,
        head
        + f"a,{day}10:00,{day}10:01,{day}10:02\n"
        + f"b,{day}10:00,,{day}09:59\n"
        + f"c,{day}10:00,{day}09:59,{day}10:02\n"
        + f"d,{day}10:00,{day}10:05,{day}10:02\n"
        + f"e,{day}10:00,{day}10:00,{day}10:00\n",
    )
    assert result.rows("call_id") == [("a",), ("e",)]
    assert result.reasons() == [
        "ended_at is before started_at",
        "answered_at is before started_at",
        "ended_at is before answered_at",
    ]


def test_the_first_problem_is_told_and_the_row_is_kept(tmp_path: Path) -> None:
    """A row with several problems is told by the first, and kept as it was."""
    result = staged(tmp_path, "call_id,started_at,talk_s,colour\n,05.01.26,-3,r\u00e9d\n")
    ((reason, raw),) = result.problems()
    assert reason == "call_id is missing"
    assert json.loads(raw) == {
        "call_id": None, "started_at": "05.01.26", "talk_s": "-3", "colour": "r\u00e9d",
    }  # fmt: skip


ZONED = "call_id,started_at\na,2026-07-01 12:00\nb,2026-01-05\nc,2026-07-01T12:00:00Z\n"


def test_times_without_a_zone_follow_the_request(tmp_path: Path) -> None:
    """A zone given for the import moves times that carry none, and only those."""
    utc = staged(tmp_path, ZONED).texts("started_at")
    assert utc == [
        ("2026-07-01 12:00:00+00",), ("2026-01-05 00:00:00+00",), ("2026-07-01 12:00:00+00",),
    ]  # fmt: skip
    berlin = staged(tmp_path, ZONED, timezone="Europe/Berlin").texts("started_at")
    assert berlin == [
        ("2026-07-01 10:00:00+00",), ("2026-01-04 23:00:00+00",), ("2026-07-01 12:00:00+00",),
    ]  # fmt: skip
    with pytest.raises(UnknownNameError, match="did you mean 'Europe/Berlin'"):
        staged(tmp_path, ZONED, timezone="Europe/Berln")


def test_the_spring_gap_and_the_autumn_fold(tmp_path: Path) -> None:
    """Times a clock skips move forward, times it shows twice are the first; both are counted.

    In Berlin 2026 the clock goes from 02:00 to 03:00 on 29 March (UTC 01:00) and from 03:00 back
    to 02:00 on 25 October (UTC 01:00).
    """
    content = (
        "call_id,started_at\n"
        "before gap,2026-03-29 01:59:59\n"
        "in gap,2026-03-29 02:30:00\n"
        "after gap,2026-03-29 03:00:00\n"
        "before fold,2026-10-25 01:59:59\n"
        "in fold,2026-10-25 02:30:00\n"
        "after fold,2026-10-25 03:00:00\n"
    )
    result = staged(tmp_path, content, timezone="Europe/Berlin")
    assert result.texts("call_id", "started_at") == [
        ("before gap", "2026-03-29 00:59:59+00"),
        ("in gap", "2026-03-29 01:30:00+00"),
        ("after gap", "2026-03-29 01:00:00+00"),
        ("before fold", "2026-10-24 23:59:59+00"),
        ("in fold", "2026-10-25 00:30:00+00"),
        ("after fold", "2026-10-25 02:00:00+00"),
    ]
    assert "skipped by the clock of Europe/Berlin, read with the offset before the gap: 1" in (
        result.notes
    )
    assert "shown twice by the clock of Europe/Berlin, of which the first was taken: 1" in (
        result.notes
    )


def test_half_hour_zones_and_old_rules(tmp_path: Path) -> None:
    """Offsets with half hours, and rules that changed, are those of the day.

    Lord Howe is UTC+10:30 in its winter and +11 in summer; Moscow was UTC+4 in 2013, +3 since
    October 2014.
    """
    content = "call_id,started_at\n1,2026-07-01 12:00\n2,2026-01-01 12:00\n"
    found = staged(tmp_path, content, timezone="Australia/Lord_Howe").texts("started_at")
    assert found == [("2026-07-01 01:30:00+00",), ("2026-01-01 01:00:00+00",)]
    content = "call_id,started_at\n1,2013-07-01 12:00\n2,2026-07-01 12:00\n"
    found = staged(tmp_path, content, timezone="Europe/Moscow").texts("started_at")
    assert found == [("2013-07-01 08:00:00+00",), ("2026-07-01 09:00:00+00",)]
