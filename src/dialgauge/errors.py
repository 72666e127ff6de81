"""What can go wrong, and how is it said?

Every error is one readable sentence: what is wrong, where, what is allowed, what to do next.
This floor imports nothing from the house.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence


class DialgaugeError(Exception):
    """Anything dialgauge refuses or fails to do; its text is meant for people.

    Attributes:
        status: exit status of the command line, 1 when the work failed.
    """

    status = 1


class UsageError(DialgaugeError):
    """The question or the command was wrong; nothing was done (exit status 2)."""

    status = 2


class UnknownNameError(UsageError):
    """A name that nobody declared.

    Example:
        >>> str(UnknownNameError("KPI", "contact_rat", ["contact_rate", "dials"]))
        "unknown KPI 'contact_rat'; did you mean 'contact_rate'? Allowed: contact_rate, dials."
    """

    def __init__(self, kind: str, name: str, allowed: Iterable[str], hint: str = "") -> None:
        choices = sorted(allowed)
        self.kind, self.name, self.allowed = kind, name, tuple(choices)
        super().__init__(f"unknown {kind} '{name}'{_did_you_mean(name, choices)}{hint}")


class ExpressionError(UsageError):
    """A formula or a condition that is not in the language."""


class DimensionError(UsageError):
    """A dimension that some fact of the question does not have."""


class NoDataError(UsageError):
    """A KPI whose table holds nothing yet."""


class CurrencyError(UsageError):
    """Money that cannot be added up: a rate is missing, or currencies differ."""


class MappingError(UsageError):
    """A mapping file that does not fit the file or the table."""


class FileError(DialgaugeError):
    """A file that cannot be read as what it claims to be."""


class LakeError(DialgaugeError):
    """The lake is missing, damaged or busy."""


class StoreError(DialgaugeError):
    """The application database is missing, newer than the program, or does not answer."""


class ForbiddenError(DialgaugeError):
    """Someone asks for what they may not, or nobody knows who asks."""


class ServerError(DialgaugeError):
    """A server cannot be reached, or does not answer as one of ours."""


class RefusedRowsError(DialgaugeError):
    """Strict mode met rows it had to quarantine."""


class DataError(DialgaugeError):
    """Strict mode met data that cannot be true."""


class EngineError(DialgaugeError):
    """An engine is not installed or failed to answer."""


def _did_you_mean(name: str, choices: Sequence[str], most: int = 40) -> str:
    if not choices:
        return "; nothing is declared here yet."
    lowered = {choice.lower(): choice for choice in choices}
    close = difflib.get_close_matches(name.lower(), lowered, n=1, cutoff=0.6)
    guess = f"; did you mean '{lowered[close[0]]}'? Allowed" if close else "; allowed"
    if len(choices) <= most:
        return f"{guess}: {', '.join(choices)}."
    near = difflib.get_close_matches(name.lower(), lowered, n=6, cutoff=0.0)
    listed = ", ".join(lowered[each] for each in near)
    return f"{guess} are {len(choices)} names, the closest: {listed}."
