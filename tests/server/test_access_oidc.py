"""Do people come in by the team's own log-in service, and only those who were added?"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from starlette.testclient import TestClient
from visiting import browser, people

from dialgauge.lang import texts
from dialgauge.server.app import create_app
from dialgauge.server.site import Oidc, Site

SECRET = "the secret of the two"


@dataclass(frozen=True)
class Provider:
    """A running log-in service."""

    issuer: str

    def knows(self, subject: str, **claims: object) -> None:
        """Let it know someone."""
        httpx2.put(
            f"{self.issuer}/users/{subject}", json=claims, trust_env=False
        ).raise_for_status()

    def agrees(self, address: str, subject: str) -> str:
        """Log someone in there, as the person would, and tell where it sends them."""
        answer = httpx2.post(address, data={"sub": subject}, trust_env=False)
        assert answer.status_code == 302, answer.text
        return answer.headers["location"]


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    """Start the service."""
    command = [sys.executable, str(Path(__file__).with_name("provider.py")), "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield Provider(f"http://localhost:{int(process.stdout.readline())}")
        finally:
            process.kill()


@pytest.fixture
def served(site: Site, provider: Provider) -> Site:
    """Serve a team whose Ann comes from the service."""
    people(site)
    ann = site.store.users.by_name("Ann")
    site.store.users.change(ann.id, role="owner", email="ann@example.com")
    oidc = Oidc(
        issuer=provider.issuer, client_id="dialgauge", client_secret=SECRET, label="Example"
    )
    return replace(site, login=True, oidc=oidc)


@pytest.fixture
def asked(served: Site) -> Iterator[TestClient]:
    """Open a browser."""
    with browser(create_app(served)) as opened:
        yield opened


def local(address: str) -> str:
    """Take the server's own part of an address."""
    parts = urlsplit(address)
    assert parts.netloc == "testserver"
    return f"{parts.path}?{parts.query}"


def come(asked: TestClient, provider: Provider, subject: str, next: str = "/") -> httpx2.Response:  # noqa: A002
    """Go the whole way: the button, the service, and back."""
    sent = asked.get("/oidc/start", params={"next": next})
    assert sent.status_code == 302
    return asked.get(local(provider.agrees(sent.headers["location"], subject)))


def last(site: Site) -> tuple[str, str, str]:
    """Tell the newest line of the audit trail."""
    entry = site.store.audit.list(1)[0]
    return entry.who, entry.what, entry.detail


def test_the_button_leads_to_the_service(asked: TestClient, provider: Provider) -> None:
    """With state, nonce and an S256 challenge; the redirect address is the server's own."""
    page = asked.get("/login?next=/overview").text
    assert texts("en").t("access.service", name="Example") in page
    assert 'href="/oidc/start?next=%2Foverview"' in page
    sent = asked.get("/oidc/start?next=/overview")
    address = urlsplit(sent.headers["location"])
    said = {name: value[0] for name, value in parse_qs(address.query).items()}
    assert f"{address.scheme}://{address.netloc}" == provider.issuer
    assert said["redirect_uri"] == "http://testserver/oidc/callback"
    assert (said["response_type"], said["client_id"]) == ("code", "dialgauge")
    assert said["code_challenge_method"] == "S256"
    assert set(said["scope"].split()) == {"openid", "email", "profile"}
    assert min(len(said["state"]), len(said["nonce"]), len(said["code_challenge"])) >= 20
    kept = sent.headers["set-cookie"]
    assert "HttpOnly" in kept
    assert "SameSite=lax" in kept
    assert "Path=/oidc" in kept
    assert SECRET not in sent.headers["location"]
    assert said["nonce"] not in kept


def test_who_was_added_comes_in(asked: TestClient, provider: Provider, served: Site) -> None:
    """By a verified address the first time, by their number ever after; to the page they wanted."""
    provider.knows("ann-7", email="Ann@Example.com", email_verified=True)
    done = come(asked, provider, "ann-7", "/overview?team=Alder")
    assert (done.status_code, done.headers["location"]) == (303, "/overview?team=Alder")
    assert asked.get("/users.json").status_code == 200
    assert last(served) == ("Ann", "login", "")
    asked.cookies.clear()
    provider.knows("ann-7", email="someone@else.example", email_verified=False)
    assert come(asked, provider, "ann-7").status_code == 303
    assert served.store.users.count() == 5
    assert served.store.users.by_name("Ann").linked


def test_unknown_people_are_refused(asked: TestClient, provider: Provider, served: Site) -> None:
    """Nobody signs themselves up: the page says whom to ask, the trail who it was."""
    provider.knows("eve", email="eve@example.com", email_verified=True)
    refused = come(asked, provider, "eve")
    assert refused.status_code == 403
    assert texts("en").t("access.oidc_unknown") in refused.text
    assert last(served) == ("?", "login_refused", "eve@example.com")
    assert asked.cookies.get("dialgauge_session") is None
    assert served.store.users.count() == 5


@pytest.mark.parametrize("verified", [False, None, "true", 1])
def test_an_address_that_is_not_verified_links_nobody(
    asked: TestClient, provider: Provider, served: Site, verified: object
) -> None:
    """Whoever types Ann's address at the service does not become Ann."""
    claims = {} if verified is None else {"email_verified": verified}
    provider.knows("mallory", email="ann@example.com", **claims)
    refused = come(asked, provider, "mallory")
    assert refused.status_code == 403
    assert texts("en").t("access.oidc_unverified") in refused.text
    assert not served.store.users.by_name("Ann").linked


def test_who_is_kept_out_stays_out(asked: TestClient, provider: Provider, served: Site) -> None:
    """Although the service knows them."""
    provider.knows("leo", email="leo@example.com", email_verified=True)
    leo = served.store.users.by_name("Leo")
    served.store.users.change(leo.id, role="viewer", email="leo@example.com")
    assert come(asked, provider, "leo").status_code == 303
    served.store.users.disable(leo.id)
    assert asked.get("/account").status_code == 303
    asked.cookies.clear()
    assert come(asked, provider, "leo").status_code == 403


def test_an_answer_counts_once_and_in_the_same_browser(
    asked: TestClient, provider: Provider, served: Site
) -> None:
    """Neither a replayed nor a planted answer logs anybody in."""
    provider.knows("ann-8", email="ann@example.com", email_verified=True)
    sent = asked.get("/oidc/start")
    back = local(provider.agrees(sent.headers["location"], "ann-8"))
    with browser(create_app(served)) as victim:
        planted = victim.get(back)
        assert planted.status_code == 403
        assert texts("en").t("access.oidc_expired") in planted.text
        assert victim.cookies.get("dialgauge_session") is None
        # Also not one who has a question of their own on the way.
        victim.get("/oidc/start")
        mixed = victim.get(back)
        assert mixed.status_code == 403
        assert texts("en").t("access.oidc_failed") in mixed.text
    assert asked.get(back).status_code == 303
    asked.cookies.delete("dialgauge_session")
    assert asked.get(back).status_code == 403


def test_a_wrong_state_or_code_is_refused(asked: TestClient, provider: Provider) -> None:
    """Also without either, and when the person said no at the service."""
    for query in (
        "code=x&state=wrong",
        "code=x",
        "",
        "error=access_denied&error_description=<b>no</b>",
    ):
        asked.get("/oidc/start")
        refused = asked.get(f"/oidc/callback?{query}")
        assert refused.status_code == 403, query
        assert texts("en").t("access.oidc_failed") in refused.text
        assert "<b>" not in refused.text
    sent = asked.get("/oidc/start")
    state = parse_qs(urlsplit(sent.headers["location"]).query)["state"][0]
    assert asked.get(f"/oidc/callback?code=guessed&state={state}").status_code == 403
    assert provider.issuer


def test_the_challenge_is_checked(asked: TestClient, provider: Provider, served: Site) -> None:
    """The provider of these tests gives nothing for a code without its verifier."""
    sent = asked.get("/oidc/start")
    back = provider.agrees(sent.headers["location"], "ann-9")
    code = parse_qs(urlsplit(back).query)["code"][0]
    stolen = httpx2.post(
        f"{provider.issuer}/oauth2/token",
        data={
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": "http://testserver/oidc/callback",
        },
        auth=("dialgauge", SECRET),
        trust_env=False,
    )
    assert stolen.status_code == 400
    assert served.oidc is not None


def test_a_service_that_is_silent_is_told(served: Site) -> None:
    """Passwords still work, and the page says so; the secret is nowhere."""
    silent = replace(
        served,
        oidc=Oidc(issuer="http://localhost:9", client_id="dialgauge", client_secret=SECRET),
    )
    with browser(create_app(silent)) as asked:
        refused = asked.get("/oidc/start")
        assert refused.status_code == 503
        assert texts("en").t("access.oidc_silent") in refused.text
        assert SECRET not in refused.text
    assert SECRET not in repr(silent)


def test_without_a_service_there_is_no_button(site: Site) -> None:
    """Nor its addresses."""
    people(site)
    with browser(create_app(replace(site, login=True))) as asked:
        assert "/oidc/" not in asked.get("/login").text
        assert asked.get("/oidc/start").status_code == 404
