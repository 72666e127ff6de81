"""What does a browser keep for us?"""

from __future__ import annotations

import secrets

from starlette.responses import Response

SESSION = "dialgauge_session"
VISITOR = "dialgauge_visitor"
HANDSHAKE = "dialgauge_oidc"


def keep(response: Response, name: str, secret: str, *, secure: bool, path: str = "/") -> None:
    """Give a browser a secret that no script reads and no other site sends along with a change.

    Args:
        response: The answer that carries it.
        name: The cookie's name.
        secret: The secret.
        secure: Whether it travels through TLS only.
        path: Where it is sent.
    """
    response.set_cookie(name, secret, httponly=True, samesite="lax", secure=secure, path=path)


def forget(response: Response, name: str, *, secure: bool, path: str = "/") -> None:
    """Let a browser forget a secret."""
    response.delete_cookie(name, httponly=True, samesite="lax", secure=secure, path=path)


def new_visitor() -> str:
    """Make the secret of a browser in which nobody is logged in."""
    return secrets.token_urlsafe(32)


def visitor_cookie(secret: str, *, secure: bool) -> str:
    """Write the header that gives a visitor their secret."""
    carrier = Response()
    keep(carrier, VISITOR, secret, secure=secure)
    return carrier.headers["set-cookie"]
