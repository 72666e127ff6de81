"""How is somebody else's database read without getting in its way?

The databases of diallers and PBXs serve calls while we read them, and many of their tables are
MyISAM: whoever reads long keeps everybody from writing, and calls stop. So reading here

- asks small questions only: at most a few thousand rows, found by an index, and after each answer
  rests as long as the answer took
- tells the server to break off what takes too long, and that this session never writes
- asks only for columns that are named, and of those only for the ones the table has

Values come as texts, as the database itself writes them: a date such as 0000-00-00 is a text too.
PostgreSQL writes the zone behind a timestamptz, `2026-01-05 10:00:00+00`; what MySQL writes of a
TIMESTAMP is UTC without saying so, and `said_in_utc` adds it.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import importlib.util
import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from dialgauge.errors import EngineError, ServerError, UsageError

if TYPE_CHECKING:
    import sqlalchemy as sa

PAGE = 2_000
"""How many rows are asked for at once, unless the source says otherwise."""

_LONGEST_S = 30
_LONGEST_REST_S = 1.0
_CONNECT_S = 15
_DRIVERS = {
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
    "postgresql": "postgresql+psycopg",
}
_MYSQL = ("mysql", "mariadb")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
_SECRET_WORDS = ("password", "passwd", "pwd")
_NULLS_FIRST = ("mysql", "mariadb", "sqlite")
_MOST_TIES = 64


@dataclass(frozen=True, slots=True)
class Database:
    """A database that is open for reading.

    Attributes:
        con: SQLAlchemy's connection; each question is a transaction of its own.
        started: What its clock showed when it was opened, `YYYY-MM-DD HH:MM:SS` as its people
            see it; empty where nobody can tell.
    """

    con: sa.Connection = field(repr=False)
    started: str = ""

    def columns(self, table: str, wanted: Sequence[str]) -> tuple[str, ...]:
        """Say which of some columns a table has.

        Args:
            table: Its name.
            wanted: Names of columns.

        Returns:
            Those that are there, in their order; none when there is no such table, or this user
            may not see it.
        """
        import sqlalchemy as sa  # noqa: PLC0415 - an extra

        try:
            there = {str(each["name"]).lower() for each in sa.inspect(self.con).get_columns(table)}
        except sa.exc.NoSuchTableError:
            return ()
        return tuple(name for name in wanted if name.lower() in there)

    def indexed(self, table: str) -> frozenset[str]:
        """Return the columns with which an index of a table begins, in lower case.

        Only of indexes that hold all rows, and hold them in order.
        """
        import sqlalchemy as sa  # noqa: PLC0415 - an extra

        look = sa.inspect(self.con)
        found = [look.get_pk_constraint(table)["constrained_columns"]]
        for each in look.get_indexes(table):
            how = each.get("dialect_options", {})
            if how.get("postgresql_using", "btree") == "btree" and not how.get("postgresql_where"):
                found.append([name or "" for name in each["column_names"]])
        return frozenset(names[0].lower() for names in found if names)

    def instants(self, table: str) -> frozenset[str]:
        """Return the columns that hold instants, which are read in UTC, in lower case.

        The others hold what a clock showed, or are no times.
        """
        import sqlalchemy as sa  # noqa: PLC0415 - an extra

        zones = self.con.dialect.name in _MYSQL
        return frozenset(
            str(each["name"]).lower()
            for each in sa.inspect(self.con).get_columns(table)
            if isinstance(each["type"], sa.TIMESTAMP) and (zones or each["type"].timezone)
        )

    def wall(self, at: dt.datetime) -> str:
        """Return what the server's clocks show at an instant, `YYYY-MM-DD HH:MM:SS`.

        Args:
            at: An instant, with its zone; SQLite does not know.
        """
        instant = at.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M:%S")
        query = "SELECT CONVERT_TZ(%s, '+00:00', @@global.time_zone)"
        if self.con.dialect.name == "postgresql":
            query = (
                "SELECT CAST(CAST(%s AS timestamp) AT TIME ZONE 'UTC' AT TIME ZONE "
                "(SELECT reset_val FROM pg_settings WHERE name = 'TimeZone') AS text)"
            )
        return str(self.con.exec_driver_sql(query, (instant,)).scalar_one())

    def least(self, table: str, by: str, since: object = None) -> str | None:
        """Return the least value of a column that has an index, None when there is none.

        Args:
            table: The table.
            by: The column.
            since: Only values from here on.
        """
        import sqlalchemy as sa  # noqa: PLC0415 - an extra

        column: sa.ColumnClause[Any] = sa.column(by)
        (picked,) = self._picked([by])
        query = sa.select(picked).select_from(sa.table(table)).where(column.is_not(None))
        if since is not None:
            query = query.where(column >= self._told(since))
        rows = self._ask(query.order_by(column).limit(1))
        return None if not rows else str(rows[0][0])

    def ordered(  # noqa: PLR0913 - a range of a table
        self,
        table: str,
        columns: Sequence[str],
        by: str,
        *,
        first: object = None,
        last: object = None,
        changed: tuple[str, object] | None = None,
        size: int = PAGE,
    ) -> Iterator[pa.Table]:
        """Read a range of a table in the order of one column, page by page.

        The column needs an index, so that the server need not sort. Values may repeat: the last
        value of a full page is left to the next one, which begins there.

        Args:
            table: The table.
            columns: What to read of it.
            by: The column that orders; one of `columns`.
            first: Its first value; None for the very first.
            last: The value at which to stop, not included; None for none.
            changed: Another column and its least value. It needs no index, but then the range
                must be small, because the server looks at all of it.
            size: How many rows a page has at most, unless more have the same value.
        """
        import sqlalchemy as sa  # noqa: PLC0415 - an extra

        picked = self._picked(columns)
        column: sa.ColumnClause[Any] = sa.column(by)
        place = list(columns).index(by)
        limit = size
        while True:
            query = sa.select(*picked).select_from(sa.table(table))
            for where in self._range(column, first, last, changed):
                query = query.where(where)
            rows = self._ask(query.order_by(column).limit(limit))
            if len(rows) < limit:
                if rows:
                    yield texts(columns, rows)
                return
            end = rows[-1][place]
            kept = len(rows)
            while kept and rows[kept - 1][place] == end:
                kept -= 1
            if kept:
                yield texts(columns, rows[:kept])
                first, limit = end, size
            elif limit < size * _MOST_TIES:
                limit *= 4
            else:
                raise ServerError(
                    f"more than {limit:,} rows of {table} have the {by} {end}; they cannot be "
                    "read in small pages. Find out what wrote them, or read a dump of the table"
                )

    def _range(
        self,
        column: sa.ColumnClause[Any],
        first: object,
        last: object,
        changed: tuple[str, object] | None,
    ) -> Iterator[sa.ColumnElement[bool]]:
        import sqlalchemy as sa  # noqa: PLC0415 - an extra

        if self.con.dialect.name not in _NULLS_FIRST:
            yield column.is_not(None)
        if first is not None:
            yield column >= self._told(first)
        if last is not None:
            yield column < self._told(last)
        if changed is not None:
            yield sa.column(changed[0]) >= self._told(changed[1])

    def _picked(self, columns: Sequence[str]) -> list[sa.ColumnElement[Any]]:
        """Ask for columns, and PostgreSQL to write them as texts itself."""
        import sqlalchemy as sa  # noqa: PLC0415 - an extra

        found: list[sa.ColumnElement[Any]] = [sa.column(name) for name in columns]
        if self.con.dialect.name == "postgresql":
            return [sa.cast(each, sa.Text).label(None) for each in found]
        return found

    def _told(self, value: object) -> Any:
        """Give a value to compare a column with; PostgreSQL finds out of what type the column is.

        It compares no other types by itself, not even a time with a text.
        """
        import sqlalchemy as sa  # noqa: PLC0415 - an extra

        if self.con.dialect.name != "postgresql":
            return value
        return sa.bindparam(None, str(value), type_=sa.types.NullType())

    def found(
        self,
        table: str,
        columns: Sequence[str],
        by: str,
        values: Sequence[object],
        size: int = PAGE,
    ) -> Iterator[pa.Table]:
        """Read the rows that have one of some values in a column that has an index.

        Args:
            table: The table.
            columns: What to read of it.
            by: The column.
            values: What it may hold.
            size: How many values are asked for at once.
        """
        import sqlalchemy as sa  # noqa: PLC0415 - an extra

        picked = self._picked(columns)
        column: sa.ColumnClause[Any] = sa.column(by)
        for start in range(0, len(values), size):
            query = sa.select(*picked).select_from(sa.table(table))
            some = [self._told(value) for value in values[start : start + size]]
            rows = self._ask(query.where(column.in_(some)))
            if rows:
                yield texts(columns, rows)

    def _ask(self, query: sa.Select[Any]) -> Sequence[Sequence[Any]]:
        began = time.monotonic()
        rows = self.con.execute(query).fetchall()
        time.sleep(min(time.monotonic() - began, _LONGEST_REST_S))
        return rows


def named_table(told: object) -> str:
    """Return the name of a table or column when it can be one.

    Raises:
        UsageError: It cannot.

    Example:
        >>> named_table("cdr")
        'cdr'
    """
    if not isinstance(told, str) or not _NAME.fullmatch(told):
        raise UsageError(f"'{told}' is no name of a table or column; write it such as cdr")
    return told


def texts(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> pa.Table:
    """Make a table of texts of rows, whatever types their values have.

    Example:
        >>> texts(["a", "b"], [(1, None), ("x", 2.5)]).to_pylist()
        [{'a': '1', 'b': None}, {'a': 'x', 'b': '2.5'}]
    """
    arrays = [
        pa.array(
            [value if value is None or type(value) is str else _text(value) for value in each],
            pa.string(),
        )
        for each in (zip(*rows, strict=True) if rows else [()] * len(columns))
    ]
    return pa.Table.from_arrays(arrays, names=list(columns))


def said_in_utc(rows: pa.Table, columns: Iterable[str]) -> pa.Table:
    """Write behind the times of some columns that they are UTC, where they do not say so.

    Example:
        >>> rows = texts(["at"], [("2026-01-05 10:00:00",), ("2026-01-05 10:00:00+00",)])
        >>> said_in_utc(rows, ["at"])["at"].to_pylist()
        ['2026-01-05 10:00:00+00', '2026-01-05 10:00:00+00']
    """
    import pyarrow.compute as pc  # noqa: PLC0415 - only where it is needed

    for name in columns:
        place = rows.schema.get_field_index(name)
        plain = pc.match_substring_regex(rows[name], "^[1-9][0-9]{3}-[-0-9 :.T]*$")
        said = pc.binary_join_element_wise(rows[name], "+00", "")
        rows = rows.set_column(place, name, pc.if_else(plain, said, rows[name]))
    return rows


@contextlib.contextmanager
def open_database(
    url: object, password: Callable[[], str], kinds: Sequence[str] = ("mysql", "mariadb")
) -> Iterator[Database]:
    """Open a database for reading.

    Args:
        url: Such as `mysql://reader@replica.example:3306/asterisk`; a password may not be in it.
        password: Gives the password, when one is needed.
        kinds: The kinds of databases that will do, such as `sqlite`.

    Raises:
        EngineError: What speaks to such databases is not installed.
        ServerError: It does not answer, or not as it should; also later, while it is read.
        UsageError: The address is not one, or holds a password.
    """
    try:
        import sqlalchemy as sa  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise EngineError(_MISSING) from error
    address = _address(url, kinds)
    told: dict[str, Any] = {}
    secret = ""
    kind = address.get_backend_name()
    if kind != "sqlite":
        secret = password()
        told = _mysql_arguments(secret) if kind in _MYSQL else _postgres_arguments(secret)
    where = address.render_as_string(hide_password=True)
    with _told(where, secret):
        engine = sa.create_engine(
            address.set(drivername=_DRIVERS.get(kind, address.drivername)),
            connect_args=told,
            poolclass=sa.pool.NullPool,
            isolation_level="AUTOCOMMIT",
        )
        with contextlib.closing(engine.connect()) as con:
            yield Database(con, _readonly(con))


_MISSING = 'reading databases needs drivers; run: pip install "dialgauge[databases]"'


def _address(url: object, kinds: Sequence[str]) -> sa.URL:
    import sqlalchemy as sa  # noqa: PLC0415 - an extra

    example = "mysql://reader@replica.example:3306/asterisk"
    try:
        address = sa.make_url(str(url))
    except (sa.exc.ArgumentError, ValueError):  # without the text: there may be a password in it
        raise UsageError(
            f"the url is not the address of a database; write it such as {example}"
        ) from None
    if address.password is not None or any(word in address.query for word in _SECRET_WORDS):
        raise UsageError(
            "the url holds a password, and would be kept in a file with it; take it out, and give "
            "the password in the environment or the keyring"
        )
    if address.get_backend_name() not in kinds:
        raise UsageError(
            f"the url begins with '{address.drivername}:', but must begin with one of: "
            f"{', '.join(f'{kind}:' for kind in kinds)}; such as {example}"
        )
    if not address.database:
        raise UsageError(f"the url names no database; write it behind the host, such as {example}")
    return address


def _mysql_arguments(password: str) -> dict[str, Any]:
    try:
        from pymysql import converters  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise EngineError(_MISSING) from error
    return {
        "password": password,
        # Without decoders all values stay as the server wrote them: as texts.
        "conv": dict(converters.encoders),
        "connect_timeout": _CONNECT_S,
        "read_timeout": 4 * _LONGEST_S,
    }


def _postgres_arguments(password: str) -> dict[str, Any]:
    if importlib.util.find_spec("psycopg") is None:
        raise EngineError(_MISSING)
    return {
        "password": password,
        "application_name": "dialgauge",
        "connect_timeout": _CONNECT_S,
        # A server that is gone is noticed within the time that it may take at most.
        "keepalives_idle": _LONGEST_S,
        "keepalives_interval": 10,
        "keepalives_count": 3,
        "tcp_user_timeout": 4 * _LONGEST_S * 1000,
        "prepare_threshold": None,  # poolers before a server forget prepared statements
    }


def _readonly(con: sa.Connection) -> str:
    """Let a session only read, and not for long; return what its clock shows."""
    if con.dialect.name == "sqlite":
        con.exec_driver_sql("PRAGMA query_only = ON")
        return ""
    if con.dialect.name == "postgresql":
        clock = con.exec_driver_sql("SELECT CAST(LOCALTIMESTAMP(0) AS text)").scalar_one()
        con.exec_driver_sql("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")
        con.exec_driver_sql(f"SET statement_timeout = '{_LONGEST_S}s'")
        con.exec_driver_sql("SET lock_timeout = '5s'")
        con.exec_driver_sql("SET TIME ZONE 'UTC'")
        con.exec_driver_sql("SET datestyle = 'ISO'")
        return str(clock)
    clock = con.exec_driver_sql("SELECT NOW()").scalar_one()
    con.exec_driver_sql("SET SESSION TRANSACTION READ ONLY")
    limit = (
        f"max_statement_time = {_LONGEST_S}"
        if getattr(con.dialect, "is_mariadb", False)
        else f"max_execution_time = {_LONGEST_S * 1000}"
    )
    with contextlib.suppress(Exception):  # older servers know neither
        con.exec_driver_sql(f"SET SESSION {limit}")
    # TIMESTAMP columns then come in UTC; DATETIME columns stay what they are.
    con.exec_driver_sql("SET SESSION time_zone = '+00:00'")
    return str(clock)


@contextlib.contextmanager
def _told(where: str, password: str) -> Iterator[None]:
    """Make one sentence of what a database says, without secrets and statements."""
    import sqlalchemy as sa  # noqa: PLC0415 - an extra

    try:
        yield
    except sa.exc.NoSuchModuleError as error:
        raise EngineError(_MISSING) from error
    except RuntimeError as error:
        if "cryptography" not in str(error):
            raise
        raise EngineError(
            "this database's user logs in with caching_sha2_password over a line that is not "
            'encrypted, which needs cryptography; run: pip install "dialgauge[vault]", or use TLS'
        ) from error
    except sa.exc.SQLAlchemyError as error:
        raise ServerError(_sentence(where, getattr(error, "orig", None), password)) from None


_ADVICE = {
    1044: "grant this user SELECT on that database",
    1045: "check the user's name and password",
    1049: "check the name of the database",
    1142: "grant this user SELECT on that table",
    1143: "grant this user SELECT on that table",
    1927: "what was read is kept; try again",
    1969: "read a replica, or at night",
    2003: "check the host and the port, and that this machine may connect",
    2006: "what was read is kept; try again",
    2013: "what was read is kept; try again",
    3024: "read a replica, or at night",
}

_ADVICE_BY_WORDS = {
    "password authentication failed": "check the user's name and password",
    "no password supplied": "check the user's name and password",
    "role": "check the user's name and password",
    "no pg_hba.conf entry": "allow this machine and user in the server's pg_hba.conf",
    "database": "check the name of the database",
    "permission denied": "grant this user SELECT on that table",
    "statement timeout": "read a replica, or at night",
    "lock timeout": "read a replica, or at night",
    "conflict with recovery": "what was read is kept; try again",
    "terminating connection": "what was read is kept; try again",
    "closed the connection": "what was read is kept; try again",
    "connection": "check the host and the port, and that this machine may connect",
}


def _sentence(where: str, cause: object, password: str) -> str:
    parts = getattr(cause, "args", ()) or (cause,)
    code = parts[0] if isinstance(parts[0], int) else 0
    said = " ".join(str(parts[-1]).split()) if cause is not None else "it does not answer"
    said = said.rpartition("FATAL: ")[2]  # PostgreSQL repeats where it was looked for
    if password:
        said = said.replace(password, "***")
    found = (advice for words, advice in _ADVICE_BY_WORDS.items() if words in said)
    advice = _ADVICE.get(code) or next(found, "check the address, and that the database runs")
    return f"the database {where} says: {said}; {advice}"


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
