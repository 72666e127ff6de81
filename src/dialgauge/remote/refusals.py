"""Which error is a problem document?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dialgauge import errors
from dialgauge.errors import (
    DialgaugeError,
    ForbiddenError,
    NoDataError,
    ServerError,
    UnknownNameError,
    UsageError,
)


def refusal(status: int, problem: Mapping[str, Any]) -> DialgaugeError:
    """Make the error that the server raised, of the same class and with the same sentence.

    Args:
        status: The HTTP status.
        problem: A problem document (RFC 9457).

    Example:
        >>> error = refusal(409, {"detail": "calls is empty", "error": "NoDataError"})
        >>> type(error).__name__, str(error)
        ('NoDataError', 'calls is empty')
    """
    sentence = str(problem.get("detail") or problem.get("title") or f"the server says {status}")
    named = getattr(errors, str(problem.get("error", "")), None)
    if named is UnknownNameError:
        return _unknown(sentence)
    if isinstance(named, type) and issubclass(named, DialgaugeError):
        return named(sentence)
    return _by_status(status)(sentence)


def _by_status(status: int) -> type[DialgaugeError]:
    match status:
        case 401 | 403:
            return ForbiddenError
        case 409:
            return NoDataError
        case 429:
            return ServerError
    return UsageError if 400 <= status < 500 else ServerError


def _unknown(sentence: str) -> UnknownNameError:
    """Repeat what the server says of a name; it has made the sentence from what it knows."""
    error = UnknownNameError.__new__(UnknownNameError)
    Exception.__init__(error, sentence)
    error.kind, error.name, error.allowed = "", "", ()
    return error
