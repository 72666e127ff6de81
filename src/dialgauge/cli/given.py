"""What was given behind a command: which files, and which options with which values?"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from dialgauge.errors import FileError, UsageError


def need_files(paths: Iterable[Path]) -> None:
    """Refuse files that are not there.

    Raises:
        FileError: One is missing.
    """
    for path in paths:
        if not path.exists():
            raise FileError(f"there is no '{path}'; check the name and the folder you are in")


def option_values(words: Iterable[str]) -> dict[str, str]:
    """Read `--option name=value`, the last of a name.

    Raises:
        UsageError: One has no value.

    Example:
        >>> option_values(["region=DE", "server=east"])
        {'region': 'DE', 'server': 'east'}
    """
    found = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals:
            raise UsageError(f"--option '{word}' has no value; write it as name=value")
        found[name] = value
    return found
