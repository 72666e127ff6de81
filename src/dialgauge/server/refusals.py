"""How is a refusal told over HTTP?

On a page as a page with the sentence; to a program as a problem document (RFC 9457) with the same
sentence as on the command line.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import Match

from dialgauge.errors import DialgaugeError, NoDataError, UnknownNameError, UsageError
from dialgauge.server.forbidden import ForbiddenError

PROBLEM = "application/problem+json"
_METHODS = ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")


def install(app: FastAPI) -> None:
    """Tell every refusal in one way."""
    app.add_exception_handler(DialgaugeError, _refused)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)


def problem(
    status: int, sentence: str, error: str = "", headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """Write a problem document.

    Args:
        status: The HTTP status.
        sentence: What is wrong, what is allowed, what to do next.
        error: The class of `dialgauge.errors`, for clients that raise it again.
        headers: What the status asks for, such as `Allow`.
    """
    return JSONResponse(
        {
            "type": "about:blank",
            "title": HTTPStatus(status).phrase,
            "status": status,
            # JSON can say half of a surrogate pair, UTF-8 cannot: it becomes a question mark.
            "detail": sentence.encode(errors="replace").decode(),
            **({"error": error} if error else {}),
        },
        status_code=status,
        media_type=PROBLEM,
        headers=dict(headers or {}),
    )


def status_of(error: DialgaugeError) -> int:
    """Give the HTTP status of a refusal.

    Example:
        >>> status_of(UsageError("no")), status_of(UnknownNameError("KPI", "x", ["y"]))
        (400, 404)
    """
    match error:
        case ForbiddenError():
            return 403
        case NoDataError():
            return 409
        case UnknownNameError(kind="KPI" | "page" | "panel" | "check" | "view"):
            return 404
        case UsageError():
            return 400
    return 500


def _refused(request: Request, error: Exception) -> Response:
    if not isinstance(error, DialgaugeError):
        raise error
    return _told(request, status_of(error), str(error), error=type(error).__name__)


def _http(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    sentence, headers = error.detail, error.headers
    if error.status_code == HTTPStatus.NOT_FOUND and sentence == HTTPStatus.NOT_FOUND.phrase:
        sentence = f"there is nothing at {request.url.path}; the overview is at /"
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = ", ".join(_methods(request))
        sentence = f"{request.method} is not understood here; allowed: {allowed}"
        headers = {"Allow": allowed}
    return _told(request, error.status_code, sentence, headers=headers)


def _methods(request: Request) -> list[str]:
    """List the methods of all routes at a path; one route knows only its own."""
    return [
        method
        for method in _METHODS
        if any(
            route.matches({**request.scope, "method": method})[0] is Match.FULL
            for route in request.app.routes
        )
    ]


def _invalid(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    said = "; ".join(
        f"{'.'.join(str(part) for part in each['loc'][1:]) or each['loc'][0]}: {each['msg']}"
        for each in error.errors()
    )
    return _told(request, 422, said)


def _told(
    request: Request,
    status: int,
    sentence: str,
    *,
    error: str = "",
    headers: Mapping[str, str] | None = None,
) -> Response:
    path = request.url.path
    wants_page = "text/html" in request.headers.get("accept", "")
    if path.startswith("/api/") or path.endswith(".json") or not wants_page:
        return problem(status, sentence, error, headers)
    from dialgauge.server.pages.shell import refusal_page  # noqa: PLC0415 - pages tell refusals, too

    return refusal_page(request, status, sentence)
