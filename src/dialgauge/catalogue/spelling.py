"""How are KPIs, measures and segments spelled in YAML?

One schema, two spellings: whatever Python can say YAML can, and the other way round. `*_tree`
functions write what YAML holds, `read_*` functions read it back to an equal object.
"""

from __future__ import annotations

import enum
from decimal import Decimal
from typing import Any, TypeVar

from dialgauge.catalogue.yaml_tree import Entry, Place, Tree, items, kind, text
from dialgauge.errors import ExpressionError, UnknownNameError
from dialgauge.model.expression import Duration
from dialgauge.model.kpi import Better, Kpi, Unit
from dialgauge.model.measure import Aggregate, Measure
from dialgauge.model.parse import parse
from dialgauge.model.segment import Segment

_KPI_TEXTS = ("question", "definition", "caveat", "source", "title", "replaces")
KPI_KEYS = ("formula", "unit", "better", "band", "beside", *_KPI_TEXTS)
"""What a KPI may say."""

_WAYS = (
    *("count", "sum", "distinct", "median", "quantile", "min", "max"),
    *("time_to", "expected_value"),
)
_MEASURE_TEXTS = ("event", "instead", "where", "clock")
MEASURE_KEYS = (
    *_WAYS,
    *_MEASURE_TEXTS,
    *("empty", "matures_in", "trailing", "meaning", "replaces"),
)
"""What a measure may say; exactly one of the first nine."""

_ALL = "all"
_MEDIAN = Decimal("0.5")
_UNITS = {"days": 86_400, "hours": 3600, "minutes": 60, "seconds": 1}
_Choice = TypeVar("_Choice", bound=enum.Enum)


def read_kpi(name: str, tree: Tree, place: Place) -> Kpi:
    """Read a KPI.

    Raises:
        UsageError: A key is missing, unknown or has a value that is not allowed.

    Example:
        >>> read_kpi("lunch", {"formula": "calls.dials", "unit": "count"}, Place("a")).better.name
        'NEITHER'
    """
    entry = Entry.of(tree, place)
    entry.only(KPI_KEYS, "key of a KPI")
    return Kpi(
        name=name,
        formula=entry.need("formula", "calls.contacts / calls.dials"),
        unit=_choice(Unit, entry.need("unit", "share"), place.at("unit")),
        better=_choice(Better, entry.text("better", "neither"), place.at("better")),
        band=_band(entry),
        beside=_names(entry, "beside"),
        **{key: entry.text(key) for key in _KPI_TEXTS},
    )


def kpi_tree(kpi: Kpi) -> dict[str, Any]:
    """Write a KPI, without what is as usual.

    Example:
        >>> kpi_tree(Kpi(name="lunch", formula="calls.dials", unit=Unit.COUNT))
        {'formula': 'calls.dials', 'unit': 'count'}
    """
    written: dict[str, Any] = {"formula": kpi.formula, "unit": kpi.unit.value}
    if kpi.better is not Better.NEITHER:
        written["better"] = kpi.better.value
    if kpi.band is not None:
        written["band"] = list(kpi.band)
    if kpi.beside:
        written["beside"] = list(kpi.beside)
    return written | {key: getattr(kpi, key) for key in _KPI_TEXTS if getattr(kpi, key)}


def read_measure(tree: Tree, place: Place) -> tuple[Measure, bool]:
    """Read a measure, and whether it says `replaces: true`.

    Raises:
        UsageError: A key is missing, unknown or has a value that is not allowed.

    Example:
        >>> read_measure({"sum": "talk_s", "empty": None}, Place("kpis.yaml"))[0].of
        'talk_s'
    """
    entry = Entry.of(tree, place)
    entry.only(MEASURE_KEYS, "key of a measure")
    ways = [way for way in _WAYS if way in entry.values]
    if len(ways) != 1:
        found = " and ".join(ways) if ways else "none"
        raise place.wrong(
            f"a measure says exactly one of {', '.join(_WAYS)}, found {found}; "
            "write for example count: all"
        )
    aggregate, of, fraction = _aggregate(ways[0], entry)
    measure = Measure(
        aggregate=aggregate,
        of=of,
        fraction=fraction,
        **_told(aggregate, entry),
        empty=_empty(aggregate, entry),
        matures_in=_seconds(entry, "matures_in", least=0),
        trailing=_seconds(entry, "trailing", least=1),
        meaning=entry.text("meaning"),
    )
    replaces = entry.values.get("replaces", False)
    if not isinstance(replaces, bool):
        raise place.at("replaces").wrong(f"expected true or false, found {kind(replaces)}")
    return measure, replaces


def measure_tree(measure: Measure) -> dict[str, Any]:
    """Write a measure, without what is as usual.

    Example:
        >>> from dialgauge.model.measure import quantile
        >>> measure_tree(quantile("talk_s", "0.9", matures_in=3600))
        {'quantile': ['talk_s', 0.9], 'matures_in': '1 hour'}
    """
    written = _way(measure)
    if measure.aggregate is Aggregate.SUM and measure.empty is None:
        written["empty"] = None
    written |= {key: getattr(measure, key) for key in _MEASURE_TEXTS if getattr(measure, key)}
    for key in ("matures_in", "trailing"):
        seconds = getattr(measure, key)
        if seconds is not None:
            written[key] = _duration(seconds)
    if measure.meaning:
        written["meaning"] = measure.meaning
    return written


def read_segment(name: str, tree: Tree, place: Place) -> Segment:
    """Read a segment.

    Raises:
        UsageError: It is not a list of groups, each with its condition.

    Example:
        >>> groups = [{"name": "am", "where": "hour < 12"}, {"otherwise": "pm"}]
        >>> read_segment("half", groups, Place("kpis.yaml"))
        Segment(name='half', rules=(('am', 'hour < 12'),), otherwise='pm')
    """
    rules: list[tuple[str, str]] = []
    otherwise = ""
    for item, at in items(tree, place):
        entry = Entry.of(item, at)
        if otherwise:
            raise at.wrong("nothing may follow otherwise; move it to the end")
        if "otherwise" in entry.values:
            entry.only(("otherwise",), "key beside otherwise")
            otherwise = entry.text("otherwise")
        else:
            entry.only(("name", "where"), "key of a group")
            rules.append((entry.need("name", "lunch"), entry.need("where", "hour in (12, 13)")))
    if not rules:
        raise place.wrong("a segment needs at least one group: - {name: lunch, where: hour = 12}")
    return Segment(name=name, rules=tuple(rules), **({"otherwise": otherwise} if otherwise else {}))


def segment_tree(segment: Segment) -> list[dict[str, Any]]:
    """Write a segment.

    Example:
        >>> segment_tree(Segment(name="half", rules=(("am", "hour < 12"),), otherwise="pm"))
        [{'name': 'am', 'where': 'hour < 12'}, {'otherwise': 'pm'}]
    """
    groups = [{"name": group, "where": where} for group, where in segment.rules]
    return [*groups, {"otherwise": segment.otherwise}]


def _choice(choices: type[_Choice], value: str, place: Place) -> _Choice:
    try:
        return choices(value)
    except ValueError:
        allowed = [str(choice.value) for choice in choices]
        raise place.wrong(UnknownNameError("value", value, allowed)) from None


def _names(entry: Entry, key: str) -> tuple[str, ...]:
    if key not in entry.values:
        return ()
    return tuple(text(item, at) for item, at in items(entry.values[key], entry.place.at(key)))


def _band(entry: Entry) -> tuple[float | None, float | None] | None:
    if "band" not in entry.values:
        return None
    place = entry.place.at("band")
    ends = [_end(item, at) for item, at in items(entry.values["band"], place)]
    if len(ends) != 2 or ends == [None, None]:
        raise place.wrong("write the lowest and the highest good value, one of which may be null")
    low, high = ends
    if low is not None and high is not None and low >= high:
        raise place.wrong(f"the lowest good value {low:g} is not below the highest {high:g}")
    return low, high


def _end(tree: Tree, place: Place) -> float | None:
    if tree is not None and not isinstance(tree, Decimal):
        raise place.wrong(f"expected a number or null, found {kind(tree)}")
    return None if tree is None else float(tree)


def _aggregate(way: str, entry: Entry) -> tuple[Aggregate, str, Decimal | None]:
    place = entry.place.at(way)
    if way == "quantile" or (way == "time_to" and isinstance(entry.values[way], list)):
        parts = items(entry.values[way], place)
        fraction = parts[1][0] if len(parts) == 2 else None
        if not isinstance(fraction, Decimal) or not 0 < fraction < 1:
            raise place.wrong("write what is measured and a share between 0 and 1: [talk_s, 0.9]")
        return Aggregate(way), text(*parts[0]), fraction
    of = entry.text(way)
    if way == "median":
        return Aggregate.QUANTILE, of, _MEDIAN
    if way == "time_to":
        return Aggregate.TIME_TO, of, _MEDIAN
    if way == "expected_value" and of != _ALL:
        raise place.wrong("what customers are expected to be worth is not chosen here; write all")
    if way in ("count", "expected_value"):
        return Aggregate(way), "" if of == _ALL else of, None
    return Aggregate(way), of, None


def _told(aggregate: Aggregate, entry: Entry) -> dict[str, str]:
    """Read the texts of a measure; only a time to an event has an event."""
    if aggregate is Aggregate.TIME_TO:
        entry.need("event", "status = 'won'")
    for key in ("event", "instead"):
        if key in entry.values and aggregate is not Aggregate.TIME_TO:
            raise entry.place.at(key).wrong(f"only time_to has {key}; leave it out")
    return {key: entry.text(key) for key in _MEASURE_TEXTS}


def _way(measure: Measure) -> dict[str, Any]:
    fraction = measure.fraction
    if measure.aggregate is Aggregate.QUANTILE and fraction == _MEDIAN:
        return {"median": measure.of}
    if fraction is not None and fraction != _MEDIAN:
        return {measure.aggregate.value: [measure.of, float(fraction)]}
    return {measure.aggregate.value: measure.of or _ALL}


def _empty(aggregate: Aggregate, entry: Entry) -> int | None:
    """Counts of nothing are 0 and quantiles of nothing unknown; only for sums one may choose."""
    if "empty" not in entry.values:
        return 0 if aggregate in (Aggregate.COUNT, Aggregate.DISTINCT, Aggregate.SUM) else None
    place, value = entry.place.at("empty"), entry.values["empty"]
    if aggregate is not Aggregate.SUM:
        raise place.wrong("only a sum can choose what no rows give; leave empty out")
    if value is not None and (isinstance(value, bool) or value != 0):
        raise place.wrong("write 0, or null when nothing can be said without rows")
    return None if value is None else 0


def _seconds(entry: Entry, key: str, *, least: int) -> int | None:
    if key not in entry.values:
        return None
    place = entry.place.at(key)
    try:
        length = parse(entry.text(key))
    except ExpressionError as error:
        raise place.wrong(f"{error}; write a length of time, such as 30 days") from error
    if not isinstance(length, Duration) or length.seconds < least:
        raise place.wrong("write a length of time, such as 5 minutes or 30 days")
    return length.seconds


def _duration(seconds: int) -> str:
    unit, size = next((unit, size) for unit, size in _UNITS.items() if seconds % size == 0)
    number = seconds // size
    return f"{number} {unit.removesuffix('s') if number == 1 else unit}"
