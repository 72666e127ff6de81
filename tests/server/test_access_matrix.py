"""Does every route refuse whom it must, and never show a row of others?

Every route of the application is asked, as everybody. A route that is added later is asked too: one
with parts in its path fails here until somebody says with which examples, and one that no rule
speaks of fails until somebody says who may see it.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from urllib.parse import unquote_plus

import pypdf
import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.testclient import TestClient
from two_teams import COLLEAGUE, NOW, OWN, SECRET, two_teams
from visiting import browser, guard, hash_for_all, log_in

from dialgauge.config import Config
from dialgauge.server.app import create_app
from dialgauge.server.site import Site
from dialgauge.server.viewer import MAY, May, Role
from dialgauge.store import open_store
from dialgauge.store.views import Shared

ROLES: Mapping[str, Role | None] = {
    "Ann": Role.OWNER,
    "Mia": Role.MANAGER,
    "Leo": Role.TEAM_LEAD,
    "Art": Role.AGENT,
    "Vic": Role.VIEWER,
    "": None,
}
"""Who comes, and as what; nobody last."""

PUBLIC = re.compile(r"/login|/logout|/static/.*|/api/v1/(healthz|readyz|hooks/\{name\})")
RULES: tuple[tuple[str, AbstractSet[May]], ...] = (
    (r"/(users|audit).*", frozenset({May.ADMINISTER})),
    (r"/(tokens|account).*", frozenset()),  # everybody who is somebody
    (r"/(|overview|explore|timing|regions|segments|campaigns|agents|funnel)(\.json)?", {May.ASK}),
    (r"/(money|customers|quality|compliance|experiments|targets)(\.json)?", {May.ASK}),
    (r"/(wallboard|kpis|kpi/\{name\}|agent/\{id\})(\.json)?", {May.ASK}),
    (r"/(rows|lead/\{id:path\}|customer/\{id:path\})(\.json)?", {May.ROWS}),
    (r"/health(/check|\.json)?", {May.HEALTH}),
    (r"/health/rows/.*", {May.HEALTH, May.ROWS}),
    (r"/(views.*|settings|settings/annotations.*)", {May.KEEP}),
    (r"/settings/(targets|segments).*", {May.DECIDE}),
    (r"/export/(rows\.|lead/|customer/).*", {May.EXPORT, May.ROWS}),
    (r"/export/health\..*", {May.EXPORT, May.HEALTH}),
    (r"/export/(?!rows\.|lead/|customer/|health\.).*", {May.EXPORT, May.ASK}),
    (r"/api/v1/(openapi\.json|kpis.*|dimensions)", frozenset()),
    (r"/api|/api/v1/(ask|why|targets|cohorts)", {May.ASK}),
    (r"/api/v1/rows", {May.ROWS}),
    (r"/api/v1/(checks.*|sources)", {May.HEALTH}),
    (r"/api/v1/import", {May.IMPORT}),
)
"""Path to what one must be allowed to see it; exactly one rule speaks of each path."""

APRIL = "from=2026-04-01&to=2026-05-01"
CHECK = "calls_without_list"
EXAMPLES: Mapping[str, tuple[str, ...]] = {
    "/static/{name:path}": ("/static/app.css",),
    "/users/{user_id}": ("/users/99",),
    "/users/{user_id}/password": ("/users/99/password",),
    "/users/{user_id}/disable": ("/users/99/disable",),
    "/users/{user_id}/enable": ("/users/99/enable",),
    "/tokens/{token_id}/revoke": ("/tokens/99/revoke",),
    "/views/{number}/remove": ("/views/99/remove",),
    "/api/v1/kpis/{name}": ("/api/v1/kpis/dials",),
    "/api/v1/checks/{name}": (f"/api/v1/checks/{CHECK}",),
    "/health/rows/{name}": (f"/health/rows/{CHECK}",),
    "/health/rows/{name}.json": (f"/health/rows/{CHECK}.json",),
    **{
        f"{before}{path}{after}": tuple(f"{before}{each}{after}?{APRIL}" for each in concrete)
        for path, concrete in {
            "/kpi/{name}": ("/kpi/dials", "/kpi/revenue", "/kpi/contact_rate", "/kpi/churn_rate"),
            "/agent/{id}": (f"/agent/{OWN['agent']}", f"/agent/{SECRET['agent']}"),
            "/lead/{id:path}": (f"/lead/{OWN['lead']}", f"/lead/{SECRET['lead']}"),
            "/customer/{id:path}": (
                f"/customer/{OWN['customer']}",
                f"/customer/{SECRET['customer']}",
            ),
        }.items()
        for before, afters in (("", ("", ".json")), ("/export", (".csv", ".xlsx", ".pdf")))
        for after in afters
    },
    **{
        f"/export{path}{after}": ()
        for path in ("/kpi/{name}", "/agent/{id}", "/lead/{id:path}", "/customer/{id:path}")
        for after in (".svg", ".png")
    },
    "/api/v1/ask": tuple(
        f"/api/v1/ask?{APRIL}&kpi={kpi}&by={by}"
        for kpi, by in (
            *(("dials", by) for by in ("team", "agent", "campaign", "list", "region", "script")),
            *(("revenue", by) for by in ("team", "lead_source", "product")),
            *(("csat", "agent"), ("quality_score", "team"), ("leads_created", "list")),
            *(("dials", "experiment"), ("cost", "agent"), ("cost", "campaign")),
        )
    ),
    "/api/v1/rows": tuple(
        f"/api/v1/rows?{APRIL}&kpi={kpi}"
        for kpi in ("dials", "revenue", "leads_created", "csat", "quality_score", "agent_hours")
    ),
    "/api/v1/why": tuple(
        f"/api/v1/why?{APRIL}&kpi=dials&by={by}&versus=2026-03-01..2026-04-01"
        for by in ("team", "agent", "list")
    ),
    "/rows": tuple(
        f"/rows?{APRIL}&kpi={kpi}"
        for kpi in ("dials", "revenue", "leads_created", "csat", "quality_score", "cost")
    ),
    "/explore": tuple(
        f"/explore?{APRIL}&kpi=dials&kpi=revenue&by={by}" for by in ("agent", "campaign", "list")
    ),
}
"""Path with parts to those that are asked; others are asked as they are, in April."""

PROBING = (
    f"team={SECRET['team']}",
    f"agent={SECRET['agent']}",
    f"campaign={SECRET['campaign']}",
    f"where=team = '{SECRET['team']}'",
    f"where=team = '{OWN['team']}' or team = '{SECRET['team']}'",
    "where=team is null or true",
    "unknown=team",
)
"""What someone may try to see more."""


@dataclass(frozen=True)
class Route:
    """One way to ask the application."""

    method: str
    path: str

    @property
    def public(self) -> bool:
        """Whether anybody may see it."""
        return PUBLIC.fullmatch(self.path) is not None

    @property
    def needs(self) -> frozenset[May]:
        """What one must be allowed."""
        found = [frozenset(may) for rule, may in RULES if re.fullmatch(rule, self.path)]
        assert len(found) == 1, f"{self.path}: say in RULES who may see it ({len(found)} rules)"
        return found[0]

    def addresses(self) -> tuple[str, ...]:
        """Give the addresses that are asked."""
        base = self.path.removesuffix(".json")
        if self.path in EXAMPLES:
            return EXAMPLES[self.path]
        if base in EXAMPLES and "{" not in base:
            return tuple(each.replace(base, self.path, 1) for each in EXAMPLES[base])
        assert "{" not in self.path, f"{self.path}: say in EXAMPLES with which parts to ask it"
        period = "" if self.path in ("/health", "/api/v1/checks") else f"?{APRIL}"
        return (f"{self.path}{period}" if self.dated else self.path,)

    @property
    def dated(self) -> bool:
        """Whether days may stand in its address."""
        strict = ("/users", "/audit", "/tokens", "/account", "/views", "/settings", "/static")
        return not self.path.startswith(("/api", "/health", "/log", *strict))


def routes(app: FastAPI) -> list[Route]:
    """List every way to ask the application."""
    found = [
        Route(method, context.path or "")
        for context in iter_route_contexts(app.routes)
        for method in sorted(context.methods or ())
        if method not in ("HEAD", "OPTIONS")
    ]
    assert len(found) > 50
    return found


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Serve two teams to one person of each role, and to the lead of the other team."""
    folder = tmp_path_factory.mktemp("two")
    lake = two_teams(folder)
    store = open_store(f"sqlite:///{folder / 'dialgauge.db'}")
    add = store.users.add
    add("Ann", "owner")
    add("Mia", "manager")
    add("Leo", "team_lead", teams=(OWN["team"],))
    add("Art", "agent", agent=OWN["agent"])
    add("Vic", "viewer")
    other = add("Bea", "team_lead", teams=(SECRET["team"],))
    day = dt.date(2026, 4, 9)
    store.annotations.add(day, SECRET["comment"], by="Bea", teams=(SECRET["team"],))
    query = f"team={SECRET['team']}"
    store.views.keep(other.id, SECRET["section"], "/overview", query, Shared.TEAM)
    store.views.keep(other.id, SECRET["stage"], "/overview", query)
    gauge = replace(lake.gauge(), clock=lambda: NOW)
    config = Config(root=folder, lake=folder / "lake", rules=lake.rules)
    site = Site(gauge=gauge, config=config, store=store, hosts=("testserver",), login=True)
    hash_for_all(site)
    yield site
    store.close()


@pytest.fixture(scope="module")
def app(served: Site) -> FastAPI:
    """Make the application."""
    return create_app(served)


@pytest.fixture(scope="module")
def come(app: FastAPI) -> Iterator[Mapping[str, TestClient]]:
    """Let everybody come."""
    opened = {name: browser(app) for name in ROLES}
    for name, asked in opened.items():
        if name:
            log_in(asked, name)
    yield opened
    for asked in opened.values():
        asked.close()


def sent(asked: TestClient, route: Route, address: str) -> int:
    """Ask a route and give the status; a change comes from a page, and says next to nothing."""
    if route.method == "GET":
        return asked.get(address).status_code
    known = asked.cookies.get("dialgauge_session")
    token = guard(asked.get("/account").text) if known else ""
    path = address.partition("?")[0]
    if path.startswith("/api/"):
        said = {"kpis": ["dials"]}
        return asked.post(path, json=said, headers={"X-CSRF-Token": token}).status_code
    return asked.request(route.method, path, data={"csrf": token}).status_code


@pytest.mark.parametrize("name", ROLES)
def test_every_route_refuses_whom_it_must(
    app: FastAPI, come: Mapping[str, TestClient], name: str
) -> None:
    """Whoever may not is told 403, and who is nobody is sent to log in."""
    role = ROLES[name]
    wrong = []
    for route in routes(app):
        if route.public or (role is not None and route.needs <= MAY[role]):
            continue
        address = (*route.addresses(), route.path)[0]
        status = sent(come[name], route, address)
        expected = 403
        if role is None:
            expected = 303 if route.method == "GET" and "/api/" not in address else 401
        if status != expected:
            wrong.append((route.method, address, status))
    assert wrong == []


def test_every_route_answers_an_owner(app: FastAPI, come: Mapping[str, TestClient]) -> None:
    """No rule keeps out who may everything, and no address of the examples is one of nothing."""
    wrong = []
    for route in routes(app):
        if route.public or route.path.startswith("/export"):
            continue
        for address in route.addresses()[:2]:
            status = sent(come["Ann"], route, address)
            if status >= 500 or status in (401, 403, 404, 405):
                wrong.append((route.method, address, status))
    assert wrong == []


def words(content: bytes, kind: str) -> str:
    """Read all that an answer says, also when it is a workbook or a report."""
    if "spreadsheet" in kind:
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            return "\n".join(book.read(part).decode("utf-8", "replace") for part in book.namelist())
    if "pdf" in kind:
        pages = pypdf.PdfReader(io.BytesIO(content)).pages
        return "\n".join(page.extract_text() for page in pages)
    return content.decode("utf-8", "replace")


AMOUNTS = re.compile(
    r"(?<![\d.])98[\s,.\u00a0\u202f]?(765|876|987|099)(?!\d{3})|\b99[\s,\u00a0\u202f]?098\b"
)
"""What the other team sold, alone or with that of others: 98,765; 98,876; 98,987; 99,098."""

DRAWN = re.compile(r"\b[0-9a-f]{32,}\b")
"""What a machine draws at random, such as each form's token: by chance it holds any five digits."""


def leaks(text: str, hidden: Mapping[str, str], address: str) -> list[str]:
    """List what of others stands in an answer, beside what the question itself said."""
    asked = unquote_plus(address).lower()
    said = DRAWN.sub("", text)
    low = said.lower()
    found = [
        f"{noun} {word}"
        for noun, word in hidden.items()
        if word.lower() in low and word.lower() not in asked
    ]
    return found + [f"amount {match[0]}" for match in AMOUNTS.finditer(said)][:1]


def test_an_amount_is_found_and_a_token_is_none() -> None:
    """A form's token once held 98765 by chance, and the page looked as if it told an amount."""
    token = "83c8e59d2806e2ae1d98765ffc20f78cbc91ce44000834fb"
    assert leaks(f'<input name="csrf" value="{token}">', {}, "/") == []
    for amount in ("98,765", "98765.43", "98.765,43", "98\u202f765", "GEL98876", "99,098"):
        assert len(leaks(f'<td>{amount}</td><input value="{token}">', {}, "/")) == 1
    assert leaks("0.98765432", {}, "/") == []


def hidden_from(name: str) -> Mapping[str, str]:
    """Say what someone must not see."""
    if name == "Leo":
        return SECRET
    mates = {f"mate {noun}": word for noun, word in COLLEAGUE.items() if word != OWN[noun]}
    return {**SECRET, **mates}


def shown(
    asked: TestClient, app: FastAPI, role: Role, *, exports: bool = True
) -> Iterator[tuple[str, str]]:
    """Ask everything that a role may see, and yield each address with what the answer says."""
    for route in routes(app):
        if route.method != "GET" or route.public or not route.needs <= MAY[role]:
            continue
        for address in route.addresses():
            if "/export/" in address and not exports:
                continue
            if re.match(r"/export/.*\.(png|svg|csv)(\?|$)", address):
                continue  # need the name of a panel; their words are those of .xlsx
            answer = asked.get(address)
            assert answer.status_code < 500, f"{address}: {answer.text[:300]}"
            yield address, words(answer.content, answer.headers.get("content-type", ""))


@pytest.mark.parametrize("name", ["Leo", "Art"])
def test_nothing_of_others_is_in_the_bytes(
    app: FastAPI, come: Mapping[str, TestClient], name: str
) -> None:
    """No page, twin, export, list or answer that a lead or an agent sees names another's row."""
    hidden = hidden_from(name)
    found = {}
    count = 0
    for address, text in shown(come[name], app, ROLES[name] or Role.VIEWER):
        count += 1
        if seen := leaks(text, hidden, address):
            found[address] = seen
    assert count > 60
    assert found == {}


@pytest.mark.parametrize("name", ["Leo", "Art"])
@pytest.mark.parametrize("probe", PROBING)
def test_asking_for_others_shows_nothing_of_them(
    come: Mapping[str, TestClient], name: str, probe: str
) -> None:
    """Whatever filter or condition someone writes, row rules come on top of it."""
    hidden = hidden_from(name)
    found = {}
    for path in ("/overview", "/rows.json", "/money.json"):
        address = f"{path}?{APRIL}&kpi=dials&{probe}"
        answer = come[name].get(address)
        assert answer.status_code in (200, 400, 409), address
        if seen := leaks(answer.text, hidden, address):
            found[address] = seen
    where = probe.removeprefix("where=") if probe.startswith("where=") else ""
    for path in ("/api/v1/ask", "/api/v1/rows"):
        address = f"{path}?{APRIL}&kpi=dials"
        answer = come[name].get(address, params={"where": where or f"team = '{SECRET['team']}'"})
        if seen := leaks(answer.text, hidden, f"{address} {probe} {SECRET['team']}"):
            found[address] = seen
    assert found == {}


def test_the_plants_can_be_seen_at_all(app: FastAPI, come: Mapping[str, TestClient]) -> None:
    """The owner finds the other team's names in these answers: the right words are looked for."""
    seen: set[str] = set()
    for _, text in shown(come["Ann"], app, Role.OWNER, exports=False):
        seen |= set(leaks(text, SECRET, ""))
    nouns = {each.split()[0] for each in seen}
    assert nouns >= {
        *("team", "agent", "agent_name", "campaign", "list", "lead_source", "script", "product"),
        *("call", "lead", "customer", "order", "phone", "survey", "target", "experiment", "amount"),
    }


def test_a_lead_finds_their_own(come: Mapping[str, TestClient]) -> None:
    """Row rules take nothing from those who may see it: what is theirs is on their pages."""
    seen = {
        noun
        for path in ("/agents", "/explore", "/rows.json", "/settings/annotations", "/money.json")
        for text in (come["Leo"].get(f"{path}?{APRIL}&kpi=dials").text,)
        for noun, word in OWN.items()
        if word in text
    }
    assert seen >= {"team", "agent", "agent_name", "campaign", "list", "call", "lead"}


def test_answers_of_one_are_not_given_to_another(
    come: Mapping[str, TestClient],
) -> None:
    """What the owner has asked a moment ago is worked out anew under a lead's rules."""
    address = f"/api/v1/ask?{APRIL}&kpi=dials&kpi=revenue"
    totals = {}
    for name in ("Ann", "Leo", "Art", "Ann", "Leo"):
        values = come[name].get(address).json()["total"]
        totals[name] = (values["dials"]["value"], values["revenue"]["value"])
    assert totals == {"Ann": (72, 99098.43), "Leo": (48, 333), "Art": (24, 111)}


def test_a_segment_cannot_take_the_place_of_what_rules_are_made_of(
    come: Mapping[str, TestClient], served: Site
) -> None:
    """Row rules speak of team and agent: nobody can make these mean something else."""
    from dialgauge.catalogue.user import extend  # noqa: PLC0415 - said here for the trap alone
    from dialgauge.errors import UsageError  # noqa: PLC0415
    from dialgauge.model.segment import Segment  # noqa: PLC0415
    from dialgauge.store.decided import segments_yaml  # noqa: PLC0415

    for name in ("team", "agent", "agent_id", "talk_s", "period", "and"):
        trap = Segment(name=name, rules=((OWN["team"], "direction = 'outbound'"),))
        with pytest.raises(UsageError, match="already; choose another name"):
            extend(served.gauge.words, {"dashboard": segments_yaml((trap,))})
        served.store.segments.put(trap, "Mallory")  # as if it had come past the check
        try:
            answer = come["Leo"].get(f"/api/v1/ask?{APRIL}&kpi=dials&by=campaign")
            assert leaks(answer.text, SECRET, "") == []
            assert answer.json()["total"]["dials"]["value"] == 48  # it is left out
        finally:
            served.store.segments.remove(name)
