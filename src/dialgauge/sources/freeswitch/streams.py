"""What does FreeSWITCH say of a leg, and where in each of its records does it stand?

The names are those of its channel variables. Templates of cdr_csv that ship with it have three
orders: four of them begin alike and differ only in what comes after, so a row is known by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

VARIABLES = (
    *("uuid", "bleg_uuid", "bridge_uuid", "originator", "call_uuid", "signal_bond"),
    *("other_loopback_leg_uuid", "cc_member_session_uuid", "context", "direction"),
    *("caller_id_number", "destination_number", "accountcode", "userfield", "last_app"),
    *("start_stamp", "answer_stamp", "end_stamp", "start_epoch", "answer_epoch", "end_epoch"),
    *("bridge_epoch", "duration", "billsec", "hangup_cause", "originate_disposition"),
    *("sip_hangup_disposition", "hold_accum_seconds", "amd_result", "cc_queue", "cc_side"),
    *("cc_agent", "cc_cause", "cc_cancel_reason", "cc_queue_joined_epoch"),
    *("cc_queue_answered_epoch", "cc_queue_terminated_epoch", "cc_queue_canceled_epoch"),
)
"""The channel variables that are read."""

NUMBERS = ("caller_id_number", "destination_number")
"""Those that hold phone numbers, which no quarantine may show."""

ALSO_NAMED: Mapping[str, str] = MappingProxyType(
    {"xml_cdr_uuid": "uuid", "ani": "caller_id_number"}
)
"""Other names of columns in databases and templates."""

CONTEXT = "_context"
"""A column that reading adds."""

EARLIER, YOUNG = "1", "2"
"""What it holds: the row only helps to understand others; its call may not be over yet."""

STREAMS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"cdr": (*VARIABLES, *ALSO_NAMED), "json_cdr": ("event", "received_at")}
)
"""What a database and mod_json_cdr give, and the columns that are read of it."""

_COMMON = (
    *("caller_id_name", "caller_id_number", "destination_number", "context", "start_stamp"),
    *("answer_stamp", "end_stamp", "duration", "billsec", "hangup_cause", "uuid", "bleg_uuid"),
    "accountcode",
)
_ASTERISK = (
    *("accountcode", "caller_id_number", "destination_number", "context", "caller_id"),
    *("channel_name", "bridge_channel", "last_app", "last_arg", "start_stamp", "answer_stamp"),
    *("end_stamp", "duration", "billsec", "hangup_cause", "amaflags", "uuid", "userfield"),
)
_RATING = (
    *("uuid", "signal_bond", "direction", "caller_id_number", "destination_number"),
    *("answer_stamp", "end_stamp", "billsec", "accountcode", "userfield"),
)
TEMPLATES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"common": _COMMON, "asterisk": _ASTERISK, "opencdrrate": _RATING}
)
"""The orders: `common` is that of sql, example, snom, linksys and the template that is built in."""

WIDTHS: Mapping[str, tuple[int, ...]] = MappingProxyType(
    {"common": (11, 12, 13, 15, 17, 20), "asterisk": (17, 18), "opencdrrate": (13,)}
)
"""How many columns such rows have; a spreadsheet cuts off empty ones at the end."""

RESULTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "busy": ("USER_BUSY",),
        "no_answer": (
            *("NO_ANSWER", "NO_USER_RESPONSE", "SUBSCRIBER_ABSENT", "ALLOTTED_TIMEOUT"),
            *("PROGRESS_TIMEOUT", "NORMAL_CLEARING", "NORMAL_UNSPECIFIED", "MEDIA_TIMEOUT"),
        ),
        "cancelled": ("ORIGINATOR_CANCEL", "LOSE_RACE", "PICKED_OFF", "MANAGER_REQUEST"),
        "rejected": (
            *("CALL_REJECTED", "OUTGOING_CALL_BARRED", "INCOMING_CALL_BARRED", "DECLINE"),
            *("BLOCKED", "FACILITY_REJECTED"),
        ),
        "invalid": (
            *("UNALLOCATED_NUMBER", "NUMBER_CHANGED", "INVALID_NUMBER_FORMAT"),
            "VACANT_CODE",
        ),
        "congestion": (
            *("NORMAL_CIRCUIT_CONGESTION", "NETWORK_OUT_OF_ORDER", "NORMAL_TEMPORARY_FAILURE"),
            *("SWITCH_CONGESTION", "REQUESTED_CHAN_UNAVAIL", "ACCESS_INFO_DISCARDED"),
        ),
        "failed": (
            *("NO_ROUTE_DESTINATION", "NO_ROUTE_TRANSIT_NET", "DESTINATION_OUT_OF_ORDER"),
            *("RECOVERY_ON_TIMER_EXPIRE", "USER_NOT_REGISTERED", "GATEWAY_DOWN", "CRASH"),
            *("SYSTEM_SHUTDOWN", "EXCHANGE_ROUTING_ERROR", "INCOMPATIBLE_DESTINATION"),
            *("BEARERCAPABILITY_NOTAUTH", "BEARERCAPABILITY_NOTAVAIL", "SERVICE_UNAVAILABLE"),
            *("SERVICE_NOT_IMPLEMENTED", "BEARERCAPABILITY_NOTIMPL", "FACILITY_NOT_IMPLEMENTED"),
            *("FACILITY_NOT_SUBSCRIBED", "MANDATORY_IE_MISSING", "PROTOCOL_ERROR", "INTERWORKING"),
            *("CHAN_NOT_IMPLEMENTED", "INVALID_GATEWAY", "INVALID_URL"),
            *("INVALID_PROFILE", "NO_PICKUP", "SRTP_READ_ERROR", "ATTENDED_TRANSFER", "NONE"),
        ),
    }
)
"""What a call that nobody answered came to, and the hang-up causes that say so."""
