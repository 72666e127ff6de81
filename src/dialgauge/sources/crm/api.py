"""How is a CRM asked over its API, and what is said when it does not answer?

The requests are dlt's (its RESTClient, retries and paginators, see decision 20): a server that is
busy or broken is asked again, as late as it wishes. What dlt does not do stands here: damaged JSON
counts as broken, an expired token is renewed once, a token goes to its own server only, and what
cannot be mended becomes one sentence without a secret in it.
"""

from __future__ import annotations

import datetime as dt
import email.utils
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from dialgauge.errors import ForbiddenError, ServerError, UsageError

Row = Mapping[str, Any]
"""One object of the JSON that an API sends."""

ATTEMPTS = 7
_LONGEST_WAIT_S = 120
_TIMEOUT_S = 60
_WORDS = ("errorCode", "policyName", "category", "error", "message", "error_description", "detail")
_SHOWN = 200
_ENOUGH = 429
_NOT_THERE = (404, 410)
_HERE = ("localhost", "127.0.0.1", "::1")


class _Damaged(Exception):  # noqa: N818 - part of a conversation, never seen outside
    """The answer is not the JSON it claims to be; the next one may be."""


class _Renewed(Exception):  # noqa: N818
    """The token was too old, and the request now carries a new one."""


class _Refused(Exception):  # noqa: N818
    """Asking again would not help."""

    def __init__(self, status: int, said: str) -> None:
        self.status, self.said = status, said
        super().__init__(said)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What shows the server who asks.

    Attributes:
        name: The secret's name, for people: `token`.
        get: Gives the token; called before the first request, and again when it has expired.
        stamp: Puts the token on a prepared request.
        renewable: Whether `get` gives another one when this one has expired.
    """

    name: str
    get: Callable[[], str]
    stamp: Callable[[Any, str], None]
    renewable: bool = False


def no_hope_lost(_status: int, _said: str) -> bool:
    """Say of no answer that it means to stop for today."""
    return False


def as_written(path: str) -> str:
    """Leave a path as it is."""
    return path


class RefusedError(ServerError):
    """The server understood what was asked, and will not do it; asking again would not help."""


class MissingError(RefusedError):
    """What was asked for is not there, or not any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doing:
    """What a server is asked for, for the sentence that says it did not.

    Attributes:
        verb: What the token must be allowed to do.
        kept: What becomes of the work so far, and what to do next.
        refused: What to do when it is refused; empty for what `kept` says.
    """

    verb: str = "read"
    kept: str = "what was read is kept, sync again later"
    refused: str = ""


READING = Doing()
"""What is done with most systems."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Whom to ask.

    Attributes:
        system: Its name for people, `HubSpot`.
        url: Where paths begin.
        credentials: None for a server that wants none.
        headers: Of all requests; no secrets.
        hopeless: Whether a refusal means that today's limit is used up, by its status and words.
        attempts: How often a request is tried.
        first_wait_s: Seconds before the second attempt; before each further one, twice as long.
        doing: What it is asked for.
        placed: Says where a path is, in the version of the API that is asked.
    """

    system: str
    url: str
    credentials: Credentials | None = None
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    hopeless: Callable[[int, str], bool] = no_hope_lost
    attempts: int = ATTEMPTS
    first_wait_s: float = 0.5
    doing: Doing = READING
    placed: Callable[[str], str] = as_written


def in_header(name: str) -> Callable[[Any, str], None]:
    """Return what puts a token on a request as a header of its own."""

    def stamp(request: Any, token: str) -> None:
        request.headers[name] = token

    return stamp


def bearer(request: Any, token: str) -> None:
    """Put a token on a request as most APIs want it."""
    request.headers["Authorization"] = f"Bearer {token}"


def checked_url(url: object, *, plain_http: bool = False) -> str:
    """Return the address of an API when a token may be sent there.

    Args:
        url: What the setting says.
        plain_http: Whether a team has said that its own network may see the token.

    Raises:
        UsageError: It is no address, holds a password, or would show the token to everybody.

    Example:
        >>> checked_url("https://crm.example.com/api/")
        'https://crm.example.com/api'
    """
    parts = urlsplit(str(url))
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(f"url is '{url}', but must be an address such as https://crm.example.com")
    if parts.username or parts.password or parts.query:
        raise UsageError(
            "url holds a name, a password or a question mark; write only the address and give the "
            "secret by itself"
        )
    if parts.scheme == "http" and parts.hostname not in _HERE and not plain_http:
        raise UsageError(
            f"url is '{url}', which would send the secret unencrypted; write https://, or in your "
            "own network plain_http = true"
        )
    return str(url).rstrip("/")


def attempts_of(settings: Mapping[str, object]) -> int:
    """Read how often a request is tried.

    Raises:
        UsageError: It is no number from 1 to 20.

    Example:
        >>> attempts_of({"attempts": 3}), attempts_of({})
        (3, 7)
    """
    said = str(settings.get("attempts", ATTEMPTS))
    if not re.fullmatch(r"[1-9]|1[0-9]|20", said):
        raise UsageError(f"attempts is {said}, but must be a number from 1 to 20")
    return int(said)


class Api:
    """An API that is asked again until it answers, or gives a sentence why it does not.

    Attributes:
        asked: How many requests were answered.
    """

    def __init__(self, service: Service) -> None:
        """Make ready to ask; nothing is sent yet.

        Args:
            service: Whom to ask.

        Raises:
            UsageError: The extra is not installed.
        """
        try:
            from dlt.common.configuration.specs import RuntimeConfiguration  # noqa: PLC0415
            from dlt.sources.helpers import requests  # noqa: PLC0415
            from dlt.sources.helpers.rest_client import RESTClient  # noqa: PLC0415
        except ImportError as error:
            raise UsageError(
                f"{service.system} is read with dlt, which is not installed; run "
                "pip install 'dialgauge[crm]'"
            ) from error
        self.asked = 0
        self._service, self._attempts, self._secret = service, service.attempts, ""
        self._now: dt.datetime | None = None
        self._http_error = requests.HTTPError
        self._failures = (_Refused, _Damaged, requests.RequestException)
        client = requests.Client(
            request_timeout=_TIMEOUT_S,
            max_connections=1,
            raise_for_status=False,
            exceptions=(
                requests.ConnectionError,
                requests.Timeout,
                requests.ChunkedEncodingError,
                _Damaged,
                _Renewed,
            ),
            request_max_attempts=service.attempts,
            request_backoff_factor=service.first_wait_s,
            request_max_retry_delay=_LONGEST_WAIT_S,
        )
        self._client = RESTClient(
            service.url,
            headers=dict(service.headers),
            auth=None if service.credentials is None else self._sign,
            session=client.session,
            config=RuntimeConfiguration(),
        )

    @property
    def now(self) -> dt.datetime:
        """The server's own time as of its last answer; the beginning of 1970 before."""
        return self._now or dt.datetime.fromtimestamp(0, dt.UTC)

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Any:
        """Ask for one thing and return its JSON.

        Raises:
            ForbiddenError: The token does not open this.
            ServerError: There was no answer, or a refusal.
        """
        return self._send("GET", path, params=dict(params or {}))

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """Ask with a body of JSON and return the JSON that comes back; raises as `get` does."""
        return self._send("POST", path, json=body)

    def patch(self, path: str, body: Mapping[str, Any]) -> Any:
        """Change things by a body of JSON and return the JSON that comes back; raises as `get`."""
        return self._send("PATCH", path, json=body)

    def post_form(self, path: str, body: Mapping[str, str]) -> Any:
        """Ask as a form does and return the JSON that comes back; raises as `get` does."""
        return self._send("POST", path, data=dict(body))

    def pages(
        self, path: str, params: Mapping[str, str], paginator: Any, rows: str
    ) -> Iterator[list[Row]]:
        """Ask for page after page; those without rows are left out.

        Args:
            path: Of the first page.
            params: Of the first page.
            paginator: One of dlt's, which knows how the next page is found.
            rows: Where the rows are in an answer, `results`.

        Raises:
            ForbiddenError: The token does not open this.
            ServerError: There was no answer, or a refusal.
        """
        try:
            for page in self._client.paginate(
                self._service.placed(path),
                params=dict(params),
                paginator=paginator,
                data_selector=rows,
                hooks={"response": [self._judge]},
                allow_redirects=False,
            ):
                if page:
                    yield page
        except self._failures as error:
            raise self._told(error, path) from None

    def _send(self, method: str, path: str, **body: Any) -> Any:
        try:
            response = self._client.request(
                self._service.placed(path),
                method=method,
                hooks={"response": [self._judge]},
                allow_redirects=False,
                **body,
            )
        except self._failures as error:
            raise self._told(error, path) from None
        return response.json()

    def _sign(self, request: Any) -> Any:
        """Put the token on a request; requests calls this for each."""
        if urlsplit(request.url)[:2] != urlsplit(self._service.url)[:2]:
            raise _Refused(0, "it names a next page on another server")
        if self._service.credentials is not None:
            self._secret = self._secret or self._service.credentials.get()
            self._service.credentials.stamp(request, self._secret)
        return request

    def _judge(self, response: Any, *_: object, **__: object) -> None:
        """Say of an answer whether it is one; runs within each attempt."""
        status = int(response.status_code)
        self._now = _date(response.headers.get("Date")) or self._now
        if status < 300:
            try:
                said = json.loads(response.content or b"null")
            except ValueError:
                raise _Damaged from None
            self.asked += 1
            response.json = lambda **_: said  # the paginators ask for it again
            return
        said = self._said(response)
        if self._service.hopeless(status, said):
            raise _Refused(_ENOUGH, said)
        credentials = self._service.credentials
        request = response.request
        if status == 401 and credentials and credentials.renewable and not _renewed(request):
            self._secret = credentials.get()
            credentials.stamp(request, self._secret)
            request.renewed = True
            raise _Renewed
        if status == 429 or status >= 500:
            wait = _wait_asked(response.headers.get("Retry-After"))
            if wait > _LONGEST_WAIT_S:
                raise _Refused(status, f"it asks to wait {wait:.0f} seconds")
            raise self._http_error(said, response=response)
        raise _Refused(status, said)

    def _said(self, response: Any) -> str:
        """Find the words of a refusal."""
        try:
            said = json.loads(response.content)
        except ValueError:
            return str(response.reason or "")
        if isinstance(said, list) and said:
            said = said[0]
        if not isinstance(said, dict):
            return str(response.reason or "")
        if isinstance(said.get("errors"), dict):  # as JSON:API writes them
            said = said["errors"]
        words = (said.get(key) for key in _WORDS)
        return ": ".join(word for word in words if isinstance(word, str) and word)

    def _told(self, error: Exception, path: str) -> Exception:
        """Say in one sentence why there is no answer."""
        where = f"{self._service.system} ({urlsplit(self._service.url).netloc})"
        what = urlsplit(path).path or path
        if isinstance(error, _Refused) and error.status in (401, 403):
            name = "secret" if self._service.credentials is None else self._service.credentials.name
            reason = self._clean(error.said)
            if error.status == 401:
                return ForbiddenError(
                    f"{where} does not accept the {name}{reason}; it is wrong, expired or "
                    "withdrawn: make a new one there and give it to this source"
                )
            return ForbiddenError(
                f"{where} does not let this {name} {self._service.doing.verb} {what}{reason}; "
                "grant it there, or leave that out of the source's settings"
            )
        kept = self._service.doing.kept
        if isinstance(error, _Refused):
            if error.status == _ENOUGH:
                reason = self._clean(error.said)
                return ServerError(f"{where} has had enough for now{reason}; {kept}")
            status = f" with {error.status}" if error.status else ""
            reason, then = self._clean(error.said), self._service.doing.refused or kept
            kind = MissingError if error.status in _NOT_THERE else RefusedError
            return kind(f"{where} refuses {what}{status}{reason}; {then}")
        if isinstance(error, _Damaged):
            return ServerError(
                f"{where} sent JSON that breaks off, {self._attempts} times, to {what}; {kept}"
            )
        if isinstance(error, self._http_error):
            reason = self._clean(str(error))
            return ServerError(
                f"{where} answered {what} with {error.response.status_code}{reason}, "
                f"{self._attempts} times; {kept}"
            )
        return ServerError(
            f"{where} cannot be reached ({type(error).__name__}), {self._attempts} times; "
            f"check the url and the network; {kept}"
        )

    def _clean(self, said: str) -> str:
        """Make a refusal's words fit to be shown: short, one line, without the token."""
        line = re.sub(r"\s+", " ", said).strip()
        if self._secret:
            line = line.replace(self._secret, "***")
        return f" ({line[:_SHOWN]})" if line else ""


def _wait_asked(header: str | None) -> float:
    """Read how many seconds a server asks to wait; 0 when it does not say."""
    if not header:
        return 0
    if re.fullmatch(r"\s*[0-9]+\s*", header):
        return float(header)
    when = _date(header)
    return 0 if when is None else (when - dt.datetime.now(dt.UTC)).total_seconds()


def _date(header: str | None) -> dt.datetime | None:
    try:
        return email.utils.parsedate_to_datetime(header or "")
    except ValueError:
        return None


def _renewed(request: Any) -> bool:
    """Say whether this request already carries a token that was made for it."""
    return bool(getattr(request, "renewed", False))
