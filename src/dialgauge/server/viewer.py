"""Who is looking, and what may they see and do?"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from dialgauge.errors import UsageError


class Role(enum.Enum):
    """What someone is in the team."""

    OWNER = "owner"
    MANAGER = "manager"
    TEAM_LEAD = "team_lead"
    AGENT = "agent"
    VIEWER = "viewer"


class May(enum.Enum):
    """What can be allowed."""

    ASK = "ask"  # numbers, under the viewer's row rules
    ROWS = "rows"  # the calls, leads and orders behind a number
    EXPORT = "export"
    KEEP = "keep"  # views of one's own, annotations
    DECIDE = "decide"  # targets and segments, and what all see first
    IMPORT = "import"
    PHONES = "phones"  # phone tokens unmasked
    HEALTH = "health"  # checks and quarantine, which look at all rows
    ADMINISTER = "administer"  # users, tokens of others, the audit trail


MAY: Mapping[Role, frozenset[May]] = MappingProxyType(
    {
        Role.OWNER: frozenset(May),
        Role.MANAGER: frozenset(May) - {May.ADMINISTER},
        Role.TEAM_LEAD: frozenset({May.ASK, May.ROWS, May.EXPORT, May.KEEP}),
        Role.AGENT: frozenset({May.ASK, May.ROWS, May.KEEP}),
        Role.VIEWER: frozenset({May.ASK, May.EXPORT, May.KEEP}),
    }
)
"""Role to what it may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """Someone who looks, or a program that asks for them.

    Attributes:
        name: Shown in the corner and written into the audit trail; empty where nobody logs in.
        role: What they are.
        user_id: Their number in the application database; None where nobody logs in.
        teams: The teams whose rows a team lead sees.
        agent: The agent whose rows an agent sees.
        may: What they may; less than the role's for a token of narrower scope.
    """

    name: str
    role: Role
    user_id: int | None = None
    teams: tuple[str, ...] = ()
    agent: str = ""
    may: frozenset[May]

    @property
    def guard(self) -> tuple[str, ...]:
        """The row rules: conditions that every row must meet, whatever is asked.

        Raises:
            UsageError: A team lead without a team, or an agent whose name is not known.

        Example:
            >>> lead = viewer("Ann", Role.TEAM_LEAD, teams=("Alder", "O'Hara"))
            >>> lead.guard
            ("team = 'Alder' or team = 'O''Hara'",)
        """
        match self.role:
            case Role.TEAM_LEAD:
                named, column = self.teams, "team"
            case Role.AGENT:
                named, column = (self.agent,) if self.agent else (), "agent"
            case _:
                return ()
        if not named:
            raise UsageError(
                f"nobody has said which {column} {self.name or 'this user'} belongs to; let an "
                "owner say so under Users"
            )
        return (" or ".join(f"{column} = {_text(name)}" for name in named),)


def viewer(
    name: str,
    role: Role,
    *,
    user_id: int | None = None,
    teams: tuple[str, ...] = (),
    agent: str = "",
) -> Viewer:
    """Describe someone who may all that their role may."""
    return Viewer(name=name, role=role, user_id=user_id, teams=teams, agent=agent, may=MAY[role])


AT_HOME = viewer("", Role.OWNER)
"""Whoever sits at a server on loopback that has no users."""


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
