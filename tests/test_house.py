"""Is the house still built as designed?"""

from __future__ import annotations

import ast
import re
import statistics
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HOUSE = ROOT / "src" / "dialgauge"
MODULES = sorted(HOUSE.rglob("*.py"))
WORKSHOPS = {"analysis", "sources", "lake", "prepare", "engines", "checks", "store"}
GROUND = ["errors", "model", "tables", "catalogue", "plan"]
HALL = {
    "accounts",
    "asking",
    "asks",
    "checkup",
    "cohorts",
    "config",
    "contents",
    "front",
    "gauge",
    "intake",
    "outward",
    "remote",
    "syncing",
    "targets",
    "telling",
    "template",
    "why",
}

# Room to the rooms it may import, its own always.
ALLOWED: dict[str, set[str]] = {
    **{room: set(GROUND[:floor]) for floor, room in enumerate(GROUND)},
    **{room: set(GROUND) for room in WORKSHOPS},
    **{room: {*GROUND, *WORKSHOPS, *HALL, "lang"} for room in HALL},
    **{
        room: {*GROUND, *WORKSHOPS, *HALL, "lang", "testing"}
        for room in ("cli", "server", "alerts", "__main__")
    },
    "lang": {"errors", "model"},
    "testing": {"errors", "model", "tables", *HALL},
    "": {"errors", "model", "gauge", "front"},
}
ALLOWED["__main__"].add("cli")
ALLOWED["cli"].add("server")  # `serve` starts it
ALLOWED["store"] = {"errors", "model"}


def named(path: Path) -> str:
    """Name a file for people."""
    return path.relative_to(ROOT).as_posix()


def room(module: str) -> str:
    """Give the room of a module's dotted name, '' for the front door."""
    return module.split(".")[1] if "." in module else ""


def dotted(path: Path) -> str:
    """Give the dotted name of a file's module."""
    parts = path.relative_to(HOUSE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(path: Path) -> Iterator[str]:
    """Yield the house's modules that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names if name.name.startswith("dialgauge"))
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{named(path)} imports relatively"
            module = node.module or ""
            if module == "dialgauge":
                yield from (f"dialgauge.{name.name}" for name in node.names)
            elif module.startswith("dialgauge."):
                yield module


def public(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    """Yield a module's public functions and classes, and their public methods."""

    def of(body: list[ast.stmt]) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
        for node in body:
            kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
            if isinstance(node, kinds) and not node.name.startswith("_"):
                # A signature more of the same function, which is documented once.
                if any(ast.unparse(each) == "overload" for each in node.decorator_list):
                    continue
                yield node
                if isinstance(node, ast.ClassDef):
                    yield from of(node.body)

    yield from of(ast.parse(path.read_text("utf-8")).body)


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_imports_point_down(path: Path) -> None:
    """A room imports itself and the rooms below; workshops do not import each other."""
    here = room(dotted(path))
    assert here in ALLOWED, f"{named(path)} is in no room of the house; add it to this test"
    for module in imported(path):
        there = room(module)
        if there != here:
            assert there in ALLOWED[here], f"{named(path)} imports {module}"


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_modules_open_with_a_question(path: Path) -> None:
    """Each module opens with the question it answers; only the front door has a map instead."""
    text = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
    assert text, f"{named(path)} has no docstring"
    if path != HOUSE / "__init__.py":
        assert "?" in text


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_public_names_are_documented(path: Path) -> None:
    """Each public function, class and method has a docstring."""
    bare = [node.name for node in public(path) if not ast.get_docstring(node)]
    assert not bare


def test_files_are_small() -> None:
    """No file of the package has more than 600 lines, the median has fewer than 150."""
    lines = {named(path): len(path.read_text("utf-8").splitlines()) for path in MODULES}
    assert {name: count for name, count in lines.items() if count > 600} == {}
    assert statistics.median(lines.values()) < 150


def test_language_files_are_small() -> None:
    """The 600 lines hold for the language files too."""
    for path in (HOUSE / "lang").glob("*.toml"):
        assert len(path.read_text("utf-8").splitlines()) <= 600


def tracked() -> list[Path]:
    """List the project's text files."""
    if (ROOT / ".git").exists():
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            check=True,
            capture_output=True,
            text=True,
        ).stdout.split("\0")
        paths = [ROOT / name for name in listed if name]
    else:
        paths = [path for path in ROOT.rglob("*") if ".venv" not in path.parts]
    kinds = {".py", ".md", ".toml", ".txt", ".yml", ".yaml", ".sh", ""}
    return [path for path in paths if path.suffix in kinds and path.is_file()]


def test_no_machine_is_named() -> None:
    """No file names a folder of the machine it was written on, or a package index."""
    here = re.compile(
        r"(?<![\w.])/(?:work|root|home|Users)/\w|/tmp/v\b|[a-z]+://\S*/simple\b|--index-url|--find-links"
    )
    found = [
        f"{named(path)}: {line.strip()}"
        for path in tracked()
        if path != Path(__file__)
        for line in path.read_text("utf-8", errors="replace").splitlines()
        if here.search(line)
    ]
    assert found == []


def test_constraints_pin_every_dependency() -> None:
    """Each line of the constraints pins one version; no index, no path."""
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    assert len(lines) > 50
    for line in lines:
        assert re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+]+", line), line


def test_scripts_can_be_run() -> None:
    """The scripts are executable and written for a plain shell."""
    for name in ("scripts/demo", "scripts/test", "scripts/check", "scripts/lint", ".ci/run"):
        path = ROOT / name
        assert path.stat().st_mode & 0o111, f"{name} is not executable"
        assert path.read_text("utf-8").startswith("#!/bin/sh\n")
        subprocess.run(["sh", "-n", str(path)], check=True)
