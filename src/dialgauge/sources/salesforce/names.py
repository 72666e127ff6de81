"""What does Salesforce call things?"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from dialgauge.sources.crm.staging import Stream

OBJECTS: Mapping[str, str] = MappingProxyType(
    {"lead": "Lead", "contact": "Contact", "opportunity": "Opportunity", "task": "Task"}
)
"""Stream to object, in the order they are read."""

_PERSON = (
    *("Id", "IsDeleted", "MasterRecordId", "CreatedDate", "SystemModstamp", "LeadSource"),
    *("Phone", "MobilePhone", "DoNotCall", "OwnerId"),
)

FIELDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "lead": (
            *_PERSON,
            *("Status", "Industry", "State", "Country", "CountryCode"),
            *("IsConverted", "ConvertedDate", "ConvertedContactId", "ConvertedAccountId"),
            "ConvertedOpportunityId",
        ),
        "contact": (*_PERSON, "AccountId", "MailingState", "MailingCountry", "MailingCountryCode"),
        "opportunity": (
            *("Id", "IsDeleted", "CreatedDate", "SystemModstamp", "StageName", "IsClosed", "IsWon"),
            *("Amount", "CurrencyIsoCode", "CloseDate", "OwnerId", "AccountId", "ContactId"),
            *("CampaignId", "LeadSource"),
        ),
        "task": (
            *("Id", "IsDeleted", "CreatedDate", "SystemModstamp", "ActivityDate", "OwnerId"),
            *("CompletedDateTime", "CallType", "CallDurationInSeconds", "CallDisposition"),
            *("Status", "WhoId", "WhatId"),
        ),
    }
)
"""What is asked for, where the organisation has it. No names, subjects or comments."""

BESIDE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "opportunity": (
            "(SELECT StageName, CreatedDate FROM OpportunityHistories ORDER BY CreatedDate)",
            "(SELECT ContactId, IsPrimary FROM OpportunityContactRoles)",
        ),
        "task": ("Who.Phone",),
    }
)
"""What is asked for of related objects."""

ONLY: Mapping[str, str] = MappingProxyType(
    # a task that is still to be done is a plan, and comes when it is done
    {"task": "(TaskSubtype = 'Call' OR CallType != null) AND IsClosed = true"}
)
"""Which rows of an object are wanted."""

CONTACT = "ConvertedContact"
"""The relation of a lead to the contact it became."""

CONTACT_SAYS_NO = "DoNotCall"
"""What is asked for over it, where contacts show it."""

CONVERTED: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "contact": ("Id", "ConvertedContactId"),
        "opportunity": ("Id", "ConvertedOpportunityId"),
        "task": ("WhoId", "ConvertedContactId"),
    }
)
"""Stream to its field that may name what a lead became, and the lead's field that names it."""

LEAD_ID = "ConvertedLeadId"
"""The column added to such rows: the lead it was."""

_CHANGED = ("TRY_CAST(SystemModstamp AS TIMESTAMPTZ)",)

STREAMS: Mapping[str, Stream] = MappingProxyType(
    {
        "user": Stream(columns=("Id", "Name", "IsActive", "UserRole"), key="Id"),
        "opportunitystage": Stream(
            columns=("Id", "ApiName", "MasterLabel", "SortOrder", "IsWon", "IsClosed"), key="Id"
        ),
        "lead": Stream(columns=(*FIELDS["lead"], CONTACT), key="Id", changed=_CHANGED),
        "contact": Stream(columns=(*FIELDS["contact"], LEAD_ID), key="Id", changed=_CHANGED),
        "opportunity": Stream(
            columns=(
                *FIELDS["opportunity"],
                *("OpportunityHistories", "OpportunityContactRoles", LEAD_ID),
            ),
            key="Id",
            changed=_CHANGED,
        ),
        "task": Stream(columns=(*FIELDS["task"], "Who", LEAD_ID), key="Id", changed=_CHANGED),
    }
)
"""The streams of `fetch`, and what is read of them."""

PHONES = ("Phone", "MobilePhone")
"""Fields that hold numbers."""

_TALKED: Mapping[str, str | bool] = {"result": "human", "contact": True}
_OTHER: Mapping[str, str | bool] = {"result": "human", "contact": True, "right_party": False}

MEANINGS: Mapping[str, Mapping[str, str | bool]] = MappingProxyType(
    {
        **dict.fromkeys(("connected", "meaningful connect", "not interested"), _TALKED),
        **dict.fromkeys(("call back later", "unqualified"), _TALKED),
        **dict.fromkeys(("wrong number", "gatekeeper"), _OTHER),
        "left voicemail": {"result": "machine", "contact": False},
        "no answer": {"result": "no_answer", "contact": False},
        "busy": {"result": "busy", "contact": False},
        "bad number": {"result": "invalid", "contact": False},
    }
)
"""What outcomes usually mean, in lower case; Salesforce lets everybody write what they like."""
