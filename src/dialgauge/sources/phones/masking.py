"""How much of a number may stand on a screen that others see, too?

What the lake tells anyway, country and area or operator, and the last two digits, by which a
person knows their own number again. So much only where enough stays hidden.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgauge.sources.phone import digits

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber

HIDDEN = "*"
_TAIL = 2
_LEAST_HIDDEN = 4  # ten thousand numbers look the same, and more of those with an area


def masked(number: str) -> str:
    """Hide the digits of a number that make it one person's.

    Args:
        number: With + and its calling code, as the vault keeps numbers that are understood; of
            any other nobody knows where its country ends, so only its last digits stay.

    Returns:
        The calling code, the area or operator and the last two digits; less where it is short,
        nothing but * where it is very short. As many digits as the number has.

    Example:
        >>> masked("+14155552637"), masked("+4917012345678"), masked("030901820"), masked("1234")
        ('+1 415 *** **37', '+49 170 ******78', '*******20', '****')
    """
    if not number.startswith("+"):
        return _hidden(digits(number), 0)
    import phonenumbers  # noqa: PLC0415 - slow

    try:
        read = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return f"+{_hidden(digits(number), 0)}"
    rest = phonenumbers.national_significant_number(read)
    area = 0
    if phonenumbers.is_valid_number(read):
        area = phonenumbers.length_of_national_destination_code(read)
    return f"+{read.country_code} {_spaced(read, _hidden(rest, area))}"


def _hidden(rest: str, area: int) -> str:
    """Hide the digits between the area and the tail, and these, too, where those are too few."""
    shown = [(area, _TAIL), (0, _TAIL), (0, 0)]
    fitting = (each for each in shown if len(rest) - sum(each) >= _LEAST_HIDDEN)
    begin, end = next(fitting, (0, 0))
    return rest[:begin] + HIDDEN * (len(rest) - begin - end) + rest[len(rest) - end :]


def _spaced(read: PhoneNumber, hidden: str) -> str:
    """Put blanks where the number's country writes them."""
    import phonenumbers  # noqa: PLC0415 - slow

    style = phonenumbers.PhoneNumberFormat.INTERNATIONAL
    _, _, written = phonenumbers.format_number(read, style).partition(" ")
    if len(digits(f"+{written}")) != len(hidden):
        return hidden
    left = iter(hidden)
    return "".join(next(left) if letter.isdigit() else " " for letter in written)
