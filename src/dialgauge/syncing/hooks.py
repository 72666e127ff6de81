"""Who sent this, and what does it say?

Each kind of sender proves itself in its own way, and nothing is read before that:

- files (anybody): HMAC-SHA256 over `timestamp.body`, not older than five minutes
- FreeSWITCH's mod_json_cdr: HTTP Basic, whose password is the secret
- Twilio: X-Twilio-Signature, HMAC-SHA1 over the address and the form
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from urllib.parse import parse_qsl, unquote_to_bytes, urlsplit

from dialgauge.errors import UsageError
from dialgauge.sources.raw import folded

WINDOW_S = 300
LEAST_SECRET = 16
MOST_EVENTS = 10_000
TIMESTAMP, SIGNATURE = "x-dialgauge-timestamp", "x-dialgauge-signature"

_JSON, _FORM = "application/json", "application/x-www-form-urlencoded"
_BASE64_FORM = "application/x-www-form-base64-encoded"
KINDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "files": (_JSON,),
        "freeswitch": (_JSON, _FORM, _BASE64_FORM),
        "twilio": (_FORM,),
    }
)
"""System to the content types it may send."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What has arrived.

    Attributes:
        url: The address as the sender wrote it, with its query.
        headers: Name in small letters to value.
        body: All of it.
        now: Seconds since 1970.
    """

    url: str
    headers: Mapping[str, str]
    body: bytes
    now: float

    @property
    def kind(self) -> str:
        """The content type, without what stands behind it."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


def is_from(system: str, secret: str, sent: Sent) -> bool:
    """Tell whether something was sent by whoever knows the secret.

    Args:
        system: Which kind of sender it claims to be.
        secret: What only the sender knows; one that is short proves nothing.
        sent: What has arrived.
    """
    return len(secret) >= LEAST_SECRET and _PROOFS[system](secret, sent)


def events_in(system: str, sent: Sent) -> list[str]:
    """Read the events, each as JSON on one line.

    Args:
        system: Who sent them.
        sent: What has arrived, with a content type of `KINDS`.

    Raises:
        UsageError: It cannot be read as what it says it is.
    """
    if system == "twilio":
        fields = dict(_form(sent.body))
        if not fields:
            raise UsageError("the form is empty; send the fields of a call")
        return [_line(fields)]
    body = sent.body
    if sent.kind == _FORM:
        body = unquote_to_bytes(_cdr(body).replace(b"+", b" "))
    elif sent.kind == _BASE64_FORM:
        try:
            body = base64.b64decode(_cdr(body), validate=False)
        except (binascii.Error, ValueError):
            raise UsageError("cdr is not base64; look at `encode` in json_cdr.conf.xml") from None
    return [_line(event) for event in _objects(body)]


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Sign an event, as a sender does.

    Example:
        >>> signature("sixteen letters.", "1767225600", b"{}")[:15]
        'sha256=4adaa08e'
    """
    said = timestamp.encode() + b"." + body
    return "sha256=" + hmac.new(secret.encode(), said, hashlib.sha256).hexdigest()


def twilio_signature(secret: str, url: str, body: bytes) -> str:
    """Sign a form, as Twilio does: the address, then each field and its value in order."""
    said = url + "".join(name + value for name, value in sorted(set(_form(body))))
    # SHA-1 is what Twilio uses; in an HMAC it is not broken.
    digest = hmac.new(secret.encode(), said.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def _by_signature(secret: str, sent: Sent) -> bool:
    timestamp = sent.headers.get(TIMESTAMP, "")
    fresh = (
        timestamp.isascii()
        and timestamp.isdecimal()
        and len(timestamp) < 12
        and abs(sent.now - int(timestamp)) <= WINDOW_S
    )
    return fresh and _same(sent.headers.get(SIGNATURE, ""), signature(secret, timestamp, sent.body))


def _by_password(secret: str, sent: Sent) -> bool:
    scheme, _, shown = sent.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return False
    try:
        _, _, password = base64.b64decode(shown, validate=True).partition(b":")
    except (binascii.Error, ValueError):
        return False
    return hmac.compare_digest(password, secret.encode())


def _by_twilio(secret: str, sent: Sent) -> bool:
    told = sent.headers.get("x-twilio-signature", "")
    try:
        addresses = {sent.url, _port_said(sent.url), _port_left_out(sent.url)}
        return any(_same(told, twilio_signature(secret, url, sent.body)) for url in addresses)
    except (UsageError, ValueError):
        return False


_PROOFS: Mapping[str, Callable[[str, Sent], bool]] = MappingProxyType(
    {"files": _by_signature, "freeswitch": _by_password, "twilio": _by_twilio}
)


def _same(told: str, right: str) -> bool:
    return hmac.compare_digest(told.encode("utf-8", "replace"), right.encode())


def _port_said(url: str) -> str:
    """Write the usual port into an address: Twilio signs some with it and some without."""
    parts = urlsplit(url)
    port = 443 if parts.scheme == "https" else 80
    return url if parts.port else parts._replace(netloc=f"{parts.netloc}:{port}").geturl()


def _port_left_out(url: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=parts.hostname or "").geturl()


def _form(body: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(
            body.decode("ascii"), keep_blank_values=True, max_num_fields=1_000, errors="strict"
        )
    except ValueError:
        raise UsageError("the body is not a form in UTF-8; send it as a form") from None


def _cdr(body: bytes) -> bytes:
    name, _, value = body.partition(b"=")
    if name != b"cdr":
        raise UsageError("the form has no cdr; look at `encode` in json_cdr.conf.xml")
    return value.partition(b"&")[0]


def _objects(body: bytes) -> list[dict[str, object]]:
    try:
        found = json.loads(body, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise UsageError(
            "the body is not JSON in UTF-8; send an object, or a list of them"
        ) from None
    listed = found if isinstance(found, list) else [found]
    if not listed or not all(isinstance(each, dict) and each for each in listed):
        raise UsageError("the body holds no events; send a JSON object, or a list of objects")
    if len(listed) > MOST_EVENTS:
        raise UsageError(f"the body holds {len(listed):,} events; send at most {MOST_EVENTS:,}")
    for event in listed:
        if len({folded(key) for key in event}) < len(event):
            raise UsageError(
                "the body holds an event with two keys that differ in capitals or blanks only; "
                "rename one"
            )
    return listed


def _no_number(word: str) -> object:
    raise ValueError(f"{word} is no JSON")


def _line(event: Mapping[str, object]) -> str:
    """Write an event on one line; what no text can hold, half a surrogate pair, becomes a mark."""
    return json.dumps(event, ensure_ascii=False).encode("utf-8", "replace").decode()
