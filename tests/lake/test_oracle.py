"""Does any sequence of batches leave what a plain dictionary would hold?"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from visits import VISITS, at, content, new_lake, on_disk, paths, put

_BEGAN = [at(text) for text in ("2026-01-31 23:59:59.999999", "2026-02-01", "2026-02-28 12:00")]
_ROWS = st.fixed_dictionaries(
    {
        "visit_id": st.sampled_from("abcdef"),
        "began_at": st.sampled_from(_BEGAN),
        "place_id": st.sampled_from(["p", "q", None]),
        "cost": st.sampled_from([1, None]),
    }
)
_PRESENT = st.sampled_from(
    [("visit_id", "began_at", "place_id", "cost"), ("visit_id", "began_at", "cost")]
)
_BATCH = st.tuples(st.lists(_ROWS, max_size=8), _PRESENT)
_STEP = st.one_of(_BATCH, st.just("compact"), st.just("back"), st.just("vacuum"))


def _expected(
    state: dict[str, dict[str, Any]], rows: list[dict[str, Any]], present: tuple[str, ...]
) -> tuple[dict[str, dict[str, Any]], tuple[int, int, int]]:
    """Apply a batch to a dictionary, and count as the design says."""
    last = {row["visit_id"]: number for number, row in enumerate(rows)}
    loaded = updated = unchanged = 0
    after = dict(state)
    for number, row in enumerate(rows):
        key = row["visit_id"]
        said = {name: row[name] for name in present}
        if number != last[key]:
            same = all(rows[last[key]][name] == row[name] for name in present)
            updated, unchanged = updated + (not same), unchanged + same
        elif key not in state:
            loaded += 1
            after[key] = {"place_id": None, "cost": None} | said
        elif state[key] | said == state[key]:
            unchanged += 1
        else:
            updated += 1
            after[key] = state[key] | said
    return after, (loaded, updated, unchanged)


@given(st.lists(_STEP, max_size=6))
@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
def test_random_batches_agree_with_a_dictionary(steps: list[Any]) -> None:
    """Contents, counts, older states and the files on the disk are right after every step."""
    with tempfile.TemporaryDirectory() as folder:
        lake = new_lake(Path(folder) / "lake")
        state: dict[str, dict[str, Any]] = {}
        states = {0: state}
        for step in steps:
            if step == "compact":
                lake.compact()
            elif step == "vacuum":
                lake.vacuum(0)
                states = {lake.snapshot().version: state}
            elif step == "back":
                version = min(states)
                lake.restore(version)
                state = states[version]
            else:
                rows, present = step
                rows = [{name: row[name] for name in present} for row in rows]
                state, counts = _expected(state, rows, present)
                assert put(lake, VISITS, rows, present) == counts
            states[lake.snapshot().version] = state
            assert content(lake, VISITS) == state
        for version, old in states.items():
            assert content(lake, VISITS, version) == old
        lake.vacuum(0)
        assert on_disk(lake) == paths(lake, VISITS)
