"""What does the door let through, from whom, and under which name?"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from starlette.testclient import TestClient
from visiting import browser, guard, log_in, people

from dialgauge.config import Server
from dialgauge.server.app import create_app
from dialgauge.server.site import LOOPBACK, Site
from dialgauge.store.tables import TOKENS

STRICT = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
}
PROGRAM = {"Accept": "application/json"}


@pytest.fixture
def app(site: Site) -> FastAPI:
    """Serve a team of five."""
    people(site)
    return create_app(site)


def bearer(secret: str) -> dict[str, str]:
    """Show a token."""
    return {"Authorization": f"Bearer {secret}", **PROGRAM}


def token(site: Site, name: str, *scope: str) -> str:
    """Make a token for someone."""
    ends_at = dt.datetime.now(dt.UTC) + dt.timedelta(days=7)
    return site.store.tokens.make(site.store.users.by_name(name).id, "test", scope, ends_at)


def test_every_answer_is_strict(app: FastAPI) -> None:
    """Pages, refusals, redirects and files: no framing, sniffing, inline code or keeping."""
    with browser(app) as asked:
        log_in(asked, "Ann")
        for path, status in (
            ("/overview", 200),
            ("/users", 200),
            ("/nothing/here", 404),
            ("/api/v1/kpis/nothing", 404),
            ("/static/app.css", 200),
            ("/static/nothing.css", 404),
        ):
            answer = asked.get(path)
            assert answer.status_code == status, path
            said = answer.headers
            assert set(said["content-security-policy"].split("; ")) == STRICT
            assert said["x-content-type-options"] == "nosniff"
            assert said["referrer-policy"] == "same-origin"
            assert said["cross-origin-opener-policy"] == "same-origin"
            assert said["cross-origin-resource-policy"] == "same-origin"
            assert "camera=()" in said["permissions-policy"]
            assert "strict-transport-security" not in said
            if path == "/static/app.css":
                assert "immutable" in said["cache-control"]
            else:
                assert said["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "name",
    ["evil.example", "testserver.evil.example", "evil.example@testserver", "", "testserver/x", "["],
)
def test_other_names_are_refused(app: FastAPI, name: str) -> None:
    """A page elsewhere cannot point its own name at this server (DNS rebinding)."""
    with browser(app) as asked:
        for path in ("/", "/login", "/static/app.css", "/api/v1/kpis"):
            refused = asked.get(path, headers={"Host": name})
            assert refused.status_code == 400
            assert "--public-url" in refused.json()["detail"]
        assert asked.get("/api/v1/healthz", headers={"Host": name}).status_code == 200


def test_its_own_names_are_known_with_any_port(site: Site) -> None:
    """Case, port and a last dot make no other name; so do brackets around a number."""
    app = create_app(replace(site, hosts=(*LOOPBACK, "Gauge.Example.com")))
    with browser(app) as asked:
        for name in (
            "localhost",
            "127.0.0.1:8000",
            "[::1]:81",
            "gauge.example.COM.",
            "LOCALHOST:1",
        ):
            assert asked.get("/login", headers={"Host": name}).status_code == 303


def test_unknown_people_are_sent_to_log_in_and_programs_told(app: FastAPI) -> None:
    """A page redirects; the API, twins and parts of pages answer 401 with a problem document."""
    with browser(app) as asked:
        assert asked.get("/overview").status_code == 303
        for path, headers in (
            ("/api/v1/kpis", {}),
            ("/api/v1/kpis", PROGRAM),
            ("/overview.json", PROGRAM),
            ("/overview", {"X-Part": "main"}),
            ("/nothing", PROGRAM),
        ):
            refused = asked.get(path, headers=headers)
            assert refused.status_code == 401, path
            assert refused.headers["www-authenticate"] == 'Bearer realm="dialgauge"'
            assert refused.headers["content-type"] == "application/problem+json"
            assert refused.json()["status"] == 401
        assert asked.post("/users").status_code == 401
        for path in ("/api/v1/healthz", "/api/v1/readyz", "/static/app.css", "/login"):
            assert asked.get(path).status_code == 200


def test_without_users_whoever_is_here_is_owner(site: Site) -> None:
    """Until someone adds the first user, who is an owner: from then on everybody logs in."""
    with browser(create_app(site)) as asked:
        assert asked.get("/overview.json").status_code == 200
        assert asked.get("/users").status_code == 200
        assert asked.get("/login").headers["location"] == "/"
        people(site)
        assert asked.get("/overview").status_code == 303
        assert asked.get("/overview.json", headers=PROGRAM).status_code == 401


def test_a_server_that_needs_log_in_has_no_owner_by_default(site: Site) -> None:
    """Even when its users are gone."""
    with browser(create_app(replace(site, login=True))) as asked:
        assert asked.get("/overview").status_code == 303


def test_a_token_opens_what_it_may(site: Site, app: FastAPI) -> None:
    """Until it ends, is revoked or its user is kept out; it needs no token of forms."""
    secret = token(site, "Mia", "ask")
    with browser(app) as asked:
        assert asked.get("/api/v1/ask?kpi=dials", headers=bearer(secret)).status_code == 200
        question = {"kpis": ["dials"]}
        posted = asked.post("/api/v1/ask", json=question, headers=bearer(secret))
        assert posted.status_code == 200
        forbidden = asked.get("/api/v1/rows?kpi=dials", headers=bearer(secret))
        assert forbidden.status_code == 403
        assert asked.get("/overview.json", headers=bearer(secret)).status_code == 200
        site.store.users.disable(site.store.users.by_name("Mia").id)
        assert asked.get("/api/v1/kpis", headers=bearer(secret)).status_code == 401


def test_a_token_never_may_more_than_its_user(site: Site, app: FastAPI) -> None:
    """What its scope says beyond their role counts for nothing, and row rules hold."""
    secret = token(site, "Vic", *("ask", "rows", "administer", "import", "nonsense"))
    leads = token(site, "Leo", "ask")
    with browser(app) as asked:
        assert asked.get("/api/v1/rows?kpi=dials", headers=bearer(secret)).status_code == 403
        assert asked.get("/users", headers=bearer(secret)).status_code == 403
        answer = asked.get("/api/v1/ask?kpi=dials&by=team", headers=bearer(leads)).json()
        assert [row["keys"]["team"] for row in answer["rows"]] == ["Alder"]


def test_a_token_makes_no_keys_and_changes_no_people(site: Site, app: FastAPI) -> None:
    """Whoever steals an owner's token cannot make it last."""
    secret = token(site, "Ann", *("ask", "rows", "administer", "decide"))
    with browser(app) as asked:
        for path in ("/users", "/users.json", "/audit", "/tokens", "/account"):
            assert asked.get(path, headers=bearer(secret)).status_code == 403
        for path in ("/users", "/tokens", "/account/password", "/users/2/disable"):
            refused = asked.post(path, data={"name": "Eve"}, headers=bearer(secret))
            assert refused.status_code == 403
    assert site.store.users.count() == 5


@pytest.mark.parametrize("shown", ["dg_nonsense", "nonsense", "", "dg_" + "x" * 100_0])
def test_wrong_tokens_are_refused_everywhere(app: FastAPI, shown: str) -> None:
    """Also for who would be let in without one: it is meant to be a token."""
    with browser(app) as asked:
        log_in(asked, "Ann")
        refused = asked.get("/overview.json", headers=bearer(shown))
        assert refused.status_code == 401
        assert "this token is not known, has ended or was revoked" in refused.json()["detail"]


def test_a_token_ends_with_its_day(site: Site, app: FastAPI) -> None:
    """A moment after its end it opens nothing."""
    secret = token(site, "Ann", "ask")
    with browser(app) as asked:
        assert asked.get("/api/v1/kpis", headers=bearer(secret)).status_code == 200
        with site.store.database.writing() as con:
            con.execute(sa.update(TOKENS).values(ends_at=dt.datetime.now(dt.UTC)))
        assert asked.get("/api/v1/kpis", headers=bearer(secret)).status_code == 401


def changed(asked: TestClient, headers: dict[str, str] | None = None, **fields: str) -> int:
    """Try to keep Vic out, and tell the status."""
    return asked.post("/users/5/disable", data=fields, headers=headers).status_code


def test_forged_changes_are_refused(site: Site, app: FastAPI) -> None:
    """Without a token, with another browser's, or when the browser says another site asks."""
    with browser(app) as asked, browser(app) as other:
        log_in(asked, "Ann")
        log_in(other, "Mia")
        own, others = guard(asked.get("/users").text), guard(other.get("/account").text)
        assert changed(asked) == 403
        assert changed(asked, csrf="") == 403
        assert changed(asked, csrf="zz" * 64) == 403
        assert changed(asked, csrf="00" * 64) == 403
        assert changed(asked, csrf=others) == 403
        for headers in (
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Origin": "http://testserver:8080"},
        ):
            assert changed(asked, headers, csrf=own) == 403, headers
        assert asked.put("/users/5", headers={"X-CSRF-Token": others}).status_code == 403
        assert asked.delete("/users/5").status_code == 403
        user = site.store.users.by_id(5)
        assert user is not None
        assert not user.disabled
        fine = {"Sec-Fetch-Site": "same-origin", "Origin": "http://testserver"}
        assert changed(asked, fine, csrf=own) == 303
        again = asked.post("/users/5/enable", headers={"X-CSRF-Token": own})
        assert again.status_code == 303


def test_the_token_of_forms_is_another_text_each_time(app: FastAPI) -> None:
    """So that it cannot be read from the length of compressed pages; each one holds."""
    with browser(app) as asked:
        log_in(asked, "Ann")
        tokens = {guard(asked.get("/account").text) for _ in range(4)}
        assert len(tokens) == 4
        for each in tokens:
            assert changed(asked, csrf=each) == 303


def test_behind_another_name_the_origin_is_the_public_one(site: Site) -> None:
    """A server in front may call this one by another name; the browser says the public one."""
    people(site)
    named = replace(site.config, server=Server(public_url="https://gauge.example.com"))
    app = create_app(replace(site, config=named, login=True, hosts=("testserver",)))
    with browser(app) as asked:
        log_in(asked, "Ann")
        own = guard(asked.get("/users").text)
        assert changed(asked, {"Origin": "http://testserver"}, csrf=own) == 403
        assert changed(asked, {"Origin": "https://gauge.example.com"}, csrf=own) == 303


def test_forms_with_files_carry_the_token_too(app: FastAPI) -> None:
    """A multipart form is read as well, and given on whole."""
    with browser(app) as asked:
        log_in(asked, "Ann")
        own = guard(asked.get("/users").text)
        sent = asked.post("/users/5", files={"csrf": (None, own), "role": (None, "manager")})
        assert sent.status_code == 303
        forged = asked.post("/users/5", files={"csrf": ("token.txt", own)})
        assert forged.status_code == 403


def test_a_program_at_home_needs_no_token_but_a_page_does(site: Site) -> None:
    """What a browser sends says so: another site's page cannot ask for whoever sits here."""
    question = {"kpis": ["dials"]}
    with browser(create_app(site)) as asked:
        assert asked.post("/api/v1/ask", json=question).status_code == 200
        for header in ("Origin", "Referer"):
            forged = asked.post(
                "/api/v1/ask", json=question, headers={header: "https://evil.example"}
            )
            assert forged.status_code == 403
        assert asked.post("/users", data={"name": "Eve", "role": "owner"}).status_code == 403
        own = guard(asked.get("/users").text)
        page = {"Origin": "http://testserver", "X-CSRF-Token": own}
        assert asked.post("/api/v1/ask", json=question, headers=page).status_code == 200


def test_long_bodies_are_not_read(app: FastAPI) -> None:
    """Neither when they say their length nor when they hide it."""
    with browser(app) as asked:
        log_in(asked, "Ann")
        own = guard(asked.get("/users").text)
        long = "x" * 1_000_001
        assert asked.post("/users", data={"csrf": own, "name": long}).status_code == 413
        kind = {"Content-Type": "application/x-www-form-urlencoded", "X-CSRF-Token": own}

        def hidden() -> object:
            yield b"name="
            for _ in range(20):
                yield b"x" * 100_000

        streamed = asked.post("/users", content=hidden(), headers=kind)  # type: ignore[arg-type]
        assert streamed.status_code == 413


def test_a_database_that_is_gone_is_a_sentence(site: Site) -> None:
    """Nobody is let in when nobody can be looked up; no statement and no traceback is shown."""
    broken = create_app(site)
    with site.store.database.writing() as con:
        con.exec_driver_sql("ALTER TABLE sessions RENAME TO gone")
    with browser(broken) as asked:
        refused = asked.get("/overview", headers={"Cookie": "dialgauge_session=x"})
        assert refused.status_code == 500
        assert refused.json()["detail"].startswith("the application database does not answer:")
        assert "SELECT" not in refused.text
