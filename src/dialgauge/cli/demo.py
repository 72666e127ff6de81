"""`dialgauge demo`: what would this look like with data?"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from dialgauge.cli import overview
from dialgauge.cli import serve as serving
from dialgauge.cli.progress import telling
from dialgauge.cli.table import console
from dialgauge.config import FILE, find, write_new
from dialgauge.errors import UsageError
from dialgauge.front import gauge
from dialgauge.intake import take_in
from dialgauge.lake import Lake
from dialgauge.model.rules import Rules
from dialgauge.sources import source
from dialgauge.sources.base import Request
from dialgauge.testing import stream_world, write_world

# Files that are imported together. What things are worked out from comes before them, so that
# nothing is worked out twice.
_ORDER = (
    ("campaigns", "agents", "currencies", "leads"),
    ("calls",),
    ("agent_time", "deals", "stages", "meetings", "customers"),
    ("orders",),
    ("costs", "targets", "assignments"),
    ("surveys", "reviews", "conversations"),
)
_RULES = Rules(currency="EUR")


def command(
    directory: Path = Path("dialgauge-demo"),
    *,
    calls: int = 300_000,
    seed: int = 7,
    serve: bool | None = None,
    port: int = 8000,
) -> None:
    """Make a small realistic lake, show what it tells, and serve its dashboard.

    The company in it is invented, and so are its people; what is worth finding in its calls,
    orders and costs was planted and is listed in `dialgauge.testing.Truths`.

    Args:
        directory: Where; made when missing. A demo that is there already is shown as it is.
        calls: How many calls it shall hold.
        seed: Another number, another company.
        serve: Whether to end by serving the dashboard until Ctrl-C; without a word, on a terminal.
        port: On which port; 0 for any that is free.
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
        "revenue cost roi customer_acquisition_cost --by lead_source",
        "csat quality_score talk_share --by team",
    ):
        to.print(f"  dialgauge --lake {directory} ask {question}")
    to.print("See it in the browser:", style="bold")
    if to.is_terminal if serve is None else serve:
        serving.run(config, serving.Listening(port=port))
    else:
        to.print(f"  dialgauge --lake {directory} serve")


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
        for names in _ORDER:
            progress(f"importing {', '.join(names)}")
            paths = tuple(files[name] for name in names)
            request = Request(paths=paths, phone_key=lake.phone_key)
            take_in(lake, source("files"), request, rules=_RULES)
        settings = write_new(Path(scratch) / "settings").read_text(encoding="utf-8")
    own = f'currency = "{_RULES.currency}"'
    # Written last: what a kill leaves behind is not taken for a whole demo.
    (directory / FILE).write_text(settings.replace(f"# {own}", own), encoding="utf-8")
