"""Which columns of Asterisk's tables are read?

Names and addresses of people (clid, cnam, lastdata) are not, so that they are never kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

CONTEXT = "_context"
"""A column that reading adds."""

EARLIER, YOUNG = "1", "2"
"""What it holds: the row only helps to understand others; its call may not be in the CDR yet."""

CDR = (
    *("calldate", "start", "answer", "end", "src", "dst", "dcontext", "channel", "dstchannel"),
    *("lastapp", "duration", "billsec", "disposition", "accountcode", "userfield", "uniqueid"),
    *("linkedid", "sequence", "did", "recordingfile", "cnum"),
)
QUEUE_LOG = (
    *("id", "time", "callid", "queuename", "agent", "event", "data", "data1", "data2", "data3"),
    *("data4", "data5"),
)
CEL = ("id", "eventtype", "linkedid", "uniqueid", "eventextra", "extra")

STREAMS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"cdr": CDR, "queue_log": QUEUE_LOG, "cel": CEL}
)
"""What a database gives, and the columns that are read of it."""
