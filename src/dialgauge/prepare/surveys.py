"""About whose call was a customer asked?"""

from __future__ import annotations

from dialgauge.prepare.changes import typed
from dialgauge.prepare.step import Given, Step
from dialgauge.tables.surveys import SURVEYS

_DERIVED = {
    "about_agent_id": "coalesce(o.agent_id, c.agent_id)",
    "campaign_id": "c.campaign_id",
    "list_id": "c.list_id",
    "lead_id": "coalesce(c.lead_id, u.lead_id)",
    "product": "c.product",
    "script": "c.script",
    "called_at": "c.started_at",
}


def survey_rows(given: Given) -> str:
    """Write the query of surveys with what their calls and customers tell.

    A survey that names no customer was put to the customer of its call.

    Args:
        given: The surveys, and the views of calls and customers.
    """
    values = {column.name: f"o.{column.name}" for column in SURVEYS.columns}
    return (
        f"SELECT {typed(SURVEYS, values | _DERIVED)} FROM {given.own} AS o"
        f" LEFT JOIN {given.views['calls']} AS c ON c.call_id = o.call_id"
        f" LEFT JOIN {given.views['customers']} AS u"
        " ON u.customer_id = coalesce(o.customer_id, c.customer_id)"
    )


STEP = Step(table="surveys", reads=frozenset({"calls", "customers"}), rows=survey_rows)
