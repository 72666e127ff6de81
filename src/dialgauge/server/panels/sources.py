"""How do the systems stand that are read while they run?"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import ClassVar
from zoneinfo import ZoneInfo

from dialgauge.server.panels.imports import COUNTS
from dialgauge.server.panels.panel import Look, Shown
from dialgauge.syncing.status import read_all


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """When each was read, what came of it, and how far behind it is.

    Attributes:
        title: Key of its heading.
        name: Its name on the page.
    """

    kind: ClassVar[str] = "sources"
    title: str = "health.sources"
    name: str = "sources"
    span: int = 12

    def show(self, look: Look) -> Shown:
        """Read what `dialgauge sync` and the server have written down."""
        say, zone = look.say, ZoneInfo(look.view.timezone)
        now = dt.datetime.now(dt.UTC)
        rows = []
        found = read_all(look.gauge.lake.layout)
        for each in found:
            counts, lag = each.counts.as_json(), each.lag_s(now)
            rows.append(
                {
                    "name": each.name,
                    "system": each.system,
                    "at": say.moment(each.ended_at.astimezone(zone)) if each.ended_at else "",
                    "counts": [say.count(counts[name]) for name in COUNTS],
                    "behind": "" if lag is None else say.duration(lag),
                    "error": " ".join(f"{told}." for told in (each.error, *each.refused) if told),
                }
            )
        return Shown(
            title=say.t(self.title),
            data={"sources": [each.as_json(now) for each in found]},
            face={"rows": rows, "counts": [say.t(f"health.count.{name}") for name in COUNTS]},
        )
