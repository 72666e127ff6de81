"""Is nothing taken but from whoever knows the secret, and is it read as it was meant?"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgauge.errors import UsageError
from dialgauge.syncing.hooks import Sent, events_in, is_from, signature

SECRET = "a secret that both sides know"
NOW = 1_767_603_605.0
URL = "https://gauge.example.com/api/v1/hooks/pbx"


def sent(body: bytes, url: str = URL, now: float = NOW, **headers: str) -> Sent:
    """Describe what has arrived."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Sent(url=url, headers=named, body=body, now=now)


def signed(body: bytes, secret: str = SECRET, timestamp: str = "1767603605") -> Sent:
    """Sign a body as anybody would who reads the docs."""
    digest = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
    return sent(body, x_dialgauge_timestamp=timestamp, x_dialgauge_signature=f"sha256={digest}")


def test_a_signature_holds_for_five_minutes() -> None:
    """A clock may be off by that much, either way; later it is a replay."""
    assert is_from("files", SECRET, signed(b"{}"))
    assert is_from("files", SECRET, signed(b"{}", timestamp=str(int(NOW) - 300)))
    assert is_from("files", SECRET, signed(b"{}", timestamp=str(int(NOW) + 299)))
    assert not is_from("files", SECRET, signed(b"{}", timestamp=str(int(NOW) - 301)))
    assert not is_from("files", SECRET, signed(b"{}", timestamp=str(int(NOW) + 302)))


@pytest.mark.parametrize(
    "wrong",
    [
        sent(b"{}"),
        signed(b"{}", secret="another secret of that length"),
        signed(b"{}", timestamp=""),
        signed(b"{}", timestamp="soon"),
        signed(b"{}", timestamp="-1767603605"),
        signed(b"{}", timestamp="1" * 40),
        sent(b"{ }", x_dialgauge_timestamp="1767603605", x_dialgauge_signature="sha256=é"),
        sent(
            b"{}",
            x_dialgauge_timestamp="1767603606",
            x_dialgauge_signature=signature(SECRET, "1767603605", b"{}"),
        ),
        sent(
            b"[]",
            x_dialgauge_timestamp="1767603605",
            x_dialgauge_signature=signature(SECRET, "1767603605", b"{}"),
        ),
    ],
)
def test_a_signature_of_something_else_is_none(wrong: Sent) -> None:
    """Another secret, time or body, or no signature at all."""
    assert not is_from("files", SECRET, wrong)


def test_a_short_secret_proves_nothing() -> None:
    """An empty one least of all."""
    for secret in ("", "short"):
        assert not is_from("files", secret, signed(b"{}", secret=secret))
        basic = "Basic " + base64.b64encode(f"x:{secret}".encode()).decode()
        assert not is_from("freeswitch", secret, sent(b"{}", authorization=basic))


def test_freeswitch_shows_the_secret_as_a_password() -> None:
    """Under any name; a colon in the password belongs to it."""
    secret = "pass:word with a colon"
    shown = base64.b64encode(f"dialgauge:{secret}".encode()).decode()
    assert is_from("freeswitch", secret, sent(b"{}", authorization=f"Basic {shown}"))
    assert is_from("freeswitch", secret, sent(b"{}", authorization=f"basic {shown}"))
    for wrong in ("", "Basic", "Basic !", f"Bearer {secret}", f"Basic {shown[:-4]}"):
        assert not is_from("freeswitch", secret, sent(b"{}", authorization=wrong))


# The example of https://www.twilio.com/docs/usage/security, with its auth token "12345".
EXAMPLE = {
    "CallSid": "CA1234567890ABCDE",
    "Caller": "+14158675309",
    "Digits": "1234",
    "From": "+14158675309",
    "To": "+18005551212",
}
EXAMPLE_URL = "https://mycompany.com/myapp.php?foo=1&bar=2"


def by_hand(secret: str, url: str, form: dict[str, str]) -> str:
    """Sign as Twilio's page says: the address, then names and values in order."""
    said = url + "".join(name + form[name] for name in sorted(form))
    return base64.b64encode(
        hmac.new(secret.encode(), said.encode(), hashlib.sha1).digest()
    ).decode()


def test_twilio_signs_the_address_and_the_form() -> None:
    """The port of an address may be said or left out."""
    token = "0123456789abcdef0123456789abcdef"
    body = urlencode(EXAMPLE).encode()
    right = by_hand(token, EXAMPLE_URL, EXAMPLE)
    assert is_from("twilio", token, sent(body, url=EXAMPLE_URL, x_twilio_signature=right))
    with_port = EXAMPLE_URL.replace(".com/", ".com:443/")
    assert is_from(
        "twilio",
        token,
        sent(body, url=EXAMPLE_URL, x_twilio_signature=by_hand(token, with_port, EXAMPLE)),
    )
    assert is_from("twilio", token, sent(body, url=with_port, x_twilio_signature=right))
    other = EXAMPLE_URL.replace("foo=1", "foo=2")
    for wrong in (
        sent(body, url=other, x_twilio_signature=right),
        sent(body + b"&Digits=9", url=EXAMPLE_URL, x_twilio_signature=right),
        sent(body, url=EXAMPLE_URL),
        sent(b"\xff", url=EXAMPLE_URL, x_twilio_signature=right),
    ):
        assert not is_from("twilio", token, wrong)


def test_the_signature_twilio_publishes_is_ours() -> None:
    """Their example: token 12345 and the address above give this text."""
    assert by_hand("12345", EXAMPLE_URL, EXAMPLE) == "RSOYDt4T1cUTdK1PDd93/VVr8B8="
    from dialgauge.syncing.hooks import twilio_signature  # noqa: PLC0415 - said beside by_hand

    body = urlencode(EXAMPLE).encode()
    assert twilio_signature("12345", EXAMPLE_URL, body) == "RSOYDt4T1cUTdK1PDd93/VVr8B8="


def test_twilios_form_is_one_event() -> None:
    """With its fields as they are, also those that are empty."""
    body = b"CallSid=CA1&CallStatus=completed&From=%2B995&Empty="
    (event,) = events_in("twilio", sent(body, content_type="application/x-www-form-urlencoded"))
    assert json.loads(event) == {
        "CallSid": "CA1",
        "CallStatus": "completed",
        "From": "+995",
        "Empty": "",
    }


CDR = {"variables": {"uuid": "u+1", "caller": "Нино & co"}, "callflow": [{"times": {}}]}


def test_freeswitch_sends_a_call_in_three_ways() -> None:
    """As JSON, as a form, and as a form in base64."""
    plain = json.dumps(CDR, ensure_ascii=False).encode()
    form = b"cdr=" + quote(plain).encode()
    coded = b"cdr=" + base64.b64encode(plain)
    for body, kind in (
        (plain, "application/json"),
        (form, "application/x-www-form-urlencoded; charset=utf-8"),
        (coded, "application/x-www-form-base64-encoded"),
    ):
        (event,) = events_in("freeswitch", sent(body, content_type=kind))
        assert json.loads(event) == CDR


def test_several_events_may_come_at_once() -> None:
    """As a list of objects; each is one line."""
    found = events_in("files", sent(b'[{"a": "x\\ny"}, {"a": 2}]', content_type="application/json"))
    assert [json.loads(event) for event in found] == [{"a": "x\ny"}, {"a": 2}]
    assert all("\n" not in event for event in found)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"x",
        b"1",
        b"[]",
        b"{}",
        b"[1]",
        b"[{}]",
        b'{"a": NaN}',
        b'{"a": 1, " A": 2}',
        b"\xff\xfe",
        b"[" * 100_000,
    ],
)
def test_what_holds_no_events_is_refused(body: bytes) -> None:
    """In a sentence, whatever it is."""
    with pytest.raises(UsageError, match="the body"):
        events_in("files", sent(body, content_type="application/json"))


@given(st.binary(max_size=200))
def test_no_body_breaks_anything(body: bytes) -> None:
    """Whoever knows the secret may still send rubbish."""
    kinds = {
        "files": "application/json",
        "freeswitch": "application/x-www-form-base64-encoded",
        "twilio": "application/x-www-form-urlencoded",
    }
    for system, kind in kinds.items():
        said = sent(body, content_type=kind, x_twilio_signature="x", authorization="Basic eDp5")
        assert not is_from(system, SECRET, said)
        for prefix in (b"", b"cdr="):
            try:
                found = events_in(system, sent(prefix + body, content_type=kind))
            except UsageError:
                continue
            assert all(isinstance(json.loads(event), dict) for event in found)
