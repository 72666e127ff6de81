"""What happens when writers die, meet, or are watched?"""

from __future__ import annotations

import contextlib
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dialgauge.errors import LakeError
from dialgauge.lake import Lake
from visits import PLACES, VISITS, content, new_lake, on_disk, paths
from write_visits import SIZE, batch, write

_SCRIPT = Path(__file__).parents[1] / "write_visits.py"


@contextlib.contextmanager
def _writer(lake: Lake, *numbers: int) -> Iterator[subprocess.Popen[str]]:
    """Start a process that will write batches once it is sent a line."""
    command = [sys.executable, str(_SCRIPT), lake.path, *map(str, numbers)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        try:
            yield process
        finally:
            process.kill()


def _go(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


def _seconds(process: subprocess.Popen[str]) -> float:
    assert process.stdout is not None
    return float(process.stdout.readline())


def _expected(numbers: list[int]) -> tuple[dict[str, str], dict[str, float]]:
    visits: dict[str, str] = {}
    places: dict[str, float] = {}
    for number in numbers:
        new_visits, new_places = batch(number)
        visits |= {row["visit_id"]: row["place_id"] for row in new_visits}
        places |= {row["place_id"]: row["stars"] for row in new_places}
    return visits, places


def _found(lake: Lake) -> tuple[dict[str, str], dict[str, float]]:
    visits = {key: row["place_id"] for key, row in content(lake, VISITS).items()}
    places = {key: row["stars"] for key, row in content(lake, PLACES).items()}
    return visits, places


def _check_kills(folder: Path, attempts: int) -> None:
    lake = new_lake(folder)
    chance = random.Random(7)
    done: list[int] = []
    with _writer(lake, 0) as process:
        _go(process)
        whole = _seconds(process)
        done.append(0)
    for number in range(1, attempts + 1):
        with _writer(lake, number) as process:
            _go(process)
            time.sleep(chance.random() * whole * 1.1)
            process.kill()
        # A reader may come before anybody has tidied up.
        assert _found(lake) in (_expected(done), _expected([*done, number]))
        write(lake, number)
        done.append(number)
        assert _found(lake) == _expected(done)
    lake.vacuum(0)
    assert on_disk(lake) == paths(lake, VISITS) | paths(lake, PLACES)
    assert not Path(lake.layout.pending).exists()
    assert list(Path(lake.layout.scratch).iterdir()) == []
    leftovers = [path.name for path in Path(lake.layout.hidden).rglob("*.draft")]
    assert leftovers == []


def test_a_kill_at_any_moment_loses_and_doubles_nothing(tmp_path: Path) -> None:
    """After a kill a reader sees all of the batch or nothing; writing it again completes it."""
    _check_kills(tmp_path / "lake", 12)


@pytest.mark.long
def test_many_kills_lose_and_double_nothing(tmp_path: Path) -> None:
    """The same, at two hundred moments."""
    _check_kills(tmp_path / "lake", 200)


def test_two_writers_at_once_both_land(tmp_path: Path) -> None:
    """Processes that write at the same time wait for each other, and no batch is lost."""
    lake = new_lake(tmp_path / "lake")
    with _writer(lake, 0, 4, 8) as one, _writer(lake, 2, 6, 10) as two:
        _go(one)
        _go(two)
        _seconds(one)
        _seconds(two)
    assert _found(lake) == _expected([0, 2, 4, 6, 8, 10])
    assert lake.snapshot().version == 6


def test_a_reader_always_sees_whole_states(tmp_path: Path) -> None:
    """While a writer publishes, visits and places of every state seen belong together."""
    lake = new_lake(tmp_path / "lake")
    seen = set()
    with _writer(lake, *range(8)) as process:
        _go(process)
        while process.poll() is None and lake.snapshot().version < 8:
            snapshot = lake.snapshot()
            seen.add(snapshot.version)
            rows = (snapshot.rows(VISITS), snapshot.rows(PLACES))
            expected = SIZE * (snapshot.version + 1) // 2 if snapshot.version else 0
            assert rows == (expected, expected)
            state = content(lake, VISITS, snapshot.version), content(lake, PLACES, snapshot.version)
            assert {key[1:] for key in state[0]} == {key[1:] for key in state[1]}
        _seconds(process)
    assert _found(lake) == _expected(list(range(8)))
    assert len(seen) > 1


def test_who_waits_too_long_is_told_who_is_in_the_way(tmp_path: Path) -> None:
    """A second writer says once that it waits, then names process, operation and time."""
    lake = new_lake(tmp_path / "lake")
    told: list[str] = []
    write_again: Callable[[], contextlib.AbstractContextManager[object]] = lambda: lake.write(  # noqa: E731
        "second", waiting=told.append, timeout=0.3
    )
    with (
        lake.write("a long import"),
        pytest.raises(LakeError, match=r"'a long import' since 20.*waited 0.3 seconds"),
        write_again(),
    ):
        pass
    assert len(told) == 1
    assert "waiting for process" in told[0]
    with write_again():
        pass
    assert len(told) == 1
