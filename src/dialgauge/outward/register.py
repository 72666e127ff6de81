"""Which numbers does a do-not-call register name?

A file with one number or token a line, as authorities and associations give it out; of a CSV file
the first column counts. Numbers become tokens at once, by the lake's own secret, and are kept
nowhere.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from dialgauge.errors import FileError
from dialgauge.sources.phone import LENGTH
from dialgauge.sources.phones import understand
from dialgauge.sources.raw import literal_path

_TOKEN = f"[0-9a-f]{{{LENGTH}}}"
_FIRST = "trim(regexp_extract(line, '^[^,;\t]*'), ' \"''')"


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """Numbers that nobody may call.

    Attributes:
        tokens: One column `token`, each once.
        unread: So many lines are neither a number nor a token.
    """

    tokens: pa.Table
    unread: int = 0


def read_register(path: Path, key: bytes, home: str = "") -> Register:
    """Read a register.

    Args:
        path: The file.
        key: The lake's secret.
        home: Where numbers without + belong, as `sources.phones.home_of` gave it.

    Raises:
        FileError: It cannot be read, or holds no number at all.
    """
    if not path.is_file():
        raise FileError(f"there is no file '{path}'; name one with a number or token a line")
    with contextlib.closing(duckdb.connect()) as con:
        try:
            con.execute(
                f"CREATE TABLE register AS SELECT {_FIRST} AS said FROM read_csv("
                f"{literal_path(path)}, header=false, auto_detect=false, delim='\x1f', quote='',"
                " escape='', strict_mode=false, columns={'line': 'VARCHAR'})"
            )
        except duckdb.Error as error:
            reason = str(error).splitlines()[0]
            raise FileError(f"'{path}' cannot be read: {reason}; save it as UTF-8 text") from error
        known = understand(con, "register", "said", key, home)
        con.execute(
            "CREATE TABLE read AS SELECT CASE WHEN regexp_full_match(r.said,"
            f" '{_TOKEN}') THEN r.said ELSE k.phone_token END AS token"
            f" FROM register AS r LEFT JOIN {known} AS k ON k.said = r.said WHERE r.said <> ''"
        )
        ((unread,),) = con.execute("SELECT count(*) FROM read WHERE token IS NULL").fetchall()
        tokens = con.sql("SELECT DISTINCT token FROM read WHERE token IS NOT NULL")
        found = Register(tokens=tokens.to_arrow_table(), unread=int(unread))
    if not found.tokens.num_rows:
        raise FileError(
            f"'{path}' holds no number; write one a line, with + and its calling code, or say "
            "with --region where they belong"
        )
    return found
