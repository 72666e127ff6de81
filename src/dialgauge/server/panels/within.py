"""How does a panel look at one group only?"""

from __future__ import annotations

from dataclasses import dataclass

from dialgauge.server.panels.hints import within
from dialgauge.server.panels.panel import Look, Shown
from dialgauge.server.panels.trend import Trend


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendWithin(Trend):
    """A trend of one group.

    Attributes:
        dimension: Of which dimension.
        group: Which group.
    """

    dimension: str
    group: str

    def show(self, look: Look) -> Shown:
        """Ask as a trend does, of this group."""
        return Trend.show(self, within(look, self.dimension, self.group))
