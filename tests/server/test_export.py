"""Does what is seen leave as files that say the same?"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from dataclasses import replace

import openpyxl
import pyarrow.parquet as pq
import pytest
from pypdf import PdfReader
from starlette.testclient import TestClient

from dialgauge.gauge import Gauge
from dialgauge.model.kpi import Unit
from dialgauge.model.question import Period, Question
from dialgauge.server.export import fonts
from dialgauge.server.export.seen import Column, Sheet
from dialgauge.server.export.workbook import _write  # the file's one writer of foreign texts
from dialgauge.server.site import Site
from dialgauge.store import Store
from served import demo

OVERVIEW = "/export/overview"


def period(client: TestClient) -> Period:
    """Give the days that a page shows when nobody chose any."""
    view = client.get("/overview.json").json()["view"]
    return Period(dt.date.fromisoformat(view["from"]), dt.date.fromisoformat(view["to"]))


def test_csv_has_the_numbers_of_ask(client: TestClient, gauge: Gauge) -> None:
    """Group by group, with what they are made of, and the total last."""
    told = client.get(f"{OVERVIEW}.csv?panel=agents")
    rows = list(csv.DictReader(io.StringIO(told.text)))
    asked = Question(kpis=("contact_rate",), by=("agent",), period=period(client))
    answer = gauge.ask(asked)
    found = {row["agent"]: row for row in rows[:-1]}
    for row in answer.rows:
        value = row.values["contact_rate"]
        line = found[str(row.keys["agent"] or "")]
        assert float(line["contact_rate"]) == value.value
        assert float(line["contact_rate_numerator"]) == value.numerator
        assert int(line["contact_rate_n"]) == value.n
    assert answer.total
    assert rows[-1]["agent"] == "total"
    assert float(rows[-1]["contact_rate"]) == answer.total.values["contact_rate"].value


def test_a_workbook_holds_numbers_with_formats(client: TestClient, gauge: Gauge) -> None:
    """A share is a number shown as per cent, a duration one of Excel's own."""
    told = client.get(f"{OVERVIEW}.xlsx")
    book = openpyxl.load_workbook(io.BytesIO(told.content))
    sheet = book["agents"]
    head = [cell.value for cell in sheet[1]]
    last = sheet[sheet.max_row]
    share = last[head.index("contact_rate")]
    handle = last[head.index("avg_handle_time")]
    answer = gauge.ask(Question(kpis=("contact_rate", "avg_handle_time"), period=period(client)))
    values = answer.rows[0].values
    assert share.value == pytest.approx(values["contact_rate"].value, rel=1e-15)
    assert (share.data_type, share.number_format) == ("n", "0.0%")
    seconds = values["avg_handle_time"].value
    assert seconds
    # A cell formatted as a time comes back as one.
    assert isinstance(handle.value, dt.timedelta)
    assert handle.value.total_seconds() == pytest.approx(seconds, abs=0.01)
    assert handle.number_format == "[h]:mm:ss"


def test_a_workbook_names_agents_beside_their_keys(client: TestClient) -> None:
    """As the lake's own table of agents calls them; the row of all has no name."""
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"{OVERVIEW}.xlsx").content))
    head, *rows = book["agents"].iter_rows(values_only=True)
    found = {row[head.index("agent")]: row[head.index("agent_name")] for row in rows}
    agents = pq.ParquetDataset([str(each) for each in demo().glob("agents/*.parquet")]).read()
    names = {row["agent_id"]: row["name"] for row in agents.to_pylist()}
    assert found == {key: names.get(key) for key in found}
    assert len(found) > 2


def test_a_text_that_looks_like_a_formula_stays_a_text() -> None:
    """Whoever names a campaign cannot run anything in a manager's spreadsheet."""
    book = openpyxl.Workbook(write_only=True)
    evil = '=HYPERLINK("http://evil.example","x")'
    sheet = Sheet(
        name="s",
        columns=(Column(name="campaign"), Column(name="share", unit=Unit.SHARE)),
        rows=[(evil, 0.5)],
    )
    _write(book.create_sheet("s"), sheet)
    file = io.BytesIO()
    book.save(file)
    cell = openpyxl.load_workbook(file)["s"]["A2"]
    assert (cell.value, cell.data_type) == (evil, "s")


def test_pictures_are_drawn_from_the_same_chart(client: TestClient) -> None:
    """SVG says its labels in the reader's language; PNG is one."""
    drawn = client.get(f"{OVERVIEW}.svg?panel=heat&lang=ru")
    assert drawn.headers["content-type"].startswith("image/svg+xml")
    assert "понедельник" in drawn.text
    assert "http" not in re.sub(r"http://www\.w3\.org/\d+/(svg|xlink)", "", drawn.text)
    assert client.get(f"{OVERVIEW}.png?panel=trend").content.startswith(b"\x89PNG\r\n")


@pytest.mark.parametrize(
    ("language", "heading"), [("en", "Overview"), ("ru", "Обзор"), ("ka", "მიმოხილვა")]
)
def test_a_report_has_the_numbers_of_the_page(
    client: TestClient, language: str, heading: str
) -> None:
    """As text that can be searched and copied, in the reader's language."""
    told = client.get(f"{OVERVIEW}.pdf?lang={language}")
    pages = PdfReader(io.BytesIO(told.content)).pages
    text = "\n".join(page.extract_text() for page in pages)
    now = client.get("/overview.json").json()["panels"][0]["answers"]["now"]
    dials = f"{now['total']['dials']['value']:,.0f}"
    assert heading in text
    assert dials.replace(",", "") in re.sub(r"[,\s]", "", text)


def test_chinese_without_a_font_is_refused(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Empty boxes are not a report; the sentence names the font."""
    monkeypatch.setattr(fonts, "chinese", lambda: None)
    told = client.get(f"{OVERVIEW}.pdf?lang=zh")
    assert told.status_code == 400
    assert "fonts-noto-cjk" in told.json()["detail"]


def test_who_takes_data_away_is_written_down(client: TestClient, store: Store) -> None:
    """What, in which form, with which filters."""
    client.get(f"{OVERVIEW}.csv?panel=agents&period=7d")
    (line,) = store.audit.list(10)
    assert (line.what, line.detail) == ("export", "csv /overview?period=7d&panel=agents")


def test_an_unknown_panel_names_the_known_ones(client: TestClient) -> None:
    """As every refusal does."""
    told = client.get(f"{OVERVIEW}.csv?panel=agent")
    assert told.status_code == 404
    assert "did you mean 'agents'?" in told.json()["detail"]


def test_filters_hold_for_files(client: TestClient, site: Site) -> None:
    """A file of one team has that team's agents and no other's."""
    gauge = replace(site.gauge, guard=("team = 'Alder'",))
    asked = Question(kpis=("dials",), by=("agent",), period=period(client))
    wanted = {str(row.keys["agent"]) for row in gauge.ask(asked).rows}
    told = client.get(f"{OVERVIEW}.csv?panel=agents&team=Alder")
    rows = list(csv.DictReader(io.StringIO(told.text)))
    assert {row["agent"] for row in rows[:-1]} == wanted
