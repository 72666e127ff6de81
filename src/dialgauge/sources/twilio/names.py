"""What does Twilio call things, and what do its words mean?"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

CALL = (
    *("sid", "parent_call_sid", "to", "from", "status", "start_time", "end_time", "date_created"),
    *("date_updated", "duration", "price", "price_unit", "direction", "answered_by"),
)
"""The fields of a call that are kept; names and formatted numbers are not."""

STATUS = (
    *("CallSid", "ParentCallSid", "To", "From", "CallStatus", "Timestamp", "CallDuration"),
    *("Direction", "AnsweredBy", "SipResponseCode", "SequenceNumber", "received_at"),
)
"""The fields of a status callback. Its `Duration` is minutes, rounded up; it is not read."""

CONTEXT, EARLIER = "_context", "1"
"""A column that reading adds, and what it holds where a row only helps to understand others."""

STREAMS: Mapping[str, tuple[str, ...]] = MappingProxyType({"calls": CALL, "twilio_status": STATUS})
"""What the API and the webhook give, and the columns that are read of it."""

RESULTS: Mapping[str, str] = MappingProxyType(
    {
        "busy": "busy",
        "no-answer": "no_answer",
        "failed": "failed",
        "canceled": "cancelled",
    }
)
"""What a call that nobody answered came to, by its status."""

RUNNING = ("queued", "initiated", "ringing", "in-progress")
"""The statuses of calls that have not ended."""

INVALID_CODES = ("404", "484", "604")
"""SIP codes of a callback that say there is no such number; the API shows them as failed."""

INBOUND = ("inbound", "trunking-originating")
"""Directions of legs that came to Twilio; on a trunk, from the public network."""

OUTBOUND = ("outbound-api", "outbound-dial", "trunking-terminating")
"""Directions of legs that Twilio made."""
