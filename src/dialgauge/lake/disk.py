"""How do files get onto the disk, whole, and off it?

Everything but the Parquet files and Delta's log goes through here.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path


def names(folder: str) -> list[str]:
    """List the names in a folder, none when it does not exist."""
    try:
        return sorted(path.name for path in Path(folder).iterdir())
    except FileNotFoundError:
        return []


def exists(path: str) -> bool:
    """Tell whether there is a file or folder."""
    return Path(path).exists()


def absolute(path: str) -> str:
    """Write a path from the root, so that it stays right when the working folder changes."""
    return str(Path(path).resolve())


def make_folder(path: str) -> None:
    """Make a folder and those above it, where they do not exist."""
    Path(path).mkdir(parents=True, exist_ok=True)


def read(path: str) -> str:
    """Return what a small file holds."""
    return Path(path).read_text(encoding="utf-8")


def remove(path: str) -> None:
    """Remove a file, if it is there."""
    Path(path).unlink(missing_ok=True)


def write(path: str, text: str, *, mode: int = 0o644) -> None:
    """Write a file in one step: afterwards it is there as a whole, or as it was before.

    Args:
        path: The file.
        text: All it shall hold.
        mode: Its permissions.
    """
    _draft(path, text, mode).replace(path)
    sync_folder(_folder(path))


def write_new(path: str, text: str) -> None:
    """Write a file in one step that nobody may have written yet.

    Raises:
        FileExistsError: Somebody has.
    """
    draft = _draft(path, text, 0o644)
    try:
        Path(path).hardlink_to(draft)
    finally:
        draft.unlink()
    sync_folder(_folder(path))


def sync(path: str) -> None:
    """Wait until a file's content is on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_folder(path: str) -> None:
    """Wait until a folder's names are on the disk, where the system can."""
    with contextlib.suppress(OSError):
        sync(path)


def _folder(path: str) -> str:
    return str(Path(path).parent)


def _draft(path: str, text: str, mode: int) -> Path:
    draft = f"{path}.{secrets.token_hex(4)}.draft"
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        os.write(handle, text.encode())
        os.fsync(handle)
    finally:
        os.close(handle)
    return Path(draft)
