"""Funnel: what becomes of leads?"""

from __future__ import annotations

from dialgauge.model.kpi import Better, Kpi, Unit

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
)
