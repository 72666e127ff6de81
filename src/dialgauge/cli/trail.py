"""Who writes down what people do on the command line?

The same audit trail as the dashboard's, where there is one.
"""

from __future__ import annotations

import contextlib
import getpass
import os

from dialgauge.config import Config, has_database
from dialgauge.front import application_database


def who() -> str:
    """Name who types, as the machine knows them."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container without names
        return "nobody known"


def audited(config: Config, what: str, detail: str) -> None:
    """Add a line to the audit trail, where the team has one.

    Args:
        config: Where its database is.
        what: The kind of deed, a key of `[deed]` in the language files.
        detail: What it was done to. Never a secret, never whom it is about.
    """
    if has_database(config, os.environ):
        with contextlib.closing(application_database(config)) as store:
            store.audit.write(who(), what, detail, "command line")
