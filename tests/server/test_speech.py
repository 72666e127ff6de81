"""Are numbers, days and groups said as each language says them?"""

from __future__ import annotations

import datetime as dt

import pytest

from dialgauge.lang import LANGUAGES
from dialgauge.model.answer import Change, Value
from dialgauge.model.kpi import Unit
from dialgauge.model.question import Grain, Period
from dialgauge.server.speech import choose, speech

WANTED = {
    # as CLDR writes them: Russian and Georgian have a decimal comma and no-break spaces
    "en": ("20.9%", "2h 24m", "28,241", "₾48,370", "3 Apr 2026"),
    "zh": ("20.9%", "2小时24分钟", "28,241", "₾48,370", "2026年4月3日"),
    "ru": ("20,9 %", "2 ч 24 мин", "28 241", "48 370 ₾", "3 апр. 2026"),
    "ka": ("20,9 %", "2 სთ 24 წთ", "28 241", "48 370 ₾", "3 აპრ 2026"),
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_numbers_follow_the_language(language: str) -> None:
    """Share, duration, count, money with its sign, day."""
    say = speech(language, "GEL")
    said = (
        say.number(0.2089, Unit.SHARE),
        say.number(8645.2, Unit.SECONDS),
        say.number(28_241, Unit.COUNT),
        say.number(48_370, Unit.MONEY),
        say.day(dt.date(2026, 4, 3)),
    )
    assert tuple(text.replace("\xa0", " ") for text in said) == WANTED[language]


@pytest.mark.parametrize(
    ("share", "said"),
    [(0.0, "0.0%"), (0.5, "50.0%"), (0.0123, "1.2%"), (0.0007, "0.07%"), (0.00002, "0.0020%")],
)
def test_rare_is_not_never(share: float, said: str) -> None:
    """7 of 10,000 are not 0.0 %."""
    assert speech("en").number(share, Unit.SHARE) == said


def test_unknown_is_never_0() -> None:
    """A zero denominator is n/a in every language."""
    assert [speech(language).number(None, Unit.SHARE) for language in LANGUAGES] == [
        speech(language).t("ui.na") for language in LANGUAGES
    ]


def test_a_share_changes_by_points() -> None:
    """From 20.0 % to 18.5 % is minus 1.5 points, not minus 7.5 %."""
    fell = Change(value=Value(value=0.2), difference=-0.015, relative=-0.075)
    assert speech("en").difference(fell, Unit.SHARE) == "\u22121.5 pp"
    assert speech("en").difference(fell, Unit.MONEY) == "\u22127.5%"


def test_a_period_is_said_with_its_last_day() -> None:
    """[1 April, 1 May) ends on 30 April."""
    april = Period(dt.date(2026, 4, 1), dt.date(2026, 5, 1))
    assert speech("en").period(april) == "1 Apr \u2013 30 Apr 2026"
    assert speech("en").bucket("2026-04-03", Grain.DAY) == "3 Apr"


@pytest.mark.parametrize(
    ("asked", "kept", "accepted", "chosen"),
    [
        ("ka", "ru", "zh", "ka"),
        ("xx", "ru", "zh", "ru"),
        ("", "", "de-DE,ru;q=0.5,zh-CN;q=0.9", "zh"),
        ("", "", "de;q=nonsense", "en"),
        ("", "", "," * 5000, "en"),
    ],
)
def test_the_reader_decides_the_language(asked: str, kept: str, accepted: str, chosen: str) -> None:
    """The address first, then what was chosen before, then the browser; else English."""
    assert choose(asked, kept, accepted) == chosen
