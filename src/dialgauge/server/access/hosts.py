"""Is the server called by its own name?

A page elsewhere may point a name of its own at this machine and so read what only this machine
should read (DNS rebinding). The browser then still says the other name.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from dialgauge.server.refusals import problem
from dialgauge.server.site import Site

_ANY = ("/api/v1/healthz", "/api/v1/readyz")  # a watcher may call by number; nothing is told there


class Hosts:
    """Refuses requests under other names."""

    def __init__(self, app: ASGIApp, site: Site) -> None:
        self._app = app
        self._known = frozenset(_plain(name) for name in site.hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or refuse."""
        if scope["type"] == "http" and scope["path"] not in _ANY:
            host = host_of(Headers(scope=scope).get("host", ""))
            if host not in self._known:
                refused = problem(
                    400,
                    "this server is not known under the name it was called by; call it as "
                    f"{' or '.join(sorted(self._known))}, or start it with --public-url",
                )
                await refused(scope, receive, send)
                return
        await self._app(scope, receive, send)


def host_of(header: str) -> str:
    """Take the name out of a Host header; empty when it is none.

    Example:
        >>> host_of("Example.COM:8000"), host_of("[::1]:8000"), host_of("a/b"), host_of("u@b")
        ('example.com', '::1', '', '')
    """
    if not header or any(sign in header for sign in "/@?#\\ "):
        return ""
    try:
        return _plain(urlsplit(f"//{header}").hostname or "")
    except ValueError:
        return ""


def _plain(name: str) -> str:
    return name.strip("[]").lower().rstrip(".")
