"""Is a packed file that broke off or was damaged on its way refused, and not half read?"""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pyarrow as pa
import pytest

from dialgauge.cli import main
from dialgauge.lake import Lake

ROWS = 40_000  # more than any reader looks at before it begins


def csv_of(rows: int) -> bytes:
    """Write calls, so different that they pack badly."""
    lines = (f"{number * 7919 % 1_000_003}-{number},2026-01-05T09:00:00Z" for number in range(rows))
    return "\n".join(("call_id,started_at", *lines)).encode()


def jsonl_of(rows: int) -> bytes:
    """Write the same as JSON lines."""
    _, *lines = csv_of(rows).decode().splitlines()
    told = (dict(zip(("call_id", "started_at"), line.split(","), strict=True)) for line in lines)
    return "\n".join(json.dumps(each) for each in told).encode()


def zstd(content: bytes) -> bytes:
    """Pack with zstd."""
    to = pa.BufferOutputStream()
    with pa.CompressedOutputStream(to, "zstd") as packed:
        packed.write(content)
    found: bytes = to.getvalue().to_pybytes()
    return found


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
@pytest.mark.parametrize("ending", ["gz", "zst"])
def test_what_broke_off_is_refused_whole(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    kind: str,
    ending: str,
) -> None:
    """At any place; the whole file is read, so it is only the break that is refused."""
    lake = Lake.create(str(tmp_path / "lake"))
    path = tmp_path / f"calls.{kind}.{ending}"
    content = csv_of(ROWS) if kind == "csv" else jsonl_of(ROWS)
    packed = gzip.compress(content) if ending == "gz" else zstd(content)
    told = ["import", "files", str(path), "--table", "calls", "--lake", str(tmp_path / "lake")]
    for share in (0.3, 0.9):
        path.write_bytes(packed[: int(len(packed) * share)])
        assert main(told) == 1
        assert "is packed, and breaks off or is damaged" in capsys.readouterr().err
    assert lake.snapshot().version == 0
    path.write_bytes(packed)
    assert main(told) == 0
    assert f"{ROWS:,} loaded" in capsys.readouterr().out


def test_a_damaged_byte_is_not_read_as_another_value(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Gzip ends with a check sum, which DuckDB does not look at."""
    Lake.create(str(tmp_path / "lake"))
    path = tmp_path / "calls.jsonl.gz"
    packed = bytearray(gzip.compress(jsonl_of(ROWS)))
    packed[-5] ^= 255  # the last byte of the check sum
    path.write_bytes(packed)
    told = ["import", "files", str(path), "--table", "calls", "--lake", str(tmp_path / "lake")]
    assert main(told) == 1
    assert "is packed, and breaks off or is damaged" in capsys.readouterr().err


@pytest.mark.parametrize("system", ["asterisk", "freeswitch"])
def test_packed_logs_of_a_pbx_that_broke_off_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], system: str
) -> None:
    """As logs are packed at night, and copied while they are."""
    lake = Lake.create(str(tmp_path / "lake"))
    line = ",".join(f'"{number}"' for number in range(18)).encode() + b"\n"
    (tmp_path / "Master.csv.gz").write_bytes(gzip.compress(line * 5_000)[:-9])
    told = ["import", system, str(tmp_path / "Master.csv.gz"), "--lake", str(tmp_path / "lake")]
    assert main(told) == 1
    assert "is packed, and breaks off or is damaged" in capsys.readouterr().err
    assert lake.snapshot().version == 0
