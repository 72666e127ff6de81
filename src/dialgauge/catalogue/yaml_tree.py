"""What stands in a YAML file, value by value, and where?

Only the plain part of YAML is read: mappings, lists, texts, decimal numbers, true, false and
null. Aliases, tags and repeated keys are refused, so a file can neither blow up nor quietly lose
an entry, and texts that YAML would take for something else (`12:30`, `no`, `2026-01-31`) have to
be quoted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TypeAlias

import yaml

from dialgauge.errors import FileError, UnknownNameError, UsageError

Tree: TypeAlias = "str | bool | Decimal | list[Tree] | dict[str, Tree] | None"
"""What a YAML value becomes."""

_MOST_CHARACTERS, _MOST_DEPTH = 500_000, 20
_TAG = "tag:yaml.org,2002:"
_KINDS = {dict: "a mapping", list: "a list", str: "a text", bool: "true or false"}


@dataclass(frozen=True, slots=True)
class Place:
    """A spot in a file, for messages.

    Attributes:
        file: The file.
        path: The way to the spot, such as `kpis.lunch_rate.formula`.
    """

    file: str
    path: str = ""

    def at(self, key: object) -> Place:
        """Return the spot of a key, or of an item by its number."""
        if isinstance(key, int):
            return Place(self.file, f"{self.path}[{key}]")
        return Place(self.file, f"{self.path}.{key}" if self.path else str(key))

    def wrong(self, problem: object) -> UsageError:
        """Return an error that says what is wrong here."""
        where = f"{self.file}: {self.path}" if self.path else self.file
        return UsageError(f"{where}: {problem}")

    @contextmanager
    def telling(self) -> Iterator[None]:
        """Add this spot to what goes wrong inside.

        Raises:
            UsageError: Something did.
        """
        try:
            yield
        except UsageError as error:
            raise self.wrong(error) from error


@dataclass(frozen=True, slots=True)
class Entry:
    """A mapping in a file; its methods fetch values of the wanted kind.

    Attributes:
        place: Where it stands.
        values: What it holds.
    """

    place: Place
    values: Mapping[str, Tree]

    @classmethod
    def of(cls, tree: Tree, place: Place, *, nothing_is_empty: bool = False) -> Entry:
        """Take a value as a mapping.

        Raises:
            UsageError: It is not one.
        """
        if tree is None and nothing_is_empty:
            return cls(place, {})
        if not isinstance(tree, dict):
            raise place.wrong(f"expected a mapping (name: value), found {kind(tree)}")
        return cls(place, tree)

    def only(self, allowed: Iterable[str], what: str) -> None:
        """Refuse keys that mean nothing.

        Raises:
            UsageError: There is one; the message names what is allowed.
        """
        choices = tuple(allowed)
        for key in self.values:
            if key not in choices:
                raise self.place.wrong(UnknownNameError(what, key, choices))

    def text(self, key: str, default: str = "") -> str:
        """Return a text.

        Raises:
            UsageError: It is something else, or empty.
        """
        return text(self.values[key], self.place.at(key)) if key in self.values else default

    def need(self, key: str, example: str) -> str:
        """Return a text that has to be there.

        Raises:
            UsageError: It is not there; the message shows the example.
        """
        if key not in self.values:
            raise self.place.wrong(f"'{key}' is missing; write for example {key}: {example}")
        return self.text(key)

    def entries(self) -> Iterator[tuple[str, Tree, Place]]:
        """Yield each key with its value and place."""
        for key, value in self.values.items():
            yield key, value, self.place.at(key)


def text(tree: Tree, place: Place) -> str:
    """Take a value as a text.

    Raises:
        UsageError: It is something else, or empty.
    """
    if not isinstance(tree, str):
        raise place.wrong(f"expected a text, found {kind(tree)}; put it in quotes")
    if not tree.strip():
        raise place.wrong("the text is empty; fill it in, or leave the key out")
    return tree


def items(tree: Tree, place: Place) -> list[tuple[Tree, Place]]:
    """Take a value as a list, each item with its place.

    Raises:
        UsageError: It is not a list.
    """
    if not isinstance(tree, list):
        raise place.wrong(f"expected a list (- item), found {kind(tree)}")
    return [(item, place.at(number)) for number, item in enumerate(tree)]


def kind(tree: Tree) -> str:
    """Say what a value is, in words."""
    if tree is None:
        return "nothing"
    if isinstance(tree, Decimal):
        return f"the number {tree}"
    return _KINDS[type(tree)]


def read(content: str, file: str) -> Entry:
    """Read a YAML file whose top level is a mapping.

    Args:
        content: What stands in it; nothing is an empty mapping.
        file: Its name, for messages.

    Raises:
        FileError: It is not YAML, or larger than anyone writes by hand.
        UsageError: It is YAML of a kind that is refused; the message says where.

    Example:
        >>> read("kpis: {lunch: {band: [0.5, null]}}", "kpis.yaml").values
        {'kpis': {'lunch': {'band': [Decimal('0.5'), None]}}}
    """
    place = Place(file)
    if len(content) > _MOST_CHARACTERS:
        raise FileError(
            f"{file} has {len(content)} characters; at most {_MOST_CHARACTERS} are read; split it"
        )
    try:
        loader = _Loader(content)
        try:
            node = loader.get_single_node()
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        at = f" in line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        hint = "; inside { } and [ ], texts with commas need quotes" * (
            "',' or" in str(error.problem)
        )
        raise FileError(f"{file} is not YAML we read{at}: {error.problem}{hint}") from error
    except yaml.YAMLError as error:
        problem = str(error).splitlines()[0]
        raise FileError(f"{file} is not YAML: {problem}") from error
    tree = None if node is None else _tree(node, place)
    return Entry.of(tree, place, nothing_is_empty=True)


class _Loader(yaml.SafeLoader):
    """Builds nodes only, and refuses aliases and depth before they cost anything."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent):
            self.refuse("aliases (*name) are not allowed; write the value out", event)
        self.depth += 1
        if self.depth > _MOST_DEPTH:
            self.refuse(f"it nests deeper than {_MOST_DEPTH} levels", event)
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    @staticmethod
    def refuse(problem: str, event: yaml.Event) -> None:
        raise yaml.MarkedYAMLError(
            problem=problem,
            problem_mark=event.start_mark,  # type: ignore[arg-type]
        )


def _tree(node: yaml.Node, place: Place) -> Tree:
    if isinstance(node, yaml.MappingNode) and node.tag == f"{_TAG}map":
        return _mapping(node, place)
    if isinstance(node, yaml.SequenceNode) and node.tag == f"{_TAG}seq":
        return [_tree(item, place.at(number)) for number, item in enumerate(node.value)]
    if isinstance(node, yaml.ScalarNode):
        return _scalar(node, place)
    raise place.wrong(f"the tag {node.tag} is not allowed; leave it out")


def _mapping(node: yaml.MappingNode, place: Place) -> dict[str, Tree]:
    found: dict[str, Tree] = {}
    for key_node, value in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode) or key_node.tag != f"{_TAG}str":
            shown = f"'{key_node.value}'" if isinstance(key_node, yaml.ScalarNode) else "this"
            raise place.wrong(f"{shown} in line {line} is not a text; put the key in quotes")
        key = str(key_node.value)
        if key in found:
            raise place.wrong(f"'{key}' stands here twice, again in line {line}; keep one")
        found[key] = _tree(value, place.at(key))
    return found


def _scalar(node: yaml.ScalarNode, place: Place) -> Tree:
    written = str(node.value)
    match node.tag.removeprefix(_TAG):
        case "str":
            return written
        case "null":
            return None
        case "bool" if written.lower() in ("true", "false"):
            return written.lower() == "true"
        case "int" | "float" if (number := _number(written)) is not None:
            return number
    if not node.tag.startswith(_TAG) or node.tag.startswith(f"{_TAG}python"):
        raise place.wrong(f"the tag {node.tag} is not allowed; leave it out")
    raise place.wrong(f"write '{written}' in quotes; YAML takes it for something else")


def _number(written: str) -> Decimal | None:
    """Read a plain decimal number; `0x1F`, `12:30` and `1_000` are none."""
    plain = written.removeprefix("-").removeprefix("+")
    if not plain[:1].isdigit() or not set(plain) <= set("0123456789.eE+-"):
        return None
    if plain[0] == "0" and plain[1:2].isdigit():
        return None
    try:
        return Decimal(written)
    except InvalidOperation:
        return None
