"""What does Pipedrive call things?"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from dialgauge.sources.crm.rolls import GONE
from dialgauge.sources.crm.staging import Stream

OBJECTS = ("persons", "deals", "activities")
"""The objects that are read, in this order."""

DROPPED = frozenset(
    (
        *("name", "first_name", "last_name", "email", "emails", "im", "ims", "title", "subject"),
        *("note", "public_description", "location", "participants", "attendees", "birthday"),
        *("postal_address", "job_title", "picture_id", "notes", "description"),
    )
)
"""Fields that are not kept: nothing here counts them, and they tell who somebody is."""

_CHANGED = ("TRY_CAST(update_time AS TIMESTAMPTZ)",)

STREAMS: Mapping[str, Stream] = MappingProxyType(
    {
        "me": Stream(columns=("company_id", "default_currency"), key="company_id"),
        "users": Stream(columns=("id", "name", "active_flag")),
        "pipelines": Stream(columns=("id", "name", "order_nr")),
        "stages": Stream(columns=("id", "name", "order_nr", "pipeline_id")),
        "calllogs": Stream(
            columns=(
                *("id", "activity_id", "outcome", "duration", "from_phone_number"),
                *("to_phone_number", "start_time", "end_time", "user_id", "person_id"),
            )
        ),
        "persons": Stream(
            columns=(
                *("id", "owner_id", "org_id", "add_time", "update_time", "phones", "is_deleted"),
                *("label_ids", "custom_fields"),
            ),
            changed=_CHANGED,
        ),
        "deals": Stream(
            columns=(
                *("id", "owner_id", "person_id", "org_id", "pipeline_id", "stage_id", "value"),
                *("currency", "status", "add_time", "update_time", "stage_change_time"),
                *("won_time", "lost_time", "close_time", "is_deleted", "origin", "channel"),
                *("lost_reason", "custom_fields", "changelog"),
            ),
            # a deletion is a deal's last word, whatever its last change was
            changed=("coalesce(is_deleted, 'false') = 'true'", *_CHANGED),
        ),
        "activities": Stream(
            columns=(
                *("id", "type", "owner_id", "done", "due_date", "due_time", "duration", "deal_id"),
                *("person_id", "org_id", "add_time", "update_time", "marked_as_done_time"),
                *("is_deleted", "priority"),
            ),
            changed=_CHANGED,
        ),
        "gone": GONE,
    }
)
"""The streams of `fetch`, and what is read of them."""

PHONES = ("value", "phones", "from_phone_number", "to_phone_number")
"""Fields that hold numbers."""

MEANINGS: Mapping[str, Mapping[str, str | bool]] = MappingProxyType(
    {
        "connected": {"result": "human", "contact": True},
        "left_message": {"result": "human", "contact": True, "right_party": False},
        "left_voicemail": {"result": "machine", "contact": False},
        "no_answer": {"result": "no_answer", "contact": False},
        "busy": {"result": "busy", "contact": False},
        "wrong_number": {"result": "human", "contact": True, "right_party": False},
    }
)
"""What the outcomes of call logs mean; there are no others."""
