"""How can a phone number be shown again, though only its token is stored?

By a vault, which a lake has only when its team opened one: a file beside the tables with each
token and its number, encrypted with AES-256-GCM under a key that is never in the lake. The token
is part of what is sealed, so that no number can be moved to another token. The key comes from the
variable DIALGAUGE_VAULT_KEY; several, separated by commas, are one new key that encrypts and old
ones that still decrypt, until `seal_anew` has done them all.

Who looks at a number leaves a trace in the same file, also who sees only what a mask leaves of it.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import datetime as dt
import hashlib
import os
import secrets
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dialgauge.errors import LakeError, UsageError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

VARIABLE = "DIALGAUGE_VAULT_KEY"
"""Names the vault's keys; they are in no file of ours."""

_KEY_BYTES, _NONCE_BYTES = 32, 12
_AT_ONCE = 10_000
_TABLES = (
    "CREATE TABLE IF NOT EXISTS numbers (token TEXT PRIMARY KEY, key_id TEXT, sealed BLOB)",
    "CREATE TABLE IF NOT EXISTS shown (at TEXT NOT NULL, who TEXT NOT NULL, token TEXT NOT NULL)",
)
_COLUMNS_OF_SHOWN = 4
_WHOLE, _MASKED = "the number", "its mask"
_WHAT = f"ALTER TABLE shown ADD COLUMN what TEXT NOT NULL DEFAULT '{_WHOLE}'"  # older files lack it


@dataclass(frozen=True, slots=True)
class Vault:
    """The numbers of one lake.

    Attributes:
        path: The file; the lake has no vault as long as there is none.
    """

    path: str

    @property
    def opened(self) -> bool:
        """Whether the team keeps numbers."""
        return Path(self.path).is_file()

    def need_key(self) -> None:
        """Refuse to go on where numbers are kept and no key is there.

        Raises:
            LakeError: There is no key.
            UsageError: The extra `vault` is not installed.
        """
        if self.opened:
            _keys()

    def open(self) -> None:
        """Keep numbers from now on.

        Raises:
            LakeError: There is no key, or the file cannot be written.
        """
        _keys()
        if not self.opened:
            Path(self.path).touch(mode=0o600)
        with self._file():
            pass

    def close(self) -> None:
        """Keep no numbers any more, and forget those there are."""
        Path(self.path).unlink(missing_ok=True)

    def keep(self, numbers: Iterable[tuple[str, str]]) -> int:
        """Seal numbers whose tokens are not there yet, and return how many were.

        Args:
            numbers: Token and number of each.

        Raises:
            LakeError: There is no key, or the file cannot be written.
        """
        keys = _keys()
        with self._file() as file:
            before = _count(file)
            file.executemany(
                "INSERT OR IGNORE INTO numbers VALUES (?, ?, ?)",
                ((token, *_seal(keys, token, number)) for token, number in numbers),
            )
            return _count(file) - before

    def show(self, token: str, who: str) -> str:
        """Return the number behind a token, and remember who looked.

        Raises:
            LakeError: The key it was sealed with is not there, or the vault is damaged.
            UsageError: The vault does not have the token.
        """
        return self._look(token, who, _WHOLE)

    def glimpse(self, token: str, who: str, mask: Callable[[str], str]) -> str:
        """Return what a mask leaves of the number behind a token, and remember who looked.

        Raises:
            LakeError: The key it was sealed with is not there, or the vault is damaged.
            UsageError: The vault does not have the token.
        """
        return mask(self._look(token, who, _MASKED))

    def _look(self, token: str, who: str, what: str) -> str:
        keys = _keys()
        with self._file() as file:
            found = file.execute(
                "SELECT key_id, sealed FROM numbers WHERE token = ?", [token]
            ).fetchone()
            if found is None:
                raise UsageError(
                    f"the vault has no number for '{token}'; it keeps those of imports since it was"
                    " opened, and none of people who were erased"
                )
            number = _unseal(keys, token, *found)
            at = dt.datetime.now(tz=dt.UTC).isoformat(timespec="seconds")
            file.execute("INSERT INTO shown VALUES (?, ?, ?, ?)", [at, who, token, what])
            return number

    def show_all(self, tokens: Iterable[str], who: str) -> Mapping[str, str]:
        """Return the numbers behind tokens, and remember who looked at which.

        Returns:
            Token to number, without those that the vault does not have.

        Raises:
            LakeError: A key they were sealed with is not there, or the vault is damaged.
        """
        keys = _keys()
        at = dt.datetime.now(tz=dt.UTC).isoformat(timespec="seconds")
        found = {}
        with self._file() as file:
            for token in dict.fromkeys(tokens):
                row = file.execute(
                    "SELECT key_id, sealed FROM numbers WHERE token = ?", [token]
                ).fetchone()
                if row is not None:
                    found[token] = _unseal(keys, token, *row)
            file.executemany(
                "INSERT INTO shown VALUES (?, ?, ?, ?)",
                ((at, who, token, _WHOLE) for token in found),
            )
        return found

    def shown(self) -> list[tuple[str, str, str, str]]:
        """List when somebody looked, who, at which token and whether it was masked, latest first.

        Returns:
            An instant in ISO 8601, a name, a token, and `the number` or `its mask`.
        """
        with self._file() as file:
            rows = file.execute("SELECT at, who, token, what FROM shown ORDER BY rowid DESC")
            return [(str(at), str(who), str(token), str(what)) for at, who, token, what in rows]

    def forget(self, tokens: Iterable[str]) -> int:
        """Remove the numbers of tokens, and the traces of who looked at them; needs no key."""
        if not self.opened:
            return 0
        asked = [(token,) for token in tokens]
        with self._file() as file:
            before = _count(file)
            file.executemany("DELETE FROM numbers WHERE token = ?", asked)
            file.executemany("DELETE FROM shown WHERE token = ?", asked)
            return before - _count(file)

    def seal_anew(self) -> int:
        """Encrypt with the first key what was encrypted with another; return how many were.

        Raises:
            LakeError: A key that is still needed is not there; nothing has changed.
        """
        keys = _keys()
        newest = next(iter(keys))
        done = 0
        with self._file() as file:
            while True:
                old = file.execute(
                    "SELECT token, key_id, sealed FROM numbers WHERE key_id <> ? LIMIT ?",
                    [newest, _AT_ONCE],
                ).fetchall()
                if not old:
                    return done
                file.executemany(
                    "UPDATE numbers SET key_id = ?, sealed = ? WHERE token = ?",
                    [
                        (*_seal(keys, token, _unseal(keys, token, key_id, sealed)), token)
                        for token, key_id, sealed in old
                    ],
                )
                done += len(old)

    @contextlib.contextmanager
    def _file(self) -> Iterator[sqlite3.Connection]:
        """Hold the file for one change, which happens wholly or not at all."""
        try:
            with contextlib.closing(sqlite3.connect(self.path, timeout=60)) as file:
                file.execute("PRAGMA secure_delete = ON")  # what is forgotten is overwritten
                with file:
                    for table in _TABLES:
                        file.execute(table)
                    if len(file.execute("PRAGMA table_info(shown)").fetchall()) < _COLUMNS_OF_SHOWN:
                        file.execute(_WHAT)
                    yield file
        except sqlite3.Error as error:
            raise LakeError(
                f"the vault '{self.path}' cannot be read or written: {error}; check the disk and"
                " its permissions, nothing is half done."
            ) from error


def new_key() -> str:
    """Make a key for a vault, as `VARIABLE` holds it."""
    return base64.urlsafe_b64encode(secrets.token_bytes(_KEY_BYTES)).decode()


def _keys() -> Mapping[str, AESGCM]:
    """Return the keys by their names, the one that encrypts first."""
    told = [each.strip() for each in os.environ.get(VARIABLE, "").split(",") if each.strip()]
    if not told:
        raise LakeError(
            f"the phone numbers of this lake are kept in its vault, and {VARIABLE} is not set; set"
            " it to the vault's key, or make a new one with `dialgauge lake vault --new-key`."
        )
    try:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415 - an extra
    except ImportError:
        raise UsageError(
            'keeping phone numbers needs the extra "vault"; install it with: pip install '
            '"dialgauge[vault]"'
        ) from None
    found = {}
    for each in told:
        try:
            key = base64.urlsafe_b64decode(each)
        except (binascii.Error, ValueError):
            key = b""
        if len(key) != _KEY_BYTES:
            raise LakeError(
                f"{VARIABLE} holds what is no key; a key is 32 random bytes in URL-safe base64,"
                " such as `dialgauge lake vault --new-key` makes."
            )
        found[hashlib.sha256(b"dialgauge vault" + key).hexdigest()[:16]] = AESGCM(key)
    return found


def _seal(keys: Mapping[str, AESGCM], token: str, number: str) -> tuple[str, bytes]:
    name, key = next(iter(keys.items()))
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return name, nonce + key.encrypt(nonce, number.encode(), token.encode())


def _unseal(keys: Mapping[str, AESGCM], token: str, name: str, sealed: bytes) -> str:
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415 - an extra

    if name not in keys:
        raise LakeError(
            f"a number was encrypted with another key than {VARIABLE} holds; add the old key"
            " behind the new one, separated by a comma."
        )
    nonce, rest = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
    try:
        return keys[name].decrypt(nonce, rest, token.encode()).decode()
    except InvalidTag:
        raise LakeError(
            "a number in the vault was changed from outside and cannot be trusted; import the"
            " file it came from again."
        ) from None


def _count(file: sqlite3.Connection) -> int:
    return int(file.execute("SELECT count(*) FROM numbers").fetchone()[0])
