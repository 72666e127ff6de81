"""Do records of FreeSWITCH, in any form, become the calls they were?"""

from __future__ import annotations

import gzip
import json
import uuid
from pathlib import Path
from typing import Any
from urllib.parse import quote

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dialgauge.errors import FileError, UnknownNameError, UsageError
from dialgauge.sources.base import Request
from dialgauge.sources.freeswitch import stage
from dialgauge.sources.freeswitch.options import read_options
from dialgauge.sources.phone import token
from staging import Result

CUSTOMER = "+4930901820"
START = 1_767_603_600  # 2026-01-05 09:00:00 UTC


def name(number: int) -> str:
    """Give a uuid."""
    return str(uuid.UUID(int=number))


def read(*paths: Path, timezone: str = "", **options: str) -> Result:
    """Stage files."""
    con = duckdb.connect()
    request = Request(paths=paths, timezone=timezone, options=options, phone_key=b"key")
    return Result(con, stage(con, request))


def logged(folder: Path, *lines: str, timezone: str = "", **options: str) -> Result:
    """Stage a Master.csv of lines."""
    path = folder / "Master.csv"
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return read(path, timezone=timezone, **options)


def row(number: int = 1, **told: Any) -> dict[str, str]:
    """Give the values of a call: an agent dials out, rings ten seconds, talks twenty."""
    values = {
        "caller_id_name": "Ann",
        "caller_id_number": "1001",
        "destination_number": CUSTOMER,
        "context": "default",
        "start_stamp": "2026-01-05 09:00:00",
        "answer_stamp": "2026-01-05 09:00:10",
        "end_stamp": "2026-01-05 09:00:30",
        "duration": "30",
        "billsec": "20",
        "hangup_cause": "NORMAL_CLEARING",
        "uuid": name(number),
        "bleg_uuid": "",
        "accountcode": "spring",
    }
    return values | {key: str(value) for key, value in told.items()}


def example(number: int = 1, more: tuple[str, ...] = ("PCMA", "PCMA"), **told: Any) -> str:
    """Write a row as the template `example` does, or another one that begins like it."""
    return ",".join(f'"{value}"' for value in (*row(number, **told).values(), *more))


def leg(number: int, *, encoded: bool = True, origin: str = "inbound", **told: Any) -> str:
    """Write a leg as mod_json_cdr does: ten seconds of ringing, twenty of talk."""
    variables = {
        "uuid": name(number),
        "call_uuid": name(number),
        "start_stamp": "2026-01-05 10:00:00",
        "start_epoch": START,
        "answer_epoch": START + 10,
        "end_epoch": START + 30,
        "duration": 30,
        "billsec": 20,
        "hangup_cause": "NORMAL_CLEARING",
    }
    profile = {"caller_id_number": "1001", "destination_number": CUSTOMER, "context": "default"}
    profile |= {key: told.pop(key) for key in list(told) if key in profile}
    said = {
        key: quote(str(value)) if encoded else str(value)
        for key, value in (variables | told).items()
        if value is not None
    }
    passed_on = {"destination_number": "survey", "caller_id_number": "x", "context": "survey"}
    flow = [{"caller_profile": passed_on}, {"caller_profile": profile}]
    event = {"channel_data": {"direction": origin}, "variables": said, "callflow": flow}
    return json.dumps(event)


def sent(folder: Path, *events: str, timezone: str = "", **options: str) -> Result:
    """Stage events as a webhook has spooled them."""
    path = folder / "json_cdr" / "000001.parquet"
    path.parent.mkdir(exist_ok=True)
    at = ["2026-01-05T09:00:31+00:00"] * len(events)
    pq.write_table(pa.table({"event": list(events), "received_at": at}), path)
    return read(folder, timezone=timezone, **options)


OUTCOME = ("call_id", "direction", "result", "talk_s", "ring_s", "agent_id", "campaign_id")
DIALLED = (name(1), "outbound", "answered", 20, 10, "1001", "spring")


def asterisk_row() -> str:
    """Write a row as the template `asterisk` does: its caller breaks the rules of CSV."""
    values = row()
    caller = '"Ann" <1001>'
    cells = [values["accountcode"], "1001", CUSTOMER, "default", caller, "sofia/a", "sofia/b"]
    cells += ["bridge", "sofia/x,y", *list(values.values())[4:10], "3", name(1), ""]
    return ",".join(f'"{cell}"' for cell in cells)


SHAPES = {
    "built in": example(more=()).replace(',"spring"', ', "spring"'),
    "example": example(),
    "sql": f"INSERT INTO cdr VALUES ({example(more=())});",
    "snom": example(more=("PCMA", "PCMA", "snom370", "", "a,b", "c,d", "/x.wav")),
    "linksys": example(more=("PCMA", "PCMA", "Linksys", "PS=1,OS=2")),
    "asterisk": asterisk_row(),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_each_template_is_known_by_its_shape(shape: str, tmp_path: Path) -> None:
    """One call, whatever the order of its columns."""
    found = logged(tmp_path, SHAPES[shape])
    assert found.problems() == []
    assert found.rows(*OUTCOME) == [DIALLED]
    assert found.rows("phone_token", "country") == [(token(b"key", CUSTOMER), "DE")]
    assert found.texts("started_at", "answered_at", "ended_at") == [
        ("2026-01-05 09:00:00+00", "2026-01-05 09:00:10+00", "2026-01-05 09:00:30+00")
    ]


def test_the_template_for_rating_has_no_start(tmp_path: Path) -> None:
    """A call then begins when it was answered, and nobody knows why another one was not."""
    cells = [name(1), "", "outbound", "1001", CUSTOMER, "2026-01-05 09:00:10"]
    cells += ["2026-01-05 09:00:30", "20", "spring", "", "10.0.0.1", "", "gate"]
    other = [name(2), *cells[1:5], "", "2026-01-05 09:05:00", "0", *cells[8:]]
    lines = [",".join(f'"{cell}"' for cell in each) for each in (cells, other)]
    found = logged(tmp_path, *lines)
    assert found.texts("started_at", "result", "talk_s", "direction") == [
        ("2026-01-05 09:00:10+00", "answered", "20.0", "outbound"),
        ("2026-01-05 09:05:00+00", None, None, "outbound"),
    ]
    assert "no hang-up cause" in found.notes


def test_a_template_of_ones_own(tmp_path: Path) -> None:
    """Its order, and the variables that name campaign and lead, are told."""
    line = f'"{name(1)}","2026-01-05 09:00:00","30","20","1001","{CUSTOMER}","s7","L9"'
    order = "uuid,start_stamp,duration,billsec,caller_id_number,destination_number,camp,lead"
    found = logged(tmp_path, line, columns=order, campaign="camp", lead_id="lead")
    assert found.rows("result", "talk_s", "campaign_id", "lead_id") == [
        ("answered", 20, "s7", "L9")
    ]


def test_an_export_with_a_header(tmp_path: Path) -> None:
    """A query's result is as good as the file."""
    header = ";".join(row())
    found = logged(tmp_path, header, ";".join(row().values()))
    assert found.rows(*OUTCOME) == [DIALLED]


CAUSES = {
    "USER_BUSY": "busy",
    "NO_ANSWER": "no_answer",
    "NO_USER_RESPONSE": "no_answer",
    "SUBSCRIBER_ABSENT": "no_answer",
    "NORMAL_CLEARING": "no_answer",
    "ORIGINATOR_CANCEL": "cancelled",
    "LOSE_RACE": "cancelled",
    "CALL_REJECTED": "rejected",
    "UNALLOCATED_NUMBER": "invalid",
    "NUMBER_CHANGED": "invalid",
    "INVALID_NUMBER_FORMAT": "invalid",
    "NORMAL_TEMPORARY_FAILURE": "congestion",
    "NORMAL_CIRCUIT_CONGESTION": "congestion",
    "SWITCH_CONGESTION": "congestion",
    "NO_ROUTE_DESTINATION": "failed",
    "DESTINATION_OUT_OF_ORDER": "failed",
    "RECOVERY_ON_TIMER_EXPIRE": "failed",
    "OF_TOMORROW": None,
}


def test_what_a_hang_up_cause_means(tmp_path: Path) -> None:
    """Only where nobody answered; 0000-00-00 and an empty time are no answer."""
    lines = [
        example(number, answer_stamp=answer, billsec=0, hangup_cause=cause)
        for number, (cause, answer) in enumerate(
            [(cause, "") for cause in CAUSES] + [("USER_BUSY", "0000-00-00 00:00:00")], 1
        )
    ]
    found = logged(tmp_path, *lines)
    assert found.rows("disposition", "result") == [*CAUSES.items(), ("USER_BUSY", "busy")]
    assert "1 calls nobody answered have no hang-up cause" in found.notes
    assert found.rows("talk_s")[0] == (0,)


def test_click_to_call_shows_no_number(tmp_path: Path) -> None:
    """The switch calls the agent first; the customer is on the other leg, or is the caller."""
    lines = [
        example(1, destination_number="&park", caller_id_number=CUSTOMER),
        example(2, destination_number="&bridge(x)", caller_id_number="1001", bleg_uuid=name(3)),
        example(3, caller_id_number="1001", start_stamp="2026-01-05 09:00:02", duration=28,
                billsec=15),
    ]  # fmt: skip
    found = logged(tmp_path, *lines)
    assert found.rows("call_id", "direction", "phone_token", "talk_s") == [
        (name(1), "outbound", token(b"key", CUSTOMER), 20),
        (name(2), "outbound", token(b"key", CUSTOMER), 15),
    ]


def test_both_legs_are_one_call(tmp_path: Path) -> None:
    """The customer's leg decides; an agent's phone that is up alone is no answer."""
    busy = leg(2, originator=name(1), call_uuid=name(1), answer_epoch=0, billsec=0,
               hangup_cause="USER_BUSY", origin="outbound")  # fmt: skip
    found = sent(tmp_path, leg(1), busy)
    assert found.rows("call_id", "result", "disposition", "talk_s", "agent_id") == [
        (name(1), "busy", "USER_BUSY", 0, "1001")
    ]
    alone = sent(tmp_path, leg(1, originate_disposition="USER_BUSY"))
    assert alone.rows("result", "disposition") == [("busy", "USER_BUSY")]


def test_legs_that_talked_at_once_count_once(tmp_path: Path) -> None:
    """Two agents on one inbound call, half of it together."""
    legs = [
        leg(1, caller_id_number=CUSTOMER, destination_number="3000", context="public"),
        leg(2, originator=name(1), destination_number="1001", start_epoch=START + 5,
            answer_epoch=START + 10, end_epoch=START + 22, duration=17, billsec=12),
        leg(3, originator=name(1), destination_number="1002", start_epoch=START + 12,
            answer_epoch=START + 16, end_epoch=START + 30, duration=18, billsec=14),
    ]  # fmt: skip
    found = sent(tmp_path, *legs)
    assert found.rows("direction", "result", "talk_s", "agent_id") == [
        ("inbound", "answered", 20, "1002")
    ]


def test_nobody_took_an_inbound_call(tmp_path: Path) -> None:
    """A menu had answered, and no agent did: the caller gave up."""
    caller = leg(1, caller_id_number=CUSTOMER, destination_number="3000", context="public")
    rung = leg(2, originator=name(1), destination_number="1001", answer_epoch=0, billsec=0)
    found = sent(tmp_path, caller, rung)
    assert found.rows("result", "talk_s", "agent_id") == [("abandoned", 0, None)]


def test_an_agent_whose_leg_stays_up_joins_no_calls(tmp_path: Path) -> None:
    """Two customers talked to it, one after the other: two calls, and its own is internal."""
    made: dict[str, Any] = {"origin": "outbound", "bridge_uuid": name(9)}
    found = sent(
        tmp_path,
        leg(1, **made),
        leg(2, start_epoch=START + 60, answer_epoch=START + 70, end_epoch=START + 90, **made),
        leg(9, origin="outbound", caller_id_number="0000", destination_number="1001",
            start_epoch=START - 60, answer_epoch=START - 50, end_epoch=START + 3600, duration=3660,
            billsec=3650, bridge_uuid=name(2)),
    )  # fmt: skip
    assert found.rows("call_id", "direction", "talk_s", "agent_id") == [
        (name(1), "outbound", 20, "1001"),
        (name(2), "outbound", 20, "1001"),
        (name(9), "internal", 3650, None),
    ]


def queued(number: int, **told: Any) -> str:
    """Write a caller's leg that went through mod_callcenter; it waits from the fifth second."""
    known: dict[str, Any] = {
        "cc_queue": "sales@default",
        "cc_queue_joined_epoch": START + 5,
        "cc_side": "member",
    }
    return leg(number, caller_id_number=CUSTOMER, destination_number="5000", context="public",
               answer_epoch=START + 1, billsec=29, **(known | told))  # fmt: skip


def test_queues(tmp_path: Path) -> None:
    """Who waited how long, whom they reached, and why they did not."""
    found = sent(
        tmp_path,
        queued(1, cc_agent="1002@default", cc_cause="answered", cc_queue_answered_epoch=START + 12,
               cc_queue_terminated_epoch=START + 29, sip_hangup_disposition="recv_bye"),
        leg(11, cc_member_session_uuid=name(1), destination_number="1002", cc_side="agent",
            cc_queue="sales@default", cc_agent="1002@default", start_epoch=START + 6,
            answer_epoch=START + 11, billsec=18),
        queued(2, cc_cause="cancel", cc_cancel_reason="BREAK_OUT",
               cc_queue_canceled_epoch=START + 9),
        queued(3, cc_cause="cancel", cc_cancel_reason="TIMEOUT",
               cc_queue_canceled_epoch=START + 25),
        queued(4, cc_cause="cancel", cc_cancel_reason="EXIT_WITH_KEY",
               cc_queue_canceled_epoch=START + 7),
        queued(5, origin="outbound", cc_cause="cancel", cc_cancel_reason="BREAK_OUT",
               cc_queue_canceled_epoch=START + 8),
    )  # fmt: skip
    columns = ("direction", "result", "contact", "wait_s", "talk_s", "agent_id", "campaign_id")
    assert found.rows(*columns) == [
        ("inbound", "human", True, 7, 17, "1002", "sales"),
        ("inbound", "abandoned", False, 4, 0, None, "sales"),
        ("inbound", "failed", False, 20, 0, None, "sales"),
        ("inbound", "cancelled", False, 2, 0, None, "sales"),
        ("outbound", "dropped", False, 3, 0, None, "sales"),
    ]
    assert found.rows("ended_by")[0] == ("customer",)
    assert found.rows("ended_by")[2] == ("system",)


def test_machines_hold_and_conversations(tmp_path: Path) -> None:
    """mod_amd tells machines; hold is no talk; a conversation lasts as long as was said."""
    found = sent(
        tmp_path,
        leg(1, amd_result="MACHINE"),
        leg(2, amd_result="HUMAN", hold_accum_seconds=5),
        leg(3, answer_epoch=START + 25, billsec=5),
        contact_after="10",
    )
    assert found.rows("result", "talk_s", "hold_s", "contact") == [
        ("machine", 20, None, False),
        ("human", 15, 5, True),
        ("answered", 5, None, False),
    ]


def test_values_may_be_written_as_in_addresses(tmp_path: Path) -> None:
    """`encode-values` decides; 100%25 that is no code stays what it is."""
    both = [leg(n, encoded=n == 1, accountcode="sales 100%25") for n in (1, 2)]
    assert sent(tmp_path, *both).rows("campaign_id") == [("sales 100%25",)] * 2


def test_files_of_json_cdr(tmp_path: Path) -> None:
    """One leg a file, also below folders; epochs count before wall clocks."""
    folder = tmp_path / "json_cdr"
    folder.mkdir()
    (folder / f"a_{name(1)}.cdr.json").write_text(leg(1), encoding="utf-8")
    (folder / "b.cdr.json").write_text("{", encoding="utf-8")
    found = read(tmp_path, timezone="America/New_York")
    assert found.texts("call_id", "started_at") == [(name(1), "2026-01-05 09:00:00+00")]
    assert found.reasons() == ["not what mod_json_cdr writes"]


def test_a_leg_without_its_first_one_is_kept_aside(tmp_path: Path) -> None:
    """Under the call's name, so that the call mends it; or it is a call, where one says so."""
    lone = leg(2, originator=name(1), destination_number="1001")
    found = sent(tmp_path, lone)
    assert found.rows("call_id") == []
    assert found.reasons()[0].startswith("a leg whose first leg is not among these rows")
    relation = found.staged[0].relation
    assert found.con.execute(f"SELECT call_id FROM {relation}").fetchall() == [(name(1),)]
    assert CUSTOMER not in found.problems()[0][1]
    assert sent(tmp_path, lone, lone_legs="calls").rows("call_id") == [(name(1),)]


def test_a_record_that_comes_again_counts_once(tmp_path: Path) -> None:
    """A webhook is sent again, a file is read twice: the last one counts."""
    found = sent(tmp_path, leg(1, billsec=1), leg(1))
    assert found.rows("talk_s") == [(20,)]
    assert "1 records repeated a leg" in found.notes


def test_a_spreadsheet_drops_quotes_and_seconds(tmp_path: Path) -> None:
    """How long a call lasted is still right, and a note tells what is not."""
    told = row(start_stamp="2026/1/5 9:00", answer_stamp="2026/1/5 9:00", end_stamp="2026/1/5 9:00")
    found = logged(tmp_path, ",".join([*told.values(), "PCMA", "PCMA"]))
    assert found.texts("started_at", "answered_at", "talk_s", "ring_s") == [
        ("2026-01-05 09:00:00+00", "2026-01-05 09:00:10+00", "20.0", "10.0")
    ]
    assert "1 records have no seconds" in found.notes


@pytest.mark.parametrize(
    ("stamps", "told", "days"),
    [
        (["5.1.2026 9:00"], "", ["2026-01-05"]),
        (["5/1/2026 9:00", "13/1/2026 9:00"], "", ["2026-01-05", "2026-01-13"]),
        (["1/5/2026 9:00", "1/13/2026 9:00"], "", ["2026-01-05", "2026-01-13"]),
        (["1/5/2026 9:00"], "mdy", ["2026-01-05"]),
        (["1/5/2026 9:00"], "dmy", ["2026-05-01"]),
        (["1/5/2026 9:00"], "", []),
    ],
)
def test_the_order_of_a_date(stamps: list[str], told: str, days: list[str], tmp_path: Path) -> None:
    """The file tells it, or the user; one that may be either is asked for, not guessed."""
    lines = [
        example(number, start_stamp=stamp, answer_stamp="", end_stamp=stamp, billsec=0)
        for number, stamp in enumerate(stamps, 1)
    ]
    found = logged(tmp_path, *lines, **({"dates": told} if told else {}))
    assert [str(at)[:10] for (at,) in found.texts("started_at")] == days
    if not days:
        assert found.reasons() == [
            "a date that can be read in two ways; say --option dates=dmy or dates=mdy"
        ]


def test_wall_clocks_have_a_zone(tmp_path: Path) -> None:
    """And on the night the clocks change, the length of a call stays its length."""
    told = example(
        1,
        start_stamp="2026-10-25 02:59:50",
        answer_stamp="2026-10-25 02:00:00",
        end_stamp="2026-10-25 02:00:20",
    )
    found = logged(tmp_path, told, timezone="Europe/Berlin")
    assert found.texts("started_at", "answered_at", "ended_at") == [
        ("2026-10-25 00:59:50+00", "2026-10-25 01:00:00+00", "2026-10-25 01:00:20+00")
    ]
    assert "taken as UTC" not in found.notes
    assert "1 records carry no zone, and were taken as UTC" in logged(tmp_path, example()).notes


DAMAGED = {
    "no template": ("x,y,z", "no template that comes with FreeSWITCH has such a row"),
    "no time": (example(start_stamp="soon"), "unreadable start time"),
    "backwards": (example(duration=-5), "negative duration"),
    "too much talk": (example(billsec=99), "billsec longer than duration"),
    "no number": (example(duration="x"), "unreadable duration"),
    "1970": (
        example(start_stamp="", answer_stamp="", end_stamp="", duration=0, billsec=0),
        "missing start time",
    ),
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_damaged_rows_are_kept_and_tell_no_number(damage: str, tmp_path: Path) -> None:
    """With a reason; the other rows are calls."""
    line, reason = DAMAGED[damage]
    found = logged(tmp_path, line, example(7))
    assert [found.reasons()[0].startswith(reason), len(found.reasons())] == [True, 1]
    assert found.rows("call_id") == [(name(7),)]
    assert CUSTOMER.strip("+") not in found.problems()[0][1]


def test_files_per_account_repeat_the_master(tmp_path: Path) -> None:
    """Only Master.csv is read, rotated and packed ones too."""
    (tmp_path / "spring.csv").write_text(example(1), encoding="utf-8")
    (tmp_path / "Master.csv").write_text(example(1) + "\n", encoding="utf-8")
    packed = gzip.compress(example(2).encode())
    (tmp_path / "Master.csv.2026-01-04-00-00-00.gz").write_bytes(packed)
    found = read(tmp_path)
    assert sorted(found.rows("call_id")) == [(name(1),), (name(2),)]
    assert "1 other files were left out" in found.notes


def test_what_is_nobodys_file_is_refused(tmp_path: Path) -> None:
    """In a sentence."""
    with pytest.raises(FileError, match="nothing here is FreeSWITCH's"):
        read(tmp_path)
    with pytest.raises(FileError, match="does not exist"):
        read(tmp_path / "none.csv")
    with pytest.raises(UnknownNameError, match="dates"):
        logged(tmp_path, example(), dates="yyy")
    with pytest.raises(UsageError, match="extension_length"):
        logged(tmp_path, example(), extension_length="many")


def test_ways_a_call_may_go(tmp_path: Path) -> None:
    """By the contexts one names, else by who is at either end; what nobody knows is told."""
    found = logged(
        tmp_path,
        example(1, caller_id_number="1001", destination_number="1002"),
        example(2, caller_id_number=CUSTOMER, destination_number="1002"),
        example(3, caller_id_number=CUSTOMER, destination_number="+4930111111", context="public"),
        example(4, caller_id_number=CUSTOMER, destination_number="+4930111111", context="dialer"),
        example(5, caller_id_number="+4930222222", context="other"),
        example(6, caller_id_number="ann", destination_number="0" + CUSTOMER[1:]),
        outbound_contexts="dial*",
        outside_prefix="0",
    )
    assert found.rows("direction", "agent_id", "phone_token") == [
        ("internal", "1001", None),
        ("inbound", "1002", token(b"key", CUSTOMER)),
        ("inbound", None, token(b"key", CUSTOMER)),
        ("outbound", None, token(b"key", "+4930111111")),
        (None, None, None),
        ("outbound", "ann", token(b"key", CUSTOMER[1:])),
    ]
    assert "1 calls have no direction" in found.notes


def test_an_extension_has_fewer_than_a_hundred_digits() -> None:
    """A length that no number has is a slip of the pen."""
    assert read_options({"extension_length": "99"}).extension_length == 99
    with pytest.raises(UsageError, match="extension_length is '100', but must be a whole number"):
        read_options({"extension_length": "100"})
