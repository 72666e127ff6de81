"""How does a program ask a server as it asks a lake?

`connect` opens one; `RemoteGauge` takes the same questions as a `Gauge` and gives the same
answers and refusals.
"""

from __future__ import annotations

from dialgauge.remote.gauge import TIMEOUT_S, RemoteGauge, connect

__all__ = ["TIMEOUT_S", "RemoteGauge", "connect"]
