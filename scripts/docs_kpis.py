"""What does each KPI mean, as a page in each language?

    python scripts/docs_kpis.py            writes docs/kpis/*.md
    python scripts/docs_kpis.py --check    only says whether they are as the catalogue says

The words come from the catalogue and the language files; nothing is written here.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from dialgauge.catalogue import GROUPS
from dialgauge.catalogue.user import built_in
from dialgauge.lang import LANGUAGES, Texts, texts
from dialgauge.model.kpi import Kpi
from dialgauge.model.vocabulary import Vocabulary
from dialgauge.plan.reading import read
from dialgauge.plan.resolve import shared_dimensions

FOLDER = Path(__file__).parents[1] / "docs" / "kpis"


def pages() -> dict[str, str]:
    """Write the page of each language.

    Returns:
        Language code to Markdown.
    """
    words = built_in()
    return {code: "\n".join(_page(texts(code), words)) for code in LANGUAGES}


def _page(said: Texts, words: Vocabulary) -> Iterator[str]:
    yield f"# {said.t('ui.catalogue')}"
    yield ""
    yield "<!-- made by scripts/docs_kpis.py -->"
    others = [code for code in LANGUAGES if code != said.language]
    yield ""
    yield " · ".join(f"[{LANGUAGES[code]}]({code}.md)" for code in others)
    for group, kpis in GROUPS.items():
        yield ""
        yield f"## {said.t(f'group.{group}')}"
        for kpi in kpis:
            yield from _kpi(kpi, said, words)
    yield ""


def _kpi(kpi: Kpi, said: Texts, words: Vocabulary) -> Iterator[str]:
    yield ""
    yield f"### {said.kpi(kpi, 'title')} {{ #{kpi.name} }}"
    yield ""
    yield f"`{kpi.name}` · **{said.kpi(kpi, 'question')}**"
    yield ""
    yield said.kpi(kpi, "definition")
    yield ""
    rows = {
        "caveat": said.kpi(kpi, "caveat"),
        "formula": f"`{kpi.formula}`",
        "unit": said.t(f"unit.{kpi.unit.value}"),
        "better": said.t(f"better.{kpi.better.value}") + _band(kpi),
        "split_by": _dimensions(kpi, said, words),
        "beside": ", ".join(
            f"[{said.kpi(words.kpi(name), 'title')}](#{name})" for name in kpi.beside
        ),
        "source": kpi.source,
    }
    yield "| | |"
    yield "|---|---|"
    for label, text in rows.items():
        if text:
            yield f"| {said.t(f'ui.{label}')} | {text.replace('|', chr(92) + '|')} |"


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
    stale = [
        code
        for code, page in pages().items()
        if not (FOLDER / f"{code}.md").is_file()
        or (FOLDER / f"{code}.md").read_text(encoding="utf-8") != page
    ]
    if "--check" in sys.argv[1:]:
        for code in stale:
            print(f"docs/kpis/{code}.md is stale; run python scripts/docs_kpis.py")
        return 1 if stale else 0
    FOLDER.mkdir(exist_ok=True)
    for code, page in pages().items():
        (FOLDER / f"{code}.md").write_text(page, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
