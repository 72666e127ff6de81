"""What must a panel offer, and what does it show?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Protocol

from dialgauge.errors import CurrencyError, UsageError
from dialgauge.gauge import Gauge
from dialgauge.model.answer import Answer, Row
from dialgauge.model.question import Question
from dialgauge.model.wire import answer_json
from dialgauge.server.speech import Speech
from dialgauge.server.view import View
from dialgauge.server.viewer import Viewer


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One reader's look at one page.

    Attributes:
        gauge: Answers under the reader's row rules.
        view: What the address says.
        say: The reader's language.
        viewer: Who reads.
        annotations: What people wrote on days: day to text.
    """

    gauge: Gauge
    view: View
    say: Speech
    viewer: Viewer
    annotations: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """The table behind a chart, in words.

    Attributes:
        headings: One a column.
        rows: Cells as people read them.
        links: Where each cell leads, in the same places; empty where none leads anywhere.
    """

    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    links: Sequence[Sequence[str]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a panel shows.

    Attributes:
        title: Above it.
        subtitle: Beside the title, in small.
        answers: Name to the answer that was asked for; the twin and exports carry them whole.
        data: What else the twin carries, ready for JSON.
        face: What the template shows: words and positions, ready to print.
        chart: A Vega-Lite specification, for panels with a chart.
        behind: The same as a table, for those who do not see charts.
        records: What it lists that is no answer, with plain cells; exports carry them.
        notes: What a reader must know.
        refusal: Why there is nothing, when there is nothing.
    """

    title: str
    subtitle: str = ""
    answers: Mapping[str, Answer] = field(default_factory=dict)
    data: Mapping[str, Any] = field(default_factory=dict)
    face: Mapping[str, Any] = field(default_factory=dict)
    chart: Mapping[str, Any] | None = None
    behind: Behind | None = None
    records: Sequence[Mapping[str, Any]] = ()
    notes: tuple[str, ...] = ()
    refusal: str = ""


class Panel(Protocol):
    """A part of a page.

    Attributes:
        kind: Which template shows it.
        name: Its name on the page, in the twin and in exports.
        span: How many of the board's twelve columns it takes.
    """

    kind: ClassVar[str]

    @property
    def name(self) -> str:
        """Its name on the page."""

    @property
    def span(self) -> int:
        """How many of twelve columns it takes."""

    def show(self, look: Look) -> Shown:
        """Ask what there is to ask.

        Raises:
            UsageError: It cannot be asked; the panel then shows the sentence.
        """


def show(panel: Panel, look: Look) -> Shown:
    """Show a panel; one that cannot be asked says why and stops no other."""
    try:
        return panel.show(look)
    except UsageError as error:
        title = getattr(panel, "title", "")
        return Shown(title=look.say.t(title) if title else "", refusal=str(error))


def twin(panel: Panel, shown: Shown) -> dict[str, Any]:
    """Write what a panel shows as JSON; answers have the shape of `ask --format json`."""
    return {
        "name": panel.name,
        "kind": panel.kind,
        "title": shown.title,
        "answers": {name: answer_json(answer) for name, answer in shown.answers.items()},
        "data": dict(shown.data),
        "notes": list(shown.notes),
        "refusal": shown.refusal or None,
    }


def ask_able(gauge: Gauge, question: Question) -> tuple[Answer, Mapping[str, str]]:
    """Ask those KPIs of a question that can be asked.

    Args:
        gauge: Who answers.
        question: Several KPIs, of which some may lack a table, a dimension or a rate.

    Returns:
        The answer, and KPI name to the sentence why it is left out.

    Raises:
        UsageError: None of them can be asked; the sentence is about the first.
    """
    try:
        return gauge.ask(question), {}
    except UsageError as error:
        if len(question.kpis) == 1:
            raise
        refused = {
            name: sentence
            for name in question.kpis
            if (sentence := gauge.refusal(replace(question, kpis=(name,), versus=None)))
        }
        if not refused and isinstance(error, CurrencyError):
            refused = _without_rates(gauge, question)
        able = tuple(name for name in question.kpis if name not in refused)
        if not able or not refused:
            raise
        # What is left may lack something else.
        answer, more = ask_able(gauge, replace(question, kpis=able))
        return answer, {**refused, **more}


def titled(refused: Mapping[str, str], look: Look) -> dict[str, str]:
    """Name the KPIs that were left out, each with the sentence why."""
    kpis = look.gauge.words.kpis
    return {look.say.title(kpis[name]): sentence for name, sentence in refused.items()}


def _without_rates(gauge: Gauge, question: Question) -> dict[str, str]:
    refused = {}
    for name in question.kpis:
        try:
            gauge.ask(replace(question, kpis=(name,), by=(), grain=None, versus=None))
        except CurrencyError as error:
            refused[name] = str(error)
    return refused


def total(answer: Answer) -> Row:
    """Give the row over all groups.

    Raises:
        UsageError: It was not asked for.
    """
    if answer.total is None:
        raise UsageError("the total was not asked for; ask with totals")
    return answer.total
