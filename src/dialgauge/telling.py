"""What can be asked, and how is it told in a language?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dialgauge.checks import CHECKS, Finding, numbers, sentence
from dialgauge.lang import Texts, texts
from dialgauge.model.kpi import Kpi
from dialgauge.model.vocabulary import Vocabulary
from dialgauge.plan.reading import read
from dialgauge.plan.resolve import all_dimensions, dimensions, shared_dimensions


def describe(kpi: Kpi, words: Vocabulary, lang: str) -> dict[str, Any]:
    """Tell everything about a KPI, in a language."""
    said = texts(lang)
    facts = tuple(words.facts[name] for name in read(kpi, words).facts)
    return {
        "name": kpi.name,
        "title": said.kpi(kpi, "title"),
        "unit": kpi.unit.value,
        "better": kpi.better.value,
        "band": list(kpi.band) if kpi.band else None,
        "question": said.kpi(kpi, "question"),
        "definition": said.kpi(kpi, "definition"),
        "caveat": said.kpi(kpi, "caveat"),
        "source": kpi.source,
        "formula": kpi.formula,
        "beside": list(kpi.beside),
        "dimensions": list(shared_dimensions(facts, words)),
    }


def list_dimensions(words: Vocabulary, lang: str) -> list[dict[str, Any]]:
    """Tell by what numbers can be split and filtered.

    Returns:
        For each dimension its `name`, its `title` in the language, and the `tables` that have it.
    """
    said = texts(lang)
    having = {name: dimensions(fact, words) for name, fact in words.facts.items()}
    return [
        {
            "name": name,
            "title": said.dimension(name),
            "tables": [fact for fact, names in having.items() if name in names],
        }
        for name in all_dimensions(words)
    ]


def said_in(finding: Finding, said: Texts) -> Finding:
    """Say a finding in a language."""
    check = CHECKS[finding.check]
    heading = said.check(check.text or check.name, check.says, check.words)
    return replace(
        finding, says=sentence(heading, numbers(finding.rows, finding.total, finding.detail))
    )
