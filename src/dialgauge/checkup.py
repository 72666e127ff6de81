"""How is a lake checked, and what is remembered of it?

The hall where checks meet the lake: they look at one version of it, and what they find is kept
beside its manifests, so that answers from that version can say it.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator, Sequence

import pyarrow as pa

from dialgauge.checks import CHECKS, Finding, Sight, examine, notes_for, rows_behind
from dialgauge.checks.wire import readable, written
from dialgauge.errors import LakeError, UnknownNameError, UsageError
from dialgauge.lake import Lake, Snapshot, view
from dialgauge.model.expression import names
from dialgauge.model.parse import parse
from dialgauge.model.vocabulary import Vocabulary
from dialgauge.plan.planner import Planned
from dialgauge.tables.storage import quoted


def check(
    lake: Lake, words: Vocabulary, now: dt.datetime, guard: Sequence[str] = ()
) -> tuple[Finding, ...]:
    """Look for everything that may be wrong with the newest version of a lake, and remember it.

    Args:
        lake: The lake.
        words: What may be named.
        now: The moment of checking.
        guard: Row rules of who asks; there may be none, for all rows are looked at.

    Returns:
        What was found, the worst first.

    Raises:
        UsageError: Who asks may not see all rows.
    """
    need_all_rows(guard)
    snapshot = lake.snapshot()
    with _sight(lake, snapshot, words, now) as sight:
        found = examine(tuple(CHECKS.values()), sight)
    with contextlib.suppress(LakeError):  # who may only read may check
        lake.keep_findings(snapshot.version, written(found))
    return found


def need_all_rows(guard: Sequence[str]) -> None:
    """Refuse to check for who has row rules.

    Raises:
        UsageError: Who asks may not see all rows.
    """
    if guard:
        raise UsageError(
            "a check looks at all rows, and you may see only some of them; let somebody check who"
            " may see them all"
        )


def look(
    lake: Lake, words: Vocabulary, now: dt.datetime, name: str, limit: int
) -> tuple[Finding | None, pa.Table]:
    """Run one check, and list the rows it finds in the order of their keys.

    Args:
        lake: The lake.
        words: What may be named.
        now: The moment of checking.
        name: The check.
        limit: At most so many rows, 1 or more.

    Returns:
        What it found, and the rows: first the key, the clock and what cannot be trusted.

    Raises:
        UnknownNameError: There is no such check.
        UsageError: The limit is not positive.
    """
    if name not in CHECKS:
        raise UnknownNameError("check", name, CHECKS, " `dialgauge check` runs all.")
    if limit < 1:
        raise UsageError(f"at least 1 row must be listed, not {limit}")
    asked = CHECKS[name]
    table = words.tables[asked.table]
    touched = (each.partition(">")[0] for each in asked.touches)
    first = (table.key, table.clock or table.key, *touched)
    columns = dict.fromkeys(each for each in (*first, *table.types) if each in table.types)
    with _sight(lake, lake.snapshot(), words, now) as sight:
        found = examine((asked,), sight)
        some = limit if found else 0
        query = f"{rows_behind(asked, sight)} ORDER BY {quoted(table.key)} LIMIT {some}"
        selected = ", ".join(quoted(column) for column in columns)
        rows = sight.con.sql(f"SELECT {selected} FROM ({query})").to_arrow_table()
    return (found[0] if found else None), rows


def data_notes(
    lake: Lake, snapshot: Snapshot, planned: Planned, guard: Sequence[str] = ()
) -> tuple[str, ...]:
    """Say what was found wrong with the data behind an answer, when its version was checked.

    Args:
        lake: The lake.
        snapshot: The version that is read.
        planned: What is asked.
        guard: Row rules of who asks; with any, nothing is said, for it counts everybody's rows.
    """
    text = "" if guard else lake.findings(snapshot.version)
    if not text:
        return ()
    question = planned.question
    used = [*question.by, *(name for each in question.where for name in names(parse(each)))]
    facts = dict.fromkeys(fact for reading in planned.readings for fact in reading.facts)
    splits = [f"{fact}.{name}" for fact in facts for name in used]
    return notes_for([reading.kpi.name for reading in planned.readings], readable(text), splits)


@contextlib.contextmanager
def _sight(lake: Lake, snapshot: Snapshot, words: Vocabulary, now: dt.datetime) -> Iterator[Sight]:
    with contextlib.closing(lake.connect()) as con:
        yield Sight(
            con=con,
            relations={name: view(con, snapshot, table) for name, table in words.tables.items()},
            rows={name: snapshot.rows(table) for name, table in words.tables.items()},
            words=words,
            now=now,
        )
