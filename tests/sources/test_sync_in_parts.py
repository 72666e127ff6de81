"""Does a dialler make the same lake in whatever parts it is read?"""

from __future__ import annotations

import contextlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from running_mariadb import Server
from test_vicidial_fetch import busy_days
from vicidial_tables import account, fill

from dialgauge.config import read as read_settings
from dialgauge.lake import QUARANTINE, Lake, view
from dialgauge.syncing.feed import Round, read_feed
from dialgauge.syncing.feeds import feeds_of
from dialgauge.tables import TABLES

DATABASE = "in_parts"


@pytest.fixture
def lake(mariadb: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lake:
    """Connect a VICIdial with four busy days."""
    fill(mariadb, DATABASE, busy_days().tables)
    known = account(mariadb, DATABASE)
    monkeypatch.setenv("DIALGAUGE_PBX_PASSWORD", known.secret("password"))
    (tmp_path / "dialgauge.toml").write_text(
        f'[sources.pbx]\nsystem = "vicidial"\ntimezone = "America/New_York"\n'
        f"url = {json.dumps(known.settings['url'])}\n",
        encoding="utf-8",
    )
    return Lake.create(str(tmp_path))


def everything(lake: Lake) -> dict[str, list[tuple[Any, ...]]]:
    """Read all tables."""
    found = {}
    with contextlib.closing(lake.connect()) as con:
        for name in ("calls", "agent_time", "leads", "agents", "campaigns"):
            seen = view(con, lake.snapshot(), TABLES[name])
            found[name] = con.execute(f"SELECT * FROM {seen} ORDER BY ALL").fetchall()
        seen = view(con, lake.snapshot(), QUARANTINE)
        found["quarantine"] = con.execute(f"SELECT reason FROM {seen} ORDER BY ALL").fetchall()
    return found


def test_many_parts_make_the_same_lake_as_one(lake: Lake, tmp_path: Path) -> None:
    """Calls that cross the end of a part are whole, whether it ends by size or by a crash."""
    config = read_settings(tmp_path / "dialgauge.toml")
    (feed,) = feeds_of(lake, config.sources)
    other = Lake.create(str(tmp_path / "other"))
    shutil.copy(lake.layout.phone_key, other.layout.phone_key)  # or tokens differ
    (again,) = feeds_of(other, config.sources)
    assert read_feed(lake, feed, Round()).error is None
    assert read_feed(other, again, Round(most_rows=1)).error is None
    assert len(other.history()) > len(lake.history())
    assert everything(other) == everything(lake)
    assert everything(lake)["agent_time"] != []
