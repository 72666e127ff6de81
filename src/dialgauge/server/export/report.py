"""How does a page become a PDF report?

A layout of its own, for paper: what it is of, the main numbers, each chart, each table, the notes.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

from fpdf import FPDF
from fpdf.enums import TableBordersLayout, XPos, YPos
from fpdf.fonts import FontFace

from dialgauge.server.export.fonts import chinese, need_chinese, own
from dialgauge.server.export.pictures import png
from dialgauge.server.export.seen import Seen
from dialgauge.server.panels.panel import Shown

_FONT = "Report"
_INK, _MUTED, _ACCENT = (20, 24, 31), (90, 100, 115), (53, 83, 209)
_OTHERS = ("noto-sans-georgian",)
_MOST_ROWS = 30
_CARDS_A_ROW = 4
_CHART_MM = 92  # with its title
# In no font that comes along.
_SPELLED = {"₾": "GEL ", "₽": "RUB ", "₸": "KZT ", "\u2212": "-", "▲": "+", "▼": "-"}


def report(seen: Seen) -> bytes:
    """Write a page as a PDF report on A4.

    Returns:
        The file.

    Raises:
        UsageError: The language is Chinese and this machine has no font for it.
    """
    need_chinese(seen.look.say.language)
    paper = _Paper(seen)
    paper.add_page()
    paper.opening()
    for panel, shown in seen.panels:
        if shown.refusal:
            continue
        if panel.kind == "cards":
            paper.cards(shown.face["cards"])
        elif shown.chart is not None:
            paper.chart(shown)
        elif shown.behind is not None:
            paper.listing(shown.title, shown.behind.headings, shown.behind.rows)
        elif panel.kind == "grid":
            paper.listing(shown.title, *_grid(shown.face, seen))
        elif "bars" in shown.face or "steps" in shown.face:
            paper.listing(shown.title, *_bars(shown))
    paper.closing()
    return bytes(paper.output())


class _Paper(FPDF):
    """A report that is being written."""

    def __init__(self, seen: Seen) -> None:
        super().__init__(format="A4")
        self.seen = seen
        self.set_margin(15)
        self.set_auto_page_break(auto=True, margin=18)
        self.set_title(f"{seen.heading} · dialgauge")
        self.set_lang(seen.look.say.language)
        self.set_creator("dialgauge")
        self._take_fonts()

    def _take_fonts(self) -> None:
        han = chinese() if self.seen.look.say.language == "zh" else None
        for style, weight in (("", "regular"), ("B", "bold")):
            # A Chinese font has Latin letters too; mixed lines are measured rightly in one font.
            self.add_font(_FONT, style, han or own() / f"inter-{weight}.ttf")
            for name in _OTHERS:
                self.add_font(name, style, own() / f"{name}-{weight}.ttf")
        self.set_fallback_fonts(list(_OTHERS), exact_match=False)

    def footer(self) -> None:
        """Number the pages."""
        self.set_y(-13)
        self._write(f"dialgauge · {self.seen.heading}", 7.5, colour=_MUTED, stay=True)
        self._write(str(self.page_no()), 7.5, colour=_MUTED, align="R")

    def opening(self) -> None:
        """Say what the report is of."""
        self._write(self.seen.heading, 20, bold=True)
        for name, told in self.seen.about[1:]:
            self._write(f"{name}: {told}", 9, colour=_MUTED)
        self.ln(3)

    def cards(self, cards: Sequence[Mapping[str, Any]]) -> None:
        """Write the main numbers side by side."""
        width = self.epw / _CARDS_A_ROW
        for start in range(0, len(cards), _CARDS_A_ROW):
            if self.will_page_break(22):
                self.add_page()
            top = self.get_y()
            for place, card in enumerate(cards[start : start + _CARDS_A_ROW]):
                lines = (
                    (card["title"], 7.5, False, _MUTED),
                    (card["value"], 13, True, _INK),
                    (card["turn"].text if card["turn"] else "", 8, True, _INK),
                    (card["interval"], 7, False, _MUTED),
                )
                y = top
                for text, size, bold, colour in lines:
                    self.set_xy(self.l_margin + place * width, y)
                    y += self._write(text, size, bold=bold, colour=colour, width=width - 3)
            self.set_y(top + 23)

    def chart(self, shown: Shown) -> None:
        """Draw a chart under its title."""
        if self.will_page_break(_CHART_MM):
            self.add_page()
        self._write(shown.title, 11, bold=True)
        if shown.subtitle:
            self._write(shown.subtitle, 8, colour=_MUTED)
        picture = png(shown.chart or {}, width=720, scale=2.5)
        self.image(io.BytesIO(picture), w=self.epw, alt_text=shown.title)
        self.ln(4)

    def listing(self, title: str, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Write a table; a long one ends with how many rows are left out."""
        if not rows:
            return
        if self.will_page_break(30):
            self.add_page()
        self._write(title, 11, bold=True)
        self._style(7.5)
        first = 1.6
        widths = [first, *([1.0] * (len(headings) - 1))]
        with self._table(widths) as table:
            for line in (headings, *rows[:_MOST_ROWS]):
                cells = table.row()
                for cell in line:
                    cells.cell(_spelled(str(cell)))
        if len(rows) > _MOST_ROWS:
            say = self.seen.look.say
            self._write(say.t("panel.left", count=len(rows) - _MOST_ROWS), 7.5, colour=_MUTED)
        self.ln(4)

    def _table(self, widths: Sequence[float]) -> Any:
        """Open a table in the report's style."""
        return self.table(
            col_widths=tuple(widths),
            text_align=("LEFT", *(["RIGHT"] * (len(widths) - 1))),
            borders_layout=TableBordersLayout.HORIZONTAL_LINES,
            headings_style=FontFace(emphasis="BOLD", color=_MUTED),
            line_height=4.6,
            padding=0.6,
        )

    def closing(self) -> None:
        """End with what a reader must know."""
        if self.seen.notes:
            self._write(self.seen.look.say.t("ui.notes"), 11, bold=True)
        for note in self.seen.notes:
            self._write(note, 8, colour=_MUTED)

    def _style(
        self, size: float, *, bold: bool = False, colour: tuple[int, int, int] = _INK
    ) -> None:
        self.set_font(_FONT, "B" if bold else "", size)
        self.set_text_color(*colour)
        self.set_draw_color(227, 230, 235)

    def _write(  # noqa: PLR0913 - a line of text has a look
        self,
        text: str,
        size: float,
        *,
        bold: bool = False,
        colour: tuple[int, int, int] = _INK,
        width: float = 0,
        align: str = "L",
        stay: bool = False,
    ) -> float:
        """Write a paragraph and return how high it is, in millimetres."""
        self._style(size, bold=bold, colour=colour)
        before = self.get_y()
        self.multi_cell(
            width,
            size * 0.46,
            _spelled(text),
            align=align,
            new_x=XPos.LMARGIN,
            new_y=YPos.TOP if stay else YPos.NEXT,
        )
        return float(self.get_y() - before)


def _grid(face: Mapping[str, Any], seen: Seen) -> tuple[list[str], list[list[str]]]:
    headings = [face["dimension"], *(column["title"] for column in face["columns"])]
    rows = [[row["name"], *(cell["told"] for cell in row["cells"])] for row in face["rows"]]
    total = [seen.look.say.t("ui.total"), *(cell["told"] for cell in face["total"])]
    return headings, [total, *rows]


def _bars(shown: Shown) -> tuple[list[str], list[list[str]]]:
    if "steps" in shown.face:
        rows = [[each["name"], each["told"], each["passed"]] for each in shown.face["steps"]]
    else:
        rows = [[each["name"], each["told"], each["beside"]] for each in shown.face["bars"]]
    return ["", "", ""], rows


def _spelled(text: str) -> str:
    for sign, spelled in _SPELLED.items():
        text = text.replace(sign, spelled)
    return text.replace("\u202f", " ").replace("\xa0", " ")
