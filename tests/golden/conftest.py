"""How are golden statements renewed?"""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option; it is there when this folder is named: `pytest tests/golden ...`."""
    parser.addoption(
        "--update-golden", action="store_true", help="write the statements instead of comparing"
    )
