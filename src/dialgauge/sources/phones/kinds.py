"""Can such a number exist, in which country, and what kind of line is it?

Written as SQL from the rules of the calling codes that are met, and of no others: nobody calls
all 215.
"""

from __future__ import annotations

from collections.abc import Iterable

from dialgauge.sources.phones.plans import Plan, Shape, plans
from dialgauge.tables.storage import text

FIXED, MOBILE, EITHER = "fixed", "mobile", "fixed_or_mobile"


def kind_sql(codes: Iterable[str], code: str, rest: str) -> str:
    """Write the SQL of a number's country and kind.

    Args:
        codes: The calling codes that are met.
        code: SQL of the calling code.
        rest: SQL of the digits after it.

    Returns:
        SQL of a text such as `DE:mobile`; `DE:` where no number of Germany looks so, NULL where
        even the country is unknown, `001:toll_free` for numbers of no country.

    Example:
        >>> import duckdb
        >>> sql = kind_sql(["49"], "'49'", "'1701234567'")
        >>> duckdb.connect().execute(f"SELECT {sql}").fetchone()
        ('DE:mobile',)
    """
    cases = "".join(f" WHEN {text(one)} THEN {_countries(one, rest)}" for one in sorted(codes))
    return f"CASE {code}{cases} END" if cases else "CAST(NULL AS VARCHAR)"


def _countries(code: str, rest: str) -> str:
    some = plans()[code]
    if len(some) == 1:
        return f"coalesce({_kind(some[0], rest)}, '{some[0].country}:')"
    tried = []
    for plan in some:
        if plan.leading:
            begins = f"regexp_matches({rest}, {text(f'^(?:{plan.leading})')})"
            kind = f"coalesce({_kind(plan, rest)}, '{plan.country}:')"
            tried.append(f"CASE WHEN {begins} THEN {kind} END")
        else:
            tried.append(_kind(plan, rest))
    return f"coalesce({', '.join(tried)})"


def _kind(plan: Plan, rest: str) -> str:
    """Write the country and kind of a number, NULL when it is none of this country's."""
    cases = [(_is(shape, rest), name) for name, shape in plan.kinds.items()]
    fixed = _is(plan.fixed, rest) if plan.fixed else "false"
    mobile = _is(plan.mobile, rest) if plan.mobile else "false"
    if plan.alike:
        cases += [(fixed, EITHER)]
    else:
        cases += [(f"{fixed} AND {mobile}", EITHER), (fixed, FIXED), (mobile, MOBILE)]
    told = " ".join(
        f"WHEN {condition} THEN '{plan.country}:{name}'"
        for condition, name in cases
        if "false" not in condition
    )
    kind = f"CASE {told} END" if told else "NULL"
    return f"CASE WHEN {_is(plan.whole, rest)} THEN {kind} END"


def _is(shape: Shape, rest: str) -> str:
    matches = f"regexp_full_match({rest}, {text(shape.pattern)})"
    if not shape.lengths:
        return matches
    lengths = " OR ".join(f"length({rest}) = {count}" for count in shape.lengths)
    return f"(({lengths}) AND {matches})"


GEOGRAPHIC_MOBILES = ("52", "54", "55", "62", "86")
"""Calling codes whose mobile numbers belong to a place, too."""
