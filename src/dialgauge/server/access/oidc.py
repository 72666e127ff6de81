"""How do people log in with the team's own log-in service?

OpenID Connect, code flow with PKCE, state and nonce. Who comes is matched by the service's own
number for them; who comes for the first time by a verified e-mail address of a user whom an owner
has added. Nobody signs themselves up.
"""

from __future__ import annotations

from typing import Any

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.starlette_client import OAuth
from fastapi import APIRouter, Request, Response
from joserfc.errors import JoseError
from starlette.concurrency import run_in_threadpool

from dialgauge.server.access.cookies import HANDSHAKE, forget, keep
from dialgauge.server.access.login import let_in, refused
from dialgauge.server.access.people import local
from dialgauge.server.needs import SiteHere
from dialgauge.server.site import Oidc, Site
from dialgauge.server.trail import audit

_PATH = "/oidc"
_WRONG = (AuthlibBaseError, JoseError, httpx2.HTTPError, ValueError, KeyError, TypeError)


def router(oidc: Oidc) -> APIRouter:
    """Offer the two addresses of a log-in service's way.

    Args:
        oidc: The service.
    """
    client = _client(oidc)
    found = APIRouter(prefix=_PATH)

    @found.get("/start")
    async def start(request: Request, here: SiteHere, next: str = "/") -> Response:  # noqa: A002
        """Send someone to the service."""
        # Starlette's sessions would lie readable in the browser; ours lie in the database.
        agreed: dict[str, Any] = {"next": local(next)}
        request.scope["session"] = agreed
        try:
            response: Response = await client.authorize_redirect(request, _callback(request, here))
        except _WRONG:
            return await run_in_threadpool(refused, request, here, "oidc_silent", 503)
        secret = await run_in_threadpool(here.store.sessions.remember, agreed)
        keep(response, HANDSHAKE, secret, secure=here.secure, path=_PATH)
        return response

    @found.get("/callback")
    async def callback(request: Request, here: SiteHere) -> Response:
        """Take the service's word for who someone is."""
        secret = request.cookies.get(HANDSHAKE, "")
        agreed = await run_in_threadpool(here.store.sessions.recall, secret)
        if agreed is None:
            return await run_in_threadpool(_no, request, here, "oidc_expired")
        request.scope["session"] = agreed
        try:
            token = await client.authorize_access_token(request)
            claims = token["userinfo"]
        except _WRONG:
            return await run_in_threadpool(_no, request, here, "oidc_failed")
        return await run_in_threadpool(_enter, request, here, oidc, claims, agreed["next"])

    return found


def _client(oidc: Oidc) -> Any:
    registry = OAuth()
    address = f"{oidc.issuer.rstrip('/')}/.well-known/openid-configuration"
    return registry.register(
        name="team",
        server_metadata_url=address,
        client_id=oidc.client_id,
        client_secret=oidc.client_secret,
        client_kwargs={"scope": "openid email profile", "code_challenge_method": "S256"},
    )


def _callback(request: Request, here: Site) -> str:
    public = here.config.server.public_url
    return f"{public or str(request.base_url).rstrip('/')}{_PATH}/callback"


def _enter(request: Request, here: Site, oidc: Oidc, claims: Any, onward: str) -> Response:
    subject, email = str(claims.get("sub") or ""), str(claims.get("email") or "")
    verified = claims.get("email_verified") is True
    user = None
    if subject:
        user = here.store.users.from_service(oidc.issuer, subject, email, verified=verified)
    if user is None:
        audit(request, "login_refused", email, who="?")
        return _no(request, here, "oidc_unknown" if verified else "oidc_unverified")
    response = let_in(request, here, user, onward)
    forget(response, HANDSHAKE, secure=here.secure, path=_PATH)
    return response


def _no(request: Request, here: Site, reason: str) -> Response:
    response = refused(request, here, reason)
    forget(response, HANDSHAKE, secure=here.secure, path=_PATH)
    return response
