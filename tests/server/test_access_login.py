"""Who gets in, how often may one try, and what does the browser keep?"""

from __future__ import annotations

import http.cookies
from collections.abc import Iterator
from dataclasses import replace

import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from starlette.testclient import TestClient
from visiting import PASSWORD, browser, guard, log_in, people

from dialgauge.lang import LANGUAGES, texts
from dialgauge.server.app import create_app
from dialgauge.server.site import Site


@pytest.fixture
def app(site: Site) -> FastAPI:
    """Serve a team of five."""
    people(site)
    return create_app(site)


@pytest.fixture
def asked(app: FastAPI) -> Iterator[TestClient]:
    """Open a browser."""
    with browser(app) as opened:
        yield opened


def deeds(site: Site) -> list[tuple[str, str]]:
    """List who did what, the oldest first."""
    return [(each.who, each.what) for each in reversed(site.store.audit.list())]


def test_the_right_password_opens_the_page_one_wanted(site: Site, asked: TestClient) -> None:
    """Unknown: sent to log in, with where one wanted to go; known: let through, and noted."""
    sent = asked.get("/overview?team=Alder")
    assert sent.status_code == 303
    assert sent.headers["location"] == "/login?next=%2Foverview%3Fteam%3DAlder"
    done = log_in(asked, "ann", next="/overview?team=Alder")
    assert (done.status_code, done.headers["location"]) == (303, "/overview?team=Alder")
    assert asked.get("/overview.json").status_code == 200
    assert asked.get("/login?next=/overview").headers["location"] == "/overview"
    assert deeds(site) == [("Ann", "login")]
    assert site.store.audit.list()[0].address == "192.0.2.1"


@pytest.mark.parametrize("secure", [False, True])
def test_cookies_are_for_this_site_and_no_script(site: Site, secure: bool) -> None:  # noqa: FBT001
    """HttpOnly and SameSite always, Secure behind TLS; they end with the browser."""
    people(site)
    served = create_app(replace(site, secure=secure, login=True))
    with browser(served, "https://testserver" if secure else "http://testserver") as asked:
        first = asked.get("/login")
        done = log_in(asked, "Ann")
    for answer, name in ((first, "dialgauge_visitor"), (done, "dialgauge_session")):
        found = http.cookies.SimpleCookie(answer.headers["set-cookie"])[name]
        assert found["httponly"] is True
        assert found["samesite"].lower() == "lax"
        assert bool(found["secure"]) is secure
        assert found["path"] == "/"
        assert (found["max-age"], found["expires"], found["domain"]) == ("", "", "")
    assert ("strict-transport-security" in done.headers) is secure


def test_wrong_names_and_passwords_are_told_apart_by_nothing(
    site: Site, asked: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same status, words and work, whether or not the name exists; no password is noted."""
    verified: list[str] = []
    verify = PasswordHasher.verify

    def counted(self: PasswordHasher, kept: str, password: str) -> bool:
        verified.append("".join(kept.split("$")[:4]))
        return verify(self, kept, password)

    site.store.users.verify("warm", "up")
    monkeypatch.setattr(PasswordHasher, "verify", counted)
    known, unknown = (log_in(asked, name, "not the password") for name in ("Ann", "Eve"))
    assert known.status_code == unknown.status_code == 403
    forms = [
        answer.text.replace(name, "").replace(guard(answer.text), "")
        for answer, name in ((known, "Ann"), (unknown, "Eve"))
    ]
    assert forms[0] == forms[1]
    assert texts("en").t("access.wrong") in known.text
    assert len(verified) == 2
    assert verified[0] == verified[1]
    assert deeds(site) == [("Ann", "login_failed"), ("?", "login_failed")]
    assert "not the password" not in known.text
    assert asked.cookies.get("dialgauge_session") is None


def test_a_secret_that_was_planted_is_not_used(site: Site, asked: TestClient) -> None:
    """Each log-in makes a new one, and the one before ends (session fixation)."""
    asked.cookies.set("dialgauge_session", "planted-by-someone", domain="testserver.local")
    log_in(asked, "Vic")
    first = asked.cookies["dialgauge_session"]
    assert first != "planted-by-someone"
    page = asked.get("/account")
    again = asked.post(
        "/login", data={"csrf": guard(page.text), "name": "Ann", "password": PASSWORD}
    )
    assert again.status_code == 303
    assert asked.cookies["dialgauge_session"] != first
    assert site.store.sessions.find(first) is None
    assert site.store.sessions.find("planted-by-someone") is None


def test_logging_out_ends_the_secret_itself(site: Site, asked: TestClient) -> None:
    """Wherever it was copied to it opens nothing any more; a link cannot log anybody out."""
    log_in(asked, "Ann")
    secret = asked.cookies["dialgauge_session"]
    assert asked.get("/logout").status_code == 405
    assert asked.post("/logout").status_code == 403
    assert site.store.sessions.find(secret) is not None
    done = asked.post("/logout", data={"csrf": guard(asked.get("/account").text)})
    assert (done.status_code, done.headers["location"]) == (303, "/login")
    assert site.store.sessions.find(secret) is None
    asked.cookies.set("dialgauge_session", secret, domain="testserver.local")
    assert asked.get("/overview").status_code == 303
    assert deeds(site)[-1] == ("Ann", "logout")


@pytest.mark.parametrize(
    "elsewhere",
    [
        *("https://evil.example/", "//evil.example", "/\\evil.example", "\\\\evil.example"),
        *("/\t/evil.example", "javascript:alert(1)", "/logout", "/oidc/start", "http:evil.example"),
        "/login?next=//evil.example",
    ],
)
def test_log_in_leads_nowhere_else(asked: TestClient, elsewhere: str) -> None:
    """An address of another site, or one that would log out again, becomes the first page."""
    assert log_in(asked, "Ann", next=elsewhere).headers["location"] == "/"
    assert asked.get("/login", params={"next": elsewhere}).headers["location"] == "/"


def test_guessing_becomes_slow(site: Site, app: FastAPI) -> None:
    """After five wrong passwords for a name one waits, from any address and with any password."""
    for number in range(5):
        with browser(app, came_from=f"192.0.2.{number}") as asked:
            assert log_in(asked, "Ann", "wrong").status_code == 403
    with browser(app, came_from="198.51.100.9") as asked:
        slowed = log_in(asked, "ANN ")
        assert slowed.status_code == 429
        assert int(slowed.headers["retry-after"]) >= 1
        assert log_in(asked, "Vic").status_code == 303
    assert [what for _, what in deeds(site)] == ["login_failed"] * 5 + ["login"]


def test_an_address_that_tries_many_names_becomes_slow(app: FastAPI) -> None:
    """After thirty attempts; who gets in does not count, as an office shares an address."""
    with browser(app, came_from="192.0.2.7") as asked:
        for _ in range(8):
            assert log_in(asked, "Vic").status_code == 303
            asked.cookies.clear()
        for number in range(30):
            assert log_in(asked, f"guess {number}", "wrong").status_code == 403
        assert log_in(asked, "another guess", "wrong").status_code == 429
    with browser(app, came_from="192.0.2.8") as asked:
        assert log_in(asked, "Vic").status_code == 303


def test_who_is_kept_out_is_out_with_the_next_click(site: Site, asked: TestClient) -> None:
    """A session that is open ends, and the right password opens no other."""
    log_in(asked, "Vic")
    assert asked.get("/account").status_code == 200
    site.store.users.disable(site.store.users.by_name("Vic").id)
    assert asked.get("/account").status_code == 303
    assert log_in(asked, "Vic").status_code == 403


def test_the_log_in_page_speaks_each_language(asked: TestClient) -> None:
    """By address, by cookie or as the browser wishes; and nothing inline is in it."""
    for code in LANGUAGES:
        page = asked.get(f"/login?lang={code}").text
        assert f'<html lang="{code}"' in page
        assert f"<h1>{texts(code).t('access.log_in')}</h1>" in page
        assert texts(code).t("access.password") in page
        assert " style=" not in page
        assert "<script" not in page
    asked.cookies.clear()
    georgian = asked.get("/login", headers={"Accept-Language": "ka-GE,ka;q=0.9"}).text
    assert texts("ka").t("access.log_in") in georgian


def test_what_was_typed_is_shown_as_text(asked: TestClient) -> None:
    """A name with markup stays a name."""
    page = log_in(asked, '"><script>alert(1)</script>', "x").text
    assert "<script" not in page
    assert "&lt;script&gt;" in page
