"""Is never told as deleted what is there, and always in the end what is not?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from dialgauge.errors import ForbiddenError, ServerError
from dialgauge.sources.crm.rolls import Listing, after_each, missed
from dialgauge.sources.live import Account, Span

DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)
HAPPENS = st.sampled_from(["nothing", "make", "delete", "hide", "show", "skip"])
DAYS = st.lists(
    st.tuples(
        st.fixed_dictionaries(dict.fromkeys("abcd", HAPPENS)),
        st.sampled_from(["look", "look", "look", "break off", "look soon"]),
    ),
    max_size=12,
)


@dataclass
class World:
    """Records that come and go, and what a source knows of them."""

    there: set[str] = field(default_factory=set)
    hidden: set[str] = field(default_factory=set)
    skipped: set[str] = field(default_factory=set)
    seen: set[str] = field(default_factory=set)
    told: list[str] = field(default_factory=list)
    now: dt.datetime = dt.datetime(2026, 1, 5, tzinfo=dt.UTC)
    looked: dt.datetime = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    cursors: dict[str, str] = field(default_factory=dict)
    rolls: dict[str, pa.Table] = field(default_factory=dict)

    def look(self, wait: dt.timedelta = DAY, *, dies: bool = False) -> None:
        """Call the roll once; a list may lack a record, and a server die behind its first page."""
        self.now += wait

        def listed(last: str) -> Sequence[str]:
            if dies and last:
                raise ServerError("it died")
            shown = sorted(self.there - self.hidden - self.skipped)
            return [name for name in shown if name > last][:2]

        def is_gone(name: str) -> bool:
            if name in self.hidden & self.there:
                raise ForbiddenError("not yours")
            return name not in self.there

        def names() -> Iterator[Sequence[str]]:
            yield from after_each(listed, 2)

        account = Account(name="crm", settings={}, secret=str)
        span = Span(cursors=dict(self.cursors), roll=self.rolls.get)
        listing = Listing(stream="calls", names=names, is_gone=is_gone)
        shown = self.there - self.hidden - self.skipped
        try:
            for page in missed(account, span, listing, self.now):
                self.told += page.rows["id"].to_pylist()
                self.cursors |= page.cursors
                self.rolls |= page.rolls
        except ServerError:
            return
        if self.now - self.looked >= DAY - 4 * HOUR:
            self.looked = self.now
            self.seen |= shown

    def happen(self, name: str, what: str) -> None:
        """Let something happen; who was seen and deleted never comes back under the same name."""
        self.skipped.discard(name)
        if what == "make" and name not in self.seen:
            self.there.add(name)
        elif what == "delete":
            self.there.discard(name)
        elif what == "hide":
            self.hidden.add(name)
        elif what == "show":
            self.hidden.discard(name)
        elif what == "skip":
            self.skipped.add(name)


@given(DAYS)
def test_what_is_told_is_what_was_deleted(days: list[tuple[dict[str, str], str]]) -> None:
    """Each once, after lists that lack records, rights that come and go, and servers that die."""
    world = World()
    for happens, looks in days:
        for name, what in happens.items():
            world.happen(name, what)
        world.look(HOUR if looks == "look soon" else DAY, dies=looks == "break off")
        assert not world.there & set(world.told)
    world.hidden, world.skipped = set(), set()
    for _ in range(2):
        world.look()
    assert sorted(world.told) == sorted(world.seen - world.there)
