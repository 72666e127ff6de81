"""Does opening the application database twice take its locks away?"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from dialgauge.store import open_store

_OTHER = """
import sys
from dialgauge.store import open_store
store = open_store(sys.argv[1])
store.audit.write("other", "looked", "", "")
store.close()
"""


def test_a_second_store_in_a_process_leaves_the_locks_of_the_first(tmp_path: Path) -> None:
    """Closing any handle of a file drops all locks a process has on it (POSIX).

    So a file that is there already must not be opened and closed beside SQLite: another process
    would believe to be alone, clear away the log, and the first one would fail to read it.
    """
    url = f"sqlite:///{tmp_path / 'app.db'}"
    first = open_store(url)
    with first.database.reading() as con:  # a reader that stays
        con.exec_driver_sql("SELECT count(*) FROM audit").scalar()
        open_store(url).close()
        for _ in range(2):
            subprocess.run([sys.executable, "-c", _OTHER, url], check=True, timeout=120)
        assert Path(f"{tmp_path}/app.db-wal").exists()  # while someone reads, it stays
    first.audit.write("first", "looked", "", "")
    assert [line.who for line in first.audit.list(10)] == ["first", "other", "other"]
    first.close()
