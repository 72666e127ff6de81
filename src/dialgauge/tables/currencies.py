"""What was a currency worth on a day?"""

from __future__ import annotations

from dialgauge.model.table import Column, Table, Type

CURRENCIES = Table(
    name="currencies",
    key="rate_id",
    clock="on",
    meaning="Rates of currencies to the lake's own, one row a currency and day.",
    columns=(
        Column("rate_id", Type.TEXT, "Names the rate."),
        Column("currency", Type.TEXT, "ISO 4217 code of the currency."),
        Column("on", Type.DATE, "The day."),
        Column("rate", Type.NUMBER, "How much of the lake's currency one unit is worth."),
    ),
)
