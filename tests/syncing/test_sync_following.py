"""Does the service follow dialgauge.toml while it runs?"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from dialgauge import config
from dialgauge.lake import Lake
from dialgauge.syncing import service
from dialgauge.syncing.feed import Outcome, Round
from dialgauge.syncing.following import Following
from dialgauge.syncing.hooklog import HookLog

LONG_S = 30.0


class Service:
    """A service that reads what is sent, and what it has told."""

    def __init__(self, root: Path) -> None:
        """Make a lake and its settings."""
        self.file = root / "dialgauge.toml"
        self.lake = Lake.create(str(root / "lake"))
        self.rounds: list[tuple[str, str, int]] = []
        self.said: list[str] = []

    def write(self, tables: Mapping[str, str], more: str = "") -> None:
        """Write the settings: each source with the table of its events."""
        parts = [
            f'[sources.{name}]\nsystem = "files"\ntable = "{table}"\nhook = true\n'
            for name, table in tables.items()
        ]
        draft = self.file.with_suffix(".draft")
        draft.write_text("".join(['lake = "lake"\n', *parts, more]), encoding="utf-8")
        draft.replace(self.file)

    def send(self, name: str, *calls: str) -> None:
        """Let calls be sent to a source."""
        log = HookLog(Path(self.lake.layout.sync(name), "hook", "log"))
        at = "2026-01-05T09:00:00Z"
        log.append([json.dumps({"call_id": call, "started_at": at}) for call in calls])
        log.close()

    def until(self, holds: Callable[[], object]) -> None:
        """Wait until something holds."""
        give_up = time.monotonic() + LONG_S
        while not holds():
            assert time.monotonic() < give_up, (self.rounds, self.said)
            time.sleep(0.01)

    def names(self, since: int = 0) -> set[str]:
        """Return who was read since some round."""
        return {name for name, _, _ in self.rounds[since:]}

    def some_rounds(self) -> None:
        """Wait until there have been some more rounds."""
        enough = len(self.rounds) + 3
        self.until(lambda: len(self.rounds) >= enough)

    @contextmanager
    def running(self, *names: str, every_s: float = 0.05) -> Iterator[None]:
        """Run it until the block ends."""
        asked = Round()
        following = Following(
            lake=self.lake, config=config.read(self.file), names=names, say=self.said.append
        )

        def told(outcome: Outcome) -> None:
            status = outcome.status
            self.rounds.append((status.name, status.error, status.counts.read))

        thread = threading.Thread(
            target=service.again_and_again, args=(self.lake, following, asked, every_s, told)
        )
        thread.start()
        try:
            yield
        finally:
            asked.stop.set()
            thread.join(LONG_S)
        assert not thread.is_alive()
        assert not service.hangs()


@pytest.fixture
def served(tmp_path: Path) -> Service:
    """Make a service that is not running yet."""
    return Service(tmp_path)


def test_new_sources_begin_and_removed_ones_end(served: Service) -> None:
    """Without a new start, and without a word about those that stay."""
    served.write({"pbx": "calls", "old": "calls"})
    with served.running():
        served.until(lambda: served.names() == {"pbx", "old"})
        served.send("crm", "c1")
        served.write({"pbx": "calls", "crm": "calls"})
        served.until(lambda: ("crm", "", 1) in served.rounds)
        since = len(served.rounds)
        served.until(lambda: len(served.rounds) > since + 4)
        assert served.names(since) == {"pbx", "crm"}
    assert served.said == [f"{served.file} has changed: crm (events) begins, old (events) ends"]


def test_a_broken_file_stops_nobody_and_is_told_once(served: Service) -> None:
    """What it said before holds; once it can be read again it holds, and may break again."""
    served.write({"pbx": "calls"})
    with served.running():
        for _ in range(2):
            served.write({"pbx": "calls"}, "= 1\n")
            served.until(lambda: "is not TOML" in "".join(served.said[-1:]))
            served.some_rounds()
            served.write({"pbx": "calls"})
            served.some_rounds()
            served.said.append("mended")
        served.file.unlink()
        served.until(lambda: len(served.said) == 5)
        assert served.names() == {"pbx"}
    first, _, second, _, last = served.said
    assert first == second
    assert first.startswith(f"{served.file} is not TOML in UTF-8: ")
    assert first.endswith("; what it said before holds until it is mended")
    assert last.startswith(f"{served.file} cannot be read: ")


def test_new_settings_are_tried_at_once(served: Service) -> None:
    """Also where a source has failed and is to be asked again only much later."""
    served.send("pbx", "c1")
    served.write({"pbx": "cals"})
    with served.running(every_s=1.0):
        served.until(lambda: len(served.rounds) > 1)
        served.write({"pbx": "calls"})
        begun = time.monotonic()
        served.until(lambda: ("pbx", "", 1) in served.rounds)
        assert time.monotonic() - begun < 3  # else four seconds after the second failure
    assert "unknown table 'cals'" in served.rounds[0][1]
    assert served.said == [f"{served.file} has changed: pbx (events) has new settings"]


def test_only_chosen_sources_are_followed(served: Service) -> None:
    """Names on the command line hold: others do not begin, and the chosen one may come back."""
    served.write({"pbx": "calls", "old": "calls"})
    with served.running("pbx"):
        served.until(served.names)
        served.write({"old": "calls", "new": "calls"})
        served.until(lambda: served.said)
        time.sleep(0.2)
        since = len(served.rounds)
        time.sleep(0.2)
        assert len(served.rounds) == since
        served.write({"pbx": "calls"})
        served.until(lambda: len(served.rounds) > since)
        assert served.names() == {"pbx"}
    assert served.said == [
        f"{served.file} has changed: pbx (events) ends",
        f"{served.file} has changed: pbx (events) begins",
    ]


def test_another_lake_needs_a_new_start(served: Service) -> None:
    """Rows never go into two lakes by halves."""
    served.write({"pbx": "calls"})
    with served.running():
        served.until(served.names)
        served.file.write_text('lake = "elsewhere"\n', encoding="utf-8")
        served.until(lambda: served.said)
        served.some_rounds()
    (said,) = served.said
    assert said == (
        f"{served.file} names another lake, '{served.file.parent / 'elsewhere'}'; end the service "
        "and start it again to read into that one; what it said before holds until it is mended"
    )


def test_rules_that_changed_hold_from_the_next_round(served: Service) -> None:
    """The version that a round makes is prepared under them."""
    served.write({"pbx": "calls"})
    with served.running():
        served.send("pbx", "c1")
        served.until(lambda: ("pbx", "", 1) in served.rounds)
        served.write({"pbx": "calls"}, "[rules]\nattribution_days = 7\n")
        time.sleep(0.3)
        served.send("pbx", "c2", "c3")
        served.until(lambda: ("pbx", "", 2) in served.rounds)
    rules = served.lake.snapshot().manifest.details["rules"]
    assert isinstance(rules, dict)
    assert rules["attribution_days"] == 7
