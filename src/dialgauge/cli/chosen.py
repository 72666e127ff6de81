"""Which lake did the command line name?"""

from __future__ import annotations

from contextvars import ContextVar

LAKE: ContextVar[str | None] = ContextVar("LAKE", default=None)
"""What stood behind `--lake`, None when it was not written."""
