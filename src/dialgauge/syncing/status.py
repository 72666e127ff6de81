"""How did reading a system go the last time, and how far behind is it?"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from dialgauge.intake import Counts
from dialgauge.lake import disk
from dialgauge.lake.layout import Layout

FILE = "status.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """How one feed of a system stands.

    Attributes:
        name: What the system is called in dialgauge.toml.
        system: Which kind it is.
        feed: `fetch` for what it is asked, `hook` for what it sends.
        started_at: When reading began the last time; None when it never did.
        ended_at: When that ended.
        succeeded_at: When it went well the last time.
        error: What went wrong the last time, in one sentence; empty when nothing did.
        failures: How many times in a row it went wrong.
        counts: What became of the rows of the last time.
        refused: Why some of them were refused, and how many, in sentences; the most frequent first.
        notes: What was decided while reading them, in sentences.
        newest_at: When the newest row that ever came happened.
        version: The lake's version afterwards; None when nothing was taken in.
        next_at: When it is to be read again; None when nobody said.
    """

    name: str
    system: str
    feed: str
    started_at: dt.datetime | None = None
    ended_at: dt.datetime | None = None
    succeeded_at: dt.datetime | None = None
    error: str = ""
    failures: int = 0
    counts: Counts = field(default_factory=Counts)
    refused: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    newest_at: dt.datetime | None = None
    version: int | None = None
    next_at: dt.datetime | None = None

    def lag_s(self, now: dt.datetime) -> float | None:
        """Say how many seconds ago the newest row happened; None when there is none."""
        if self.newest_at is None:
            return None
        return max(0.0, (now - self.newest_at).total_seconds())

    def as_json(self, now: dt.datetime) -> dict[str, object]:
        """Return it in the shape that `sync --format json` prints."""
        told = {name.name: _plain(getattr(self, name.name)) for name in fields(self)}
        state = "never" if self.ended_at is None else "failed" if self.error else "ok"
        return {**told, "state": state, "lag_s": self.lag_s(now)}


def read(folder: Path, blank: Status) -> Status:
    """Read how a feed stands.

    Args:
        folder: The feed's.
        blank: What holds when nobody has written it, or it cannot be read.
    """
    try:
        found: dict[str, Any] = json.loads((folder / FILE).read_text(encoding="utf-8"))
        return Status(
            name=blank.name,
            system=blank.system,
            feed=blank.feed,
            error=str(found["error"]),
            failures=int(found["failures"]),
            counts=Counts(**found["counts"]),
            refused=tuple(found.get("refused", ())),
            notes=tuple(found.get("notes", ())),
            version=found["version"],
            **{
                key: dt.datetime.fromisoformat(found[key]) if found[key] else None
                for key in ("started_at", "ended_at", "succeeded_at", "newest_at", "next_at")
            },
        )
    except (OSError, ValueError, KeyError, TypeError):
        return blank


def read_all(layout: Layout) -> list[Status]:
    """Read how all stand that were ever read, also when they are connected no more."""
    found = []
    for path in sorted(Path(layout.sync("_")).parent.glob(f"*/*/{FILE}")):
        name, feed = path.parts[-3:-1]
        try:
            system = str(json.loads(path.read_text(encoding="utf-8"))["system"])
        except (OSError, ValueError, KeyError, TypeError):
            continue
        found.append(read(path.parent, Status(name=name, system=system, feed=feed)))
    return found


def write(folder: Path, status: Status) -> None:
    """Keep how a feed stands."""
    told = {name.name: _plain(getattr(status, name.name)) for name in fields(status)}
    disk.write(str(folder / FILE), json.dumps(told))


def _plain(value: object) -> object:
    match value:
        case dt.datetime():
            return value.isoformat(timespec="milliseconds")
        case Counts():
            return value.as_json()
    return value
