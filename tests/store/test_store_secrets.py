"""How long do sessions, tokens and waits last, and what is kept of secrets?"""

from __future__ import annotations

import datetime as dt
import hashlib

import pytest
import sqlalchemy as sa
from ticking import Ticking

from dialgauge.errors import UsageError
from dialgauge.store import Store
from dialgauge.store.tables import META, SESSIONS

NOTHING = dt.timedelta()


def everything(db: Store) -> str:
    """Write down all that the database holds."""
    with db.database.reading() as con:
        return "\n".join(
            str(tuple(row)) for table in META.sorted_tables for row in con.execute(sa.select(table))
        )


def test_secrets_are_kept_as_fingerprints(db: Store, clock: Ticking) -> None:
    """The database holds SHA-256 of sessions, tokens, handshakes and attempts; no secret."""
    ann = db.users.add("Ann", "owner", password="correct horse battery")
    session = db.sessions.open(ann.id)
    token = db.tokens.make(ann.id, "report", ["ask"], clock.at + dt.timedelta(days=30))
    shaken = db.sessions.remember({"next": "/"})
    db.attempts.take("name ann", 5)
    held = everything(db)
    for secret in (session, token, shaken, "name ann"):
        assert secret not in held
        assert hashlib.sha256(secret.encode()).hexdigest() in held
    assert "correct horse battery" not in held
    assert token.startswith("dg_")
    assert len({session, token, shaken}) == 3
    assert min(len(session), len(token)) >= 43  # 256 bits in base 64


def test_a_session_ends_after_12_idle_hours(db: Store, clock: Ticking) -> None:
    """Each visit keeps it open for another 12 hours."""
    secret = db.sessions.open(db.users.add("Ann", "owner").id)
    for _ in range(3):
        clock.pass_by(hours=11, minutes=59)
        assert db.sessions.find(secret) is not None
    clock.pass_by(hours=12)
    assert db.sessions.find(secret) is None


def test_a_session_ends_after_7_days(db: Store, clock: Ticking) -> None:
    """However busy it is; the next log-in sweeps it away."""
    ann = db.users.add("Ann", "owner")
    secret = db.sessions.open(ann.id)
    for _ in range(6 * 4):
        clock.pass_by(hours=6)
        assert db.sessions.find(secret) is not None
    clock.pass_by(hours=11)
    assert db.sessions.find(secret) is not None
    clock.pass_by(hours=11)
    assert db.sessions.find(secret) is not None
    clock.pass_by(hours=2)  # 6 days and 24 hours
    assert db.sessions.find(secret) is None
    db.sessions.open(ann.id)
    with db.database.reading() as con:
        assert con.execute(sa.select(sa.func.count()).select_from(SESSIONS)).scalar_one() == 1


def test_logging_out_ends_one_session(db: Store) -> None:
    """The other browser stays logged in."""
    ann = db.users.add("Ann", "owner")
    one, two = db.sessions.open(ann.id), db.sessions.open(ann.id)
    db.sessions.close(one)
    assert db.sessions.find(one) is None
    assert db.sessions.find(two) == ann
    assert db.sessions.find("") is None


def test_a_handshake_is_recalled_once_within_ten_minutes(db: Store, clock: Ticking) -> None:
    """A second time, or too late, there is nothing."""
    secret = db.sessions.remember({"state": {"nonce": "n"}, "next": "/agents"})
    assert db.sessions.recall(secret) == {"state": {"nonce": "n"}, "next": "/agents"}
    assert db.sessions.recall(secret) is None
    late = db.sessions.remember({})
    clock.pass_by(minutes=10)
    assert db.sessions.recall(late) is None
    assert db.sessions.recall("guessed") is None


def test_a_token_opens_until_its_end(db: Store, clock: Ticking) -> None:
    """It tells for whom, what it may and when it was used."""
    ann = db.users.add("Ann", "owner")
    end = clock.at + dt.timedelta(days=2)
    secret = db.tokens.make(ann.id, " nightly report ", {"export", "ask"}, end)
    clock.pass_by(hours=5)
    found = db.tokens.find(secret)
    assert found is not None
    token, user = found
    assert (user, token.name, token.scope, token.ends_at) == (
        ann,
        "nightly report",
        ("ask", "export"),
        end,
    )
    (listed,) = db.tokens.list(ann.id)
    assert listed.used_at == clock.at
    assert db.tokens.find(secret + "x") is None
    clock.at = end
    assert db.tokens.find(secret) is None


def test_a_token_needs_a_name_a_scope_and_a_near_end(db: Store, clock: Ticking) -> None:
    """None lasts for ever, none may nothing."""
    ann = db.users.add("Ann", "owner")
    day = dt.timedelta(days=1)
    for name, scope, end, said in (
        ("", ["ask"], clock.at + day, "what the token is for"),
        ("report", [], clock.at + day, "may do nothing"),
        ("report", ["ask"], clock.at, "ends in the future"),
        ("report", ["ask"], clock.at + 367 * day, "within 366 days"),
    ):
        with pytest.raises(UsageError, match=said):
            db.tokens.make(ann.id, name, scope, end)
    assert db.tokens.list() == ()


def test_a_token_is_revoked_by_its_own_or_an_owner(db: Store, clock: Ticking) -> None:
    """Another user's number is refused as if there were none."""
    ann = db.users.add("Ann", "owner")
    bob = db.users.add("Bob", "viewer")
    end = clock.at + dt.timedelta(days=1)
    anns, bobs = (db.tokens.make(user.id, "report", ["ask"], end) for user in (ann, bob))
    (of_ann,) = db.tokens.list(ann.id)
    with pytest.raises(UsageError, match="there is no token"):
        db.tokens.revoke(of_ann.id, bob.id)
    assert db.tokens.find(anns) is not None
    for token in db.tokens.list():
        db.tokens.revoke(token.id)
    assert db.tokens.find(anns) is None
    assert db.tokens.find(bobs) is None


def test_attempts_are_slowed_more_and_more(db: Store, clock: Ticking) -> None:
    """Three are free; then one must wait 1, 2, 4 seconds and so on, at most 5 minutes."""
    waits: list[float] = []
    for _ in range(13):
        assert db.attempts.take("name ann", 3) == NOTHING
        wait = db.attempts.take("name ann", 100) if len(waits) >= 2 else NOTHING
        waits.append(wait.total_seconds())
        clock.at += wait
    assert waits == [0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]


def test_attempts_of_others_are_not_slowed(db: Store, clock: Ticking) -> None:
    """Each name counts for itself, is cleared when it gets in, and forgotten after 12 hours."""
    for _ in range(2):
        db.attempts.take("name ann", 2)
    assert db.attempts.take("name ann", 2) > NOTHING
    assert db.attempts.take("name bob", 2) == NOTHING
    db.attempts.clear("name ann")
    assert db.attempts.take("name ann", 2) == NOTHING
    assert db.attempts.take("name ann", 2) == NOTHING
    clock.pass_by(hours=12)
    assert db.attempts.take("name ann", 2) == NOTHING
    assert db.attempts.take("name ann", 2) == NOTHING
