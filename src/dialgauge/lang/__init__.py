"""What is it called in English, Chinese, Russian or Georgian?

Some TOML files a language hold the words: `<code>.toml` has `[ui]`, `[unit]`, `[better]`,
`[grain]`, `[weekday]`, `[group]` and `[dimension]`; `<code>-calls.toml` and `<code>-sales.toml`
have `[kpi.<name>]`; `<code>-checks.toml` has `[finding]` and `[check]`; the others are for the
part of the server that their name says. English questions,
definitions and caveats of KPIs stand in the catalogue, beside the formula they explain, and what
a check finds beside the check.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

from dialgauge.errors import UnknownNameError, UsageError
from dialgauge.model.kpi import Kpi

LANGUAGES: Mapping[str, str] = MappingProxyType(
    {"en": "English", "zh": "中文", "ru": "Русский", "ka": "ქართული"}
)
"""Language code to the language's own name."""

PARTS = (
    *("", "-calls", "-sales", "-checks"),
    *("-pages", "-explore", "-boards", "-money", "-access", "-api", "-report"),
    "-template",
)
"""What follows the code in the names of a language's files."""

KpiPart: TypeAlias = Literal["title", "question", "definition", "caveat"]
"""What is said about a KPI."""


@dataclass(frozen=True, slots=True)
class Texts:
    """The words of one language.

    Attributes:
        language: Its code.
        words: Dotted key, such as `ui.total` or `kpi.dials.title`, to text.
    """

    language: str
    words: Mapping[str, str]

    def t(self, key: str, **values: object) -> str:
        """Say something, its `{placeholders}` filled in.

        Args:
            key: A dotted key of the language's file.
            values: A value for each placeholder.

        Returns:
            The text.

        Raises:
            UnknownNameError: No such text.

        Example:
            >>> texts("ka").t("ui.total")
            'სულ'
            >>> texts("en").t("ui.overview", start="2026-01-01", end="2026-01-30", zone="UTC")
            'Overview 2026-01-01 to 2026-01-30 (UTC)'
        """
        if key not in self.words:
            raise UnknownNameError("text", key, self.words)
        text = self.words[key]
        return text.format(**values) if values else text

    def kpi(self, kpi: Kpi, part: KpiPart) -> str:
        """Say something about a KPI; a user's own KPI says it itself, in its own language.

        Args:
            kpi: The KPI.
            part: title, question, definition or caveat.

        Returns:
            The text, empty when there is none; a KPI without a title is called by its name.
        """
        own: str = getattr(kpi, part)
        known = "" if kpi.replaces else self.words.get(f"kpi.{kpi.name}.{part}", "")
        return known or own or (kpi.name if part == "title" else "")

    def check(self, name: str, own: str, words: Mapping[str, str]) -> str:
        """Say what a check finds.

        Args:
            name: Under which name it is said.
            own: What the check itself says, in English.
            words: A value for each placeholder.

        Example:
            >>> texts("ru").check("empty", "The table {table} is empty", {"table": "deals"})
            'Таблица deals пуста'
        """
        return self.words.get(f"check.{name}", own).format(**words)

    def dimension(self, name: str) -> str:
        """Name a dimension; a user's own segment or attribute keeps its name."""
        return self.words.get(f"dimension.{name}", name)


@functools.cache
def texts(language: str) -> Texts:
    """Read the words of a language.

    Args:
        language: en, zh, ru or ka.

    Returns:
        Its texts.

    Raises:
        UsageError: Another language; the message names the four.

    Example:
        >>> texts("zh").t("unit.seconds")
        '秒'
    """
    if language not in LANGUAGES:
        known = ", ".join(f"{code} ({name})" for code, name in LANGUAGES.items())
        raise UsageError(f"there are no texts in language '{language}'; allowed: {known}")
    words: dict[str, str] = {}
    for part in PARTS:
        source = resources.files(__name__).joinpath(f"{language}{part}.toml").read_text("utf-8")
        words |= _flat(tomllib.loads(source))
    return Texts(language, MappingProxyType(words))


def _flat(tree: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for name, branch in tree.items():
        key = f"{prefix}{name}"
        found |= _flat(branch, f"{key}.") if isinstance(branch, Mapping) else {key: branch}
    return found
