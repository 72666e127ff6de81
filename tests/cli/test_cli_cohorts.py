"""Does `dialgauge cohorts` show the triangle of retention?"""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from commands import Run

CUSTOMERS = """\
customer_id,acquired_at,churned_at
A,2026-01-10,
B,2026-01-20,2026-02-15
C,2024-10-05,2026-03-01
"""


@pytest.fixture
def won(run: Run) -> Run:
    """Type commands in a lake with three customers."""
    Path("customers.csv").write_text(CUSTOMERS, encoding="utf-8")
    assert run("init").status == 0
    assert run("import", "files", "customers.csv").status == 0
    return run


def test_json_has_each_cell_with_its_parts(won: Run) -> None:
    """January's two customers in January, February and March: two, one, one."""
    found = won("cohorts", "--from", "2026-01-01", "--as-of", "2026-04-02", "--format", "json").json
    assert found["kpi"] == "active_customers"
    (note,) = found["notes"]
    assert note.startswith("The newest record of customers is of 2026-01-20;")
    (january,) = found["cohorts"]
    assert (january["cohort"], january["size"]) == ("2026-01", 2)
    read = [(each["month"], each["period"], each["numerator"]) for each in january["months"]]
    assert read == [(0, "2026-01", 2), (1, "2026-02", 1), (2, "2026-03", 1)]
    half = january["months"][1]
    assert (half["value"], half["denominator"]) == (0.5, 2)
    assert (half["low"], half["high"]) == pytest.approx((0.0945, 0.9055), abs=5e-5)
    assert [each["value"] for each in found["total"]] == [1, 0.5, 0.5]


def test_csv_has_a_line_a_cell(won: Run) -> None:
    """18 months of C and 3 of January's."""
    lines = csv.DictReader(io.StringIO(won("cohorts", "--as-of=2026-04-02", "--format=csv").out))
    cells = list(lines)
    assert len(cells) == 18 + 3
    assert [cell["value"] for cell in cells[15:18]] == ["1.0", "1.0", "0.0"]
    assert (cells[17]["cohort"], cells[17]["month"], cells[17]["period"]) == (
        "2024-10",
        "17",
        "2026-03",
    )


def test_the_table_has_thirteen_months(won: Run) -> None:
    """The others are pointed to; headings follow the language."""
    shown = won("cohorts", "--as-of", "2026-04-02").out
    january = next(line for line in shown.splitlines() if line.startswith(" 2026-01"))
    assert january.split() == ["2026-01", "2", "100.0", "%", "50.0", "%", "50.0", "%"]
    heading = next(line for line in shown.splitlines() if line.startswith(" Cohort"))
    assert heading.split() == ["Cohort", "customers", *(str(month) for month in range(13))]
    assert "Months after 12 stand in --format json and csv." in shown
    assert "Когорта" in won("cohorts", "--as-of", "2026-04-02", "--lang", "ru").out


def test_mistakes_are_one_sentence(won: Run) -> None:
    """A day within a month, a KPI that is not followed, months without customers."""
    assert "is not the first day of one" in won("cohorts", "--from", "2026-01-02").sentence
    assert "unknown KPI of cohorts" in won("cohorts", "--kpi", "dials").sentence
    assert "no customers were won" in won("cohorts", "--from", "2026-03-01").sentence
