"""Funnel: what becomes of leads?"""

from __future__ import annotations

from dialgauge.model.kpi import Better, Kpi, Unit

_WIN_RATE = "deals.won / deals.decided"
_DEAL_SIZE = "deals.won_value / deals.won_with_value"

FUNNEL = (
    Kpi(
        name="leads_created",
        formula="leads.created",
        unit=Unit.COUNT,
        better=Better.HIGHER,
        question="How many leads came in?",
        definition="Leads by the time they were created.",
        caveat="The same person may come in twice.",
    ),
    Kpi(
        name="qualified_leads",
        formula="leads.qualified",
        unit=Unit.COUNT,
        better=Better.HIGHER,
        question="How many leads did sales accept?",
        definition="Leads that sales qualified, by the time they were qualified.",
        caveat="They may have been created in an earlier period.",
    ),
    Kpi(
        name="lead_quality_rate",
        formula="leads.qualified_in_90_days / leads.created_90_days_ago",
        unit=Unit.SHARE,
        better=Better.HIGHER,
        question="How good are the leads we get?",
        definition="Leads qualified by sales within 90 days of creation, divided by leads created"
        " at least 90 days ago.",
        caveat="A cohort: it says nothing yet of younger leads.",
    ),
    Kpi(
        name="mql_to_sql_rate",
        formula="leads.mql_to_sql_in_90_days / leads.mql_90_days_ago",
        unit=Unit.SHARE,
        better=Better.HIGHER,
        question="Does sales accept what marketing hands over?",
        definition="Leads qualified by sales within 90 days of marketing's qualification, divided"
        " by leads marketing qualified at least 90 days ago.",
        caveat="Leads that sales takes without marketing are not in it.",
    ),
    Kpi(
        name="lead_conversion_rate",
        formula="leads.converted_in_90_days / leads.created_90_days_ago",
        unit=Unit.SHARE,
        better=Better.HIGHER,
        question="How many leads become customers?",
        definition="Leads that became customers within 90 days of creation, divided by leads"
        " created at least 90 days ago.",
        caveat="A cohort: later customers and younger leads are not in it.",
    ),
    Kpi(
        name="lead_conversion_flow",
        formula="lifetimes.acquired / leads.created",
        unit=Unit.SHARE,
        better=Better.HIGHER,
        question="How many customers do we win for the leads that come in?",
        definition="Customers won in the period divided by leads created in it.",
        caveat="Different people above and below the line: it rises when fewer leads come in."
        " Beside it, lead_conversion_rate follows the same leads.",
        beside=("lead_conversion_rate",),
    ),
    Kpi(
        name="stage_conversion_rate",
        formula="stages.forward / stages.left",
        unit=Unit.SHARE,
        better=Better.HIGHER,
        question="At which stage do we lose deals?",
        definition="Deals that left the stage for a later one or as won, divided by deals that"
        " left it; ask it by stage.",
        caveat="Over all stages, a deal that went forward once and was lost later counts as"
        " forward.",
    ),
    Kpi(
        name="time_in_stage",
        formula="stages.days",
        unit=Unit.DAYS,
        better=Better.LOWER,
        question="How long do deals stay in a stage?",
        definition="Days until half of the visits that began in the period have ended; visits that"
        " last count as lasting so long already.",
        caveat="Unknown until half of them have ended. Ask it by stage.",
        source="Kaplan and Meier 1958, Journal of the American Statistical Association 53:457-481",
    ),
    Kpi(
        name="stalled_deals",
        formula="stages.stalled",
        unit=Unit.COUNT,
        better=Better.LOWER,
        question="How many deals are stuck?",
        definition="Deals open at the end of the period that have been in their stage longer than"
        " three of four won deals were.",
        caveat="Where no deal was ever won, nothing says how long is usual, and none counts.",
    ),
    Kpi(
        name="win_rate",
        formula=_WIN_RATE,
        unit=Unit.SHARE,
        better=Better.HIGHER,
        question="How many deals do we win?",
        definition="Deals won divided by deals won or lost, by the time they were closed.",
        caveat="Deals that nobody closes are in neither; see stalled_deals.",
    ),
    Kpi(
        name="sales_cycle",
        formula="deals.days_to_win",
        unit=Unit.DAYS,
        better=Better.LOWER,
        question="How long does it take to win a deal?",
        definition="Days from the first dial (else from the deal's creation) until half of the"
        " deals created in the period are won. Open deals count as waiting so long already, lost"
        " ones as never won.",
        caveat="Unknown until half of them are won, and so for ever where fewer are. Beside it"
        " stand the naive mean and median of won deals alone.",
        source="Aalen and Johansen 1978, Scandinavian Journal of Statistics 5:141-150",
        beside=("sales_cycle_mean", "sales_cycle_median"),
    ),
    Kpi(
        name="sales_cycle_mean",
        formula="deals.days_of_won / deals.won",
        unit=Unit.DAYS,
        better=Better.LOWER,
        question="How long did the deals we won take on average?",
        definition="Mean days from the first dial (else from the deal's creation) to the win, over"
        " deals won in the period.",
        caveat="Naive: slow deals that are still open are not in it, so it looks too short;"
        " sales_cycle counts them.",
    ),
    Kpi(
        name="sales_cycle_median",
        formula="deals.median_days_of_won",
        unit=Unit.DAYS,
        better=Better.LOWER,
        question="How long did the deals we won usually take?",
        definition="Median days from the first dial (else from the deal's creation) to the win,"
        " over deals won in the period.",
        caveat="Naive: slow deals that are still open are not in it, so it looks too short;"
        " sales_cycle counts them.",
    ),
    Kpi(
        name="pipeline_value",
        formula="deals.open_value",
        unit=Unit.MONEY,
        better=Better.HIGHER,
        question="What are our open deals worth?",
        definition="Amounts of the deals open at the end of the period.",
        caveat="Not weighted by the chance to win; deals without an amount add nothing. Periods do"
        " not add up.",
    ),
    Kpi(
        name="pipeline_velocity",
        formula=f"deals.open * ({_WIN_RATE}) * ({_DEAL_SIZE}) / deals.days_to_win",
        unit=Unit.MONEY,
        better=Better.HIGHER,
        question="How much money does the pipeline bring in a day?",
        definition="Deals open at the end of the period times win rate times mean amount of won"
        " deals, divided by the days of the sales cycle.",
        caveat="Deals that nobody closes inflate it. Unknown where sales_cycle is.",
    ),
)
