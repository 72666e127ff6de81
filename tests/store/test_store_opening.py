"""Does a database of any age become today's, whoever comes first?"""

from __future__ import annotations

import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

import dialgauge.store
from dialgauge.errors import StoreError, UsageError
from dialgauge.store import Store, open_store
from dialgauge.store.database import connect
from dialgauge.store.opening import HEAD
from dialgauge.store.tables import META

FOLDER = Path(dialgauge.store.__file__).with_name("migrations")


def scripts() -> ScriptDirectory:
    """Read the migrations."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("path_separator", "os")
    return ScriptDirectory.from_config(config)


def test_migrations_make_the_tables_that_are_used(db: Store) -> None:
    """What alembic finds in the database is what the code declares, with nothing to change."""
    with db.database.reading() as con:
        found = compare_metadata(MigrationContext.configure(con, opts={"compare_type": True}), META)
    assert found == []


def test_the_newest_step_is_known() -> None:
    """Opening an up-to-date database looks no further than this name."""
    assert scripts().get_heads() == [HEAD]


def test_steps_can_be_undone(url: str) -> None:
    """Each step's downgrade leads to an empty database."""
    db = open_store(url)
    with db.database.writing() as con:
        config = Config()
        config.set_main_option("script_location", str(FOLDER))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = con
        from alembic import command  # noqa: PLC0415 - shadows nothing here

        command.downgrade(config, "base")
    with db.database.reading() as con:
        assert set(sa.inspect(con).get_table_names()) == {"alembic_version"}
    db.close()
    again = open_store(url)
    assert again.users.count() == 0
    again.close()


def test_a_database_is_opened_again_as_it_was(url: str) -> None:
    """What was kept is there for the next process."""
    first = open_store(url)
    first.users.add("Ann", "owner")
    first.close()
    second = open_store(url)
    assert [user.name for user in second.users.list()] == ["Ann"]
    second.close()


def test_many_may_open_an_empty_database_at_once(url: str) -> None:
    """One makes the tables, the others wait for it."""
    starting = threading.Barrier(8)

    def opened(_: int) -> int:
        starting.wait()
        store = open_store(url)
        count = store.users.count()
        store.close()
        return count

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(opened, range(8))) == [0] * 8


def test_many_may_write_at_once(db: Store) -> None:
    """No change is lost, and of two owners who demote each other one stays."""
    ann, bob = db.users.add("Ann", "owner"), db.users.add("Bob", "owner")

    def busy(number: int) -> None:
        for _ in range(10):
            db.audit.write(f"thread {number}", "export")
            db.attempts.take("same", 1000)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(busy, range(8)))
    assert len(db.audit.list(1000)) == 80
    assert db.attempts.take("same", 1).total_seconds() == 0
    assert db.attempts.take("same", 1).total_seconds() > 0

    def demoted(user_id: int) -> bool:
        try:
            db.users.change(user_id, role="viewer")
        except UsageError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(demoted, [ann.id, bob.id])) == [False, True]


def test_a_newer_database_is_left_alone(url: str) -> None:
    """A sentence says that the program is too old."""
    db = open_store(url)
    with db.database.writing() as con:
        con.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    db.close()
    with pytest.raises(StoreError, match="newer dialgauge"):
        open_store(url)


def test_nobody_else_reads_the_file(tmp_path: Path) -> None:
    """It holds hashes of passwords; so do the files beside it."""
    db = open_store(f"sqlite:///{tmp_path / 'a.db'}")
    db.users.add("Ann", "owner")
    found = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert found["a.db"] == 0o600
    assert set(found.values()) == {0o600}
    db.close()


def test_addresses_are_refused_without_repeating_them() -> None:
    """There may be a password in them."""
    for address in ("mysql://ann:geheim@host/db", "geheim", "sqlite://", "postgresql+asyncpg://a"):
        with pytest.raises(UsageError) as refused:
            connect(address)
        assert "geheim" not in str(refused.value)
    with pytest.raises(UsageError, match="needs a file"):
        connect("sqlite:///:memory:")


def test_a_database_that_does_not_answer_is_told(tmp_path: Path) -> None:
    """In one sentence, without the password."""
    with pytest.raises(StoreError, match="does not answer") as refused:
        open_store(f"postgresql://ann:geheim@/db?host={tmp_path}&connect_timeout=2")
    assert "geheim" not in str(refused.value)
    with pytest.raises(StoreError, match="cannot be opened: No such file"):
        open_store(f"sqlite:///{tmp_path}/missing/a.db")
    (tmp_path / "text.db").write_text("this is no database, whatever it is called\n" * 40)
    with pytest.raises(StoreError):
        open_store(f"sqlite:///{tmp_path / 'text.db'}")
