"""Conversion: do calls sell?"""

from __future__ import annotations

from dialgauge.model.kpi import Better, Kpi, Unit

CONVERSION = (
    Kpi(
        name="conversions",
        formula="calls.conversions",
        unit=Unit.COUNT,
        better=Better.HIGHER,
        question="How many calls reached their goal?",
        definition="Outbound calls that converted.",
        caveat="Two converted calls to one lead count twice.",
    ),
    Kpi(
        name="call_conversion_rate",
        formula="calls.conversions / calls.dials",
        unit=Unit.SHARE,
        better=Better.HIGHER,
        question="Which share of our calls sells?",
        definition="Converted outbound calls divided by dials.",
        caveat="Depends on how many numbers answer; contact_conversion_rate does not.",
    ),
    Kpi(
        name="contact_conversion_rate",
        formula="calls.conversions / calls.contacts",
        unit=Unit.SHARE,
        better=Better.HIGHER,
        question="Which share of our conversations sells?",
        definition="Converted outbound calls divided by contacts.",
        caveat="Above 100 % when sales are not mapped as contacts.",
    ),
    Kpi(
        name="worked_lead_conversion_rate",
        formula="calls.leads_converted / calls.leads_worked",
        unit=Unit.SHARE,
        better=Better.HIGHER,
        question="Of the leads we dialled, how many bought?",
        definition="Different leads converted by a call, divided by different leads dialled.",
        caveat="Leads dialled at the end of the period may still buy.",
    ),
    Kpi(
        name="first_call_close_rate",
        formula="journeys.closed_on_first_contact / journeys.contacted",
        unit=Unit.SHARE,
        better=Better.HIGHER,
        question="How often do we sell in the first conversation?",
        definition="Leads converted on their first contact, divided by leads first contacted.",
        caveat="Says nothing of sales that need a second call.",
    ),
    Kpi(
        name="meetings_set",
        formula="meetings.set",
        unit=Unit.COUNT,
        better=Better.HIGHER,
        question="How many meetings did we agree?",
        definition="Meetings by the time they were agreed.",
        caveat="Some are called off or missed; see meeting_show_rate.",
    ),
    Kpi(
        name="meetings_held",
        formula="meetings.held",
        unit=Unit.COUNT,
        better=Better.HIGHER,
        question="How many meetings took place?",
        definition="Meetings by the time they took place.",
        caveat="Someone must write down that a meeting took place.",
    ),
    Kpi(
        name="meeting_show_rate",
        formula="meetings.kept / meetings.due",
        unit=Unit.SHARE,
        better=Better.HIGHER,
        question="How many of the meetings we agree take place?",
        definition="Meetings held divided by meetings due and not called off, by the time they"
        " were due.",
        caveat="A meeting nobody reported on counts as missed.",
    ),
)
