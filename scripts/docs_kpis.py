"""What does each KPI mean, as pages in each language, with an example worked out?

    python scripts/docs_kpis.py            writes docs/kpis/*.md
    python scripts/docs_kpis.py --check    only says whether they are as the catalogue says

The words come from the catalogue and the language files. The examples are about March of the
small firm in docs/kpis/firm: docs/kpis/firm-by-hand.csv says how they are worked out by hand,
dialgauge is asked for what comes out, and a test holds the two equal.
"""

from __future__ import annotations

import csv
import datetime as dt
import functools
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from dialgauge.catalogue import GROUPS
from dialgauge.catalogue.user import built_in, to_yaml
from dialgauge.front import make_engine
from dialgauge.gauge import Gauge
from dialgauge.intake import take_in
from dialgauge.lake import Lake
from dialgauge.lang import LANGUAGES, Texts, texts
from dialgauge.lang.numbers import number
from dialgauge.model.answer import Value
from dialgauge.model.fact import ALIVE
from dialgauge.model.kpi import Kpi, Unit
from dialgauge.model.question import Period, Question
from dialgauge.model.vocabulary import Vocabulary
from dialgauge.plan.reading import read
from dialgauge.plan.resolve import shared_dimensions
from dialgauge.sources import source
from dialgauge.sources.base import Request

FOLDER = Path(__file__).parents[1] / "docs" / "kpis"
FIRM = FOLDER / "firm"
BY_HAND = FOLDER / "firm-by-hand.csv"
MARCH = Period(dt.date(2026, 3, 1), dt.date(2026, 4, 1))
AS_OF = dt.datetime(2026, 9, 15, 15, tzinfo=dt.UTC)

_MEASURE = re.compile(r"\b[a-z_]+\.[a-z][a-z0-9_]*\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Worked:
    """What dialgauge says of March of the small firm.

    Attributes:
        kpis: KPI name to its value.
        measures: Measure, such as `calls.dials`, to its value.
    """

    kpis: Mapping[str, Value]
    measures: Mapping[str, Value]


@functools.cache
def worked(engine: str = "duckdb") -> Worked:
    """Ask every KPI, and every measure that one reads.

    Args:
        engine: Who does the work.
    """
    words = built_in()
    read_by = {name for kpi in words.kpis.values() for name in _MEASURE.findall(kpi.formula)}
    alone = {
        name: Kpi(name=name.replace(".", "__"), formula=name, unit=Unit.RATIO) for name in read_by
    }
    asked = replace(words, kpis={**words.kpis, **{kpi.name: kpi for kpi in alone.values()}})
    lake, _ = _lake()
    gauge = Gauge(lake=lake, words=asked, engine=make_engine(engine, lake), clock=lambda: AS_OF)
    answer = gauge.ask(Question(kpis=tuple(asked.kpis), period=MARCH))
    if answer.total is None:
        raise AssertionError
    found = answer.total.values
    return Worked(
        kpis={name: found[name] for name in words.kpis},
        measures={name: found[kpi.name] for name, kpi in alone.items()},
    )


@functools.cache
def _lake() -> tuple[Lake, tempfile.TemporaryDirectory[str]]:
    """Import the small firm into a lake that is gone with this process."""
    folder = tempfile.TemporaryDirectory()
    lake = Lake.create(str(Path(folder.name) / "lake"))
    for path in sorted(FIRM.glob("*.csv")):
        request = Request(paths=(path,), table=path.stem, phone_key=lake.phone_key)
        take_in(lake, source("files"), request, strict=True)
    return lake, folder


@dataclass(frozen=True, slots=True, kw_only=True)
class ByHand:
    """How an example is worked out by hand.

    Attributes:
        work: Arithmetic; rows between [ ] stand for how many they are. Empty where nothing is
            said of so few rows.
        steps: What leads there, where arithmetic does not show it.
    """

    work: str
    steps: str


@functools.cache
def by_hand() -> Mapping[str, ByHand]:
    """Read the work of each KPI."""
    with BY_HAND.open(encoding="utf-8", newline="") as file:
        return {
            row["kpi"]: ByHand(work=row["by_hand"], steps=row["steps"])
            for row in csv.DictReader(file)
        }


def pages() -> dict[str, str]:
    """Write all pages.

    Returns:
        File name to Markdown.
    """
    words = built_in()
    written = {"measures.md": "\n".join(_measures(words))}
    for code in LANGUAGES:
        said = texts(code)
        written[f"{code}.md"] = _index(said)
        written[f"{code}-firm.md"] = _firm(said)
        for group, kpis in GROUPS.items():
            written[f"{code}-{group}.md"] = "\n".join(_group(group, kpis, said, words))
    return written


def _head(title: str, name: str, said: Texts) -> Iterator[str]:
    yield f"# {title}"
    yield ""
    yield "<!-- made by scripts/docs_kpis.py -->"
    yield ""
    others = [code for code in LANGUAGES if code != said.language]
    yield " · ".join(f"[{LANGUAGES[code]}]({code}{name}.md)" for code in others)


def _index(said: Texts) -> str:
    lines = [*_head(said.t("ui.catalogue"), "", said)]
    for group, kpis in GROUPS.items():
        page = f"{said.language}-{group}.md"
        lines += ["", f"## [{said.t(f'group.{group}')}]({page})", ""]
        lines += [f"| {said.t('ui.kpi')} | | {said.t('ui.question')} |", "|---|---|---|"]
        lines += [
            f"| [{said.kpi(kpi, 'title')}]({page}#{kpi.name}) | `{kpi.name}`"
            f" | {said.kpi(kpi, 'question')} |"
            for kpi in kpis
        ]
    return "\n".join([*lines, ""])


def _firm(said: Texts) -> str:
    lines = [*_head(said.t("ui.small_firm"), "-firm", said), "", said.t("ui.small_firm_note")]
    for path in sorted(FIRM.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
        lines += ["", f"## [{path.stem}](firm/{path.name})", ""]
        for row_number, row in enumerate(rows):
            lines.append(f"| {' | '.join(row)} |")
            if row_number == 0:
                lines.append("|---" * len(row) + "|")
    return "\n".join([*lines, ""])


def _measures(words: Vocabulary) -> Iterator[str]:
    """Write what each fact counts, as a team would write it in YAML."""
    yield "# The measures"
    yield ""
    yield "<!-- made by scripts/docs_kpis.py -->"
    yield ""
    yield "What formulas read, spelled as in [your own file](../your-own-kpis.md#measures)."
    for fact in words.facts.values():
        yield ""
        yield f"## {fact.name}"
        yield ""
        yield fact.table.meaning
        yield ""
        clocks = [*fact.clocks, *([ALIVE] if fact.alive else [])]
        yield f"Clocks: {', '.join(f'`{clock}`' for clock in clocks)}"
        for reason, condition in fact.left_out.items():
            yield ""
            yield f"Left out, {reason}: `{condition}`"
        yield ""
        yield "```yaml"
        bare = {name: replace(each, measures={}) for name, each in words.facts.items()}
        yield to_yaml(replace(words, kpis={}, facts={**bare, fact.name: fact})).rstrip()
        yield "```"
    yield ""


def _group(group: str, kpis: tuple[Kpi, ...], said: Texts, words: Vocabulary) -> Iterator[str]:
    yield from _head(said.t(f"group.{group}"), f"-{group}", said)
    yield ""
    firm = f"[{said.t('ui.small_firm')}]({said.language}-firm.md)"
    yield said.t("ui.example_note", firm=firm, asked=f"{AS_OF:%Y-%m-%d %H:%M} UTC")
    for kpi in kpis:
        yield from _kpi(kpi, said, words)
    yield ""


def _kpi(kpi: Kpi, said: Texts, words: Vocabulary) -> Iterator[str]:
    yield ""
    yield f"## {said.kpi(kpi, 'title')} {{ #{kpi.name} }}"
    yield ""
    yield f"`{kpi.name}` · **{said.kpi(kpi, 'question')}**"
    yield ""
    yield said.kpi(kpi, "definition")
    yield ""
    rows = {
        "caveat": said.kpi(kpi, "caveat"),
        "formula": f"`{kpi.formula}`",
        "example": _example(kpi, said),
        "unit": said.t(f"unit.{kpi.unit.value}"),
        "better": said.t(f"better.{kpi.better.value}") + _band(kpi),
        "split_by": _dimensions(kpi, said, words),
        "beside": ", ".join(_link(words.kpi(name), said) for name in kpi.beside),
        "source": kpi.source,
    }
    yield "| | |"
    yield "|---|---|"
    for label, text in rows.items():
        if text:
            yield f"| {said.t(f'ui.{label}')} | {text.replace('|', chr(92) + '|')} |"


def _example(kpi: Kpi, said: Texts) -> str:
    """Write the work by hand, the formula with the firm's numbers, and what comes out."""
    value = worked().kpis[kpi.name]
    if value.value is None:
        return f"{said.t('ui.na')}: {value.reason}"
    hand = by_hand().get(kpi.name, ByHand(work="", steps=""))
    parts = _MEASURE.sub(lambda name: _plain(worked().measures[name[0]].value), kpi.formula)
    shown = [f"`{hand.work}`"] if hand.work else []
    if parts not in (hand.work, _plain(value.value)):
        shown.append(f"`{parts}`")
    steps = f" ({hand.steps})" if hand.steps else ""
    return " = ".join([*shown, f"**{number(value.value, kpi.unit)}**"]) + steps


def _plain(value: float | None) -> str:
    return "null" if value is None else f"{value:.10g}"


def _link(kpi: Kpi, said: Texts) -> str:
    group = next(name for name, kpis in GROUPS.items() if kpi in kpis)
    return f"[{said.kpi(kpi, 'title')}]({said.language}-{group}.md#{kpi.name})"


def _band(kpi: Kpi) -> str:
    if kpi.band is None:
        return ""
    low, high = ("" if end is None else f"{end:g}" for end in kpi.band)
    return f" ({low}-{high})" if low else f" (≤ {high})"


def _dimensions(kpi: Kpi, said: Texts, words: Vocabulary) -> str:
    facts = tuple(words.facts[name] for name in read(kpi, words).facts)
    named = []
    for name in shared_dimensions(facts, words):
        title = said.words.get(f"dimension.{name}", said.words.get(f"grain.{name}", name))
        named.append(f"{title} (`{name}`)")
    return ", ".join(named)


def main() -> int:
    """Write the pages, or say which are stale."""
    written = pages()
    stale = [
        name
        for name, page in written.items()
        if not (FOLDER / name).is_file() or (FOLDER / name).read_text(encoding="utf-8") != page
    ]
    if "--check" in sys.argv[1:]:
        for name in stale:
            print(f"docs/kpis/{name} is stale; run python scripts/docs_kpis.py")
        return 1 if stale else 0
    for name in stale:
        (FOLDER / name).write_text(written[name], encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
