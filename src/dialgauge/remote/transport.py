"""How does a question travel to a server, and never a token to somebody else?"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import urlsplit

from dialgauge.errors import EngineError, ServerError, UsageError
from dialgauge.remote.refusals import refusal

if TYPE_CHECKING:
    import httpx2

Words: TypeAlias = Mapping[str, str | int | Sequence[str]]
"""What stands behind the question mark of an address."""

_CONNECT_S = 10.0


@dataclass(frozen=True, slots=True)
class Transport:
    """A connection to a server.

    Attributes:
        client: Sends requests; it may be used from threads.
        url: Where the server is.
    """

    client: httpx2.Client
    url: str

    def get(self, path: str, words: Words) -> Any:
        """Ask, and read the JSON that comes back.

        Raises:
            DialgaugeError: The server refuses, or cannot be reached.
        """
        return self._json(self._send("GET", path, words, None))

    def post(self, path: str, body: Mapping[str, Any], words: Words) -> Any:
        """Send JSON, and read the JSON that comes back.

        Raises:
            DialgaugeError: The server refuses, or cannot be reached.
        """
        return self._json(self._send("POST", path, words, body))

    def fetch(self, path: str, body: Mapping[str, Any], words: Words) -> bytes:
        """Send JSON, and give the bytes that come back.

        Raises:
            DialgaugeError: The server refuses, or cannot be reached.
        """
        return self._send("POST", path, words, body).content

    def _send(
        self, method: str, path: str, words: Words, body: Mapping[str, Any] | None
    ) -> httpx2.Response:
        import httpx2  # noqa: PLC0415 - an extra

        params = {
            name: value if isinstance(value, str | int) else list(value)
            for name, value in words.items()
        }
        content = None if body is None else json.dumps(body).encode()
        headers = {} if body is None else {"Content-Type": "application/json"}
        try:
            answer = self.client.request(
                method, f"api/v1/{path}", params=params, content=content, headers=headers
            )
        except httpx2.TimeoutException as error:
            raise ServerError(
                f"{self.url} has not answered in time; ask for less, or connect with a longer "
                "timeout"
            ) from error
        except httpx2.HTTPError as error:
            raise ServerError(
                f"{self.url} cannot be reached: {error}; check the address and the network"
            ) from error
        if answer.is_success:
            return answer
        raise self._refused(answer)

    def _refused(self, answer: httpx2.Response) -> Exception:
        if answer.is_redirect:
            return ServerError(
                f"{self.url} sends you to {answer.headers.get('location', 'nowhere')}; connect to "
                "that address if it is the right one, the token was not sent there"
            )
        try:
            problem = answer.json()
        except ValueError:
            problem = None
        if not isinstance(problem, dict):
            return self._strange(answer)
        return refusal(answer.status_code, problem)

    def _json(self, answer: httpx2.Response) -> Any:
        try:
            return answer.json()
        except ValueError:
            raise self._strange(answer) from None

    def _strange(self, answer: httpx2.Response) -> ServerError:
        return ServerError(
            f"{self.url} answers with status {answer.status_code} and no JSON; is it a dialgauge "
            "server?"
        )


def open_transport(url: str, token: str, timeout_s: float) -> Transport:
    """Get ready to ask a server; nothing is sent yet.

    Args:
        url: Where it is, with https unless it is on this machine.
        token: Who asks; empty for a server that asks nobody to log in.
        timeout_s: How long an answer may take.

    Raises:
        UsageError: The address cannot be used, or the token would travel for all to read.
        EngineError: What speaks HTTP is not installed.
    """
    here = _checked(url, token)
    try:
        import httpx2  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise EngineError(
            'asking a server needs httpx2, which is not installed; run: pip install "dialgauge'
            '[remote]"'
        ) from error
    client = httpx2.Client(
        base_url=url.rstrip("/") + "/",
        headers={"Authorization": f"Bearer {token}"} if token else {},
        timeout=httpx2.Timeout(timeout_s, connect=_CONNECT_S),
        follow_redirects=False,  # the token goes to nobody but the address that was named
        trust_env=not here,  # a proxy does not lead to this machine
    )
    return Transport(client, url)


def _checked(url: str, token: str) -> bool:
    """Check an address, and say whether it is on this machine."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    if parts.scheme not in ("http", "https") or not host or parts.query or parts.fragment:
        raise UsageError(f"'{url}' is not the address of a server; write it as https://host")
    if parts.username or parts.password:
        raise UsageError(
            "the address holds a user or a password; leave them out, and give the token apart"
        )
    if not token.isascii() or not token.isprintable() or " " in token:
        raise UsageError("the token holds characters that no token has; copy it again")
    here = _is_here(host)
    if token and parts.scheme == "http" and not here:
        raise UsageError(
            f"'{url}' is not encrypted, so anybody on the way could read the token; write https://"
        )
    return here


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
