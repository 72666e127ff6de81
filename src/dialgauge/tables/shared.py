"""Which columns and dimensions mean the same in several facts?"""

from __future__ import annotations

from dialgauge.model.table import Column, Type

SOURCE = Column("source", Type.TEXT, "The system it was read from.")
CURRENCY = Column("currency", Type.TEXT, "ISO 4217 code of the money in this row.")
VALUE_CURRENCY = Column("value_currency", Type.TEXT, "The currency of value.", derived=True)
PHONE_VALIDITY = "case when phone_valid then 'valid' when not phone_valid then 'invalid' end"


def agent_tenure(at: str) -> str:
    """Write how long the agent had been with the team when something happened.

    Args:
        at: The time column that says when.
    """
    days = f"days_between(agents.hired_on, {at})"
    return (
        "case when agents.hired_on is null then null"
        f" when {days} < 30 then '0-29 days'"
        f" when {days} < 90 then '30-89 days'"
        f" when {days} < 365 then '90-364 days'"
        " else '365+ days' end"
    )
