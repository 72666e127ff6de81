"""How is an answer shown in a terminal?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from dialgauge.lang.numbers import change, interval, key, number
from dialgauge.model.answer import Answer, Row
from dialgauge.model.kpi import Kpi

_MANY = 10


class _Terminal(Console):
    """A console that leaves it to `main` what to do when the reader of a pipe has gone."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def console() -> Console:
    """Open the terminal, or a pipe of generous width."""
    # What data say is shown as it is: brackets are no markup and colons no emoji.
    found = _Terminal(highlight=False, markup=False, emoji=False)
    if not found.is_terminal:
        found.width = 200
    return found


def show(answer: Answer, kpis: Mapping[str, Kpi], to: Console) -> None:
    """Print an answer: one line a group when one KPI was asked, else one line a number."""
    asked = [kpis[name] for name in dict.fromkeys(answer.question.kpis)]
    # From the question, for there may be no row.
    keys = list(
        dict.fromkeys((*(["period"] if answer.question.grain else []), *answer.question.by))
    )
    if len(asked) == 1 or keys:
        to.print(_wide(answer, asked, keys))
    else:
        to.print(listing(answer.rows[0], asked))
    notes(answer.notes, to)


def listing(row: Row, kpis: Sequence[Kpi]) -> Table:
    """Lay out one row's KPIs, one a line."""
    compared = any(row.values[kpi.name].change for kpi in kpis)
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("KPI")
    table.add_column("value", justify="right")
    table.add_column("95 % interval", justify="right", style="dim")
    if compared:
        table.add_column("change", justify="right")
    table.add_column("made of", justify="right", style="dim")
    for kpi in kpis:
        value = row.values[kpi.name]
        figure = Text(number(value.value, kpi.unit), style="bold")
        cells: list[RenderableType] = [kpi.name, figure, interval(value, kpi.unit)]
        if compared:
            cells.append(change(value.change, kpi.unit))
        made = ""
        if value.denominator is not None and value.numerator is not None:
            made = f"{_part(value.numerator)} / {_part(value.denominator)}"
        elif value.value is None:
            made = value.reason
        table.add_row(*cells, made)
    return table


def _part(number: float) -> str:
    # Of a few hours or seconds the rest matters: 0.17 hours are not none.
    return f"{number:,.0f}" if number >= _MANY or number == round(number) else f"{number:.2f}"


def notes(sentences: Sequence[str], to: Console) -> None:
    """Print what a reader must know."""
    for sentence in sentences:
        to.print(Text(f"  {sentence}", style="dim italic"))


def _wide(answer: Answer, kpis: Sequence[Kpi], keys: Sequence[str]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_footer=False)
    for name in keys:
        table.add_column(name)
    compared = answer.question.versus is not None
    for kpi in kpis:
        table.add_column(kpi.name, justify="right", style="bold")
        table.add_column("95 % interval", justify="right", style="dim")
        if compared:
            table.add_column("change", justify="right")
        if len(kpis) == 1:
            table.add_column("n", justify="right", style="dim")
    for row in answer.rows:
        table.add_row(*(key(name, row.keys[name]) for name in keys), *_cells(row, kpis, compared))
    if answer.total is not None and keys:
        table.add_section()
        blanks = [""] * (len(keys) - 1)
        table.add_row("all", *blanks, *_cells(answer.total, kpis, compared), style="bold")
    return table


def _cells(row: Row, kpis: Sequence[Kpi], compared: bool) -> list[str]:  # noqa: FBT001
    cells = []
    for kpi in kpis:
        value = row.values[kpi.name]
        cells += [number(value.value, kpi.unit), interval(value, kpi.unit)]
        if compared:
            cells.append(change(value.change, kpi.unit))
        if len(kpis) == 1:
            cells.append(f"{value.n:,}")
    return cells
