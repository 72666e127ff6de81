"""Where is kept what people make in the dashboard, and who they are?

Users, sessions, tokens, kept views, notes, targets, segments and the audit trail; in SQLite beside
the settings, or in PostgreSQL.
"""

from __future__ import annotations

from dialgauge.store.store import Store, open_store

__all__ = ["Store", "open_store"]
