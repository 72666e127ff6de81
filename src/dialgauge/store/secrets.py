"""How are secrets made, and kept so that a stolen database gives none away?"""

from __future__ import annotations

import functools
import hashlib
import secrets
import threading
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from dialgauge.errors import UsageError

SHORTEST_PASSWORD = 12
_LONGEST_PASSWORD = 1024
_AT_ONCE = threading.BoundedSemaphore(4)  # each takes 64 MiB


def make_secret(prefix: str = "") -> str:
    """Make a secret that nobody guesses: 256 bits."""
    return prefix + secrets.token_urlsafe(32)


def fingerprint(secret: str) -> str:
    """Give what is kept of a secret. Enough for a random one; passwords are hashed slowly.

    Example:
        >>> fingerprint("abc")[:12]
        'ba7816bf8f01'
    """
    return hashlib.sha256(secret.encode()).hexdigest()


def make_password() -> str:
    """Make a password that can be read out: 25 letters and digits, about 120 bits."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"  # none that look like another
    groups = ("".join(secrets.choice(letters) for _ in range(5)) for _ in range(5))
    return "-".join(groups)


def hash_password(password: str) -> str:
    """Hash a password with argon2id.

    Raises:
        UsageError: It is too short, or longer than anybody types.
    """
    if not SHORTEST_PASSWORD <= len(password) <= _LONGEST_PASSWORD:
        raise UsageError(
            f"a password has from {SHORTEST_PASSWORD} to {_LONGEST_PASSWORD} characters, not "
            f"{len(password)}; a sentence of four or five words is easy to keep in mind"
        )
    with _AT_ONCE:
        return _hasher().hash(_composed(password))


def is_password(password: str, kept: str | None) -> bool:
    """Tell whether a password is the one that was hashed.

    Takes as long when there is none, so that the time does not tell who exists.

    Args:
        password: What was typed.
        kept: The hash; None where nobody has one.
    """
    with _AT_ONCE:
        try:
            right = _hasher().verify(kept or _nobodys(), _composed(password[:_LONGEST_PASSWORD]))
        except (VerificationError, InvalidHashError):
            return False
    return right and kept is not None


@functools.cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()  # argon2id with the second choice of RFC 9106: 3 passes over 64 MiB


@functools.cache
def _nobodys() -> str:
    return _hasher().hash(make_secret())


def _composed(password: str) -> str:
    """Write what looks alike alike: an accent may be typed as one character or as two."""
    return unicodedata.normalize("NFKC", password)
