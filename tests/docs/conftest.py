"""What do the tests of the docs share?"""

from __future__ import annotations

from pathlib import Path

import pytest
from pages import make_demo


@pytest.fixture(autouse=True)
def no_lake_around(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page knows only the lake it makes or stands in."""
    monkeypatch.delenv("DIALGAUGE_LAKE", raising=False)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the demo's lake once."""
    return make_demo(tmp_path_factory.mktemp("demo") / "demo")
