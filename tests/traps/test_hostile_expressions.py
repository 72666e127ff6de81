"""Trap: a text, or the size of an expression, becomes something else on its way into an engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dialgauge.engines.base import Engine
from legs import aggregation, key, leg, moment, plan, record

if TYPE_CHECKING:
    from conftest import Store

TEXTS = (
    "",
    " ",
    "'",
    "''",
    '"',
    "\\",
    "\\n",
    "\\'",
    "a\nb",
    "a\tb\r",
    "%",
    "_",
    "--",
    "/* x */",
    "; drop table calls; --",
    "$1",
    "{x}",
    "${x}",
    "?",
    ":name",
    "null",
    "é",
    "e\u0301",
    "\U0001f600",
    "\u202eabc",
    "\u0000",
    "a\u0000b",
    "x" * 3000,
)
"""Each is different from all others, also where an engine folds, trims or escapes."""


def test_texts_arrive_as_they_are(engine: Engine, store: Store) -> None:
    """Compared, listed, searched for and grouped by, each text is only itself."""
    calls = [
        {"call_id": str(number), "started_at": moment("2026-01-01"), "campaign_id": text}
        for number, text in enumerate(TEXTS)
    ]
    files = store(calls=calls)
    quoted = ["'" + text.replace("'", "''") + "'" for text in TEXTS]
    equal = [
        aggregation("calls", f"equal {n}", where=f"campaign_id = {text}")
        for n, text in enumerate(quoted)
    ]
    listed = [
        aggregation("calls", f"listed {n}", where=f"campaign_id in ({text}, 'no such text')")
        for n, text in enumerate(quoted)
    ]
    found = [
        aggregation(
            "calls", f"found {n}", where=f"contains(campaign_id, {text}) and campaign_id = {text}"
        )
        for n, text in enumerate(quoted)
    ]
    answer = record(engine.run(plan(leg("calls", *equal, *listed, *found)), files))
    assert {name: count for name, count in answer.items() if count != 1} == {}
    by = plan(leg("calls", aggregation("calls", "n"), keys=[key("calls", "name", "campaign_id")]))
    groups = engine.run(by, files)
    assert sorted(groups.column("name").to_pylist()) == sorted(TEXTS)


def test_trim_takes_off_spaces_and_nothing_else(engine: Engine, store: Store) -> None:
    """A tab, a line's end, a no-break space and a wide space stay."""
    kept = ("\tA\t", "A\n", "\u00a0A\u00a0", "\u3000A", "A", "A B")
    calls = [
        {"call_id": f"{number}", "started_at": moment("2026-01-01"), "campaign_id": f"  {text} "}
        for number, text in enumerate(kept)
    ]
    by = key("calls", "trimmed", "trim(campaign_id)")
    asked = plan(leg("calls", aggregation("calls", "n"), keys=[by]))
    answer = engine.run(asked, store(calls=calls))
    assert sorted(answer.column("trimmed").to_pylist()) == sorted(kept)


def test_long_and_deep_expressions_have_their_value(engine: Engine, store: Store) -> None:
    """Sums of ninety terms, a thousand conditions and fifty brackets are no trouble."""
    call = {"call_id": "1", "started_at": moment("2026-01-01"), "talk_s": 1.0, "contact": True}
    conditions = {
        "sum": "talk_s" + " + talk_s" * 90 + " = 91",
        "and": "contact" + " and contact" * 700,
        "or": " or ".join(f"talk_s = {number}" for number in range(600)),
        "not": "not " * 90 + "contact",
        "brackets": "(not " * 50 + "contact" + ")" * 50,
        "case": "case when contact then " * 25 + "true" + " end" * 25,
        "calls": "coalesce(talk_s, " * 50 + "1" + ")" * 50 + " = 1",
        "list": "talk_s in (" + ", ".join(map(str, range(1500))) + ")",
        "quotients": "talk_s" + " / 2" * 90 + " > 0",
        "days": "started_at" + " + 1 day" * 90 + " > '2026-03-31'",
    }
    counted = (aggregation("calls", name, where=text) for name, text in conditions.items())
    answer = record(engine.run(plan(leg("calls", *counted)), store(calls=[call])))
    assert answer == dict.fromkeys(conditions, 1)
