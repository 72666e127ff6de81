"""`dialgauge connect`: how is a system connected by whoever has never done it?"""

from __future__ import annotations

import getpass
import os
import secrets
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from dialgauge import config as settings_of
from dialgauge.accounts import (
    HOOKS,
    Connected,
    check_name,
    find_secret,
    keep_secret,
    read_accounts,
    variable,
)
from dialgauge.cli.opening import configuration
from dialgauge.cli.table import console
from dialgauge.cli.terminal import asked, yes
from dialgauge.config import Config
from dialgauge.errors import UnknownNameError, UsageError
from dialgauge.sources import SOURCES
from dialgauge.sources.live import Setting
from dialgauge.syncing.feed import sentence
from dialgauge.syncing.feeds import fetches, live_account, system_of
from dialgauge.syncing.settings_file import add, block, typed

_TIMEZONE = Setting(
    "timezone",
    "In which time zone are its times (Enter for UTC)?",
    "Europe/Berlin",
    required=False,
    asked=True,
)
_OF_FILES = (
    Setting("table", "Which table do its events belong to?", "calls", required=False, asked=True),
    Setting("mapping", "With which mapping file, when the keys are not ours?", "", required=False),
    _TIMEZONE,
)


def command(system: str = "") -> None:
    """Connect a system that runs: ask what it takes, try it, write it down, read it.

    Args:
        system: Which kind it is; asked when it is not said.
    """
    config = configuration()
    path = config.root / settings_of.FILE
    if not path.is_file():
        raise UsageError(
            f"there is no {settings_of.FILE} in '{config.root}' to write to; make one with "
            "`dialgauge init`"
        )
    known = systems()
    if system and system not in known:
        raise UnknownNameError("system", system, known)
    if not sys.stdin.isatty():
        _refuse(system, known, path)
    _Assistant(config=config, path=path).connect(system)


def systems() -> tuple[str, ...]:
    """List the systems that can be connected."""
    return tuple(sorted({*HOOKS, *(name for name in SOURCES if fetches(name))}))


def questions(system: str) -> tuple[Setting, ...]:
    """List what a system must be told, besides its secrets."""
    if system == "files":
        return _OF_FILES
    known = getattr(system_of(system), "SETTINGS", ()) if system in SOURCES else ()
    return tuple(_TIMEZONE if each.name == _TIMEZONE.name else each for each in known)


def _divided(system: str) -> tuple[list[Setting], list[Setting]]:
    """Divide what a system is told into what everybody is asked for, and details."""
    needed = [each for each in questions(system) if each.required or each.asked]
    return needed, [each for each in questions(system) if each not in needed]


def secrets_needed(system: str) -> tuple[Setting, ...]:
    """List the secrets that a system is asked for."""
    return tuple(getattr(system_of(system), "SECRETS", ())) if system in SOURCES else ()


def _say(words: str, style: str = "") -> None:
    """Print without breaking lines: what is shown may be copied."""
    console().print(words, style=style, soft_wrap=True)


def _one_of(known: Sequence[str], answer: str) -> str:
    if answer not in known:
        raise UnknownNameError("system", answer, known)
    return answer


def _refuse(system: str, known: Sequence[str], path: Path) -> None:
    """Show what somebody may write themselves, for there is nobody to ask."""
    if not system:
        raise UsageError(
            "connect asks at a terminal, and there is none; `dialgauge connect SYSTEM` shows what "
            f"to write into dialgauge.toml; systems: {', '.join(known)}"
        )
    asked_of_all, details = _divided(system)
    shown = {each.name: typed(each, each.example) for each in asked_of_all if each.example}
    told = {"system": system, **({"hook": True} if system == "files" else {}), **shown}
    _say(block("name", told).rstrip())
    if details:
        _say(f"# where it is unusual also: {', '.join(each.name for each in details)}")
    for each in secrets_needed(system):
        _say(f"# the {each.name} comes from the variable {variable('name', each.name)}")
    raise UsageError(
        f"connect asks at a terminal, and there is none; write such lines into {path} yourself, "
        "with a name of your own"
    )


@dataclass(slots=True)
class _Assistant:
    """Asks, one thing after the other."""

    config: Config
    path: Path
    secrets: dict[str, str] = field(default_factory=dict)

    def connect(self, system: str) -> None:
        """Walk through it."""
        known = systems()
        say = _say
        system = system or asked(f"Which system: {', '.join(known)}? ", partial(_one_of, known))
        name = self._name(system)
        told: dict[str, object] = {"system": system}
        self._ask(name, told)
        while not self._tried(self._account(name, told)):
            if not yes("Answer again? Enter keeps an answer.", default=True):
                if yes("Write it down all the same?", default=False):
                    break
                raise UsageError("nothing was written")
            self._ask(name, told)
        hook = told.get("hook") is True
        say(f"\nThis goes into {self.path}:\n")
        say(block(name, told))
        if not yes("Write it?", default=True):
            raise UsageError("nothing was written")
        add(self.path, name, told)
        self._keep_secrets(name)
        if hook:
            base = self.config.server.public_url or "http://127.0.0.1:8000"
            say(f"its events go to {base}/api/v1/hooks/{name} while `dialgauge serve` runs")
        if fetches(system) and yes("Read it now?", default=True):
            from dialgauge.cli.sync import command as sync  # noqa: PLC0415 - only now

            sync(name)
            say(f"next: dialgauge overview; dialgauge sync {name} --every 5m reads on")
        else:
            say(f"next: dialgauge sync {name}")

    def _ask(self, name: str, told: dict[str, object]) -> None:
        """Ask for all it takes, and for details only of who wants to tell them."""
        system = str(told["system"])
        needed, details = _divided(system)
        for setting in needed:
            self._setting(name, told, setting)
        named = ", ".join(each.name for each in details)
        if details and yes(f"Shall anything of this not be as usual: {named}?", default=False):
            for setting in details:
                self._setting(name, told, setting)
        if system == "files" or (
            system in HOOKS
            and yes(
                "Shall it send its events here by itself, besides?", default=not fetches(system)
            )
        ):
            told["hook"] = True
        for secret in secrets_needed(system):
            self._secret(name, secret)
        if told.get("hook"):
            self._hook_secret(name, system)

    def _name(self, system: str) -> str:
        taken = {account.name for account in self.config.sources}
        usual = system if system not in taken else f"{system}_2"

        def fits(answer: str) -> str:
            check_name(answer)
            if answer in taken:
                raise UsageError(f"there is a source '{answer}' already; choose another name")
            return answer

        return asked(f"What shall it be called? [{usual}] ", fits, usual)

    def _setting(self, name: str, told: dict[str, object], setting: Setting) -> None:
        such = f" (such as {setting.example})" if setting.example else ""
        before = str(told.get(setting.name, ""))
        kept = f" [{before}]" if before else ""

        def fits(answer: str) -> object:
            if not answer and setting.required:
                raise UsageError("this one is needed")
            value = typed(setting, answer)
            if answer:
                self._account(name, {**told, setting.name: value})
            return value

        value = asked(f"{setting.question}{such}{kept} ", fits, before)
        if value != "":
            told[setting.name] = value

    def _account(self, name: str, told: dict[str, object]) -> Connected:
        return read_accounts(self.config.root, {name: told})[0]

    def _secret(self, name: str, secret: Setting) -> None:
        ours = secret.name in self.secrets
        if find_secret(name, secret.name) and not ours:
            _say(f"the {secret.name} is known already")
            return
        optional = "" if secret.required else " Enter for none."
        leave = " Enter keeps it." if ours else optional
        while not (typed_in := getpass.getpass(f"{secret.question}{leave} (not shown) ")):
            if ours or not secret.required:
                return
        self._remember(name, secret.name, typed_in)

    def _hook_secret(self, name: str, system: str) -> None:
        secret = HOOKS[system]
        if find_secret(name, secret):
            return
        if system == "twilio":
            self._secret(name, Setting(secret, "Which auth token has the account?"))
            return
        made = secrets.token_urlsafe(32)
        self._remember(name, secret, made)
        _say(f"whoever sends events proves it with this secret, shown only now: {made}")

    def _remember(self, name: str, secret: str, value: str) -> None:
        self.secrets[secret] = value
        os.environ[variable(name, secret)] = value  # so that it can be tried, and read at once

    def _keep_secrets(self, name: str) -> None:
        for secret, value in self.secrets.items():
            if keep_secret(name, secret, value):
                told = f"the {secret} is kept in the system's keyring"
            else:
                told = (
                    f"give the {secret} in the variable {variable(name, secret)} wherever "
                    "dialgauge runs: it is kept nowhere, as there is no keyring here"
                )
            _say(told)

    def _tried(self, account: Connected) -> bool:
        known = account.system in SOURCES
        probe = getattr(system_of(account.system), "probe", None) if known else None
        if probe is None:
            return True
        say = _say
        say("trying it ...", style="dim")
        said: list[str] = []
        try:
            for found in probe(live_account(account, said)):
                say(f"  {found}")
        except Exception as error:  # noqa: BLE001 - whatever it is, somebody here can mend it
            say(f"  it cannot be read: {sentence(error, account.name, said)}", style="yellow")
            return False
        return True
