"""Does a plan become the statement it always became, and does that give the right answer?

The statements are files in `duckdb/` and `spark/`. After a change that is meant to alter them:
`pytest tests/golden --update-golden`, then read the difference before it is committed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from golden_plans import CASES, rows_behind
from golden_world import TABLES

from dialgauge.engines.base import Engine, TableFiles
from dialgauge.engines.dialect import Dialect
from dialgauge.engines.duckdb import DUCKDB
from dialgauge.engines.spark import SPARK
from dialgauge.engines.statement import rows_statement, statement

FOLDER = Path(__file__).parent
ROWS = "rows"

dialects = pytest.mark.parametrize("dialect", [DUCKDB, SPARK], ids=lambda each: each.name)


@pytest.fixture(scope="module")
def files(store: Callable[..., Mapping[str, TableFiles]]) -> Mapping[str, TableFiles]:
    """Write the small world once."""
    return store(**TABLES)


@dialects
@pytest.mark.parametrize("name", [*CASES, ROWS])
def test_statements_are_the_golden_ones(
    dialect: Dialect, name: str, request: pytest.FixtureRequest
) -> None:
    """A statement changes only when someone means it to."""
    if name == ROWS:
        written = rows_statement(rows_behind(), dialect)
    else:
        written = statement(CASES[name].plan, dialect)
    golden = FOLDER / dialect.name / f"{name}.sql"
    if request.config.getoption("--update-golden", default=False):
        golden.write_text(f"{written}\n", encoding="utf-8")
    assert written == golden.read_text(encoding="utf-8").rstrip("\n")


@dialects
def test_no_statement_is_left_over(dialect: Dialect) -> None:
    """Every file belongs to a plan."""
    found = {path.stem for path in (FOLDER / dialect.name).iterdir()}
    assert found == {*CASES, ROWS}


@pytest.mark.parametrize("name", CASES)
def test_answers_are_those_derived_by_hand(
    engine: Engine, files: Mapping[str, TableFiles], name: str
) -> None:
    """Each engine gives exactly the rows that counting by hand gives."""
    case = CASES[name]
    answer = engine.run(case.plan, files).to_pylist()
    left = _without_match(case.answer, answer)
    assert left == []
    assert len(answer) == len(case.answer)


def test_rows_behind_a_number_are_those_found_by_hand(
    engine: Engine, files: Mapping[str, TableFiles]
) -> None:
    """The rows come in order of time, without those of other teams and without tests."""
    found = engine.rows(rows_behind(), files).to_pylist()
    assert [row["call_id"] for row in found] == ["c1", "c6"]


def _without_match(
    wanted: Sequence[Mapping[str, Any]], found: Sequence[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    """List the wanted rows that no found row equals."""
    plain = {"left_out": None, "is_total": False, "rows": None}
    return [row for row in wanted if not any(_equal(plain | dict(row), other) for other in found)]


def _equal(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    return all(_same(value, found[name]) for name, value in wanted.items())


def _same(wanted: Any, found: Any) -> bool:
    if isinstance(wanted, list) and isinstance(found, list):
        return all(_same(*pair) for pair in zip(wanted, found, strict=True))
    if isinstance(wanted, float) and found is not None:
        return math.isclose(wanted, found, rel_tol=1e-12)
    return bool(wanted == found)
