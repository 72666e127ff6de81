"""How would one get 25 KPIs of calls without dialgauge?

Written by hand for DuckDB as well as we can: one scan, conditions inside the aggregates (measured
cheaper than FILTER), both quantiles from one list, and nothing but the values. And in pandas, as
one writes it there. Nothing here gives an interval.
"""

from __future__ import annotations

from collections.abc import Sequence

from measure import Cost, spent

_ROWS = """
    SELECT campaign_id, direction = 'outbound' AS o, direction = 'inbound' AS i, result, contact,
        right_party, talk_s, ring_s, hold_s, wrap_s, wait_s, party_id, local_hour, recent_dials
    FROM read_parquet([{files}], hive_partitioning = false)
    WHERE test IS NOT TRUE AND direction IS DISTINCT FROM 'internal'"""

_ANSWERED = "o AND result IN ('human', 'machine', 'answered', 'dropped')"
_HANDLED = "o AND result IN ('human', 'machine', 'answered') AND talk_s IS NOT NULL"
_SERVED = "i AND result IN ('human', 'answered')"


def _count(condition: str) -> str:
    return f"count(CASE WHEN {condition} THEN 1 END)"


def _sum(of: str, condition: str) -> str:
    return f"sum(CASE WHEN {condition} THEN {of} END)"


_PARTS = {
    "dials": _count("o"),
    "answered": _count(_ANSWERED),
    "live": _count("o AND (result IN ('human', 'dropped') OR contact)"),
    "contacts": _count("o AND contact"),
    "right_party": _count("o AND right_party"),
    "effective": _count(f"{_ANSWERED} AND talk_s >= 30"),
    "machine": _count("o AND result = 'machine'"),
    "invalid": _count("o AND result = 'invalid'"),
    "leads": "count(DISTINCT CASE WHEN o THEN party_id END)",
    "leads_contacted": "count(DISTINCT CASE WHEN o AND contact THEN party_id END)",
    "talk": _sum("talk_s", _ANSWERED),
    "talks": f"quantile_cont(CASE WHEN {_ANSWERED} THEN talk_s END, [0.5, 0.9])",
    "ring": _sum("ring_s", "o"),
    "ringing": _count("o AND ring_s IS NOT NULL"),
    "hold": _sum("hold_s", "o"),
    "held": _count("o AND hold_s IS NOT NULL"),
    "wrap": _sum("wrap_s", "o"),
    "wrapped": _count("o AND wrap_s IS NOT NULL"),
    "handling": _sum("talk_s + coalesce(hold_s, 0) + coalesce(wrap_s, 0)", _HANDLED),
    "handled": _count(_HANDLED),
    "waited": _sum("wait_s", _SERVED),
    "waiting": _count(f"{_SERVED} AND wait_s IS NOT NULL"),
    "offered": _count("i"),
    "quickly": _count(f"{_SERVED} AND wait_s <= 20"),
    "dropped": _count("o AND result = 'dropped'"),
    "place_known": _count("o AND local_hour IS NOT NULL"),
    "out_of_hours": _count("o AND (local_hour < 8 OR local_hour >= 21)"),
    "over_frequency": _count("o AND recent_dials >= 3"),
}

KPIS = {
    "dials": ("dials",),
    "answered_calls": ("answered",),
    "answer_rate": ("answered", "dials"),
    "connect_rate": ("live", "dials"),
    "contacts": ("contacts",),
    "contact_rate": ("contacts", "dials"),
    "right_party_rate": ("right_party", "dials"),
    "effective_contact_rate": ("effective", "answered"),
    "machine_rate": ("machine", "answered"),
    "invalid_number_rate": ("invalid", "dials"),
    "leads_worked": ("leads",),
    "lead_contact_rate": ("leads_contacted", "leads"),
    "attempts_per_lead": ("dials", "leads"),
    "avg_call_duration": ("talk", "answered"),
    "median_call_duration": ("talks[1]",),
    "p90_call_duration": ("talks[2]",),
    "avg_ring_time": ("ring", "ringing"),
    "avg_hold_time": ("hold", "held"),
    "avg_wrap_time": ("wrap", "wrapped"),
    "avg_handle_time": ("handling", "handled"),
    "avg_speed_of_answer": ("waited", "waiting"),
    "service_level_20s": ("quickly", "offered"),
    "drop_rate": ("dropped", "live"),
    "out_of_hours_rate": ("out_of_hours", "place_known"),
    "over_frequency_rate": ("over_frequency", "dials"),
}
"""KPI to what is divided by what."""


def query(kpis: Sequence[str], files: Sequence[str], *, total: bool = False) -> str:
    """Write one statement for KPIs by campaign, with or without a row over all campaigns."""
    parts = dict.fromkeys(part.partition("[")[0] for kpi in kpis for part in KPIS[kpi])
    cells = ", ".join(f"{_PARTS[part]} AS {part}" for part in parts)
    values = ", ".join(f"{' / '.join(KPIS[kpi])} AS {kpi}" for kpi in kpis)
    groups = "GROUPING SETS ((campaign_id), ())" if total else "campaign_id"
    whole = ", grouping(campaign_id) = 1 AS is_total" if total else ""
    rows = _ROWS.format(files=", ".join(f"'{file}'" for file in files))
    return (
        f"SELECT campaign_id{', is_total' if total else ''}, {values}"
        f" FROM (SELECT campaign_id{whole}, {cells} FROM ({rows}) GROUP BY {groups})"
    )


def in_pandas(files: Sequence[str]) -> tuple[int, Cost]:
    """Compute the 25 values by campaign with pandas; return the rows read and what it took."""
    import pandas as pd  # noqa: PLC0415 - its import is not what is measured

    read = [
        *("campaign_id", "direction", "test", "result", "contact", "right_party", "talk_s"),
        *("ring_s", "hold_s", "wrap_s", "wait_s", "party_id", "local_hour", "recent_dials"),
    ]
    rows = 0

    def work() -> None:
        nonlocal rows
        calls = pd.concat([pd.read_parquet(file, columns=read) for file in files])
        rows = len(calls)
        calls = calls[calls["test"].ne(other=True) & calls["direction"].ne("internal")]
        result, talk = calls["result"], calls["talk_s"]
        o, i = calls["direction"].eq("outbound"), calls["direction"].eq("inbound")
        contact = calls["contact"].eq(other=True)
        answered = o & result.isin(["human", "machine", "answered", "dropped"])
        handled = o & result.isin(["human", "machine", "answered"]) & talk.notna()
        served = i & result.isin(["human", "answered"])
        handling = talk + calls["hold_s"].fillna(0) + calls["wrap_s"].fillna(0)
        by = calls["campaign_id"]
        part = (
            pd.DataFrame(
                {
                    "dials": o,
                    "answered": answered,
                    "live": o & (result.isin(["human", "dropped"]) | contact),
                    "contacts": o & contact,
                    "right_party": o & calls["right_party"].eq(other=True),
                    "effective": answered & talk.ge(30),
                    "machine": o & result.eq("machine"),
                    "invalid": o & result.eq("invalid"),
                    "talk": talk.where(answered),
                    "ring": calls["ring_s"].where(o),
                    "ringing": o & calls["ring_s"].notna(),
                    "hold": calls["hold_s"].where(o),
                    "held": o & calls["hold_s"].notna(),
                    "wrap": calls["wrap_s"].where(o),
                    "wrapped": o & calls["wrap_s"].notna(),
                    "handling": handling.where(handled),
                    "handled": handled,
                    "waited": calls["wait_s"].where(served),
                    "waiting": served & calls["wait_s"].notna(),
                    "offered": i,
                    "quickly": served & calls["wait_s"].le(20),
                    "dropped": o & result.eq("dropped"),
                    "place_known": o & calls["local_hour"].notna(),
                    "out_of_hours": o & (calls["local_hour"].lt(8) | calls["local_hour"].ge(21)),
                    "over_frequency": o & calls["recent_dials"].ge(3),
                }
            )
            .groupby(by)
            .sum()
        )
        party = calls["party_id"]
        part["leads"] = party[o].groupby(by[o]).nunique()
        part["leads_contacted"] = party[o & contact].groupby(by[o & contact]).nunique()
        talks = talk[answered].groupby(by[answered])
        part["talks[1]"], part["talks[2]"] = talks.median(), talks.quantile(0.9)
        pd.DataFrame(
            {
                kpi: part[of[0]] if len(of) == 1 else part[of[0]] / part[of[1]]
                for kpi, of in KPIS.items()
            }
        )

    cost = spent(work)
    return rows, cost
