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
- pages may overlap and rows may come again, later ones win: `stage` takes the last row of a key
- columns with passwords are never asked for, and no secret is ever part of a page or an error
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeAlias

import pyarrow as pa


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """From where to where rows are wanted.

    Attributes:
        cursors: Stream to where it stopped, as the last page kept said; empty the first time.
        start: Only what happened or changed since, instead of going on; None to go on.
        end: Only what happened or changed before; None for all until now.
    """

    cursors: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    start: dt.datetime | None = None
    end: dt.datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some rows of one stream.

    Attributes:
        stream: The system's own name of the table or endpoint.
        rows: Its rows; any number, also none.
        cursors: Where to go on, for the streams that moved.
    """

    stream: str
    rows: pa.Table
    cursors: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


Fetch: TypeAlias = Callable[[Account, Span], Iterator[Page]]
"""What the module of a running system offers under the name `fetch`."""
