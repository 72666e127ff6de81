"""Which KPIs are there?

One file a business question; `KPIS` lists them all. To add one, add a `Kpi` to the file whose
question it answers and its titles to the language files; the tests say what is still missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from dialgauge.catalogue.conversion import CONVERSION
from dialgauge.catalogue.cost import COST
from dialgauge.catalogue.customers import CUSTOMERS
from dialgauge.catalogue.funnel import FUNNEL
from dialgauge.catalogue.quality import QUALITY
from dialgauge.catalogue.reach import REACH
from dialgauge.catalogue.revenue import REVENUE
from dialgauge.catalogue.service import SERVICE
from dialgauge.catalogue.time import TIME
from dialgauge.model.kpi import Kpi

GROUPS: Mapping[str, tuple[Kpi, ...]] = MappingProxyType(
    {
        "reach": REACH,
        "time": TIME,
        "service": SERVICE,
        "conversion": CONVERSION,
        "funnel": FUNNEL,
        "revenue": REVENUE,
        "cost": COST,
        "customers": CUSTOMERS,
        "quality": QUALITY,
    }
)
"""Business question to its KPIs, in the order of the catalogue."""

KPIS: Mapping[str, Kpi] = MappingProxyType(
    {kpi.name: kpi for kpis in GROUPS.values() for kpi in kpis}
)
"""KPI name to KPI, in the order of the catalogue."""
