"""How is a body received that may be longer than it should?"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

from fastapi import HTTPException, Request
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from dialgauge.errors import UsageError


async def receive(request: Request, most: int) -> bytes:
    """Read a short body.

    Args:
        request: What is sent.
        most: So many bytes it may have.

    Raises:
        HTTPException: It has more.
    """
    return b"".join([piece async for piece in _pieces(request, most)])


async def store(request: Request, most: int, path: Path) -> int:
    """Write a long body into a file, and count its bytes.

    Args:
        request: What is sent.
        most: So many bytes it may have.
        path: The file, which is made.

    Raises:
        HTTPException: It has more.
    """
    count = 0
    with await run_in_threadpool(path.open, "wb") as file:
        async for piece in _pieces(request, most):
            count += await run_in_threadpool(file.write, piece)
    return count


async def _pieces(request: Request, most: int) -> AsyncIterator[bytes]:
    told = request.headers.get("content-length", "")
    # What a client says of the length is only good for refusing early.
    if told.isdecimal() and len(told) < 20 and int(told) > most:
        raise _too_long(most)
    received = 0
    try:
        async for piece in request.stream():
            received += len(piece)
            if received > most:
                raise _too_long(most)
            yield piece
    except ClientDisconnect:
        raise UsageError("the body ended before it was complete; send it again") from None


def _too_long(most: int) -> HTTPException:
    return HTTPException(
        413, f"the body has more than {most:,} bytes; send it in several parts, or a smaller one"
    )
