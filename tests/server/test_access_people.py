"""Can owners add people, and people make keys and change their password?"""

from __future__ import annotations

import ast
import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient
from visiting import PASSWORD, browser, guard, log_in, people, post, told_once

import dialgauge.server
from dialgauge.lang import LANGUAGES, texts
from dialgauge.server.app import create_app
from dialgauge.server.site import Site
from dialgauge.server.viewer import MAY, May, Role

NEW = "another four long words"


@pytest.fixture
def app(site: Site) -> FastAPI:
    """Serve a team of five."""
    people(site)
    return create_app(site)


@pytest.fixture
def owner(app: FastAPI) -> Iterator[TestClient]:
    """Come as the owner."""
    with browser(app) as opened:
        log_in(opened, "Ann")
        yield opened


def last(site: Site) -> tuple[str, str, str]:
    """Tell the newest line of the audit trail."""
    entry = site.store.audit.list(1)[0]
    return entry.who, entry.what, entry.detail


def test_the_first_owner_is_added_on_the_page(site: Site) -> None:
    """Whoever sits at the machine adds one, reads the password once, and logs in with it."""
    with browser(create_app(site)) as asked:
        page = asked.get("/users").text
        assert texts("en").t("access.no_users") in page
        assert re.findall(
            r'<option value="(\w+)"', page.split('name="role"')[1].split("</select")[0]
        ) == ["owner"]
        refused = post(asked, "/users", name="Vic", role="viewer")
        assert refused.status_code == 400
        assert "the first user must be an owner" in refused.text
        added = post(asked, "/users", name="Ann", role="owner")
        password = told_once(added.text)
        assert len(password) >= 25
        assert asked.get("/users").status_code == 303
        assert log_in(asked, "Ann", password).status_code == 303
        assert password not in asked.get("/users").text


def test_a_team_lead_is_added_and_sees_their_team(
    site: Site, app: FastAPI, owner: TestClient
) -> None:
    """The lake's teams are offered; a role without its rows is refused."""
    assert 'name="teams" value="Birch"' in owner.get("/users").text
    refused = post(owner, "/users", name="Lea", role="team_lead")
    assert (refused.status_code, "say of which" in refused.text) == (400, True)
    added = post(owner, "/users", name="Lea", role="team_lead", teams=["Birch", "Cedar"])
    assert last(site) == ("Ann", "user", "Lea: team_lead (Birch, Cedar)")
    with browser(app) as asked:
        log_in(asked, "Lea", told_once(added.text))
        answer = asked.get("/api/v1/ask?kpi=dials&by=team").json()
        assert {row["keys"]["team"] for row in answer["rows"]} == {"Birch", "Cedar"}


def test_what_someone_is_can_be_changed(site: Site, app: FastAPI, owner: TestClient) -> None:
    """With their next click they are it; what an agent saw is not kept for a lead."""
    leo = site.store.users.by_name("Leo").id
    with browser(app) as asked:
        log_in(asked, "Leo")
        assert asked.get("/api/v1/rows?kpi=dials&limit=1").status_code == 200
        done = post(owner, f"/users/{leo}", role="viewer", email="leo@example.com")
        assert (done.status_code, done.headers["location"]) == (303, "/users")
        assert asked.get("/api/v1/rows?kpi=dials&limit=1").status_code == 403
    post(owner, f"/users/{leo}", role="agent", agent="A0001")
    post(owner, f"/users/{leo}", role="team_lead", teams="Alder", agent="A0001")
    user = site.store.users.by_id(leo)
    assert user is not None
    assert (user.role, user.teams, user.agent) == ("team_lead", ("Alder",), "")
    assert last(site) == ("Ann", "user_changed", "Leo: team_lead (Alder)")


def test_a_new_password_logs_out_everywhere(site: Site, app: FastAPI, owner: TestClient) -> None:
    """Shown once, to the owner; the old one opens nothing."""
    vic = site.store.users.by_name("Vic").id
    with browser(app) as asked:
        log_in(asked, "Vic")
        page = post(owner, f"/users/{vic}/password").text
        assert asked.get("/account").status_code == 303
        assert log_in(asked, "Vic").status_code == 403
        assert log_in(asked, "Vic", told_once(page)).status_code == 303
    entries = site.store.audit.list()
    assert told_once(page) not in str(entries)


def test_someone_is_kept_out_and_let_in_again(site: Site, app: FastAPI, owner: TestClient) -> None:
    """The owner cannot keep themselves out when they are the last."""
    vic = site.store.users.by_name("Vic").id
    assert post(owner, f"/users/{vic}/disable").status_code == 303
    assert texts("en").t("access.disabled") in owner.get("/users").text
    with browser(app) as asked:
        assert log_in(asked, "Vic").status_code == 403
        post(owner, f"/users/{vic}/enable")
        assert last(site) == ("Ann", "user_enabled", "Vic")
        site.store.attempts.clear("name vic")
        assert log_in(asked, "Vic").status_code == 303
    refused = post(owner, f"/users/{site.store.users.by_name('Ann').id}/disable")
    assert (refused.status_code, "nobody would be left" in refused.text) == (400, True)
    assert owner.get("/users/99").status_code == 400


def test_users_are_told_as_json_without_secrets(owner: TestClient) -> None:
    """The twin of the page: names, roles and rows; nothing of a password."""
    told = owner.get("/users.json")
    assert [each["name"] for each in told.json()["users"]] == ["Ann", "Art", "Leo", "Mia", "Vic"]
    assert told.json()["users"][2]["teams"] == ["Alder"]
    assert "argon2" not in told.text


@pytest.mark.parametrize("name", ["Mia", "Leo", "Art", "Vic"])
def test_only_owners_see_people(app: FastAPI, name: str) -> None:
    """All else is refused, also the changes."""
    with browser(app) as asked:
        log_in(asked, name)
        for path in ("/users", "/users.json", "/users/1", "/audit", "/audit.json"):
            assert asked.get(path).status_code == 403
        for path in ("/users", "/users/1", "/users/1/disable", "/users/1/password"):
            refused = post(asked, path, on="/account", name="Eve", role="owner")
            assert refused.status_code == 403


def test_a_token_is_made_shown_once_and_revoked(
    site: Site, app: FastAPI, owner: TestClient
) -> None:
    """It ends on its day, is noted without its secret, and owners may revoke those of others."""
    with browser(app) as asked:
        log_in(asked, "Leo")
        page = post(asked, "/tokens", on="/tokens", name="report", scope=["ask", "export"], days=30)
        secret = told_once(page.text)
        assert secret.startswith("dg_")
        assert secret not in asked.get("/tokens").text
        listed = asked.get("/tokens.json").json()["tokens"]
        assert [(each["name"], each["scope"]) for each in listed] == [("report", ["ask", "export"])]
        ends = dt.datetime.fromisoformat(listed[0]["ends_at"])
        assert abs(ends - dt.datetime.now(dt.UTC) - dt.timedelta(days=30)) < dt.timedelta(hours=1)
        assert secret not in str(site.store.audit.list())
        assert last(site)[:2] == ("Leo", "token")
        shown = {"Authorization": f"Bearer {secret}"}
        with browser(app) as program:
            assert program.get("/api/v1/kpis", headers=shown).status_code == 200
            post(owner, f"/tokens/{listed[0]['id']}/revoke", on="/tokens")
            assert program.get("/api/v1/kpis", headers=shown).status_code == 401
    assert last(site) == ("Ann", "token_ended", "Leo: report")


def test_tokens_of_others_are_not_seen(site: Site, app: FastAPI, owner: TestClient) -> None:
    """Nor revoked, by who is no owner."""
    post(owner, "/tokens", on="/tokens", name="of the owner", scope="ask")
    (token,) = site.store.tokens.list()
    with browser(app) as asked:
        log_in(asked, "Mia")
        assert "of the owner" not in asked.get("/tokens").text
        assert asked.get("/tokens.json").json()["tokens"] == []
        refused = post(asked, f"/tokens/{token.id}/revoke", on="/tokens")
        assert (refused.status_code, "there is no token" in refused.text) == (400, True)
    assert len(site.store.tokens.list()) == 1


def test_a_token_is_offered_no_more_than_its_user_may(app: FastAPI) -> None:
    """Each role is offered what it may but users; more is refused."""
    for name, role in (("Ann", Role.OWNER), ("Vic", Role.VIEWER), ("Art", Role.AGENT)):
        with browser(app) as asked:
            log_in(asked, name)
            page = asked.get("/tokens").text
            offered = set(re.findall(r'name="scope" value="(\w+)"', page))
            assert offered == {what.value for what in MAY[role] - {May.ADMINISTER}}
            wide = post(asked, "/tokens", on="/tokens", name="x", scope=["ask", "administer"])
            assert wide.status_code == 400
            assert "a token may do no more than you" in wide.text
            for days in ("0", "367", "soon"):
                late = post(asked, "/tokens", on="/tokens", name="x", scope="ask", days=days)
                assert late.status_code == 422
            nameless = post(asked, "/tokens", on="/tokens", scope="ask")
            assert (nameless.status_code, "what the token is for" in nameless.text) == (400, True)


def test_people_change_their_own_password(site: Site, app: FastAPI) -> None:
    """Who knows the present one; this browser stays logged in with a new secret, others do not."""
    with browser(app) as asked, browser(app) as other:
        log_in(asked, "Vic")
        log_in(other, "Vic")
        before = asked.cookies["dialgauge_session"]

        def change(old: str, new: str, again: str) -> tuple[int, str]:
            typed = {"old": old, "new": new, "again": again}
            answer = post(asked, "/account/password", on="/account", **typed)
            return answer.status_code, answer.text

        say = texts("en").t
        for old, new, again, status, said in (
            ("wrong", NEW, NEW, 400, say("access.wrong_old")),
            (PASSWORD, NEW, NEW + "!", 400, say("access.not_again")),
            (PASSWORD, "short", "short", 400, "from 12 to 1024 characters"),
        ):
            found, page = change(old, new, again)
            assert (found, said in page) == (status, True)
        assert change(PASSWORD, NEW, NEW)[0] == 200
        assert asked.cookies["dialgauge_session"] != before
        assert asked.get("/account").status_code == 200
        assert other.get("/account").status_code == 303
        assert last(site) == ("Vic", "password", "")
        assert log_in(other, "Vic", NEW).status_code == 303
        for _ in range(5):
            change("wrong", NEW, NEW)
        assert change(NEW, PASSWORD, PASSWORD)[0] == 429


def test_without_users_there_is_no_account(site: Site) -> None:
    """Whoever sits at the machine is told how to add the first user."""
    with browser(create_app(site)) as asked:
        for path in ("/account", "/tokens"):
            refused = asked.get(path)
            assert refused.status_code == 400
            assert "dialgauge users add NAME --role owner" in refused.text


def test_who_takes_rows_through_the_api_is_written_down(site: Site, owner: TestClient) -> None:
    """Lists of calls and leads are about people, whichever way they leave."""
    where = "result = 'busy'"
    assert owner.get("/api/v1/rows", params={"kpi": "dials", "where": where}).status_code == 200
    assert last(site) == ("Ann", "rows", f"dials and {where}")


def test_the_audit_trail_is_read_in_pages(site: Site, owner: TestClient) -> None:
    """A hundred lines a page, the newest first; what is in them is shown as text."""
    for number in range(130):
        site.store.audit.write("Eve <b>", "export", f"panel {number} <script>")
    page = owner.get("/audit").text
    assert "panel 129 &lt;script&gt;" in page
    assert "<script>" not in page.replace('<script src="/static', "")
    assert "panel 30 " in page
    assert "panel 29 " not in page
    older = re.search(r'href="(/audit\?before=\d+)"', page)
    assert older
    assert "panel 29 " in owner.get(older[1]).text
    entries = owner.get("/audit.json").json()["entries"]
    assert (len(entries), entries[0]["detail"]) == (100, "panel 129 <script>")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pages_speak_each_language(site: Site, owner: TestClient, language: str) -> None:
    """Each page says its own words, and deeds by their names."""
    say = texts(language).t
    post(owner, "/tokens", on="/tokens", name="report", scope="ask")
    for path, keys in (
        ("/users", ("page.users", "access.add_user", "access.role_is.agent")),
        ("/users/2", ("access.what_sees", "access.reset_does", "access.teams_are")),
        ("/tokens", ("access.tokens", "access.make_token", "access.scope.ask")),
        ("/account", ("page.account", "access.change_password", "access.password_is")),
        ("/audit", ("page.audit", "access.address", "deed.login")),
    ):
        page = owner.get(f"{path}?lang={language}")
        assert page.status_code == 200
        assert f'<html lang="{language}"' in page.text
        assert [key for key in keys if say(key) not in page.text] == []
        assert " style=" not in page.text
    assert site.store.tokens.list()


def test_every_deed_has_a_name() -> None:
    """Whatever the server writes into the trail is said in each language."""
    written = {
        str(node.args[1].value)
        for path in Path(dialgauge.server.__file__).parent.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "audit"
        and isinstance(node.args[1], ast.Constant)
        and isinstance(node.args[1].value, str)
    }
    assert {"login", "logout", "token", "user"} <= written
    for language in LANGUAGES:
        words = texts(language).words
        assert [what for what in written if f"deed.{what}" not in words] == []


def test_forms_are_guarded(owner: TestClient) -> None:
    """Every form of these pages that changes something carries the token."""
    for path in ("/users", "/users/2", "/tokens", "/account", "/login", "/audit"):
        page = owner.get(path).text
        for form in re.findall(r'<form[^>]*method="post".*?</form>', page, re.DOTALL):
            assert guard(form)
