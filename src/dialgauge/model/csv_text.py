"""How are records written as CSV that a spreadsheet may open?"""

from __future__ import annotations

import csv
import io
from typing import Any


def to_csv(records: list[dict[str, Any]]) -> str:
    """Write records as CSV; a text that a spreadsheet would run as a formula is quoted for it.

    Example:
        >>> to_csv([{"team": "=1+1", "dials": 3}]).splitlines()[1]
        "'=1+1,3"
    """
    if not records:
        return ""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(records[0])
    for record in records:
        writer.writerow([_harmless(cell) for cell in record.values()])
    return buffer.getvalue()


def _harmless(cell: Any) -> Any:
    risky = isinstance(cell, str) and cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    return f"'{cell}" if risky else cell
