"""What may a team say about its Twilio that Twilio does not know?

Options come as texts, from `--option name=value` or from `[sources.NAME.options]`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType

from dialgauge.errors import UnknownNameError, UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the user said.

    Attributes:
        contact_after: Seconds of talk after which an answered call counts as a conversation; None
            when nobody decided, then `contact` stays unknown.
        agents: Digits of phones that are our people's to their names.
    """

    contact_after: float | None = None
    agents: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


def read_options(texts: Mapping[str, str]) -> Options:
    """Check options and give them their types.

    Args:
        texts: Option name to its text.

    Raises:
        UnknownNameError: There is no such option.
        UsageError: A value is not allowed.

    Example:
        >>> dict(read_options({"agents": "ann = +49 30 901820"}).agents)
        {'4930901820': 'ann'}
    """
    names = tuple(field.name for field in fields(Options))
    for name in texts:
        if name not in names:
            raise UnknownNameError("twilio option", name, names)
    after = texts.get("contact_after")
    if after is not None and not re.fullmatch(r"[0-9]{1,9}(\.[0-9]+)?", after.strip()):
        raise UsageError(f"option contact_after is '{after}', but must be seconds such as 30")
    return Options(
        contact_after=None if after is None else float(after),
        agents=MappingProxyType(_agents(texts.get("agents", ""))),
    )


def _agents(told: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for each in filter(None, (part.strip() for part in told.split(","))):
        name, _, number = (part.strip() for part in each.partition("="))
        digits = re.sub(r"[^0-9]", "", number)
        if not name or not digits:
            raise UsageError(
                f"option agents says '{each}'; write a name and a phone, such as ann = +4930901820"
            )
        found[digits] = name
    return found
