"""Where is the lake, and what did the team configure?

A team keeps one `dialgauge.toml` beside its lake. The `--lake` option wins over the variable
DIALGAUGE_LAKE, which wins over the nearest `dialgauge.toml` in this folder or above it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from dialgauge.accounts import EXAMPLE, Connected, read_accounts
from dialgauge.errors import FileError, LakeError, UnknownNameError, UsageError
from dialgauge.model.rules import Rules

FILE = "dialgauge.toml"
VARIABLE = "DIALGAUGE_LAKE"
DATABASE_VARIABLE = "DIALGAUGE_DATABASE_URL"
"""Names the application database; in no file, as there may be a password in it."""

_DATABASE = "dialgauge.db"
_VOCABULARY = "kpis.yaml"
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_KEYS = ("lake", "timezone", "week_starts", "vocabulary", "engine", "rules", "server", "sources")
_ENGINE_KEYS = ("memory",)
_SERVER_KEYS = ("public_url", "oidc_issuer", "oidc_client_id", "oidc_label")
_RULES_KEYS = tuple(field.name for field in fields(Rules))
_CURRENCY = re.compile(r"[A-Za-z]{3}")
_MEMORY = re.compile(r"[1-9]\d*(\.\d+)? ?[KMGT]i?B", re.IGNORECASE)

_NEW = """\
# The settings of one dialgauge lake; every line may be left out.
# Keep no passwords, keys or tokens here: they come from environment variables.

# The folder of the tables, seen from this file.
lake = "."

# In which time zone days begin, for filters and for buckets: an IANA name.
timezone = "UTC"

# On which day weeks begin: monday to sunday.
week_starts = "monday"

# Your own KPIs, measures, segments and attributes. Without this line, kpis.yaml
# beside this file is read when there is one.
# vocabulary = ["kpis.yaml"]

[engine]
# How much memory a question may take before it spills to disk. Without this line,
# 6 GB or half of what the machine has, whichever is less.
# memory = "4GB"

# What your team decided. When you change something here, `dialgauge lake prepare` works out
# anew what follows from it; so does the next import.
[rules]
# The lake's own currency, ISO 4217. Money in others is converted at the rate of its day, which
# the table currencies holds. Without this line money stays as it is, and can be added up only
# where it is all in one currency.
# currency = "EUR"

# For how many days a rate holds beyond its own: 3 where there are none over weekends.
rate_days = 0

# An order that names no call, agent or campaign is credited to the last contact with its lead
# in so many days before it.
attribution_days = 90

# A customer whose end is not written is lost when it has not ordered for so many days. Without
# this line customers stay until their end is written, as under contracts.
# inactive_after_days = 365

# The score a review must reach to pass, from 0 to 1.
pass_mark = 0.8

# How many months ahead the expected value of customers looks.
expected_months = 12

# The dashboard that `dialgauge serve` offers.
[server]
# Under which address people reach it, when that is not this machine itself.
# public_url = "https://gauge.example.com"

# Your own log-in service, which speaks OpenID Connect; its secret comes from the variable
# DIALGAUGE_OIDC_SECRET. The label stands on the button.
# oidc_issuer = "https://login.example.com"
# oidc_client_id = "dialgauge"
# oidc_label = "Example"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """What a team configured of its dashboard.

    Attributes:
        public_url: Under which address people reach it; empty on this machine only.
        oidc_issuer: The address of the team's log-in service; empty when there is none.
        oidc_client_id: The name under which it knows the dashboard.
        oidc_label: What stands on the button.
    """

    public_url: str = ""
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """What a team configured.

    Attributes:
        root: The folder of dialgauge.toml, or the lake's own where there is none; absolute.
        lake: The folder of the tables; absolute.
        timezone: In which days begin unless a question says otherwise; an IANA name.
        week_starts: 1 for Monday to 7 for Sunday.
        vocabulary: The files with the team's own KPIs, in order; absolute.
        memory: How much memory an engine may take, such as `4GB`; empty lets the engine decide.
        rules: What the team decided about how things are counted.
        server: What the team configured of its dashboard.
        sources: The systems it has connected.
    """

    root: Path
    lake: Path
    timezone: str = "UTC"
    week_starts: int = 1
    vocabulary: tuple[Path, ...] = ()
    memory: str = ""
    rules: Rules = field(default_factory=Rules)
    server: Server = field(default_factory=Server)
    sources: tuple[Connected, ...] = ()


def find(start: Path | None, lake: str | None, environment: Mapping[str, str]) -> Config:
    """Find the lake that is meant and read its settings.

    Args:
        start: Where to look for dialgauge.toml, and upwards from; None for the current folder.
        lake: What `--lake` said: a folder that holds dialgauge.toml, or a lake itself.
        environment: The environment's variables, of which DIALGAUGE_LAKE counts.

    Raises:
        LakeError: No lake was named and none is near, or the folder is missing.
        FileError: The settings cannot be read as TOML.
        UsageError: A setting is unknown or has a value that is not allowed.
    """
    here = (start or Path.cwd()).resolve()
    for name, origin in ((lake, "--lake"), (environment.get(VARIABLE), VARIABLE)):
        if name:
            return _of_folder(_under(here, name), origin)
    for folder in (here, *here.parents):
        if (folder / FILE).is_file():
            return read(folder / FILE)
    raise LakeError(
        f"there is no {FILE} in '{here}' or above it; run `dialgauge init` to make a lake here, "
        f"or name one with --lake DIR or the variable {VARIABLE}"
    )


def read(path: Path) -> Config:
    """Read a settings file.

    Raises:
        FileError: It cannot be read as TOML.
        UsageError: A setting is unknown or has a value that is not allowed.
    """
    path = path.resolve()
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FileError(f"{path} is not TOML in UTF-8: {error}") from error
    try:
        return _config(path.parent, settings)
    except UsageError as error:
        raise UsageError(f"{path}: {error}") from error


def database_url(config: Config, environment: Mapping[str, str]) -> str:
    """Say where the application database is: beside the settings unless a variable names it.

    Example:
        >>> database_url(Config(root=Path("/sales"), lake=Path("/sales")), {})
        'sqlite:////sales/dialgauge.db'
    """
    return environment.get(DATABASE_VARIABLE) or f"sqlite:///{config.root / _DATABASE}"


def has_database(config: Config, environment: Mapping[str, str]) -> bool:
    """Tell whether there may be an application database, without opening it."""
    return bool(environment.get(DATABASE_VARIABLE)) or (config.root / _DATABASE).is_file()


def write_new(directory: Path) -> Path:
    """Write a settings file with the defaults, explained, and return its path.

    Args:
        directory: Where; made when it is missing.

    Raises:
        UsageError: There is one already, or the folder cannot be written.
    """
    path = directory / FILE
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(_NEW + EXAMPLE)
    except FileExistsError as error:
        what = "is there already" if path.exists() else "cannot be made: a file stands in its way"
        raise UsageError(
            f"'{path}' {what}; nothing was changed. Edit it, or choose another folder"
        ) from error
    except OSError as error:
        raise UsageError(
            f"'{path}' cannot be written: {error.strerror}; choose another folder"
        ) from error
    return path


def _config(root: Path, settings: Mapping[str, Any]) -> Config:
    _known(settings, _KEYS, "setting")
    engine = _part(settings, "engine", _ENGINE_KEYS)
    return Config(
        root=root,
        lake=_under(root, _text(settings, "lake", ".")),
        timezone=_timezone(_text(settings, "timezone", "UTC")),
        week_starts=_week_starts(settings.get("week_starts", 1)),
        vocabulary=_vocabulary(root, settings.get("vocabulary")),
        memory=_memory(_text(engine, "memory", "")),
        rules=_rules(_part(settings, "rules", _RULES_KEYS)),
        server=_server(_part(settings, "server", _SERVER_KEYS)),
        sources=read_accounts(root, settings.get("sources", {})),
    )


def _server(settings: Mapping[str, Any]) -> Server:
    found = Server(**{key: _text(settings, key, "") for key in _SERVER_KEYS})
    for key in ("public_url", "oidc_issuer"):
        _web_address(key, getattr(found, key))
    if bool(found.oidc_issuer) != bool(found.oidc_client_id):
        raise UsageError("oidc_issuer and oidc_client_id belong together; write both or neither")
    return replace(found, public_url=found.public_url.rstrip("/"))


def _web_address(key: str, value: str) -> None:
    parts = urlsplit(value)
    if value and (parts.scheme not in ("http", "https") or not parts.hostname or parts.query):
        raise UsageError(f"{key} is '{value}'; write an address such as https://gauge.example.com")


def _rules(settings: Mapping[str, Any]) -> Rules:
    usual = Rules()
    inactive = settings.get("inactive_after_days")
    if inactive is not None:
        inactive = _whole(settings, "inactive_after_days", (1, 36_500), 0)
    return Rules(
        currency=_currency(_text(settings, "currency", usual.currency)),
        rate_days=_whole(settings, "rate_days", (0, 366), usual.rate_days),
        attribution_days=_whole(settings, "attribution_days", (0, 3_650), usual.attribution_days),
        inactive_after_days=inactive,
        pass_mark=_share(settings, "pass_mark", usual.pass_mark),
        expected_months=_whole(settings, "expected_months", (1, 120), usual.expected_months),
    )


def _of_folder(folder: Path, origin: str) -> Config:
    if not folder.is_dir():
        problem = "is a file, not a folder" if folder.exists() else "does not exist"
        raise LakeError(
            f"the lake '{folder}' that {origin} names {problem}; "
            "name a folder, or make one with `dialgauge init DIR`"
        )
    if (folder / FILE).is_file():
        return read(folder / FILE)
    return Config(root=folder, lake=folder, vocabulary=_vocabulary(folder, None))


def _under(root: Path, name: str) -> Path:
    try:
        return (root / Path(name).expanduser()).resolve()
    except (RuntimeError, ValueError) as error:
        raise UsageError(f"'{name}' is not a path: {error}") from error


def _part(settings: Mapping[str, Any], name: str, allowed: tuple[str, ...]) -> dict[str, Any]:
    """Take a table of the settings, empty when it is not written."""
    part = settings.get(name, {})
    if not isinstance(part, dict):
        raise UsageError(f"{name} is {_kind(part)}; write a table: [{name}]")
    _known(part, allowed, f"setting of [{name}]")
    return part


def _known(settings: Mapping[str, Any], allowed: tuple[str, ...], kind: str) -> None:
    for key in settings:
        if key not in allowed:
            raise UnknownNameError(kind, key, allowed)


def _text(settings: Mapping[str, Any], key: str, default: str) -> str:
    value = settings.get(key, default)
    if not isinstance(value, str) or (key in settings and not value.strip()):
        raise UsageError(f"{key} is {_kind(value)}; write a text in quotes")
    return value


def _whole(settings: Mapping[str, Any], key: str, span: tuple[int, int], default: int) -> int:
    value = settings.get(key, default)
    least, most = span
    if (
        isinstance(value, bool)
        or not isinstance(value, int)
        or (key in settings and not least <= value <= most)
    ):
        raise UsageError(f"{key} is {_kind(value)}; write a whole number from {least} to {most:,}")
    return value


def _share(settings: Mapping[str, Any], key: str, default: float) -> float:
    value = settings.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise UsageError(f"{key} is {_kind(value)}; write a number from 0 to 1, such as 0.8")
    return float(value)


def _currency(value: str) -> str:
    if value and not _CURRENCY.fullmatch(value):
        raise UsageError(f"currency is '{value}'; write the three letters of ISO 4217, such as EUR")
    return value.upper()


def _timezone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (KeyError, ValueError, OSError):
        raise UnknownNameError(
            "time zone", name, available_timezones(), " Use an IANA name such as Europe/Berlin."
        ) from None


def _week_starts(value: object) -> int:
    if isinstance(value, str) and value.lower() in _WEEKDAYS:
        return _WEEKDAYS.index(value.lower()) + 1
    if isinstance(value, str):
        raise UnknownNameError("week_starts", value, _WEEKDAYS)
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= len(_WEEKDAYS):
        return value
    raise UsageError(
        f"week_starts is {_kind(value)}; write monday to sunday, or 1 for Monday to 7 for Sunday"
    )


def _vocabulary(root: Path, value: object) -> tuple[Path, ...]:
    if value is None:
        default = root / _VOCABULARY
        return (default,) if default.is_file() else ()
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise UsageError(
            f'vocabulary is {_kind(value)}; write a list of files, such as ["{_VOCABULARY}"]'
        )
    paths = tuple(_under(root, name) for name in value)
    for path in paths:
        if not path.is_file():
            raise UsageError(
                f"vocabulary names '{path}', which is not a file; make it or take it off the list"
            )
    return tuple(dict.fromkeys(paths))


def _memory(value: str) -> str:
    if value and not _MEMORY.fullmatch(value):
        raise UsageError(
            f"memory is '{value}'; write a size with its unit, such as 500MB, 4GB or 2GiB"
        )
    return value


def _kind(value: object) -> str:
    match value:
        case "":
            return "empty"
        case bool() | int() | float():
            return str(value).lower()
        case dict():
            return "a table"
        case list():
            return f"the list {value}"
        case _:
            return f"'{value}'"
