"""How do the tables live on disk?

A lake is a folder of Delta tables with one manifest over all of them, see `layout`.

- `Lake`: create, open, snapshot, connect, write, history, restore, compact, vacuum, erase
- `Snapshot`: one whole state; `view` makes a table of it readable in DuckDB
- `Change`: one writer's work: classify, upsert, publish
- `Classified`: which rows are new, which change something
- `QUARANTINE`: the table of refused rows
- `Vault`: the encrypted phone numbers, where a team keeps them
- `Forgotten`: who was erased; `sift` keeps them out of rows that come in
- `Person`, `Erased`, `Vacuumed`: what upkeep is asked and tells
"""

from __future__ import annotations

from dialgauge.lake.change import Change
from dialgauge.lake.classify import Classified
from dialgauge.lake.deltalog import DataFile
from dialgauge.lake.erase import Erased, Person
from dialgauge.lake.forgotten import Forgotten, Sifted, sift
from dialgauge.lake.lake import Lake
from dialgauge.lake.manifest import Manifest
from dialgauge.lake.quarantine import QUARANTINE
from dialgauge.lake.snapshot import Snapshot, view
from dialgauge.lake.upkeep import Vacuumed
from dialgauge.lake.vault import Vault

__all__ = [
    "QUARANTINE",
    "Change",
    "Classified",
    "DataFile",
    "Erased",
    "Forgotten",
    "Lake",
    "Manifest",
    "Person",
    "Sifted",
    "Snapshot",
    "Vacuumed",
    "Vault",
    "sift",
    "view",
]
