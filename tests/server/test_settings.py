"""Can those who may decide and keep things, and is what they type checked?"""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient
from visiting import browser, log_in, people, post

from dialgauge.catalogue.user import built_in
from dialgauge.errors import UsageError
from dialgauge.gauge import Gauge
from dialgauge.lang import LANGUAGES
from dialgauge.model.kpi import Unit
from dialgauge.model.question import Period, Question
from dialgauge.model.segment import Segment
from dialgauge.model.target import Target
from dialgauge.server.app import create_app
from dialgauge.server.pages.settings import drafts
from dialgauge.server.pages.settings.drafts import SegmentForm
from dialgauge.server.site import Site
from dialgauge.store.views import Shared

TARGETS, SEGMENTS, NOTES = "/settings/targets", "/settings/segments", "/settings/annotations"
APRIL = Period(dt.date(2026, 4, 1), dt.date(2026, 5, 1))
TYPED = {
    "name": "more contacts",
    "kpi": "contact_rate",
    "value": "25 %",
    "scope": "team = 'Alder'",
    "starts_on": "2026-04-01",
    "ends_on": "2026-04-30",
}
HALVES = {
    "name": "half",
    "group": ["morning", ""],
    "where": ["hour < 12", ""],
    "otherwise": "afternoon",
}


@pytest.fixture
def app(site: Site) -> FastAPI:
    """Serve a team of five."""
    people(site)
    return create_app(site)


@pytest.fixture
def mia(app: FastAPI) -> Iterator[TestClient]:
    """Come as the manager."""
    with browser(app) as opened:
        log_in(opened, "Mia")
        yield opened


def come(app: FastAPI, name: str) -> TestClient:
    """Come as somebody else, in a browser of their own."""
    opened = browser(app)
    log_in(opened, name)
    return opened


def said(page: str) -> str:
    """Read what a form says is wrong."""
    found = re.search(r'role="alert"[^>]*>([^<]*)<', page)
    return html.unescape(found[1]) if found else ""


def last(site: Site) -> tuple[str, str]:
    """Read the newest line of the audit trail."""
    (entry,) = site.store.audit.list(limit=1)
    return entry.who, entry.what


def test_a_target_is_made_and_judged(mia: TestClient, site: Site, gauge: Gauge) -> None:
    """What is typed becomes a target that stands on its page with the value `ask` gives."""
    answer = post(mia, TARGETS, on=TARGETS, **TYPED)
    assert (answer.status_code, answer.headers["location"]) == (303, TARGETS)
    made = Target(
        target_id="more contacts",
        kpi="contact_rate",
        value=0.25,
        scope="team = 'Alder'",
        starts_on=dt.date(2026, 4, 1),
        ends_on=dt.date(2026, 4, 30),
    )
    assert site.store.targets.list() == (made,)
    assert last(site) == ("Mia", "target")
    (panel,) = mia.get("/targets.json").json()["panels"]
    (found,) = (t for t in panel["data"]["targets"] if t["target_id"] == "more contacts")
    asked = Question(kpis=("contact_rate",), where=("team = 'Alder'",), period=APRIL)
    assert found["value"] == gauge.ask(asked).rows[0].values["contact_rate"].value


WRONG_TARGETS: tuple[tuple[dict[str, str], str], ...] = (
    ({"name": "  "}, "name"),
    ({"kpi": "contact_rat"}, "contact_rate"),
    ({"value": "a lot"}, "not a number"),
    ({"value": "25"}, "25 %"),
    ({"scope": "teem = 'Alder'"}, "team"),
    ({"scope": "team ="}, "team ="),
    ({"scope": "talk_s + 1"}, "true or false"),
    ({"starts_on": "1 April"}, "1 April"),
    ({"ends_on": "2026-03-31"}, "before it starts"),
    ({"ends_on": ""}, "last day"),
)


def test_a_wrong_target_is_told_and_what_was_typed_stays(mia: TestClient, site: Site) -> None:
    """The form comes back with one sentence and every field as it was; nothing is made."""
    for wrong, about in WRONG_TARGETS:
        typed = {**TYPED, **wrong}
        answer = post(mia, TARGETS, on=TARGETS, **typed)
        assert answer.status_code == 400
        assert about in said(answer.text)
        page = answer.text.replace("&#39;", "&#x27;")
        for name in ("name", "value", "scope", "starts_on", "ends_on"):
            assert f'name="{name}" value="{html.escape(typed[name])}"' in page
    assert not site.store.targets.list()


def test_a_target_is_changed_and_removed(mia: TestClient, site: Site) -> None:
    """A changed name takes the old one's place; a taken name is refused."""
    post(mia, TARGETS, on=TARGETS, **TYPED)
    again = post(mia, TARGETS, on=TARGETS, **TYPED)
    assert "already" in said(again.text)
    form = mia.get(f"{TARGETS}?change=more+contacts").text
    assert 'name="was" value="more contacts"' in form
    assert 'name="value" value="25 %"' in form
    changed = {**TYPED, "was": "more contacts", "name": "most contacts", "value": "0.3"}
    assert post(mia, TARGETS, on=TARGETS, **changed).status_code == 303
    assert [(t.target_id, t.value) for t in site.store.targets.list()] == [("most contacts", 0.3)]
    post(mia, f"{TARGETS}/remove", on=TARGETS, name="most contacts")
    assert not site.store.targets.list()
    assert last(site) == ("Mia", "target_removed")


def test_a_segment_shows_its_sizes_before_it_is_kept(
    mia: TestClient, site: Site, gauge: Gauge
) -> None:
    """The sizes are those of `ask` by the segment; looking keeps nothing."""
    shown = post(mia, SEGMENTS, on=SEGMENTS, **HALVES, do="look")
    assert shown.status_code == 200
    assert not site.store.segments.list()
    whole = gauge.ask(Question(kpis=("dials",))).rows[0].values["dials"].value or 0
    early = Question(kpis=("dials",), where=("hour < 12",))
    morning = gauge.ask(early).rows[0].values["dials"].value or 0
    assert f"<span>{round(morning):,}</span>" in shown.text
    assert f"<span>{round(whole - morning):,}</span>" in shown.text


def test_a_kept_segment_is_a_dimension_everywhere(mia: TestClient, site: Site) -> None:
    """Once kept it splits and filters, on pages and in the API, at the next request."""
    assert post(mia, SEGMENTS, on=SEGMENTS, **HALVES, do="keep").status_code == 303
    rules = (("morning", "hour < 12"),)
    assert site.store.segments.list() == (Segment(name="half", rules=rules, otherwise="afternoon"),)
    assert last(site) == ("Mia", "segment")
    rows = mia.get("/api/v1/ask?kpi=dials&by=half").json()["rows"]
    assert [row["keys"]["half"] for row in rows] == ["afternoon", "morning"]
    cards = mia.get("/overview.json?half=morning&period=all").json()["panels"][0]
    morning = cards["answers"]["now"]["total"]["dials"]["value"]
    assert morning == rows[1]["values"]["dials"]["value"]


WRONG_SEGMENTS: tuple[tuple[dict[str, Any], str], ...] = (
    ({"name": "team"}, "dimension"),
    ({"name": "talk_s"}, "column"),
    ({"name": "Size Class"}, "lower case"),
    ({"name": ""}, "name"),
    ({"where": ["hour <", ""]}, "hour <"),
    ({"where": ["houre < 12", ""]}, "hour"),
    ({"where": ["", ""]}, "line 1"),
    ({"group": ["", ""], "where": ["", ""]}, "at least one"),
)


def test_a_wrong_segment_is_told_and_what_was_typed_stays(mia: TestClient, site: Site) -> None:
    """Names of dimensions and columns are refused; the form keeps every line."""
    for wrong, about in WRONG_SEGMENTS:
        typed = {**HALVES, **wrong}
        answer = post(mia, SEGMENTS, on=SEGMENTS, **typed, do="keep")
        assert answer.status_code == 400
        assert about in said(answer.text)
        for line in (*typed["group"], *typed["where"]):
            assert html.escape(line) in answer.text
    assert not site.store.segments.list()


def test_a_segment_that_a_target_reads_stays(mia: TestClient, site: Site) -> None:
    """It can neither be removed nor become something the target does not fit."""
    post(mia, SEGMENTS, on=SEGMENTS, **HALVES, do="keep")
    post(mia, TARGETS, on=TARGETS, **{**TYPED, "scope": "half = 'morning'"})
    refused = post(mia, f"{SEGMENTS}/remove", on=SEGMENTS, name="half")
    assert refused.status_code == 400
    assert "more contacts" in said(refused.text)
    renamed = {**HALVES, "was": "half", "name": "part_of_day"}
    assert "more contacts" in said(post(mia, SEGMENTS, on=SEGMENTS, **renamed, do="keep").text)
    assert [each.name for each in site.store.segments.list()] == ["half"]
    post(mia, f"{TARGETS}/remove", on=TARGETS, name="more contacts")
    assert post(mia, f"{SEGMENTS}/remove", on=SEGMENTS, name="half").status_code == 303
    assert not site.store.segments.list()


def test_more_lines_keep_what_stands(mia: TestClient) -> None:
    """Three empty lines are added below those that were filled."""
    page = post(mia, SEGMENTS, on=SEGMENTS, **HALVES, do="more").text
    assert page.count('name="where"') == 5
    assert 'value="hour &lt; 12"' in page


def test_a_note_stands_on_its_day_and_brings_one_back(mia: TestClient, site: Site) -> None:
    """Written from a page it leads back there; addresses elsewhere lead to the first page."""
    on = {"day": "2026-04-14", "text": "New  script", "back": "/overview?period=90d"}
    answer = post(mia, NOTES, on=NOTES, **on)
    assert (answer.status_code, answer.headers["location"]) == (303, "/overview?period=90d")
    (note,) = site.store.annotations.list()
    assert (note.day, note.text, note.by) == (dt.date(2026, 4, 14), "New script", "Mia")
    away = post(mia, NOTES, on=NOTES, **{**on, "back": "//evil.example"})
    assert away.headers["location"] == "/"
    assert "not a day" in said(post(mia, NOTES, on=NOTES, day="soon", text="x").text)


def test_notes_of_a_team_lead_are_for_the_team(app: FastAPI, site: Site) -> None:
    """Leo's note on Alder is not told to Art, who sees only himself; Mia may remove it."""
    leo, art, mia = come(app, "Leo"), come(app, "Art"), come(app, "Mia")
    post(leo, NOTES, on=NOTES, day="2026-04-14", text="Two are ill")
    assert "Two are ill" in leo.get(NOTES).text
    assert "Two are ill" not in art.get(NOTES).text
    (note,) = site.store.annotations.list()
    refused = post(art, f"{NOTES}/remove", on=NOTES, number=note.id)
    assert refused.status_code == 400
    assert post(mia, f"{NOTES}/remove", on=NOTES, number=note.id).status_code == 303
    assert not site.store.annotations.list()


def keep(who: TestClient, name: str, shared: str = "me", page: str = "/money") -> Any:
    """Keep a page under a name."""
    fields = {"name": name, "page": page, "query": "period=90d&team=Alder", "shared": shared}
    return post(who, "/views", on=NOTES, **fields)


def test_a_view_is_kept_and_opens_again(mia: TestClient) -> None:
    """It leads to the page with its days and filters, and stands in the list and in the tools."""
    answer = keep(mia, "Alder's money")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/money?period=90d&team=Alder"
    (found,) = mia.get("/views.json").json()["views"]
    assert (found["name"], found["address"]) == ("Alder's money", answer.headers["location"])
    assert "Alder&#39;s money" in mia.get("/overview").text


def test_views_are_seen_by_those_they_are_for(app: FastAPI) -> None:
    """Mia's own view is hers; the one for all is everybody's, and nobody else removes it."""
    mia, vic = come(app, "Mia"), come(app, "Vic")
    keep(mia, "mine")
    keep(mia, "ours", "all")
    (found,) = vic.get("/views.json").json()["views"]
    assert found["name"] == "ours"
    assert post(vic, f"/views/{found['id']}/remove", on=NOTES).status_code == 400
    assert post(mia, f"/views/{found['id']}/remove", on=NOTES).status_code == 303


def test_who_sees_one_team_does_not_share_with_all(app: FastAPI, site: Site) -> None:
    """Leo may share with his team; a view for all would tell others what it is about."""
    leo = come(app, "Leo")
    refused = keep(leo, "mine", "all")
    assert refused.status_code == 400
    assert 'name="name" value="mine"' in refused.text
    assert keep(leo, "ours", "team").status_code == 303
    leads = site.store.users.by_name("Leo").id
    (view,) = site.store.views.list(leads, ("Alder",))
    assert view.shared is Shared.TEAM


def test_only_pages_are_kept(mia: TestClient) -> None:
    """A view leads to a page of the menu and to nothing else."""
    for page in ("//evil.example", "/nowhere", "/health/check", "money", "/users"):
        assert keep(mia, "bad", page=page).status_code == 400
    assert mia.get("/views.json").json()["views"] == []


def test_the_first_view_opens_first(app: FastAPI) -> None:
    """One's own choice comes before the choice for all; without any the overview opens."""
    mia, vic = come(app, "Mia"), come(app, "Vic")
    keep(mia, "ours", "all")
    keep(vic, "own", page="/customers")
    (ours,) = (v["id"] for v in mia.get("/views.json").json()["views"] if v["name"] == "ours")
    (own,) = (v["id"] for v in vic.get("/views.json").json()["views"] if v["name"] == "own")
    assert vic.get("/").status_code == 200
    assert post(vic, "/views/first", on="/views", number=ours, whose="all").status_code == 403
    assert post(mia, "/views/first", on="/views", number=ours, whose="all").status_code == 303
    assert vic.get("/").headers["location"] == "/money?period=90d&team=Alder"
    post(vic, "/views/first", on="/views", number=own)
    assert vic.get("/").headers["location"] == "/customers?period=90d&team=Alder"
    post(vic, "/views/first", on="/views", number=0)
    assert vic.get("/").headers["location"].startswith("/money")
    assert post(vic, "/views/first", on="/views", number=10_000).status_code == 400


POSTS: tuple[tuple[str, dict[str, Any]], ...] = (
    (TARGETS, TYPED),
    (f"{TARGETS}/remove", {"name": "t"}),
    (SEGMENTS, {**HALVES, "do": "keep"}),
    (f"{SEGMENTS}/remove", {"name": "half"}),
    (NOTES, {"day": "2026-04-14", "text": "x"}),
    (f"{NOTES}/remove", {"number": "1"}),
    ("/views", {"name": "v", "page": "/money", "query": "", "shared": "me"}),
    ("/views/1/remove", {}),
    ("/views/first", {"number": "0"}),
    ("/health/check", {}),
)


def test_nothing_changes_without_the_token_of_a_page(mia: TestClient, site: Site) -> None:
    """A form without it, as another site would send, is refused."""
    for path, fields in POSTS:
        assert mia.post(path, data=fields).status_code == 403, path
    assert not site.store.targets.list()
    assert not site.store.segments.list()
    assert not site.store.annotations.list()


def test_who_only_looks_decides_nothing(app: FastAPI, site: Site) -> None:
    """A viewer changes neither targets nor segments, and does not check the data."""
    vic = come(app, "Vic")
    for path, fields in POSTS:
        status = post(vic, path, on=NOTES, **fields).status_code
        forbidden = path.startswith((TARGETS, SEGMENTS, "/health"))
        assert (status == 403) is forbidden, path
    assert not site.store.targets.list()
    assert not site.store.segments.list()


def test_settings_begin_where_one_may(app: FastAPI) -> None:
    """Those who decide begin with targets, the others with what they may keep."""
    assert come(app, "Mia").get("/settings").headers["location"] == TARGETS
    assert come(app, "Vic").get("/settings").headers["location"] == NOTES
    assert come(app, "Vic").get(TARGETS).status_code == 403


def test_forms_open_in_each_language(mia: TestClient) -> None:
    """Every form has its words."""
    for language in LANGUAGES:
        for path in (TARGETS, SEGMENTS, NOTES, "/views"):
            page = mia.get(f"{path}?lang={language}")
            assert page.status_code == 200
            assert f'lang="{language}"' in page.text


@pytest.mark.parametrize(
    ("text", "unit", "language", "expected"),
    [
        ("20 %", Unit.SHARE, "en", 0.2),
        ("20\uff05", Unit.SHARE, "zh", 0.2),
        ("0,2", Unit.SHARE, "ru", 0.2),
        ("1\u00a0200", Unit.COUNT, "ka", 1200.0),
        ("1,200.5", Unit.MONEY, "en", 1200.5),
        ("-3", Unit.POINTS, "en", -3.0),
    ],
)
def test_numbers_are_read_as_they_are_written(
    text: str, unit: Unit, language: str, expected: float
) -> None:
    """Each language's own signs count."""
    assert drafts.number(text, unit, language) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("text", "unit"),
    [("", Unit.COUNT), ("nan", Unit.COUNT), ("1,2,3", Unit.COUNT), ("5 %", Unit.MONEY)],
)
def test_what_is_no_number_is_refused(text: str, unit: Unit) -> None:
    """Neither words nor misplaced signs are guessed at."""
    with pytest.raises(UsageError):
        drafts.number(text, unit, "en")


def test_a_segment_of_a_file_is_not_replaced() -> None:
    """A name that the lake's own files use is taken."""
    own = drafts.segment(SegmentForm(name="half", group=["am"], where=["hour < 12"]))
    words = drafts.with_segment(built_in(), [], own)
    with pytest.raises(UsageError, match="already"):
        drafts.with_segment(words, [], own)
    assert "half" not in drafts.with_segment(built_in(), [own], None, without="half").segments
