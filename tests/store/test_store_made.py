"""What do people keep, note and decide?"""

from __future__ import annotations

import datetime as dt

import pytest
from ticking import Ticking

from dialgauge.catalogue.user import built_in, extend
from dialgauge.errors import UsageError
from dialgauge.model.segment import Segment
from dialgauge.model.target import Target
from dialgauge.store import Store
from dialgauge.store.views import Shared, View

MAY = dt.date(2026, 5, 1)


def names(views: tuple[View, ...]) -> list[str]:
    """Name views."""
    return [view.name for view in views]


def test_views_are_seen_by_those_they_are_shared_with(db: Store) -> None:
    """Mine by me, my team's by who shares a team with me, those of all by all."""
    ann = db.users.add("Ann", "owner", teams=("Alder", "Birch"))
    bob = db.users.add("Bob", "team_lead", teams=("Birch",))
    cem = db.users.add("Cem", "team_lead", teams=("Cedar",))
    db.views.keep(ann.id, "mine", "/overview", "period=7d")
    db.views.keep(ann.id, "ours", "/agents", "team=Birch", Shared.TEAM)
    every = db.views.keep(ann.id, "every", "/timing", "", Shared.ALL)
    assert (every.by, every.page, every.query) == ("Ann", "/timing", "")
    assert names(db.views.list(ann.id, ann.teams)) == ["every", "mine", "ours"]
    assert names(db.views.list(bob.id, bob.teams)) == ["every", "ours"]
    assert names(db.views.list(cem.id, cem.teams)) == ["every"]
    assert names(db.views.list(None)) == ["every"]


def test_a_view_of_the_same_name_is_replaced(db: Store) -> None:
    """One's own; another's of this name stays."""
    ann, bob = db.users.add("Ann", "owner"), db.users.add("Bob", "viewer")
    db.views.keep(bob.id, "week", "/agents", "")
    db.views.keep(ann.id, "week", "/overview", "period=7d")
    db.views.keep(ann.id, " week ", "/overview", "period=90d")
    assert [view.query for view in db.views.list(ann.id)] == ["period=90d"]
    assert [view.page for view in db.views.list(bob.id)] == ["/agents"]


def test_only_pages_of_this_server_are_kept(db: Store) -> None:
    """A kept view cannot lead elsewhere."""
    for page in ("https://evil.example/", "//evil.example", "/\\evil.example", "", "/a?b=c"):
        with pytest.raises(UsageError, match="is not a page"):
            db.views.keep(None, "x", page, "")
    with pytest.raises(UsageError, match="give the view a name"):
        db.views.keep(None, " ", "/overview", "")


def test_views_are_removed_by_their_owner(db: Store) -> None:
    """Somebody else's is refused; with its owner a view goes unless all share it."""
    ann, bob = db.users.add("Ann", "owner"), db.users.add("Bob", "viewer")
    mine = db.views.keep(bob.id, "mine", "/overview", "")
    every = db.views.keep(bob.id, "every", "/overview", "", Shared.ALL)
    with pytest.raises(UsageError, match="there is no view of yours"):
        db.views.remove(every.id, ann.id)
    assert db.views.remove(mine.id, bob.id).name == "mine"
    db.views.keep(bob.id, "again", "/overview", "")
    db.users.remove(bob.id)
    assert names(db.views.list(ann.id)) == ["every"]


def test_the_first_view_is_ones_own_choice_else_everybodys(db: Store) -> None:
    """What one may not see is never first."""
    ann, bob = db.users.add("Ann", "owner"), db.users.add("Bob", "viewer")
    every = db.views.keep(ann.id, "every", "/overview", "", Shared.ALL)
    mine = db.views.keep(ann.id, "mine", "/agents", "")
    assert db.views.first(bob.id) is None
    with pytest.raises(UsageError, match="shared with those"):
        db.views.put_first(mine.id, ann.id, for_all=True)
    db.views.put_first(every.id, ann.id, for_all=True)
    db.views.put_first(mine.id, ann.id)
    db.views.put_first(mine.id, bob.id)
    assert db.views.first(ann.id) == mine
    assert db.views.first(bob.id) == every
    assert db.views.first(None) == every
    db.views.put_first(None, ann.id)
    assert db.views.first(ann.id) == every
    db.views.remove(every.id, ann.id)
    assert db.views.first(ann.id) is None


def test_notes_are_listed_by_day_for_those_they_concern(db: Store) -> None:
    """What is written for a team is not read by others."""
    db.annotations.add(MAY, "new script", by="Ann")
    birch = db.annotations.add(
        dt.date(2026, 5, 3), "Birch\n moved", "team=Birch", by="Bob", teams=("Birch",)
    )
    db.annotations.add(dt.date(2026, 4, 30), "outage", by="Ann")

    def texts(**options: object) -> list[str]:
        return [each.text for each in db.annotations.list(**options)]  # type: ignore[arg-type]

    assert texts() == ["outage", "new script", "Birch moved"]
    assert texts(teams=("Alder",)) == ["outage", "new script"]
    assert texts(teams=()) == ["outage", "new script"]
    assert texts(teams=("Birch", "Alder")) == texts()
    assert texts(start=MAY, end=dt.date(2026, 5, 3)) == ["new script"]
    with pytest.raises(UsageError, match="no note of yours"):
        db.annotations.remove(birch.id, by="Ann")
    assert db.annotations.remove(birch.id).text == "Birch moved"
    assert len(texts()) == 2
    for text in (" ", "x" * 501):
        with pytest.raises(UsageError, match="1 to 500 characters"):
            db.annotations.add(MAY, text, by="Ann")


def test_segments_come_back_as_yaml_that_the_catalogue_reads(db: Store) -> None:
    """Quotes, colons and other scripts cannot break out of the text."""
    nasty = "a: b'\"\n- {x: 1} #"
    segment = Segment(
        name="half",
        rules=((nasty, "hour < 12"), ("ღამე", "team = 'O''Hara: #1'")),
        otherwise="其他",
    )
    assert db.decisions().segments == ""
    db.segments.put(segment, "Ann")
    assert db.segments.list() == (segment,)
    words = extend(built_in(), {"made": db.decisions().segments})
    assert words.segments["half"] == segment


def test_targets_come_back_as_they_were(db: Store) -> None:
    """Those that end first before the others; one of the same name is changed."""
    late = Target(
        target_id="late",
        kpi="contact_rate",
        value=0.1,
        scope="team = 'O''Hara'",
        starts_on=MAY,
        ends_on=dt.date(2026, 6, 30),
    )
    soon = Target(
        target_id="soon", kpi="dials", value=1e6, starts_on=MAY, ends_on=dt.date(2026, 5, 31)
    )
    for target in (Target(target_id="late", kpi="dials", value=1.0, ends_on=MAY), late, soon):
        db.targets.put(target, "Ann")
    assert db.targets.list() == db.decisions().targets == (soon, late)
    with pytest.raises(UsageError, match="give the target a name"):
        db.targets.put(Target(target_id=" "), "Ann")


def test_decisions_are_read_anew_only_when_something_changed(db: Store) -> None:
    """The very same object comes back until someone decides, in whatever process."""
    first = db.decisions()
    assert db.decisions() is first
    other = Store(db.database)  # as another process sees it
    other.targets.put(Target(target_id="t"), "Ann")
    assert [target.target_id for target in db.decisions().targets] == ["t"]
    other.segments.put(Segment(name="s", rules=(("a", "hour = 1"),)), "Ann")
    assert "hour = 1" in db.decisions().segments
    other.segments.remove("s")
    other.targets.remove("t")
    last = db.decisions()
    assert (last.segments, last.targets, last.version) == ("", (), first.version + 4)
    with pytest.raises(UsageError, match="there is no segment 's' that was made in the dashboard"):
        db.segments.remove("s")


def test_the_audit_trail_tells_the_newest_first(db: Store, clock: Ticking) -> None:
    """In pages, each older than the last line of the one before."""
    for number in range(5):
        clock.pass_by(seconds=1)
        db.audit.write("Ann", "export", f"panel {number}", "192.0.2.7")
    newest = db.audit.list(2)
    assert [each.detail for each in newest] == ["panel 4", "panel 3"]
    assert (newest[0].at, newest[0].who, newest[0].what, newest[0].address) == (
        clock.at,
        "Ann",
        "export",
        "192.0.2.7",
    )
    older = db.audit.list(10, before=newest[-1].id)
    assert [each.detail for each in older] == ["panel 2", "panel 1", "panel 0"]
