"""How does a newly connected system get into dialgauge.toml, and nothing else change?

Its block is put behind all that is there. The file is replaced in one step, and only by one that
can be read and says the same as before about everything else.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from dialgauge.accounts import read_accounts
from dialgauge.errors import UsageError
from dialgauge.lake import disk
from dialgauge.sources.live import Setting

_NUMBER = re.compile(r"-?(0|[1-9]\d{0,17})")
_WORDS = MappingProxyType(
    {"true": True, "yes": True, "y": True, "false": False, "no": False, "n": False}
)


def typed(setting: Setting, answer: str) -> object:
    """Give an answer the type of the setting's example; no answer stays none.

    Raises:
        UsageError: It cannot have that type.

    Example:
        >>> typed(Setting("page", "How many?", "500"), "20"), typed(Setting("url", "?", "x"), "20")
        (20, '20')
    """
    if not answer:
        return answer
    if setting.example in ("true", "false"):
        if answer.lower() not in _WORDS:
            raise UsageError(f"{setting.name} is true or false; answer yes or no")
        return _WORDS[answer.lower()]
    if _NUMBER.fullmatch(setting.example):
        if not _NUMBER.fullmatch(answer):
            raise UsageError(f"{setting.name} is a whole number, such as {setting.example}")
        return int(answer)
    return answer


def block(name: str, settings: Mapping[str, object]) -> str:
    """Write the part of a system.

    Example:
        >>> print(block("pbx", {"system": "vicidial", "page": 500}), end="")
        [sources.pbx]
        system = "vicidial"
        page = 500
    """
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in settings.items()]
    return "\n".join([f"[sources.{name}]", *lines]) + "\n"


def add(path: Path, name: str, settings: Mapping[str, object]) -> None:
    """Add a system to a settings file.

    Args:
        path: The file, dialgauge.toml.
        name: What the system is called.
        settings: All that is said of it.

    Raises:
        UsageError: There is one of that name, what is said of it is not allowed, or the file is
            written in a way that nothing can be put behind.
    """
    path = path.resolve()
    read_accounts(path.parent, {name: dict(settings)})
    before = path.read_bytes().decode("utf-8-sig")
    known = tomllib.loads(before)
    if name in known.get("sources", {}):
        raise UsageError(
            f"{path} has [sources.{name}] already; choose another name, or edit what is there"
        )
    ends = "\r\n" if "\r\n" in before else "\n"
    gap = "" if not before or before.endswith("\n") else ends
    added = gap + ends + block(name, settings).replace("\n", ends)
    try:
        now = tomllib.loads(before + added)
    except tomllib.TOMLDecodeError:
        now = {}
    expected = {**known, "sources": {**known.get("sources", {}), name: dict(settings)}}
    if now != expected:
        raise UsageError(
            f"{path} is written in a way that nothing can be put behind; write this yourself:\n"
            f"{block(name, settings)}"
        )
    mark = "\ufeff" if path.read_bytes().startswith(b"\xef\xbb\xbf") else ""
    disk.write(str(path), mark + before + added, mode=path.stat().st_mode & 0o777)
