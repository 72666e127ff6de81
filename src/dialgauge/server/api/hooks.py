"""How do systems send us what happens, by themselves?

Nobody is logged in here: each request proves itself, see `syncing.hooks`. What is answered with 204
is on the disk.
"""

from __future__ import annotations

import time

from fastapi import APIRouter, FastAPI, HTTPException, Request, Response
from starlette.concurrency import run_in_threadpool

from dialgauge.errors import LakeError
from dialgauge.server.api.receiving import receive
from dialgauge.server.intake import Hook, Intake
from dialgauge.server.site import Site
from dialgauge.syncing.hooks import KINDS, LEAST_SECRET, SIGNATURE, Sent, events_in, is_from

PREFIX = "/api/v1/hooks/"
MOST_BYTES = 1_000_000

router = APIRouter(include_in_schema=False)


def install(app: FastAPI, site: Site) -> None:
    """Let systems send events."""
    app.state.intake = Intake(site.config)
    app.include_router(router)


@router.post(PREFIX + "{name}")
async def sent(request: Request, name: str) -> Response:
    """Keep what a system sends.

    Raises:
        HTTPException: It is not from who it says, cannot be read, or cannot be kept.
    """
    intake: Intake = request.app.state.intake
    hook = intake.hooks.get(name)
    if hook is None:
        raise HTTPException(404, "no source of this name takes events")
    body = await receive(request, MOST_BYTES)
    said = Sent(
        url=_address(request),
        headers={key.lower(): value for key, value in request.headers.items()},
        body=body,
        now=time.time(),
    )
    await run_in_threadpool(_keep, hook, said)
    intake.arrived()
    return Response(status_code=204)


def _keep(hook: Hook, said: Sent) -> None:
    system = hook.account.system
    if len(hook.secret) < LEAST_SECRET:
        raise HTTPException(503, "this server does not know the secret of this source")
    if not is_from(system, hook.secret, said):
        raise HTTPException(401, "this is not signed as it must be")
    if said.kind not in KINDS[system]:
        raise HTTPException(415, f"send one of these content types: {', '.join(KINDS[system])}")
    signature = said.headers.get(SIGNATURE, "") if system == "files" else ""
    if signature and hook.was_kept(signature, said.now):
        return
    events = events_in(system, said)
    try:
        hook.keep(events, signature, said.now)
    except LakeError as error:
        raise HTTPException(503, str(error)) from None


def _address(request: Request) -> str:
    """Write the address as the sender has it, which a proxy may hide from us."""
    site: Site = request.app.state.site
    base = site.config.server.public_url or f"{request.url.scheme}://{request.url.netloc}"
    path = request.scope.get("raw_path", request.url.path.encode()).decode("latin-1")
    query = f"?{request.url.query}" if request.url.query else ""
    return f"{base}{path.partition('?')[0]}{query}"
