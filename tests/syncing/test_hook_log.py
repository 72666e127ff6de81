"""Is what was kept still there after a crash, whole and once?"""

from __future__ import annotations

import json
import resource
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgauge.errors import LakeError
from dialgauge.sources.live import Page, Span
from dialgauge.syncing import hooklog
from dialgauge.syncing.hooklog import HookLog


def read(folder: Path, **cursors: str) -> list[Page]:
    """Read what is behind some cursors."""
    return list(hooklog.pages(folder, Span(cursors=cursors), "files"))


def events(pages: list[Page]) -> list[str]:
    """List the events of pages."""
    return [event for page in pages for event in page.rows["event"].to_pylist()]


def moved(pages: list[Page]) -> dict[str, str]:
    """Say where reading goes on."""
    return {stream: where for page in pages for stream, where in page.cursors.items()}


def segment(folder: Path) -> Path:
    """Find the one segment."""
    (found,) = folder.glob("*.log")
    return found


def test_events_are_read_in_the_order_they_came(tmp_path: Path) -> None:
    """Also while somebody still writes; each once."""
    log = HookLog(tmp_path)
    log.append(["1", "2"])
    first = read(tmp_path)
    assert events(first) == ["1", "2"]
    log.append(["3"])
    second = read(tmp_path, **moved(first))
    assert events(second) == ["3"]
    assert read(tmp_path, **moved(second)) == []
    log.close()


def test_many_at_once_are_all_kept(tmp_path: Path) -> None:
    """Twenty threads, and nothing is lost between those that write together."""
    log = HookLog(tmp_path)

    def send(thread: int) -> None:
        for number in range(25):
            log.append([f"{thread}-{number}"])

    threads = [threading.Thread(target=send, args=(each,)) for each in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = events(read(tmp_path))
    assert sorted(found) == sorted(f"{t}-{n}" for t in range(20) for n in range(25))
    for each in range(20):
        assert [e for e in found if e.startswith(f"{each}-")] == [f"{each}-{n}" for n in range(25)]
    log.close()


def test_a_server_that_runs_for_long_lets_old_events_go(tmp_path: Path) -> None:
    """Another segment is begun after a while; the one before goes once it is in the lake."""
    log = HookLog(tmp_path, most_s=0)
    for event in ('{"who": "anna"}', '{"who": "bert"}'):
        log.append([event])
    assert len(list(tmp_path.glob("*.log"))) == 2
    pages = read(tmp_path)
    assert events(pages) == ['{"who": "anna"}', '{"who": "bert"}']
    hooklog.tidy(tmp_path, moved(pages))
    (left,) = tmp_path.glob("*.log")
    assert b"anna" not in left.read_bytes()
    log.close()


def test_a_segment_is_removed_when_nobody_writes_it_and_all_is_in_the_lake(tmp_path: Path) -> None:
    """Not before; a new process never writes where an old one did."""
    log = HookLog(tmp_path)
    log.append(["1"])
    kept = moved(read(tmp_path))
    assert hooklog.tidy(tmp_path, kept) == []
    assert len(list(tmp_path.glob("*.log"))) == 1
    log.close()
    assert hooklog.tidy(tmp_path, {}) == []
    assert len(list(tmp_path.glob("*.log"))) == 1
    after = HookLog(tmp_path)
    after.append(["2"])
    assert hooklog.tidy(tmp_path, kept) == list(kept)
    assert events(read(tmp_path)) == ["2"]
    assert hooklog.waiting(tmp_path, {})
    assert not hooklog.waiting(tmp_path, moved(read(tmp_path)))
    after.close()


@given(cut=st.integers(0, 200), rubbish=st.binary(max_size=60))
def test_a_torn_end_is_no_event(
    tmp_path_factory: pytest.TempPathFactory, cut: int, rubbish: bytes
) -> None:
    """Wherever a crash has torn it and whatever stands there: what is whole is read, no more."""
    folder = tmp_path_factory.mktemp("log")
    log = HookLog(folder)
    ends = []
    for number in range(3):
        log.append([f"event {number}"])
        ends.append(segment(folder).stat().st_size)
    log.close()
    path = segment(folder)
    whole = path.read_bytes()
    torn = whole[: min(cut, len(whole))]
    path.write_bytes(torn + rubbish)
    found = read(folder)
    there = [number for number, end in enumerate(ends) if end <= len(torn)]
    assert events(found)[: len(there)] == [f"event {number}" for number in there]
    if not whole.startswith(torn + rubbish):
        assert len(events(found)) == len(there)
    cursors = moved(found)
    assert hooklog.tidy(folder, cursors or {path.stem: str(path.stat().st_size)}) == [path.stem]


def test_an_end_that_is_still_being_written_is_waited_for(tmp_path: Path) -> None:
    """The reader stops before it, and finds it whole later."""
    log = HookLog(tmp_path)
    log.append(["1"])
    path = segment(tmp_path)
    whole = path.read_bytes()
    with path.open("ab") as file:
        file.write(whole[:20])
        file.flush()
        first = read(tmp_path)
        assert events(first) == ["1"]
        assert moved(first) == {path.stem: str(len(whole))}
        file.write(whole[20:])
    assert events(read(tmp_path, **moved(first))) == ["1"]
    log.close()


def test_damage_in_the_middle_takes_one_event_and_not_those_behind(tmp_path: Path) -> None:
    """A disk that turned a bit: all others are read."""
    log = HookLog(tmp_path)
    for number in range(5):
        log.append([json.dumps({"n": number})])
    log.close()
    path = segment(tmp_path)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))
    assert events(read(tmp_path)) == ['{"n": 0}', '{"n": 1}', '{"n": 3}', '{"n": 4}']


def test_what_cannot_be_written_is_not_received(tmp_path: Path) -> None:
    """The sender is told, and what comes later is kept in another segment."""
    log = HookLog(tmp_path)
    log.append(["1"])
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500, before[1]))  # as if the disk were full
    try:
        with pytest.raises(LakeError, match="what was sent cannot be kept: File too large"):
            log.append(["2" * 1_000])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert segment(tmp_path).stat().st_size == 500  # half of it is there
    log.append(["3"])
    assert events(read(tmp_path)) == ["1", "3"]
    log.close()


def test_only_its_owner_may_look_into_the_log(tmp_path: Path) -> None:
    """Events name people."""
    log = HookLog(tmp_path / "log")
    log.append(["1"])
    assert (tmp_path / "log").stat().st_mode & 0o777 == 0o700
    assert segment(tmp_path / "log").stat().st_mode & 0o777 == 0o600
    log.close()


def test_what_systems_sent_is_offered_to_their_sources_as_it_was(tmp_path: Path) -> None:
    """FreeSWITCH's records whole, Twilio's forms by their fields, each with when it came."""
    log = HookLog(tmp_path)
    log.append(['{"CallSid": "CA1", "To": "+1"}', '{"CallSid": "CA2", "received_at": "x"}'])
    (page,) = hooklog.pages(tmp_path, Span(), "twilio")
    assert page.stream == "twilio_status"
    assert page.rows.column_names == ["CallSid", "To", "received_at"]
    assert page.rows["To"].to_pylist() == ["+1", None]
    assert all(at.endswith("+00:00") for at in page.rows["received_at"].to_pylist())
    (page,) = hooklog.pages(tmp_path, Span(), "freeswitch")
    assert page.stream == "json_cdr"
    assert page.rows.column_names == ["event", "received_at"]
    assert page.rows["event"].to_pylist()[0] == '{"CallSid": "CA1", "To": "+1"}'
    log.close()
