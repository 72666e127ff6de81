"""Does a page's address say what is asked?"""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialgauge.errors import UnknownNameError, UsageError
from dialgauge.model.parse import parse
from dialgauge.model.question import Grain, Period
from dialgauge.server.view import Known, View, is_one_of, preset_period, read

KNOWN = Known(newest=dt.date(2026, 5, 1), dimensions=frozenset({"team", "hour", "list"}))
GROUPS = st.lists(st.one_of(st.none(), st.text(min_size=1)), min_size=1, max_size=3, unique=True)


def opened(*pairs: tuple[str, str]) -> View:
    """Read the overview's address."""
    return read("/overview", pairs, KNOWN)


def test_nothing_said_is_the_last_28_days_against_the_28_before() -> None:
    """The newest day of calls is the last one."""
    view = opened()
    assert view.period == Period(dt.date(2026, 4, 3), dt.date(2026, 5, 1))
    assert view.versus == "previous"
    assert view.address == "/overview"


@pytest.mark.parametrize(
    ("preset", "first", "after"),
    [
        ("7d", dt.date(2026, 4, 24), dt.date(2026, 5, 1)),
        ("90d", dt.date(2026, 1, 31), dt.date(2026, 5, 1)),
        ("this_month", dt.date(2026, 4, 1), dt.date(2026, 5, 1)),
        ("last_month", dt.date(2026, 3, 1), dt.date(2026, 4, 1)),
        ("all", None, None),
    ],
)
def test_presets_end_at_the_newest_day(
    preset: str, first: dt.date | None, after: dt.date | None
) -> None:
    """The day after the newest is 1 May, so this month is April."""
    assert preset_period(preset, dt.date(2026, 5, 1)) == Period(first, after)


def test_own_days_win_over_a_preset() -> None:
    """Who names days means them."""
    view = opened(("period", "7d"), ("from", "2026-01-01"), ("to", "2026-02-01"))
    assert view.period == Period(dt.date(2026, 1, 1), dt.date(2026, 2, 1))
    assert view.preset == ""


def test_all_days_are_compared_with_nothing() -> None:
    """There is no period before everything."""
    assert opened(("period", "all")).versus is None


@pytest.mark.parametrize(
    "pairs",
    [
        [("period", "8d")],
        [("from", "yesterday")],
        [("from", "2026-02-01"), ("to", "2026-02-01")],
        [("versus", "tomorrow")],
        [("grain", "minute")],
        [("unknown", "nose")],
        [("clock", "Mars/Olympus")],
    ],
)
def test_what_cannot_be_read_is_refused(pairs: list[tuple[str, str]]) -> None:
    """Never guessed."""
    with pytest.raises(UsageError):
        opened(*pairs)


def test_a_number_is_compared_as_a_number() -> None:
    """The hour is one; what is none is refused and not put into a condition."""
    assert opened(("hour", "9")).conditions == ("hour = 9",)
    with pytest.raises(UsageError):
        _ = opened(("hour", "9 or true")).conditions


@given(GROUPS)
def test_a_group_is_only_ever_a_text(groups: list[str | None]) -> None:
    """Whatever a group is called, its condition compares the dimension with it and does no more."""
    condition = parse(is_one_of("list", groups))
    told = repr(condition)
    for group in groups:
        assert group is None or repr(group) in told
    assert told.count("Name(") == len(groups)


@given(
    filters=st.dictionaries(st.sampled_from(["team", "list"]), GROUPS.map(tuple), max_size=2),
    preset=st.sampled_from(["7d", "28d", "all"]),
    grain=st.one_of(st.none(), st.sampled_from(Grain)),
    rest=st.dictionaries(st.sampled_from(["sort", "kpi"]), st.just(("x", "y")), max_size=2),
)
def test_an_address_is_read_back_as_it_was_written(
    filters: dict[str, tuple[str | None, ...]],
    preset: str,
    grain: Grain | None,
    rest: dict[str, tuple[str, ...]],
) -> None:
    """What stands in the address is the whole state of the page."""
    period = preset_period(preset, KNOWN.newest)
    view = View(
        path="/overview",
        period=period,
        preset=preset,
        versus=None if preset == "all" else "year",
        filters={name: tuple(sorted(f, key=lambda g: g is None)) for name, f in filters.items()},
        grain=grain,
        rest=rest,
    )
    assert read("/overview", view.pairs, KNOWN) == view


def test_an_unknown_preset_names_the_known_ones() -> None:
    """As every refusal does."""
    with pytest.raises(UnknownNameError, match="28d"):
        opened(("period", "27d"))


def test_no_word_of_the_address_is_a_dimension() -> None:
    """What filters by a dimension, such as its month or time zone, says nothing else."""
    known = Known(newest=KNOWN.newest, dimensions=frozenset({"month", "timezone"}))
    pairs = [("month", "2026-04-01"), ("timezone", "Asia/Tbilisi"), ("clock", "Europe/Berlin")]
    view = read("/overview", pairs, known)
    assert view.filters == {"month": ("2026-04-01",), "timezone": ("Asia/Tbilisi",)}
    assert (view.timezone, view.month) == ("Europe/Berlin", None)
    assert dict(view.pairs) == dict(pairs)
