"""`dialgauge why`: why did a number change?"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Annotated

from cyclopts import Parameter
from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from dialgauge.cli.asking import Words, question
from dialgauge.cli.export import check_format, emit, to_csv
from dialgauge.cli.numbers import number
from dialgauge.cli.opening import open_gauge
from dialgauge.cli.table import console, key, notes
from dialgauge.lang import Texts, texts
from dialgauge.model.answer import KeyValue, Value
from dialgauge.model.explanation import Effect, Explanation, effect_records, explanation_json
from dialgauge.model.kpi import Kpi, Unit

_TOLD = 3  # groups that a sentence names at most
_SMALL = 0.1  # what is less than this share of the whole is not worth naming


def command(  # noqa: PLR0913 - each option is one word of the question
    kpi: str,
    *,
    by: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    where: Annotated[tuple[str, ...], Parameter(negative="")] = (),
    start: Annotated[str | None, Parameter(name="--from")] = None,
    end: Annotated[str | None, Parameter(name="--to")] = None,
    versus: str = "previous",
    timezone: str | None = None,
    as_of: str | None = None,
    format: str = "table",
    lang: str = "en",
) -> None:
    """Say why a KPI changed: what each group did to the change.

    The change of a ratio is split into what changed shares of groups did and what changed values
    within groups did; the effects add up to the change.

    Args:
        kpi: A KPI: a count, a sum, or a ratio of those.
        by: A dimension to split the change by, such as list or agent; may be repeated.
        where: A condition, such as "team = 'Alder'"; may be repeated.
        start: First day inside, such as 2026-02-01.
        end: First day after.
        versus: Compare with previous, year, or a range such as 2026-01-01..2026-02-01.
        timezone: Zone in which days begin, such as Europe/Berlin.
        as_of: The moment at which outcomes are judged to be known; now by default.
        format: table, json or csv.
        lang: en, zh, ru or ka.
    """
    check_format(format, ("table", "json", "csv"))
    said = texts(lang)
    gauge, config = open_gauge()
    found = gauge.why(
        question(
            Words(
                kpis=(kpi,),
                by=by,
                where=where,
                start=start,
                end=end,
                timezone=timezone or config.timezone,
                versus=versus,
                week_starts=config.week_starts,
                as_of=as_of,
            )
        )
    )
    asked = gauge.words.kpis[found.question.kpis[0]]
    if format == "csv":
        emit(to_csv(effect_records(found)), None)
    elif format == "json":
        written = {"summary": summary(found, asked, said), **explanation_json(found)}
        emit(json.dumps(written, ensure_ascii=False, indent=2, allow_nan=False) + "\n", None)
    else:
        to = console()
        to.print(Text(summary(found, asked, said), style="bold"))
        to.print(_table(found, asked, said))
        marks = ["why.mark", *(["why.in_points"] if asked.unit is Unit.SHARE else [])]
        notes([*(said.t(each) for each in marks), *found.notes], to)


def summary(found: Explanation, kpi: Kpi, said: Texts) -> str:
    """Say in one sentence where a change comes from."""
    way = "stayed" if not found.change else "rose" if found.change > 0 else "fell"
    told = said.t(
        f"why.{way}",
        kpi=said.kpi(kpi, "title"),
        change=_amount(abs(found.change), kpi.unit, said),
        before=number(found.before, kpi.unit),
        after=number(found.after, kpi.unit),
    )
    if found.mix is None or found.rate is None:
        amounts = [(each, each.effect) for each in found.effects]
        return said.t("why.plain", change=told, groups=_biggest(amounts, found.change, kpi, said))
    because = {"mix": found.mix, "rate": found.rate}
    size = sum(abs(whole) for whole in because.values())
    parts = {}
    for name, whole in because.items():
        parts[name] = said.t(f"why.because_{name}", amount=_signed(whole, kpi.unit, said))
        if abs(whole) >= size * _SMALL:
            amounts = [(each, getattr(each, name)) for each in found.effects]
            groups = _biggest(amounts, whole, kpi, said)
            parts[name] = said.t("why.most", because=parts[name], groups=groups)
    return said.t("why.both", change=told, **parts)


def _biggest(amounts: Sequence[tuple[Effect, float]], whole: float, kpi: Kpi, said: Texts) -> str:
    """Name the groups that did most of what all did together."""
    same = [(each, amount) for each, amount in amounts if amount * whole > 0 or not whole]
    same.sort(key=lambda pair: abs(pair[1]), reverse=True)
    told = [
        f"{group(each.keys, said)} {_signed(amount, kpi.unit, said)}"
        for each, amount in same[:_TOLD]
        if abs(amount) >= abs(whole) * _SMALL
    ]
    return ", ".join(told) or said.t("why.nobody")


def group(keys: Mapping[str, KeyValue], said: Texts) -> str:
    """Name a group in a language.

    Example:
        >>> group({"weekday": 1, "team": None}, texts("en"))
        'Monday, unknown'
    """
    return ", ".join(_named(name, value, said) for name, value in keys.items())


def _named(name: str, value: KeyValue, said: Texts) -> str:
    if value is None:
        return said.t("ui.unknown")
    if name == "weekday":
        return said.t(f"weekday.{value}")
    return key(name, value)


def _table(found: Explanation, kpi: Kpi, said: Texts) -> Table:
    ratio = found.mix is not None
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    names = [said.dimension(name) for name in found.question.by]
    table.add_column(", ".join(names))
    table.add_column(said.t("why.before"), justify="right")
    table.add_column(said.t("why.after"), justify="right")
    table.add_column(said.t("ui.change"), justify="right")
    table.add_column(said.t("ui.interval"), justify="right", style="dim")
    if ratio:
        for heading in ("share_before", "share_after", "mix", "rate"):
            table.add_column(said.t(f"why.{heading}"), justify="right")
    table.add_column(said.t("why.effect"), justify="right", style="bold")
    for each in found.effects:
        shares = [number(share, Unit.SHARE) for share in (each.share_before, each.share_after)]
        parts = [_cell(part or 0.0, kpi.unit) for part in (each.mix, each.rate)]
        table.add_row(
            group(each.keys, said),
            *_values(each.value, kpi),
            *((*shares, *parts) if ratio else ()),
            _cell(each.effect, kpi.unit),
        )
    table.add_section()
    whole = [_cell(part or 0.0, kpi.unit) for part in (found.mix, found.rate)]
    table.add_row(
        said.t("ui.total"),
        *_values(found.total, kpi),
        *(("", "", *whole) if ratio else ()),
        _cell(found.change, kpi.unit),
        style="bold",
    )
    return table


def _values(value: Value, kpi: Kpi) -> tuple[str, str, str, str]:
    """Write a group's value before and after, its change, and the change's interval."""
    change = value.change
    before = number(change.value.value if change else None, kpi.unit)
    after = number(value.value, kpi.unit)
    if change is None or change.difference is None:
        return before, after, "", ""
    difference = _cell(change.difference, kpi.unit)
    if change.low is None or change.high is None:
        return before, after, difference, ""
    mark = " *" if change.likely_real else ""
    low, high = (_cell(end, kpi.unit) for end in (change.low, change.high))
    return before, after, f"{difference}{mark}", f"{low} .. {high}"


def _signed(amount: float, unit: Unit, said: Texts) -> str:
    return _sign(amount, _amount(abs(amount), unit, said))


def _cell(amount: float, unit: Unit) -> str:
    """Write a difference where its heading or a note says that it is in points."""
    return _sign(amount, _digits(abs(amount), unit))


def _sign(amount: float, written: str) -> str:
    if not any(digit in written for digit in "123456789"):
        return written
    return f"{'-' if amount < 0 else '+'}{written}"


def _amount(amount: float, unit: Unit, said: Texts) -> str:
    """Write a difference; that of shares is counted in points."""
    written = _digits(amount, unit)
    return said.t("why.points", number=written) if unit is Unit.SHARE else written


def _digits(amount: float, unit: Unit) -> str:
    if unit is Unit.SHARE:
        return f"{amount * 100:.2f}"
    if unit is Unit.RATIO and amount < 1:
        return f"{amount:.4f}"
    return number(amount, unit)
