"""Customers: do they come, stay, pay and like it?"""

from __future__ import annotations

from dialgauge.catalogue.cost import CLV_SIMPLE
from dialgauge.model.kpi import Better, Kpi, Unit

_BUYING_MODELS = (
    "Fader, Hardie and Lee 2005, Marketing Science 24:275-284 and"
    " Journal of Marketing Research 42:415-430"
)

CUSTOMERS = (
    Kpi(
        name="new_customers",
        formula="lifetimes.acquired",
        unit=Unit.COUNT,
        better=Better.HIGHER,
        question="How many customers did we win?",
        definition="Customers by the time they became one: as written, else their first order.",
        caveat="One who comes back after a pause is not new.",
    ),
    Kpi(
        name="active_customers",
        formula="active_spells.active",
        unit=Unit.COUNT,
        better=Better.HIGHER,
        question="How many customers do we have?",
        definition="Customers active at the end of the period: under contract, or with an order"
        " so recent that they do not count as lost.",
        caveat="Without contracts it depends on inactive_after_days in your settings. Periods do"
        " not add up.",
    ),
    Kpi(
        name="churn_rate",
        formula="active_spells.lost / active_spells.at_start",
        unit=Unit.SHARE,
        better=Better.LOWER,
        question="How many customers do we lose?",
        definition="Customers active at the start of the period and lost in it, divided by"
        " customers active at its start.",
        caveat="A longer period loses more, and months do not add up to a year. Without contracts"
        " a customer counts as lost only after inactive_after_days without an order.",
        beside=("retention_rate",),
    ),
    Kpi(
        name="retention_rate",
        formula="active_spells.kept / active_spells.at_start",
        unit=Unit.SHARE,
        better=Better.HIGHER,
        question="How many customers stay?",
        definition="Customers active at the start of the period and not lost in it, divided by"
        " customers active at its start.",
        caveat="Customers won in the period are not in it.",
    ),
    Kpi(
        name="repeat_rate",
        formula="lifetimes.repeated_in_90_days / lifetimes.first_bought_90_days_ago",
        unit=Unit.SHARE,
        better=Better.HIGHER,
        question="How many customers buy again?",
        definition="Customers with a second order within 90 days of their first, divided by"
        " customers whose first order is at least 90 days ago.",
        caveat="A cohort: it says nothing yet of younger customers. Goods that last longer are"
        " bought again later.",
    ),
    Kpi(
        name="clv_historic",
        formula="lifetimes.worth / lifetimes.acquired",
        unit=Unit.MONEY,
        better=Better.HIGHER,
        question="What has a customer been worth so far?",
        definition="Margin of all orders to date, revenue where the margin is unknown, of the"
        " customers acquired in the period, divided by these customers.",
        caveat="Young customers have had less time; compare customers of one age.",
    ),
    Kpi(
        name="clv_simple",
        formula=CLV_SIMPLE,
        unit=Unit.MONEY,
        better=Better.HIGHER,
        question="What is a customer worth over the whole relationship?",
        definition="Mean yearly revenue of a customer times the mean relationship in years, less"
        " the acquisition cost per customer. The relationship is the years in which customers were"
        " observed for each one lost, at most 5.",
        caveat="Counts revenue, not margin, and takes customers to leave at an even pace.",
    ),
    Kpi(
        name="clv_predicted",
        formula="lifetimes.expected_value / lifetimes.acquired",
        unit=Unit.MONEY,
        better=Better.HIGHER,
        question="What will a customer be worth over the next 12 months?",
        definition="Expected margin, revenue where the margin is unknown, over the next 12 months"
        " (expected_months in your settings), from how often, how lately and for how much"
        " customers bought, divided by the customers acquired in the period.",
        caveat="For customers without contract. Takes people to buy on as they did; offers and"
        " seasons to come are not in it.",
        source=_BUYING_MODELS,
        beside=("clv_predicted_total",),
    ),
    Kpi(
        name="clv_predicted_total",
        formula="lifetimes.expected_value",
        unit=Unit.MONEY,
        better=Better.HIGHER,
        question="What will our customers be worth over the next 12 months?",
        definition="The same expected margin, added up over the customers acquired in the period.",
        caveat="Only of customers there are already.",
        source=_BUYING_MODELS,
    ),
    Kpi(
        name="csat",
        formula="surveys.satisfied / surveys.csat_answers",
        unit=Unit.SHARE,
        better=Better.HIGHER,
        question="How many customers are satisfied?",
        definition="Answers in the two best scores of the scale, such as 4 and 5 of 5, divided by"
        " answers.",
        caveat="Those who answer differ from those who do not; see survey_response_rate beside it.",
        beside=("csat_mean", "survey_response_rate"),
    ),
    Kpi(
        name="csat_mean",
        formula="surveys.csat_score / surveys.csat_answers",
        unit=Unit.RATIO,
        better=Better.HIGHER,
        question="Which score do satisfied and other customers give on average?",
        definition="Sum of satisfaction scores divided by answers.",
        caveat="Mixes scales where surveys differ in theirs.",
    ),
    Kpi(
        name="nps",
        formula="surveys.nps_points / surveys.nps_answers",
        unit=Unit.POINTS,
        better=Better.HIGHER,
        question="Would customers recommend us?",
        definition="100 times the share of answers 9 and 10 less the share of answers 0 to 6; from"
        " -100 to 100.",
        caveat="Answers 7 and 8 count below the line only, answers on other scales than 0 to 10 not"
        " at all. Few answers swing widely.",
        source="Reichheld 2003, Harvard Business Review, December",
        beside=("survey_response_rate",),
    ),
    Kpi(
        name="survey_response_rate",
        formula="surveys.answered / surveys.asked",
        unit=Unit.SHARE,
        better=Better.HIGHER,
        question="How many of those we ask answer?",
        definition="Survey questions answered divided by survey questions put.",
        caveat="Recent questions may still be answered.",
    ),
)
