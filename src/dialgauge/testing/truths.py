"""What is true in the invented world, and should be found?

Factors multiply probabilities, so a factor is also the ratio of two observed rates when nothing
else differs. A dial to a valid number becomes a contact with probability

    contact_rates[campaign] x hour x weekday x attempt x line type x region (x the fall)

and a contact converts with probability

    conversion_rates[campaign] x script x lead source x agent x tenure

A conversion is an order at once or, in `deal_campaigns`, opens a deal that must be won first.
Who became a customer buys again as the model BG/NBD has it, and leaves at an even pace.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

CONTACT_RATES: Mapping[str, float] = MappingProxyType(
    {"broadband": 0.21, "insurance": 0.23, "software": 0.20, "energy": 0.22, "survey": 0.25}
)
CONVERSION_RATES: Mapping[str, float] = MappingProxyType(
    {"broadband": 0.08, "insurance": 0.06, "software": 0.09, "energy": 0.07, "survey": 0.13}
)
HOUR_FACTORS: Mapping[int, float] = MappingProxyType(
    {
        **dict.fromkeys(range(24), 0.8),
        8: 0.85,
        9: 0.95,
        10: 1.0,
        11: 1.0,
        12: 0.9,
        13: 0.9,
        14: 0.95,
        15: 1.0,
        16: 1.0,
        17: 1.6,
        18: 1.15,
        19: 1.1,
        20: 1.0,
    }
)
WEEKDAY_FACTORS: Mapping[int, float] = MappingProxyType(
    {1: 0.96, 2: 1.0, 3: 1.02, 4: 1.0, 5: 0.97, 6: 1.05, 7: 1.0}
)
ATTEMPT_FACTORS: tuple[float, ...] = (1.0, 0.97, 0.93, 0.9, 0.86, 0.82)
LINE_TYPE_FACTORS: Mapping[str, float] = MappingProxyType(
    {"mobile": 1.04, "fixed": 0.94, "voip": 0.85}
)
SOURCE_FACTORS: Mapping[str, float] = MappingProxyType(
    {"purchased_list": 0.9, "partner": 1.0, "web_form": 1.1, "event": 1.0, "referral": 1.9}
)
INVALID_RATES: Mapping[str, float] = MappingProxyType(
    {
        "L01": 0.03,
        "L02": 0.03,
        "L03": 0.03,
        "L04": 0.12,
        "L05": 0.03,
        "L06": 0.03,
        "L07": 0.03,
        "L08": 0.03,
        "L09": 0.03,
        "L10": 0.03,
    }
)
SCRIPT_FACTORS: Mapping[str, float] = MappingProxyType({"A": 1.0, "B": 1.35})
LEAD_COSTS: Mapping[str, float] = MappingProxyType(
    {"purchased_list": 1.2, "partner": 3.0, "web_form": 12.0, "event": 95.0, "referral": 0.0}
)
PRICES: Mapping[str, float] = MappingProxyType(
    {"broadband": 300.0, "insurance": 340.0, "software": 900.0, "energy": 260.0, "survey": 150.0}
)
MARGIN_SHARES: Mapping[str, float] = MappingProxyType(
    {"broadband": 0.45, "insurance": 0.5, "software": 0.7, "energy": 0.35, "survey": 0.55}
)
CHURN_RATES: Mapping[str, float] = MappingProxyType(
    {"broadband": 0.16, "insurance": 0.08, "software": 0.08, "energy": 0.08, "survey": 0.08}
)
STAGE_DAYS: Mapping[str, float] = MappingProxyType(
    {"qualified": 3.0, "meeting": 5.0, "offer": 6.0, "negotiation": 3.0}
)
STAGE_FORWARD: Mapping[str, float] = MappingProxyType(
    {"qualified": 0.95, "meeting": 0.88, "offer": 0.95, "negotiation": 0.96}
)
WEAK_TEAM = "Linden"
FOREIGN_COUNTRY, FOREIGN_CURRENCY = "GE", "GEL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Truths:
    """The planted facts of an invented world, with their exact parameters.

    Attributes:
        agent_factors: Agent to the factor on converting a contact.
        best_agent: The agent who is far better (factor 2.2).
        worst_agent: The agent who is far worse (factor 0.3).
        fallen_from: The UTC day from which `fallen_campaign` reaches fewer people.
        fallen_campaign: The campaign whose contact rate fell.
        fallen_factor: What the fall multiplied its contact probability by.
        best_hour: The called party's hour at which people are reached best.
        hour_factors: Local hour 0-23 to its factor on contact.
        weekday_factors: Local weekday, 1 Monday, to its factor on contact.
        attempt_factors: Factor on contact of attempt 1, 2 ...; the last holds from there on.
        line_type_factors: Line type to its factor on contact.
        region_factors: Region to its factor on contact.
        contact_rates: Campaign to the contact probability at factors of 1.
        conversion_rates: Campaign to the probability that a contact converts, at factors of 1.
        best_script: The script that converts more; scripts are drawn by lot for each dial.
        script_factors: Script to its factor on conversion.
        best_source: The lead source that converts more.
        source_factors: Lead source to its factor on conversion.
        worst_list: The list with many numbers that do not exist.
        invalid_rates: List to the share of its leads whose number does not exist.
        tenure_start_factor: Factor on conversion on an agent's first day.
        tenure_days: Days in which it rises, in a straight line, to 1.
        drop_share: Dropped calls among those that a person answered.
        patience_mean_s: Mean seconds (exponential) an inbound caller is willing to wait.
        sales_talk_mean_s: Mean seconds (log-normal) of talks in which the offer was made.
        sales_talks: The dispositions of such talks.
        callbacks_planned_share: Share of promised callbacks planned to be kept; a few of them
            come too late because the agent is busy.
        neglected_share: Share of leads that are forgotten and never dialled.
        lead_costs: Lead source to what a lead of it costs, EUR.
        experiment: The experiment in the table `assignments`, which puts each dial into a script.
        losing_source: The lead source that costs more than it brings.
        prices: Campaign to the median price of its product, EUR.
        margin_shares: Campaign to the share of the price that is left after the goods.
        deal_campaigns: The campaigns whose conversions open deals.
        stage_days: Stage to the mean days that a deal stays in it.
        stage_forward: Stage to the probability that a deal leaves it forward.
        stalling_stage: The stage in which deals get stuck.
        stuck_share: The probability that a deal which comes into that stage never leaves it.
        slow_list: The list whose deals take longer in every stage.
        slow_factor: What their days are multiplied by.
        churn_rates: Campaign to the probability that a customer it won leaves within 30 days.
        churning_campaign: The campaign whose customers leave twice as fast.
        buying: r, alpha (days), a and b of BG/NBD, by which customers buy again until they leave.
        cross_sell_share: Share of cross-sold orders among later orders.
        cross_sell_product: The product that most cross-sold orders are for.
        cross_sell_product_share: Share of cross-sold orders that are for it, of customers who did
            not buy it first.
        weak_team: The team with low CSAT and quality, whose agents talk too much.
        satisfied_shares: Team to the probability that an answer on satisfaction is 4 or 5.
        quality_shares: Team to the mean share of points of an answer on a scorecard.
        talk_shares: Team to the agent's mean share of what both sides speak.
        response_share: Share of surveys on satisfaction that are answered.
        refund_share: Share of orders that are paid back, most of them in full.
        foreign_country: Where people pay in `foreign_currency`; all others pay in EUR.
        foreign_currency: Their currency.
    """

    agent_factors: Mapping[str, float]
    best_agent: str
    worst_agent: str
    fallen_from: dt.date
    region_factors: Mapping[str, float]
    fallen_campaign: str = "energy"
    fallen_factor: float = 0.6
    best_hour: int = 17
    hour_factors: Mapping[int, float]
    weekday_factors: Mapping[int, float]
    attempt_factors: tuple[float, ...] = ATTEMPT_FACTORS
    line_type_factors: Mapping[str, float]
    contact_rates: Mapping[str, float]
    conversion_rates: Mapping[str, float]
    best_script: str = "B"
    script_factors: Mapping[str, float]
    best_source: str = "referral"
    source_factors: Mapping[str, float]
    worst_list: str = "L04"
    invalid_rates: Mapping[str, float]
    tenure_start_factor: float = 0.7
    tenure_days: int = 90
    drop_share: float = 0.015
    patience_mean_s: float = 98.0
    sales_talk_mean_s: float = 188.0
    sales_talks: tuple[str, ...] = ("sale", "callback", "interested", "not interested")
    callbacks_planned_share: float = 0.89
    neglected_share: float = 0.04
    lead_costs: Mapping[str, float]
    experiment: str = "script"
    losing_source: str = "event"
    prices: Mapping[str, float]
    margin_shares: Mapping[str, float]
    deal_campaigns: tuple[str, ...] = ("insurance", "software")
    stage_days: Mapping[str, float]
    stage_forward: Mapping[str, float]
    stalling_stage: str = "offer"
    stuck_share: float = 0.15
    slow_list: str = "L02"
    slow_factor: float = 2.0
    churn_rates: Mapping[str, float]
    churning_campaign: str = "broadband"
    buying: tuple[float, float, float, float] = (0.8, 20.0, 0.9, 2.2)
    cross_sell_share: float = 0.22
    cross_sell_product: str = "Home cover"
    cross_sell_product_share: float = 0.6
    weak_team: str = WEAK_TEAM
    satisfied_shares: Mapping[str, float]
    quality_shares: Mapping[str, float]
    talk_shares: Mapping[str, float]
    response_share: float = 0.3
    refund_share: float = 0.03
    foreign_country: str = FOREIGN_COUNTRY
    foreign_currency: str = FOREIGN_CURRENCY
