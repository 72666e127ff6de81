"""Of what is a KPI made? From its formula over measures down to tables and columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from dialgauge.model.expression import names
from dialgauge.model.fact import ALIVE, Fact, Spread
from dialgauge.model.kpi import Unit
from dialgauge.model.measure import Measure
from dialgauge.model.parse import parse
from dialgauge.model.table import Table
from dialgauge.model.vocabulary import Vocabulary
from dialgauge.plan.reading import read
from dialgauge.server.panels.panel import Look, Shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """The tree below a KPI.

    Attributes:
        kpi: Which.
        name: Its name on the page.
        title: Key of its heading.
    """

    kind: ClassVar[str] = "lineage"
    kpi: str
    name: str = "lineage"
    title: str = "kpipage.lineage"
    span: int = 6

    def show(self, look: Look) -> Shown:
        """Follow the formula; nothing is asked."""
        words = look.gauge.words
        kpi = words.kpi(self.kpi)
        reading = read(kpi, words)
        tables = [
            _table(
                words.facts[fact],
                [name for of, name in reading.measures if of == fact],
                words,
                look,
            )
            for fact in reading.facts
        ]
        return Shown(
            title=look.say.t(self.title),
            data={
                "formula": kpi.formula,
                "tables": [
                    {
                        "table": each["table"],
                        "measures": [measure["name"] for measure in each["measures"]],
                        "columns": [column["name"] for column in each["columns"]],
                    }
                    for each in tables
                ],
            },
            face={"formula": kpi.formula, "tables": tables},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """The statement that answers a KPI with these days and filters.

    Attributes:
        kpi: Which.
        name: Its name on the page.
        title: Key of its heading.
    """

    kind: ClassVar[str] = "statement"
    kpi: str
    name: str = "statement"
    title: str = "kpipage.statement"
    span: int = 6

    def show(self, look: Look) -> Shown:
        """Have it written; it is not run."""
        text = look.gauge.explain(look.view.question(self.kpi))
        return Shown(
            title=look.say.t(self.title),
            data={"statement": text},
            face={"text": text, "lines": text.count("\n") + 1},
        )


def columns_read(measure: Measure, fact: Fact, words: Vocabulary) -> Mapping[str, Table]:
    """List the columns that a measure reads, looked-up ones as `table.column`.

    Returns:
        The column as it is written, to the table that has it.

    Example:
        >>> from dialgauge.catalogue.user import built_in
        >>> words = built_in()
        >>> calls = words.fact("calls")
        >>> list(columns_read(calls.measures["effective"], calls, words))
        ['direction', 'result', 'talk_s']
    """
    texts = (measure.of, measure.where, measure.event, measure.instead)
    read_ = dict.fromkeys(name for text in texts if text for name in names(parse(text)))
    if "portion" in read_ and fact.days is not None:
        read_ |= dict.fromkeys((fact.days.portion_of, fact.days.first, fact.days.last))
    if "seconds" in read_ and fact.spread is not Spread.NONE:
        read_ |= dict.fromkeys(("started_at", "ended_at"))
    found: dict[str, Table] = {}
    for name in read_:
        table, _, column = name.rpartition(".")
        of = words.tables.get(table or fact.name, fact.table)
        if column in of.types:
            found[name] = of
    return found


def _table(fact: Fact, names_: Sequence[str], words: Vocabulary, look: Look) -> Mapping[str, Any]:
    columns: dict[str, Table] = {}
    for name in names_:
        columns |= columns_read(fact.measures[name], fact, words)
    return {
        "table": fact.name,
        "meaning": fact.table.meaning,
        "made_from": fact.table.made_from,
        "left_out": list(fact.left_out.values()),
        "measures": [_measure(fact, name, look) for name in names_],
        "columns": [
            {"name": column, "meaning": table.column(column.rpartition(".")[2]).meaning}
            for column, table in columns.items()
        ],
    }


def _measure(fact: Fact, name: str, look: Look) -> Mapping[str, Any]:
    measure, say = fact.measures[name], look.say
    times = ((measure.matures_in, "matures"), (measure.trailing, "trailing"))
    told = [
        say.t(f"kpipage.{key}", time=say.number(float(seconds), Unit.SECONDS))
        for seconds, key in times
        if seconds is not None
    ]
    clock = measure.clock or fact.clocks[0]
    if clock == ALIVE and fact.alive is not None:
        told.append(say.t("kpipage.alive", since=fact.alive.since, until=fact.alive.until))
    else:
        told.append(say.t("kpipage.clock", clock=clock))
    return {
        "name": f"{fact.name}.{name}",
        "does": say.t(f"aggregate.{measure.aggregate.value}"),
        "of": measure.of,
        "where": measure.where,
        "told": told,
    }
