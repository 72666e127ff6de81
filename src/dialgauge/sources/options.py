"""How is what a user says about a system checked, and given its type?

Options come as texts, from the command line (`--option name=value`) or from dialgauge.toml. A
source declares them as fields of a dataclass, and beside it how each is read; what has no reader
stays a text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from dialgauge.errors import UnknownNameError, UsageError
from dialgauge.sources.phones import home_of

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    Kind = TypeVar("Kind", bound=DataclassInstance)

Reader: TypeAlias = Callable[[str, str], object]
"""Takes an option's name, for errors, and its text without blanks around it."""


def read(
    system: str, kind: type[Kind], texts: Mapping[str, str], readers: Mapping[str, Reader]
) -> Kind:
    """Check options and give them their types.

    Args:
        system: The system's name, for errors.
        kind: A dataclass whose fields are the options; what is not said keeps its default.
        texts: Option name to its text.
        readers: Option name to how it is read.

    Raises:
        UnknownNameError: There is no such option, or no such value.
        UsageError: A value is not allowed.

    Example:
        >>> from dataclasses import dataclass
        >>> @dataclass
        ... class Options:
        ...     recordings: bool = False
        ...     server: str = ""
        >>> read("pbx", Options, {"recordings": "yes", "server": " east "}, {"recordings": yes})
        Options(recordings=True, server='east')
    """
    known = tuple(field.name for field in fields(kind))
    values: dict[str, object] = {}
    for name, text in texts.items():
        if name not in known:
            raise UnknownNameError(f"{system} option", name, known)
        told = text.strip()
        values[name] = readers[name](name, told) if name in readers else told
    return kind(**values)


def one_of(*allowed: str) -> Callable[[str, str], str]:
    """Read one of some words."""

    def read_word(name: str, text: str) -> str:
        if text not in allowed:
            raise UnknownNameError(f"value of option {name}", text, allowed)
        return text

    return read_word


def matching(pattern: str, what: str) -> Callable[[str, str], str]:
    """Read a text of some form.

    Args:
        pattern: What all of it must match.
        what: What must be written, in words, with an example.
    """

    def read_text(name: str, text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise UsageError(f"option {name} is '{text}', but must be {what}")
        return text

    return read_text


def yes(name: str, text: str) -> bool:
    """Read yes or no."""
    return one_of("yes", "no")(name, text.lower()) == "yes"


def whole(name: str, text: str) -> int:
    """Read a whole number, 0 or more."""
    return int(matching(r"[0-9]{1,9}", "a whole number such as 6")(name, text))


def seconds(name: str, text: str) -> float:
    """Read a number of seconds, 0 or more."""
    number = matching(r"[0-9]{1,9}(\.[0-9]+)?", "a number of seconds such as 30")
    return float(number(name, text))


def listed(_name: str, text: str) -> tuple[str, ...]:
    """Read names between commas."""
    return tuple(word.strip() for word in text.split(",") if word.strip())


def listed_in_small(name: str, text: str) -> tuple[str, ...]:
    """Read names between commas, in small letters."""
    return listed(name, text.lower())


def region(_name: str, text: str) -> str:
    """Read the country in whose own form numbers are written."""
    return home_of(text)


def glob_regex(patterns: str) -> str:
    r"""Write a comma-separated list of patterns as one regular expression for a whole text.

    Args:
        patterns: `*` and `?` in them stand for anything and for one character.

    Example:
        >>> glob_regex("PJSIP/provider, SIP/10*")
        '(?i)(?:PJSIP/provider|SIP/10.*)'
    """
    words = (re.escape(word.strip()) for word in patterns.split(",") if word.strip())
    return "(?i)(?:" + "|".join(w.replace(r"\*", ".*").replace(r"\?", ".") for w in words) + ")"
