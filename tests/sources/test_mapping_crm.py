"""Does the worked example for a CRM's opportunities give the numbers that are in them?

The file is not part of the project; see `test_mapping_bank` for where it is looked for.
"""

from __future__ import annotations

import datetime as dt
import os
from dataclasses import replace
from pathlib import Path

import pytest

from dialgauge.intake import take_in
from dialgauge.sources import source
from dialgauge.sources.base import Request
from small_lake import small_lake

PROJECT = Path(__file__).parents[2]
MAPPING = PROJECT / "examples" / "crm" / "mapping.toml"


def pipeline_file() -> Path:
    """Find the real file, or leave the test out, loudly."""
    folder = Path(os.environ.get("DIALGAUGE_DATA") or PROJECT.parent / "shared" / "data")
    path = folder / "crm" / "sales_pipeline.csv"
    if not path.exists():
        pytest.skip(f"NOT TESTED: {path} is absent; set DIALGAUGE_DATA to the folder that has it")
    return path


def test_the_real_file_gives_its_own_numbers(tmp_path: Path) -> None:
    """4,238 won of 6,711 closed, worth 10,005,534; half are won after 120 days, not after 57."""
    lake = replace(small_lake(tmp_path), now=dt.datetime(2017, 12, 31, tzinfo=dt.UTC))
    request = Request(paths=(pipeline_file(),), mapping=MAPPING)
    report = take_in(lake.lake, source("files"), request)
    assert (report.counts.loaded, report.counts.quarantined) == (8300, 500)
    win = lake.total("win_rate")
    assert (win.numerator, win.denominator) == (4238, 6711)
    assert lake.total("avg_deal_size").numerator == 10_005_534
    assert lake.total("sales_cycle_median").value == 57
    assert lake.total("sales_cycle").value == 120
