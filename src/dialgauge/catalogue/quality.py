"""Quality: how well do we talk with people?"""

from __future__ import annotations

from dialgauge.model.kpi import Better, Kpi, Unit

QUALITY = (
    Kpi(
        name="quality_score",
        formula="scores.score / scores.scored",
        unit=Unit.SHARE,
        better=Better.HIGHER,
        question="How well do we handle calls?",
        definition="Mean over reviews of the weighted points earned of those possible; questions"
        " without an answer are in neither. A review with an automatic failure scores 0.",
        caveat="A mean over the calls that somebody chose to review. Calibrations and reviews that"
        " an appeal replaced are not in it.",
        beside=("quality_raw_score", "quality_coverage"),
    ),
    Kpi(
        name="quality_raw_score",
        formula="scores.raw_score / scores.scored",
        unit=Unit.SHARE,
        better=Better.HIGHER,
        question="How well do we handle calls, automatic failures aside?",
        definition="Mean over reviews of the weighted points earned of those possible.",
        caveat="Hides what must never happen; quality_score does not.",
    ),
    Kpi(
        name="quality_question_score",
        formula="reviews.points / reviews.possible",
        unit=Unit.SHARE,
        better=Better.HIGHER,
        question="In which part of the call are we weak?",
        definition="Weighted points earned divided by those possible, over all answers; ask it by"
        " section or question.",
        caveat="Reviews with more answers weigh more than in quality_score, and automatic failures"
        " do not count.",
    ),
    Kpi(
        name="quality_pass_rate",
        formula="scores.passed / scores.scored",
        unit=Unit.SHARE,
        better=Better.HIGHER,
        question="How many calls are good enough?",
        definition="Reviews at or above the pass mark, divided by reviews with a score.",
        caveat="The mark is pass_mark in your settings, 80 % unless you say otherwise.",
    ),
    Kpi(
        name="quality_fail_rate",
        formula="scores.auto_failed / scores.scored",
        unit=Unit.SHARE,
        better=Better.LOWER,
        question="How often does something happen that must not?",
        definition="Reviews with an automatic failure, divided by reviews with a score.",
        caveat="Where risky calls are picked for review, all calls fail less often than these.",
    ),
    Kpi(
        name="quality_coverage",
        formula="calls.contacts_reviewed / calls.contacts",
        unit=Unit.SHARE,
        better=Better.HIGHER,
        question="How many of our conversations does anybody review?",
        definition="Contacts that were reviewed so far, divided by contacts.",
        caveat="Rises as time passes: recent calls may still be reviewed.",
    ),
    Kpi(
        name="talk_share",
        formula="conversations.talk_share / conversations.two_sided",
        unit=Unit.SHARE,
        better=Better.BAND,
        question="Do agents talk, or listen?",
        definition="The agent's part of what both sides speak, call by call; mean over calls.",
        caveat="No band is good everywhere: learn yours from the calls that converted.",
        beside=("talk_share_total",),
    ),
    Kpi(
        name="talk_share_total",
        formula="conversations.agent_talk / conversations.talk",
        unit=Unit.SHARE,
        better=Better.BAND,
        question="Of all talking, how much do agents do?",
        definition="Seconds agents spoke divided by seconds both sides spoke, over all calls.",
        caveat="Long calls weigh more than in talk_share.",
    ),
    Kpi(
        name="silence_share",
        formula="conversations.silence / conversations.duration",
        unit=Unit.SHARE,
        better=Better.LOWER,
        question="How much of our calls is silence?",
        definition="Seconds in which nobody spoke, divided by all seconds of the recordings.",
        caveat="Looking something up for the customer is silence, too.",
    ),
    Kpi(
        name="interruptions_per_call",
        formula="conversations.interruptions / conversations.with_interruptions",
        unit=Unit.RATIO,
        better=Better.LOWER,
        question="How often do agents cut in?",
        definition="Agents' interruptions divided by the calls in which they were counted.",
        caveat="Sound that leaks from one channel into the other looks like interruptions.",
    ),
    Kpi(
        name="longest_monologue",
        formula="conversations.longest_monologue / conversations.with_monologue",
        unit=Unit.SECONDS,
        question="For how long do agents talk without a stop?",
        definition="The agent's longest turn in each call; mean over calls.",
        caveat="A disclosure that the law demands is a long turn as well.",
    ),
    Kpi(
        name="questions_per_call",
        formula="conversations.questions / conversations.with_questions",
        unit=Unit.RATIO,
        question="Do agents ask?",
        definition="Questions that agents asked divided by the calls in which they were counted.",
        caveat="Counts questions, not whether they were good ones.",
    ),
    Kpi(
        name="words_per_minute",
        formula="conversations.words_per_minute / conversations.with_words",
        unit=Unit.RATIO,
        question="How fast do agents speak?",
        definition="Words a minute in which the agent speaks, taken call by call; mean over calls.",
        caveat="Languages differ; compare within one.",
    ),
)
