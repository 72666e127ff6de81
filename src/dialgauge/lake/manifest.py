"""Which version of each table belongs to one state of the lake?

Delta commits one table at a time; a manifest names, in one file that appears in one step, the
versions of all tables that belong together. Readers follow manifests, so they see the whole of an
import or nothing of it.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from dialgauge.errors import LakeError
from dialgauge.lake import disk

_NAME = re.compile(r"(\d{8})\.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """One state of the lake, and how it came to be.

    Attributes:
        version: Counts up from 1; 0 is the empty lake, which has no file.
        at: When it was published, UTC.
        operation: What was done, in words.
        tables: Table name to its version in Delta's log.
        details: What the operation wants remembered.
        counts: Rows by what happened to them.
        change: Names the write that made it; also begins the names of its files.
    """

    version: int
    at: dt.datetime
    operation: str
    tables: Mapping[str, int]
    details: Mapping[str, object] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    change: str = ""


EMPTY = Manifest(version=0, at=dt.datetime.fromtimestamp(0, dt.UTC), operation="create", tables={})
"""The state before anything was written."""


def versions(folder: str) -> list[int]:
    """List the versions that can be read, oldest first.

    Args:
        folder: Where the manifests lie.
    """
    found = (_NAME.fullmatch(name) for name in disk.names(folder))
    return sorted(int(match[1]) for match in found if match)


def newest(folder: str) -> Manifest:
    """Read the newest manifest; of a lake never written to, the empty one."""
    known = versions(folder)
    return read(folder, known[-1]) if known else EMPTY


def read(folder: str, version: int) -> Manifest:
    """Read the manifest of a version.

    Raises:
        LakeError: There is no such version, or its file is damaged.
    """
    if version == 0:
        return EMPTY
    path = path_of(folder, version)
    try:
        found = json.loads(disk.read(path))
        return Manifest(
            version=found["version"],
            at=dt.datetime.fromisoformat(found["at"]),
            operation=found["operation"],
            tables=found["tables"],
            details=found["details"],
            counts=found["counts"],
            change=found["change"],
        )
    except FileNotFoundError:
        raise LakeError(
            f"the lake has no version {version}; allowed: {_span(versions(folder))}."
        ) from None
    except (ValueError, KeyError, TypeError) as error:
        raise LakeError(
            f"the lake is damaged: '{path}' cannot be read; remove it to go back to the version"
            " before it."
        ) from error


def publish(folder: str, manifest: Manifest) -> None:
    """Make a manifest the newest one, in one step.

    Raises:
        LakeError: Somebody else published that version.
    """
    content = {
        "version": manifest.version,
        "at": manifest.at.isoformat(),
        "operation": manifest.operation,
        "details": dict(manifest.details),
        "counts": dict(manifest.counts),
        "tables": dict(manifest.tables),
        "change": manifest.change,
    }
    try:
        disk.write_new(path_of(folder, manifest.version), json.dumps(content, indent=1))
    except FileExistsError:
        raise LakeError(
            f"somebody else wrote version {manifest.version} without holding the lock;"
            " nothing was changed, try again."
        ) from None


def path_of(folder: str, version: int) -> str:
    """Return the file of a version's manifest."""
    return f"{folder}/{version:08d}.json"


def _span(known: list[int]) -> str:
    return ", ".join(str(version) for version in [0, *known][-20:])
