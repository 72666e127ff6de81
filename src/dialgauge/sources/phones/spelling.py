"""Which number does a text mean, however it is written?

Written as SQL, layer on layer, so that a million texts cost about a second, and following the
library's `parse` step by step: what stands around the number goes, an extension goes, letters
become digits, then the calling code is found and what is only dialled at home goes. The tests
hold both against each other.

Two rules are our own. Without a home, 00 begins an international number like + does. And a text
in which a number is hidden in the parameters of an address (`;phone-context=`) has none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from dialgauge.sources.phones.homes import ANYWHERE
from dialgauge.sources.phones.plans import Plan, Shape, plan_of, plans
from dialgauge.tables.storage import text

Layers = Sequence[Mapping[str, str]]
"""Columns to add to a relation, one SELECT after the other."""

_MOST_CHARACTERS = 250
_LEAST, _MOST = 2, 17  # digits after the calling code
_PLAIN = "[ (]*[+]?[-0-9 ()./]*"
_SCRIPTS = (0xFF10, 0x0660, 0x06F0)  # the zeros of full-width, Arabic and Persian digits
_FOREIGN = "\uff0b" + "".join(chr(zero + digit) for zero in _SCRIPTS for digit in range(10))
_OURS = "+" + "0123456789" * len(_SCRIPTS)
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_KEYS = "22233344455566677778889999"
_DASHES = r"\x{2010}-\x{2015}\x{2212}\x{30FC}\x{FF0D}-\x{FF0F}"
_BLANKS = r"\x{00A0}\x{00AD}\x{200B}\x{2060}\x{3000}"
_BETWEEN = (
    rf"-x{_DASHES} {_BLANKS}()\x{{FF08}}\x{{FF09}}\x{{FF3B}}\x{{FF3D}}.\[\]/~"
    r"\x{2053}\x{223C}\x{FF5E}*"
)
_APART = r"[ \x{00A0}\t,]*"
_AFTER = r"[:.\x{FF0E}]?[ \x{00A0}\t,-]*"
_LABEL = (
    r"(?:e?xt(?:ensi(?:o\x{0301}?|\x{00F3}))?n?|\x{FF45}?\x{FF58}\x{FF54}\x{FF4E}?"
    r"|\x{0434}\x{043E}\x{0431}|anexo)"
)
_MARK = r"(?:[x\x{FF58}#\x{FF03}~\x{FF5E}]|int|\x{FF49}\x{FF4E}\x{FF54})"
_EXTENSION = "|".join(
    (
        r";ext=[0-9]{1,20}",
        rf"{_APART}{_LABEL}{_AFTER}[0-9]{{1,20}}#?",
        rf"{_APART}{_MARK}{_AFTER}[0-9]{{1,9}}#?",
        r"[- ]+[0-9]{1,6}#",
        rf"[ \x{{00A0}}\t]*(?:,{{2}}|;){_AFTER}[0-9]{{1,15}}#?",
        rf"[ \x{{00A0}}\t]*(?:,)+{_AFTER}[0-9]{{1,9}}#?",
    )
)
_VIABLE = f"(?i)[0-9]{{2}}|[+]*(?:[{_BETWEEN}]*[0-9]){{3,}}[{_BETWEEN}A-Za-z0-9]*"


def spelled(number: str, home: str, name: str) -> Layers:
    """Write the layers that find the number in a text.

    Args:
        number: SQL of the text, over the relation the layers are added to.
        home: Where numbers without + belong, as `homes.home_of` gave it.
        name: What the names of the added columns begin with, such as `_phone`.

    Returns:
        Layers whose last columns are `{name}_code` and `{name}_rest`: the calling code and the
        digits after it, both NULL where the text carries no possible number; `{name}_country` is
        the calling code even of numbers that are too short or too long.
    """
    n = name
    digits = f"regexp_replace({n}_a, '[^+0-9]', '', 'g')"
    # a number hidden in parameters, or in a text nobody would dial
    hidden = f"length({n}_a) > {_MOST_CHARACTERS} OR contains({n}_a, ';phone-context=')"
    begun = f"regexp_extract(translate({n}_a, '{_FOREIGN}', '{_OURS}'), '[+0-9](?s:.*)')"
    ended = rf"regexp_replace({begun}, '[^#\pL\pN]+$', '')"
    first = rf"regexp_replace({ended}, '(?s)[\\/] *x.*', '')"
    odd = rf"regexp_replace({first}, '(?s)(.);isub=.*', '\1')"
    head = f"regexp_replace({n}_c, {text(f'(?i)(?:{_EXTENSION})$')}, '')"
    viable = f"regexp_full_match({head}, {text(_VIABLE)})"
    viable_whole = f"regexp_full_match({n}_c, {text(_VIABLE)})"
    keys = f"translate(upper({n}_d), '{_LETTERS}', '{_KEYS}')"
    typed = f"CASE WHEN regexp_matches({n}_d, '(?:[A-Za-z].*){{3}}') THEN {keys} ELSE {n}_d END"
    layers = [
        {f"{n}_a": number},
        {f"{n}_b": f"regexp_full_match({n}_a, '{_PLAIN}')"},
        {f"{n}_c": f"CASE WHEN {hidden} THEN NULL WHEN {n}_b THEN {digits} ELSE {odd} END"},
        {
            f"{n}_d": f"CASE WHEN {n}_b THEN {n}_c"
            f" WHEN {viable} THEN {head}"
            f" WHEN {viable_whole} THEN {n}_c END"
        },
        {
            f"{n}_e": f"CASE WHEN {n}_b THEN {n}_d ELSE"
            f" regexp_extract({n}_d, '^[+]?') || regexp_replace({typed}, '[^0-9]', '', 'g') END"
        },
    ]
    found = _without_home(n, home) if home in ("", ANYWHERE) else _at_home(n, plan_of(home))
    return (*layers, *found, *_stripped(n, home), *_possible(n, home))


def stacked(rows: str, layers: Layers) -> str:
    """Write the query of a relation with layers added to it.

    Example:
        >>> stacked("t", [{"b": "a + 1"}, {"c": "b * 2"}])
        'SELECT *, b * 2 AS c FROM (SELECT *, a + 1 AS b FROM t)'
    """
    query = rows
    for layer in layers:
        added = ", ".join(f"{sql} AS {name}" for name, sql in layer.items())
        query = f"SELECT *, {added} FROM {query if query == rows else f'({query})'}"
    return query


def _without_home(n: str, home: str) -> Layers:
    """Find the calling code where only the text can tell it."""
    inward = f"regexp_replace({n}_e, '^00', '')"
    away = "true" if home == ANYWHERE else f"starts_with({n}_e, '00')"
    return (
        {
            f"{n}_f": f"CASE WHEN starts_with({n}_e, '+') THEN substr({n}_e, 2)"
            f" WHEN {away} THEN {inward} END"
        },
        {f"{n}_g": _code(f"{n}_f")},
        {f"{n}_plan": f"{n}_g", f"{n}_n": f"substr({n}_f, length({n}_g) + 1)"},
    )


def _at_home(n: str, plan: Plan) -> Layers:
    """Find the calling code of numbers that are dialled in a country."""
    digits, code = f"{n}_f", plan.code
    plus = f"starts_with({n}_e, '+')"
    abroad = f"'^(?:{plan.abroad or 'x'})'"
    follows = f"regexp_replace({digits}, {abroad}, '')"
    leaves = f"regexp_matches({digits}, {abroad}) AND NOT starts_with({follows}, '0')"
    after = f"substr({digits}, {len(code) + 1})"
    inner = f"{n}_k"
    whole, too_long = _is(plan.whole, digits), _too_long(plan, digits)
    coded = (
        f"starts_with({digits}, '{code}') AND"
        f" (({too_long}) OR (NOT {whole} AND {_is(plan.whole, inner)}))"
    )
    return (
        {digits: f"ltrim({n}_e, '+')"},
        {
            f"{n}_g": f"CASE WHEN {plus} AND (length({digits}) <= {_LEAST} OR"
            f" {_code(digits)} IS NOT NULL) THEN {digits} WHEN {leaves} THEN {follows} END"
        },
        {f"{n}_h": f"CASE WHEN {n}_g IS NULL THEN {after} END"},
        {f"{n}_i": _without_trunk(plan, f"{n}_h")},
        {f"{n}_k": _sooner(plan, f"{n}_h", f"{n}_i")},
        {f"{n}_l": f"CASE WHEN {n}_g IS NULL THEN coalesce({coded}, false) END"},
        {
            # a + before what is no calling code must at least stand before that of home
            f"{n}_m": f"CASE WHEN {n}_l IS NULL THEN {_code(f'{n}_g')}"
            f" WHEN {n}_l OR NOT {plus} THEN '{code}' END",
        },
        {
            f"{n}_plan": f"CASE WHEN {n}_l IS NULL OR {n}_l OR {n}_m IS NULL THEN {n}_m"
            f" ELSE '{plan.country}' END",
            f"{n}_n": f"CASE WHEN {n}_l IS NULL THEN substr({n}_g, length({n}_m) + 1)"
            f" WHEN {n}_l THEN {inner} ELSE {digits} END",
        },
    )


def _stripped(n: str, home: str) -> Layers:
    """Drop what is only dialled at home, where the rest is a number too."""
    known = {code: some[0] for code, some in plans().items() if some[0].trunk}
    if home not in ("", ANYWHERE) and plan_of(home).trunk:
        known[home] = plan_of(home)
    # One look at all rules together tells most numbers that they have nothing of the kind; plans
    # that drop alike share a branch, as each expression costs time before any row is read.
    marked = _any({key: plan.trunk for key, plan in known.items()}, f"{n}_plan || {n}_n", whole="")
    whole = {key: plan.whole.pattern for key, plan in known.items()}
    enough = {key: _enough(plan) for key, plan in known.items()}
    alike: dict[str, list[str]] = {}
    for key, plan in known.items():
        alike.setdefault(_without_trunk(plan, f"{n}_n"), []).append(key)
    dropped = " ".join(
        f"WHEN regexp_full_match({n}_plan, '{'|'.join(keys)}') THEN {without}"
        for without, keys in alike.items()
    )
    longer, shorter = f"{n}_plan || {n}_n", f"{n}_plan || {n}_o"
    return (
        {f"{n}_o": f"CASE WHEN NOT {marked} THEN {n}_n {dropped} END"},
        {
            f"{n}_p": f"CASE WHEN {n}_o = {n}_n OR NOT {_any(enough, shorter)}"
            f" OR ({_any(whole, longer)} AND NOT {_any(whole, shorter)})"
            f" THEN {n}_n ELSE {n}_o END"
        },
    )


def _any(patterns: Mapping[str, str], value: str, whole: str = "$") -> str:
    """Write whether a plan's name and digits fit the plan's pattern."""
    shared: dict[str, list[str]] = {}
    for key, pattern in patterns.items():
        shared.setdefault(pattern, []).append(key)
    joined = "|".join(f"(?:{'|'.join(keys)})(?:{one})" for one, keys in shared.items())
    return f"regexp_matches({value}, {text(f'^(?:{joined}){whole}')})"


def _enough(plan: Plan) -> str:
    """Write the pattern of as many digits as numbers have, or more."""
    counts = "|".join(f"[0-9]{{{count}}}" for count in plan.whole.lengths)
    return f"{counts}|[0-9]{{{max(plan.whole.lengths) + 1},}}"


def _possible(n: str, home: str) -> Layers:
    """Keep what has as many digits as numbers of its calling code have."""
    alike: dict[tuple[int, ...], list[str]] = {}
    for code, some in plans().items():
        alike.setdefault(some[0].whole.lengths, []).append(code)
    shapes = "|".join(
        f"(?:{'|'.join(codes)})(?:{'|'.join(f'[0-9]{{{count}}}' for count in lengths)})"
        for lengths, codes in alike.items()
    )
    short = [
        f"{plan.code}(?:{shape.pattern})"  # Canada's seven digits, such as +1 310 1234
        for some in plans().values()
        for plan in some
        for shape in (*plan.kinds.values(), plan.fixed, plan.mobile)
        if shape and not set(shape.lengths) <= set(some[0].whole.lengths)
    ]
    shapes = "|".join((shapes, *short))
    country = f"{n}_plan"
    if home not in ("", ANYWHERE):
        country = f"CASE WHEN {n}_plan = '{home}' THEN '{plan_of(home).code}' ELSE {n}_plan END"
    fits = f"regexp_full_match({n}_country || {n}_p, {text(shapes)})"
    return (
        {f"{n}_country": country},
        {
            f"{n}_code": f"CASE WHEN {fits} THEN {n}_country END",
            f"{n}_rest": f"CASE WHEN {fits} THEN {n}_p END",
        },
    )


def _code(digits: str) -> str:
    codes = "|".join(plans())
    found = f"nullif(regexp_extract({digits}, '^(?:{codes})'), '')"
    return f"CASE WHEN length({digits}) > {_LEAST} THEN {found} END"


def _without_trunk(plan: Plan, digits: str) -> str:
    """Write the number without what is dialled before it at home."""
    if not plan.trunk:
        return digits
    trunk = text(f"^(?:{plan.trunk})")
    dropped = f"regexp_replace({digits}, {trunk}, '')"
    if not plan.rewrite:
        return dropped
    last = f"regexp_extract({digits}, {trunk}, {plan.groups})"
    anew = f"regexp_replace({digits}, {trunk}, {text(plan.rewrite)})"
    return f"CASE WHEN {last} <> '' THEN {anew} ELSE {dropped} END"


def _sooner(plan: Plan, digits: str, without: str) -> str:
    """Write the shorter number, unless only the longer one is a number."""
    spoilt = f"{_is(plan.whole, digits)} AND NOT {_is(plan.whole, without)}"
    return f"CASE WHEN {digits} = {without} OR ({spoilt}) THEN {digits} ELSE {without} END"


def _too_long(plan: Plan, digits: str) -> str:
    local = _among(f"length({digits})", plan.local)
    return f"(length({digits}) > {max(plan.whole.lengths)} AND NOT {local})"


def _is(shape: Shape, digits: str) -> str:
    return f"regexp_full_match({digits}, {text(shape.pattern)})"


def _among(length: str, lengths: Iterable[int]) -> str:
    # not IN: DuckDB would join, and a join forgets the order of rows
    parts = " OR ".join(f"{length} = {count}" for count in lengths)
    return f"({parts or 'false'})"
