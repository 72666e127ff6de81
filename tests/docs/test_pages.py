"""Do the examples of the README, of the docs and of the examples run, and print what is shown?"""

from __future__ import annotations

import importlib.util
import os
import shutil
import tomllib
from pathlib import Path

import pytest
import yaml
from pages import PAGES, ROOT, Step, blocks, matches, named, run, settle, steps, walk


def failures(page: Path, demo: Path, folder: Path, *, spark: bool = False) -> list[str]:
    """Run a page and tell what does not come out as shown."""
    text = page.read_text(encoding="utf-8")
    found = walk(text, settle(text, demo, folder), spark=spark)
    return [
        f"$ {step.command}\nshown:\n{step.expected}\nfound (status {step.status}):\n{step.found}"
        for _, taken in found
        for step in taken
        if not step.holds
    ]


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_examples_come_out_as_shown(page: Path, demo: Path, tmp_path: Path) -> None:
    """Each command and each piece of Python on a page runs, in order, and prints what is shown."""
    assert failures(page, demo, tmp_path / "page") == []


@pytest.mark.spark
@pytest.mark.parametrize(
    "page", [page for page in PAGES if "<!-- needs Spark -->" in page.read_text("utf-8")], ids=named
)
def test_examples_for_spark_run(page: Path, demo: Path, tmp_path: Path) -> None:
    """What a page says of Spark holds."""
    if importlib.util.find_spec("pyspark") is None:
        pytest.skip("pyspark is not installed: the examples for Spark were NOT run")
    assert failures(page, demo, tmp_path / "page", spark=True) == []


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_settings_and_words_can_be_read(page: Path) -> None:
    """Each TOML and YAML block is TOML or YAML."""
    for block in blocks(page.read_text(encoding="utf-8")):
        if block.kind == "toml":
            assert tomllib.loads(block.body)
        elif block.kind in ("yaml", "yml"):
            assert yaml.safe_load(block.body)


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_little_is_left_out(page: Path) -> None:
    """Where an example is not run, the page says why; most are."""
    listed = [block for block in blocks(page.read_text("utf-8")) if block.kind == "console"]
    idle = [block for block in listed if not block.run]
    assert all(len(block.above) > len("<!-- not run:  -->") for block in idle)
    assert len(idle) <= 2


@pytest.mark.long
def test_the_readme_shows_the_whole_demo(tmp_path: Path) -> None:
    """What the README shows of 300,000 calls is what `dialgauge demo` prints."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = next(block for block in blocks(text) if "Overview" in block.body)
    found = run(Step(command="dialgauge demo", expected=f"{shown.body}...\n"), tmp_path)
    assert found.holds, found.found


def test_the_whole_bank_file_comes_out_as_shown(tmp_path: Path) -> None:
    """The page on the bank's list shows what the real file gives; it is looked for, not shipped."""
    folder = Path(os.environ.get("DIALGAUGE_DATA") or ROOT.parent / "shared" / "data")
    name = "bank-additional-full.csv"
    if not (folder / name).exists():
        pytest.skip(f"NOT TESTED: {name} is absent; set DIALGAUGE_DATA to the folder that has it")
    (tmp_path / name).symlink_to(folder / name)
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    text = (ROOT / "docs" / "bank-example.md").read_text(encoding="utf-8")
    (idle,) = (block for block in blocks(text) if block.kind == "console" and not block.run)
    taken = [Step(command="dialgauge init lake", expected=""), *steps(idle.body)]
    found = [run(step, tmp_path) for step in taken]
    assert [step.found for step in found if not step.holds] == []


def test_dots_stand_for_anything() -> None:
    """A line of dots for any lines, dots in a line for the rest of it, nothing for nothing else."""
    assert matches("a\nb\nc\n", "a\n...\n")
    assert matches("a\nb\nc\nd\n", "a\n...\nd\n")
    assert matches("took 1.5 s\n", "took ... s")
    assert matches("table  \n", "table")
    assert not matches("a\nb\n", "a\n")
    assert not matches("a\nx\nc\n", "a\nb\n...\n")
    assert not matches("a.b", "axb")


def test_a_block_is_commands_and_what_they_print() -> None:
    """Lines behind `$ ` are commands; a backslash carries on; the rest is output."""
    found = steps("$ one \\\n    two\nout\n\nput\n$ three\n")
    assert [(step.command, step.expected) for step in found] == [
        ("one two", "out\n\nput\n"),
        ("three", ""),
    ]


def test_a_refusal_must_be_shown_as_one() -> None:
    """A command that fails holds only where the page shows the refusal."""
    sentence = "dialgauge: no"
    assert Step(command="x", expected=sentence, found=sentence, status=2).holds
    assert not Step(command="x", expected="", found=sentence, status=2).holds
    assert not Step(command="x", expected=sentence, found=sentence, status=0).holds


def test_blocks_know_what_stands_above_them() -> None:
    """A title names a file; the line above may say that a block is not run."""
    text = '<!-- not run: slow -->\n```console\n$ x\n```\n\n```csv title="a.csv"\n1\n```\n'
    first, second = blocks(text)
    assert (first.kind, first.run, first.body) == ("console", False, "$ x\n")
    assert (second.title, second.run, second.body) == ("a.csv", True, "1\n")
