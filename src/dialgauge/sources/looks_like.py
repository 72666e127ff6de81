"""What do the values of a column look like?

Judged on a sample, and only to propose a mapping for people to check; nothing is imported by it.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_DATES = ("%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%d.%m.%y", "%d/%m/%y",
          "%m/%d/%y", "%Y%m%d", "%d %b %Y", "%d %B %Y", "%b %d %Y", "%b %d, %Y", "%Y.%m.%d",
          "%Y年%m月%d日")  # fmt: skip
_CLOCKS = ("", " %H:%M:%S", " %H:%M", " %I:%M:%S %p", " %I:%M %p", "T%H:%M:%S", ", %H:%M:%S")
_ISO = re.compile(
    r"\d{4}[-/]\d{1,2}[-/]\d{1,2}"
    r"([T ]\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?( ?(Z|UTC|[+-]\d\d(:?\d\d)?))?)?"
)
_PHONE = re.compile(r"[+(]?[\d][\d\s().-]{5,18}\d")
_FLAGS = {"true", "false", "yes", "no", "y", "n", "t", "f", "1", "0"}


@dataclass(frozen=True, slots=True)
class Look:
    """What the values of a column look like.

    Attributes:
        kind: time, epoch, phone, clock (such as 0:05:30), number, comma (a decimal comma), flag,
            code (few different values), text, or empty when there are none.
        formats: Of times, every format that reads all of them; empty for ISO 8601.
        codes: Of codes, the different values, the most frequent first.
    """

    kind: str
    formats: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()


def looks_like(values: Sequence[str | None]) -> Look:
    """Judge a sample of a column's values.

    Args:
        values: Texts as they stand in the file.

    Example:
        >>> looks_like(["31.01.2026 10:00", "01.02.2026 11:30"]).formats
        ('%d.%m.%Y %H:%M',)
        >>> looks_like(["03/04/2026"]).formats
        ('%d/%m/%Y', '%m/%d/%Y')
    """
    known = [value.strip() for value in values if value and value.strip()]
    if not known:
        return Look("")
    if all(_ISO.fullmatch(value) for value in known):
        return Look("time")
    if epoch := _epoch(known):
        return Look("epoch", (epoch,))
    formats = tuple(form for form in _formats() if all(_reads(value, form) for value in known))
    if formats:
        return Look("time", formats)
    return _other(known)


def _other(known: Sequence[str]) -> Look:
    counted = {value: known.count(value) for value in dict.fromkeys(known)}
    if {value.lower() for value in counted} <= _FLAGS and len(counted) > 1:
        return Look("flag")
    if all(re.fullmatch(r"\d+:[0-5]?\d(:[0-5]?\d)?", value) for value in known):
        parts = {value.count(":") for value in known}
        return Look("clock", ("MM:SS",) if parts == {1} else ("HH:MM:SS",))
    if all(re.fullmatch(r"[+-]?\d+(\.\d+)?", value) for value in known):
        long = sum(len(value.lstrip("+")) >= 9 for value in known)
        return Look("phone" if long >= 0.8 * len(known) else "number")
    if all(re.fullmatch(r"[+-]?[\d.]*\d(,\d+)?", value) for value in known):
        return Look("comma", codes=(".",) if any("." in value for value in known) else ())
    if sum(bool(_PHONE.fullmatch(value)) for value in known) >= 0.8 * len(known):
        return Look("phone")
    if len(counted) <= 40 and (len(known) >= 2 * len(counted) or len(counted) <= 5):
        return Look("code", codes=tuple(sorted(counted, key=lambda code: -counted[code])))
    return Look("text")


def _formats() -> Iterable[str]:
    return (date + clock for date in _DATES for clock in _CLOCKS)


def _reads(value: str, form: str) -> bool:
    try:
        return 1970 <= dt.datetime.strptime(value, form).year < 2100  # noqa: DTZ007 - a try
    except ValueError:
        return False


def _epoch(known: Sequence[str]) -> str:
    if all(re.fullmatch(r"1\d{9}(\.\d+)?", value) for value in known):
        return "epoch"
    return "epoch_ms" if all(re.fullmatch(r"1\d{12}", value) for value in known) else ""
