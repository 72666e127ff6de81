"""What are the rules of each country's numbers?

They are those of the package `phonenumbers` (Google's libphonenumber), read when the first number
is met. A plan is what a country, or a service over all countries such as +800, says about the part
of a number after its calling code.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from phonenumbers import PhoneMetadata

WORLD = "001"
"""The country of numbers that belong to none."""

KINDS: Mapping[str, str] = MappingProxyType(
    {
        "premium_rate": "premium",
        "toll_free": "toll_free",
        "shared_cost": "shared_cost",
        "voip": "voip",
        "personal_number": "personal",
        "pager": "pager",
        "uan": "company",
        "voicemail": "voicemail",
    }
)
"""The library's kinds to our line types, in the order in which it tries them; then come fixed
lines and mobiles."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What numbers of a kind look like.

    Attributes:
        pattern: A regular expression for all of the number.
        lengths: How many digits it may have; empty when the pattern says it alone.
    """

    pattern: str
    lengths: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The rules of one country.

    Attributes:
        country: ISO 3166 code, or `WORLD`.
        code: The calling code, digits.
        abroad: Regular expression of what is dialled before a foreign calling code; empty for none.
        trunk: Regular expression of what is dialled before a number at home; empty for none.
        rewrite: How a number is written anew whose trunk has the last group; empty for dropping.
        groups: How many groups `trunk` has.
        whole: What any number looks like.
        local: Lengths of what can only be dialled in the same town.
        leading: Regular expression of the first digits, where they tell the country; else empty.
        kinds: Line type to the shape of its numbers, in the order to try them.
        fixed: The shape of fixed lines, None when there are none.
        mobile: The same for mobiles.
        alike: Fixed lines and mobiles look the same.
    """

    country: str
    code: str
    abroad: str
    trunk: str
    rewrite: str
    groups: int
    whole: Shape
    local: tuple[int, ...]
    leading: str
    kinds: Mapping[str, Shape]
    fixed: Shape | None
    mobile: Shape | None
    alike: bool


@functools.lru_cache(maxsize=1)
def plans() -> Mapping[str, tuple[Plan, ...]]:
    """Return each calling code's plans, the main country first.

    Example:
        >>> [plan.country for plan in plans()["44"]]
        ['GB', 'GG', 'IM', 'JE']
    """
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata  # noqa: PLC0415 - slow

    found: dict[str, tuple[Plan, ...]] = {}
    for code, countries in sorted(COUNTRY_CODE_TO_REGION_CODE.items()):
        told = (
            (country, PhoneMetadata.metadata_for_region_or_calling_code(code, country))
            for country in countries
        )
        found[str(code)] = tuple(
            _plan(country, str(code), data) for country, data in told if data is not None
        )
    return MappingProxyType(found)


def plan_of(country: str) -> Plan:
    """Return the plan of a country that `homes.home_of` accepts."""
    return next(plan for some in plans().values() for plan in some if plan.country == country)


def version() -> str:
    """Return which rules are in force."""
    import phonenumbers  # noqa: PLC0415 - slow

    return str(phonenumbers.__version__)


def _plan(country: str, code: str, data: PhoneMetadata) -> Plan:
    whole = data.general_desc
    if whole is None:  # pragma: no cover - the library has one for each
        raise ValueError(country)
    trunk = data.national_prefix_for_parsing or ""
    shapes = {name: _shape(data, kind) for kind, name in KINDS.items()}
    return Plan(
        country=country,
        code=code,
        abroad=data.international_prefix or "",
        trunk=trunk,
        rewrite=data.national_prefix_transform_rule or "",
        groups=re.compile(trunk).groups,
        whole=Shape(whole.national_number_pattern or "", tuple(whole.possible_length)),
        local=tuple(whole.possible_length_local_only),
        leading=data.leading_digits or "",
        kinds={name: shape for name, shape in shapes.items() if shape is not None},
        fixed=_shape(data, "fixed_line"),
        mobile=_shape(data, "mobile"),
        alike=bool(data.same_mobile_and_fixed_line_pattern),
    )


def _shape(data: PhoneMetadata, kind: str) -> Shape | None:
    desc = getattr(data, kind)
    if desc is None or not desc.national_number_pattern:
        return None
    return Shape(desc.national_number_pattern, tuple(desc.possible_length))
