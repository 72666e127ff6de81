"""What do VICIdial's own reports say, what do we say, and why is it not the same?

Each report is worked out from the raw rows as VICIdial works it out, and stands beside our figure,
made of our calls and intervals as the catalogue defines them. VICIdial's reports also disagree
with each other: the same word is divided by different things, and two of them treat a full counter
differently. Each line says so in a sentence.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import duckdb

from dialgauge.errors import UsageError
from dialgauge.sources.base import Request
from dialgauge.sources.vicidial import checked, reckoning, understand_all
from dialgauge.sources.vicidial.intervals import FULL
from dialgauge.sources.vicidial.loading import drop, relation
from dialgauge.sources.vicidial.tables import AGENT_LOG, CLOSER, CONTEXT, LEADS, LISTS, LOG, PARKS
from dialgauge.tables.storage import text

OUTBOUND = "Outbound Calling Report"
DIALLER = "the dialler's own drop rate"
TIME_DETAIL = "Agent Time Detail"
PERFORMANCE = "Agent Performance Detail"
TEAM = "Team Performance Detail"
LIST_STATS = "Lists Campaign Statuses"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure of a report of VICIdial, beside ours.

    Attributes:
        report: Which report shows it.
        name: What it is called there.
        theirs: What VICIdial shows; None where it divides by nothing.
        ours: What dialgauge shows; None where it has no such figure.
        kpi: The KPI that is ours, empty for none.
        unit: count, share, seconds or per hour.
        why: Why the two differ, or may.
    """

    report: str
    name: str
    theirs: float | None
    ours: float | None
    kpi: str
    unit: str
    why: str

    @property
    def same(self) -> bool:
        """Whether both say the same."""
        if self.theirs is None or self.ours is None:
            return self.theirs is self.ours
        return abs(self.theirs - self.ours) < 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Which part of the rows a report is about, as VICIdial's own reports choose it.

    Attributes:
        campaign: One campaign; empty for all.
        start: The first day by the server's clock; None from the beginning.
        end: The day before which it ends; None for no end.
    """

    campaign: str = ""
    start: dt.date | None = None
    end: dt.date | None = None


def reconcile(
    con: duckdb.DuckDBPyConnection, request: Request, window: Window | None = None
) -> list[Figure]:
    """Work out the figures of VICIdial's reports and ours from the same rows.

    Args:
        con: Where temporary tables may be.
        request: As for `stage`.
        window: Which part; all rows when None.

    Raises:
        UsageError: There is nothing in that window.
    """
    options = checked(request)
    chosen = window or Window()
    understand_all(con, request, options, lambda: _narrow(con, chosen))
    figures = list(_figures(con, chosen))
    drop(con)
    return figures


def uk_drop_rate(drops: float, humans: float, machines: float) -> float | None:
    """Return the share of dropped calls as VICIdial's option for the UK works it out.

    Drops are taken to have met machines as often as the calls that agents took.

    Args:
        drops: Calls with the status DROP.
        humans: Calls that agents took and a person answered.
        machines: Calls that agents took and a machine answered.

    Example:
        >>> round(uk_drop_rate(29, 9, 7), 4)  # the example that VICIdial publishes
        0.6444
    """
    if humans + machines == 0:
        return None
    adjusted = drops * (1 - machines / (humans + machines))
    return adjusted / (humans + adjusted) if humans + adjusted else None


def _narrow(con: duckdb.DuckDBPyConnection, window: Window) -> None:
    """Leave only the window's rows; other calls stay as context, other cycles go."""
    for table in (LOG, CLOSER, AGENT_LOG, PARKS):
        parts = [f"substr({table.by}, 1, 10) >= {text(str(window.start))}"] if window.start else []
        parts += [f"substr({table.by}, 1, 10) < {text(str(window.end))}"] if window.end else []
        if window.campaign and table not in {CLOSER, PARKS}:
            parts.append(f"upper(campaign_id) = {text(window.campaign.upper())}")
        where = " AND ".join(parts) or "true"
        if table is AGENT_LOG:
            con.execute(f"DELETE FROM {relation(table)} WHERE NOT coalesce({where}, false)")
        else:
            con.execute(
                f"UPDATE {relation(table)} SET {CONTEXT} = true WHERE NOT coalesce({where}, false)"
            )
    if window.campaign:
        lists = f"SELECT list_id FROM {relation(LISTS)} WHERE upper(campaign_id) = "
        con.execute(
            f"DELETE FROM {relation(LEADS)} WHERE list_id NOT IN "
            f"({lists}{text(window.campaign.upper())}) OR list_id IS NULL"
        )
    rows = con.execute(
        f"SELECT (SELECT count(*) FROM {relation(LOG)} WHERE NOT {CONTEXT}) "
        f"+ (SELECT count(*) FROM {relation(AGENT_LOG)})"
    ).fetchall()
    if rows == [(0,)]:
        raise UsageError(
            "no call and no agent's time lies in that campaign and those days; ask without "
            "--campaign, --from and --to to see all"
        )


def _figures(con: duckdb.DuckDBPyConnection, window: Window) -> Iterator[Figure]:
    log, calls = _row(con, reckoning.log_sql()), _row(con, reckoning.calls_sql())
    yield from _outbound(log, calls, _row(con, reckoning.cycles_sql()))
    yield from _agents(
        _row(con, reckoning.cycles_sql()), _row(con, reckoning.intervals_sql()), calls
    )
    if not window.campaign:  # parks are of agents
        yield from _parks(_row(con, reckoning.parks_sql()), _row(con, reckoning.intervals_sql()))
    if window.start is None and window.end is None:  # leads have no days
        yield from _lists(_row(con, reckoning.leads_sql()), calls)


def _outbound(
    log: Mapping[str, float], calls: Mapping[str, float], cycles: Mapping[str, float]
) -> Iterator[Figure]:
    def line(  # noqa: PLR0913, PLR0917 - the columns of the report
        name: str, theirs: float | None, ours: float | None, kpi: str, unit: str, why: str
    ) -> Figure:
        return Figure(
            report=OUTBOUND, name=name, theirs=theirs, ours=ours, kpi=kpi, unit=unit, why=why
        )

    humans = calls["human"]
    yield line(
        "calls placed", log["calls"], calls["dials"], "dials", "count",
        f"{log['damaged']:.0f} damaged rows are in quarantine.",
    )  # fmt: skip
    yield line(
        "answered by a person", log["answers"], humans, "", "count",
        f"VICIdial counts every status with human_answered, so {log['pdrop']:.0f} PDROP, which "
        "nobody is known to have answered; we count what was dropped, was a conversation, or has "
        "such a status and an agent's word for it.",
    )  # fmt: skip
    yield line(
        "drops", log["drops"], calls["dropped"], "drop_rate", "count",
        f"VICIdial counts DROP only; we count {log['xdrop']:.0f} XDROP too, and take out "
        f"{calls['rescued']:.0f} that rolled over to an in-group where an agent took them; "
        f"{log['long_drops']:.0f} drops longer than 6,000 s are not in VICIdial's.",
    )  # fmt: skip
    yield line(
        "drop percentage", _share(log["drops"], log["calls"]), None, "", "share",
        "VICIdial divides by all calls, answered or not; we have no such figure, as no regulator "
        "asks for it.",
    )  # fmt: skip
    yield line(
        "drops of answers", _share(log["drops"], log["answers"]),
        _share(calls["dropped"], humans), "drop_rate", "share",
        "The same question as our drop_rate; drops are answers already, on both sides, and both "
        "differences above come together here.",
    )  # fmt: skip
    yield line(
        "drops of answers and drops", _share(log["drops"], log["answers"] + log["drops"]),
        _share(calls["dropped"], humans), "drop_rate", "share",
        "An option of VICIdial adds the drops to the answers once more, although DROP is flagged "
        "as an answer already; the share comes out too low.",
    )  # fmt: skip
    yield line(
        "UK drop rate", uk_drop_rate(log["drops"], log["uk_humans"], log["uk_machines"]),
        _share(calls["dropped"], humans), "drop_rate", "share",
        "VICIdial supposes that drops met machines as often as agents did "
        f"({log['uk_machines']:.0f} of {log['uk_humans'] + log['uk_machines']:.0f}) and takes that "
        "share off; we suppose "
        "nothing about whom nobody spoke to. Ofcom has had no threshold since 2017.",
    )  # fmt: skip
    yield line(
        "no answer", log["no_answer"], calls["unanswered"], "answer_rate", "count",
        f"VICIdial counts NA, ADC, AB, B, DC, N and CPD statuses of at most 60 s; "
        f"{log['long_no_answer']:.0f} longer ones are left out there, and not by us.",
    )  # fmt: skip
    worked = cycles["wait"] + cycles["talk"] + cycles["dispo"]
    yield line(
        "productivity rating", _share(60 * log["answers"], worked), None, "", "per minute",
        "Sixty times the answers by the seconds agents waited, talked and wrapped up; drops are "
        "answers there, so dropping more calls makes it better. We have contacts_per_agent_hour.",
    )  # fmt: skip
    yield Figure(
        report=DIALLER, name="drops of answers",
        theirs=(log["drops"] + log["xdrop"]) / max(log["answers"], 1),
        ours=_share(calls["dropped"], humans), kpi="drop_rate", unit="share",
        why="What slows the dialler down counts XDROP, which the report does not, and divides by "
        "at least 1, so that no answers at all are a rate of 0; ours is unknown then.",
    )  # fmt: skip


def _agents(
    cycles: Mapping[str, float], ours: Mapping[str, float], calls: Mapping[str, float]
) -> Iterator[Figure]:
    lost = f"{cycles['full']:.0f} rows have a counter of {FULL:,} s or more"
    kept = f"{lost}: this report keeps them and zeroes the part that is full, as we do."
    dropped = f"{lost}: this report drops the whole row; Agent Time Detail and we drop the part."
    dead = (
        "Talk is with the time after the customer had gone and with parks; ours is talking, hold "
        "and DEAD together."
    )
    parts = (
        ("pause", "paused", ""),
        ("wait", "available", ""),
        ("talk", "talked", dead),
        ("dispo", "dispo", ""),
        ("customer", "talking", "Talk without dead time, never below zero: our talking and hold."),
        ("all", "logged_in", ""),
    )
    for report, suffix, why in ((TIME_DETAIL, "", kept), (PERFORMANCE, "_whole", dropped)):
        for theirs, name, more in parts:
            yield Figure(
                report=report, name=f"{theirs} time" if theirs != "all" else "logged-in time",
                theirs=cycles[theirs + suffix], ours=ours[name], kpi="", unit="seconds",
                why=f"{more} {why}".strip(),
            )  # fmt: skip
        yield Figure(
            report=report, name="calls", theirs=cycles["calls" + suffix], ours=calls["handled"],
            kpi="", unit="count",
            why="VICIdial counts rows of the agents' log with a lead and a status, so a call that "
            f"was passed on counts twice; ours are calls that an agent took. {why}",
        )  # fmt: skip
    yield from _team(cycles, calls)


def _parks(parks: Mapping[str, float], ours: Mapping[str, float]) -> Iterator[Figure]:
    yield Figure(
        report=TIME_DETAIL, name="park time", theirs=parks["parked"], ours=ours["hold"],
        kpi="avg_hold_time", unit="seconds",
        why="VICIdial adds up park_log by user; our hold is what of it lies inside that agent's "
        f"talk, once. {parks['open']:.0f} parks have no seconds: nobody took them back, and the "
        "customer did not hang up either.",
    )  # fmt: skip


def _team(cycles: Mapping[str, float], calls: Mapping[str, float]) -> Iterator[Figure]:
    worked = cycles["talk"] + cycles["wait"] + cycles["dispo"] + cycles["precal"]
    lines = (
        (
            "contact ratio", _share(cycles["contacts"], cycles["leads"]),
            _share(calls["contacts"], calls["dials"]), "contact_rate", "share",
            ("VICIdial divides rows by different leads, so it may pass 100 %, and counts only "
            "customer_contact, which SALE is delivered without; we divide conversations by dials."),
        ),
        (
            "sales ratio", _share(cycles["sales"], cycles["leads"]),
            _share(calls["sales"], calls["dials"]), "call_conversion_rate", "share",
            "VICIdial divides by different leads that agents had, we by dials.",
        ),
        (
            "sales to contacts", _share(cycles["sales"], cycles["contacts"]),
            _share(calls["sales"], calls["contacts"]), "contact_conversion_rate", "share",
            "A sale is no contact there unless somebody flagged it; it can pass 100 %, not ours.",
        ),
        (
            "sales per working hour", _share(3600 * cycles["sales"], worked),
            _share(3600 * calls["sales"], worked - cycles["precal"]), "conversions_per_agent_hour",
            "per hour",
            "Working hours are wait, talk and dispo, and pauses with the code PRECAL.",
        ),
        (
            "sales per hour", _share(3600 * cycles["sales"], cycles["customer"]), None, "",
            "per hour", ("An hour here is one of talk with the customer, in the line above one of "
            "work: the same word, another denominator."),
        ),
        (
            "first call resolution", _share(cycles["calls"], cycles["leads"]), None, "", "share",
            "It is calls by leads, and says how often leads were called, not what was resolved.",
        ),
    )  # fmt: skip
    for name, theirs, ours, kpi, unit, why in lines:
        yield Figure(report=TEAM, name=name, theirs=theirs, ours=ours, kpi=kpi, unit=unit, why=why)


def _lists(leads: Mapping[str, float], calls: Mapping[str, float]) -> Iterator[Figure]:
    told = (
        (
            "called",
            leads["called"],
            calls["leads"],
            "list_penetration",
            (
                "VICIdial goes by called_count of each lead, which resets and uploads change; we "
                "by leads that were dialled in these rows."
            ),
        ),
        (
            "human answer",
            leads["human"],
            calls["leads_human"],
            "",
            (
                "VICIdial goes by the status a lead has now: one that was reached and is busy "
                "today counts as not reached; ours were reached on any call."
            ),
        ),
        (
            "sale",
            leads["sale"],
            calls["leads_sold"],
            "",
            "By the status now, there; a sale that was set back to callback is none.",
        ),
        (
            "dnc",
            leads["dnc"],
            calls["leads_dnc"],
            "",
            "By the status now, there, with those that were uploaded so; ours asked on a call.",
        ),
    )
    for name, theirs, ours, kpi, why in told:
        yield Figure(
            report=LIST_STATS, name=f"{name} of leads", theirs=_share(theirs, leads["all"]),
            ours=_share(ours, leads["all"]), kpi=kpi, unit="share", why=why,
        )  # fmt: skip


def _row(con: duckdb.DuckDBPyConnection, query: str) -> dict[str, float]:
    found = con.execute(query)
    names = [column[0] for column in found.description or ()]
    (row,) = found.fetchall()
    return {name: float(value) for name, value in zip(names, row, strict=True)}


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None
