"""What does HubSpot call things?"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from dialgauge.sources.crm.staging import Stream

OBJECTS = ("contacts", "deals", "calls")
"""The objects that are read, in this order."""

CHANGED: Mapping[str, str] = MappingProxyType(
    {
        "contacts": "lastmodifieddate",
        "deals": "hs_lastmodifieddate",
        "calls": "hs_lastmodifieddate",
    }
)
"""The property by which an object's changes are found."""

_LIFECYCLE = ("marketingqualifiedlead", "salesqualifiedlead", "customer")

PROPERTIES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "contacts": (
            *("createdate", "lastmodifieddate", "hs_analytics_source", "lifecyclestage"),
            *("hs_lead_status", "hubspot_owner_id", "phone", "mobilephone", "state", "country"),
            *("hs_country_region_code", "industry", "hs_merged_object_ids"),
            *(f"hs_v2_date_entered_{stage}" for stage in _LIFECYCLE),
            *(f"hs_lifecyclestage_{stage}_date" for stage in _LIFECYCLE),
        ),
        "deals": (
            *("createdate", "hs_lastmodifieddate", "closedate", "amount", "deal_currency_code"),
            *("pipeline", "dealstage", "hs_is_closed", "hs_is_closed_won", "hubspot_owner_id"),
            "hs_v2_date_entered_current_stage",
        ),
        "calls": (
            *("hs_timestamp", "hs_createdate", "hs_lastmodifieddate", "hs_call_direction"),
            *("hs_call_disposition", "hs_call_duration", "hs_call_status", "hubspot_owner_id"),
            *("hs_call_from_number", "hs_call_to_number", "hs_call_recording_url"),
            *("hs_call_callee_object_id", "hs_call_callee_object_type_id"),
        ),
    }
)
"""What is asked for. No names, addresses, titles or notes: nothing here counts them."""

CONTACT_TYPE = "0-1"
"""What HubSpot calls a contact where it says what kind of object was called."""

USUAL_DISPOSITIONS: Mapping[str, str] = MappingProxyType(
    {
        "9d9162e7-6cf3-4944-bf63-4dff82258764": "Busy",
        "f240bbac-87c9-4f6e-bf70-924b57d47db7": "Connected",
        "a4c4c377-d246-4b32-a13b-75a56a4cd0ff": "Left live message",
        "b2cf5968-551e-4856-9783-52b3da59a7d0": "Left voicemail",
        "73a0d17f-1163-4015-bdd5-ec830791da20": "No answer",
        "17b47fee-58de-441e-a44c-c6300d46f273": "Wrong number",
    }
)
"""The outcomes that every account begins with; the account's own list replaces them."""

MEANINGS: Mapping[str, Mapping[str, str | bool]] = MappingProxyType(
    {
        "connected": {"result": "human", "contact": True},
        "left live message": {"result": "human", "contact": True, "right_party": False},
        "left voicemail": {"result": "machine", "contact": False},
        "no answer": {"result": "no_answer", "contact": False},
        "busy": {"result": "busy", "contact": False},
        "wrong number": {"result": "human", "contact": True, "right_party": False},
    }
)
"""What outcomes mean, by their label in lower case."""

RESULTS: Mapping[str, str] = MappingProxyType(
    {
        "BUSY": "busy",
        "NO_ANSWER": "no_answer",
        "FAILED": "failed",
        "CANCELED": "cancelled",
        "COMPLETED": "answered",
    }
)
"""What the line came to, by status, where no outcome says more; MISSED depends on who called."""

UNFINISHED = ("CALLING_CRM_USER", "CONNECTING", "IN_PROGRESS", "QUEUED", "RINGING")
"""Statuses of calls that go on; they come again when they are over."""

_OBJECT = Stream(
    columns=(
        *("id", "properties", "propertiesWithHistory", "associations", "createdAt", "updatedAt"),
        *("archived", "archivedAt"),
    ),
    # a deleted record is its last word, whatever its last change was
    changed=("coalesce(archived, 'false') = 'true'", "TRY_CAST(updatedAt AS TIMESTAMPTZ)"),
)
_OWNER = ("id", "firstName", "lastName", "teams", "archived", "updatedAt")

STREAMS: Mapping[str, Stream] = MappingProxyType(
    {
        "account": Stream(columns=("portalId", "companyCurrency"), key="portalId"),
        "owners": Stream(columns=_OWNER, changed=("TRY_CAST(updatedAt AS TIMESTAMPTZ)",)),
        "dispositions": Stream(columns=("id", "label")),
        "pipelines": Stream(columns=("id", "label", "displayOrder", "stages")),
        **dict.fromkeys(OBJECTS, _OBJECT),
    }
)
"""The streams of `fetch`, and what is read of them."""

PHONES = ("phone", "mobilephone", "hs_call_from_number", "hs_call_to_number")
"""Properties that hold numbers."""
