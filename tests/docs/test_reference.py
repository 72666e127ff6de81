"""Is the reference as the catalogue says, and is every public name told?"""

from __future__ import annotations

import ast
import functools
import importlib.util
import operator
import re
import statistics
import sys
from collections.abc import Callable, Mapping
from types import ModuleType

import pytest
from pages import ROOT

import dialgauge
import dialgauge.testing
from dialgauge.catalogue import GROUPS, KPIS
from dialgauge.lang import LANGUAGES, texts
from dialgauge.tables import TABLES

DOCS = ROOT / "docs"
OPERATIONS: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


@functools.cache
def generator() -> ModuleType:
    """Load the script that writes the pages of KPIs."""
    path = ROOT / "scripts" / "docs_kpis.py"
    spec = importlib.util.spec_from_file_location("docs_kpis", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["docs_kpis"] = module  # its dataclasses look for it there
    spec.loader.exec_module(module)
    return module


def test_pages_of_kpis_are_up_to_date() -> None:
    """What stands in docs/kpis is what the script writes now, and nothing else does."""
    stored = {path.name: path.read_text(encoding="utf-8") for path in (DOCS / "kpis").glob("*.md")}
    written = generator().pages()
    assert stored.keys() == written.keys()
    stale = [name for name, page in written.items() if stored[name] != page]
    assert stale == [], "run python scripts/docs_kpis.py"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("group", GROUPS)
def test_every_kpi_is_on_its_page(group: str, language: str) -> None:
    """Each KPI has its heading, question, definition, caveat and formula in the language."""
    page = (DOCS / "kpis" / f"{language}-{group}.md").read_text(encoding="utf-8")
    index = (DOCS / "kpis" / f"{language}.md").read_text(encoding="utf-8")
    said = texts(language)
    for kpi in GROUPS[group]:
        part = page.partition(f"{{ #{kpi.name} }}")[2].partition("\n## ")[0]
        assert f"## {said.kpi(kpi, 'title')} {{ #{kpi.name} }}" in page
        for text in (
            said.kpi(kpi, "question"),
            said.kpi(kpi, "definition"),
            said.kpi(kpi, "caveat"),
            f"`{kpi.formula}`",
            f"| {said.t('ui.example')} | ",
        ):
            assert text in part
        assert f"]({language}-{group}.md#{kpi.name}) | `{kpi.name}`" in index
    assert page.count("\n## ") == len(GROUPS[group])


@pytest.mark.parametrize("name", KPIS)
def test_examples_are_what_is_worked_out_by_hand(name: str) -> None:
    """Of the small firm, each KPI is what its few rows give on paper."""
    script = generator()
    found, hand = script.worked().kpis[name], script.by_hand()[name]
    if hand.work:
        assert found.value == pytest.approx(on_paper(hand.work), rel=1e-12)
    else:
        assert found.value is None
        assert found.reason


def test_plain_python_finds_the_same_examples() -> None:
    """The reference engine gives each KPI and each measure the same value."""
    script = generator()
    here, there = script.worked(), script.worked("reference")
    assert here.kpis.keys() == script.by_hand().keys() == KPIS.keys()
    for mine, other in ((here.kpis, there.kpis), (here.measures, there.measures)):
        for name, value in mine.items():
            assert (value.value is None) == (other[name].value is None), name
            assert (value.value or 0) == pytest.approx(other[name].value or 0, rel=1e-9), name
            assert value.n == other[name].n, name


def on_paper(work: str) -> float:
    """Work out arithmetic in which rows between [ ] stand for how many they are."""
    counted = re.sub(r"\[([\w ]+)\]", lambda rows: str(len(set(rows[1].split()))), work)
    return value_of(ast.parse(counted, mode="eval").body)


def value_of(node: ast.expr) -> float:
    """Work out a number, an operation on two, or a median."""
    match node:
        case ast.Constant(int() | float() as value):
            return value
        case ast.BinOp(left, sign, right):
            return OPERATIONS[type(sign)](value_of(left), value_of(right))
        case ast.Call(ast.Name("median"), values):
            return statistics.median(value_of(value) for value in values)
    raise AssertionError(ast.dump(node))


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
