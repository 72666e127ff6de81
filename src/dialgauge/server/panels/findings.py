"""What is wrong with the data, and which KPIs does it touch?

Shows what the last check of this very version of the lake found; the check itself runs when
somebody asks for it, for it looks at every row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from dialgauge.checks import Finding, Severity, finding_json, readable
from dialgauge.checkup import need_all_rows
from dialgauge.server.panels.panel import Look, Shown
from dialgauge.server.viewer import May
from dialgauge.telling import said_in

SIGNS: Mapping[Severity, str] = {Severity.ERROR: "✕", Severity.WARNING: "▲", Severity.INFO: "i"}
MOODS: Mapping[Severity, str] = {
    Severity.ERROR: "bad",
    Severity.WARNING: "warn",
    Severity.INFO: "flat",
}
_NAMED = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What checks found, the worst first.

    Attributes:
        title: Key of its heading.
        name: Its name on the page.
    """

    kind: ClassVar[str] = "findings"
    title: str = "health.findings"
    name: str = "findings"
    span: int = 12

    def show(self, look: Look) -> Shown:
        """Read what was found in the newest version; it may not have been checked yet."""
        say, gauge = look.say, look.gauge
        need_all_rows(gauge.guard)
        text = gauge.lake.findings(gauge.lake.snapshot().version)
        found = [said_in(each, say.texts) for each in readable(text)] if text else []
        groups = {
            severity: [each for each in found if each.severity is severity] for severity in Severity
        }
        return Shown(
            title=say.t(self.title),
            data={"checked": bool(text), "findings": [finding_json(each) for each in found]},
            face={
                "checked": bool(text),
                "groups": [
                    {
                        "sign": SIGNS[severity],
                        "mood": MOODS[severity],
                        "title": say.t(f"health.severity.{severity.value}"),
                        "findings": [_told(each, look) for each in those],
                    }
                    for severity, those in groups.items()
                    if those
                ],
            },
        )


def _told(found: Finding, look: Look) -> Mapping[str, Any]:
    say, words = look.say, look.gauge.words
    kpis = [
        (say.title(words.kpis[name]), look.view.at(f"/kpi/{name}").address)
        for name in found.kpis
        if name in words.kpis
    ]
    dimensions = dict.fromkeys(name.partition(".")[2] for name in found.dimensions)
    listed = found.rows and May.ROWS in look.viewer.may
    return {
        "says": found.says,
        "check": found.check,
        "kpis": kpis[:_NAMED],
        "more": kpis[_NAMED:],
        "split": ", ".join(say.dimension(name) for name in dimensions),
        "rows": f"/health/rows/{found.check}" if listed else "",
    }
