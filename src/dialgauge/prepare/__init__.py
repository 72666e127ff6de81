"""What is worked out once, at load, so that a question stays one scan?

`prepare` takes the rows about to be stored and returns them with their derived columns, with the
rows already stored whose derived columns they change, and with the rows of derived tables. It
runs in DuckDB beside the lake's views and writes nothing to the lake.

- `local_time`: the called party's hour and weekday, by the zone's rules on that day
- `affected`: which stored rows a batch can change, and which of them must be read
- `attempts`: order of dials and contacts, dials in the day before, earlier requests to stop
- `journeys`: the milestones of each dialled party
- `callbacks`: promised callbacks, and the dials that kept them
- `calls`, `leads`: what a batch of each table leads to
- `step`, `following`: tables that follow from others, and when they are worked out again
- `narrowing`: which of their rows, where little happened
- `rates`: money in the lake's own currency
- `deals`, `orders`: their value, and whose work an order was
- `lifetimes`, `active_spells`: what became of each customer, and when it was active
- `cost_shares`, `cost_cells`: who caused which part of the costs
- `stages`: when visits to stages ended, and how long they usually take
- `surveys`, `conversations`, `reviews`, `scores`: what the calls they are about tell
- `experiments`: what each lead, agent and call was put into
"""

from __future__ import annotations

from dialgauge.prepare.following import follow
from dialgauge.prepare.front import prepare
from dialgauge.prepare.narrowing import Touched

__all__ = ["Touched", "follow", "prepare"]
