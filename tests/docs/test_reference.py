"""Is the reference as the catalogue says, and is every public name told?"""

from __future__ import annotations

import importlib.util
import re
from types import ModuleType

import pytest
from pages import ROOT

import dialgauge
import dialgauge.testing
from dialgauge.catalogue import KPIS
from dialgauge.lang import LANGUAGES, texts
from dialgauge.tables import TABLES

DOCS = ROOT / "docs"


def generator() -> ModuleType:
    """Load the script that writes the pages of KPIs."""
    path = ROOT / "scripts" / "docs_kpis.py"
    spec = importlib.util.spec_from_file_location("docs_kpis", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_of_kpis_are_up_to_date(language: str) -> None:
    """What stands in docs/kpis is what the script writes now."""
    written = (DOCS / "kpis" / f"{language}.md").read_text(encoding="utf-8")
    assert written == generator().pages()[language], "run python scripts/docs_kpis.py"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kpi_is_on_the_page(language: str) -> None:
    """Each KPI has its heading, question, definition, caveat and formula in the language."""
    page = (DOCS / "kpis" / f"{language}.md").read_text(encoding="utf-8")
    said = texts(language)
    for kpi in KPIS.values():
        part = page.partition(f"{{ #{kpi.name} }}")[2].partition("\n### ")[0]
        assert f"### {said.kpi(kpi, 'title')} {{ #{kpi.name} }}" in page
        for text in (
            said.kpi(kpi, "question"),
            said.kpi(kpi, "definition"),
            said.kpi(kpi, "caveat"),
            f"`{kpi.formula}`",
        ):
            assert text in part
    assert page.count("\n### ") == len(KPIS)


def test_every_public_name_is_told() -> None:
    """The page on Python names all that the front door and the testing room offer."""
    page = (DOCS / "python.md").read_text(encoding="utf-8")
    public = [*dialgauge.__all__, *dialgauge.testing.__all__]
    assert [name for name in public if not re.search(rf"`{name}\b", page)] == []


def test_every_column_is_told() -> None:
    """The page on concepts lists all columns that files may bring, table by table."""
    page = (DOCS / "concepts.md").read_text(encoding="utf-8")
    for table in TABLES.values():
        if table.derived:
            assert f"| {table.name} |" in page
            continue
        listed = re.search(rf"^`{table.name}`\n:   ((?:.+\n)+)", page, re.MULTILINE)
        assert listed, table.name
        told = re.findall(r"`(\w+)`", listed[1])
        assert told == [column.name for column in table.columns if not column.derived]
