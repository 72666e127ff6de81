"""What may be shown of a file's row that has a problem, when phone numbers stand in it?

A refused row is kept as it was so that it can be mended, but for its phone numbers: their digits
become # signs, one a digit. Hidden is what `token()` reads, what stands under a header that means
a phone number, and what begins with + and is as long as a number. The file itself still has them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from dialgauge.model.expression import Call, names, walk
from dialgauge.sources.mapping import Rule
from dialgauge.sources.raw import folded
from dialgauge.sources.synonyms import SYNONYMS
from dialgauge.tables.storage import text

_LEAST = 7  # shorter ones are extensions, counts and days
_VAGUE = ("number", "to", "номер", "号码", "ნომერი")
_WRITTEN = r"\s*[+(][-+0-9 ()./]*"
_IN_A_LINE = re.compile(r"\+[0-9][0-9 ()./-]{5,}[0-9]|[0-9]{7,}")


def read_by_token(rules: Iterable[Rule]) -> frozenset[str]:
    """Return the names that `token()` reads in the expressions of a mapping."""
    calls = (
        node
        for rule in rules
        for node in walk(rule.expression)
        if isinstance(node, Call) and node.function == "token"
    )
    return frozenset(name for call in calls for each in call.arguments for name in names(each))


def means_a_number(header: str) -> bool:
    """Whether a header is one of the words for phone numbers.

    Example:
        >>> means_a_number("Phone Number"), means_a_number("Order number")
        (True, False)
    """
    plain = "".join(letter for letter in folded(header) if letter.isalnum())
    return plain in SYNONYMS["phone_token"] and plain not in _VAGUE


def hidden_sql(value: str) -> str:
    """Write SQL for a text that is a phone number: its digits hidden when there are many."""
    many = f"length(regexp_replace({value}, '[^0-9]', '', 'g')) >= {_LEAST}"
    return f"CASE WHEN {many} THEN regexp_replace({value}, '[0-9]', '#', 'g') ELSE {value} END"


def hidden_if_written_sql(value: str) -> str:
    """Write SQL for any text: as `hidden_sql` where it is written as only numbers are.

    Example:
        >>> import duckdb
        >>> sql = hidden_if_written_sql("x")
        >>> texts = "('+49 170 1234567'), ('+0200'), ('20260105100000'), ('(212) 555-0123')"
        >>> duckdb.connect().execute(f"SELECT {sql} FROM (VALUES {texts}) AS v(x)").fetchall()
        [('+## ### #######',), ('+0200',), ('20260105100000',), ('(###) ###-####',)]
    """
    looks = f"regexp_full_match({value}, {text(_WRITTEN)})"
    return f"CASE WHEN {looks} THEN {hidden_sql(value)} ELSE {value} END"


def hidden_line(line: str) -> str:
    """Hide in a line that cannot be split what could be a phone number.

    Example:
        >>> hidden_line('7;+49 170 1234567;"2026-01-05 10:00;1701234567')
        '7;+## ### #######;"2026-01-05 10:00;##########'
    """
    return _IN_A_LINE.sub(lambda found: re.sub("[0-9]", "#", found[0]), line)
