"""How is a person at a terminal asked?"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from dialgauge.cli.table import console
from dialgauge.errors import DialgaugeError, UsageError

Answer = TypeVar("Answer")


def asked(question: str, fits: Callable[[str], Answer], default: str = "") -> Answer:
    """Ask until the answer fits.

    Args:
        question: What to ask.
        fits: Reads the answer; the sentence of an error it raises is told, and asked again.
        default: What holds when only Enter was pressed.

    Raises:
        UsageError: Whoever was asked has left.
    """
    while True:
        try:
            answer = input(question)
        except EOFError:
            raise UsageError("nobody answers any more; nothing was written") from None
        try:
            return fits(answer.strip() or default)
        except DialgaugeError as error:
            console().print(f"  {error}", style="yellow", soft_wrap=True)


def yes(question: str, *, default: bool) -> bool:
    """Ask for a yes or a no."""

    def fits(answer: str) -> bool:
        if answer.lower() in ("y", "yes"):
            return True
        if answer.lower() in ("n", "no"):
            return False
        raise UsageError("answer y or n")

    return asked(f"{question} [{'Y/n' if default else 'y/N'}] ", fits, "y" if default else "n")
