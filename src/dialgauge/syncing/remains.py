"""Where do rows stand as they came, that may name a person whom the tables have forgotten?

In pages that wait to be taken in, and in the log of what was sent. Both go with the next round,
but for the segment of the log into which a running server writes: it goes once the server has
begun another one.
"""

from __future__ import annotations

from pathlib import Path

from dialgauge.lake import Lake


def remains(lake: Lake) -> tuple[str, ...]:
    """List the systems of which rows stand beside the tables, as they came."""
    folders = Path(lake.layout.sync("")).glob("*/")
    return tuple(sorted(folder.name for folder in folders if _has_rows(folder)))


def _has_rows(folder: Path) -> bool:
    pages = folder.glob("*/pages/**/*.parquet"), folder.glob("*/range/pages/**/*.parquet")
    logs = (path for path in folder.glob("hook/log/*.log") if path.stat().st_size)
    return any(True for found in (*pages, logs) for _ in found)
