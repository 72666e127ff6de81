"""Which files are FreeSWITCH's, and what kind is each?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dialgauge.errors import FileError
from dialgauge.sources.freeswitch.streams import STREAMS
from dialgauge.sources.spooled import find_streams

_MASTER = "Master.csv*"
_DUMPS = (".parquet", ".jsonl", ".csv")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The files to read, each kind in order.

    Attributes:
        lines: Files of cdr_csv, a leg a line.
        objects: Files of mod_json_cdr, a leg each.
        tables: Rows of the `cdr` table.
        events: What mod_json_cdr sent.
        notes: What was left out, and why.
    """

    lines: tuple[Path, ...] = ()
    objects: tuple[Path, ...] = ()
    tables: tuple[Path, ...] = ()
    events: tuple[Path, ...] = ()
    notes: tuple[str, ...] = ()


def find(paths: Sequence[Path]) -> Found:
    """Say which files lie at paths, each a file or a folder.

    Raises:
        FileError: A path does not exist, or nothing there is FreeSWITCH's.
    """
    lines: list[Path] = []
    objects: list[Path] = []
    dumps: list[Path] = []
    left = 0
    for path in paths:
        if not path.exists():
            raise FileError(f"{path} does not exist; give files or folders that FreeSWITCH wrote")
        if path.is_dir():
            masters = [*sorted(path.glob(_MASTER)), *sorted(path.glob(f"cdr-csv/{_MASTER}"))]
            found = sorted(path.rglob("*.json"))
            lines += masters
            objects += found
            named = _streams(path)
            dumps += named
            others = {*path.glob("*.csv*"), *path.glob("cdr-csv/*.csv*")}
            left += len(others - {*masters, *named})
        elif path.suffix.lower() == ".json":
            objects.append(path)
        elif _streams(path):
            dumps.append(path)
        else:
            lines.append(path)
    if not (lines or objects or dumps):
        raise FileError(
            "nothing here is FreeSWITCH's; give a folder with Master.csv or with the files of "
            "mod_json_cdr, or name the files themselves"
        )
    streams = find_streams(dict.fromkeys(dumps), tuple(STREAMS))
    notes = (
        f"{left} other files were left out; files per account repeat the rows of Master.csv, and "
        "reading both would count calls twice."
    )
    return Found(
        lines=tuple(dict.fromkeys(lines)),
        objects=tuple(dict.fromkeys(objects)),
        tables=streams.get("cdr", ()),
        events=streams.get("json_cdr", ()),
        notes=(notes,) if left else (),
    )


def _streams(path: Path) -> list[Path]:
    if path.is_dir():
        found = find_streams([path], tuple(STREAMS)).values()
        # a cdr.csv that is named for the table may still lie in a folder of logs
        return [file for files in found for file in files]
    suffixes = [suffix.lower() for suffix in path.suffixes if suffix.lower() != ".gz"]
    if not suffixes or suffixes[-1] not in _DUMPS:
        return []
    named = path.parent.name in STREAMS or path.name.split(".")[0].split("-")[0] in STREAMS
    return [path] if named else []
