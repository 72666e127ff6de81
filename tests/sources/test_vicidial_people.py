"""Do agents, their time, leads and campaigns of a VICIdial come out right?"""

from __future__ import annotations

import json
from pathlib import Path

from babel.core import get_global
from vicidial_tables import dialler, staged, status, utc

from dialgauge.sources.vicidial.countries import COUNTRIES

AT = "2026-01-05 10:00:00"


def test_a_cycle_is_pause_wait_talk_and_work_after_it(tmp_path: Path) -> None:
    """Of 100 s of talk the customer was gone for 30: those are work after the call."""
    made = dialler()
    made.cycle(7, "ann", AT, (60, 20, 100, 15, 30), sub_status="LUNCH")
    found = staged(tmp_path, made).rows("agent_time")
    told = {
        name: (row["state"], row["reason"], row["started_at"], row["ended_at"])
        for name, row in found.items()
    }
    assert told == {
        "7-pause": ("paused", "LUNCH", utc("2026-01-05 10:00:00"), utc("2026-01-05 10:01:00")),
        "7-wait": ("available", None, utc("2026-01-05 10:01:00"), utc("2026-01-05 10:01:20")),
        "7-talk": ("talking", None, utc("2026-01-05 10:01:20"), utc("2026-01-05 10:02:30")),
        "7-dead": ("wrap", "DEAD", utc("2026-01-05 10:02:30"), utc("2026-01-05 10:03:00")),
        "7-dispo": ("wrap", None, utc("2026-01-05 10:03:00"), utc("2026-01-05 10:03:15")),
    }
    assert {row["agent_id"] for row in found.values()} == {"ann"}
    assert {row["campaign_id"] for row in found.values()} == {"SOLAR"}


def test_a_full_counter_goes_to_quarantine_alone(tmp_path: Path) -> None:
    """From 65,000 s on nobody knows; the other parts of the same cycle are right and stay."""
    made = dialler()
    made.cycle(1, "ann", AT, (65_535, 20, 30, 5, 0))
    made.cycle(2, "ann", AT, (64_999, 0, 0, 0, 0))
    result = staged(tmp_path, made)
    found = result.rows("agent_time")
    assert sorted(found) == ["1-dispo", "1-talk", "1-wait", "2-pause"]
    assert found["1-wait"]["started_at"].timestamp() - utc(AT).timestamp() == 65_535
    assert result.problems("agent_time") == [
        "a part of 65000 seconds or more: the counter was full, and nobody knows how long it was"
    ]


def test_epochs_may_be_missing(tmp_path: Path) -> None:
    """Then each part follows the one before it, from the wall clock on."""
    made = dialler()
    none = {f"{part}_epoch": 0 for part in ("pause", "wait", "talk", "dispo")}
    made.cycle(1, "ann", AT, (10, 20, 30, 40, 0), **none)
    found = staged(tmp_path, made).rows("agent_time")
    assert [found[f"1-{part}"]["started_at"] for part in ("pause", "wait", "talk", "dispo")] == [
        utc("2026-01-05 10:00:00"), utc("2026-01-05 10:00:10"), utc("2026-01-05 10:00:30"),
        utc("2026-01-05 10:01:00"),
    ]  # fmt: skip


def test_damaged_cycles_are_kept_with_their_reason(tmp_path: Path) -> None:
    """No agent, no name, no time; nothing of theirs is lost."""
    made = dialler()
    made.cycle(1, "", AT, (10, 0, 0, 0, 0))
    made.cycle(2, "ann", AT, (0, 0, 0, 0, 0))
    made.add("vicidial_agent_log", {"user": "ann", "event_time": AT, "pause_sec": 5})
    made.add("vicidial_agent_log", {"agent_log_id": 4, "user": "ann", "event_time": "?",
                                    "wait_sec": 5})  # fmt: skip
    result = staged(tmp_path, made)
    assert result.rows("agent_time") == {}
    assert sorted(result.problems("agent_time")) == [
        "missing agent_log_id", "no agent", "unreadable event_time", "unreadable event_time",
    ]  # fmt: skip


def test_pause_codes_say_what_is_billed(tmp_path: Path) -> None:
    """By campaign; HALF is neither; work for a campaign is billed."""
    made = dialler()
    for code, billable in (("TRAIN", "YES"), ("LUNCH", "NO"), ("MEET", "HALF")):
        made.add("vicidial_pause_codes", {"pause_code": code, "billable": billable,
                                          "campaign_id": "SOLAR"})  # fmt: skip
    for number, code in enumerate(("train", "LUNCH", "MEET", "", "ODD"), 1):
        made.cycle(number, "ann", AT, (10, 5, 0, 0, 0), sub_status=code)
    made.cycle(6, "ann", AT, (10, 0, 0, 0, 0), sub_status="TRAIN", campaign_id="OTHER")
    result = staged(tmp_path, made)
    found = result.rows("agent_time")
    assert [found[f"{number}-pause"]["billable"] for number in range(1, 7)] == [
        True, False, None, None, None, None,
    ]  # fmt: skip
    assert found["2-wait"]["billable"] is True
    assert found["1-pause"]["paid"] is None
    assert "1 pauses are half billable" in result.notes
    paid = staged(tmp_path, made, paid="billable").rows("agent_time")
    assert [paid[name]["paid"] for name in ("1-pause", "2-pause", "2-wait")] == [True, False, True]
    paid = staged(tmp_path, made, paid="all").rows("agent_time")
    assert {row["paid"] for row in paid.values()} == {True}


def test_user_groups_are_teams(tmp_path: Path) -> None:
    """By the group's name, or its code where nobody named it; the dialler is no agent."""
    made = dialler()
    made.add("vicidial_users", {"user": "VDAD", "full_name": "Outbound auto dial"})
    made.add("vicidial_users", {"user": "zoe", "full_name": "Zoë", "user_group": ""})
    agents = staged(tmp_path, made).rows("agents")
    told = {user: (row["name"], row["team"]) for user, row in agents.items()}
    assert told == {
        "ann": ("Ann Lee", "East wing"),
        "bob": ("Bob Ray", "WEST"),
        "zoe": ("Zoë", None),
    }


def test_leads_are_as_they_are_now(tmp_path: Path) -> None:
    """Where they came from, whose list they are on, where they live; no name and no number."""
    made = dialler()
    made.add(
        "vicidial_list",
        {"lead_id": 1, "entry_date": "2026-07-01 09:00:00", "status": "DC", "list_id": 101,
         "source_id": "web", "phone_code": "44", "phone_number": "2079460000", "rank": 5,
         "country_code": "GBR", "gmt_offset_now": "1.00", "owner": "EAST", "called_count": 3,
         "vendor_lead_code": "V-7", "province": "London"},
        {"lead_id": 2, "entry_date": "0000-00-00 00:00:00", "list_id": 101},
        {"lead_id": 3, "entry_date": AT, "list_id": 999, "country_code": "XYZ",
         "phone_number": "2125550101", "status": "NEW"},
    )  # fmt: skip
    result = staged(tmp_path, made)
    leads = result.rows("leads")
    london = leads["1"]
    # 9:00 in a New York summer is 13:00 UTC, whatever gmt_offset_now says today
    assert london["created_at"].isoformat() == "2026-07-01T13:00:00+00:00"
    assert (london["lead_source"], london["list_id"]) == ("web", "101")
    assert (london["campaign_id"], london["country"]) == ("SOLAR", "GB")
    assert (london["region"], london["timezone"]) == ("London", "Europe/London")
    assert london["invalid"] is True
    assert json.loads(london["attributes"]) == {
        "status": "DC", "called_count": "3", "rank": "5", "owner": "EAST",
        "vendor_lead_code": "V-7",
    }  # fmt: skip
    assert (leads["3"]["campaign_id"], leads["3"]["country"]) == (None, None)
    assert leads["3"]["invalid"] is False
    assert result.problems("leads") == ["unreadable entry_date"]
    named = staged(tmp_path, made, lead_source="list_name", region="US").rows("leads")
    assert [named[lead]["lead_source"] for lead in ("1", "3")] == ["May", None]
    assert named["3"]["country"] == "US"


def test_a_lead_tells_where_its_calls_went(tmp_path: Path) -> None:
    """Its state comes before the number's: mobile numbers are ported and carried away."""
    made = dialler()
    made.add("vicidial_list", {"lead_id": 1, "entry_date": AT, "state": "TX"})
    made.call("1.1", AT)
    made.call("1.2", AT, lead_id=2)
    calls = staged(tmp_path, made).rows("calls")
    assert [calls[name]["region"] for name in ("1.1", "1.2")] == ["TX", "New York, NY"]


def test_unworkable_is_flagged_by_campaign(tmp_path: Path) -> None:
    """A list belongs to a campaign, and that one's statuses count."""
    made = dialler()
    made.add("vicidial_campaign_statuses", status("GONE", "unworkable", campaign_id="SOLAR"))
    for lead, place in ((1, 101), (2, 102)):
        made.add("vicidial_list", {"lead_id": lead, "entry_date": AT, "list_id": place,
                                   "status": "gone"})  # fmt: skip
    made.add("vicidial_lists", {"list_id": 102, "campaign_id": "OTHER"})
    leads = staged(tmp_path, made).rows("leads")
    assert leads["1"]["invalid"] is True
    assert leads["2"]["invalid"] is True  # every campaign that has it agrees


def test_campaigns_and_in_groups(tmp_path: Path) -> None:
    """An in-group may have a campaign's name, so it is marked as one."""
    made = dialler()
    made.add("vicidial_inbound_groups", {"group_id": "SOLAR", "group_name": "Solar line"})
    campaigns = staged(tmp_path, made).rows("campaigns")
    assert {key: row["name"] for key, row in campaigns.items()} == {
        "SOLAR": "Solar panels",
        "ingroup:HELP": "Help line",
        "ingroup:SOLAR": "Solar line",
    }


def test_countries_are_those_of_unicode() -> None:
    """Three letters mean what the Unicode project's table says."""
    aliases = get_global("territory_aliases")
    assert len(COUNTRIES) > 240
    assert {three: aliases[three][0] for three in COUNTRIES} == dict(COUNTRIES)
