"""Is somebody else's database read in small pages, by its indexes, and never written?"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from running_mariadb import PASSWORD, Server

from dialgauge.errors import DialgaugeError, ServerError, UsageError
from dialgauge.sources.databases import Database, open_database


@pytest.fixture
def server(mariadb: Server) -> Server:
    """Give a server with a small table of calls, two of which began in the same second."""
    mariadb.new("small")
    with mariadb.root("small") as cursor:
        cursor.execute(
            "CREATE TABLE t (id INT PRIMARY KEY, at DATETIME, changed TIMESTAMP NULL, "
            "kind ENUM('A', 'B'), name VARCHAR(20), pass VARCHAR(20), KEY (at)) ENGINE=MyISAM"
        )
        cursor.execute(
            "INSERT INTO t VALUES"
            " (1, '2026-01-05 10:00:00', '2026-01-05 10:00:00', 'C', 'é', 'x'),"
            " (2, '0000-00-00', NULL, 'A', NULL, 'x'),"
            " (3, '2026-01-05 10:00:01', NULL, 'A', '', 'x'),"
            " (4, '2026-01-05 10:00:00', NULL, 'B', '~', 'x'),"
            " (5, '2026-01-06', NULL, 'B', '~', 'x')"
        )
    mariadb.said()
    return mariadb


@pytest.fixture
def db(server: Server) -> Iterator[Database]:
    """Open it."""
    with open_database(server.url("small"), lambda: PASSWORD) as opened:
        yield opened


def ids(db: Database, size: int, first: str = "", last: str = "") -> list[list[str]]:
    """Read the ids, page by page."""
    pages = db.ordered("t", ["id", "at"], "at", first=first or None, last=last or None, size=size)
    return [[str(row["id"]) for row in page.to_pylist()] for page in pages]


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 6])
def test_pages_hold_every_row_once(db: Database, size: int) -> None:
    """Whatever the size, and although a value repeats across the edge of a page."""
    read = [each for page in ids(db, size) for each in page]
    assert sorted(read) == ["1", "2", "3", "4", "5"]
    assert read[0] == "2"
    assert sorted(read[1:3]) == ["1", "4"]
    assert read[3:] == ["3", "5"]


def test_a_range_ends_before_its_end(db: Database) -> None:
    """From the first value on, up to and not including the last."""
    read = ids(db, 2, first="2026-01-05 10:00:00", last="2026-01-06 00:00:00")
    assert sorted(each for page in read for each in page) == ["1", "3", "4"]


def test_pages_are_asked_for_with_a_limit(db: Database, server: Server) -> None:
    """Each question to the table says how many rows at most, and sorts by the index alone."""
    ids(db, 2)
    asked = [said for said in server.said() if " FROM t" in said]
    assert asked
    assert all("ORDER BY at LIMIT" in " ".join(said.split()) for said in asked)


def test_values_are_what_the_database_writes(db: Database) -> None:
    """Damaged enums and days are texts; TIMESTAMP comes in UTC (the server's zone is -05:00)."""
    (page,) = db.found("t", ["id", "at", "changed", "kind", "name"], "id", [1, 2])
    assert page.to_pylist() == [
        {
            "id": "1",
            "at": "2026-01-05 10:00:00",
            "changed": "2026-01-05 15:00:00",
            "kind": "",
            "name": "é",
        },
        {"id": "2", "at": "0000-00-00 00:00:00", "changed": None, "kind": "A", "name": None},
    ]


def test_missing_columns_are_told(db: Database) -> None:
    """Old and new versions have other columns; a table that is missing has none."""
    assert db.columns("t", ["id", "later", "name"]) == ("id", "name")
    assert db.columns("nothing", ["id"]) == ()
    assert db.least("t", "at", "2026-01-05 10:00:01") == "2026-01-05 10:00:01"
    assert db.least("t", "at", "2027-01-01") is None


def test_the_session_cannot_write(server: Server) -> None:
    """Not even where somebody granted more than reading."""
    with server.root() as cursor:
        cursor.execute("GRANT INSERT ON small.* TO 'reader'@'localhost'")
    with (
        open_database(server.url("small"), lambda: PASSWORD) as db,
        pytest.raises(sa.exc.OperationalError, match="READ ONLY transaction"),
    ):
        db.con.exec_driver_sql("INSERT INTO t (id) VALUES (9)")


def test_a_wrong_password_is_said_without_it(server: Server) -> None:
    """One sentence, which names the address and not the password."""
    with (
        pytest.raises(ServerError, match="check the user's name and password") as told,
        open_database(server.url("small"), lambda: "not-the-password"),
    ):
        pass
    assert "not-the-password" not in str(told.value)
    assert told.value.__cause__ is None


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mysql://reader:hunter2@pbx/asterisk", "the url holds a password"),
        ("mysql://reader@pbx/asterisk?password=hunter2", "the url holds a password"),
        ("hunter2", "the url is not the address of a database"),
        ("oracle://reader@pbx/asterisk", "must begin with one of: mysql:, mariadb:"),
        ("mysql://reader@pbx", "names no database"),
    ],
)
def test_wrong_addresses_are_refused(url: str, words: str) -> None:
    """Each with a sentence, and never with the password that stood in it."""
    with pytest.raises(UsageError, match=words) as told, open_database(url, lambda: "x"):
        pass
    assert "hunter2" not in str(told.value)


def test_a_server_that_is_not_there() -> None:
    """The sentence says where it was looked for."""
    url = "mysql://reader@127.0.0.1:1/asterisk"
    with (
        pytest.raises(DialgaugeError, match="check the host and the port"),
        open_database(url, lambda: "x"),
    ):
        pass
