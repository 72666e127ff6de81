"""How is a system read while it runs?

Beside `stage`, which makes canonical tables of a system's own rows, the module of such a system
offers `fetch`, which gets those rows. Between the two lies the spool, a folder of Parquet files:

    fetch(account, span)  ->  pages  ->  SPOOL/STREAM/000001.parquet  ->  stage(con, request)

so that what was fetched survives a crash, `stage` can be tried with files alone, and a dump that
somebody made by hand comes in the same way. The contract of `fetch`:

- it only reads, in small pages, each ordered so that reading can go on after any of them
- a page holds rows of one stream (a table, an endpoint) with the system's own columns and values;
  nothing is interpreted here, so nothing can be lost here
- the cursors of a page say where to go on once that page and those before it are kept; a stream
  without a cursor (a small table such as the users') is read whole each time
- reading may be broken off behind any page that moved a cursor, and begins anew from there, after a
  crash and when much is read: so streams without a cursor come first, and rows that belong to
  those to come are read again
- pages may overlap and rows may come again, later ones win: `stage` takes the last row of a key
- what a system deletes without a word is found by its rolls: a page may hold a list of all that is
  there, and the next round gets it back to lay it beside the new one (`sources/crm/rolls.py`)
- columns with passwords are never asked for, and no secret is ever part of a page or an error

Such a module also offers, for `dialgauge connect` and for the docs:

- `SETTINGS: tuple[Setting, ...]`, what `[sources.NAME]` may say besides `system`, `timezone` and
  `[sources.NAME.options]`; `checked_settings(account.settings, SETTINGS)` refuses anything else
- `SECRETS: tuple[Setting, ...]`, the secrets that `account.secret(name)` is asked for
- `probe(account) -> Sequence[str]`, where it is cheap: tries the access and says in sentences what
  it found; raises an error of `dialgauge.errors` when there is none
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeAlias

import pyarrow as pa

from dialgauge.errors import UnknownNameError, UsageError


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing a system must be told: an address, a name, a password.

    Attributes:
        name: Its key in `[sources.NAME]`, or the name of the secret; lower case and underscores.
        question: What to ask a person for it; one line that ends in a question mark.
        example: What one may look like. One that is a whole number, or `true` or `false`, is
            written to dialgauge.toml as such, any other as a text. Empty for secrets.
        required: Whether the system cannot be read without it.
        asked: Whether a person is asked for it all the same where it is not required; the others
            are details, for those whose system is unusual.
    """

    name: str
    question: str
    example: str = ""
    required: bool = True
    asked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One system of the team's, and how to reach it.

    Attributes:
        name: Its name in dialgauge.toml, `pbx` for `[sources.pbx]`.
        settings: What stands there besides, such as `url` or `timezone`; each system checks its
            own and says which it knows.
        secret: Gives a secret by its name, such as `password` or `token`. It comes from the
            variable DIALGAUGE_PBX_PASSWORD or the keyring, never from a file.
    """

    name: str
    settings: Mapping[str, object]
    secret: Callable[[str], str]


def _no_roll(_: str) -> pa.Table | None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """From where to where rows are wanted.

    Attributes:
        cursors: Stream to where it stopped, as the last page kept said; empty the first time.
        start: Only what happened or changed since, instead of going on; None to go on.
        end: Only what happened or changed before; None for all until now.
        roll: Gives the roll that came with the cursor of a name; None when there is none.
    """

    cursors: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    start: dt.datetime | None = None
    end: dt.datetime | None = None
    roll: Callable[[str], pa.Table | None] = _no_roll

    @property
    def ranged(self) -> bool:
        """Whether a part is read again instead of going on."""
        return self.start is not None or self.end is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some rows of one stream.

    Attributes:
        stream: The system's own name of the table or endpoint.
        rows: Its rows; any number, also none.
        cursors: Where to go on, for the streams that moved.
        rolls: Lists of all that was there, by the names of cursors of this page; each is at hand
            as long as its cursor is where reading goes on.
    """

    stream: str
    rows: pa.Table
    cursors: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    rolls: Mapping[str, pa.Table] = field(default_factory=lambda: MappingProxyType({}))


Fetch: TypeAlias = Callable[[Account, Span], Iterator[Page]]
"""What the module of a running system offers under the name `fetch`."""

Probe: TypeAlias = Callable[[Account], Sequence[str]]
"""What it may offer under the name `probe`."""


def checked_settings(
    settings: Mapping[str, object], known: Sequence[Setting]
) -> Mapping[str, object]:
    """Return the settings of an account when each is known and none is missing.

    Raises:
        UnknownNameError: A setting has a name that is not among `known`.
        UsageError: One that is required is missing or empty.

    Example:
        >>> url = Setting("url", "Where is it?", "mysql://reader@pbx/asterisk")
        >>> checked_settings({"url": "mysql://reader@pbx/asterisk"}, [url])
        {'url': 'mysql://reader@pbx/asterisk'}
    """
    for name in settings:
        if name not in {setting.name for setting in known}:
            raise UnknownNameError("setting", name, [setting.name for setting in known])
    for setting in known:
        if setting.required and settings.get(setting.name) in (None, ""):
            example = f', such as {setting.name} = "{setting.example}"' if setting.example else ""
            raise UsageError(f"the setting {setting.name} is missing; write it{example}")
    return settings


def whole(settings: Mapping[str, object], name: str, default: int, most: int) -> int:
    """Read a setting that is a whole number from 1 on.

    Args:
        settings: Those of an account.
        name: The setting.
        default: What holds where it is not said.
        most: The greatest that is allowed.

    Raises:
        UsageError: It is no such number.

    Example:
        >>> whole({"page_rows": 500}, "page_rows", 2000, 20_000), whole({}, "hours", 12, 72)
        (500, 12)
    """
    value = settings.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
        raise UsageError(
            f"the setting {name} is {value!r}, but must be a whole number from 1 to {most}, such "
            f"as {name} = {default}"
        )
    return value
