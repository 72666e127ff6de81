"""Does Spark keep what every engine promises, where its own habits differ?"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dialgauge.engines.base import Engine, TableFiles
from dialgauge.engines.spark import SparkEngine
from dialgauge.errors import EngineError
from dialgauge.model.table import Type
from dialgauge.plan.nodes import Function, Plan
from dialgauge.tables import TABLES
from legs import aggregation, key, leg, moment, plan, record, rows_plan

pytestmark = pytest.mark.spark

Store = Callable[..., Mapping[str, TableFiles]]

JSON = {
    '{"a":"x"}': "x",
    ' {"b":0, "a":"two words"} ': "two words",
    '{"a":""}': "",
    '{"a":true}': "true",
    '{"a":12.5}': "12.5",
    '{"a":[1, 2]}': "[1,2]",
    '{"a":{"b": "é"}}': '{"b":"é"}',
    '{"a":"\\u00e9 \\"q\\""}': 'é "q"',
    '{"a":null}': None,
    '{"b":1}': None,
    '{"A":1}': None,
    '{"a":1': None,
    '{"a":"x"} junk': None,
    '{"a":1}{"a":2}': None,
    '{"a":1},{"a":2}': None,
    "{'a':1}": None,
    "{a:1}": None,
    '{"a":NaN}': None,
    '[{"a":1}]': None,
    '"a"': None,
    "null": None,
    "": None,
}
"""An object to its member `a`."""


def _dials() -> Plan:
    return plan(leg("calls", aggregation("calls", "dials")))


def _at(hour: int) -> dict[str, Any]:
    return {"call_id": f"c{hour}", "started_at": moment(f"2026-03-02 {hour:02}:00")}


def test_members_of_json_objects_are_read_strictly(spark: Engine, store: Store) -> None:
    """What is no object, or no JSON, has no members; members that are no texts come as JSON."""
    leads = [
        {"lead_id": text, "created_at": moment("2026-03-01 00:00"), "attributes": text}
        for text in JSON
    ]
    asked = plan(
        leg(
            "leads",
            aggregation("leads", "n"),
            keys=[
                key("leads", "whole", "lead_id"),
                key("leads", "part", "json_text(attributes, 'a')"),
            ],
        )
    )
    answer = spark.run(asked, store(leads=leads)).to_pylist()
    assert {row["whole"]: row["part"] for row in answer} == JSON


def test_names_of_members_are_no_paths(spark: Engine, store: Store) -> None:
    """Dots, quotes and brackets in a name are letters like any other."""
    attributes = '{"a.b": "dot", "a": {"b": "deep"}, "it\'s [0]": "odd"}'
    leads = [{"lead_id": "l", "created_at": moment("2026-03-01 00:00"), "attributes": attributes}]
    found = [
        aggregation("leads", "dot", where="json_text(attributes, 'a.b') = 'dot'"),
        aggregation("leads", "odd", where="json_text(attributes, 'it''s [0]') = 'odd'"),
    ]
    answer = spark.run(plan(leg("leads", *found)), store(leads=leads))
    assert record(answer) == {"dot": 1, "odd": 1}


def test_money_is_exact(spark: Engine, store: Store) -> None:
    """Three times fourteen nines are more than a floating number can tell apart."""
    calls = [_at(hour) | {"cost": Decimal("99999999999999.9999")} for hour in (1, 2, 3)]
    cost = aggregation("calls", "cost", Function.SUM, "cost", type_=Type.MONEY)
    answer = spark.run(plan(leg("calls", cost)), store(calls=calls))
    assert record(answer) == {"cost": Decimal("299999999999999.9997")}


def test_a_number_that_does_not_fit_is_an_error(spark: Engine, store: Store) -> None:
    """It neither wraps around nor vanishes."""
    calls = [_at(1) | {"attempt": 2**62}, _at(2) | {"attempt": 2**62}]
    total = aggregation("calls", "total", Function.SUM, "attempt")
    with pytest.raises(EngineError, match=r"Spark could not answer: .*OVERFLOW"):
        spark.run(plan(leg("calls", total)), store(calls=calls))


def test_times_that_are_unknown_come_last(spark: Engine, store: Store) -> None:
    """Rows behind a number are ordered by their first clock, then by key."""
    leads = [
        {"lead_id": "a", "created_at": None, "converted_at": moment("2026-03-03 00:00")},
        {"lead_id": "c", "created_at": moment("2026-03-02 00:00"), "converted_at": None},
        {"lead_id": "b", "created_at": moment("2026-03-02 00:00"), "converted_at": None},
    ]
    source = leg("leads", clocks=("created_at", "converted_at"))
    answer = spark.rows(rows_plan(source, ("lead_id",)), store(leads=leads))
    assert answer["lead_id"].to_pylist() == ["b", "c", "a"]


def test_any_path_is_read_as_it_stands(spark: Engine, tmp_path: Path) -> None:
    """Brackets are no patterns, `month=` is no column, and a file may lack columns."""
    folder = tmp_path / "_a [1]{b}%20*" / "month=2026-03"
    folder.mkdir(parents=True)
    paths = []
    for hour in (1, 2):
        path = folder / f"part{hour}.parquet"
        at = pa.array([moment(f"2026-03-02 0{hour}:00")], pa.timestamp("us", "UTC"))
        extra = {"attempt": pa.array([hour], pa.int32())} if hour == 2 else {}
        pq.write_table(pa.table({"call_id": [str(hour)], "started_at": at} | extra), path)
        paths.append(str(path))
    files = {"calls": TableFiles(table=TABLES["calls"], paths=tuple(paths))}
    asked = plan(
        leg(
            "calls",
            aggregation("calls", "dials"),
            aggregation("calls", "attempts", Function.SUM, "attempt"),
        )
    )
    assert record(spark.run(asked, files)) == {"dials": 2, "attempts": 2.0}


@pytest.mark.parametrize("name", ["_part.parquet", ".part.parquet"])
def test_a_file_that_spark_would_pass_over_is_refused(
    spark: Engine, tmp_path: Path, name: str
) -> None:
    """Its rows would be missing without a word."""
    files = {"calls": TableFiles(table=TABLES["calls"], paths=(str(tmp_path / name),))}
    with pytest.raises(EngineError, match=r"whose names begin with _ or \."):
        spark.run(_dials(), files)


def test_files_that_are_gone_or_damaged_are_named(spark: Engine, tmp_path: Path) -> None:
    """One sentence, not a trace."""
    gone, damaged = tmp_path / "gone.parquet", tmp_path / "damaged.parquet"
    damaged.write_bytes(b"PAR1 this is no table PAR1")
    for path in (gone, damaged):
        files = {"calls": TableFiles(table=TABLES["calls"], paths=(str(path),))}
        with pytest.raises(EngineError, match=f"Spark could not answer: .*{path.name}") as raised:
            spark.run(_dials(), files)
        assert "\n" not in str(raised.value)


def test_questions_asked_at_once_do_not_see_each_others_tables(spark: Engine, store: Store) -> None:
    """Four threads ask the same of tables of one name with 1, 2, 3 and 4 rows."""
    worlds = [store(calls=[_at(hour) for hour in range(number)]) for number in (1, 2, 3, 4)]
    found: dict[int, Any] = {}

    def ask(place: int) -> None:
        found[place] = record(spark.run(_dials(), worlds[place]))["dials"]

    threads = [threading.Thread(target=ask, args=(place,)) for place in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {0: 1, 1: 2, 2: 3, 3: 4}


def test_a_session_that_is_lent_stays_as_it_was(spark: Engine, store: Store) -> None:
    """Its views, settings and life are the lender's."""
    del spark
    from pyspark.sql import SparkSession  # noqa: PLC0415 - slow to import, unused with --fast

    lent = SparkSession.active().newSession()
    lent.conf.set("spark.sql.session.timeZone", "Asia/Tokyo")
    lent.conf.set("spark.sql.ansi.enabled", "false")
    lent.range(7).createOrReplaceTempView("calls")
    with SparkEngine(session=lent) as engine:
        found = record(engine.run(_dials(), store(calls=[_at(1)])))
    assert found == {"dials": 1}
    assert lent.table("calls").count() == 7
    assert lent.conf.get("spark.sql.session.timeZone") == "Asia/Tokyo"
    assert lent.conf.get("spark.sql.ansi.enabled") == "false"


def test_a_process_has_one_spark(spark: Engine, store: Store) -> None:
    """A second engine joins it and leaves it running; another master is refused."""
    second = SparkEngine()
    assert record(second.run(_dials(), store(calls=[_at(1)]))) == {"dials": 1}
    second.close()
    assert record(spark.run(_dials(), store(calls=[_at(1)]))) == {"dials": 1}
    with pytest.raises(EngineError, match="already runs Spark on local"):
        SparkEngine("spark://127.0.0.1:1")


def test_a_start_that_fails_is_told_and_leaves_room_for_another() -> None:
    """An address that is none is one sentence; the next start in the same process works."""
    code = (
        "from dialgauge.engines.spark import SparkEngine\n"
        "from dialgauge.errors import EngineError\n"
        "try: SparkEngine('nonsense')\n"
        "except EngineError as error: print(error)\n"
        "with SparkEngine('local[1]') as engine: print(engine.name)\n"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    first, second = said.stdout.splitlines()
    assert first.startswith("Spark did not start on nonsense: ")
    assert "see that the address is right" in first
    assert second == "spark"
    assert said.stderr == ""


def test_starting_spark_leaves_no_trace_in_the_environment(spark: Engine) -> None:
    """JAVA_HOME never points at a folder that is gone."""
    del spark
    home = os.environ.get("JAVA_HOME")
    assert home is None or Path(home).is_dir()
