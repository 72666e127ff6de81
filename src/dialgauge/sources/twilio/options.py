"""What may a team say about its Twilio that Twilio does not know?

Options come as texts, from `--option name=value` or from `[sources.NAME.options]`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from dialgauge.errors import UsageError
from dialgauge.sources import options


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
    return options.read("twilio", Options, texts, _READERS)


def _agents(name: str, text: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for each in options.listed(name, text):
        agent, _, number = (part.strip() for part in each.partition("="))
        digits = re.sub(r"[^0-9]", "", number)
        if not agent or not digits:
            raise UsageError(
                f"option {name} says '{each}'; write a name and a phone, such as ann = +4930901820"
            )
        found[digits] = agent
    return MappingProxyType(found)


_READERS: Mapping[str, options.Reader] = {
    "contact_after": options.seconds,
    "agents": _agents,
}
