"""How does alembic reach the database that is being opened?

`dialgauge.store.opening` hands over the connection, with the lock already held.
"""

from __future__ import annotations

from alembic import context

from dialgauge.store.tables import META

if hasattr(context, "config"):  # not while something only looks at this module
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=META,
        render_as_batch=True,  # SQLite changes a table by writing it anew
        transactional_ddl=False,  # the caller's transaction holds all steps
    )
    context.run_migrations()
