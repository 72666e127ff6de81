"""Do the accounts' own exports become the orders and costs that are in them?"""

from __future__ import annotations

from pathlib import Path

import pytest

from dialgauge.intake import take_in
from dialgauge.sources import source
from dialgauge.sources.base import Request
from small_lake import small_lake

BOOKS = Path(__file__).parents[2] / "examples" / "books"

# File and mapping, then rows read and left out and what adds up to how much, by hand from the file.
CASES = [
    ("xero-sales-invoices.csv", "xero-orders.toml", (4, 2, {"revenue": 1200 + 300 - 200})),
    ("xero-bills.csv", "xero-costs.toml", (3, 1, {"cost": 4810, "cost_labour": 4000})),
    ("quickbooks-customers.csv", "quickbooks-orders.toml", (4, 2, {"revenue": 1399.5})),
    (
        "quickbooks-vendors.csv",
        "quickbooks-costs.toml",
        (3, 2, {"cost": 4810, "cost_labour": 4000}),
    ),
]


@pytest.mark.parametrize(("file", "mapping", "expected"), CASES)
def test_the_books_give_their_own_sums(
    tmp_path: Path, file: str, mapping: str, expected: tuple[int, int, dict[str, float]]
) -> None:
    """Net of tax, an invoice once, credit notes taken off; payments, drafts and totals left out."""
    read, left_out, kpis = expected
    lake = small_lake(tmp_path)
    request = Request(paths=(BOOKS / file,), mapping=BOOKS / mapping)
    report = take_in(lake.lake, source("files"), request)
    assert (report.counts.read, report.counts.quarantined) == (read, 0)
    assert f"{BOOKS / file}: {left_out} rows left out by the mapping's where" in report.notes
    assert {name: lake.total(name).value for name in kpis} == kpis
    again = take_in(lake.lake, source("files"), request)
    # An invoice of two lines is one order, of which the second line says nothing new.
    assert (again.counts.unchanged, again.counts.quarantined) == (read, 0)
