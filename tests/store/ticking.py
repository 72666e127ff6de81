"""How do tests let time pass?"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass
class Ticking:
    """A clock that stands still until it is told to go on."""

    at: dt.datetime = dt.datetime(2026, 5, 4, 9, tzinfo=dt.UTC)

    def __call__(self) -> dt.datetime:
        """Tell the time."""
        return self.at

    def pass_by(self, **length: float) -> None:
        """Let time pass: `pass_by(hours=2)`."""
        self.at += dt.timedelta(**length)
