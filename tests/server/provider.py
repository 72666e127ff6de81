"""Which log-in service do the tests of OpenID Connect use?

oidc-provider-mock, a provider without passwords, in a process of its own. It takes PKCE without
looking; this adds what other providers do: a code is given out only for the verifier whose
challenge came with the question. Run with the port as its argument.
"""

from __future__ import annotations

import base64
import hashlib
import io
import sys
import warnings
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs, urlsplit
from wsgiref.simple_server import WSGIRequestHandler, make_server

_CHALLENGES: dict[str, str] = {}


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


def strict(app: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    """Hold a provider to PKCE (RFC 7636)."""

    def answered(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        asked = parse_qs(environ["QUERY_STRING"])
        if environ["PATH_INFO"] == "/oauth2/token":
            body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            environ["wsgi.input"] = io.BytesIO(body)
            sent = parse_qs(body.decode())
            verifier = sent.get("code_verifier", [""])[0]
            digest = hashlib.sha256(verifier.encode()).digest()
            given = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
            if _CHALLENGES.pop(sent.get("code", [""])[0], None) != given:
                start("400 Bad Request", [("Content-Type", "application/json")])
                return [b'{"error": "invalid_grant"}']

        def noted(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            location = dict(headers).get("Location", "")
            code = parse_qs(urlsplit(location).query).get("code")
            if code and asked.get("code_challenge_method") == ["S256"]:
                _CHALLENGES[code[0]] = asked["code_challenge"][0]
            return start(status, headers, *rest)

        return app(environ, noted)

    return answered


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    from oidc_provider_mock import app as provider

    with make_server(
        "localhost", int(sys.argv[1]), strict(provider()), handler_class=_Quiet
    ) as served:
        sys.stdout.write(f"{served.server_port}\n")
        sys.stdout.flush()
        served.serve_forever()
