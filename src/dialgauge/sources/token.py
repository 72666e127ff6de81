"""How does a phone number become a token that stands for it and never tells it?

The number's digits are hashed with the lake's secret key (HMAC-SHA256), inside the engine, so no
number is ever written anywhere. Without the key nobody can try numbers until one fits. The same
number gives the same token in every source of one lake, and another token in another lake.
"""

from __future__ import annotations

import hashlib

_BLOCK = 64  # bytes in a block of SHA-256
_LENGTH = 32  # hexadecimal digits kept: 128 bits, enough for any list


def digits_sql(expression_sql: str) -> str:
    """Write SQL for the digits of a phone number, NULL when it has none.

    Spaces, brackets, dashes and a plus are dropped, and so is a leading 00, which is the plus of
    those who dial by hand. A national and an international spelling stay two numbers.

    Args:
        expression_sql: SQL of type VARCHAR.

    Example:
        >>> import duckdb
        >>> duckdb.sql("SELECT " + digits_sql("'+44 (20) 7946-0018'")).fetchall()
        [('442079460018',)]
    """
    digits = f"regexp_replace({expression_sql}, '[^0-9]', '', 'g')"
    return f"nullif(regexp_replace({digits}, '^00', ''), '')"


def keyed_hash_sql(expression_sql: str, key: bytes) -> str:
    """Write SQL for the keyed hash of a text: 32 hexadecimal digits, NULL for NULL.

    Args:
        expression_sql: SQL of type VARCHAR.
        key: The lake's secret; with an empty key the result is always NULL, because a hash
            without a secret can be turned back by trying all numbers.

    Example:
        >>> import duckdb
        >>> duckdb.sql("SELECT " + keyed_hash_sql("'15551234567'", b"secret")).fetchall()
        [('bc1c33039aff9db9b688ceae02131ece',)]
    """
    if not key:
        return "CAST(NULL AS VARCHAR)"
    block = (hashlib.sha256(key).digest() if len(key) > _BLOCK else key).ljust(_BLOCK, b"\0")
    inner = bytes(byte ^ 0x36 for byte in block).hex()
    outer = bytes(byte ^ 0x5C for byte in block).hex()
    message = f"sha256(unhex('{inner}') || encode({expression_sql}))"
    return f"substr(sha256(unhex('{outer}') || unhex({message})), 1, {_LENGTH})"


def token_sql(expression_sql: str, key: bytes) -> str:
    """Write SQL for the token of a phone number; NULL when it has no digits.

    Args:
        expression_sql: SQL of type VARCHAR: a number in any spelling.
        key: The lake's secret; with an empty key every token is NULL.

    Example:
        >>> import duckdb
        >>> plus, zeros, none = (
        ...     token_sql(spelling, b"secret") for spelling in ("'+1 555'", "'001555'", "'anonymous'")
        ... )
        >>> duckdb.sql(f"SELECT {plus} = {zeros}, {none}").fetchall()
        [(True, None)]
    """
    return keyed_hash_sql(digits_sql(expression_sql), key)
