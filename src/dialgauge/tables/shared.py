"""Which dimensions mean the same in several facts?"""

from __future__ import annotations

AGENT_TENURE = (
    "case when agents.hired_on is null then null"
    " when days_between(agents.hired_on, started_at) < 30 then '0-29 days'"
    " when days_between(agents.hired_on, started_at) < 90 then '30-89 days'"
    " when days_between(agents.hired_on, started_at) < 365 then '90-364 days'"
    " else '365+ days' end"
)
"""How long the agent had been with the team when it happened."""
