"""Service and compliance: do we treat people as the law and good manners ask?"""

from __future__ import annotations

from dialgauge.model.kpi import Better, Kpi, Unit

SERVICE = (
    Kpi(
        name="abandonment_rate",
        formula="calls.abandoned / calls.offered",
        unit=Unit.SHARE,
        better=Better.LOWER,
        question="How many callers give up before we answer?",
        definition="Inbound calls abandoned before an agent answered, divided by calls offered.",
        caveat="Callers who hang up at once count; see abandonment_rate_over_5s.",
    ),
    Kpi(
        name="abandonment_rate_over_5s",
        formula="calls.abandoned_over_5s / calls.offered_over_5s",
        unit=Unit.SHARE,
        better=Better.LOWER,
        question="How many callers who really waited give up?",
        definition="The abandonment rate without callers who left within 5 seconds, on both sides.",
        caveat="Abandoned calls whose wait is unknown stay in it.",
    ),
    Kpi(
        name="avg_speed_of_answer",
        formula="calls.waited / calls.waiting",
        unit=Unit.SECONDS,
        better=Better.LOWER,
        question="How long do callers wait until we answer?",
        definition="Wait seconds of answered inbound calls divided by the calls that have them.",
        caveat="Those who gave up waited too, and are not in it.",
    ),
    Kpi(
        name="service_level_20s",
        formula="calls.served_in_20s / calls.offered",
        unit=Unit.SHARE,
        better=Better.HIGHER,
        question="How many callers do we answer within 20 seconds?",
        definition="Inbound calls answered within 20 seconds, divided by calls offered.",
        caveat="Some reports leave abandoned calls out of the denominator; this one does not.",
    ),
    Kpi(
        name="drop_rate",
        formula="calls.dropped / calls.human",
        unit=Unit.SHARE,
        better=Better.LOWER,
        band=(None, 0.03),
        question="How many people pick up and find nobody there?",
        definition="Outbound calls dropped, divided by outbound calls a person answered.",
        caveat="Taken from the system's status, which may wait longer than the legal 2 seconds."
        " Telemarketing law counts it by campaign over successive 30 days: split it by campaign"
        " and campaign_period.",
        source="16 CFR 310.4(b)(4)",
    ),
    Kpi(
        name="drop_rate_30d",
        formula="calls.dropped_in_30_days / calls.human_in_30_days",
        unit=Unit.SHARE,
        better=Better.LOWER,
        band=(None, 0.03),
        question="Are we near the legal limit of dropped calls?",
        definition="The drop rate over the 30 days before the period's end.",
        caveat="A rolling early warning. The law counts a campaign's successive 30 days: ask"
        " drop_rate by campaign and campaign_period.",
        source="16 CFR 310.4(b)(4)",
    ),
    Kpi(
        name="out_of_hours_rate",
        formula="calls.out_of_hours / calls.place_known",
        unit=Unit.SHARE,
        better=Better.LOWER,
        question="How often do we dial people too early or too late?",
        definition="Dials before 8:00 or from 21:00 on at the called party's place, divided by"
        " dials whose place is known.",
        caveat="Your jurisdiction may be stricter; replace the measure to say so.",
        source="47 CFR 64.1200(c)(1)",
    ),
    Kpi(
        name="over_frequency_rate",
        formula="calls.over_frequency / calls.dials",
        unit=Unit.SHARE,
        better=Better.LOWER,
        question="How often do we dial the same number too often?",
        definition="Dials with three or more dials to the same party in the 24 hours before,"
        " divided by dials.",
        caveat="Caps differ by jurisdiction; replace the measure to set yours.",
    ),
    Kpi(
        name="do_not_call_rate",
        formula="calls.do_not_call / calls.contacts",
        unit=Unit.SHARE,
        better=Better.LOWER,
        question="How many people ask us never to call again?",
        definition="Outbound calls with a do-not-call request, divided by contacts.",
        caveat="Above 100 % when such calls are not mapped as contacts.",
    ),
    Kpi(
        name="do_not_call_violations",
        formula="calls.do_not_call_violations",
        unit=Unit.COUNT,
        better=Better.LOWER,
        question="Did we dial people who had asked us not to?",
        definition="Dials more than 10 days after the party's request.",
        caveat="Registries are not consulted. Your grace may be shorter; replace the measure.",
    ),
)
