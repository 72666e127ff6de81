"""Does a phone number get into the lake when a file has it where a token belongs?"""

from __future__ import annotations

from pathlib import Path

from dialgauge.sources.phone import token
from staging import staged

KEY = b"k" * 32


def test_numbers_under_our_own_header_become_tokens(tmp_path: Path) -> None:
    """The same as of the number written otherwise; tokens and names of one's own stay."""
    ours = token(KEY, "+49 30 901820")
    content = (
        "call_id,started_at,phone_token\n"
        f"1,2026-01-05T10:00:00Z,+49 30 901820\n"
        f"2,2026-01-05T10:00:00Z,004930901820\n"
        f"3,2026-01-05T10:00:00Z,{ours}\n"
        "4,2026-01-05T10:00:00Z,person-12345678\n"
        "5,2026-01-05T10:00:00Z,4711\n"
        "6,2026-01-05T10:00:00Z,\n"
    )
    result = staged(tmp_path, content, phone_key=KEY)
    found = [row[0] for row in result.rows("phone_token")]
    assert found == [ours, ours, ours, "person-12345678", "4711", None]
    assert "2 phone numbers stood in phone_token and became tokens" in result.notes
