"""Which fonts draw pictures and reports where there is no browser?"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

from dialgauge.errors import UsageError

_CHINESE = (
    *("NotoSansCJK*", "NotoSansSC*", "SourceHanSans*"),
    *("wqy*", "msyh*", "PingFang*", "simhei*"),
)
_PLACES = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "/System/Library/Fonts",
    "/Library/Fonts",
    "C:/Windows/Fonts",
    "~/.fonts",
    "~/.local/share/fonts",
)
_KINDS = (".ttf", ".ttc", ".otf")


def own() -> Path:
    """Give the folder of the fonts that come along: Latin, Cyrillic, Georgian."""
    return Path(str(resources.files("dialgauge.server.export").joinpath("fonts")))


@functools.cache
def chinese() -> Path | None:
    """Find a font with Chinese characters on this machine."""
    return next(_found(), None)


def need_chinese(language: str) -> None:
    """Refuse a picture that would be full of empty boxes.

    Raises:
        UsageError: The language is Chinese and this machine has no font for it.
    """
    if language == "zh" and chinese() is None:
        raise UsageError(
            "this machine has no font with Chinese characters, so a picture or a report would show "
            "empty boxes; install one (on Debian: apt install fonts-noto-cjk), or take CSV or Excel"
        )


def _found() -> Iterator[Path]:
    for place in _PLACES:
        folder = Path(place).expanduser()
        for pattern in _CHINESE:
            found = sorted(
                folder.rglob(pattern), key=lambda path: "regular" not in path.stem.lower()
            )
            yield from (path for path in found if path.suffix.lower() in _KINDS)
