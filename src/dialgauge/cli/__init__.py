"""How do people command dialgauge in a terminal?

One file a command, imported only when it is called. `main` turns every refusal into one sentence
on standard error and an exit status: 0 done, 1 the work failed, 2 the command was wrong.
"""

from __future__ import annotations

import contextlib
import os
import sys
import traceback
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from dialgauge.cli.chosen import LAKE
from dialgauge.errors import DialgaugeError, UsageError

if TYPE_CHECKING:
    import cyclopts

_COMMANDS = {
    "init": "Make a configuration and an empty lake.",
    "demo": "Make a small realistic lake and show what it tells.",
    "import": "Read files or a system's logs into the lake.",
    "template": "Write an Excel file for people to fill in: costs, orders, targets and more.",
    "connect": "Connect a system that runs: ask what it takes, try it, write it down.",
    "sync": "Read what is new in the systems that run.",
    "reconcile": "Show a system's own reports beside our figures, and why they differ.",
    "overview": "Show the main KPIs, the best hours and the worst lists.",
    "ask": "Ask KPIs, split, filtered and compared.",
    "why": "Say why a KPI changed: what each group did to the change.",
    "targets": "Tell how each target stands, and whether the present pace will do.",
    "cohorts": "Follow the customers of each month: how many stay, what they bring.",
    "rows": "List the calls, leads or intervals behind a number.",
    "list": "List the leads to call now, the likeliest to be reached first.",
    "push": "Set properties of a CRM's leads, such as their score; shows first what would change.",
    "kpis": "List the KPIs, or explain one.",
    "check": "Tell what is in the lake, what was refused, and what is wrong or missing.",
    "lake": "See the lake's history; restore, prepare, compact, vacuum, erase.",
    "serve": "Serve the dashboard and the API.",
    "mcp": "Answer an assistant that speaks the Model Context Protocol.",
    "users": "Say who may log in to the dashboard: add, list, disable.",
}
_EPILOGUE = (
    "Everywhere: `--lake DIR` says which lake (else DIALGAUGE_LAKE, else the nearest "
    "dialgauge.toml), `--debug` shows the traceback of a failure."
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status.

    Args:
        arguments: What stands behind `dialgauge`; the process's own when None.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        return _outcome(given)
    except KeyboardInterrupt:
        _say("stopped; what was not finished has not changed the lake")
        return 130
    except BrokenPipeError:
        # The reader of a pipe has left, as `head` does: nothing is wrong. What is still buffered
        # goes nowhere, or Python would complain about it when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _outcome(given: list[str]) -> int:
    try:
        with _everywhere(given) as rest:
            _run(rest)
        sys.stdout.flush()
    except (KeyboardInterrupt, BrokenPipeError):
        raise
    except Exception as error:
        if str(error) == "Query interrupted":  # what DuckDB makes of Ctrl-C
            raise KeyboardInterrupt from error
        if "--debug" in given:
            traceback.print_exc()
        _say(_sentence(error))
        return error.status if isinstance(error, DialgaugeError) else 1
    return 0


def _sentence(error: Exception) -> str:
    if isinstance(error, DialgaugeError):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        where = f"'{error.filename}': " if error.filename else ""
        return f"{where}{error.strerror}; check the path, its permissions and the disk"
    words = " ".join(str(error).split())
    return f"{type(error).__name__}: {words}; this is a bug in dialgauge, --debug shows where"


def run() -> None:
    """Run the command of this process and leave with its status."""
    sys.exit(main())


def _run(arguments: list[str]) -> None:
    import cyclopts  # noqa: PLC0415 - takes longer than all the rest of start-up

    try:
        application()(arguments, exit_on_error=False, print_error=False)
    except cyclopts.CycloptsError as error:
        from dialgauge.cli.refusal import refusal  # noqa: PLC0415 - imports cyclopts

        raise refusal(error) from error


def application() -> cyclopts.App:
    """Put the commands together; each is imported only when it is called."""
    import cyclopts  # noqa: PLC0415 - takes longer than all the rest of start-up

    app = cyclopts.App(
        name="dialgauge",
        help="Telemarketing measured: true, explained numbers from call records.",
        help_epilogue=_EPILOGUE,
        help_format="markdown",
        version=_version,
        result_action="return_value",
        suppress_keyboard_interrupt=False,  # `main` says what stopping means
    )
    for name, summary in _COMMANDS.items():
        # A module named as a word of Python's would hide that word in this one.
        hides = "_command" if name in {"import", "list"} else ""
        module = f"dialgauge.cli.{name}{hides}"
        app.command(f"{module}:command", name=name, help=summary)
    return app


@contextlib.contextmanager
def _everywhere(arguments: list[str]) -> Iterator[list[str]]:
    """Take `--lake DIR` and `--debug` out, wherever they stand, and let commands see the lake."""
    rest: list[str] = []
    lake = None
    waiting = iter(arguments)
    for word in waiting:
        if word == "--":
            rest += [word, *waiting]
        elif word == "--lake" or word.startswith("--lake="):
            lake = word.removeprefix("--lake=") if "=" in word else next(waiting, "")
            if not lake:
                raise UsageError("--lake needs a folder behind it, such as --lake sales")
        elif word != "--debug":
            rest.append(word)
    token = LAKE.set(lake)
    try:
        yield rest
    finally:
        LAKE.reset(token)


def _version() -> str:
    from importlib.metadata import version  # noqa: PLC0415 - reads files

    return version("dialgauge")


def _say(sentence: str) -> None:
    sys.stderr.write(f"dialgauge: {sentence}\n")
