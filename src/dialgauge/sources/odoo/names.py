"""What does Odoo call things?"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from dialgauge.sources.crm.rolls import GONE
from dialgauge.sources.crm.staging import Stream

MODELS: Mapping[str, str] = MappingProxyType({"leads": "crm.lead", "calls": "mail.message"})
"""Stream to model, in the order they are read."""

FIELDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "leads": (
            *("id", "type", "active", "stage_id", "user_id", "team_id", "partner_id"),
            *("expected_revenue", "company_currency", "probability", "create_date", "write_date"),
            *("date_closed", "date_conversion", "date_last_stage_update", "date_open"),
            *("lost_reason_id", "source_id", "campaign_id", "phone", "country_id", "state_id"),
        ),
        "calls": ("id", "date", "write_date", "author_id", "model", "res_id"),
    }
)
"""What is asked for. No names, addresses, subjects or bodies."""

RENAMED: Mapping[str, str] = MappingProxyType({"lost_reason_id": "lost_reason"})
"""What fields were called before: the reason of a loss until Odoo 15."""

BLACKLISTED = "phone_sanitized_blacklisted"
"""What Odoo calls it that a lead's number is on its phone blacklist."""

_CHANGED = ("TRY_CAST(write_date AS TIMESTAMP)",)

STREAMS: Mapping[str, Stream] = MappingProxyType(
    {
        "users": Stream(columns=("id", "name", "active", "sale_team_id", "partner_id")),
        "stages": Stream(columns=("id", "name", "sequence", "is_won")),
        "countries": Stream(columns=("id", "code")),
        "leads": Stream(columns=(*FIELDS["leads"], "changes", BLACKLISTED), changed=_CHANGED),
        "blacklisted": Stream(columns=("id", "create_date", BLACKLISTED)),
        "calls": Stream(columns=(*FIELDS["calls"], "phone"), changed=_CHANGED),
        "gone": GONE,
    }
)
"""The streams of `fetch`, and what is read of them."""

PHONES = ("phone",)
"""Fields that hold numbers."""

MEANINGS: Mapping[str, Mapping[str, str | bool]] = MappingProxyType({})
"""Odoo's own calls have no outcomes."""
