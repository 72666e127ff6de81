"""How are templates filled?"""

from __future__ import annotations

import functools

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from dialgauge.server.static import stamped


@functools.cache
def environment() -> Environment:
    """Open the templates; everything that is put in is escaped, and a name nobody gave fails."""
    found = Environment(
        loader=PackageLoader("dialgauge.server"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.globals["stamped"] = stamped
    return found
