"""Who bought?"""

from __future__ import annotations

from dialgauge.model.table import Column, Table, Type
from dialgauge.tables.shared import SOURCE

CUSTOMERS = Table(
    name="customers",
    key="customer_id",
    clock="acquired_at",
    meaning="Those who bought, one row each.",
    columns=(
        Column("customer_id", Type.TEXT, "Names the customer in orders."),
        Column("lead_id", Type.TEXT, "The lead it was."),
        Column("first_contact_at", Type.TIME, "When it was first spoken to."),
        Column("acquired_at", Type.TIME, "When it became a customer."),
        Column("churned_at", Type.TIME, "When its contract ended."),
        Column("region", Type.TEXT, "Where it is."),
        Column("country", Type.TEXT, "ISO 3166 code of its country."),
        Column("attributes", Type.JSON, "Anything else, as a JSON object.", personal=True),
        SOURCE,
    ),
)
