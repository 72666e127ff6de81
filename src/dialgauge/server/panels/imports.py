"""What came into the lake lately?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from zoneinfo import ZoneInfo

from dialgauge.server.panels.panel import Look, Shown
from dialgauge.server.panels.stock import history

MOST = 10
COUNTS = ("loaded", "updated", "unchanged", "quarantined")


@dataclass(frozen=True, slots=True, kw_only=True)
class Imports:
    """The last changes of the lake, the newest first.

    Attributes:
        title: Key of its heading.
        name: Its name on the page.
    """

    kind: ClassVar[str] = "imports"
    title: str = "health.imports"
    name: str = "imports"
    span: int = 12

    def show(self, look: Look) -> Shown:
        """Read them from the lake's manifests."""
        say, zone = look.say, ZoneInfo(look.view.timezone)
        states = history(look.gauge.lake, MOST)
        return Shown(
            title=say.t(self.title),
            data={
                "imports": [
                    {
                        "version": state.version,
                        "at": state.at.isoformat(),
                        "operation": state.operation,
                        "counts": dict(state.counts),
                    }
                    for state in states
                ]
            },
            face={
                "rows": [
                    {
                        "at": say.moment(state.at.astimezone(zone)),
                        "operation": state.operation,
                        "counts": [
                            say.count(state.counts[name]) if name in state.counts else ""
                            for name in COUNTS
                        ],
                    }
                    for state in states
                ],
                "counts": [say.t(f"health.count.{name}") for name in COUNTS],
            },
        )
