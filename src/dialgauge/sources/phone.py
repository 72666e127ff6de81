"""How is a phone number kept without keeping it?

A number becomes a token: HMAC-SHA256 of its digits with the lake's secret, the first 32 hex
digits. The same number always gives the same token, so calls to it can be counted; without the
secret nobody can try all numbers. In SQL the secret travels as parameters, never in the text.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping

from dialgauge.errors import UsageError

LENGTH = 32
"""How many letters a token has."""

_BLOCK, _LEAST_DIGITS = 64, 3


def digits(number: str) -> str:
    """Reduce a number as people write it to its digits, without a leading 00.

    Example:
        >>> digits("+49 (170) 123-45"), digits("0049 17012345")
        ('4917012345', '4917012345')
    """
    return re.sub(r"^00", "", re.sub(r"[^0-9]", "", number))


def token(key: bytes, number: str) -> str | None:
    """Turn a phone number into its token; None for what is not a number, such as `anonymous`.

    Args:
        key: The lake's secret.
        number: As people write it; two spellings are one number when `digits` says so.

    Example:
        >>> token(b"secret", "+49 170 12345") == token(b"secret", "004917012345")
        True
    """
    kept = digits(number)
    if len(kept) < _LEAST_DIGITS:
        return None
    return hmac.new(key, kept.encode(), hashlib.sha256).hexdigest()[:LENGTH]


def digits_sql(number: str) -> str:
    """Write the SQL that reduces a VARCHAR expression as `digits` does."""
    return f"regexp_replace(regexp_replace({number}, '[^0-9]', '', 'g'), '^00', '')"


def token_sql(number: str) -> str:
    """Write the SQL that makes the token of a VARCHAR expression.

    The statement must be run with `token_parameters` as its named parameters.

    Example:
        >>> import duckdb
        >>> sql = f"SELECT {token_sql(chr(39) + '+49 170 12345' + chr(39))}"
        >>> found = duckdb.connect().execute(sql, dict(token_parameters(b"secret"))).fetchone()
        >>> found == (token(b"secret", "+49 170 12345"),)
        True
    """
    kept = digits_sql(number)
    inner = f"unhex(sha256($phone_inner || encode({kept})))"
    return (
        f"CASE WHEN length({kept}) >= {_LEAST_DIGITS} "
        f"THEN left(sha256($phone_outer || {inner}), {LENGTH}) END"
    )


def token_parameters(key: bytes) -> Mapping[str, bytes]:
    """Return the parameters that `token_sql` reads.

    Raises:
        UsageError: There is no secret.
    """
    if not key:
        raise UsageError(
            "phone numbers cannot become tokens without the lake's phone key; import into a lake "
            "made by 'dialgauge init', or leave the phone column out of the mapping"
        )
    short = hashlib.sha256(key).digest() if len(key) > _BLOCK else key
    block = short.ljust(_BLOCK, b"\0")
    return {
        "phone_inner": bytes(byte ^ 0x36 for byte in block),
        "phone_outer": bytes(byte ^ 0x5C for byte in block),
    }
