"""Do batches in any split and order end where one load of everything would?"""

from __future__ import annotations

import copy
import datetime as dt
import itertools
from typing import Any, TypeAlias

from hypothesis import given
from hypothesis import strategies as st

from dialgauge.tables import TABLES
from dialgauge.tables.calls import CALLS
from lake_of_dicts import DictLake, Row, expected

Batch: TypeAlias = tuple[str, list[Row]]

ZONES = (
    "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Europe/Berlin", "UTC",
    "Asia/Kathmandu|Asia/Kolkata", "Europe/Berlin|Europe/Rome",
    "Pacific/Kiritimati|Pacific/Honolulu",
)  # fmt: skip
# Around both turns of the clock in 2026; few values, so that ties and windows' edges happen.
BASES = (
    dt.datetime(2026, 3, 8, 6, tzinfo=dt.UTC),
    dt.datetime(2026, 3, 29, 0, tzinfo=dt.UTC),
    dt.datetime(2026, 10, 25, 0, tzinfo=dt.UTC),
)
STEPS_MIN = (0, 0, 5, 10, 30, 60, 61, 90, 600, 1435, 1440, 1445, 2880)


def maybe(values: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    """Draw one of the values, or None."""
    return st.sampled_from((*values, None))


@st.composite
def calls(draw: st.DrawFn) -> Row:
    """Draw one call out of a small world in which things collide."""
    started = draw(st.sampled_from(BASES)) + dt.timedelta(minutes=draw(st.sampled_from(STEPS_MIN)))
    promised = draw(st.sampled_from((None, None, -60, -3, 0, 5, 30, 60, 1440)))
    return {
        "call_id": f"c{draw(st.integers(0, 14)):02}",
        "started_at": started,
        "direction": draw(st.sampled_from(("outbound",) * 6 + ("inbound", "internal", None))),
        "test": draw(st.sampled_from((False, None, False, True))),
        "lead_id": draw(maybe(("A", "A", "B"))),
        "phone_token": draw(maybe(("p",))),
        "contact": draw(maybe((True, False))),
        "converted": draw(maybe((True, False))),
        "do_not_call": draw(st.sampled_from((True, False, None, False, None))),
        "callback_at": None if promised is None else started + dt.timedelta(minutes=promised),
        "timezone": draw(maybe(ZONES)),
        "campaign_id": draw(maybe(("k1", "k2"))),
        "agent_id": draw(maybe(("a1", "a2"))),
        "source": draw(maybe(("s",))),
    }


LEADS = st.lists(
    st.builds(
        lambda key, zone: {
            "lead_id": key,
            "created_at": BASES[0],
            "timezone": zone,
        },
        st.sampled_from(("A", "B")),
        maybe(ZONES),
    ),
    max_size=2,
    unique_by=lambda lead: lead["lead_id"],
)
BATCHES = st.lists(
    st.one_of(
        st.tuples(
            st.just("calls"), st.lists(calls(), max_size=7, unique_by=lambda row: row["call_id"])
        ),
        st.tuples(st.just("leads"), LEADS),
    ),
    min_size=1,
    max_size=5,
)


@given(batches=BATCHES, hint=st.booleans())
def test_batches_end_where_one_load_would(batches: list[Batch], *, hint: bool) -> None:
    """After any batches, late and changed rows included, the lake equals one load of the rest."""
    check(batches, hint=hint)


@given(
    rows=st.lists(calls(), max_size=14, unique_by=lambda row: row["call_id"]),
    cuts=st.lists(st.integers(1, 13), max_size=4),
    hint=st.booleans(),
)
def test_days_loaded_in_order_end_where_one_load_would(
    rows: list[Row], cuts: list[int], *, hint: bool
) -> None:
    """Batches in order of time, which need little of the lake, end where one load would."""
    rows = sorted(rows, key=lambda row: (row["started_at"], row["call_id"]))
    edges = [0, *sorted(cuts), len(rows)]
    check([("calls", rows[a:b]) for a, b in itertools.pairwise(edges)], hint=hint)


def check(batches: list[Batch], *, hint: bool) -> None:
    """Load batches, and compare what is stored then, and what each load returned."""
    lake = DictLake()
    given_in: dict[str, dict[str, Row]] = {"calls": {}, "leads": {}}
    for name, rows in batches:
        before = copy.deepcopy(lake.tables)
        lake.load(name, rows, hint=hint)
        keys = {row[TABLES[name].key] for row in rows}
        given_in[name].update({row[TABLES[name].key]: row for row in rows})
        for known, returned in lake.returned.items():
            key = TABLES[known].key
            assert all(
                row != before[known].get(row[key])
                for row in returned
                if known != name or row[key] not in keys
            ), "a stored row that stays as it is must not be returned"
    want = expected(given_in["calls"].values(), given_in["leads"])
    whole = dict.fromkeys(CALLS.types)
    assert lake.tables["calls"] == {
        key: whole | given_in["calls"][key] | derived for key, derived in want["calls"].items()
    }
    assert lake.tables["journeys"] == want["journeys"]
    assert lake.tables["callbacks"] == want["callbacks"]
