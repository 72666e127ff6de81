"""What must be done before there is anything to see here?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from dialgauge.server.panels.panel import Look, Shown
from dialgauge.server.viewer import May


@dataclass(frozen=True, slots=True, kw_only=True)
class Guide:
    """An explanation, an example to copy, and where to go.

    Attributes:
        text: Key of the explanation.
        example: What to write, as it stands; empty for none.
        path: Where it is made; empty for nowhere.
        action: Key of what the button says.
        needs: What one must be allowed for the button to stand there.
        title: Key of its heading.
        name: Its name on the page.
    """

    kind: ClassVar[str] = "guide"
    text: str
    title: str
    example: str = ""
    path: str = ""
    action: str = ""
    needs: May = May.DECIDE
    name: str = "guide"
    span: int = 12

    def show(self, look: Look) -> Shown:
        """Say it; nothing is asked."""
        offered = bool(self.path) and self.needs in look.viewer.may
        return Shown(
            title=look.say.t(self.title),
            face={
                "text": look.say.t(self.text),
                "example": self.example,
                "href": self.path if offered else "",
                "action": look.say.t(self.action) if offered else "",
            },
        )
