"""What is said to someone who may not?"""

from __future__ import annotations

from dialgauge import errors
from dialgauge.server.viewer import May, Viewer

_DOING = {
    May.ASK: "ask",
    May.ROWS: "see single calls, leads and orders",
    May.EXPORT: "take data away",
    May.KEEP: "keep views and annotations",
    May.DECIDE: "change targets and segments",
    May.IMPORT: "import",
    May.PHONES: "see phone tokens",
    May.HEALTH: "see what is wrong with the data of all",
    May.ADMINISTER: "change users",
}


class ForbiddenError(errors.ForbiddenError):
    """Someone who is known asks for what their role, or their token, may not.

    Attributes:
        what: What they would need.
    """

    def __init__(self, what: May, who: Viewer) -> None:
        self.what = what
        super().__init__(
            f"a {who.role.value.replace('_', ' ')} may not {_DOING[what]} here; an owner can give "
            "you another role under Users, or a token with a wider scope"
        )
