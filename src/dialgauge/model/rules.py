"""Which choices of a team change what is counted?"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a team decided; `[rules]` in dialgauge.toml.

    `prepare` applies them when rows are stored, so a change counts after `dialgauge lake prepare`.

    Attributes:
        currency: ISO 4217 code of the lake's own currency, in which money is added up; empty
            leaves money as it is, which can be added up as long as there is only one currency.
        rate_days: For how many days a rate holds beyond its own, such as 3 over weekends.
        attribution_days: An order is credited to the last contact of its lead in so many days
            before it, where it names no call, agent or campaign itself.
        inactive_after_days: A customer without a written end is lost when it has not ordered for
            so many days; None when customers stay until their end is written.
        pass_mark: The score a review must reach, 0-1.
        expected_months: How far ahead customers' expected value looks.
    """

    currency: str = ""
    rate_days: int = 0
    attribution_days: int = 90
    inactive_after_days: int | None = None
    pass_mark: float = 0.8
    expected_months: int = 12
