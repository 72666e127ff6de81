"""What would be in a lake after some rounds of reading?

A sync keeps pages, takes them in, and goes on behind them; here that is done with dictionaries,
which is fast enough to try many ways in which a stream can be cut. What a lake itself does with
rows is tested elsewhere.
"""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from dialgauge.sources.base import Request, Stage, Staged
from dialgauge.sources.live import Account, Fetch, Page, Span


@dataclass
class Rounds:
    """Reads a system again and again.

    Attributes:
        folder: Where pages are kept until they are taken in.
        fetch: Reads the system.
        stage: Makes canonical tables of its rows.
        options: What `stage` is told.
        timezone: The zone it is told.
        rows: What the lake would hold: table and key to the row.
        refused: What its quarantine would hold: table, raw and number to key, reason.
        mended: Which of those were taken in after all.
    """

    folder: Path
    fetch: Fetch
    stage: Stage
    options: dict[str, str] = field(default_factory=dict)
    timezone: str = ""
    rows: dict[tuple[str, Any], dict[str, Any]] = field(default_factory=dict)
    refused: dict[tuple[str, str, int], tuple[Any, str]] = field(default_factory=dict)
    mended: set[tuple[str, str, int]] = field(default_factory=set)
    cursors: dict[str, str] = field(default_factory=dict)
    spools: itertools.count[int] = field(default_factory=itertools.count)

    def read(self, account: Account, most_rows: int = 500_000, dies_after: int = 0) -> None:
        """Read what is new, in parts when it is much.

        Args:
            account: The system.
            most_rows: So many rows may wait.
            dies_after: Break off after so many pages, as a crash does, and begin anew from what
                was kept; 0 for never.
        """
        kept: list[Page] = []
        reached = dict(self.cursors)
        while True:
            begun, behind, more = dict(reached), len(kept), False
            for number, page in enumerate(self.fetch(account, Span(cursors=dict(reached))), 1):
                kept.append(page)
                if page.cursors:
                    reached |= page.cursors
                    behind = len(kept)
                if dies_after and number == dies_after:
                    dies_after, more, kept = 0, True, kept[:behind]
                    break
                rows = sum(each.rows.num_rows for each in kept)
                if rows >= most_rows and page.cursors and reached != begun:
                    self.take(kept)
                    kept, more = [], True
                    break
            if not more:
                break
        self.take(kept)
        self.cursors = reached

    def read_range(self, account: Account, span: Span) -> None:
        """Read a range once more."""
        self.take(list(self.fetch(account, span)))

    def take(self, pages: list[Page]) -> None:
        """Take pages in."""
        if not any(page.rows.num_rows for page in pages):
            return
        folder = self.folder / str(next(self.spools))
        for number, page in enumerate(pages, 1):
            path = folder / page.stream / f"{number:06d}.parquet"
            path.parent.mkdir(parents=True, exist_ok=True)
            pq.write_table(page.rows, path)
        con = duckdb.connect(config={"threads": 1})
        con.execute("SET TimeZone = 'UTC'")
        request = Request(
            paths=(folder,), options=self.options, timezone=self.timezone, phone_key=b"key"
        )
        for part in self.stage(con, request):
            self._store(con, part)
        con.close()

    def _store(self, con: duckdb.DuckDBPyConnection, part: Staged) -> None:
        table, key = part.table.name, part.table.key
        found = con.execute(f"SELECT * FROM {part.relation} ORDER BY _row")
        names = [each[0] for each in found.description]
        seen: Counter[str] = Counter()
        good: set[Any] = set()
        for values in found.fetchall():
            row = dict(zip(names, values, strict=True))
            if row["_problem"] is None:
                good.add(row[key])
                known = self.rows.setdefault((table, row[key]), {})
                known |= {name: row[name] for name in part.present}
                continue
            raw = row["_raw"] or ""
            seen[raw] += 1
            self.refused.setdefault((table, raw, seen[raw]), (row[key], row["_problem"]))
        self.mended |= {
            name for name, (told, _) in self.refused.items() if name[0] == table and told in good
        }

    def kept_aside(self) -> list[tuple[Any, str]]:
        """Return what is in quarantine still."""
        return [told for name, told in self.refused.items() if name not in self.mended]
