"""Who may log in, and who ends when?"""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher
from ticking import Ticking

from dialgauge.errors import UnknownNameError, UsageError
from dialgauge.store import Store
from dialgauge.store.tables import USERS

LONG = "correct horse battery staple"


def hashed(db: Store, name: str) -> str:
    """Read what the database holds of a password."""
    with db.database.reading() as con:
        found = con.execute(sa.select(USERS.c.password).where(USERS.c.name == name)).scalar_one()
    return str(found)


def test_what_was_said_of_a_user_is_kept(db: Store, clock: Ticking) -> None:
    """Role, teams, agent and e-mail come back; e-mail addresses know no case."""
    db.users.add("Ann", "owner", password=LONG)
    made = db.users.add(
        "ნინო O'Hara", "team_lead", teams=("Alder", "O'Hara", "Alder"), email="Nino@Example.com"
    )
    assert made == db.users.by_id(made.id) == db.users.by_name("ნინო o'hara")
    assert (made.teams, made.email, made.made_at) == (
        ("Alder", "O'Hara"),
        "nino@example.com",
        clock.at,
    )
    assert not made.has_password
    assert [user.name for user in db.users.list()] == ["Ann", "ნინო O'Hara"]
    assert db.users.count() == 2


def test_a_password_is_kept_as_argon2id(db: Store) -> None:
    """An independent check with the library agrees, and the text itself is nowhere."""
    db.users.add("Ann", "owner", password=LONG)
    kept = hashed(db, "Ann")
    assert kept.startswith("$argon2id$")
    assert PasswordHasher().verify(kept, LONG)
    assert LONG not in kept


def test_a_password_opens_only_its_user(db: Store) -> None:
    """In any case of the name; not with another password, nor for who is kept out."""
    ann = db.users.add("Ann", "owner", password=LONG)
    bob = db.users.add("Bob", "agent", agent="Bob", password=LONG + "!")
    db.users.add("Cem", "viewer", email="cem@example.com")
    assert db.users.verify("ANN ", LONG) == ann
    assert db.users.verify("Bob", LONG) is None
    assert db.users.verify("Cem", LONG) is None
    assert db.users.verify("Nobody", LONG) is None
    db.users.disable(bob.id)
    assert db.users.verify("Bob", LONG + "!") is None


def test_unknown_names_cost_as_much_work(db: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether or not a name exists, one hash of the same cost is computed."""
    db.users.add("Ann", "owner", password=LONG)
    db.users.add("Cem", "viewer", email="cem@example.com")
    db.users.verify("warm", "up")
    costs: list[list[str]] = []
    verify = PasswordHasher.verify

    def counted(self: PasswordHasher, kept: str, password: str) -> bool:
        costs.append(kept.split("$")[:4])
        return verify(self, kept, password)

    monkeypatch.setattr(PasswordHasher, "verify", counted)
    for name in ("Ann", "Cem", "Nobody"):
        assert db.users.verify(name, "something else") is None
    assert len(costs) == 3
    assert costs[0] == costs[1] == costs[2]


def test_short_and_endless_passwords_are_refused(db: Store) -> None:
    """From 12 characters; a megabyte is not hashed."""
    for password in ("", "elevenchars", "x" * 2000):
        with pytest.raises(UsageError, match="from 12 to 1024 characters"):
            db.users.add("Ann", "owner", password=password)
    assert db.users.add("Ann", "owner", password="twelve chars").has_password
    assert db.users.verify("Ann", "x" * 1_000_000) is None


def test_accents_may_be_typed_in_two_ways(db: Store) -> None:
    """A composed and a decomposed accent are the same password."""
    db.users.add("Ann", "owner", password="caf\N{LATIN SMALL LETTER E WITH ACUTE} au lait")
    assert db.users.verify("Ann", "cafe\N{COMBINING ACUTE ACCENT} au lait") is not None


def test_names_are_taken_once(db: Store) -> None:
    """Case and stray blanks make no other name, and one e-mail address is one user's."""
    db.users.add("Ann Lee", "owner", email="ann@example.com")
    with pytest.raises(UsageError, match="already"):
        db.users.add(" ann  LEE", "viewer")
    with pytest.raises(UsageError, match=r"'ann@example\.com' is the e-mail address of 'Ann Lee'"):
        db.users.add("Bob", "viewer", email="ANN@example.com")
    for name in ("", " ", "a\nb" * 60, "tab\x07"):
        with pytest.raises(UsageError, match="characters that can be printed"):
            db.users.add(name, "viewer")
    with pytest.raises(UnknownNameError, match="did you mean 'Ann Lee'"):
        db.users.by_name("Ann Le")
    with pytest.raises(UnknownNameError, match="unknown role 'boss'"):
        db.users.add("Bob", "boss")
    with pytest.raises(UsageError, match="is not an e-mail address"):
        db.users.add("Bob", "viewer", email="bob")


def test_there_is_always_an_owner(db: Store) -> None:
    """The first is one, and the last can neither be demoted, kept out nor removed."""
    with pytest.raises(UsageError, match="the first user must be an owner"):
        db.users.add("Bob", "viewer")
    ann = db.users.add("Ann", "owner")
    for undo in (
        lambda: db.users.change(ann.id, role="viewer"),
        lambda: db.users.disable(ann.id),
        lambda: db.users.remove(ann.id),
    ):
        with pytest.raises(UsageError, match="nobody would be left"):
            undo()
        assert db.users.list() == (ann,)
    bob = db.users.add("Bob", "owner")
    db.users.disable(ann.id)
    with pytest.raises(UsageError, match="nobody would be left"):
        db.users.change(bob.id, role="manager")


@pytest.mark.parametrize("way", ["disable", "remove"])
def test_who_is_kept_out_is_out_at_once(db: Store, clock: Ticking, way: str) -> None:
    """Sessions and tokens end, and do not come back when the user does."""
    db.users.add("Ann", "owner")
    bob = db.users.add("Bob", "viewer")
    session = db.sessions.open(bob.id)
    clock_end = clock.at.replace(year=2027)
    token = db.tokens.make(bob.id, "report", ["ask"], clock_end)
    assert db.sessions.find(session) == bob
    assert db.tokens.find(token) is not None
    getattr(db.users, way)(bob.id)
    assert db.sessions.find(session) is None
    assert db.tokens.find(token) is None
    assert db.tokens.list() == ()
    if way == "disable":
        db.users.enable(bob.id)
        assert db.sessions.find(session) is None
        assert db.tokens.find(token) is None


def test_changes_are_seen_by_open_sessions(db: Store) -> None:
    """Who becomes a viewer is one with the next click."""
    db.users.add("Ann", "owner")
    bob = db.users.add("Bob", "team_lead", teams=("Alder",))
    session = db.sessions.open(bob.id)
    db.users.change(bob.id, role="agent", agent="Bob B.")
    found = db.sessions.find(session)
    assert found is not None
    assert (found.role, found.teams, found.agent) == ("agent", (), "Bob B.")


def test_a_new_password_ends_sessions(db: Store) -> None:
    """Whoever has stolen a session loses it."""
    ann = db.users.add("Ann", "owner", password=LONG)
    session = db.sessions.open(ann.id)
    db.users.set_password(ann.id, LONG + " two")
    assert db.sessions.find(session) is None
    assert db.users.verify("Ann", LONG) is None
    assert db.users.verify("Ann", LONG + " two") is not None


def test_a_log_in_service_links_by_verified_address_once(db: Store) -> None:
    """Then by its own number, whatever the address becomes; nobody is added."""
    ann = db.users.add("Ann", "owner", email="ann@example.com")

    def comes(subject: str, email: str, *, verified: bool = True) -> str | None:
        found = db.users.from_service("https://id", subject, email, verified=verified)
        return found.name if found else None

    assert comes("7", "ann@example.com", verified=False) is None
    assert comes("9", "eve@example.com") is None
    assert comes("9", "") is None
    assert comes("7", "Ann@Example.com") == "Ann"
    assert comes("7", "renamed@example.com") == "Ann"
    assert comes("8", "ann@example.com") is None  # the address is linked to 7 already
    assert db.users.count() == 1
    bob = db.users.add("Bob", "owner")
    db.users.disable(ann.id)
    assert comes("7", "ann@example.com") is None
    db.users.enable(ann.id)
    db.users.change(ann.id, role="owner", email="new@example.com")
    assert comes("7", "ann@example.com") is None
    assert comes("8", "new@example.com") == "Ann"
    assert bob.id != ann.id
