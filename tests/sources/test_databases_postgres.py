"""Is somebody else's PostgreSQL read in small pages, by its indexes, and never written?

Its people's clock is in New York, five hours behind UTC.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from pbx_postgres import PASSWORD, Postgres

from dialgauge.errors import ServerError, UsageError
from dialgauge.sources.databases import Database, open_database

KINDS = ("postgresql",)


@pytest.fixture
def server(postgres: Postgres) -> Postgres:
    """Give a server with a small table of calls, two of which began in the same second."""
    postgres.new("small")
    with postgres.root("small") as cursor:
        cursor.execute(
            'CREATE TABLE t (id int PRIMARY KEY, at timestamp, seen timestamptz, "end" text, '
            "took numeric, name varchar(20), leg uuid, epoch bigint)"
        )
        cursor.execute("CREATE INDEX ON t (at)")
        cursor.execute("CREATE INDEX ON t (seen)")
        cursor.execute("CREATE INDEX ON t USING brin (epoch)")
        cursor.execute("CREATE INDEX ON t (name) WHERE took > 5")
        leg = "'6e7e0bb2-0f4c-4b6a-9f0e-000000000001'"
        cursor.execute(
            "INSERT INTO t VALUES"
            f" (1, '2026-01-05 10:00:00.5', '2026-01-05 10:00:00', 'x', 1.50, 'é', {leg}, 17),"
            " (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL),"
            " (3, '2026-01-05 10:00:01', '2026-01-05 10:00:01', '', 2, '', NULL, 18),"
            " (4, '2026-01-05 10:00:00.5', '2026-01-05 10:00:00', 'y', 3, '~', NULL, 19),"
            " (5, '2026-01-06', 'infinity', 'z', 'NaN', '~', NULL, 20)"
        )
    return postgres


@pytest.fixture
def db(server: Postgres) -> Iterator[Database]:
    """Open it."""
    with open_database(server.url("small"), lambda: PASSWORD, KINDS) as opened:
        yield opened


def ids(db: Database, by: str, size: int, first: str = "", last: str = "") -> list[str]:
    """Read the ids in the order of a column."""
    pages = db.ordered("t", ["id", by], by, first=first or None, last=last or None, size=size)
    return [str(row["id"]) for page in pages for row in page.to_pylist()]


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("by", ["at", "seen"])
def test_pages_hold_every_row_once(db: Database, by: str, size: int) -> None:
    """Whatever the size, although a value repeats across the edge; rows without a time do not."""
    read = ids(db, by, size)
    assert sorted(read[:2]) == ["1", "4"]
    assert read[2:] == ["3", "5"]


def test_values_are_what_the_database_writes(db: Database) -> None:
    """Instants in UTC with their zone, wall clocks as they are, infinity and NaN as words."""
    columns = ["id", "at", "seen", "end", "took", "name", "leg", "epoch"]
    first, last = (next(db.found("t", columns, "id", [n])).to_pylist()[0] for n in (1, 5))
    assert first == {
        "id": "1",
        "at": "2026-01-05 10:00:00.5",
        "seen": "2026-01-05 15:00:00+00",
        "end": "x",
        "took": "1.50",
        "name": "é",
        "leg": "6e7e0bb2-0f4c-4b6a-9f0e-000000000001",
        "epoch": "17",
    }
    assert (last["seen"], last["took"]) == ("infinity", "NaN")


def test_a_range_ends_before_its_end(db: Database) -> None:
    """Of wall clocks and of instants, which may be told with any zone."""
    assert ids(db, "at", 2, "2026-01-05 10:00:00.6", "2026-01-06") == ["3"]
    assert ids(db, "seen", 2, "2026-01-05 16:00:01+01:00", "2026-01-06 00:00:00+00") == ["3"]


def test_columns_and_their_indexes_are_told(db: Database) -> None:
    """An index that holds no order, or not all rows, is none to read by."""
    assert db.columns("t", ["id", "later", "end"]) == ("id", "end")
    assert db.columns("nothing", ["id"]) == ()
    assert db.indexed("t") == {"id", "at", "seen"}
    assert db.instants("t") == {"seen"}
    assert db.least("t", "at", "2026-01-05 10:00:00.6") == "2026-01-05 10:00:01"
    assert db.least("t", "seen") == "2026-01-05 15:00:00+00"
    assert db.least("t", "at", "2027-01-01") is None


def test_the_clock_of_its_people_is_known(db: Database) -> None:
    """Five hours behind UTC in winter, four in summer."""
    here = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    behind = here - dt.datetime.fromisoformat(db.started)
    assert behind > dt.timedelta(hours=3.9)
    assert db.wall(dt.datetime(2026, 1, 5, 15, tzinfo=dt.UTC)) == "2026-01-05 10:00:00"
    assert db.wall(dt.datetime(2026, 7, 5, 15, tzinfo=dt.UTC)) == "2026-07-05 11:00:00"


def test_the_session_cannot_write_nor_stay(db: Database, server: Postgres) -> None:
    """Not even where somebody granted more than reading; and what takes long is broken off."""
    with server.root("small") as cursor:
        cursor.execute("GRANT INSERT ON t TO reader")
    with pytest.raises(sa.exc.InternalError, match="read-only transaction"):
        db.con.exec_driver_sql("INSERT INTO t (id) VALUES (9)")
    shown = [db.con.exec_driver_sql(f"SHOW {name}").scalar_one() for name in
             ("statement_timeout", "lock_timeout", "application_name")]  # fmt: skip
    assert shown == ["30s", "5s", "dialgauge"]


@pytest.mark.parametrize(
    ("change", "password", "words"),
    [
        (("", ""), "not-the-password", "check the user's name and password"),
        (("/small", "/nothing"), PASSWORD, "check the name of the database"),
        (("host=", "host=/nowhere"), PASSWORD, "check the host and the port"),
    ],
)
def test_what_is_wrong_is_said_without_secrets(
    server: Postgres, change: tuple[str, str], password: str, words: str
) -> None:
    """One sentence, which names the address and not the password."""
    url = server.url("small").replace(*change)
    with (
        pytest.raises(ServerError, match=words) as told,
        open_database(url, lambda: password, KINDS),
    ):
        pass
    assert password not in str(told.value)
    assert "\n" not in str(told.value)


def test_a_table_that_may_not_be_read(server: Postgres) -> None:
    """The sentence says what to grant."""
    with server.root("small") as cursor:
        cursor.execute("REVOKE SELECT ON t FROM reader")
    with (
        pytest.raises(ServerError, match="grant this user SELECT on that table"),
        open_database(server.url("small"), lambda: PASSWORD, KINDS) as db,
    ):
        ids(db, "at", 5)


def test_a_server_that_goes_away(server: Postgres) -> None:
    """The connection is broken in the middle; it is told in a sentence."""

    def read() -> None:
        with open_database(server.url("small"), lambda: PASSWORD, KINDS) as db:
            for _ in db.ordered("t", ["id", "at"], "at", size=3):
                with server.root() as cursor:
                    cursor.execute(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                        "WHERE usename = 'reader'"
                    )

    with pytest.raises(ServerError, match="what was read is kept; try again"):
        read()


def test_a_password_in_the_address_is_refused() -> None:
    """Under whatever driver's name."""
    for url in ("postgresql://reader:hunter2@pbx/cdr", "postgresql+psycopg://r@pbx/c?password=x"):
        with (
            pytest.raises(UsageError, match="the url holds a password"),
            open_database(url, lambda: "x", KINDS),
        ):
            pass
