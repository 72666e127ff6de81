"""May a file say true for an order that was paid back in full?"""

from __future__ import annotations

import contextlib
from decimal import Decimal
from pathlib import Path

import pytest

from dialgauge.intake import Report, take_in
from dialgauge.lake import Lake, view
from dialgauge.sources import source
from dialgauge.sources.base import Request
from dialgauge.tables.orders import ORDERS

HEADER = "order_id,ordered_at,amount,refunded\n"


def imported(
    folder: Path, content: str, mapping: str = ""
) -> tuple[Report, dict[str, tuple[Decimal | None, Decimal | None]]]:
    """Import a file of orders; return what happened, and refunded and value of each order."""
    lake = Lake.create(str(folder / "lake"))
    path = folder / "orders.csv"
    path.write_text(content, encoding="utf-8")
    if mapping:
        (folder / "mapping.toml").write_text(mapping, encoding="utf-8")
    request = Request(
        paths=(path,),
        table=None if mapping else "orders",
        mapping=folder / "mapping.toml" if mapping else None,
        phone_key=lake.phone_key,
    )
    report = take_in(lake, source("files"), request)
    with contextlib.closing(lake.connect()) as con:
        seen = view(con, lake.snapshot(), ORDERS)
        rows = con.execute(f"SELECT order_id, refunded, value FROM {seen}").fetchall()
    return report, {key: (refunded, value) for key, refunded, value in rows}


@pytest.mark.parametrize(
    ("written", "refunded", "value"),
    [
        ("true", "80", "0"),
        ("Yes", "80", "0"),
        (" t ", "80", "0"),
        ("false", "0", "80"),
        ("no", "0", "80"),
        ("12.50", "12.5", "67.5"),
        ("1", "1", "79"),
        ("0", "0", "80"),
        ("", None, "80"),
    ],
)
def test_words_stand_for_all_or_nothing(
    tmp_path: Path, written: str, refunded: str | None, value: str
) -> None:
    """True is the whole amount, false is 0, and 1 is an amount like any other."""
    row = f"o,2026-01-05T10:00:00Z,80,{written}\n"
    report, found = imported(tmp_path, HEADER + row)
    assert report.counts.loaded == 1
    assert found == {"o": (refunded and Decimal(refunded), Decimal(value))}


@pytest.mark.parametrize(("amount", "refunded"), [("80", "maybe"), ("", "true"), ("80", "1_0")])
def test_what_tells_no_amount_is_refused(tmp_path: Path, amount: str, refunded: str) -> None:
    """The row is kept aside with what is allowed."""
    report, found = imported(tmp_path, f"{HEADER}o,2026-01-05T10:00:00Z,{amount},{refunded}\n")
    assert found == {}
    (reason,) = report.reasons
    assert reason.reason == (
        "refunded is not an amount such as 12.50, true for all of amount, or false;"
        " true needs amount in the same row"
    )


def test_without_an_amount_false_is_understood_and_true_is_not(tmp_path: Path) -> None:
    """A file that has no amounts cannot say how much all of it is."""
    rows = "a,2026-01-05T10:00:00Z,false\nb,2026-01-05T10:00:00Z,true\n"
    report, found = imported(tmp_path, "order_id,ordered_at,refunded\n" + rows)
    assert found == {"a": (Decimal(0), None)}
    assert report.counts.quarantined == 1


def test_words_beside_decimal_commas(tmp_path: Path) -> None:
    """A mapping that writes amounts with a comma takes the words, too."""
    mapping = (
        'table = "orders"\n[columns]\norder_id = "order_id"\nordered_at = "ordered_at"\n'
        'amount = {from = "amount", decimal = ","}\nrefunded = {from = "back", decimal = ","}\n'
    )
    rows = (
        "a;2026-01-05T10:00:00Z;80,5;true\n"
        "b;2026-01-05T10:00:00Z;80,5;10,5\n"
        "c;2026-01-05T10:00:00Z;80,5;false\n"
    )
    _, found = imported(tmp_path, "order_id;ordered_at;amount;back\n" + rows, mapping)
    assert {key: refunded for key, (refunded, _) in found.items()} == {
        "a": Decimal("80.5"),
        "b": Decimal("10.5"),
        "c": Decimal(0),
    }
