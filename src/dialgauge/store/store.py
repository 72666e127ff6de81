"""What do people make in the dashboard, and who are they?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field

from dialgauge.store import decided
from dialgauge.store.annotations import Annotations
from dialgauge.store.attempts import Attempts
from dialgauge.store.audit import Audit
from dialgauge.store.database import Database, connect, now
from dialgauge.store.decided import Decisions, Segments, Targets
from dialgauge.store.opening import migrate
from dialgauge.store.sessions import Sessions
from dialgauge.store.tokens import Tokens
from dialgauge.store.users import Users
from dialgauge.store.views import Views


@dataclass
class Store:
    """The application database; may be used from threads."""

    database: Database
    _decisions: Decisions | None = field(default=None, init=False, repr=False)

    @property
    def users(self) -> Users:
        """Who may log in."""
        return Users(self.database)

    @property
    def sessions(self) -> Sessions:
        """Who is logged in."""
        return Sessions(self.database)

    @property
    def tokens(self) -> Tokens:
        """Which programs may ask."""
        return Tokens(self.database)

    @property
    def attempts(self) -> Attempts:
        """Who tries to log in."""
        return Attempts(self.database)

    @property
    def views(self) -> Views:
        """Which pages were kept."""
        return Views(self.database)

    @property
    def annotations(self) -> Annotations:
        """Which notes stand on which days."""
        return Annotations(self.database)

    @property
    def targets(self) -> Targets:
        """What should be reached."""
        return Targets(self.database)

    @property
    def segments(self) -> Segments:
        """How people group what they see."""
        return Segments(self.database)

    @property
    def audit(self) -> Audit:
        """Who did what."""
        return Audit(self.database)

    def decisions(self) -> Decisions:
        """Give the segments and targets of now; one small query when nothing has changed."""
        known = self._decisions
        if known is None or known.version != decided.version(self.database):
            known = self._decisions = decided.decisions(self.database)
        return known

    def close(self) -> None:
        """Let the database go."""
        self.database.engine.dispose()


def open_store(url: str, clock: Callable[[], dt.datetime] = now) -> Store:
    """Open an application database, made or brought up to date where that is needed.

    Args:
        url: `sqlite:///` and a path, or `postgresql://user:password@host/name`.
        clock: Tells the time.

    Raises:
        UsageError: The address cannot be used.
        StoreError: The database does not answer, or is newer than this program.
    """
    database = Database(connect(url), clock)
    try:
        migrate(database)
    except BaseException:
        database.engine.dispose()
        raise
    return Store(database)
