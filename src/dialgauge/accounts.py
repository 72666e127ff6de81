"""Which systems has the team connected, and where are their secrets?

`[sources.pbx]` of dialgauge.toml says all but the secrets. Those come from the environment, as
DIALGAUGE_PBX_PASSWORD, or from the system's keyring, and are refused wherever they can be read.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from dialgauge.errors import UnknownNameError, UsageError
from dialgauge.plan.zones import zone

SERVICE = "dialgauge"
"""Under which name secrets stand in the keyring; the user is `pbx password`."""

HOOKS: Mapping[str, str] = MappingProxyType(
    {"files": "hook_secret", "freeswitch": "hook_secret", "twilio": "auth_token"}
)
"""Systems that can send events by themselves, and the secret that proves who sent them."""

HOOK_EVERY_S = 60.0

EXAMPLE = """
# The systems that `dialgauge sync` reads; `dialgauge connect` writes this for you. Passwords come
# from variables such as DIALGAUGE_PBX_PASSWORD, or from the system's keyring.
# [sources.pbx]
# system = "asterisk"
# url = "mysql://reader@replica.example.com/asteriskcdrdb"
# timezone = "Europe/Berlin"
"""
"""What a new dialgauge.toml says about them."""

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_OURS = ("system", "timezone", "options", "hook", "hook_every")
_OF_FILES = ("table", "mapping")
_SECRET = re.compile(
    r"(.*[_-])?(password|passwd|passphrase|pwd|secret|token|api_?key|access_?key|private_?key|"
    r"credentials?)",
    re.IGNORECASE,
)
_DURATION = re.compile(r"(\d{1,6})\s*([smhd])")
_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_LEAST_S, _MOST_S = 5, 7 * 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected:
    """A system that the team has connected.

    Attributes:
        name: Its name in dialgauge.toml, `pbx` for `[sources.pbx]`.
        system: Which kind it is, one of `sources.SOURCES`.
        settings: What reading it must know, such as `url`; the system checks it.
        timezone: Zone of times that carry none; empty for UTC.
        options: What turning its rows into ours understands.
        table: For files: the table of the events; empty when their keys tell it.
        mapping: For files: how events become rows; None when their keys are ours.
        hook: Whether it may send events by itself.
        hook_every_s: How often those are taken into the lake.
    """

    name: str
    system: str
    settings: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    timezone: str = ""
    options: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    table: str = ""
    mapping: Path | None = None
    hook: bool = False
    hook_every_s: float = HOOK_EVERY_S


def read_accounts(root: Path, part: object) -> tuple[Connected, ...]:
    """Read the `[sources.NAME]` parts of dialgauge.toml.

    Args:
        root: The folder from which paths are seen.
        part: What stands under `sources`.

    Raises:
        UsageError: A part is not understood, or holds a secret.

    Example:
        >>> found = read_accounts(Path(), {"pbx": {"system": "freeswitch", "hook": True}})
        >>> found[0].name, found[0].hook
        ('pbx', True)
    """
    if not isinstance(part, dict):
        raise UsageError("sources is no table; write one for each system, such as [sources.pbx]")
    return tuple(_account(root, name, said) for name, said in part.items())


def check_name(name: str) -> None:
    """Refuse a name that a system cannot have.

    Raises:
        UsageError: It is one.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"'{name}' cannot be the name of a source; write up to 40 small letters, digits and "
            "underscores, a letter first, such as pbx or crm_eu"
        )


def duration(text: str) -> float:
    """Read how long something lasts, in seconds.

    Raises:
        UsageError: It cannot be read, or is shorter than 5 seconds or longer than a week.

    Example:
        >>> duration("5m"), duration("2h")
        (300.0, 7200.0)
    """
    found = _DURATION.fullmatch(text.strip().lower())
    seconds = int(found[1]) * _UNITS[found[2]] if found else 0
    if not _LEAST_S <= seconds <= _MOST_S:
        raise UsageError(
            f"'{text}' is not how often; write a number and s, m, h or d, such as 30s, 5m or 2h, "
            "from 5s to 7d"
        )
    return float(seconds)


def variable(account: str, secret: str) -> str:
    """Name the environment variable of a secret.

    Example:
        >>> variable("pbx", "password")
        'DIALGAUGE_PBX_PASSWORD'
    """
    return f"DIALGAUGE_{account}_{secret}".upper()


def find_secret(account: str, secret: str) -> str:
    """Find a secret: in the environment, else in the system's keyring; empty when nowhere."""
    found = os.environ.get(variable(account, secret), "")
    return found or _kept(account, secret)


def secrets_of(account: str) -> Callable[[str], str]:
    """Give what an account is asked for its secrets with.

    Returns:
        A function from a secret's name to it, which raises UsageError when it is nowhere.
    """

    def secret(name: str) -> str:
        found = find_secret(account, name)
        if not found:
            raise UsageError(
                f"the {name} of '{account}' is not known; give it in the variable "
                f"{variable(account, name)}, or keep it in the system's keyring as "
                f"'{account} {name}' of the service '{SERVICE}' (needs: pip install "
                '"dialgauge[keyring]")'
            )
        return found

    return secret


def keep_secret(account: str, secret: str, value: str) -> bool:
    """Put a secret into the system's keyring, and tell whether there is one that took it."""
    try:
        import keyring  # noqa: PLC0415 - an extra
        import keyring.errors  # noqa: PLC0415
    except ImportError:
        return False
    try:
        keyring.set_password(SERVICE, f"{account} {secret}", value)
    except (keyring.errors.KeyringError, RuntimeError, OSError):
        return False
    return _kept(account, secret) == value


def _kept(account: str, secret: str) -> str:
    try:
        import keyring  # noqa: PLC0415 - an extra
        import keyring.errors  # noqa: PLC0415
    except ImportError:
        return ""
    try:
        return keyring.get_password(SERVICE, f"{account} {secret}") or ""
    except (keyring.errors.KeyringError, RuntimeError, OSError):
        return ""  # a keyring that is locked, or a machine that has none


def _account(root: Path, name: str, said: object) -> Connected:
    where = f"[sources.{name}]"
    check_name(name)
    if not isinstance(said, dict):
        raise UsageError(f'sources.{name} is no table; write {where} and below it system = "..."')
    _no_secrets(name, where, said)
    system = _system(where, said.get("system"))
    settings = {key: value for key, value in said.items() if key not in _OURS}
    table, mapping = "", None
    if system == "files":
        for key in settings:
            if key not in _OF_FILES:
                raise UnknownNameError(f"setting of {where}", key, (*_OURS, *_OF_FILES))
        table = _text(where, said, "table")
        named = _text(where, said, "mapping")
        mapping = (root / named).resolve() if named else None
        if mapping is not None and not mapping.is_file():
            raise UsageError(f"{where} names the mapping '{mapping}', which is no file; make it")
        settings = {}
        if said.get("hook") is True and not table and mapping is None:
            raise UsageError(
                f"{where} does not say what its events are; write the table they belong to, such "
                'as table = "calls", or a mapping'
            )
    timezone = _text(where, said, "timezone")
    return Connected(
        name=name,
        system=system,
        settings=MappingProxyType(settings),
        timezone=zone(timezone).key if timezone else "",
        options=MappingProxyType(_options(where, said.get("options", {}))),
        table=table,
        mapping=mapping,
        hook=_hook(where, system, said.get("hook", False)),
        hook_every_s=duration(_text(where, said, "hook_every") or f"{HOOK_EVERY_S:g}s"),
    )


def _system(where: str, system: object) -> str:
    from dialgauge.sources import SOURCES  # noqa: PLC0415 - imports DuckDB

    known = sorted({*SOURCES, *HOOKS})
    if not isinstance(system, str) or not system:
        raise UsageError(f'{where} does not say which system it is; write system = "{known[0]}"')
    if system not in known:
        raise UnknownNameError("system", system, known)
    return system


def _hook(where: str, system: str, said: object) -> bool:
    if not isinstance(said, bool):
        raise UsageError(f"hook of {where} is not true or false; write hook = true")
    if said and system not in HOOKS:
        raise UsageError(
            f"{where} says hook = true, but {system} sends no events that are understood; those "
            f"that do: {', '.join(HOOKS)}"
        )
    return said


def _options(where: str, said: object) -> dict[str, str]:
    if not isinstance(said, dict):
        raise UsageError(f"the options of {where} are no table; write [{where[1:-1]}.options]")
    for key, value in said.items():
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise UsageError(f"the option {key} of {where} is no text; write it in quotes")
    return {key: str(value) for key, value in said.items()}


def _text(where: str, said: Mapping[str, Any], key: str) -> str:
    value = said.get(key, "")
    if not isinstance(value, str) or (key in said and not value.strip()):
        raise UsageError(f"{key} of {where} is no text; write it in quotes")
    return value


def _no_secrets(name: str, where: str, said: Mapping[str, Any]) -> None:
    """Refuse secrets, without repeating them."""
    for key, value in said.items():
        if isinstance(value, dict):
            _no_secrets(name, where, value)
            continue
        if _SECRET.fullmatch(key) and value != "" and not isinstance(value, bool):
            raise UsageError(
                f"{where} holds what looks like a secret, {key}; take it out of the file and give "
                f"it in the variable {variable(name, key.replace('-', '_'))}"
            )
        texts = value if isinstance(value, list) else [value]
        if any(isinstance(text, str) and _password_in(text) for text in texts):
            raise UsageError(
                f"{key} of {where} holds a password; take it out of the address and give it in "
                f"the variable {variable(name, 'password')}"
            )


def _password_in(value: str) -> bool:
    """Tell whether a text is an address with a password in it.

    Example:
        >>> _password_in("mysql://reader:x@pbx/asterisk"), _password_in("https://host?page=1")
        (True, False)
    """
    try:
        parts = urlsplit(value)
        if "://" in value and parts.password:
            return True
    except ValueError:
        return "@" in value
    asked = re.findall(r"[?&;]([^=&;]+)=[^&;]", value)
    return any(_SECRET.fullmatch(name) for name in asked)
