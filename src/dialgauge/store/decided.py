"""Which targets and segments were made in the dashboard?

They change numbers everywhere, on the command line as well, so each change counts a version up:
whoever keeps them knows with one small query whether they are still what was decided.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from dialgauge.errors import UsageError
from dialgauge.model.segment import Segment
from dialgauge.model.target import Target
from dialgauge.store.database import Database
from dialgauge.store.tables import DECIDED, SEGMENTS, TARGETS


@dataclass(frozen=True, slots=True, kw_only=True)
class Decisions:
    """What was decided in the dashboard.

    Attributes:
        version: Counts the changes.
        segments: As YAML that `dialgauge.catalogue.user.extend` reads; empty when there are none.
        targets: Those that end first before the others.
    """

    version: int = 0
    segments: str = ""
    targets: tuple[Target, ...] = ()


@dataclass(frozen=True, slots=True)
class Targets:
    """The targets of an application database; whether they mean something is checked before."""

    database: Database

    def put(self, target: Target, by: str) -> None:
        """Make a target, or change the one of this name.

        Args:
            target: What should be reached.
            by: Who says so.

        Raises:
            UsageError: It has no name.
        """
        if not target.target_id.strip():
            raise UsageError("give the target a name")
        values = {
            "kpi": target.kpi,
            "value": target.value,
            "scope": target.scope,
            "starts_on": target.starts_on,
            "ends_on": target.ends_on,
        }
        _replace(self.database, TARGETS.c.target_id, target.target_id, values, by)

    def remove(self, target_id: str) -> None:
        """Give a target up.

        Raises:
            UsageError: There is no such target.
        """
        _remove(self.database, TARGETS.c.target_id, target_id, "target")

    def list(self) -> tuple[Target, ...]:
        """List the targets, those that end first before the others."""
        with self.database.reading() as con:
            return _targets(con)


@dataclass(frozen=True, slots=True)
class Segments:
    """The segments of an application database; `extend` must have agreed to each before."""

    database: Database

    def put(self, segment: Segment, by: str) -> None:
        """Make a segment, or change the one of this name.

        Args:
            segment: Its groups and their conditions.
            by: Who says so.
        """
        rules = [list(rule) for rule in segment.rules]
        values = {"rules": rules, "otherwise": segment.otherwise}
        _replace(self.database, SEGMENTS.c.name, segment.name, values, by)

    def remove(self, name: str) -> None:
        """Give a segment up.

        Raises:
            UsageError: There is no such segment.
        """
        _remove(self.database, SEGMENTS.c.name, name, "segment")

    def list(self) -> tuple[Segment, ...]:
        """List the segments by name."""
        with self.database.reading() as con:
            return _segments(con)


def version(database: Database) -> int:
    """Count how often something was decided."""
    with database.reading() as con:
        found: int = con.execute(sa.select(DECIDED.c.version)).scalar_one()
    return found


def decisions(database: Database) -> Decisions:
    """Read all that was decided."""
    with database.reading() as con:
        return Decisions(
            version=con.execute(sa.select(DECIDED.c.version)).scalar_one(),
            segments=segments_yaml(_segments(con)),
            targets=_targets(con),
        )


def segments_yaml(segments: tuple[Segment, ...]) -> str:
    """Write segments as `dialgauge.catalogue.user.extend` reads them.

    Example:
        >>> print(segments_yaml((Segment(name="half", rules=(("am", "hour < 12"),)),)))
        {"segments": {"half": [{"name": "am", "where": "hour < 12"}, {"otherwise": "other"}]}}
    """
    if not segments:
        return ""
    tree = {
        segment.name: [
            *({"name": group, "where": where} for group, where in segment.rules),
            {"otherwise": segment.otherwise},
        ]
        for segment in segments
    }
    return json.dumps({"segments": tree})  # JSON is YAML, and nobody's text can break out of it


def _replace(
    database: Database, key: sa.Column[Any], name: str, values: dict[str, Any], by: str
) -> None:
    with database.writing() as con:
        con.execute(sa.delete(key.table).where(key == name))
        con.execute(
            sa.insert(key.table).values(
                **{key.name: name}, **values, by=by, made_at=database.clock()
            )
        )
        _count_up(con)


def _remove(database: Database, key: sa.Column[Any], name: str, what: str) -> None:
    with database.writing() as con:
        if not con.execute(sa.delete(key.table).where(key == name)).rowcount:
            raise UsageError(f"there is no {what} '{name}' that was made in the dashboard")
        _count_up(con)


def _count_up(con: sa.Connection) -> None:
    con.execute(sa.update(DECIDED).values(version=DECIDED.c.version + 1))


def _targets(con: sa.Connection) -> tuple[Target, ...]:
    rows = con.execute(
        sa.select(TARGETS).order_by(TARGETS.c.ends_on, TARGETS.c.starts_on, TARGETS.c.target_id)
    )
    return tuple(
        Target(
            target_id=row.target_id,
            kpi=row.kpi,
            value=row.value,
            scope=row.scope,
            starts_on=row.starts_on,
            ends_on=row.ends_on,
        )
        for row in rows
    )


def _segments(con: sa.Connection) -> tuple[Segment, ...]:
    rows = con.execute(sa.select(SEGMENTS).order_by(SEGMENTS.c.name))
    return tuple(
        Segment(
            name=row.name,
            rules=tuple((group, where) for group, where in row.rules),
            otherwise=row.otherwise,
        )
        for row in rows
    )
