"""Can people do with the dashboard what they come for, by hand and by keyboard?"""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader
from watching import Watched

import dialgauge
from dialgauge.model.question import Period, Question

Come = Callable[..., Watched]
CARD = "#cards .kpi:first-child .val"
TREND, HEAT = "#trend .chart", "#heat .chart"
CAMPAIGN = "details[data-name=campaign]"


def dials(lake: Path, *where: str, days: int = 28) -> str:
    """Ask the lake itself for the dials of the last days, and write them as the page does."""
    gauge = dialgauge.connect(lake)
    newest = gauge.reach("calls").end
    assert newest is not None
    end = newest.date() + dt.timedelta(days=1)
    period = Period(end - dt.timedelta(days=days), end)
    answer = gauge.ask(Question(kpis=("dials",), where=where, period=period))
    assert answer.total is not None
    return f"{answer.total.values['dials'].value:,.0f}"


def choose(watched: Watched, name: str, group: str) -> None:
    """Tick a group in a list of the bar."""
    with watched.page.expect_response(lambda answer: f"{name}={group}" in answer.url):
        watched.page.locator(f"details[data-name={name}] > summary").click()
        watched.page.locator(f"input[name={name}][value={group}]").check()
    watched.stands()


def test_a_filter_changes_cards_and_charts(come: Come, lake: Path) -> None:
    """In place, to what the lake says; the address says it, and brings it back in any way."""
    watched = come()
    page = watched.open("/overview?period=90d")
    before, drawn, heat = dials(lake, days=90), watched.drawn(TREND), watched.drawn(HEAT)
    assert watched.text(CARD) == before
    page.evaluate("window.same = 'page'")
    choose(watched, "campaign", "software")
    after, narrowed = dials(lake, "campaign = 'software'", days=90), watched.drawn(TREND)
    assert before != after
    assert watched.text(CARD) == after
    assert narrowed != drawn
    assert watched.drawn(HEAT) != heat
    assert page.evaluate("window.same") == "page"
    assert "period=90d" in page.url
    page.reload()
    watched.stands()
    assert (watched.text(CARD), watched.drawn(TREND)) == (after, narrowed)
    page.go_back()
    expect(page.locator(CARD)).to_have_text(before)
    watched.stands()
    assert watched.drawn(TREND) == drawn
    page.go_forward()
    expect(page.locator(CARD)).to_have_text(after)
    other = come()
    other.open(page.url.removeprefix(watched.home))
    assert (other.text(CARD), other.drawn(TREND)) == (after, narrowed)


def test_filters_stay_open_and_are_taken_away_by_their_chips(come: Come) -> None:
    """The list that was open stays open with the focus in it, so that the next group is near."""
    watched = come()
    page = watched.open("/overview")
    choose(watched, "campaign", "software")
    expect(page.locator(CAMPAIGN)).to_have_attribute("open", "")
    expect(page.locator(f"{CAMPAIGN} [value=software]")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(CAMPAIGN)).not_to_have_attribute("open", "")
    expect(page.locator(f"{CAMPAIGN} > summary")).to_be_focused()
    chips = page.locator(".filters .chips li")
    expect(chips).to_have_count(2)
    chips.first.locator("a").click()
    expect(chips).to_have_count(0)
    assert page.url == f"{watched.home}/overview"


def test_filters_go_along_to_other_pages(come: Come) -> None:
    """The menu leads to the same days and groups."""
    watched = come()
    page = watched.open("/overview?period=7d")
    choose(watched, "campaign", "software")
    page.locator(".nav a", has_text="Campaigns").click()
    page.wait_for_url("**/campaigns?*")
    assert set(page.url.partition("?")[2].split("&")) == {"period=7d", "campaign=software"}
    watched.stands()


def test_days_are_chosen_with_two_clicks(come: Come) -> None:
    """The calendar stays open between them, and the address says both ends."""
    watched = come()
    page = watched.open("/overview")
    before = watched.drawn(TREND)
    page.locator("details.days > summary").click()
    days = page.locator("details.days .calendar td a")
    first, last = days.nth(2), days.nth(9)
    assert (first.inner_text(), last.inner_text()) == ("3", "10")
    first.click()
    expect(page.locator("details.days")).to_have_attribute("open", "")
    expect(page.locator(".calendar .picked")).to_have_count(1)
    days.nth(9).click()
    page.wait_for_url(re.compile(r"from=2026-\d\d-03&to=2026-\d\d-11"))
    watched.stands()
    assert watched.drawn(TREND) != before


def test_comparing_can_be_left_off(come: Come) -> None:
    """Then no card says how it changed."""
    watched = come()
    page = watched.open("/overview")
    assert page.locator("#cards .turn").count() > 0
    page.locator("select[name=versus]").select_option("none")
    page.wait_for_url("**/overview?versus=none")
    watched.stands()
    expect(page.locator("#cards .turn")).to_have_count(0)
    page.locator("select[name=versus]").select_option("previous")
    page.wait_for_url("**/overview")
    expect(page.locator("#cards .turn").first).to_be_visible()


def test_a_table_is_sorted(come: Come) -> None:
    """By any column, both ways, on the same page; says so to those who do not see the arrow."""
    watched = come()
    page = watched.open("/overview")
    page.evaluate("window.stayed = true")
    column = page.locator("#agents thead th", has_text="Contact rate")
    for wanted, turned in (("descending", True), ("ascending", False)):
        column.locator("a").click()
        expect(column).to_have_attribute("aria-sort", wanted)
        cells = page.locator("#agents tbody td:nth-of-type(2) .n").all_inner_texts()
        rates = [float(each.rstrip("%")) for each in cells]
        assert len(rates) > 3
        assert rates == sorted(rates, reverse=turned)
    watched.stands()
    assert page.evaluate("window.stayed")  # no second way to the server with all of the page


def test_from_a_card_to_somebodys_journey(come: Come) -> None:
    """Card, what the KPI means, its rows, the lead of one call and all that happened to it."""
    watched = come()
    page = watched.open("/overview?campaign=software")
    page.locator("#cards h2 a", has_text="Conversions").click()
    page.wait_for_url("**/kpi/conversions?campaign=software")
    watched.stands()
    assert watched.text("h1") == "Conversions"
    page.locator("#now a[href^='/rows']").first.click()
    page.wait_for_url("**/rows?*")
    assert "campaign=software" in page.url
    lead = page.locator("td a[href^='/lead/']").first
    name = lead.inner_text()
    lead.click()
    page.wait_for_url("**/lead/*")
    watched.stands()
    assert name in watched.text("h1")
    expect(page.locator(".event").first).to_be_visible()


def test_a_chart_leads_to_its_rows(come: Come) -> None:
    """By its table as well, which a keyboard reaches."""
    watched = come()
    page = watched.open("/overview")
    page.locator("#trend .behind > summary").click()
    table = page.locator("#trend .behind table")
    expect(table.locator("tbody tr")).to_have_count(28)
    table.locator("tbody a").first.click()
    page.wait_for_url(re.compile(r"/(rows|overview)\?"))


def test_language_and_night_stay(come: Come) -> None:
    """Whatever page comes next, and in a new tab; the system's wish no longer counts."""
    watched = come()
    page = watched.open("/overview")
    page.locator(".tools summary", has_text="English").click()
    page.locator(".tools a[hreflang=ka]").click()
    page.wait_for_url("**/overview?lang=ka")
    expect(page.locator("html")).to_have_attribute("lang", "ka")
    page.locator(".tools summary", has_text="◐").click()
    page.locator(".tools a[href*='theme=dark']").click()
    page.wait_for_url("**theme=dark**")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    watched.stands()
    night = page.evaluate("getComputedStyle(document.body).backgroundColor")
    watched.open("/agents")
    assert page.locator("html").get_attribute("lang") == "ka"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == night
    again = Watched.opened(page.context, watched.home)
    again.open("/overview")
    assert again.page.evaluate("getComputedStyle(document.body).backgroundColor") == night
    assert again.complaints == []


def test_charts_follow_the_time_of_day(come: Come) -> None:
    """When the system turns dark, those on the page are drawn anew."""
    watched = come()
    page = watched.open("/overview")
    inks = f"[...document.querySelectorAll('{TREND} text')].map(e => e.getAttribute('fill'))"
    by_day = set(page.evaluate(inks))
    page.evaluate("document.querySelectorAll('.chart').forEach(e => delete e.dataset.drawn)")
    page.emulate_media(color_scheme="dark")
    watched.stands()
    assert by_day.isdisjoint(page.evaluate(inks))


def download(page: Page, of: str, text: str) -> tuple[str, bytes]:
    """Take a file out of a menu; give its name and what it holds."""
    page.locator(f"{of} > summary").click()
    with page.expect_download() as coming:
        page.locator(f"{of} a", has_text=text).click()
    page.keyboard.press("Escape")
    return coming.value.suggested_filename, Path(coming.value.path()).read_bytes()


def test_what_is_seen_can_be_taken_away(come: Come) -> None:
    """A table as CSV and Excel, a chart as picture, the page as Excel and report: with content."""
    watched = come()
    page = watched.open("/overview?campaign=software")
    seen = page.locator("#agents tbody th").count()
    name, csv = download(page, "#agents .take", "CSV")
    assert name.endswith(".csv")
    lines = csv.decode("utf-8-sig").splitlines()
    assert len(lines) > seen
    assert any(line.startswith("A0001,") for line in lines)
    _, excel = download(page, "#agents .take", "Excel")
    book = openpyxl.load_workbook(io.BytesIO(excel))
    assert "A0001" in {cell.value for sheet in book for row in sheet for cell in row}
    name, picture = download(page, "#trend .take", "PNG")
    assert name.endswith(".png")
    assert picture.startswith(b"\x89PNG")
    assert len(picture) > 10_000
    _, drawing = download(page, "#trend .take", "SVG")
    assert drawing.startswith(b"<svg")
    tools = ".tools details:has(a[href^='/export'])"
    _, whole = download(page, tools, "Excel")
    assert len(openpyxl.load_workbook(io.BytesIO(whole)).sheetnames) > 3
    _, report = download(page, tools, "pdf")
    told = PdfReader(io.BytesIO(report))
    assert "Overview" in told.pages[0].extract_text()


def test_all_of_it_by_keyboard(come: Come) -> None:
    """Tab to a filter, `/` into the first list, `?` for help, Escape out of each."""
    watched = come()
    page = watched.open("/overview")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    summary = page.locator("details.days > summary")
    for _ in range(12):
        page.keyboard.press("Tab")
        if summary.evaluate("e => e === document.activeElement"):
            break
    expect(summary).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("details.days .sheet")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("details.days .sheet")).to_be_hidden()
    page.keyboard.press("/")
    expect(page.locator(f"{CAMPAIGN} input").first).to_be_focused()
    page.keyboard.press("Space")
    page.wait_for_url("**/overview?campaign=*")
    watched.stands()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#help")).to_be_hidden()


def test_arrows_walk_through_a_table(come: Come) -> None:
    """Into it, along its cells and to what they lead to, with Enter."""
    watched = come()
    page = watched.open("/overview")
    page.locator("#agents .scroll").focus()
    page.keyboard.press("ArrowDown")
    rows = page.locator("#agents tbody tr")
    expect(rows.nth(0).locator("th a")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(rows.nth(1).locator("th a")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(rows.nth(1).locator("td a").first).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/rows?*kpi=dials*")


def test_a_long_list_is_searched(come: Come) -> None:
    """What is typed hides the groups without it."""
    watched = come()
    page = watched.open("/overview")
    page.locator("details[data-name=agent] > summary").click()
    page.locator("details[data-name=agent] .find").fill("finn")
    shown = page.locator("details[data-name=agent] .options label:visible")
    assert [text.strip() for text in shown.all_inner_texts()] == ["Finn Abbott"]


def test_without_scripts(come: Come, lake: Path) -> None:
    """Filters are forms, charts are tables; nothing is out of reach."""
    watched = come(java_script_enabled=False)
    page = watched.page
    page.goto(f"{watched.home}/overview")
    page.locator(f"{CAMPAIGN} > summary").click()
    page.locator(f"{CAMPAIGN} [value=software]").check()
    page.locator(".filters button.apply").click()
    page.wait_for_url("**campaign=software**")
    assert watched.text(CARD) == dials(lake, "campaign = 'software'")
    page.locator("#trend .behind > summary").click()
    rows = page.locator("#trend .behind tbody tr:visible")
    assert 20 < rows.count() <= 28
    page.locator("#trend select").select_option("dials")
    page.locator("#trend .pick button").click()
    page.wait_for_url("**trend=dials**")
    assert watched.text("#trend h2") == "Dials"
    for dead in ("[data-copy]", "[data-open]"):
        assert page.locator(f"{dead}:visible").count() == 0


def test_the_browser_keeps_nothing_about_calls(come: Come) -> None:
    """After filters, rows and a journey no storage holds anything; no script reads our cookies."""
    watched = come()
    page = watched.open("/overview")
    choose(watched, "campaign", "software")
    watched.open("/rows?kpi=conversions")
    page.locator("td a[href^='/lead/']").first.click()
    page.wait_for_url("**/lead/*")
    assert list(watched.stored()) == [0, 0, 0, 0]
    cookies = page.context.cookies()
    assert {each.get("name") for each in cookies} <= {"dialgauge_visitor", "lang", "theme"}
    assert all(each.get("httpOnly") for each in cookies)
    assert page.evaluate("document.cookie") == ""


@pytest.mark.parametrize("path", ["/kpi/nothing", "/nowhere", "/overview?period=never"])
def test_a_refusal_is_a_page(come: Come, path: str) -> None:
    """With the sentence and a way on, and no mistake of ours beside."""
    watched = come()
    watched.failing = frozenset({400, 404})
    page = watched.open(path)
    expect(page.locator(".refusal")).to_be_visible()
    watched.fits()
    assert watched.accessible() == []
