"""How does long work show that it goes on?

A moving bar on a terminal, plain lines elsewhere; always on standard error, so that what a command
prints stays clean.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn


@contextlib.contextmanager
def telling(what: str) -> Iterator[Callable[[str], None]]:
    """Show that work goes on; the function given is told each step in a few words.

    Args:
        what: The work as a whole, such as `import calls.csv`.
    """
    if not sys.stderr.isatty():
        plain = Console(stderr=True, highlight=False, width=200)
        yield lambda step: plain.print(f"{what}: {step}", markup=False)
        return
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    with bar:
        task = bar.add_task(what, total=None)
        yield lambda step: bar.update(task, description=f"{what}: {step}")
