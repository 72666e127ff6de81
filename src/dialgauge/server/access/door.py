"""Who asks, and do they really?

Finds the viewer of each request and puts it where routes look for it. Whoever is unknown is sent
to log in; a change that another site has forged is refused; a body that is too long is not read.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dialgauge.errors import DialgaugeError
from dialgauge.server.access.cookies import SESSION, VISITOR, new_visitor, visitor_cookie
from dialgauge.server.access.forgery import (
    FIELD,
    HEADER,
    SAFE,
    is_browser,
    is_from_elsewhere,
    is_token,
    token_for,
)
from dialgauge.server.refusals import problem, status_of
from dialgauge.server.site import Site
from dialgauge.server.viewer import AT_HOME, May, Role, Viewer, viewer
from dialgauge.store.tokens import PREFIX
from dialgauge.store.users import User

LONGEST_FORM = 1_000_000
_SIGNED = ("/api/v1/hooks/",)  # each request proves itself, and no browser sends any
_OPEN = ("/static/", "/oidc/", *_SIGNED)
_PUBLIC = frozenset({"/login", "/logout", "/api/v1/healthz", "/api/v1/readyz"})
_UNASKED = ("/static/", "/api/v1/healthz", "/api/v1/readyz", *_SIGNED)  # nobody looks who it is
_LARGE = ("/api/v1/import",)  # has a limit of its own
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")

NOBODY = Viewer(name="", role=Role.VIEWER, may=frozenset())
"""Whoever looks at what anybody may see; may do nothing."""


class By(enum.Enum):
    """How someone is known."""

    NOTHING = "nothing"
    SESSION = "session"
    TOKEN = "token"  # noqa: S105 - the kind, not one
    HOME = "home"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Who asks.

    Attributes:
        viewer: Who; `NOBODY` when that is not known.
        by: How they are known.
        secret: What the browser keeps and other sites do not know; tokens of forms belong to it.
        fresh: Whether the browser does not have that secret yet.
        wrong: Why what was shown is not accepted; empty when it is, or nothing was shown.
    """

    viewer: Viewer
    by: By
    secret: str = ""
    fresh: bool = False
    wrong: str = ""


class Door:
    """Lets requests in."""

    def __init__(self, app: ASGIApp, site: Site) -> None:
        self._app = app
        self._site = site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Find out who asks, and answer or refuse."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            known = await self._known(request)
            refusal, receive = await self._refusal(request, known, receive)
        except DialgaugeError as error:  # the database does not answer
            await problem(status_of(error), str(error))(scope, receive, send)
            return
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        state["viewer"], state["by"], state["secret"] = known.viewer, known.by, known.secret
        state["csrf"] = token_for(known.secret) if known.secret else ""
        if known.fresh:
            send = _giving(visitor_cookie(known.secret, secure=self._site.secure), send)
        await self._app(scope, receive, send)

    async def _known(self, request: Request) -> Known:
        if request.url.path.startswith(_UNASKED):
            return Known(viewer=NOBODY, by=By.NOTHING)
        return await run_in_threadpool(self._who, request)

    def _who(self, request: Request) -> Known:
        store = self._site.store
        scheme, _, shown = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            found = store.tokens.find(shown.strip()) if shown.strip().startswith(PREFIX) else None
            if found is None:
                wrong = "this token is not known, has ended or was revoked; make a new one"
                return Known(viewer=NOBODY, by=By.NOTHING, wrong=wrong)
            token, user = found
            return Known(viewer=viewer_of(user, token.scope), by=By.TOKEN)
        session = request.cookies.get(SESSION, "")
        holder = store.sessions.find(session) if session else None
        if holder is not None:
            return Known(viewer=viewer_of(holder), by=By.SESSION, secret=session)
        visitor = request.cookies.get(VISITOR, "")
        secret = visitor or new_visitor()
        if not self._site.login and not store.users.count():
            return Known(viewer=AT_HOME, by=By.HOME, secret=secret, fresh=not visitor)
        return Known(viewer=NOBODY, by=By.NOTHING, secret=secret, fresh=not visitor)

    async def _refusal(
        self, request: Request, known: Known, receive: Receive
    ) -> tuple[Response | None, Receive]:
        """Say no, or give the body for whoever reads it next."""
        path = request.url.path
        public = path in _PUBLIC or path.startswith(_OPEN)
        if known.wrong or (known.by is By.NOTHING and not public):
            return _unknown(request, known.wrong), receive
        if not path.startswith(_LARGE):
            declared = request.headers.get("content-length", "0")
            if declared.isdigit() and int(declared) > LONGEST_FORM:
                return problem(413, _TOO_LONG), receive
            receive = _limited(receive)
        if request.method in SAFE or known.by is By.TOKEN or path.startswith(_SIGNED):
            return None, receive
        if known.by is By.HOME and path.startswith("/api/") and not is_browser(request.headers):
            return None, receive  # a program on this machine, which no page can misuse
        if is_from_elsewhere(request.headers, self._site.config.server.public_url):
            return problem(403, _FORGED), receive
        given = request.headers.get(HEADER)
        if given is None and _is_form(request.headers):
            body, receive = await _read(receive)
            given = await _field(request.scope, body)
        if not is_token(given or "", known.secret):
            return problem(403, _FORGED), receive
        return None, receive


_FORGED = (
    "this change did not come from a page of this server, or its page is out of date; open the "
    "page anew and try again. A program sends a token: Authorization: Bearer dg_..."
)
_TOO_LONG = f"what was sent is longer than {LONGEST_FORM:,} bytes"


def viewer_of(user: User, scope: tuple[str, ...] | None = None) -> Viewer:
    """Describe a user as a viewer.

    Args:
        user: Who.
        scope: What their token may; all that their role may when they come themselves.
    """
    seen = viewer(user.name, Role(user.role), user_id=user.id, teams=user.teams, agent=user.agent)
    if scope is None:
        return seen
    return replace(seen, may=seen.may & {what for what in May if what.value in scope})


def _unknown(request: Request, wrong: str) -> Response:
    """Send people to log in, and tell programs."""
    path = request.url.path
    page = request.method in ("GET", "HEAD") and "text/html" in request.headers.get("accept", "")
    part = "x-part" in request.headers  # a script asks, for whom a log-in page is of no use
    if page and not part and not wrong and not path.startswith("/api/"):
        query = f"?{request.url.query}" if request.url.query else ""
        asked = urlencode({"next": path + query})
        return RedirectResponse(f"/login?{asked}", status_code=303)
    said = wrong or "nobody knows who asks; log in, or send a token: Authorization: Bearer dg_..."
    return problem(401, said, headers={"WWW-Authenticate": 'Bearer realm="dialgauge"'})


def _giving(cookie: str, send: Send) -> Send:
    async def told(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).append("set-cookie", cookie)
        await send(message)

    return told


def _limited(receive: Receive) -> Receive:
    """Stop reading a body that is longer than anything anybody types."""
    length = 0

    async def counted() -> Message:
        nonlocal length
        message = await receive()
        length += len(message.get("body", b""))
        if length > LONGEST_FORM:
            raise HTTPException(413, _TOO_LONG)
        return message

    return counted


def _is_form(headers: Headers) -> bool:
    return headers.get("content-type", "").partition(";")[0].strip().lower() in _FORMS


async def _read(receive: Receive) -> tuple[bytes, Receive]:
    """Read a body whole, and give it once more."""
    parts: list[bytes] = []
    more = True
    while more:
        message = await receive()
        parts.append(message.get("body", b""))
        more = message["type"] == "http.request" and message.get("more_body", False)
    body = b"".join(parts)
    return body, _again(body, receive)


def _again(body: bytes, receive: Receive) -> Receive:
    given = False

    async def repeated() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return repeated


async def _field(scope: Scope, body: bytes) -> str | None:
    """Read the token out of a form."""
    apart = {key: value for key, value in scope.items() if key not in ("app", "state")}
    try:
        async with Request(apart, _again(body, _ended)).form(max_fields=2_000) as form:
            found = form.get(FIELD)
    except (HTTPException, MultiPartException, ValueError):
        return None
    return found if isinstance(found, str) else None


async def _ended() -> Message:
    return {"type": "http.disconnect"}
