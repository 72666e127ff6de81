"""What may be shown of a row that has a problem?

Enough to mend it: times, identifiers of Asterisk, short numbers and words. What could be a phone
number or a name is shown as # signs, one a character; the file and the line say where it stands.
"""

from __future__ import annotations

_TIME = "[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}([ T][0-9:.]+)?"
UNIQUEID = "([^ ]+-)?[0-9]{9,10}[.][0-9]+"
"""What a name Asterisk gives to a channel looks like: maybe a server, seconds of UTC, a number."""

_SHORT = "[-A-Z _.]*[0-9]{0,4}"
_MOST_DIGITS = 6


def hidden(value: str) -> str:
    """Write SQL for a text with every letter and digit hidden."""
    return rf"regexp_replace({value}, '[\pL\pN]', '#', 'g')"


def shown(value: str) -> str:
    """Write SQL for a text whose digits are hidden when they could be a phone number.

    Example:
        >>> import duckdb
        >>> texts = "('2026-01-05 10:00:00'), ('1767604210.7'), ('SIP/101'), ('SIP/5551234')"
        >>> con = duckdb.connect()
        >>> con.execute(f"SELECT {shown('x')} FROM (VALUES {texts}) AS v(x)").fetchall()
        [('2026-01-05 10:00:00',), ('1767604210.7',), ('SIP/101',), ('SIP/#######',)]
    """
    few = f"length(regexp_replace({value}, '[^0-9]', '', 'g')) <= {_MOST_DIGITS}"
    return (
        f"CASE WHEN {few} OR regexp_full_match({value}, '{_TIME}|{UNIQUEID}') THEN {value} "
        f"ELSE regexp_replace({value}, '[0-9]', '#', 'g') END"
    )


def shown_if_safe(value: str) -> str:
    """Write SQL for a text of unknown meaning: hidden unless it plainly tells of nobody."""
    safe = f"regexp_full_match({value}, '{_TIME}|{UNIQUEID}|{_SHORT}')"
    return f"CASE WHEN {safe} THEN {value} ELSE {hidden(value)} END"
