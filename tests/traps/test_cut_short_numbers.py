"""Are two records made one when a spreadsheet saved their long identifiers as 1.2E+15?"""

from __future__ import annotations

from pathlib import Path

from staging import staged

MAPPING = """
table = "leads"
[columns]
lead_id = "Id"
created_at = "Made"
customer_id = "Customer"
phone_token = { expression = "token(Phone)" }
"""


def test_identifiers_that_lost_digits_are_refused(tmp_path: Path) -> None:
    """As a key they would make several records one, as another's key join it to the wrong one."""
    content = (
        "Id;Made;Customer;Phone\n"
        "1,20E+15;2026-01-05;c1;+49 30 901820\n"
        "1.20E+15;2026-01-05;c1;+49 30 901821\n"
        "1E+15;2026-01-05;c1;+49 30 901822\n"
        "L4;2026-01-05;9.12E+11;+49 30 901823\n"
        "L5;2026-01-05;c1;4.93090E+11\n"
        "L6;2026-01-05;E+15;+49 30 901824\n"
    )
    result = staged(tmp_path, content, mapping=MAPPING, phone_key=b"k" * 32)
    assert result.rows("lead_id") == [("L6",)]
    cut = "was cut short by a spreadsheet, as 1.2E+15 was; export that column as text"
    assert result.reasons() == [
        *[f"lead_id {cut}"] * 3,
        f"customer_id {cut}",
        f"a phone number {cut}",
    ]
