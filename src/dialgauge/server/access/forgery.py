"""Was a change asked for by one of our own pages?

A page elsewhere can make a browser send a form here, with the cookies of whoever is logged in. It
cannot read our pages, so it does not know the token that their forms carry.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from urllib.parse import urlsplit

from starlette.datastructures import Headers

HEADER = "x-csrf-token"
FIELD = "csrf"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_SIZE = 32


def token_for(secret: str) -> str:
    """Write the token that belongs to a browser's secret; another text each time.

    Pages are compressed, and from the length of many answers a constant text could be guessed.
    """
    pad = secrets.token_bytes(_SIZE)
    return (pad + _xor(pad, _token(secret))).hex()


def is_token(given: str, secret: str) -> bool:
    """Tell whether a token belongs to a browser's secret."""
    try:
        read = bytes.fromhex(given)
    except ValueError:
        return False
    if len(read) != 2 * _SIZE or not secret:
        return False
    return hmac.compare_digest(_xor(read[:_SIZE], read[_SIZE:]), _token(secret))


def is_from_elsewhere(headers: Headers, origin: str) -> bool:
    """Tell whether a browser says that another site asks.

    Args:
        headers: The request's.
        origin: Where people reach this server, such as https://gauge.example.com; empty when they
            call it by the Host header.
    """
    if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return True
    said = headers.get("origin")
    if said is None:
        return False
    own = urlsplit(origin).netloc if origin else headers.get("host", "")
    return urlsplit(said).netloc.lower() != own.lower()


def is_browser(headers: Headers) -> bool:
    """Tell whether a browser sends this: all of them say so with what changes something."""
    return "origin" in headers or "sec-fetch-site" in headers or "referer" in headers


def _token(secret: str) -> bytes:
    return hashlib.sha256(b"csrf " + secret.encode()).digest()


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))
