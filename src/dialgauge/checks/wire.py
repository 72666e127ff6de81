"""How are findings written down?"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from dialgauge.checks.check import Finding, Severity


def finding_json(finding: Finding) -> dict[str, Any]:
    """Write a finding as JSON for programs."""
    return {
        "check": finding.check,
        "table": finding.table,
        "severity": finding.severity.value,
        "says": finding.says,
        "rows": finding.rows,
        "total": finding.total,
        "share": finding.share,
        "detail": finding.detail,
        "kpis": list(finding.kpis),
        "dimensions": list(finding.dimensions),
        "examples": list(finding.examples),
    }


def written(findings: Iterable[Finding]) -> str:
    """Write findings down, without keys of rows: what is kept must not tell of persons."""
    return json.dumps([{**finding_json(each), "examples": []} for each in findings])


def readable(text: str) -> tuple[Finding, ...]:
    """Read what was written down; nothing from what is damaged or of another dialgauge."""
    try:
        return tuple(_finding(record) for record in json.loads(text))
    except (ValueError, KeyError, TypeError, AttributeError):
        return ()


def _finding(record: dict[str, Any]) -> Finding:
    lists = {name: tuple(record[name]) for name in ("kpis", "dimensions", "examples")}
    return Finding(**{**record, **lists, "severity": Severity(record["severity"])})
