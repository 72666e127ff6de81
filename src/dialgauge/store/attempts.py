"""May someone try to log in once more?

Kept in the database, so that several workers and restarts count together.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa

from dialgauge.store.database import Database
from dialgauge.store.secrets import fingerprint
from dialgauge.store.tables import ATTEMPTS

LONGEST_WAIT = dt.timedelta(minutes=5)
_FORGET = dt.timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Attempts:
    """The attempts to log in, per name and per address."""

    database: Database

    def take(self, key: str, free: int) -> dt.timedelta:
        """Take one attempt, before it is known whether it succeeds.

        So many may be taken at once; then each makes the next wait twice as long.

        Args:
            key: A name or an address; kept as a fingerprint.
            free: So many attempts need no waiting.

        Returns:
            How long to wait; nothing when the attempt may be made.
        """
        at, kept = self.database.clock(), fingerprint(key)
        with self.database.writing() as con:
            con.execute(sa.delete(ATTEMPTS).where(ATTEMPTS.c.last_at <= at - _FORGET))
            con.execute(
                self.database.insert_if_new(ATTEMPTS, key=kept, taken=0, last_at=at, free_at=at)
            )
            of_key = ATTEMPTS.c.key == kept
            row = con.execute(sa.select(ATTEMPTS).where(of_key).with_for_update()).one()
            if row.free_at > at:
                wait: dt.timedelta = row.free_at - at
                return wait
            taken: int = row.taken + 1
            free_at = at + waiting(taken, free)
            con.execute(
                sa.update(ATTEMPTS).where(of_key).values(taken=taken, last_at=at, free_at=free_at)
            )
        return dt.timedelta()

    def give_back(self, key: str) -> None:
        """Give back the attempt of who got in: an office of many comes from one address."""
        of_key = ATTEMPTS.c.key == fingerprint(key)
        values = {"taken": ATTEMPTS.c.taken - 1, "free_at": self.database.clock()}
        with self.database.writing() as con:
            con.execute(sa.update(ATTEMPTS).where(of_key, ATTEMPTS.c.taken > 0).values(**values))

    def clear(self, key: str) -> None:
        """Forget the attempts of a name that has logged in."""
        with self.database.writing() as con:
            con.execute(sa.delete(ATTEMPTS).where(ATTEMPTS.c.key == fingerprint(key)))


def waiting(taken: int, free: int) -> dt.timedelta:
    """Say how long to wait after so many attempts.

    Example:
        >>> [waiting(taken, free=5).seconds for taken in (4, 5, 6, 7, 20)]
        [0, 1, 2, 4, 300]
    """
    if taken < free:
        return dt.timedelta()
    return min(dt.timedelta(seconds=2 ** min(taken - free, 20)), LONGEST_WAIT)
