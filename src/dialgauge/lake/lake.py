"""How is a lake opened, read and written?

The front of this room: everything a `Lake` can do stands here in one line each, and is done in
the module of that name.
"""

from __future__ import annotations

import contextlib
import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import duckdb
from deltalake.exceptions import DeltaError

from dialgauge.errors import LakeError
from dialgauge.lake import connection, disk, layout, manifest, repair, snapshot, upkeep
from dialgauge.lake import erase as forget
from dialgauge.lake.change import Change
from dialgauge.lake.erase import Erased, Person
from dialgauge.lake.forgotten import Forgotten
from dialgauge.lake.layout import Layout
from dialgauge.lake.lock import write_lock
from dialgauge.lake.manifest import Manifest
from dialgauge.lake.quarantine import QUARANTINE
from dialgauge.lake.snapshot import Snapshot
from dialgauge.lake.upkeep import Vacuumed
from dialgauge.lake.vault import Vault
from dialgauge.model.table import Table
from dialgauge.tables import TABLES

TIMEOUT_S = 600.0
"""How long a writer waits for another one, in seconds."""


def _silent(_: str) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Lake:
    """The open tables of one team, in one folder.

    Attributes:
        layout: Where everything lies.
        tables: The tables it may hold, by name.
        memory_limit: What its connections may use, such as '500MB'; empty for 6 GB or half the
            machine's memory, whichever is less.

    Example:
        >>> import tempfile
        >>> lake = Lake.create(tempfile.mkdtemp() + "/lake")
        >>> lake.snapshot().version
        0
    """

    layout: Layout
    tables: Mapping[str, Table] = field(
        default_factory=lambda: {**TABLES, QUARANTINE.name: QUARANTINE}
    )
    memory_limit: str = ""
    _latest: list[Snapshot] = field(default_factory=list, init=False, repr=False, compare=False)

    @classmethod
    def create(cls, path: str, *, memory_limit: str = "") -> Lake:
        """Make an empty lake in a folder.

        Raises:
            LakeError: The folder is a lake already, or cannot be written.
        """
        return cls(layout.create(path), memory_limit=memory_limit)

    @classmethod
    def open(cls, path: str, *, memory_limit: str = "") -> Lake:
        """Open the lake in a folder.

        Raises:
            LakeError: The folder is no lake, or one of a newer dialgauge.
        """
        return cls(layout.check(path), memory_limit=memory_limit)

    @property
    def path(self) -> str:
        """The lake's folder, absolute."""
        return self.layout.root

    @property
    def phone_key(self) -> bytes:
        """The secret with which phone numbers become tokens; different in every lake.

        Raises:
            LakeError: It cannot be read.
        """
        try:
            return bytes.fromhex(disk.read(self.layout.phone_key).strip())
        except (OSError, ValueError) as error:
            raise LakeError(
                f"the secret '{self.layout.phone_key}' cannot be read; put the one back with which"
                " this lake was made, or its phone tokens will not match new ones."
            ) from error

    @property
    def vault(self) -> Vault:
        """Where the phone numbers themselves are kept, if the team opened it."""
        return Vault(self.layout.vault)

    @property
    def forgotten(self) -> Forgotten:
        """Who was erased, so that nothing brings them back."""
        return Forgotten(self.layout.forgotten, self.phone_key)

    def connect(self) -> duckdb.DuckDBPyConnection:
        """Open a DuckDB connection that counts in UTC and spills into the lake's scratch folder."""
        return connection.connect(self.layout.scratch, self.memory_limit)

    def snapshot(self, version: int | None = None) -> Snapshot:
        """Return one whole state of all tables, the newest unless a version is given.

        Raises:
            LakeError: There is no such version, or the lake is damaged.
        """
        folder = self.layout.snapshots
        found = manifest.newest(folder) if version is None else manifest.read(folder, version)
        # A state never changes once it is written, and finding its files takes longer than many
        # an answer: the last one that was looked at is kept.
        for known in self._latest:
            if known.manifest == found:
                return known
        with _said(self.path):
            loaded = snapshot.load(self.layout, found)
        self._latest[:] = [loaded]
        return loaded

    def history(self) -> list[Manifest]:
        """Return the states that can be read, newest first."""
        folder = self.layout.snapshots
        return [manifest.read(folder, known) for known in reversed(manifest.versions(folder))]

    def keep_findings(self, version: int, text: str) -> None:
        """Remember what a check found in a version, in one step; what was known before goes.

        Raises:
            LakeError: The lake cannot be written.
        """
        with _said(self.path):
            disk.write(self.layout.findings, json.dumps({"version": version, "findings": text}))

    def findings(self, version: int) -> str:
        """Return what the last check found when it looked at this version, else ''."""
        try:
            found = json.loads(disk.read(self.layout.findings))
            return str(found["findings"]) if found["version"] == version else ""
        except (OSError, ValueError, KeyError, TypeError):  # not kept, or not by us
            return ""

    def restore(self, version: int) -> int:
        """Go back to an older state, as a new version, and return its number.

        Args:
            version: As `history` tells; 0 is the empty lake.

        Raises:
            LakeError: There is no such version, or the lake is busy.
        """
        old = manifest.read(self.layout.snapshots, version)
        with self.write(f"restore version {version}") as change:
            return upkeep.restore(change, self.layout, self.tables.values(), old)

    def compact(self) -> int:
        """Merge small files, sorted by clock, and return how many were merged.

        Raises:
            LakeError: The lake is busy, or sorting failed.
        """
        with self.write("compact") as change, contextlib.closing(self.connect()) as con:
            merged = upkeep.compact(change, con, self.tables.values())
            change.publish({"merged": merged}, same_rows=True)
            return merged

    def vacuum(self, older_than_days: float = 30, *, dry_run: bool = False) -> Vacuumed:
        """Give up states that were overtaken long ago, and the files only they needed.

        Args:
            older_than_days: How long an overtaken state is kept, 0 or more.
            dry_run: Only tell what would be removed.

        Raises:
            LakeError: The lake is busy.
            UsageError: The days are negative.
        """
        with self.write("vacuum"):
            return upkeep.vacuum(
                self.layout,
                self.tables.values(),
                older_than_days=older_than_days,
                dry_run=dry_run,
            )

    def erase(self, person: Person) -> Erased:
        """Forget a person: the numbers stay, whose they were does not; see `erase`.

        Raises:
            LakeError: The lake is busy, or cannot be written.
            UsageError: No identifier is given.
        """
        forget.check(person)
        tables = list(self.tables.values())
        with contextlib.closing(self.connect()) as con, self.write("erase a person") as change:
            states = [snapshot.load(self.layout, state) for state in self.history()]
            knowing = forget.traces(con, self.layout, tables, person, states)
            # Before the rows: a person who is still there and not let in again does no harm.
            names = forget.names(con, tables, person, states)
            self.forgotten.add(names)
            # First of all: without the number its token tells nothing, whatever comes between.
            if self.vault.opened:
                self.vault.forget(name for kind, name in names if kind == "phone_token")
            rows = forget.erase(change, con, tables, person)
            # Whatever else happens, no file of the new state may go.
            current = {path for table in tables for path in change.stored(table).paths}
            gone = knowing - current
            version = change.publish(counts=rows)
            lost = forget.knowing_states(states, gone)
            upkeep.drop(self.layout, lost, sorted(gone))
        return Erased(version=version, rows=rows, lost=lost, files=len(gone))

    def readmit(self, person: Person) -> bool:
        """Let imports bring somebody in again who was erased; what was forgotten stays so.

        Returns:
            Whether somebody of that name had been erased.

        Raises:
            LakeError: The lake is busy, or the list cannot be written.
            UsageError: No identifier is given.
        """
        forget.check(person)
        with write_lock(
            self.layout.lock, "let a person in again", waiting=_silent, timeout=TIMEOUT_S
        ):
            return self.forgotten.remove(forget.asked_names(person))

    @contextlib.contextmanager
    def write(
        self,
        operation: str,
        *,
        waiting: Callable[[str], None] = _silent,
        timeout: float = TIMEOUT_S,
    ) -> Iterator[Change]:
        """Hold the write lock and collect one change.

        What is not published when the block ends is undone.

        Args:
            operation: What is being done, in words.
            waiting: Told once who is in the way, when somebody is.
            timeout: Seconds to wait for the lock at most.

        Yields:
            The change, to be filled and published.

        Raises:
            LakeError: Somebody else holds the lock too long, or storing failed.
        """
        tables = dict(self.tables)
        with (
            write_lock(self.layout.lock, operation, waiting=waiting, timeout=timeout),
            _said(self.path),
        ):
            before = snapshot.load(self.layout, repair.repair(self.layout, tables))
            name = f"{before.version + 1:08d}-{secrets.token_hex(4)}"
            repair.begin(self.layout, name, operation)
            try:
                yield Change(self.layout, before, operation, name)
            finally:
                repair.repair(self.layout, tables)


@contextlib.contextmanager
def _said(path: str) -> Iterator[None]:
    """Say in one sentence what the disk or a file did to us."""
    try:
        yield
    except duckdb.OutOfMemoryException as error:
        raise LakeError(
            f"the work on the lake '{path}' needs more memory than it may use;"
            f" allow more, or free disk space for spilling. ({_first_line(error)})"
        ) from error
    except (duckdb.IOException, DeltaError, OSError) as error:
        raise LakeError(
            f"the lake '{path}' cannot be read or written: {_first_line(error)}."
            " Check the disk and its permissions, then try again; nothing is half done."
        ) from error


def _first_line(error: BaseException) -> str:
    return str(error).strip().splitlines()[0].rstrip(".") if str(error).strip() else repr(error)
