"""What was read, and is not in the lake yet?

A folder of pages beside a small file of cursors. A page is there as a whole or not at all, and the
cursors are written after the page they follow, so that after a crash at any moment they never say
more than what is there:

    cursors.json            kept, fetched: where reading stopped; moved, taken: numbers of pages
    pages/pbx/vicidial_log/000001.parquet
    rolls/activities_there/2026-11-22T09%3A00%3A00.parquet

A roll is called by its cursor, so that it counts when that does, and goes when nothing names it.
Pages behind the last that moved a cursor are read again and so dropped; those that were taken in
are dropped, too. When one is missing, all that are not in the lake yet are read again.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import pyarrow as pa
import pyarrow.parquet as pq

from dialgauge.errors import LakeError
from dialgauge.lake import disk
from dialgauge.sources.live import Page

_NOTHING = pa.table({"nothing": pa.array([], pa.string())})
_STREAM = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
_SECURE = 0o700


@dataclass(slots=True)
class _State:
    kept: dict[str, str] = field(default_factory=dict)
    fetched: dict[str, str] = field(default_factory=dict)
    moved: int = 0
    taken: int = 0


class Spool:
    """The pages of one feed.

    Attributes:
        files: The folder with a folder for each stream, as `stage` reads it.
        rows: How many rows wait to be taken in.
        size: Their bytes on the disk.
    """

    def __init__(self, folder: Path, name: str) -> None:
        """Open a spool, made when there is none, and tidy up after a crash.

        Args:
            folder: Where it is; nobody else may use it meanwhile.
            name: What the system is called.

        Raises:
            LakeError: The cursors cannot be read.
        """
        self._cursors, self._rolls = folder / "cursors.json", folder / "rolls"
        self.files = folder / "pages" / name
        self.files.mkdir(parents=True, exist_ok=True, mode=_SECURE)
        self._state = _read(self._cursors)
        for path in self.files.rglob("*"):
            number = _number(path)
            if path.is_file() and not self._state.taken < number <= self._state.moved:
                path.unlink()
        left = self._paths()
        state = self._state
        if {_number(path) for path in left} != set(range(state.taken + 1, state.moved + 1)):
            # Somebody has removed pages: what they held must be read again.
            state.fetched = dict(state.kept)
            self._empty()
            left = []
        if not left:
            state.moved = state.taken = 0
        self._last = max((_number(path) for path in left), default=0)
        self.rows = sum(pq.read_metadata(path).num_rows for path in left)
        self.size = sum(path.stat().st_size for path in left)
        self._forget_rolls()

    @staticmethod
    def cursors_of(folder: Path) -> Mapping[str, str]:
        """Say how far a feed is in the lake, without opening its spool.

        Raises:
            LakeError: The cursors cannot be read.
        """
        return _read(folder / "cursors.json").kept

    @property
    def fetched(self) -> Mapping[str, str]:
        """Where reading goes on."""
        return dict(self._state.fetched)

    @property
    def kept(self) -> Mapping[str, str]:
        """Where it would go on with what is in the lake alone."""
        return dict(self._state.kept)

    def add(self, page: Page) -> None:
        """Keep a page, and then its cursors.

        Raises:
            LakeError: Its stream has a name that no file can have.
        """
        if not _STREAM.fullmatch(page.stream):
            raise LakeError(f"'{page.stream}' is no name of a stream; this is a bug in dialgauge")
        number = self._last + 1
        folder = self.files / page.stream
        folder.mkdir(exist_ok=True, mode=_SECURE)
        path = folder / f"{number:06}.parquet"
        _write(page.rows, path)
        self._last = number
        self.rows += page.rows.num_rows
        self.size += path.stat().st_size
        for cursor, listed in page.rolls.items():
            kept = self._roll(cursor, page.cursors[cursor])
            kept.parent.mkdir(parents=True, exist_ok=True, mode=_SECURE)
            _write(listed, kept)
        if page.cursors:
            self._state.fetched.update(page.cursors)
            self._state.moved = number
            self._save()

    def roll(self, cursor: str) -> pa.Table | None:
        """Return the roll that came with a cursor, as it is where reading goes on."""
        path = self._roll(cursor, self._state.fetched.get(cursor, ""))
        return pq.read_table(path) if path.exists() else None

    def finish(self) -> None:
        """Go on from here, as all pages are in the lake."""
        state = self._state
        state.kept, state.moved, state.taken = dict(state.fetched), self._last, self._last
        self._save()
        self._empty()
        self._forget_rolls()

    def clear(self) -> None:
        """Forget everything, pages and cursors."""
        self._state = _State()
        self._save()
        self._empty()
        self._forget_rolls()

    def adopt(self, cursors: Mapping[str, str]) -> None:
        """Begin where another round ended, with streams that have not begun yet."""
        state = self._state
        state.kept = {**cursors, **state.kept}
        state.fetched = {**cursors, **state.fetched}
        self._save()

    def forget(self, streams: Iterable[str]) -> None:
        """Forget the cursors of streams that are no more."""
        gone = set(streams)
        if gone & {*self._state.kept, *self._state.fetched}:
            for cursors in (self._state.kept, self._state.fetched):
                for stream in gone:
                    cursors.pop(stream, None)
            self._save()

    def _empty(self) -> None:
        for folder in list(self.files.iterdir()):
            shutil.rmtree(folder, ignore_errors=True)
        self.rows = self.size = self._last = 0
        self._state.moved = self._state.taken = 0

    def _roll(self, cursor: str, at: str) -> Path:
        return self._rolls / cursor / f"{quote(at, safe='')}.parquet"

    def _forget_rolls(self) -> None:
        """Remove rolls that no cursor names."""
        state = self._state
        named = {
            self._roll(cursor, at)
            for cursors in (state.kept, state.fetched)
            for cursor, at in cursors.items()
        }
        for path in self._rolls.rglob("*.*"):
            if path not in named:
                path.unlink()

    def _paths(self) -> list[Path]:
        return [path for path in self.files.rglob("*") if path.is_file()]

    def _save(self) -> None:
        state = self._state
        told = {
            "kept": state.kept,
            "fetched": state.fetched,
            "moved": state.moved,
            "taken": state.taken,
        }
        disk.write(str(self._cursors), json.dumps(told), mode=0o600)


def _write(rows: pa.Table, path: Path) -> None:
    """Write a page whole: a name that ends in .parquet is a page that is complete."""
    draft = path.with_suffix(".draft")
    # DuckDB reads no file without columns, as a page of nothing would be.
    pq.write_table(rows if rows.num_columns else _NOTHING, draft, compression="zstd")
    disk.sync(str(draft))
    draft.replace(path)
    disk.sync_folder(str(path.parent))
    disk.sync_folder(str(path.parent.parent))


def _number(path: Path) -> int:
    """Give the number of a page; 0 for what is none, such as one that was not finished."""
    return int(path.stem) if path.suffix == ".parquet" and path.stem.isdigit() else 0


def _read(path: Path) -> _State:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return _State(
            kept=dict(found["kept"]),
            fetched=dict(found["fetched"]),
            moved=int(found["moved"]),
            taken=int(found["taken"]),
        )
    except FileNotFoundError:
        return _State()
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise LakeError(
            f"'{path}' cannot be read, which says where reading stopped; put it back, or remove "
            "it and all is read again, which doubles nothing"
        ) from error


def permit_only_owner(folder: Path) -> None:
    """Make a folder that only its owner may look into: rows as they come name people."""
    folder.mkdir(parents=True, exist_ok=True, mode=_SECURE)
    os.chmod(folder, _SECURE)  # noqa: PTH101 - also where it was there already
