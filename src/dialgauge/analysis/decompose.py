"""Why did a number change: are the groups other ones, or are they different now?

A ratio of the whole is the mean of the groups' ratios, weighted by their shares of the
denominator. Its change is split as Kitagawa does (1955, Components of a difference between two
rates, JASA 50:1168-1194), each side weighted by the mean of both periods, which leaves no rest and
favours neither period:

    mix of a group  = (change of its share) x (mean of its two ratios - mean of the two totals)
    rate of a group = (change of its ratio) x (mean of its two shares)

What the mean of the totals takes from the mix of the groups adds up to nothing, as shares always
add up to 1; it lets a growing group pull the whole towards its own ratio, and no group that is
like the whole has a mix effect. A group that one period lacks has the ratio of the other one, so
that its effect is all mix. A numerator without a denominator, such as the cost of a campaign that
did not dial, has no ratio: its part of the whole counts as rate.

The arithmetic is in fractions, so nothing is lost but the last digit of each effect.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from dialgauge.analysis.additive import adds_up
from dialgauge.errors import UsageError
from dialgauge.model.answer import Answer, Row, Value
from dialgauge.model.explanation import Effect, Explanation
from dialgauge.model.kpi import Kpi
from dialgauge.model.measure import Aggregate
from dialgauge.model.vocabulary import Vocabulary
from dialgauge.plan.reading import Reading, read

_SAME = 1e-9  # how far groups and total may lie apart by rounding, as a share of what is added


@dataclass(frozen=True, slots=True)
class Part:
    """A group's numerators and denominators in two periods.

    Attributes:
        top: The numerator before.
        bottom: The denominator before; 0 where the group was not there.
        new_top: The numerator now.
        new_bottom: The denominator now.
    """

    top: Fraction
    bottom: Fraction
    new_top: Fraction
    new_bottom: Fraction


@dataclass(frozen=True, slots=True)
class Split:
    """What a group did to a ratio.

    Attributes:
        share: Its share of the denominator before.
        new_share: Its share now.
        mix: The effect of its changed share.
        rate: The effect of its changed ratio.
    """

    share: Fraction
    new_share: Fraction
    mix: Fraction
    rate: Fraction


def split(parts: Sequence[Part]) -> list[Split]:
    """Split the change of a ratio into what each group's share and ratio did to it.

    Args:
        parts: The groups; neither period's denominators may add up to 0.

    Returns:
        One a group, in their order; mix and rate of all groups add up to the change.

    Raises:
        ZeroDivisionError: The denominators of a period add up to 0.

    Example:
        Half of 200 dials were on list A, of which 20 % connected, the others on B with 10 %. Now
        three quarters are on B, and A has 16 %: 15 % became 11.5 %.

        >>> a, b = (Part(*map(Fraction, part)) for part in ((20, 100, 8, 50), (10, 100, 15, 150)))
        >>> found = split([a, b])
        >>> [float(each.mix) for each in found]
        [-0.011875, -0.008125]
        >>> [float(each.rate) for each in found]
        [-0.015, 0.0]
        >>> float(sum(each.mix + each.rate for each in found))
        -0.035
    """
    whole = sum((part.bottom for part in parts), Fraction())
    new_whole = sum((part.new_bottom for part in parts), Fraction())
    total = sum((part.top for part in parts), Fraction()) / whole
    new_total = sum((part.new_top for part in parts), Fraction()) / new_whole
    middle = (total + new_total) / 2
    return [_split(part, whole, new_whole, middle) for part in parts]


def _split(part: Part, whole: Fraction, new_whole: Fraction, middle: Fraction) -> Split:
    share, new_share = part.bottom / whole, part.new_bottom / new_whole
    ratio = part.top / part.bottom if part.bottom else None
    new_ratio = part.new_top / part.new_bottom if part.new_bottom else None
    loose = part.top / whole if ratio is None else Fraction()
    new_loose = part.new_top / new_whole if new_ratio is None else Fraction()
    before = ratio if ratio is not None else new_ratio
    after = new_ratio if new_ratio is not None else ratio
    mix = rate = Fraction()
    if before is not None and after is not None:
        mix = (new_share - share) * ((before + after) / 2 - middle)
        rate = (after - before) * (share + new_share) / 2
    return Split(share, new_share, mix, rate + new_loose - loose)


def need_parts(reading: Reading, words: Vocabulary) -> None:
    """Refuse a KPI whose change cannot come from groups.

    Raises:
        UsageError: It is no sum, count or ratio of those; the message says what can be asked.
    """
    if _splits(reading, words):
        return
    kpi = reading.kpi
    kinds = {words.facts[fact].measures[name].aggregate for fact, name in reading.measures}
    if kinds <= {Aggregate.QUANTILE, Aggregate.TIME_TO}:
        what = "is a median or another quantile, and those of groups do not add up to one of all"
    elif kinds <= {Aggregate.MIN, Aggregate.MAX}:
        what = "is a least or largest value, and those of groups do not add up"
    else:
        what = (
            "is not one sum divided by another, so groups have no parts of it that add up "
            f"({kpi.formula})"
        )
    near = [other for other in _near(kpi, words) if _splits(read(words.kpi(other), words), words)]
    instead = f"ask why of {' or '.join(near)}, or see" if near else "see"
    raise UsageError(
        f"the change of '{kpi.name}' cannot be split into effects: it {what}; {instead} its groups "
        f"side by side with: dialgauge ask {kpi.name} --by ... --versus ..."
    )


def decompose(answer: Answer, reading: Reading, words: Vocabulary) -> Explanation:
    """Split the change of a compared answer's KPI into effects of its groups.

    Args:
        answer: To a question of one KPI, split by a dimension, compared, with its total.
        reading: How the KPI is read; `need_parts` must have passed it.
        words: What may be named.

    Returns:
        The effects, the largest first; groups that hold nothing in either period have none.

    Raises:
        UsageError: A period has no value, or the groups share things that are counted once.
    """
    kpi = reading.kpi.name
    total = _whole(answer, kpi)
    answer = replace(answer, rows=tuple(row for row in answer.rows if _holds(row, kpi)))
    periods = [[_side(row, kpi, now=now) for row in answer.rows] for now in (False, True)]
    wholes = [_before(total), total]
    for values, whole, when in zip(
        periods, wholes, ("the other period", "the period"), strict=True
    ):
        if whole.value is None:
            raise UsageError(
                f"'{kpi}' is not known in {when}, so its change cannot be explained: "
                f"{whole.reason or 'no rows'}; choose other days or another condition"
            )
        _need_sum(values, whole, answer, reading, words)
    if reading.denominator is None:
        return _plain(answer, total, periods)
    parts = [
        Part(_top(before), _bottom(before), _top(after), _bottom(after))
        for before, after in zip(*periods, strict=True)
    ]
    found = [
        Effect(
            keys=row.keys,
            value=row.values[kpi],
            share_before=float(each.share),
            share_after=float(each.new_share),
            mix=float(each.mix),
            rate=float(each.rate),
            effect=float(each.mix + each.rate),
        )
        for row, each in zip(answer.rows, split(parts), strict=True)
    ]
    before, after = (
        sum(map(_top, values), Fraction()) / sum(map(_bottom, values), Fraction())
        for values in periods
    )
    return Explanation(
        question=answer.question,
        total=total,
        before=float(before),
        after=float(after),
        change=float(after - before),
        effects=_ordered(found),
        mix=math.fsum(each.mix or 0.0 for each in found),
        rate=math.fsum(each.rate or 0.0 for each in found),
        notes=answer.notes,
    )


def _plain(answer: Answer, total: Value, periods: Sequence[Sequence[Value]]) -> Explanation:
    """A count or a sum: each group's effect is its own difference."""
    (kpi,) = answer.question.kpis
    before, after = (sum(map(_top, values), Fraction()) for values in periods)
    found = [
        Effect(keys=row.keys, value=row.values[kpi], effect=float(_top(new) - _top(old)))
        for row, old, new in zip(answer.rows, *periods, strict=True)
    ]
    return Explanation(
        question=answer.question,
        total=total,
        before=float(before),
        after=float(after),
        change=float(after - before),
        effects=_ordered(found),
        notes=answer.notes,
    )


def _splits(reading: Reading, words: Vocabulary) -> bool:
    return all(
        part is None or adds_up(part, words)
        for part in (reading.numerator or reading.formula, reading.denominator)
    )


def _near(kpi: Kpi, words: Vocabulary) -> list[str]:
    """List the KPIs that belong next to one, named by it or naming it."""
    naming = [other.name for other in words.kpis.values() if kpi.name in other.beside]
    return list(dict.fromkeys((*kpi.beside, *naming)))


def _whole(answer: Answer, kpi: str) -> Value:
    if answer.total is None or answer.total.values[kpi].change is None:
        raise UsageError("a change is explained from a comparison with its total; ask for both")
    return answer.total.values[kpi]


def _before(value: Value) -> Value:
    return value.change.value if value.change else Value(value=None)


def _side(row: Row, kpi: str, *, now: bool) -> Value:
    return row.values[kpi] if now else _before(row.values[kpi])


def _holds(row: Row, kpi: str) -> bool:
    sides = (_side(row, kpi, now=False), _side(row, kpi, now=True))
    return any(part(side) for side in sides for part in (_top, _bottom))


def _need_sum(
    values: Sequence[Value], whole: Value, answer: Answer, reading: Reading, words: Vocabulary
) -> None:
    """Refuse groups that do not add up to the whole, numerators and denominators alike."""
    for part in (_top, _bottom):
        summed, size = sum(map(part, values), Fraction()), sum(abs(part(each)) for each in values)
        wanted = part(whole)
        if abs(summed - wanted) <= max(size, abs(wanted)) * Fraction(_SAME):
            continue
        by = "' and '".join(answer.question.by)
        unknown = sum(each.numerator is None and bool(each.denominator) for each in values)
        kinds = (words.facts[fact].measures[name].aggregate for fact, name in reading.measures)
        why = "the groups are not all of it"
        if unknown:
            why = f"what is divided is not known in {unknown} of {len(values)} groups"
        elif Aggregate.DISTINCT in kinds:
            why = "some things stand in several groups"
        raise UsageError(
            f"the change of '{reading.kpi.name}' cannot be split by '{by}': the groups add up to "
            f"{float(summed):,.10g} and not to {float(wanted):,.10g}, because {why}; split it by a "
            "dimension whose groups add up, or see the groups side by side with: "
            f"dialgauge ask {reading.kpi.name} --by {answer.question.by[0]} --versus ..."
        )


def _top(value: Value) -> Fraction:
    return Fraction(value.numerator or 0)


def _bottom(value: Value) -> Fraction:
    return Fraction(value.denominator or 0)


def _ordered(effects: Sequence[Effect]) -> tuple[Effect, ...]:
    return tuple(sorted(effects, key=lambda each: abs(each.effect), reverse=True))
