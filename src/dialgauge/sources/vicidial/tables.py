"""Which tables of VICIdial are read, and which of their columns?

Only what stands here is ever asked for: no password, no name, address or comment of a customer.
Versions differ; a column or a table that is missing is unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

CONTEXT = "_context"
"""A column that `fetch` adds to logs: 1 in rows that only help to understand others."""

ARCHIVE = "_archive"
"""Behind the name of a log stands that of the table to which old rows are moved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A table of VICIdial.

    Attributes:
        name: Its name, which is also the stream's.
        key: The columns that name a row.
        columns: What is read of it.
        by: The column in whose order it is read; it has an index.
        archived: Old rows may lie in a table of the same shape.
    """

    name: str
    key: tuple[str, ...]
    columns: tuple[str, ...]
    by: str
    archived: bool = False


_FLAGS = (
    *("status", "status_name", "human_answered", "sale", "dnc", "customer_contact"),
    *("not_interested", "unworkable", "scheduled_callback", "completed", "answering_machine"),
)

LOG = Source(
    name="vicidial_log",
    key=("uniqueid",),
    columns=(
        *("uniqueid", "lead_id", "list_id", "campaign_id", "call_date", "start_epoch"),
        *("end_epoch", "length_in_sec", "status", "phone_code", "phone_number", "user"),
        *("user_group", "term_reason", "alt_dial"),
    ),
    by="call_date",
    archived=True,
)
CLOSER = Source(
    name="vicidial_closer_log",
    key=("closecallid",),
    columns=(
        *("closecallid", "lead_id", "list_id", "campaign_id", "call_date", "start_epoch"),
        *("end_epoch", "length_in_sec", "status", "phone_code", "phone_number", "user"),
        *("queue_seconds", "user_group", "xfercallid", "term_reason", "uniqueid"),
    ),
    by="call_date",
    archived=True,
)
XFER = Source(
    name="vicidial_xfer_log",
    key=("xfercallid",),
    columns=("xfercallid", "lead_id", "call_date", "user", "closer", "front_uniqueid"),
    by="call_date",
    archived=True,
)
AGENT_LOG = Source(
    name="vicidial_agent_log",
    key=("agent_log_id",),
    columns=(
        *("agent_log_id", "user", "event_time", "lead_id", "campaign_id", "pause_epoch"),
        *("pause_sec", "wait_epoch", "wait_sec", "talk_epoch", "talk_sec", "dispo_epoch"),
        *("dispo_sec", "dead_epoch", "dead_sec", "status", "user_group", "sub_status"),
        *("uniqueid", "pause_type"),
    ),
    by="event_time",
    archived=True,
)
PARKS = Source(
    name="park_log",
    key=("uniqueid", "parked_time"),
    columns=(
        *("uniqueid", "parked_time", "status", "grab_time", "hangup_time", "parked_sec"),
        *("user", "lead_id"),
    ),
    by="parked_time",
    archived=True,
)
TIMECLOCK = Source(
    name="vicidial_timeclock_log",
    key=("timeclock_id",),
    columns=("timeclock_id", "event_epoch", "login_sec", "event", "user"),
    by="event_epoch",
)
CARRIER = Source(
    name="vicidial_carrier_log",
    key=("uniqueid",),
    columns=(
        *("uniqueid", "call_date", "lead_id", "hangup_cause", "dialstatus", "dial_time"),
        "answered_time",
    ),
    by="call_date",
    archived=True,
)
RECORDINGS = Source(
    name="recording_log",
    key=("recording_id",),
    columns=("recording_id", "length_in_sec", "filename", "location", "vicidial_id"),
    by="vicidial_id",
    archived=True,
)
CALLBACKS = Source(
    name="vicidial_callbacks",
    key=("callback_id",),
    columns=("callback_id", "lead_id", "entry_time", "callback_time", "user", "recipient"),
    by="lead_id",
    archived=True,
)
LEADS = Source(
    name="vicidial_list",
    key=("lead_id",),
    columns=(
        *("lead_id", "entry_date", "modify_date", "status", "vendor_lead_code", "source_id"),
        *("list_id", "phone_code", "phone_number", "state", "province", "country_code"),
        *("called_count", "rank", "owner"),
    ),
    by="lead_id",
)
DNC = Source(
    name="vicidial_dnc",
    key=("phone_number",),
    columns=("phone_number",),
    by="phone_number",
)
CAMPAIGN_DNC = Source(
    name="vicidial_campaign_dnc",
    key=("phone_number", "campaign_id"),
    columns=("phone_number", "campaign_id"),
    by="phone_number",
)
DNC_LOG = Source(
    name="vicidial_dnc_log",
    key=("phone_number", "campaign_id", "action", "action_date"),
    columns=("phone_number", "campaign_id", "action", "action_date"),
    by="phone_number",
)
LISTS = Source(
    name="vicidial_lists",
    key=("list_id",),
    columns=("list_id", "list_name", "campaign_id", "active"),
    by="list_id",
)
CAMPAIGNS = Source(
    name="vicidial_campaigns",
    key=("campaign_id",),
    columns=("campaign_id", "campaign_name", "active"),
    by="campaign_id",
)
INGROUPS = Source(
    name="vicidial_inbound_groups",
    key=("group_id",),
    columns=("group_id", "group_name", "active"),
    by="group_id",
)
STATUSES = Source(name="vicidial_statuses", key=("status",), columns=_FLAGS, by="status")
CAMPAIGN_STATUSES = Source(
    name="vicidial_campaign_statuses",
    key=("campaign_id", "status"),
    columns=(*_FLAGS, "campaign_id"),
    by="campaign_id",
)
USERS = Source(
    name="vicidial_users",
    key=("user",),
    columns=("user", "full_name", "user_group", "user_level", "active"),
    by="user",
)
USER_GROUPS = Source(
    name="vicidial_user_groups",
    key=("user_group",),
    columns=("user_group", "group_name"),
    by="user_group",
)
PAUSE_CODES = Source(
    name="vicidial_pause_codes",
    key=("campaign_id", "pause_code"),
    columns=("pause_code", "pause_code_name", "billable", "campaign_id"),
    by="campaign_id",
)

DNC_TABLES = (DNC, CAMPAIGN_DNC, DNC_LOG)
"""Who must not be called; of these only the numbers of leads that are read are asked for."""

OPTIONAL = (PARKS, TIMECLOCK, *DNC_TABLES)
"""What tells more, and is left out where no index lets it be read gently."""

LEFT_OUT = "left_out"
"""The stream in which `fetch` says which tables it left out."""

LOGS = (LOG, CLOSER, XFER, AGENT_LOG, PARKS, CARRIER)
"""What grows by the hour, read by time."""

SMALL = (
    *(STATUSES, CAMPAIGN_STATUSES, CAMPAIGNS, INGROUPS, LISTS),
    *(USERS, USER_GROUPS, PAUSE_CODES),
)
"""What is read whole each time."""

ALL: Mapping[str, Source] = MappingProxyType(
    {
        each.name: each
        for each in (*SMALL, *LOGS, TIMECLOCK, RECORDINGS, CALLBACKS, LEADS, *DNC_TABLES)
    }
)
"""All tables by name."""

STREAMS = tuple(
    name
    for each in ALL.values()
    for name in ([each.name, each.name + ARCHIVE][: 1 + each.archived])
)
"""The names under which files of a spool or a dump are known."""

NOBODY = ("VDAD", "VDCL", "VDDC", "")
"""What stands in the place of an agent where there was none."""
