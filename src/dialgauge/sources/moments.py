"""How does a column of somebody else's table say when something was?

As seconds since 1970, as an instant with its zone, or as what a clock on the wall showed. Whoever
reads a table from some moment on must say it as the column does, and find it again in its values.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

_FORM = "%Y-%m-%d %H:%M:%S"
_EPOCH = re.compile(r"[0-9]{9,10}([.][0-9]+)?")


@dataclass(frozen=True, slots=True)
class TimeColumn:
    """A column of times by which a table is read.

    Attributes:
        name: What it is called.
        form: `epoch`, `instant` or `wall`.
        zone: Of clocks on the wall.

    Example:
        >>> column = TimeColumn("calldate", "wall", dt.timezone(dt.timedelta(hours=1)))
        >>> column.said(dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC))
        '2026-01-05 10:00:00'
    """

    name: str
    form: str
    zone: dt.tzinfo

    def said(self, at: dt.datetime) -> str | int:
        """Write a moment as the column does.

        Args:
            at: It, with its zone; parts of seconds are dropped.
        """
        if self.form == "epoch":
            return int(at.timestamp())
        if self.form == "instant":
            # without +00, which MySQL would not understand; sessions are in UTC
            return at.astimezone(dt.UTC).strftime(_FORM)
        return at.astimezone(self.zone).strftime(_FORM)

    def moment(self, value: object) -> dt.datetime | None:
        """Read a value of the column, with its zone; None when it is no time.

        Example:
            >>> TimeColumn("at", "wall", dt.UTC).moment("2026-01-05 10:00:00.25").isoformat()
            '2026-01-05T10:00:00+00:00'
        """
        told = str(value or "")
        try:
            if _EPOCH.fullmatch(told):
                return dt.datetime.fromtimestamp(int(float(told)), dt.UTC)
            if self.form == "instant":
                at = dt.datetime.fromisoformat(told).replace(microsecond=0)
                return at if at.tzinfo else at.replace(tzinfo=dt.UTC)
            return dt.datetime.fromisoformat(told[:19]).replace(tzinfo=self.zone)
        except ValueError:
            return None


def is_epoch(value: str | None) -> bool:
    """Tell whether a value is seconds since 1970.

    Example:
        >>> is_epoch("1767603600.25"), is_epoch("2026-01-05 09:00:00"), is_epoch(None)
        (True, False, False)
    """
    return value is not None and _EPOCH.fullmatch(value) is not None
