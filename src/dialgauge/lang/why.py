"""How is it said where a change comes from?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dialgauge.lang import Texts
from dialgauge.lang.numbers import key, number
from dialgauge.model.answer import KeyValue
from dialgauge.model.explanation import Effect, Explanation
from dialgauge.model.kpi import Kpi, Unit

_TOLD = 3  # groups that a sentence names at most
_SMALL = 0.1  # what is less than this share of the whole is not worth naming


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
        >>> from dialgauge.lang import texts
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


def _signed(amount: float, unit: Unit, said: Texts) -> str:
    return _sign(amount, _amount(abs(amount), unit, said))


def difference(amount: float, unit: Unit) -> str:
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
