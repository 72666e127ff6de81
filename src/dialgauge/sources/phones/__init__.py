"""What does a phone number tell, and how do rows get it?

A source asks once for all its rows:

    known = understand(con, "my_rows", "phone", request.phone_key, home)

and joins what it is told, one row a different text:

    SELECT r.*, k.phone_token, k.country, k.region, k.line_type, k.carrier, k.phone_valid,
        k.timezone
    FROM my_rows AS r LEFT JOIN {known} AS k ON k.said = r.phone

or, where no other column says any of it, puts it in the place of the number with `tell`. What a
source says itself about country, region, line type or zone stands; the number only fills
what nobody said. Texts that carry no number have no row.
"""

from __future__ import annotations

from dialgauge.sources.phones.homes import home_of
from dialgauge.sources.phones.knowing import FILLED, NUMBERS, keep_numbers, tell, understand
from dialgauge.sources.phones.masking import masked

__all__ = ["FILLED", "NUMBERS", "home_of", "keep_numbers", "masked", "tell", "understand"]
