"""How are the examples of a page run?

A page runs in a folder of its own: the demo's lake, or an empty folder where the page says
`<!-- in: an empty folder -->`. In the order of the page,

- a `console` block is commands behind `$ ` and what they print; a command without output may print
  anything; `...` stands for anything
- a `python` block is run; a `text` block right below it is what it prints; blocks with `>>>` are
  doctests
- any block with a `title="name"` becomes the file of that name
- a block below `<!-- not run: why -->` is left alone, one below `<!-- needs Spark -->` runs only
  where Spark is wanted

    python tests/docs/pages.py [--fill] [PAGE...]

writes what the commands print now into the pages, with `--fill` also below commands that show
nothing yet; look at the difference before you commit it.
"""

from __future__ import annotations

import contextlib
import doctest
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dialgauge.cli import main

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    path
    for path in (
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "examples").rglob("*.md"),
    )
    if path.is_file() and path.parent.name not in ("kpis", "decisions")
)
"""Every page whose examples run; the reference of KPIs is generated and holds none."""

EMPTY, NOT_RUN, SPARK = "<!-- in: an empty folder -->", "<!-- not run:", "<!-- needs Spark -->"
DEMO_CALLS = 20_000

_FENCE = re.compile(
    r"(?P<above>[^\n]*\n)?^(?P<indent>[ ]*)```(?P<kind>\w+)(?P<info>[^\n]*)\n"
    r"(?P<body>.*?)^(?P=indent)```$",
    re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A fenced block of a page.

    Attributes:
        kind: Its language, such as console.
        title: The file it becomes; empty for none.
        body: What stands in it.
        above: The line above it.
        span: Where its body begins and ends in the page.
    """

    kind: str
    title: str
    body: str
    above: str
    span: tuple[int, int]

    @property
    def spark(self) -> bool:
        """Whether it needs Spark."""
        return self.above == SPARK

    @property
    def run(self) -> bool:
        """Whether it is to be run."""
        return not self.above.startswith(NOT_RUN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A command and what the page says it prints."""

    command: str
    expected: str
    found: str = ""
    status: int = 0

    @property
    def holds(self) -> bool:
        """Whether the page is right."""
        refused = self.expected.lstrip().startswith("dialgauge: ")
        if refused != (self.status != 0):
            return False
        return not self.expected.strip() or matches(self.found, self.expected)


def named(path: Path) -> str:
    """Name a page for people."""
    return path.relative_to(ROOT).as_posix()


def blocks(text: str) -> list[Block]:
    """List a page's fenced blocks."""
    found = []
    for fence in _FENCE.finditer(text):
        title = re.search(r'title="([^"]+)"', fence["info"])
        indent = len(fence["indent"])
        body = "".join(line[indent:] for line in fence["body"].splitlines(keepends=True))
        found.append(
            Block(
                kind=fence["kind"],
                title=title[1] if title else "",
                body=body or fence["body"],
                above=_above(text, fence.start("indent")),
                span=fence.span("body"),
            )
        )
    return found


def _above(text: str, start: int) -> str:
    lines = text[:start].rstrip().splitlines()
    return lines[-1].strip() if lines else ""


def matches(found: str, expected: str) -> bool:
    """Compare outputs, blanks at the ends of lines apart; `...` stands for anything."""
    lines = [
        r"(?s:.*)" if line.strip() == "..." else re.escape(line).replace(r"\.\.\.", ".*")
        for line in _clean(expected).splitlines()
    ]
    return re.fullmatch("\n".join(lines), _clean(found)) is not None


def _clean(text: str) -> str:
    lines = [line.rstrip() for line in text.splitlines()]
    return "\n".join(lines).strip("\n")


def steps(body: str) -> list[Step]:
    """Take a console block apart."""
    found: list[Step] = []
    for line in body.splitlines(keepends=True):
        if line.startswith("$ "):
            found.append(Step(command=line[2:].rstrip("\n"), expected=""))
        elif found and found[-1].command.endswith("\\"):
            joined = found[-1].command.removesuffix("\\").rstrip() + " " + line.strip()
            found[-1] = replace(found[-1], command=joined)
        elif found:
            found[-1] = replace(found[-1], expected=found[-1].expected + line)
    return found


def run(step: Step, folder: Path) -> Step:
    """Run a command in a folder; one of ours in this process, which is faster."""
    words = shlex.split(step.command)
    if words[0] == "dialgauge" and not {"|", ">", "&&"} & set(words):
        out, err = io.StringIO(), io.StringIO()
        with (
            contextlib.chdir(folder),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            status = main(words[1:])
        printed, told = out.getvalue(), err.getvalue()
    else:
        bin_folder = str(Path(sys.executable).parent)
        paths = os.pathsep.join([bin_folder, os.environ.get("PATH", os.defpath)])
        done = subprocess.run(
            ["sh", "-c", step.command],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "PATH": paths},
        )
        status, printed, told = done.returncode, done.stdout, done.stderr
    # Progress is for the eye; a refusal is part of what is shown.
    refusal = [line for line in told.splitlines(keepends=True) if line.startswith("dialgauge: ")]
    return replace(step, found=printed + "".join(refusal), status=status)


def run_python(body: str, names: dict[str, Any], folder: Path) -> str:
    """Run Python in a folder and return what it prints; a doctest returns what fails."""
    out = io.StringIO()
    with contextlib.chdir(folder), contextlib.redirect_stdout(out):
        if ">>>" in body:
            test = doctest.DocTestParser().get_doctest(body, names, "page", None, 0)
            doctest.DocTestRunner(verbose=False).run(test, out=out.write, clear_globs=False)
            names |= test.globs
        else:
            exec(compile(body, "page", "exec"), names)
    return out.getvalue()


def make_demo(folder: Path) -> Path:
    """Make the demo that pages ask."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        assert main(["demo", str(folder), "--calls", str(DEMO_CALLS)]) == 0
    return folder


def settle(text: str, demo: Path, folder: Path) -> Path:
    """Make the folder in which a page runs."""
    if EMPTY in text:
        folder.mkdir(parents=True)
    else:
        shutil.copytree(demo, folder)
    shutil.copytree(ROOT / "examples", folder / "examples")
    return folder


def walk(text: str, folder: Path, *, spark: bool = False) -> Iterator[tuple[Block, list[Step]]]:
    """Run a page's blocks in order; yield each with what came of it."""
    names: dict[str, Any] = {"__name__": "page"}
    listed = blocks(text)
    for index, block in enumerate(listed):
        if not block.run or block.spark != spark:
            continue
        if block.title:
            path = folder / block.title
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.body, encoding="utf-8")
        elif block.kind == "console":
            yield block, [run(step, folder) for step in steps(block.body)]
        elif block.kind == "python":
            below = listed[index + 1] if index + 1 < len(listed) else None
            shown = below and below.kind == "text" and _above(text, below.span[0] - 8) == "```"
            expected = below.body if below and shown else ""
            found = run_python(block.body, names, folder)
            status = int(">>>" in block.body and found != "")
            step = Step(command=block.body, expected=expected, found=found, status=status)
            yield below if below and shown else block, [step]


def _rewritten(text: str, demo: Path, folder: Path, *, fill: bool) -> str:
    for block, found in reversed(list(walk(text, settle(text, demo, folder)))):
        body = block.body
        if block.kind == "text":
            if not found[0].holds or not body.strip():
                body = found[0].found
        elif block.kind == "console":
            body = "".join(_shown(step, fill=fill) for step in found)
        text = text[: block.span[0]] + body + text[block.span[1] :]
    return text


def _shown(step: Step, *, fill: bool) -> str:
    """Write a step with what it prints now, unless the page is right already."""
    wanted = fill if not step.expected.strip() else not step.holds
    printed = _clean(step.found)
    if "this is a bug" in printed:
        sys.exit(f"$ {step.command}\n{printed}")
    return f"$ {step.command}\n" + (
        (f"{printed}\n" if printed else "") if wanted else step.expected
    )


def _main(pages: list[Path], *, fill: bool) -> None:
    os.environ.pop("DIALGAUGE_LAKE", None)
    with tempfile.TemporaryDirectory() as scratch:
        demo = make_demo(Path(scratch) / "demo")
        for number, page in enumerate(pages):
            before = page.read_text(encoding="utf-8")
            after = _rewritten(before, demo, Path(scratch) / str(number), fill=fill)
            if after != before:
                page.write_text(after, encoding="utf-8")
                sys.stdout.write(f"changed {named(page)}\n")


if __name__ == "__main__":
    _names = [name for name in sys.argv[1:] if name != "--fill"]
    _main([Path(name).resolve() for name in _names] or PAGES, fill="--fill" in sys.argv)
