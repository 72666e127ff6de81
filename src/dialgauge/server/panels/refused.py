"""Which rows were refused, why, and how are they mended?"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import ClassVar

from dialgauge.checkup import need_all_rows
from dialgauge.contents import refused
from dialgauge.server.panels.panel import Look, Shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Refused rows by table and reason.

    Attributes:
        title: Key of its heading.
        name: Its name on the page.
    """

    kind: ClassVar[str] = "refused"
    title: str = "health.refused"
    name: str = "refused"
    span: int = 12

    def show(self, look: Look) -> Shown:
        """Count them; most were never any."""
        say, gauge = look.say, look.gauge
        need_all_rows(gauge.guard)
        with contextlib.closing(gauge.lake.connect()) as con:
            found = refused(con, gauge.lake.snapshot())
        return Shown(
            title=say.t(self.title),
            data={"refused": found},
            face={
                "rows": [
                    {
                        "table": each["table"],
                        "reason": each["reason"],
                        "rows": say.count(each["rows"] - each["mended"]),
                        "mended": say.count(each["mended"]),
                        "file": (each["file"] or "").rpartition("/")[2],
                    }
                    for each in found
                ]
            },
        )
