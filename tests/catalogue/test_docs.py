"""Does the page on own KPIs say what is true?"""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

from dialgauge.catalogue.meaning import NAMES
from dialgauge.catalogue.spelling import KPI_KEYS, MEASURE_KEYS
from dialgauge.catalogue.user import built_in, extend
from dialgauge.config import read
from dialgauge.model.check import FUNCTIONS
from dialgauge.model.fact import ALIVE
from dialgauge.model.kpi import Unit

PAGE = Path(__file__).parents[2] / "docs" / "your-own-kpis.md"
TEXT = PAGE.read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```yaml\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("content", BLOCKS, ids=range(len(BLOCKS)))
def test_each_yaml_block_loads_on_its_own(content: str) -> None:
    """Whoever copies one gets what the page says."""
    assert extend(built_in(), {"kpis.yaml": content}) != built_in()


def test_the_yaml_blocks_are_there() -> None:
    """The page shows KPIs, measures, lives, segments and replacing: five blocks."""
    assert len(BLOCKS) == 5


def test_the_python_examples_run() -> None:
    """They print what stands below them."""
    failures, tried = doctest.testfile(str(PAGE), module_relative=False)
    assert (failures, tried) == (0, 7)


def test_every_key_unit_and_function_is_on_the_page() -> None:
    """Nothing that may be written is left untold."""
    names = {*KPI_KEYS, *MEASURE_KEYS, *NAMES, *FUNCTIONS, ALIVE}
    words = names | {unit.value for unit in Unit}
    assert [word for word in sorted(words) if f"`{word}" not in TEXT] == []


def test_the_settings_block_is_read(tmp_path: Path) -> None:
    """Both files it names are the vocabulary."""
    (block,) = re.findall(r"^```toml\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)
    for name in ("kpis.yaml", "campaigns/spring.yaml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "dialgauge.toml").write_text(block, encoding="utf-8")
    found = read(tmp_path / "dialgauge.toml").vocabulary
    assert found == (tmp_path / "kpis.yaml", tmp_path / "campaigns/spring.yaml")
