"""Which KPIs are there?

One file a business question; `KPIS` lists them all. To add one, add a `Kpi` to the file whose
question it answers and its titles to the language files; the tests say what is still missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from dialgauge.catalogue.conversion import CONVERSION
from dialgauge.catalogue.funnel import FUNNEL
from dialgauge.catalogue.reach import REACH
from dialgauge.catalogue.service import SERVICE
from dialgauge.catalogue.time import TIME
from dialgauge.model.kpi import Kpi

KPIS: Mapping[str, Kpi] = MappingProxyType(
    {kpi.name: kpi for kpi in (*REACH, *TIME, *SERVICE, *CONVERSION, *FUNNEL)}
)
"""KPI name to KPI, in the order of the catalogue."""
