"""How much of a number does its mask leave?"""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgauge.sources.phones import masked

EXAMPLES = [
    (region, phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164))
    for region in sorted(phonenumbers.SUPPORTED_REGIONS)
    for kind in (phonenumbers.PhoneNumberType.FIXED_LINE, phonenumbers.PhoneNumberType.MOBILE)
    if (found := phonenumbers.example_number_for_type(region, kind)) is not None
]


def places(mask: str) -> str:
    """Return the digits and the stars of a mask, without blanks and +."""
    return "".join(letter for letter in mask if letter.isdigit() or letter == "*")


def test_country_area_and_the_last_two_stay() -> None:
    """By hand: an area of three digits, an operator of three, areas of two and of none."""
    assert masked("+14155552637") == "+1 415 *** **37"
    assert masked("+4917012345678") == "+49 170 ******78"
    assert masked("+4930901820") == "+49 30 ****20"
    assert masked("+6591234567") == "+65 **** **67"


def test_short_numbers_tell_less() -> None:
    """Where fewer than four digits would be hidden the area goes first, then the last two."""
    assert masked("+493942112345") == "+49 ***** ***45"  # 39421 is its town, 12345 its number
    assert masked("+2902345") == "+290 ****"  # all numbers of Saint Helena have four or five digits
    assert masked("112") == "***"


def test_numbers_that_nobody_understands_tell_their_end_only() -> None:
    """Without + nobody knows where the area ends, nor in a number that cannot exist."""
    assert masked("030901820") == "*******20"
    assert masked("+11234567890") == "+1 ********90"
    assert masked("+999123456") == "+*******56"


@pytest.mark.parametrize("region", sorted({region for region, _ in EXAMPLES}))
def test_every_country_hides_enough(region: str) -> None:
    """Four digits at least are hidden, what is shown is the number's, two are the most behind."""
    for number in (number for each, number in EXAMPLES if each == region):
        mask = places(masked(number))
        assert len(mask) == len(number) - 1
        assert mask.count("*") >= 4
        assert all(a in ("*", b) for a, b in zip(mask, number[1:], strict=True))
        assert len(mask) - 1 - mask.rindex("*") <= 2
        code = str(phonenumbers.parse(number).country_code)
        assert mask.startswith(code)


@given(st.text("+0123456789", max_size=20))
def test_no_text_shows_more_than_its_end(text: str) -> None:
    """Whatever a vault holds: it can be masked, and four digits are hidden where it has four."""
    mask = places(masked(text))
    assert mask.count("*") >= min(4, len(mask) - 3)
