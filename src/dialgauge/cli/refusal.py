"""How is a command that was typed wrong refused?

The parser's own complaints become one sentence in our words: what is wrong, what is allowed, what
to do next.
"""

from __future__ import annotations

from collections.abc import Sequence

import cyclopts
from cyclopts.argument import Argument

from dialgauge.errors import UnknownNameError, UsageError

_KINDS = {int: "a whole number", float: "a number", bool: "true or false"}


def refusal(error: cyclopts.CycloptsError) -> UsageError:
    """Say in one sentence why a command cannot be understood.

    Args:
        error: What the parser found.
    """
    help_text = f"`{_command(error)} --help` shows how it is written"
    match error:
        case cyclopts.UnknownOptionError():
            word = (error.token.keyword or error.token.value).partition("=")[0]
            options = [name for each in error.argument_collection for name in _options(each)]
            return UnknownNameError("option", word, {*options, "--lake", "--debug", "--help"})
        case cyclopts.UnknownCommandError():
            return UnknownNameError("command", (error.unused_tokens or [""])[0], _commands(error))
        case cyclopts.RepeatArgumentError():
            return UsageError(f"{error.token.keyword} was given twice; write it once")
        case cyclopts.MissingArgumentError():
            option = error.keyword or (_option(error.argument) if error.argument else "")
            if option:
                return UsageError(f"{option} needs a value behind it; {help_text}")
            name = error.argument.name.lstrip("-").upper() if error.argument else "a word"
            return UsageError(f"`{_command(error)}` needs {name}; {help_text}")
        case cyclopts.CoercionError() if error.token is not None:
            name = error.token.keyword or (
                error.argument.name.lstrip("-") if error.argument else ""
            )
            kind = _KINDS.get(error.target_type or str, "what is expected there")
            return UsageError(f"{name} '{error.token.value}' is not {kind}; {help_text}")
        case cyclopts.UnusedCliTokensError():
            words = " ".join(error.unused_tokens or [])
            return UsageError(f"nothing is expected where '{words}' stands; {help_text}")
    return UsageError(f"{_flat(str(error))}; {help_text}")


def _command(error: cyclopts.CycloptsError) -> str:
    return " ".join(("dialgauge", *(error.command_chain or ())))


def _commands(error: cyclopts.CycloptsError) -> list[str]:
    known: Sequence[str] = list(error.app) if error.app else []
    return [name for name in known if not name.startswith("-")]


def _options(argument: Argument) -> list[str]:
    return [name for name in argument.names if argument.parse and name.startswith("--")]


def _option(argument: Argument) -> str:
    """Name an option; nothing for what is written without one."""
    if argument.field_info.is_positional:
        return ""
    return next(iter(argument.names), "")


def _flat(text: str) -> str:
    words = " ".join(text.split()).rstrip(".")
    return words[:1].lower() + words[1:]
