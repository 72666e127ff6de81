"""Is the plain part of YAML read as it is written, and the rest refused?"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from dialgauge.catalogue.yaml_tree import Entry, Place, items, read, text
from dialgauge.errors import DialgaugeError, FileError, UsageError


def test_plain_values_keep_their_kind() -> None:
    """Texts, exact numbers, truths, nothing, lists and mappings come back as such."""
    content = "a: text\nb: 0.1\nc: -3\nd: true\ne:\nf: [x, 'no', \"12:30\"]\ng: {h: ~}\n"
    assert read(content, "f").values == {
        "a": "text",
        "b": Decimal("0.1"),
        "c": Decimal(-3),
        "d": True,
        "e": None,
        "f": ["x", "no", "12:30"],
        "g": {"h": None},
    }


@pytest.mark.parametrize("content", ["", "# only a comment\n", "---\n"])
def test_an_empty_file_holds_nothing(content: str) -> None:
    """A file without content is an empty mapping, not a mistake."""
    assert read(content, "f").values == {}


@pytest.mark.parametrize(
    "written", ["no", "on", "12:30", "2026-01-31", "0x1F", "010", "1_000", ".inf", "0b1"]
)
def test_what_yaml_would_change_must_be_quoted(written: str) -> None:
    """Texts that YAML takes for truths, times or odd numbers are never guessed at."""
    with pytest.raises(UsageError, match=r"f: a\.b: write '.*' in quotes"):
        read(f"a: {{b: {written}}}", "f")
    assert read(f"a: '{written}'", "f").values == {"a": written}


REFUSED = {
    "a: {b: 1, b: 2}": (UsageError, "f: a: 'b' stands here twice, again in line 1"),
    "a: 1\nb: 2\na: 3": (UsageError, "f: 'a' stands here twice, again in line 3"),
    "on: 1": (UsageError, "f: 'on' in line 1 is not a text; put the key in quotes"),
    "1: 1": (UsageError, "f: '1' in line 1 is not a text"),
    "[a]: 1": (UsageError, "f: this in line 1 is not a text"),
    "a: &x [1]\nb: *x": (FileError, "line 2, column 4: aliases"),
    "a: &x {b: 1}\nc:\n  <<: *x": (FileError, "line 3, column 7: aliases"),
    "a: !!python/name:os.system ''": (UsageError, "f: a: the tag tag:yaml.org,2002:python"),
    "a: !secret x": (UsageError, "f: a: the tag !secret is not allowed"),
    "a: !!set {x}": (UsageError, "f: a: the tag tag:yaml.org,2002:set is not allowed"),
    "- a": (UsageError, "f: expected a mapping (name: value), found a list"),
    "text": (UsageError, "f: expected a mapping (name: value), found a text"),
    "a: b: c": (FileError, "f is not YAML we read in line 1, column 5"),
    "a: {b: c in ('d', 'e')}": (FileError, "inside { } and [ ], texts with commas need quotes"),
    "a: [1": (FileError, "f is not YAML we read"),
    "a: 1\n---\nb: 2": (FileError, "f is not YAML we read"),
    "a: \x00": (FileError, "f is not YAML: unacceptable character"),
    "a: " + "[" * 5000: (FileError, "nests deeper than 20 levels"),
    "a: " + "x" * 500_000: (FileError, "at most 500000 are read"),
}


@pytest.mark.parametrize("content", REFUSED, ids=range(len(REFUSED)))
def test_the_rest_of_yaml_is_refused_with_its_place(content: str) -> None:
    """Repeats, aliases, tags, depth, size and broken syntax are one sentence each."""
    kind, told = REFUSED[content]
    with pytest.raises(DialgaugeError) as caught:
        read(content, "f")
    assert type(caught.value) is kind
    assert told in str(caught.value)


def test_nested_aliases_cost_nothing() -> None:
    """The file that would unfold to a billion texts is refused at its first alias."""
    lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 30)]
    with pytest.raises(FileError, match="line 2, column 10: aliases"):
        read("\n".join(lines), "f")


def test_values_of_the_wrong_kind_are_told_with_their_place() -> None:
    """A text, a list, a mapping that is something else says what was found, and where."""
    place = Place("f", "kpis.lunch")
    entry = Entry(place, {"formula": Decimal(5), "empty": " ", "band": "x"})
    wrong: dict[str, Callable[[], object]] = {
        "f: kpis.lunch.formula: expected a text, found the number 5": lambda: entry.text("formula"),
        "f: kpis.lunch.empty: the text is empty": lambda: entry.text("empty"),
        "f: kpis.lunch: 'unit' is missing; write for example unit: share": lambda: entry.need(
            "unit", "share"
        ),
        "f: kpis.lunch: unknown key 'formula'; allowed: unit": lambda: entry.only(["unit"], "key"),
        "f: kpis.lunch: expected a list (- item), found a text": lambda: items("x", place),
        "f: kpis.lunch[1]: expected a text, found nothing": lambda: text(
            *items(["a", None], place)[1]
        ),
        "f: kpis.lunch: expected a mapping (name: value), found true or false": lambda: Entry.of(
            tree=True, place=place
        ),
    }
    for told, attempt in wrong.items():
        with pytest.raises(UsageError) as caught:
            attempt()
        assert str(caught.value).startswith(told)
