"""Do the short spellings of measures say what they seem to say?"""

from __future__ import annotations

from decimal import Decimal

import pytest

from dialgauge.model.measure import (
    Aggregate,
    Measure,
    count,
    distinct,
    median,
    quantile,
    total,
)


def test_counts_of_nothing_are_0() -> None:
    """Nothing happened is a number."""
    assert count() == Measure(aggregate=Aggregate.COUNT, empty=0)
    assert count("contact", clock="sql_at", matures_in=60) == Measure(
        aggregate=Aggregate.COUNT, where="contact", clock="sql_at", matures_in=60, empty=0
    )
    assert distinct("party_id", "contact") == Measure(
        aggregate=Aggregate.DISTINCT, of="party_id", where="contact", empty=0
    )


def test_totals_of_nothing_are_0_unless_said_otherwise() -> None:
    """Seconds of no calls are none; an amount nobody recorded is unknown."""
    assert total("talk_s").empty == 0
    assert total("amount", empty=None).empty is None
    assert total("talk_s", "contact").where == "contact"


def test_quantiles_of_nothing_are_unknown_and_exact() -> None:
    """The fraction is kept as it was written, not as a binary fraction near it."""
    ninth = quantile("talk_s", "0.9", "contact")
    assert ninth.fraction == Decimal("0.9")
    assert ninth.empty is None
    assert ninth.where == "contact"
    assert median("talk_s") == quantile("talk_s", "0.5")


@pytest.mark.parametrize(
    ("aggregate", "additive"),
    [
        (Aggregate.COUNT, True),
        (Aggregate.SUM, True),
        (Aggregate.DISTINCT, False),
        (Aggregate.MIN, False),
        (Aggregate.MAX, False),
        (Aggregate.QUANTILE, False),
    ],
)
def test_only_counts_and_sums_add_up(aggregate: Aggregate, *, additive: bool) -> None:
    """Different people of two days are not the sum of the days."""
    assert aggregate.additive is additive
