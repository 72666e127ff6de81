"""`dialgauge template`: which spreadsheet shall people fill in?"""

from __future__ import annotations

from pathlib import Path

from dialgauge.cli.table import console
from dialgauge.lang import texts
from dialgauge.template import write_template


def command(table: str, file: Path | None = None, *, lang: str = "en") -> None:
    """Write an Excel file for people to fill in, which `dialgauge import files` then reads.

    Its columns are typed and checked while people type; a second sheet explains them, with
    examples that are never imported.

    Args:
        table: agents, campaigns, costs, currencies, customers, leads, meetings, orders or targets.
        file: The file, which must not be there yet; the table's name in this folder by default.
        lang: The language of its explanations: en, zh, ru or ka.
    """
    path = file or Path(f"{table}.xlsx")
    said = texts(lang)
    write_template(table, path, said)
    to = console()
    to.print(said.t("template.made", file=str(path)), soft_wrap=True)
    told = f"dialgauge import files {path} --table {table}"
    to.print(said.t("template.next", command=told), style="dim", soft_wrap=True)
