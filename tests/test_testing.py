"""Does the invented world hang together, and are the planted facts in it?"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dialgauge.errors import UsageError
from dialgauge.model.answer import Answer, Row, Value
from dialgauge.model.question import Question
from dialgauge.tables import TABLES
from dialgauge.testing import (
    World,
    assert_same_answer,
    make_calls,
    make_world,
    stream_world,
    write_world,
)

SURE = 3.29  # standard errors on each side of a 99.9 % interval
OUT = "direction = 'outbound' and not test"


@pytest.fixture(scope="module")
def world() -> World:
    """Make one world for all tests, over the American and the European change of clocks."""
    return make_world(calls=120_000)


@pytest.fixture(scope="module")
def con(world: World) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the world's tables in DuckDB, the called party's clock beside the calls."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for name, table in world.tables.items():
            connection.register(name, table)
        connection.execute(
            "CREATE TABLE dialled AS SELECT c.*, l.lead_source,"
            " timezone(c.timezone, c.started_at) AS local,"
            " row_number() OVER (PARTITION BY c.lead_id ORDER BY c.started_at) AS attempt"
            f" FROM calls c JOIN leads l USING (lead_id) WHERE {OUT}"
        )
        yield connection


def one(con: duckdb.DuckDBPyConnection, query: str) -> tuple[Any, ...]:
    """Ask for one row."""
    row = con.execute(query).fetchone()
    assert row is not None
    return tuple(row)


def number(con: duckdb.DuckDBPyConnection, query: str) -> float:
    """Ask for one number."""
    return float(one(con, query)[0])


def case(column: str, factors: Mapping[Any, float]) -> str:
    """Spell factors out as SQL."""
    spelt = {f"'{key}'" if isinstance(key, str) else key: value for key, value in factors.items()}
    branches = " ".join(f"WHEN {key} THEN {value}" for key, value in spelt.items())
    return f"(CASE {column} {branches} END)"


def contact_chance(world: World) -> str:
    """Spell the planted chance of a contact out as SQL over a dial to a valid number."""
    truths = world.truths
    attempts = dict(enumerate(truths.attempt_factors, start=1))
    fall = (
        f"(CASE WHEN campaign_id = '{truths.fallen_campaign}'"
        f" AND started_at >= '{truths.fallen_from}' THEN {truths.fallen_factor} ELSE 1 END)"
    )
    return " * ".join(
        [
            case("campaign_id", truths.contact_rates),
            case("hour(local)", truths.hour_factors),
            case("isodow(local)", truths.weekday_factors),
            case(f"least(attempt, {len(attempts)})", attempts),
            case("line_type", truths.line_type_factors),
            case("region", truths.region_factors),
            fall,
        ]
    )


def conversion_chance(world: World) -> str:
    """Spell the planted chance of a conversion out as SQL over a contact."""
    truths = world.truths
    start = truths.tenure_start_factor
    tenure = (
        f"({start} + {1 - start} * least(1, date_diff('day', hired_on, local::DATE)"
        f" / {truths.tenure_days}))"
    )
    return " * ".join(
        [
            case("campaign_id", truths.conversion_rates),
            case("script", truths.script_factors),
            case("lead_source", truths.source_factors),
            case("agent_id", truths.agent_factors),
            tenure,
        ]
    )


def assert_expected(con: duckdb.DuckDBPyConnection, flag: str, chance: str, rows: str) -> None:
    """Check that a flag is as frequent as the sum of its chances says."""
    n, seen, expected, variance = one(
        con,
        f"SELECT count(*), count(*) FILTER ({flag}), sum(p), sum(p * (1 - p))"
        f" FROM (SELECT *, {chance} AS p FROM {rows})",
    )
    assert n > 0
    assert abs(seen - expected) < SURE * math.sqrt(variance), (n, seen, expected)


def test_same_arguments_give_the_same_world() -> None:
    """A world depends on nothing but its arguments."""
    one_world, other = make_world(days=10, calls=2_000), make_world(days=10, calls=2_000)
    assert one_world == other
    assert make_world(seed=8, days=10, calls=2_000).tables["calls"] != one_world.tables["calls"]


def test_tables_are_canonical(world: World) -> None:
    """Every table has exactly the columns a file may bring, keys are unique, clocks known."""
    assert set(world.tables) == {name for name, table in TABLES.items() if not table.derived}
    for name, rows in world.tables.items():
        table = TABLES[name]
        expected = [column.name for column in table.columns if not column.derived]
        assert rows.column_names == expected
        assert len(set(rows[table.key].to_pylist())) == rows.num_rows
        assert rows[table.key].null_count == 0
        assert table.clock is None or rows[table.clock].null_count == 0


def test_enumerations_hold_only_allowed_values(world: World) -> None:
    """Columns with a list of values hold no others."""
    for name, rows in world.tables.items():
        for column in TABLES[name].columns:
            if column.values and not column.derived:
                assert set(rows[column.name].unique().to_pylist()) <= {*column.values, None}


def test_number_of_calls_is_as_asked(world: World) -> None:
    """Exactly as many calls are made as asked for, in one piece or in many."""
    assert world.tables["calls"].num_rows == 120_000
    assert sum(rows.num_rows for rows in make_calls(days=20, calls=3_000)) == 3_000


def test_nothing_happens_outside_of_the_world(con: duckdb.DuckDBPyConnection, world: World) -> None:
    """Calls and agents' time lie between the first and the last day, in UTC."""
    for table in ("calls", "agent_time"):
        begin, end = one(con, f"SELECT min(started_at), max(ended_at) FROM {table}")
        assert begin.date() == world.start
        assert end.date() == world.end - dt.timedelta(days=1)
    (created,) = one(con, "SELECT max(created_at) FROM leads")
    assert created.date() == world.end - dt.timedelta(days=1)


def test_world_has_its_size(world: World) -> None:
    """Teams, campaigns, lists and zones are as many as promised, tenure differs."""
    agents = world.tables["agents"]
    assert len(agents["team"].unique()) == 6
    assert world.tables["campaigns"].num_rows == 5
    assert len(world.tables["leads"]["list_id"].unique()) == 10
    countries = {"US", "DE", "FR", "PT", "GE", "RU", "CN"}
    assert set(world.tables["leads"]["country"].unique().to_pylist()) == countries
    hired = agents["hired_on"].to_pylist()
    assert min(hired) < world.start < max(hired) < world.end


@pytest.mark.parametrize(
    "impossible",
    [
        "contact AND answered_at IS NULL",
        "contact AND result NOT IN ('human', 'answered')",
        "(converted OR do_not_call OR callback_at IS NOT NULL) AND NOT contact",
        "talk_s IS NOT NULL AND answered_at IS NULL",
        "answered_at < started_at OR ended_at < started_at OR ended_at < answered_at",
        "answered_at IS NULL AND result IN ('human', 'machine', 'answered', 'dropped')",
        "answered_at IS NOT NULL AND result IN ('no_answer', 'busy', 'invalid', 'abandoned')",
        "least(ring_s, wait_s, talk_s, hold_s, wrap_s) < 0",
        (
            "abs(epoch_ms(ended_at) - epoch_ms(answered_at)"
            " - 1000 * (talk_s + coalesce(hold_s, 0))) > 1"
        ),
        (
            "direction = 'outbound' AND answered_at IS NOT NULL"
            " AND abs(epoch_ms(answered_at) - epoch_ms(started_at) - 1000 * ring_s) > 1"
        ),
        (
            "direction = 'inbound' AND answered_at IS NOT NULL"
            " AND abs(epoch_ms(answered_at) - epoch_ms(started_at) - 1000 * wait_s) > 1"
        ),
        "callback_at < ended_at",
        "result IN ('dropped', 'abandoned') AND agent_id IS NOT NULL",
        "contact AND agent_id IS NULL",
        "test AND lead_id IS NOT NULL",
    ],
)
def test_no_call_is_impossible(con: duckdb.DuckDBPyConnection, impossible: str) -> None:
    """No call contradicts itself."""
    assert number(con, f"SELECT count(*) FROM calls WHERE {impossible}") == 0


@pytest.mark.parametrize(
    "impossible",
    [
        "sql_at < created_at OR converted_at < created_at OR mql_at < created_at",
        "mql_at > sql_at OR sql_at > converted_at",
        "sql_at IS NOT NULL AND mql_at IS NULL",
        "converted_at IS NOT NULL AND customer_id IS NULL",
        "converted_at IS NOT NULL AND lost_at IS NOT NULL",
        "invalid AND lead_id NOT IN (SELECT lead_id FROM dialled WHERE result = 'invalid')",
        (
            "lead_id IN (SELECT lead_id FROM dialled d JOIN leads l USING (lead_id)"
            " WHERE d.started_at < l.created_at)"
        ),
    ],
)
def test_no_lead_is_impossible(con: duckdb.DuckDBPyConnection, impossible: str) -> None:
    """No lead contradicts itself or its calls."""
    assert number(con, f"SELECT count(*) FROM leads WHERE {impossible}") == 0


def test_agents_do_one_thing_at_a_time(con: duckdb.DuckDBPyConnection) -> None:
    """An agent's calls never overlap, nor do the intervals of their time."""
    talks = (
        "SELECT agent_id, coalesce(answered_at, started_at) AS a, ended_at AS b FROM calls"
        " WHERE agent_id IS NOT NULL"
    )
    times = "SELECT agent_id, started_at AS a, ended_at AS b FROM agent_time"
    for intervals in (talks, times):
        overlaps = (
            "SELECT count(*) FROM (SELECT a, max(b) OVER (PARTITION BY agent_id ORDER BY a, b"
            " ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS earlier"
            f" FROM ({intervals})) WHERE a < earlier"
        )
        assert number(con, overlaps) == 0


def test_leads_are_in_one_outbound_call_at_a_time(con: duckdb.DuckDBPyConnection) -> None:
    """A lead is not dialled again before the last call to it ended."""
    query = (
        "SELECT count(*) FROM (SELECT started_at, lag(ended_at)"
        " OVER (PARTITION BY lead_id ORDER BY started_at) AS earlier FROM dialled)"
        " WHERE started_at < earlier"
    )
    assert number(con, query) == 0


def test_agent_time_adds_up_to_the_calls(con: duckdb.DuckDBPyConnection) -> None:
    """Seconds of talk, hold and wrap are the same in agent_time as in the calls."""
    spent = "SELECT sum(epoch_ms(ended_at) - epoch_ms(started_at)) / 1000 FROM agent_time"
    for state, column in (("talking", "talk_s"), ("hold", "hold_s"), ("wrap", "wrap_s")):
        called = number(con, f"SELECT sum({column}) FROM calls WHERE agent_id IS NOT NULL")
        assert number(con, f"{spent} WHERE state = '{state}'") == pytest.approx(called, abs=0.5)


def test_agent_time_has_no_gaps(con: duckdb.DuckDBPyConnection) -> None:
    """From their first login to their last logout agents are always in some state."""
    query = (
        "SELECT count(*) FROM (SELECT started_at, lag(ended_at)"
        " OVER (PARTITION BY agent_id ORDER BY started_at) AS earlier FROM agent_time)"
        " WHERE started_at > earlier"
    )
    assert number(con, query) == 0


def test_agents_work_only_while_employed(con: duckdb.DuckDBPyConnection) -> None:
    """Nobody takes calls before they were hired or after they left."""
    query = (
        "SELECT count(*) FROM dialled JOIN agents USING (agent_id)"
        " WHERE local::DATE < hired_on OR local::DATE > left_on"
    )
    assert number(con, query) == 0


def test_contacts_follow_the_planted_chances(con: duckdb.DuckDBPyConnection, world: World) -> None:
    """Contacts are as many as the truths say, for each hour, campaign, attempt and place."""
    chance = contact_chance(world)
    valid = "dialled WHERE result != 'invalid'"
    groups = {
        "hour(local)": range(9, 20),
        "campaign_id": [f"'{name}'" for name in world.truths.contact_rates],
        "attempt": range(1, 7),
        "region": [f"'{name}'" for name in world.truths.region_factors],
    }
    for column, values in groups.items():
        for value in values:
            assert_expected(con, "contact", chance, f"{valid} AND {column} = {value}")


def test_campaign_fell_in_the_last_30_days(con: duckdb.DuckDBPyConnection, world: World) -> None:
    """The fallen campaign reaches fewer people since the planted day, as much as planted."""
    truths = world.truths
    assert truths.fallen_from == world.end - dt.timedelta(days=30)
    since = f"campaign_id = '{truths.fallen_campaign}' AND started_at >= '{truths.fallen_from}'"
    rows = f"dialled WHERE result != 'invalid' AND {since}"
    assert_expected(con, "contact", contact_chance(world), rows)
    rate = f"SELECT avg(contact::INT) FROM dialled WHERE campaign_id = '{truths.fallen_campaign}'"
    before = number(con, f"{rate} AND started_at < '{truths.fallen_from}'")
    after = number(con, f"{rate} AND started_at >= '{truths.fallen_from}'")
    assert after / before == pytest.approx(0.6, abs=0.08)


def test_conversions_follow_the_planted_chances(
    con: duckdb.DuckDBPyConnection, world: World
) -> None:
    """Conversions are as many as the truths say, for each script, source and planted agent."""
    truths, chance = world.truths, conversion_chance(world)
    contacts = "dialled JOIN agents USING (agent_id) WHERE contact"
    for column, values in (
        ("script", truths.script_factors),
        ("lead_source", truths.source_factors),
        ("campaign_id", truths.conversion_rates),
        ("agent_id", [truths.best_agent, truths.worst_agent]),
    ):
        for value in values:
            assert_expected(con, "converted", chance, f"{contacts} AND {column} = '{value}'")


def test_better_script_shows_without_adjustment(
    con: duckdb.DuckDBPyConnection, world: World
) -> None:
    """Scripts are drawn by lot, so the plain ratio of rates is the planted 1.35."""
    assert world.truths.script_factors == {"A": 1.0, "B": 1.35}
    n = {}
    for script in ("A", "B"):
        n[script] = one(
            con,
            "SELECT count(*), count(*) FILTER (converted) FROM dialled"
            f" WHERE contact AND script = '{script}'",
        )
    ratio = (n["B"][1] / n["B"][0]) / (n["A"][1] / n["A"][0])
    error = math.sqrt(1 / n["A"][1] - 1 / n["A"][0] + 1 / n["B"][1] - 1 / n["B"][0])
    assert abs(math.log(ratio / 1.35)) < SURE * error


def test_bad_list_has_invalid_numbers(con: duckdb.DuckDBPyConnection, world: World) -> None:
    """One list has four times the invalid numbers of the others, among leads dialled."""
    truths = world.truths
    others = [rate for name, rate in truths.invalid_rates.items() if name != truths.worst_list]
    assert truths.invalid_rates[truths.worst_list] == 4 * max(others)
    chance = case("list_id", truths.invalid_rates)
    for name in truths.invalid_rates:
        rows = f"dialled WHERE attempt = 1 AND list_id = '{name}'"
        assert_expected(con, "result = 'invalid'", chance, rows)


def test_best_and_worst_agents_stand_out(con: duckdb.DuckDBPyConnection, world: World) -> None:
    """The two planted agents have the highest and the lowest rate of all with 100 contacts."""
    rows = con.execute(
        "SELECT agent_id FROM dialled WHERE contact GROUP BY agent_id HAVING count(*) >= 100"
        " ORDER BY avg(converted::INT)"
    ).fetchall()
    assert rows[0] == (world.truths.worst_agent,)
    assert rows[-1] == (world.truths.best_agent,)


def test_shares_of_drops_and_neglected_leads(con: duckdb.DuckDBPyConnection, world: World) -> None:
    """Drops among human answers and leads never dialled are as frequent as planted."""
    drop = str(world.truths.drop_share)
    human = f"calls WHERE {OUT} AND result IN ('human', 'dropped')"
    assert_expected(con, "result = 'dropped'", drop, human)
    rows = (
        "leads LEFT JOIN (SELECT DISTINCT lead_id, true AS called FROM dialled) USING (lead_id)"
        f" WHERE created_at < TIMESTAMPTZ '{world.end}' - INTERVAL 7 DAY"
    )
    assert_expected(con, "called IS NULL", str(world.truths.neglected_share), rows)


def test_sales_talks_last_as_planted(con: duckdb.DuckDBPyConnection, world: World) -> None:
    """Talks in which the offer was made last 188 seconds on average."""
    talks = world.truths.sales_talks
    n, mean, spread = one(
        con,
        "SELECT count(*), avg(talk_s), stddev_samp(talk_s) FROM dialled"
        f" WHERE disposition IN {talks}",
    )
    assert abs(mean - 188) < SURE * spread / math.sqrt(n)


def test_inbound_callers_lose_patience(con: duckdb.DuckDBPyConnection) -> None:
    """Patience is exponential with mean 98: waiting seconds over abandonments estimate it."""
    waited, left = one(
        con,
        "SELECT sum(wait_s), count(*) FILTER (result = 'abandoned') FROM calls"
        " WHERE direction = 'inbound'",
    )
    assert left > 300
    assert abs(math.log(waited / left / 98)) < SURE / math.sqrt(left)


def test_callbacks_are_mostly_kept(con: duckdb.DuckDBPyConnection, world: World) -> None:
    """About four of five promised callbacks are dialled in their window."""
    kept = number(
        con,
        "SELECT avg(kept::INT) FROM (SELECT bool_or(d.started_at BETWEEN"
        " c.callback_at - INTERVAL 5 MINUTE AND c.callback_at + INTERVAL 30 MINUTE) AS kept"
        " FROM dialled c JOIN dialled d USING (lead_id)"
        f" WHERE c.callback_at < '{world.end}' GROUP BY c.call_id)",
    )
    assert 0.74 < kept < 0.86


def test_compliance_is_nearly_but_not_fully_kept(con: duckdb.DuckDBPyConnection) -> None:
    """A few calls come outside 8-21 local time, a few after a request not to call."""
    dials = number(con, "SELECT count(*) FROM dialled")
    odd = number(con, "SELECT count(*) FROM dialled WHERE hour(local) NOT BETWEEN 8 AND 20")
    assert 0 < odd < 0.02 * dials
    stopped = number(
        con,
        "SELECT count(*) FROM dialled JOIN leads USING (lead_id)"
        " WHERE started_at > do_not_call_at + INTERVAL 10 DAY",
    )
    assert 0 < stopped < 0.01 * dials


def test_local_time_is_right_on_both_sides_of_the_clock_change(
    con: duckdb.DuckDBPyConnection,
) -> None:
    """Berlin's first dials come at 9 local: 8:00 UTC in winter, 7:00 UTC in summer."""
    first = (
        "SELECT min(hour(started_at)) FROM dialled WHERE timezone = 'Europe/Berlin'"
        " AND started_at BETWEEN "
    )
    assert number(con, f"{first} '2026-03-02' AND '2026-03-28'") == 8
    assert number(con, f"{first} '2026-03-30' AND '2026-04-25'") == 7


@pytest.mark.parametrize("format", ["parquet", "csv"])
def test_written_files_hold_the_world(tmp_path: Path, format: str) -> None:
    """Written files have the canonical headers and every row, streamed or not."""
    whole = make_world(days=10, calls=2_000)
    files = write_world(whole, tmp_path / "whole", format)  # type: ignore[arg-type]
    streamed = write_world(stream_world(days=10, calls=2_000), tmp_path / "stream", format)  # type: ignore[arg-type]
    for name, path in files.items():
        with duckdb.connect() as connection:
            relation = f"'{path}'"
            columns = connection.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()
            assert [column[0] for column in columns] == whole.tables[name].column_names
            rows = whole.tables[name].num_rows
            assert number(connection, f"SELECT count(*) FROM {relation}") == rows
            assert number(connection, f"SELECT count(*) FROM '{streamed[name]}'") == rows


def test_parquet_reads_back_unchanged(tmp_path: Path) -> None:
    """A Parquet file gives back the very table."""
    world = make_world(days=10, calls=2_000)
    files = write_world(world, tmp_path)
    assert pq.read_table(files["calls"]).equals(world.tables["calls"])


def test_stream_is_the_world_in_pieces() -> None:
    """The stream yields the same rows as the world, in many batches."""
    world = make_world(days=10, calls=2_000)
    batches = list(make_calls(days=10, calls=2_000))
    assert len(batches) > 10
    assert pa.Table.from_batches(batches).equals(world.tables["calls"].combine_chunks())


@pytest.mark.parametrize("arguments", [{"days": 0}, {"calls": -1}, {"agents": 3}])
def test_impossible_worlds_are_refused(arguments: dict[str, int]) -> None:
    """Arguments out of range are refused with what is allowed."""
    with pytest.raises(UsageError, match="allowed are 1 day or more"):
        make_world(**{"days": 5, "calls": 100, **arguments})  # type: ignore[arg-type]


def test_a_world_of_one_sunday_is_refused() -> None:
    """Nobody works on Sundays, so a world needs another day."""
    with pytest.raises(UsageError, match="nobody works on a Sunday"):
        make_world(days=1, calls=100, end=dt.date(2026, 5, 4))


def test_other_formats_are_refused(tmp_path: Path) -> None:
    """Only Parquet and CSV are written."""
    with pytest.raises(UsageError, match="allowed: parquet, csv"):
        write_world(make_world(days=1, calls=0), tmp_path, "xlsx")  # type: ignore[arg-type]


def answer(value: float | None, key: str = "a") -> Answer:
    """Make an answer with one row."""
    row = Row(keys={"campaign": key}, values={"dials": Value(value=value, n=2)})
    return Answer(question=Question(kpis=("dials",), by=("campaign",)), rows=(row,), total=row)


def test_same_answers_pass() -> None:
    """Answers that differ only in notes or the last digits are the same."""
    assert_same_answer(answer(1.0), replace(answer(1.0 + 1e-12), notes=("x",)))
    assert_same_answer(answer(None), answer(None))


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (answer(2.0), r"campaign='a': dials.value: 1.0 against 2.0"),
        (answer(None), r"campaign='a': dials.value: 1.0 against None"),
        (answer(1.0, "b"), r"campaign='b': only the second answer has this row"),
        (replace(answer(1.0), total=None), "only one answer has a total"),
    ],
)
def test_different_answers_are_told_apart(other: Answer, message: str) -> None:
    """The message says in which row, KPI and part answers differ."""
    with pytest.raises(AssertionError, match=message):
        assert_same_answer(answer(1.0), other)
