"""Who may log in, and as what?"""

from __future__ import annotations

import contextlib
import datetime as dt
import unicodedata
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from dialgauge.errors import UnknownNameError, UsageError
from dialgauge.store.database import Database
from dialgauge.store.secrets import hash_password, is_password
from dialgauge.store.tables import SESSIONS, TOKENS, USERS, VIEWS

OWNER = "owner"
ROLES = (OWNER, "manager", "team_lead", "agent", "viewer")
"""What someone can be; the server says what each may."""

_LONGEST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Someone who may log in.

    Attributes:
        id: Their number.
        name: What they type, and what others read.
        role: One of `ROLES`.
        teams: The teams whose rows a team lead sees.
        agent: The agent whose rows an agent sees, as the records name them.
        email: How a log-in service knows them; empty when none does.
        has_password: Whether they can log in here, and not only at a log-in service.
        linked: Whether they have come from a log-in service once.
        disabled: Whether they are kept out.
        made_at: When they were added.
    """

    id: int
    name: str
    role: str
    teams: tuple[str, ...] = ()
    agent: str = ""
    email: str = ""
    has_password: bool = False
    linked: bool = False
    disabled: bool = False
    made_at: dt.datetime

    def as_json(self) -> dict[str, Any]:
        """Return all that is known, by name."""
        return {**asdict(self), "teams": list(self.teams), "made_at": self.made_at.isoformat()}


@dataclass(frozen=True, slots=True)
class Users:
    """The people of an application database."""

    database: Database

    def add(  # noqa: PLR0913 - all that is known of a person
        self,
        name: str,
        role: str,
        *,
        teams: tuple[str, ...] = (),
        agent: str = "",
        email: str = "",
        password: str | None = None,
    ) -> User:
        """Add someone.

        Args:
            name: What they will type.
            role: One of `ROLES`; the first of all is an owner.
            teams: The teams of a team lead.
            agent: Whose calls an agent sees.
            email: How a log-in service knows them.
            password: Without one they come from a log-in service only.

        Raises:
            UsageError: The name or e-mail is taken, something is not allowed, or the first user
                is not an owner.
        """
        address = _email(email)
        _need_rows(role, teams, agent)
        values = {
            "name": _name(name),
            "name_key": _folded(_name(name)),
            "role": _role(role),
            "teams": _names(teams),
            "agent": agent.strip(),
            "email": address,
            "password": None if password is None else hash_password(password),
            "disabled": False,
            "made_at": self.database.clock(),
        }
        with self._alone() as con:
            if role != OWNER and not _owners(con):
                raise UsageError(
                    "the first user must be an owner, who can add the others; add one with: "
                    "dialgauge users add NAME --role owner"
                )
            _need_free_email(con, address)
            try:
                made = con.execute(sa.insert(USERS).values(**values).returning(USERS))
                return _user(made.one())
            except IntegrityError as error:
                raise UsageError(
                    f"there is a user '{name}' already; choose another name"
                ) from error

    def change(
        self,
        user_id: int,
        *,
        role: str,
        teams: tuple[str, ...] = (),
        agent: str = "",
        email: str = "",
    ) -> User:
        """Say anew what someone is and sees.

        Raises:
            UsageError: There is no such user, something is not allowed, or no owner would be left.
        """
        address = _email(email)
        _need_rows(role, teams, agent)
        values: dict[str, object] = {
            "role": _role(role),
            "teams": _names(teams),
            "agent": agent.strip(),
            "email": address,
        }
        with self._alone() as con:
            before = _need(con, user_id)
            if before.email != address:
                _need_free_email(con, address)
                # Whoever holds the new address links it anew at the log-in service.
                values |= {"issuer": None, "subject": None}
            _put(con, user_id, **values)
            _need_owner(con)
            return _need(con, user_id)

    def disable(self, user_id: int) -> User:
        """Keep someone out: their sessions and tokens end at once.

        Raises:
            UsageError: There is no such user, or no owner would be left.
        """
        with self._alone() as con:
            _need(con, user_id)
            _put(con, user_id, disabled=True)
            _need_owner(con)
            for table in (SESSIONS, TOKENS):
                con.execute(sa.delete(table).where(table.c.user_id == user_id))
            return _need(con, user_id)

    def enable(self, user_id: int) -> User:
        """Let someone in again; tokens that ended stay ended."""
        with self._alone() as con:
            _need(con, user_id)
            _put(con, user_id, disabled=False)
            return _need(con, user_id)

    def remove(self, user_id: int) -> None:
        """Forget someone, their sessions, tokens and views; views shared with all stay.

        Raises:
            UsageError: There is no such user, or no owner would be left.
        """
        with self._alone() as con:
            _need(con, user_id)
            con.execute(
                sa.update(VIEWS)
                .where(VIEWS.c.user_id == user_id, VIEWS.c.shared == "all")
                .values(user_id=None)
            )
            con.execute(sa.delete(USERS).where(USERS.c.id == user_id))
            _need_owner(con)

    def set_password(self, user_id: int, password: str) -> None:
        """Give someone a new password; whoever was logged in as them is no longer.

        Raises:
            UsageError: There is no such user, or the password is too short.
        """
        hashed = hash_password(password)
        with self._alone() as con:
            _need(con, user_id)
            _put(con, user_id, password=hashed)
            con.execute(sa.delete(SESSIONS).where(SESSIONS.c.user_id == user_id))

    def verify(self, name: str, password: str) -> User | None:
        """Find who knows this name and password.

        Does the same work when there is no such name.

        Returns:
            The user; None when the name or the password is wrong, or the user is kept out.
        """
        with self.database.reading() as con:
            row = con.execute(sa.select(USERS).where(USERS.c.name_key == _folded(name))).first()
        right = is_password(password, row.password if row else None)
        return _user(row) if right and row and not row.disabled else None

    def from_service(self, issuer: str, subject: str, email: str, *, verified: bool) -> User | None:
        """Find who comes from a log-in service.

        Someone who has come before is known by their number there. Who comes for the first time
        is linked by an e-mail address that the service has verified.

        Returns:
            The user; None when nobody has added them, or they are kept out.
        """
        with self._alone() as con:
            known = sa.and_(USERS.c.issuer == issuer, USERS.c.subject == subject)
            row = con.execute(sa.select(USERS).where(known)).first()
            if row is None and verified and email:
                free = sa.and_(USERS.c.email == _email(email), USERS.c.subject.is_(None))
                row = con.execute(sa.select(USERS).where(free, ~USERS.c.disabled)).first()
                if row is not None:
                    _put(con, row.id, issuer=issuer, subject=subject)
                    return _need(con, row.id)
        return _user(row) if row is not None and not row.disabled else None

    @contextlib.contextmanager
    def _alone(self) -> Iterator[sa.Connection]:
        """Change users while nobody else does, so that two owners cannot demote each other."""
        with self.database.writing() as con:
            if con.dialect.name == "postgresql":
                con.execute(sa.text("LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE"))
            yield con

    def by_id(self, user_id: int) -> User | None:
        """Find someone by number."""
        with self.database.reading() as con:
            row = con.execute(sa.select(USERS).where(USERS.c.id == user_id)).first()
            return _user(row) if row else None

    def by_name(self, name: str) -> User:
        """Find someone by name, in any case.

        Raises:
            UnknownNameError: There is no such user.
        """
        found = self.list()
        for user in found:
            if _folded(user.name) == _folded(name):
                return user
        raise UnknownNameError("user", name, [user.name for user in found])

    def list(self) -> tuple[User, ...]:
        """List everybody, by name."""
        with self.database.reading() as con:
            rows = con.execute(sa.select(USERS).order_by(USERS.c.name_key)).all()
            return tuple(_user(row) for row in rows)

    def count(self) -> int:
        """Count everybody, those who are kept out as well."""
        with self.database.reading() as con:
            return con.execute(sa.select(sa.func.count()).select_from(USERS)).scalar_one()


def need_a_way(password: str | None, email: str) -> None:
    """Refuse to add someone who could never log in.

    Raises:
        UsageError: There is neither a password nor an e-mail address.
    """
    if password is None and not email.strip():
        raise UsageError(
            "whoever has no password comes from the log-in service, which knows them by an e-mail "
            "address; say which"
        )


def user_of(row: Any) -> User:
    """Read a user from a row of the table."""
    return User(
        id=row.id,
        name=row.name,
        role=row.role,
        teams=tuple(row.teams),
        agent=row.agent,
        email=row.email,
        has_password=row.password is not None,
        linked=row.subject is not None,
        disabled=row.disabled,
        made_at=row.made_at,
    )


_user = user_of


def _need(con: sa.Connection, user_id: int) -> User:
    row = con.execute(sa.select(USERS).where(USERS.c.id == user_id)).first()
    if row is None:
        raise UsageError(f"there is no user with the number {user_id}; look under Users")
    return _user(row)


def _put(con: sa.Connection, user_id: int, **values: object) -> None:
    con.execute(sa.update(USERS).where(USERS.c.id == user_id).values(**values))


def _owners(con: sa.Connection) -> int:
    chosen = sa.select(USERS.c.id).where(USERS.c.role == OWNER, ~USERS.c.disabled)
    return len(con.execute(chosen).all())


def _need_owner(con: sa.Connection) -> None:
    if not _owners(con):
        raise UsageError("nobody would be left who can add users; make someone else an owner first")


def _need_free_email(con: sa.Connection, email: str) -> None:
    taken = sa.select(USERS.c.name).where(USERS.c.email == email)
    if email and (other := con.execute(taken).scalar()):
        raise UsageError(f"'{email}' is the e-mail address of '{other}' already; write another")


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).strip().casefold()


def _name(name: str) -> str:
    kept = " ".join(unicodedata.normalize("NFC", name).split())
    if not kept or len(kept) > _LONGEST or not kept.isprintable():
        raise UsageError(f"a user's name has from 1 to {_LONGEST} characters that can be printed")
    return kept


def _role(role: str) -> str:
    if role not in ROLES:
        raise UnknownNameError("role", role, ROLES)
    return role


def _need_rows(role: str, teams: tuple[str, ...], agent: str) -> None:
    if role == "team_lead" and not _names(teams):
        raise UsageError("a team lead sees the rows of their teams; say of which")
    if role == "agent" and not agent.strip():
        raise UsageError("an agent sees their own rows; say which agent of the records they are")


def _names(teams: tuple[str, ...]) -> list[str]:
    return list(dict.fromkeys(team.strip() for team in teams if team.strip()))


def _email(email: str) -> str:
    kept = email.strip().casefold()
    if kept and ("@" not in kept[1:-1] or " " in kept or len(kept) > 254):
        raise UsageError(f"'{email}' is not an e-mail address; write it as ann@example.com")
    return kept
