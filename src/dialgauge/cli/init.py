"""`dialgauge init`: where shall the lake be?"""

from __future__ import annotations

from pathlib import Path

from dialgauge.cli.table import console
from dialgauge.config import write_new
from dialgauge.lake import Lake


def command(directory: Path = Path()) -> None:
    """Make a configuration and an empty lake.

    Args:
        directory: Where; the present folder by default.
    """
    path = write_new(directory)
    Lake.create(str(directory))
    to = console()
    to.print(f"made {path} and an empty lake beside it")
    to.print("next: dialgauge import files calls.csv --dry-run", style="dim")
