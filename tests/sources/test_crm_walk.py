"""Is every change found, whatever happens meanwhile?"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgauge.errors import ServerError
from dialgauge.sources.crm.api import Row
from dialgauge.sources.crm.walk import Asking, walk


def asking(rows: Callable[[], Sequence[Row]], size: int) -> Asking:
    """Ask a list that is sorted by change only: rows of one instant come in any order."""
    shuffled = random.Random(5)

    def since(at: str) -> Sequence[Row]:
        found = [row for row in rows() if row["at"] >= at]
        shuffled.shuffle(found)
        return sorted(found, key=lambda row: str(row["at"]))[:size]

    def within(at: str, after: str) -> Sequence[Row]:
        found = [row for row in rows() if row["at"] == at and row["id"] > after]
        return sorted(found, key=lambda row: str(row["id"]))[:size]

    return Asking(
        since=since,
        within=within,
        changed=lambda row: str(row["at"]),
        key=lambda row: str(row["id"]),
        size=size,
        step=lambda at: f"{int(at) + 1:03d}",
    )


@given(
    st.lists(st.integers(0, 6), max_size=40),
    st.integers(2, 7),
    st.integers(0, 7),
)
def test_every_row_since_then_comes(instants: list[int], size: int, start: int) -> None:
    """However many rows changed at one instant, and however small a page is."""
    rows = [{"id": f"{n:03d}", "at": f"{at:03d}"} for n, at in enumerate(instants)]
    found = [row["id"] for page in walk(asking(lambda: rows, size), f"{start:03d}") for row in page]
    assert set(found) == {row["id"] for row in rows if row["at"] >= f"{start:03d}"}


@given(st.integers(1, 30), st.integers(2, 5), st.integers(0, 10_000))
def test_rows_that_change_meanwhile_hide_no_other(count: int, size: int, seed: int) -> None:
    """Paging by number would skip one row for each that moves to the end."""
    moving = random.Random(seed)
    rows = {f"{n:03d}": n for n in range(count)}
    clock = iter(range(count, 900))
    moves = 20

    def listed() -> Sequence[Row]:
        return [{"id": name, "at": f"{at:03d}"} for name, at in rows.items()]

    seen = set()
    for page in walk(asking(listed, size), "000"):
        seen |= {row["id"] for row in page}
        if moves:
            moves -= 1
            rows[moving.choice(sorted(rows))] = next(clock)
    assert seen == set(rows)


def test_a_bulk_import_of_one_instant_is_read_by_identifier() -> None:
    """50 rows of one instant, 4 a page, come once each but for the first page."""
    rows = [{"id": f"{n:03d}", "at": "005"} for n in range(50)]
    pages = list(walk(asking(lambda: rows, 4), "000"))
    assert sorted({row["id"] for page in pages for row in page}) == [row["id"] for row in rows]
    assert sum(map(len, pages)) == 50


def test_a_page_that_comes_again_and_again_is_told() -> None:
    """A server whose cache is stuck does not keep us reading for ever."""
    stuck = [{"id": "1", "at": "001"}, {"id": "2", "at": "002"}]
    broken = asking(lambda: stuck, 2)
    always = Asking(
        since=lambda _: stuck,
        within=broken.within,
        changed=broken.changed,
        key=broken.key,
        size=2,
        step=broken.step,
    )
    with pytest.raises(ServerError, match="again and again"):
        list(walk(always, "000"))


def test_a_page_that_comes_once_more_is_no_harm() -> None:
    """The rows come twice, and the last of each counts; the later ones come too."""
    rows = [{"id": str(n), "at": f"{n:03d}"} for n in range(6)]
    usual = asking(lambda: rows, 3)
    old = [rows[:3]]

    def since(at: str) -> Sequence[Row]:
        return old.pop() if old and at == "002" else usual.since(at)

    again = Asking(
        since=since,
        within=usual.within,
        changed=usual.changed,
        key=usual.key,
        size=3,
        step=usual.step,
    )
    found = [row["id"] for page in walk(again, "000") for row in page]
    assert set(found) == {row["id"] for row in rows}
