"""`dialgauge demo`: what would this look like with data?"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from dialgauge.cli import overview
from dialgauge.cli.progress import telling
from dialgauge.cli.table import console
from dialgauge.config import find, write_new
from dialgauge.errors import UsageError
from dialgauge.front import gauge
from dialgauge.intake import take_in
from dialgauge.lake import Lake
from dialgauge.sources import source
from dialgauge.sources.base import Request
from dialgauge.testing import stream_world, write_world

_ORDER = ("campaigns", "agents", "leads", "calls", "agent_time")


def command(
    directory: Path = Path("dialgauge-demo"), *, calls: int = 300_000, seed: int = 7
) -> None:
    """Make a small realistic lake and show what it tells.

    The company in it is invented, and so are its people; what is worth finding in its calls was
    planted and is listed in `dialgauge.testing.Truths`.

    Args:
        directory: Where; made when missing. A demo that is there already is shown as it is.
        calls: How many calls it shall hold.
        seed: Another number, another company.
    """
    to = console()
    if not (directory / "dialgauge.toml").exists():
        _make(directory, calls, seed)
    config = find(None, str(directory), {})
    overview.show(gauge(config), config, to)
    to.print("Ask on, for example:", style="bold")
    for question in (
        "contact_rate --by hour",
        "contact_conversion_rate --by script",
        "invalid_number_rate --by list",
        "contacts_per_agent_hour occupancy --by team --grain month",
    ):
        to.print(f"  dialgauge --lake {directory} ask {question}")


def _make(directory: Path, calls: int, seed: int) -> None:
    if calls < 1:
        raise UsageError(f"a demo needs at least 1 call, not {calls}")
    if directory.exists() and any(directory.iterdir()):
        raise UsageError(
            f"'{directory}' is not empty and holds no lake; name another folder for the demo"
        )
    directory.mkdir(parents=True, exist_ok=True)
    try:
        _fill(directory, calls, seed)
    except BaseException:
        # A demo that was interrupted is in nobody's way, and is not taken for a whole one.
        shutil.rmtree(directory, ignore_errors=True)
        raise


def _fill(directory: Path, calls: int, seed: int) -> None:
    with telling("demo") as progress, tempfile.TemporaryDirectory() as scratch:
        progress("inventing a company")
        files = write_world(stream_world(seed=seed, calls=calls), Path(scratch))
        lake = Lake.create(str(directory))
        for name in _ORDER:
            progress(f"importing {name}")
            request = Request(paths=(files[name],), table=name, phone_key=lake.phone_key)
            take_in(lake, source("files"), request)
    # Written last: what a kill leaves behind is not taken for a whole demo.
    write_new(directory)
