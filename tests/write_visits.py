"""Write batch after batch into a lake; run by tests as a process of its own, to be killed.

Batch number n holds `SIZE` visits in three months and as many places; places and visits of a batch
say its number. Each batch changes half of the visits before it.
"""

from __future__ import annotations

import contextlib
import sys
import time

from dialgauge.lake import Lake
from visits import PLACES, VISITS, Row, add, open_lake, place, visit

SIZE = 60


def batch(number: int) -> tuple[list[Row], list[Row]]:
    """Make the visits and places of a batch."""
    first = number * SIZE // 2
    visits = [
        visit(f"v{key}", f"2026-{key % 3 + 1:02d}-05", f"from {number}")
        for key in range(first, first + SIZE)
    ]
    places = [place(f"p{key}", number) for key in range(first, first + SIZE)]
    return visits, places


def write(lake: Lake, number: int) -> None:
    """Store a batch: two tables in one change."""
    visits, places = batch(number)
    with contextlib.closing(lake.connect()) as con, lake.write(f"batch {number}") as change:
        add(con, change, VISITS, visits)
        add(con, change, PLACES, places)
        change.publish({"number": number})


def main() -> None:
    """Say that everything is loaded, wait for a word, write the batches, tell the seconds."""
    folder, *numbers = sys.argv[1:]
    lake = open_lake(folder)
    print("ready", flush=True)  # noqa: T201 - the test waits for it
    sys.stdin.readline()
    start = time.perf_counter()
    for number in numbers:
        write(lake, int(number))
    print(time.perf_counter() - start, flush=True)  # noqa: T201 - the test reads it


if __name__ == "__main__":
    main()
