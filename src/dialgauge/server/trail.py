"""Who writes down what people do?"""

from __future__ import annotations

from fastapi import Request

from dialgauge.server.needs import site


def audit(request: Request, what: str, detail: str = "", *, who: str | None = None) -> None:
    """Add a line to the audit trail.

    Args:
        request: What was sent; tells who, and from where.
        what: The kind of deed: a key of `[deed]` in the language files, such as `export`.
        detail: What it was done to. Never a secret.
        who: By whom, where the request does not tell.
    """
    seen = getattr(request.state, "viewer", None)
    name = who if who is not None else getattr(seen, "name", "")
    site(request).store.audit.write(name, what, detail, address_of(request))


def address_of(request: Request) -> str:
    """Tell from which address a request comes."""
    return request.client.host if request.client else ""
