"""Does every event that is kept become a row or a refused row, whatever it holds?"""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest

from dialgauge.accounts import Connected
from dialgauge.intake import Counts
from dialgauge.lake import QUARANTINE, Lake, view
from dialgauge.syncing.feed import Round, read_feed
from dialgauge.syncing.feeds import hook_feed
from dialgauge.syncing.hooklog import HookLog
from dialgauge.syncing.hooks import Sent, events_in
from dialgauge.tables import TABLES

CALL = {"call_id": "c1", "started_at": "2026-01-05T09:00:00Z", "direction": "outbound"}


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """Make an empty lake."""
    return Lake.create(str(tmp_path / "lake"))


def keep(lake: Lake, *bodies: str, name: str = "dialler", system: str = "files") -> None:
    """Let bodies arrive that were signed right."""
    log = HookLog(Path(lake.layout.sync(name), "hook", "log"))
    for body in bodies:
        sent = Sent(url="", headers={"content-type": "application/json"}, body=body.encode(), now=0)
        log.append(events_in(system, sent))
    log.close()


def taken(lake: Lake, **said: Any) -> Counts:
    """Take in what has arrived."""
    account = Connected(
        **{"name": "dialler", "system": "files", "table": "calls", "hook": True, **said}
    )
    outcome = read_feed(lake, hook_feed(lake, account), Round())
    assert outcome.status.error == ""
    return outcome.status.counts


def calls(lake: Lake, columns: str = "call_id, result") -> list[tuple[Any, ...]]:
    """Read the calls."""
    with contextlib.closing(lake.connect()) as con:
        seen = view(con, lake.snapshot(), TABLES["calls"])
        return con.execute(f"SELECT {columns} FROM {seen} ORDER BY ALL").fetchall()


def test_a_disposition_that_comes_later_completes_its_call(lake: Lake) -> None:
    """The later event of a key wins; the order in which they came counts."""
    keep(lake, json.dumps(CALL), json.dumps({**CALL, "call_id": "c2", "result": "busy"}))
    assert taken(lake) == Counts(read=2, loaded=2)
    keep(lake, json.dumps({**CALL, "result": "human"}))
    assert taken(lake) == Counts(read=1, updated=1)
    assert calls(lake) == [("c1", "human"), ("c2", "busy")]
    assert taken(lake) == Counts()


def test_the_same_event_again_changes_nothing(lake: Lake) -> None:
    """A sender that never heard our answer sends it again."""
    keep(lake, json.dumps(CALL))
    assert taken(lake) == Counts(read=1, loaded=1)
    keep(lake, json.dumps(CALL), json.dumps(CALL))
    assert taken(lake) == Counts(read=2, unchanged=2)


def test_a_mapping_says_what_the_keys_mean(lake: Lake, tmp_path: Path) -> None:
    """Also where no event of a round has a key that it names."""
    mapping = tmp_path / "dialler.toml"
    mapping.write_text(
        'table = "calls"\n[columns]\ncall_id = "id"\nstarted_at = "at"\n'
        'direction = { value = "outbound" }\n'
        'agent_id = { expression = "lower(Who)" }\n',
        encoding="utf-8",
    )
    event = {"id": "c1", "at": "2026-01-05T09:00:00Z", "who": "Ann"}
    keep(lake, json.dumps(event))
    assert taken(lake, mapping=mapping) == Counts(read=1, loaded=1)
    keep(lake, json.dumps({"id": "c2", "at": "2026-01-05T09:00:00Z"}))
    assert taken(lake, mapping=mapping) == Counts(read=1, loaded=1)
    keep(lake, json.dumps({"ID": "c3", "AT": "2026-01-05T09:00:00Z", "WHO": "Ben"}))
    assert taken(lake, mapping=mapping) == Counts(read=1, loaded=1)
    assert calls(lake, "call_id, agent_id") == [("c1", "ann"), ("c2", None), ("c3", "ben")]


ODD = (
    '{"call_id": "nul\\u0000"}',
    '{"call_id": "\\ud800"}',
    '{"call_id": null}',
    '{"call_id": {"a": [1, 2]}, "started_at": [], "direction": 7}',
    '{"call_id": 1e400, "started_at": 1e308, "talk_s": 123456789012345678901234567890}',
    '{"CALL_ID": "b", "Started_At": "2026-01-05T09:00:00Z", "": 1}',
    '{"unknown": true}',
    '{"call_id": "x", "started_at": "99999-01-01", "talk_s": "-1"}',
    json.dumps({"call_id": "deep", "extra": json.loads("[" * 300 + "]" * 300)}),
    json.dumps({"call_id": "long" * 100_000, "k" * 1_000: "v"}),
    json.dumps({f"key{number}": number for number in range(2_000)}),
    '{"call_id": "q\\"uo\\te\\n\\r\\u2028, \\u001c\\u001d\\u001e\\u001f"}',
)


@pytest.mark.parametrize("body", ODD)
def test_no_event_stops_those_behind_it(lake: Lake, body: str) -> None:
    """It becomes a row or is refused with a reason, and the next one is taken in."""
    keep(lake, body, json.dumps(CALL))
    counts = taken(lake)
    assert counts.read == 2
    assert ("c1", None) in calls(lake)
    with contextlib.closing(lake.connect()) as con:
        seen = view(con, lake.snapshot(), QUARANTINE)
        refused = con.execute(f"SELECT reason, file FROM {seen}").fetchall()
    assert len(refused) == counts.quarantined
    assert {file for _, file in refused} <= {"dialler/events.jsonl"}


def test_what_cannot_be_taken_in_stays_until_it_can(lake: Lake) -> None:
    """A table that nobody knows: all is kept, and taken in once the settings are right."""
    keep(lake, json.dumps(CALL))
    account = Connected(name="dialler", system="files", hook=True, table="cals")
    outcome = read_feed(lake, hook_feed(lake, account), Round())
    assert outcome.status.error.startswith("unknown table 'cals'; did you mean 'calls'?")
    assert taken(lake) == Counts(read=1, loaded=1)
    assert list(Path(lake.layout.sync("dialler"), "hook").rglob("*.log")) == []
