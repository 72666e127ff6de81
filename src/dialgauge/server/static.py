"""Where do style, script, fonts and the chart library come from?

All from this server: nothing is fetched from elsewhere. The chart library comes out of the wheel of
vl-convert, which draws the same charts without a browser.
"""

from __future__ import annotations

import functools
import gzip
import hashlib
from importlib import resources
from importlib.metadata import version
from pathlib import PurePosixPath

from fastapi import FastAPI, Request, Response

from dialgauge.errors import UnknownNameError

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
_CHARTS = "vega.js"
_SNIPPET = "window.vegaEmbed = vegaEmbed;"
_FOREVER = "public, max-age=31536000, immutable"
_TEXTS = (".css", ".js", ".svg")


def install(app: FastAPI) -> None:
    """Serve the files below `static`."""
    app.get("/static/{name:path}", include_in_schema=False)(_file)


def stamped(name: str) -> str:
    """Give the address of a file, which changes when the file does.

    Example:
        >>> stamped("app.css").startswith("/static/app.css?v=")
        True
    """
    if name == _CHARTS:
        return f"/static/{name}?v={version('vl-convert-python')}"
    return f"/static/{name}?v={hashlib.sha256(_stored(name)).hexdigest()[:12]}"


def _file(name: str, request: Request) -> Response:
    suffix = PurePosixPath(name).suffix
    content = charts() if name == _CHARTS else _stored(name)
    headers = {"Cache-Control": _FOREVER, "Vary": "Accept-Encoding"}
    if suffix in _TEXTS and "gzip" in request.headers.get("accept-encoding", ""):
        content, headers["Content-Encoding"] = _pressed(name), "gzip"
    return Response(content, media_type=_TYPES[suffix], headers=headers)


@functools.cache
def charts() -> bytes:
    """Bundle the chart library; takes some seconds the first time."""
    import vl_convert  # noqa: PLC0415 - takes a moment

    return str(vl_convert.javascript_bundle(_SNIPPET)).encode()


@functools.cache
def _pressed(name: str) -> bytes:
    return gzip.compress(charts() if name == _CHARTS else _stored(name), 9)


@functools.cache
def _stored(name: str) -> bytes:
    if name not in _names():
        raise UnknownNameError("page", f"/static/{name}", (f"/static/{each}" for each in _names()))
    return resources.files("dialgauge.server").joinpath("static", name).read_bytes()


@functools.cache
def _names() -> frozenset[str]:
    folder = resources.files("dialgauge.server").joinpath("static")
    return frozenset(
        f"{below}{each.name}"
        for below, place in (("", folder), ("fonts/", folder.joinpath("fonts")))
        for each in place.iterdir()
        if PurePosixPath(each.name).suffix in _TYPES
    )
