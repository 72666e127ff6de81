"""How do tasks of Salesforce become calls?

A task tells the day of a call and when somebody wrote it down. Written on the day itself, that is
when it was; written on another day, only the day is known, and the call counts at its noon.
"""

from __future__ import annotations

import duckdb

from dialgauge.sources.base import Staged
from dialgauge.sources.crm.calls import call_columns, call_notes, told_result
from dialgauge.sources.crm.options import Options
from dialgauge.sources.crm.sql import instant, midnight, named, seconds, unread, yes
from dialgauge.sources.crm.staging import Telling, count, staged, tell
from dialgauge.sources.phones import understand
from dialgauge.sources.salesforce.names import LEAD_ID, PHONES
from dialgauge.tables.calls import CALLS
from dialgauge.tables.storage import text

_DAY_US = 86_400_000_000


def stage_calls(
    con: duckdb.DuckDBPyConnection, options: Options, phone_key: bytes, home: str
) -> list[Staged]:
    """Stage calls.

    Args:
        con: Where `salesforce_task` is.
        options: What the team decided.
        phone_key: The lake's secret.
        home: The zone of days without a time.
    """
    if not count(con, "salesforce_task"):
        return []
    _read(con, options, home)
    known = understand(con, "salesforce_tasks_read", "phone", phone_key, options.region)
    result = told_result(options, "CASE WHEN duration > 0 THEN 'answered' END")
    columns = {
        "call_id": named(options.prefix, "p.Id"),
        "started_at": "started",
        "lead_id": named(options.prefix, f"coalesce({LEAD_ID}, with_whom)"),
        "agent_id": f"CASE WHEN OwnerId LIKE '005%' THEN {named(options.prefix, 'OwnerId')} END",
        "test": f"coalesce({yes('IsDeleted')}, false)",
        "source": "'salesforce'",
        "_other_day": "other_day",
        **call_columns(options, "started"),
    }
    day = "TRY_CAST(left(ActivityDate, 10) AS DATE)"
    tell(
        con,
        options,
        Telling(
            name="salesforce_tasks_told",
            table=CALLS,
            columns=columns,
            rows=f"(SELECT *, {result} AS result FROM salesforce_tasks_read) AS p"
            f" LEFT JOIN {known} AS k ON k.said = p.phone",
            problems=[
                ("p.Id IS NULL", "Id is missing"),
                ("nullif(CreatedDate, '') IS NULL", "CreatedDate is missing"),
                (unread("CreatedDate", instant("CreatedDate")), "CreatedDate is no time"),
                (unread("ActivityDate", day), "ActivityDate is no day"),
                (unread("CallDurationInSeconds", "duration"), "CallDurationInSeconds is no number"),
                ("duration < 0", "CallDurationInSeconds is negative"),
            ],
            hidden=PHONES,
        ),
    )
    notes = call_notes(con, "salesforce_tasks_told")
    late = count(con, "salesforce_tasks_told WHERE _why IS NULL AND _other_day")
    if late:
        notes.append(
            f"{late} calls were written down on another day than they were made; of these only the "
            "day is known, and they count at noon."
        )
    return [staged(con, CALLS, "salesforce_tasks_told", notes)]


def _read(con: duckdb.DuckDBPyConnection, options: Options, home: str) -> None:
    """Make the table of what calls say."""
    began, made = midnight("ActivityDate", home), instant("CreatedDate")
    # days of 23 and 25 hours are rare enough to call their first or last hour another day
    same = f"epoch_us({made}) - epoch_us({began}) BETWEEN 0 AND {_DAY_US - 1}"
    noon = f"make_timestamptz(epoch_us({began}) + {_DAY_US // 2})"
    way = "CASE lower(CallType) WHEN 'outbound' THEN 'outbound' WHEN 'inbound' THEN 'inbound'"
    con.execute(
        "CREATE OR REPLACE TEMP TABLE salesforce_tasks_read AS SELECT *,"
        f" CASE WHEN {began} IS NULL OR {same} THEN {made} ELSE {noon} END AS started,"
        f" coalesce(NOT ({same}), false) AS other_day,"
        " nullif(trim(CallDisposition), '') AS disposition, Status AS status,"
        f" {seconds('CallDurationInSeconds')} AS duration, false AS going_on,"
        f" {way} WHEN 'internal' THEN 'internal' ELSE nullif({text(options.direction)}, '') END"
        " AS direction, nullif(trim(json_extract_string("
        "CASE WHEN json_valid(Who) THEN Who END, '$.Phone')), '') AS phone,"
        # leads and contacts; a task may also be with something else
        " CASE WHEN WhoId LIKE '00Q%' OR WhoId LIKE '003%' THEN WhoId END AS with_whom"
        " FROM salesforce_task"
    )
