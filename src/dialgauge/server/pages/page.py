"""What is a page?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dialgauge.server.panels.panel import Look, Panel
from dialgauge.server.viewer import May


def _unnamed(_: Look) -> str:
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page: its panels, in order.

    Attributes:
        name: Its name; `page.<name>` is its title in each language.
        path: Its address, with the names of its parts in braces.
        icon: The path of its sign, drawn on 24 by 24; empty for pages without a place in the menu.
        panels: Chooses the panels by what the address says.
        needs: What one must be allowed to see it.
        heading: Names the page by what its address says; the page's own name where it says ''.
        filtered: Whether days and filters change what it shows, so that their bar stands above.
    """

    name: str
    path: str
    panels: Callable[[Look], Sequence[Panel]]
    icon: str = ""
    needs: May = May.ASK
    heading: Callable[[Look], str] = _unnamed
    filtered: bool = True


def always(*panels: Panel) -> Callable[[Look], Sequence[Panel]]:
    """Show the same panels whatever the address says."""

    def chosen(_: Look) -> Sequence[Panel]:
        return panels

    return chosen
