"""`dialgauge lake prepare`: what follows from the records under the team's rules of today?"""

from __future__ import annotations

from dialgauge.cli.opening import configuration, open_lake
from dialgauge.cli.progress import telling
from dialgauge.cli.table import console
from dialgauge.intake import prepare_anew


def prepare() -> None:
    """Work out anew what follows from the records, such as after a change of `[rules]`.

    Values in the lake's currency, whose work orders were, customers' lives, scores, costs by
    campaign: everything that is made of other tables. The records themselves stay as they are.
    """
    config = configuration()
    lake = open_lake(config)
    with telling("prepare") as progress:
        done = prepare_anew(lake, config.rules, progress=progress)
    came_out = ", ".join(done.tables)
    console().print(f"came out differently: {came_out}" if came_out else "nothing has changed")
    console().print(f"  the lake is now at version {done.version}", style="dim")
