"""From which systems can dialgauge read?

One module a system; each offers `stage(con, request)`, see `base`. `source` finds one by name and
imports only that one.
"""

from __future__ import annotations

import importlib
from typing import cast

from dialgauge.errors import UnknownNameError
from dialgauge.sources.base import Stage

SOURCES = (
    "asterisk",
    "espocrm",
    "files",
    "freeswitch",
    "hubspot",
    "odoo",
    "pipedrive",
    "salesforce",
    "suitecrm",
    "twilio",
    "vicidial",
)
"""The names `dialgauge import` knows; the module of that name stands beside this file."""


def source(name: str) -> Stage:
    """Return the function that reads a system.

    Args:
        name: One of `SOURCES`.

    Raises:
        UnknownNameError: There is no such source.

    Example:
        >>> source("files").__name__
        'stage'
    """
    if name not in SOURCES:
        raise UnknownNameError("source", name, SOURCES)
    module = importlib.import_module(f"dialgauge.sources.{name}")
    return cast("Stage", module.stage)
