"""Is each call of a VICIdial one call, with the right outcome, agent and talk?"""

from __future__ import annotations

from pathlib import Path

import pytest
from vicidial_tables import KEY, Dialler, dialler, dump, read, staged, status, utc

from dialgauge.errors import DialgaugeError, UnknownNameError, UsageError
from dialgauge.sources.phone import token

AT = "2026-01-05 10:00:00"


def answered(made: Dialler, code: str, user: str = "ann", **row: object) -> str:
    """Add a call of a minute that ended with a status, and return its name."""
    name = f"{len(made.tables.get('vicidial_log', [])) + 1}.0"
    made.call(name, AT, 60, status=code, user=user, **row)
    return name


def test_a_conversation_is_any_of_five_flags(tmp_path: Path) -> None:
    """VICIdial delivers SALE and DNC as no customer_contact; sales per contact stay below 100 %."""
    made = dialler()
    names = {code: answered(made, code) for code in ("SALE", "DNC", "NI", "CALLBK", "A", "N")}
    calls = staged(tmp_path, made).rows("calls")
    contact = {code: calls[name]["contact"] for code, name in names.items()}
    assert contact == {
        **dict.fromkeys(("SALE", "DNC", "NI", "CALLBK"), True),
        **dict.fromkeys(("A", "N"), False),
    }
    assert [code for code, name in names.items() if calls[name]["converted"]] == ["SALE"]
    assert [code for code, name in names.items() if calls[name]["do_not_call"]] == ["DNC"]
    narrow = staged(tmp_path, made, contact="customer_contact").rows("calls")
    assert {code for code, name in names.items() if narrow[name]["contact"]} == {"NI", "CALLBK"}


def test_nobody_talked_where_no_agent_was(tmp_path: Path) -> None:
    """VDAD is no agent: not for a sale that a survey made, nor in VICIdial's own spelling."""
    made = dialler()
    survey, dropped = answered(made, "SALE", "VDAD"), answered(made, "DROP", "vdad")
    calls = staged(tmp_path, made).rows("calls")
    assert (calls[survey]["agent_id"], calls[survey]["contact"]) == (None, False)
    assert calls[survey]["converted"] is True
    # nobody of ours handled the first, and it is no call of no seconds; the second is
    assert (calls[survey]["talk_s"], calls[dropped]["talk_s"]) == (None, 0)
    assert (calls[dropped]["agent_id"], calls[dropped]["result"]) == (None, "dropped")


@pytest.mark.parametrize(
    ("code", "user", "result"),
    [
        ("DROP", "VDAD", "dropped"),
        ("XDROP", "VDAD", "dropped"),
        ("PDROP", "VDAD", "answered"),  # hung up before anything was routed: nobody waited
        ("AA", "VDAD", "machine"),  # though nobody flagged it so
        ("AM", "VDAD", "machine"),
        ("A", "ann", "machine"),
        ("AB", "VDAD", "busy"),  # not abandoned
        ("B", "ann", "busy"),
        ("NA", "VDAD", "no_answer"),
        ("N", "ann", "no_answer"),
        ("ADC", "VDAD", "invalid"),
        ("DC", "ann", "invalid"),
        ("PU", "VDAD", "answered"),
        ("NI", "ann", "human"),
        ("sale", "ann", "human"),  # case does not matter in VICIdial's database
        ("QUEUE", "VDAD", None),
        ("CPDINV", "VDAD", "invalid"),
        ("", "VDAD", None),
        ("MYSTERY"[:6], "ann", "answered"),
        ("MYSTERY"[:6], "VDAD", None),
    ],
)
def test_what_the_dialler_says(tmp_path: Path, code: str, user: str, result: str | None) -> None:
    """Statuses of the dialler come to what they mean, whatever their flags say."""
    made = dialler()
    name = answered(made, code, user)
    call = staged(tmp_path, made).call(name)
    assert (call["result"], call["disposition"]) == (result, code or None)


def test_statuses_that_nobody_explains_are_told(tmp_path: Path) -> None:
    """They are kept, and a note says so."""
    made = dialler()
    answered(made, "ODD", "VDAD")
    result = staged(tmp_path, made)
    assert "no table explains were kept, and their result is unknown: ODD (1)" in result.notes
    assert result.call()["contact"] is False


def test_a_campaign_means_something_else(tmp_path: Path) -> None:
    """The campaign's row overrides the system's, there and nowhere else."""
    made = dialler()
    made.add(
        "vicidial_campaign_statuses",
        status("NI", "human_answered", "sale", campaign_id="SURVEY"),
        status("B", "human_answered", "customer_contact", campaign_id="SURVEY"),  # "booked"
        status("HOT", "human_answered", "customer_contact", campaign_id="SURVEY"),
    )
    ours, theirs = answered(made, "NI"), answered(made, "NI", campaign_id="SURVEY")
    busy, booked = answered(made, "B"), answered(made, "B", campaign_id="SURVEY")
    elsewhere = answered(made, "HOT")  # agreed by all campaigns that have it
    calls = staged(tmp_path, made).rows("calls")
    assert [calls[name]["converted"] for name in (ours, theirs)] == [False, True]
    assert [calls[name]["result"] for name in (busy, booked)] == ["busy", "human"]
    assert [calls[name]["contact"] for name in (busy, booked)] == [False, True]
    assert calls[elsewhere]["contact"] is True


def test_pdrop_may_be_a_drop(tmp_path: Path) -> None:
    """For teams whose regulator says so."""
    made = dialler()
    answered(made, "PDROP", "VDAD")
    assert staged(tmp_path, made, pdrop="dropped").call()["result"] == "dropped"


def test_talk_is_without_the_time_after_the_customer_left(tmp_path: Path) -> None:
    """talk_sec includes dead_sec: of 90 s the customer was there for 60."""
    made = dialler()
    made.call("1.1", AT, 95, status="NI", user="ann", term_reason="CALLER")
    made.cycle(1, "ann", "2026-01-05 09:58:00", (30, 90, 90, 15, 30), uniqueid="1.1")
    made.call("2.1", AT, 50, status="NI", user="bob", lead_id=2)
    made.cycle(2, "bob", "2026-01-05 09:58:00", (0, 120, 40, 5, 60), lead_id=2, uniqueid="2.1")
    calls = staged(tmp_path, made).rows("calls")
    assert (calls["1.1"]["talk_s"], calls["1.1"]["wrap_s"]) == (60, 15)
    assert calls["1.1"]["ended_by"] == "customer"
    assert calls["2.1"]["talk_s"] == 0


def test_a_full_counter_is_no_talk(tmp_path: Path) -> None:
    """65,535 s of talk is a counter that was full; then the call's own length counts."""
    made = dialler()
    made.call("1.1", AT, 95, status="NI", user="ann")
    made.cycle(1, "ann", "2026-01-05 09:58:00", (30, 90, 65535, 15, 0), uniqueid="1.1")
    call = staged(tmp_path, made).call()
    assert (call["talk_s"], call["wrap_s"]) == (95, 15)


def test_agents_of_old_versions_are_found_by_lead_and_time(tmp_path: Path) -> None:
    """Without uniqueid: the same lead and agent, talking while the call was going on."""
    made = dialler()
    made.call("1.1", AT, 95, status="NI", user="Ann")
    made.call("1.2", "2026-01-05 11:00:00", 30, status="NI", user="Ann")
    made.cycle(1, "ann", "2026-01-05 09:58:00", (30, 92, 80, 15, 0))
    calls = staged(tmp_path, made).rows("calls")
    assert [calls[name]["talk_s"] for name in ("1.1", "1.2")] == [80, 30]
    assert calls["1.1"]["agent_id"] == "ann"  # as vicidial_users spells it


def test_an_outbound_call_passed_to_a_closer_is_one_call(tmp_path: Path) -> None:
    """Ann reached the customer, Bob sold: one call of ours, one sale, Bob's; talk is of both."""
    made = dialler()
    made.call("1.1", AT, 100, status="XFER", user="ann", term_reason="AGENT")
    made.cycle(1, "ann", "2026-01-05 09:59:00", (0, 60, 100, 5, 0), uniqueid="1.1")
    made.add(
        "vicidial_xfer_log",
        {"xfercallid": 8, "lead_id": 1, "call_date": AT, "user": "ann", "closer": "bob",
         "front_uniqueid": "1.1"},
    )  # fmt: skip
    made.passed(40, "2026-01-05 10:01:40", 230, status="SALE", user="bob", xfercallid=8,
                uniqueid="1.9", queue_seconds="30.00")  # fmt: skip
    made.cycle(2, "bob", "2026-01-05 10:01:00", (0, 70, 200, 20, 10), uniqueid="1.9")
    result = staged(tmp_path, made)
    call = result.call()
    assert (call["call_id"], call["direction"], call["campaign_id"]) == ("1.1", "outbound", "SOLAR")
    assert (call["agent_id"], call["disposition"], call["result"]) == ("bob", "SALE", "human")
    assert (call["contact"], call["converted"], call["ended_by"]) == (True, True, "customer")
    assert (call["talk_s"], call["wrap_s"]) == (100 + 190, 25)
    assert call["wait_s"] is None  # the queue was behind the first conversation
    assert call["ended_at"] == utc("2026-01-05 10:05:30")
    assert staged(tmp_path, made, credit="fronter").call()["agent_id"] == "ann"
    assert "2 rows of the call logs are 1 calls; 1 rows are further legs." in result.notes


def test_a_transfer_nobody_took_stays_the_fronters(tmp_path: Path) -> None:
    """The customer hung up in the second queue: a conversation with Ann all the same."""
    made = dialler()
    made.call("1.1", AT, 100, status="XFER", user="ann")
    made.passed(40, "2026-01-05 10:01:40", 20, status="DROP", uniqueid="1.1",
                queue_seconds="20.00")  # fmt: skip
    call = staged(tmp_path, made).call()
    assert (call["agent_id"], call["result"], call["contact"]) == ("ann", "human", True)


def test_a_transfer_is_found_by_lead_and_time(tmp_path: Path) -> None:
    """Old versions have no front_uniqueid; the call of the same lead that was going on is it."""
    made = dialler()
    made.call("1.1", AT, 100, status="XFER", user="ann")
    made.call("1.2", AT, 100, status="NI", user="ann", lead_id=2)
    made.passed(40, "2026-01-05 10:01:45", 60, status="SALE", user="bob", xfercallid=3)
    calls = staged(tmp_path, made).rows("calls")
    assert {name: call["agent_id"] for name, call in calls.items()} == {"1.1": "bob", "1.2": "ann"}


def test_a_transfer_whose_call_is_missing_is_kept_apart(tmp_path: Path) -> None:
    """It is no inbound call, and not lost either."""
    made = dialler()
    made.passed(40, AT, 60, status="SALE", user="bob", xfercallid=3)
    result = staged(tmp_path, made)
    assert result.rows("calls") == {}
    assert result.problems("calls") == [
        "a transfer whose first leg is not among the rows that were read"
    ]


def test_an_outbound_drop_that_rolled_over_is_dropped(tmp_path: Path) -> None:
    """drop_action IN_GROUP: nobody abandoned us, we dropped them; unless somebody took the call."""
    made = dialler()
    made.call("1.1", AT, 6, status="DROP", term_reason="QUEUETIMEOUT")
    made.passed(40, "2026-01-05 10:00:06", 15, status="DROP", uniqueid="1.1", queue_seconds="15")
    made.call("2.1", AT, 6, status="DROP", lead_id=2)
    made.passed(41, "2026-01-05 10:00:06", 45, status="NI", user="bob", uniqueid="2.1",
                lead_id=2, queue_seconds="15")  # fmt: skip
    made.call("3.1", AT, 7, status="DROP", lead_id=3)
    calls = staged(tmp_path, made).rows("calls")
    dropped, taken, plain = (calls[name] for name in ("1.1", "2.1", "3.1"))
    assert (dropped["direction"], dropped["result"], dropped["wait_s"]) == (
        "outbound",
        "dropped",
        15,
    )
    assert (taken["result"], taken["agent_id"], taken["talk_s"]) == ("human", "bob", 30)
    assert (plain["result"], plain["wait_s"], plain["talk_s"]) == ("dropped", 7, 0)


def test_inbound_calls(tmp_path: Path) -> None:
    """Length includes the queue; who left the queue abandoned, who was put out of it did not."""
    made = dialler()
    made.passed(1, AT, 60, user="bob", queue_seconds="20.50")
    made.passed(2, AT, 12, status="DROP", term_reason="ABANDON", lead_id=2, queue_seconds="12")
    made.passed(3, AT, 90, status="DROP", term_reason="QUEUETIMEOUT", lead_id=3)
    made.passed(4, AT, 0, status="AFTHRS", term_reason="AFTERHOURS", lead_id=4)
    calls = staged(tmp_path, made).rows("calls")
    talked = calls["closer-1"]
    assert (talked["direction"], talked["wait_s"], talked["talk_s"]) == ("inbound", 20.5, 39.5)
    assert talked["campaign_id"] == "ingroup:HELP"
    assert [calls[f"closer-{number}"]["result"] for number in (1, 2, 3, 4)] == [
        "human", "abandoned", "failed", "failed",
    ]  # fmt: skip
    assert [calls[f"closer-{number}"]["ended_by"] for number in (2, 3, 4)] == [
        "customer", "system", "system",
    ]  # fmt: skip


def test_an_inbound_call_through_two_groups_is_one(tmp_path: Path) -> None:
    """The second pass has the same uniqueid and lead; the first agent's queue is the wait."""
    made = dialler()
    made.passed(1, AT, 60, user="bob", queue_seconds="20", uniqueid="7.1", status="XFER")
    made.passed(2, "2026-01-05 10:01:00", 100, user="ann", queue_seconds="10", uniqueid="7.1",
                status="SALE", campaign_id="DESK2", xfercallid=1)  # fmt: skip
    call = staged(tmp_path, made).call()
    assert (call["call_id"], call["agent_id"], call["campaign_id"]) == (
        "closer-1", "ann", "ingroup:DESK2",
    )  # fmt: skip
    assert (call["wait_s"], call["talk_s"], call["converted"]) == (20, 130, True)


def test_the_night_the_clocks_change(tmp_path: Path) -> None:
    """2026-11-01 1:30 came twice in New York; epochs tell which, a wall clock means the first."""
    made = dialler()
    first, second = 1793511000, 1793514600  # 05:30 and 06:30 UTC
    wall = "2026-11-01 01:30:00"
    made.call("1.1", wall, 60, start_epoch=first, end_epoch=first + 60)
    made.call("1.2", wall, 60, start_epoch=second, end_epoch=second + 60)
    made.call("1.3", wall, 60, start_epoch=None, end_epoch=0)
    calls = staged(tmp_path, made).rows("calls")
    starts = [calls[name]["started_at"].strftime("%H:%M") for name in ("1.1", "1.2", "1.3")]
    assert starts == ["05:30", "06:30", "05:30"]
    assert calls["1.3"]["ended_at"].strftime("%H:%M:%S") == "05:31:00"


def test_a_wrong_zone_is_told(tmp_path: Path) -> None:
    """Epochs show that the wall clock is five hours behind UTC."""
    made = dialler()
    made.call("1.1", AT)
    assert "of 1 of 1 calls is +5.00 hours off from UTC" in staged(tmp_path, made, "").notes
    assert "hours off" not in staged(tmp_path, made).notes


def test_empty_enums_and_unknown_words(tmp_path: Path) -> None:
    """The dialler writes CALLMENUXFER, the database keeps ''; both are no reason to lose a call."""
    made = dialler()
    made.call("1.1", AT, 9, term_reason="")
    made.call("1.2", AT, 9, term_reason="CALLMENUXFER")
    made.call("1.3", AT, 9, term_reason="NONE")
    calls = staged(tmp_path, made).rows("calls")
    assert [calls[name]["ended_by"] for name in ("1.1", "1.2", "1.3")] == [None, "system", None]


def test_the_carrier_tells_more(tmp_path: Path) -> None:
    """NA is everything without an answer; the hang-up cause tells wrong numbers from no answer."""
    made = dialler()
    for name, cause in (("1.1", 1), ("1.2", 17), ("1.3", 34), ("1.4", 19), ("1.5", 0)):
        made.call(name, AT)
        made.add("vicidial_carrier_log", {"uniqueid": name, "call_date": AT, "hangup_cause": cause,
                                          "dial_time": 22, "answered_time": 0})  # fmt: skip
    made.call("2.1", AT, 60, status="NI", user="ann")
    made.add("vicidial_carrier_log", {"uniqueid": "2.1", "hangup_cause": 16, "dial_time": 68,
                                      "answered_time": 60})  # fmt: skip
    calls = staged(tmp_path, made).rows("calls")
    assert [calls[f"1.{number}"]["result"] for number in (1, 2, 3, 4, 5)] == [
        "invalid", "busy", "congestion", "no_answer", "no_answer",
    ]  # fmt: skip
    assert calls["1.4"]["ring_s"] == 22
    assert (calls["2.1"]["ring_s"], calls["2.1"]["answered_at"]) == (8, utc("2026-01-05 10:00:08"))
    assert calls["1.1"]["answered_at"] is None


def test_a_callback_belongs_to_the_call_on_which_it_was_promised(tmp_path: Path) -> None:
    """By the agent who gave it; the last promise counts; a date of zeros is none."""
    made = dialler()
    made.call("1.1", AT, 60, status="CALLBK", user="ann")
    made.call("1.2", "2026-01-05 15:00:00", 60, status="CALLBK", user="ann")
    for number, entry, due in (
        (1, "2026-01-05 10:01:10", "2026-01-06 09:00:00"),
        (2, "2026-01-05 10:02:10", "2026-01-06 11:00:00"),
        (3, "2026-01-05 15:01:10", "0000-00-00 00:00:00"),
        (4, "2026-01-05 19:01:10", "2026-01-07 11:00:00"),
    ):
        made.add("vicidial_callbacks", {"callback_id": number, "lead_id": 1, "entry_time": entry,
                                        "callback_time": due, "user": "ANN"})  # fmt: skip
    calls = staged(tmp_path, made).rows("calls")
    assert calls["1.1"]["callback_at"] == utc("2026-01-06 11:00:00")
    assert calls["1.2"]["callback_at"] is None


def test_numbers_never_leave_the_spool(tmp_path: Path) -> None:
    """Calls have a token; rows that are refused and recordings show no number."""
    made = dialler()
    made.call("1.1", AT, 60, status="NI", user="ann", phone_number="2125557788")
    made.call("1.2", AT, -5, phone_number="2125557788")
    made.add("recording_log", {"recording_id": 4, "length_in_sec": 3, "vicidial_id": "1.1",
                               "filename": "short_2125557788"})  # fmt: skip
    made.add("recording_log", {"recording_id": 5, "length_in_sec": 60, "vicidial_id": "1.1",
                               "location": "http://r/2125557788.wav"})  # fmt: skip
    made.add("vicidial_list", {"lead_id": 1, "entry_date": "", "phone_number": "2125557788"})
    result = staged(tmp_path, made)
    call = result.call()
    assert call["phone_token"] == token(KEY, "12125557788")
    assert (call["recording"], call["country"]) == ("recording_log/5", "US")
    assert result.problems("calls") == ["negative length_in_sec"]
    said = [*result.raw("calls"), *result.raw("leads"), result.notes]
    assert not any("5557788" in each for each in said)
    assert '"uniqueid":"1.2"' in said[0]
    kept = staged(tmp_path, made, recordings="yes").call()
    assert kept["recording"] == "http://r/2125557788.wav"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"length_in_sec": "-1"}, "negative length_in_sec"),
        ({"length_in_sec": "soon"}, "unreadable length_in_sec"),
        ({"length_in_sec": 900_000}, "length_in_sec of more than seven days"),
        ({"start_epoch": None, "call_date": "noon", "end_epoch": None}, "unreadable call_date"),
        ({"start_epoch": None, "call_date": None, "end_epoch": None}, "missing call_date"),
        ({"end_epoch": 1_600_000_000}, "ends before it starts"),
    ],
)
def test_damaged_calls_are_kept_with_their_reason(
    tmp_path: Path, row: dict[str, object], reason: str
) -> None:
    """The call beside them is read."""
    made = dialler()
    made.call("1.1", AT, 60, **row)
    made.call("1.2", AT, 60)
    result = staged(tmp_path, made)
    assert result.problems("calls") == [reason]
    assert list(result.rows("calls")) == ["1.2"]


def test_a_call_without_a_name(tmp_path: Path) -> None:
    """It cannot be told from others, so it is kept apart; two of them are two."""
    made = dialler()
    made.call("", AT)
    made.call("", AT)
    assert staged(tmp_path, made).problems("calls") == ["missing uniqueid"] * 2


def test_names_of_several_servers(tmp_path: Path) -> None:
    """With a server's name before them, two VICIdials share a lake."""
    made = dialler()
    made.call("1.1", AT, 60, status="NI", user="ann")
    made.passed(7, AT, user="ann")
    made.add("vicidial_list", {"lead_id": 1, "entry_date": AT, "list_id": 101})
    made.cycle(5, "ann", AT, (1, 0, 0, 0, 0))
    result = staged(tmp_path, made, server="west")
    calls = result.rows("calls")
    assert list(calls) == ["west/1.1", "west/closer-7"]
    names = ("lead_id", "list_id", "agent_id", "campaign_id")
    assert [calls["west/1.1"][name] for name in names] == [
        "west/1", "west/101", "west/ann", "west/SOLAR",
    ]  # fmt: skip
    assert calls["west/closer-7"]["campaign_id"] == "west/ingroup:HELP"
    assert list(result.rows("leads")) == ["west/1"]
    assert "west/ann" in result.rows("agents")
    assert list(result.rows("campaigns")) == ["west/SOLAR", "west/ingroup:HELP"]
    assert list(result.rows("agent_time")) == ["west/5-pause"]


def test_tests_and_the_right_person(tmp_path: Path) -> None:
    """Only the team knows which lists are tests, and which statuses mean the right person."""
    made = dialler()
    right, wrong = answered(made, "NI"), answered(made, "CALLBK")
    test = answered(made, "SALE", list_id=999)
    calls = staged(tmp_path, made, test_lists="998, 999", right_party="ni,sale").rows("calls")
    assert [calls[name]["right_party"] for name in (right, wrong, test)] == [True, False, True]
    assert [calls[name]["test"] for name in (right, wrong, test)] == [False, False, True]
    assert staged(tmp_path, made).call(right)["right_party"] is None


@pytest.mark.parametrize(
    ("request_", "error", "words"),
    [
        ({"contact": "sales"}, UnknownNameError, "unknown flag of option contact 'sales'"),
        ({"contact": ""}, UsageError, "option contact is empty"),
        ({"credit": "both"}, UnknownNameError, "unknown value of option credit"),
        ({"contcat": "sale"}, UnknownNameError, "did you mean 'contact'"),
        ({"region": "ATLANTIS"}, UnknownNameError, "unknown region"),
        ({"table": "orders"}, UnknownNameError, "unknown table of vicidial 'orders'"),
    ],
)
def test_wrong_requests_are_refused(
    tmp_path: Path, request_: dict[str, str], error: type[DialgaugeError], words: str
) -> None:
    """Each with what is allowed."""
    made = dialler()
    made.call("1.1", AT)
    with pytest.raises(error, match=words):
        staged(tmp_path, made, **request_)


def test_a_folder_without_any_table(tmp_path: Path) -> None:
    """The sentence says what files are called."""
    with pytest.raises(UsageError, match=r"named for its tables, such as vicidial_log\.csv"):
        read(tmp_path)


def test_only_one_table(tmp_path: Path) -> None:
    """`--table` narrows what is taken."""
    made = dialler()
    made.call("1.1", AT)
    result = read(dump(tmp_path, made.tables), table="campaigns")
    assert list(result.staged) == ["campaigns"]
