"""Which events of earlier rounds tell of the same calls as those that have just come?

A call of FreeSWITCH or Twilio is told in several events, one a leg or one a change, and rounds cut
between them wherever they are. So events stay beside the log for some hours, and those that belong
to a new one are read with it once more: a source then sees the whole call, and its row replaces
that of the part. They are a help only: a call that lasts longer is told by what came last.

A folder of Parquet files, one for each page that was read, each event with the names of its legs.
"""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from dialgauge.sources.raw import literal_path
from dialgauge.syncing.spool import permit_only_owner

HOURS = 12
"""For so long events are at hand."""

LINKS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "freeswitch": (
            *("uuid", "originator", "call_uuid", "signal_bond", "bleg_uuid"),
            *("other_loopback_leg_uuid", "cc_member_session_uuid"),
        ),
        "twilio": ("CallSid", "ParentCallSid"),
    }
)
"""What of a system's events names a leg. FreeSWITCH's `bridge_uuid` does not: an agent's leg that
stays up all day would join all calls of the day."""

_HOPS = 4
_FIELDS = pa.schema(
    [("at", pa.float64()), ("event", pa.string()), ("names", pa.list_(pa.string()))]
)

Event = tuple[float, str]
"""When it came, in seconds since 1970, and what it said, JSON."""


@dataclass(frozen=True, slots=True)
class Recent:
    """The events of one system's last hours.

    Attributes:
        folder: Where they are; made with the first.
        system: Who sent them.
    """

    folder: Path
    system: str

    def joined(self, page: str, events: Sequence[Event]) -> list[Event]:
        """Put before some events those that came earlier and tell of the same calls.

        Args:
            page: A name for these events; the same ones have it again after a crash.
            events: What has just come, and is kept from now on.
        """
        if self.system not in LINKS or not events:
            return list(events)
        named = [names_in(self.system, said) for _, said in events]
        earlier = self._found({name for names in named for name in names}, but=page)
        permit_only_owner(self.folder)
        rows = zip(events, named, strict=True)
        listed = [{"at": at, "event": said, "names": names} for (at, said), names in rows]
        draft = self.folder / f"{page}.draft"
        pq.write_table(pa.Table.from_pylist(listed, _FIELDS), draft, compression="zstd")
        draft.replace(self.folder / f"{page}.parquet")
        return [*earlier, *events]

    def forget_old(self) -> None:
        """Remove what came too long ago."""
        for path in self.folder.glob("*"):
            with contextlib.suppress(FileNotFoundError):
                if time.time() - path.stat().st_mtime > HOURS * 3_600:
                    path.unlink()

    def _found(self, names: set[str], but: str) -> list[Event]:
        paths = [path for path in sorted(self.folder.glob("*.parquet")) if path.stem != but]
        if not paths or not names:
            return []
        listed = ", ".join(map(literal_path, paths))
        with duckdb.connect() as con:
            con.execute(
                "CREATE TABLE kept AS SELECT filename, file_row_number AS place, names "
                f"FROM read_parquet([{listed}], filename = true, file_row_number = true)"
            )
            found: set[tuple[str, int]] = set()
            for _ in range(_HOPS):
                rows = con.execute(
                    "SELECT filename, place, names FROM kept WHERE list_has_any(names, $names)",
                    {"names": sorted(names)},
                ).fetchall()
                met = names.union(*(each for *_, each in rows))
                found |= {(file, place) for file, place, _ in rows}
                if met == names:
                    break
                names = met
        return sorted(_read(found))


def names_in(system: str, event: str) -> list[str]:
    """List the names of legs that an event tells.

    Example:
        >>> names_in("twilio", '{"CallSid": "CA1", "ParentCallSid": "CA0", "From": "+49"}')
        ['CA1', 'CA0']
    """
    told = json.loads(event)
    if system == "freeswitch":
        told = told.get("variables")
    if not isinstance(told, dict):
        return []
    named = (told.get(link) for link in LINKS[system])
    plain = [name.strip() for name in named if isinstance(name, str) and name.strip()]
    return [name.lower() for name in plain] if system == "freeswitch" else plain


def _read(places: Iterable[tuple[str, int]]) -> list[Event]:
    rows: dict[str, list[int]] = {}
    for file, place in sorted(places):
        rows.setdefault(file, []).append(place)
    found: list[Event] = []
    for file, wanted in rows.items():
        table = pq.read_table(file, columns=["at", "event"]).take(wanted)
        found += zip(table["at"].to_pylist(), table["event"].to_pylist(), strict=True)
    return found
