"""Is everything said in all four languages, and nothing else?"""

from __future__ import annotations

import string
import tomllib
from importlib import resources

import pytest

import dialgauge.lang
from dialgauge.catalogue import GROUPS, KPIS
from dialgauge.checks import CHECKS
from dialgauge.errors import UnknownNameError, UsageError
from dialgauge.lang import LANGUAGES, PARTS, texts
from dialgauge.model.kpi import Better, Kpi, Unit
from dialgauge.model.question import Grain
from dialgauge.tables import FACTS, TABLES
from dialgauge.template import NAMES, columns_of

OTHERS = [code for code in LANGUAGES if code != "en"]
IN_CATALOGUE = ("question", "definition", "caveat")


def said(language: str) -> dict[str, str]:
    """Give all keys of a language with their texts."""
    return dict(texts(language).words)


def placeholders(text: str) -> list[str]:
    """List the names of a text's placeholders."""
    return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)


def test_four_languages_are_offered() -> None:
    """English, Chinese, Russian and Georgian."""
    assert set(LANGUAGES) == {"en", "zh", "ru", "ka"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_said_in_two_files(language: str) -> None:
    """The files of a language share no key, so that none hides what another says."""
    folder = resources.files(dialgauge.lang)
    found = [
        f"{table}.{key}"
        for part in PARTS
        for table, keys in tomllib.loads(
            (folder / f"{language}{part}.toml").read_text("utf-8")
        ).items()
        for key in keys
    ]
    assert len(found) == len(set(found))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kpi_has_a_title(language: str) -> None:
    """Each KPI of the catalogue is titled, no other is, and no two share a title."""
    titles = {
        key.split(".")[1]: text
        for key, text in said(language).items()
        if key.startswith("kpi.") and key.endswith(".title")
    }
    assert titles.keys() == KPIS.keys()
    assert len(set(titles.values())) == len(titles)


@pytest.mark.parametrize("language", OTHERS)
def test_every_kpi_is_explained(language: str) -> None:
    """What the catalogue says of a KPI in English is said in the language too, and no more."""
    expected = {
        f"kpi.{kpi.name}.{part}"
        for kpi in KPIS.values()
        for part in ("title", *IN_CATALOGUE)
        if part == "title" or getattr(kpi, part)
    }
    assert {key for key in said(language) if key.startswith("kpi.")} == expected


def test_english_explanations_stand_in_the_catalogue() -> None:
    """The English file holds nothing of a KPI but its title."""
    parts = {key.split(".")[2] for key in said("en") if key.startswith("kpi.")}
    assert parts == {"title"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_dimensions_units_and_grains_are_named(language: str) -> None:
    """Each dimension, unit, direction, grain, weekday and group has a name, no other has."""
    groups = {
        "dimension": {name for fact in FACTS.values() for name in fact.dimensions},
        "unit": {unit.value for unit in Unit},
        "better": {better.value for better in Better},
        "grain": {grain.value for grain in Grain},
        "weekday": {str(day) for day in range(1, 8)},
        "group": set(GROUPS),
    }
    for group, names in groups.items():
        prefix = f"{group}."
        found = {key.removeprefix(prefix) for key in said(language) if key.startswith(prefix)}
        assert found == names


@pytest.mark.parametrize("language", OTHERS)
def test_languages_have_the_same_keys_and_placeholders(language: str) -> None:
    """But for KPIs, checks and columns it has the keys of English, and the same placeholders."""
    own = ("kpi.", "check.", "fill.")
    english = {key: text for key, text in said("en").items() if not key.startswith(own)}
    other = {key: text for key, text in said(language).items() if not key.startswith(own)}
    assert english.keys() == other.keys()
    for key, text in english.items():
        assert placeholders(other[key]) == placeholders(text)


@pytest.mark.parametrize("language", OTHERS)
def test_every_check_is_said(language: str) -> None:
    """What a check says in English it says in the language too, with the same placeholders."""
    found = {key: text for key, text in said(language).items() if key.startswith("check.")}
    english = {f"check.{check.text or check.name}": check.says for check in CHECKS.values()}
    assert found.keys() == english.keys()
    for key, text in english.items():
        assert placeholders(found[key]) == placeholders(text)


@pytest.mark.parametrize("language", OTHERS)
def test_every_column_of_a_template_is_said(language: str) -> None:
    """What belongs into a column of an Excel template is said; in English the tables say it."""
    expected = {
        f"fill.{name}.{key}"
        for name in NAMES
        for key in ("is", *(column.name for column in columns_of(TABLES[name])))
    }
    assert {key for key in said(language) if key.startswith("fill.")} == expected
    assert [key for key in said("en") if key.startswith("fill.")] == []


def test_english_words_of_checks_stand_with_the_checks() -> None:
    """The English file says nothing that a check says itself."""
    assert [key for key in said("en") if key.startswith("check.")] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_are_clean(language: str) -> None:
    """No text is empty or has stray blanks; sentences about KPIs end as sentences."""
    for key, text in said(language).items():
        assert text
        assert text == " ".join(text.split())
        if key.endswith((".question", ".definition", ".caveat")) and key.startswith("kpi."):
            full_width = "\N{FULLWIDTH QUESTION MARK}"
            assert text[-1] in (f"?{full_width}" if key.endswith(".question") else ".。")


@pytest.mark.parametrize("language", OTHERS)
def test_caveats_name_the_same_kpis(language: str) -> None:
    """Where the English words name another KPI, the translation names it as well."""
    for kpi in KPIS.values():
        for part in IN_CATALOGUE:
            english = {name for name in KPIS if "_" in name and name in getattr(kpi, part).split()}
            for name in english:
                assert name in said(language)[f"kpi.{kpi.name}.{part}"]


@pytest.mark.parametrize(
    ("language", "letters"), [("zh", ("一", "鿿")), ("ru", ("в", "я")), ("ka", ("ა", "ჰ"))]
)
def test_languages_are_written_in_their_script(language: str, letters: tuple[str, str]) -> None:
    """Each explanation has letters of the language's own script."""
    first, last = letters
    for key, text in said(language).items():
        if key.startswith(("kpi.", "check.", "dimension.", "weekday.")):
            assert any(first <= letter <= last for letter in text.lower()), key


def test_texts_fill_placeholders() -> None:
    """Values go where the language wants them."""
    assert texts("ka").t("ui.whole", value="7") == "მთლიანად: 7"


def test_unknown_language_is_refused() -> None:
    """Another language is refused with the four that exist."""
    with pytest.raises(UsageError, match=r"'de'; allowed: en .*zh .*ru .*ka"):
        texts("de")


def test_unknown_text_is_refused() -> None:
    """A key nobody wrote is refused with a guess."""
    with pytest.raises(UnknownNameError, match=r"did you mean 'ui\.total'"):
        texts("ru").t("ui.totl")


def test_built_in_kpis_speak_the_language() -> None:
    """A built-in KPI is explained in the language asked, in English by the catalogue."""
    kpi = KPIS["dials"]
    assert texts("ka").kpi(kpi, "title") == "გამავალი ზარები"
    assert texts("ru").kpi(kpi, "question") == "Сколько мы набрали?"
    assert texts("en").kpi(kpi, "question") == kpi.question


def test_own_kpis_speak_for_themselves() -> None:
    """A user's KPI keeps its words in every language, even when it replaces a built-in one."""
    own = Kpi(name="hot", formula="calls.dials", unit=Unit.COUNT, question="How hot?")
    assert texts("zh").kpi(own, "title") == "hot"
    assert texts("zh").kpi(own, "question") == "How hot?"
    assert texts("zh").kpi(own, "caveat") == ""
    instead = Kpi(
        name="dials", formula="calls.human", unit=Unit.COUNT, title="Wählversuche", replaces="dials"
    )
    assert texts("zh").kpi(instead, "title") == "Wählversuche"
    assert texts("zh").kpi(instead, "definition") == ""


def test_own_dimensions_keep_their_name() -> None:
    """A dimension nobody translated is called by its name."""
    assert texts("ka").dimension("team") == "გუნდი"
    assert texts("ka").dimension("attributes.tier") == "attributes.tier"
