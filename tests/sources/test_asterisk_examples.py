"""Do the examples of the documentation come out as it says?"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from asterisk_files import KEY, Leg, csv_line, read, utc, write
from dialgauge.intake import take_in
from dialgauge.lake import Lake
from dialgauge.sources.asterisk import stage
from dialgauge.sources.asterisk.options import Options
from dialgauge.sources.base import Request

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples" / "asterisk"
LINE = ("call_id", "started_at", "direction", "disposition", "ring_s", "phone_token")


def test_the_folder_comes_out_as_its_readme_says() -> None:
    """Nine dials, five answered, 392 s of talk; three queue calls; two damaged rows."""
    found = read(EXAMPLES / "log")
    assert Counter((call["direction"], call["result"]) for call in found.calls) == {
        ("outbound", "answered"): 5,
        ("outbound", "no_answer"): 2,
        ("outbound", "busy"): 1,
        ("outbound", "failed"): 1,
        ("internal", "answered"): 1,
        ("inbound", "human"): 1,
        ("inbound", "abandoned"): 1,
        ("inbound", "failed"): 1,
    }
    outbound = [call for call in found.calls if call["direction"] == "outbound"]
    assert sum(call["talk_s"] for call in outbound) == 392
    assert len(found.problems) == 2
    assert len(found.time) == 6
    assert any("went past the queues" in note for note in found.notes)


@pytest.mark.parametrize("path", ["log/cdr-custom/Master.csv", "freepbx/cdr.csv"])
def test_the_other_forms_tell_the_same(path: str) -> None:
    """The other order and the export of FreePBX hold the same lines."""
    expected = read(EXAMPLES / "log" / "cdr-csv" / "Master.csv").calls
    found = read(EXAMPLES / path).calls
    if "custom" in path:  # the sample of cdr_custom has no linkedid, so nothing joins other legs
        expected = [{**call, "call_id": ""} for call in expected]
        found = [{**call, "call_id": ""} for call in found]
    assert [[call[name] for name in LINE] for call in found] == [
        [call[name] for name in LINE] for call in expected
    ]


def test_every_option_is_documented() -> None:
    """The table of options names each of them."""
    page = (ROOT / "docs" / "asterisk.md").read_text(encoding="utf-8")
    table = page.partition("## Options")[2]
    for name in Options.__slots__:
        assert name in table


def test_a_queue_log_imported_later_completes_the_same_call(tmp_path: Path) -> None:
    """The CDR first, its queue_log the next day: one call, with both what they know."""
    begin = 1767607200  # 2026-01-05 10:00:00 UTC
    leg = Leg(
        ring=0,
        duration=90,
        src="15551234567",
        dst="600",
        dcontext="from-trunk",
        channel="PJSIP/provider-0000001a",
        dstchannel="PJSIP/101-0000001b",
        lastapp="Queue",
    )
    cdr = write(tmp_path / "Master.csv", [csv_line(leg)])
    queue = write(
        tmp_path / "queue_log",
        [
            f"{begin + 3}|{begin}.26|sales|NONE|ENTERQUEUE||15551234567|1",
            f"{begin + 33}|{begin}.26|sales|PJSIP/101|CONNECT|30|{begin + 20}.27|10",
            f"{begin + 90}|{begin}.26|sales|PJSIP/101|COMPLETECALLER|30|57|1",
        ],
    )
    lake = Lake.create(str(tmp_path / "lake"))
    for path, loaded, updated in ((cdr, 1, 0), (queue, 0, 1), (queue, 0, 0)):
        report = take_in(lake, stage, Request(paths=(path,), phone_key=KEY))
        counts = report.tables["calls"]
        assert (counts.loaded, counts.updated, counts.quarantined) == (loaded, updated, 0)
    files = [file.path for file in lake.snapshot().files["calls"]]
    con = lake.connect()
    row = con.execute(
        "SELECT call_id, wait_s, talk_s, result, agent_id, campaign_id, contact, ended_at "
        "FROM read_parquet(?)",
        [files],
    ).fetchall()
    con.close()
    ended = utc("2026-01-05 10:01:30")
    assert row == [(f"{begin}.26", 30, 57, "human", "101", "sales", True, ended)]
