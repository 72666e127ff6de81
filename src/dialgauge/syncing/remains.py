"""Where do rows stand as they came, that may name a person whom the tables have forgotten?

In pages that wait to be taken in, and in the log of what was sent. Both go with the next round,
but for the segment of the log into which a running server writes: it goes once the server has
begun another one. Events of the last hours, which only help to understand others, go at once.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from dialgauge.lake import Lake


def remains(lake: Lake) -> tuple[str, ...]:
    """List the systems of which rows stand beside the tables, as they came."""
    folders = Path(lake.layout.sync("")).glob("*/")
    return tuple(sorted(folder.name for folder in folders if _has_rows(folder)))


def drop_recent(lake: Lake) -> None:
    """Remove the events of the last hours, which name people."""
    for folder in Path(lake.layout.sync("")).glob("*/hook/recent"):
        shutil.rmtree(folder, ignore_errors=True)


def _has_rows(folder: Path) -> bool:
    pages = folder.glob("*/pages/**/*.parquet"), folder.glob("*/range/pages/**/*.parquet")
    logs = (path for path in folder.glob("hook/log/*.log") if path.stat().st_size)
    return any(True for found in (*pages, logs) for _ in found)
