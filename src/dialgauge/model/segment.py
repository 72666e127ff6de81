"""How do users group what they see?"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A dimension made by rules: the first rule that matches names the row's group.

    Attributes:
        name: The dimension's name.
        rules: Group name and condition over dimensions, in order.
        otherwise: The group of rows that no rule matches.
    """

    name: str
    rules: tuple[tuple[str, str], ...]
    otherwise: str = "other"
