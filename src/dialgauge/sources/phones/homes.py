"""Where does a number belong that is written without its country?

A team says it once for a source: `region = "DE"`. Without it such a number is a number all the
same, only nobody knows where, and its token stands for its digits as they are written.
"""

from __future__ import annotations

from dialgauge.errors import UnknownNameError

ANYWHERE = "+"
"""The home of numbers that begin with their calling code, but without + or 00."""


def home_of(told: str) -> str:
    """Read what a source's option `region` says.

    Args:
        told: A country as ISO 3166 names it (`DE`), its calling code (`49`), or `+` for numbers
            that begin with their calling code; empty when nothing was said.

    Returns:
        The country, or `+`, or '' when nothing was said.

    Raises:
        UnknownNameError: There is no such country or calling code.

    Example:
        >>> home_of("de"), home_of("49"), home_of("+"), home_of("")
        ('DE', 'DE', '+', '')
    """
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, SUPPORTED_REGIONS  # noqa: PLC0415 - slow

    name = told.strip().upper()
    if name in ("", ANYWHERE):
        return name
    code = name.removeprefix("+")
    if code.isascii() and code.isdigit():
        main = COUNTRY_CODE_TO_REGION_CODE.get(int(code), ("",))[0]
        if main in SUPPORTED_REGIONS:
            return str(main)
    elif name in SUPPORTED_REGIONS:
        return name
    raise UnknownNameError("region of phone numbers", told, SUPPORTED_REGIONS)
