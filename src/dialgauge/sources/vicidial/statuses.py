"""What does a status of VICIdial mean?

A status has flags, in vicidial_statuses, and a campaign may have its own row for it, which counts
there. The statuses that the dialler itself sets say more than their flags do (`AA` is a machine
although nobody flagged it so; `AB` is busy, not abandoned), so those are listed here. Case does
not matter, as in VICIdial's own database.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import duckdb

from dialgauge.sources.vicidial.loading import relation
from dialgauge.sources.vicidial.options import Options
from dialgauge.sources.vicidial.tables import CAMPAIGN_STATUSES, NOBODY, STATUSES
from dialgauge.tables.storage import text

MEANINGS = "vd_meanings"
"""Temporary table: `campaign` ('' for the system's own row, '*' for what all campaigns agree on),
`status` in capitals, and the flags human, machine, sale, dnc, contact, unworkable, BOOLEAN."""

LINE: Mapping[str, str] = MappingProxyType(
    {
        "A": "machine",
        "AA": "machine",
        "AM": "machine",
        "AL": "machine",
        "AFAX": "machine",
        "AB": "busy",
        "B": "busy",
        "CPDB": "busy",
        "CPDATB": "congestion",
        "CPDSNC": "congestion",
        "CPDSR": "congestion",
        "N": "no_answer",
        "NA": "no_answer",
        "CPDNA": "no_answer",
        "CPDREJ": "rejected",
        "DC": "invalid",
        "ADC": "invalid",
        "ADCT": "invalid",
        "CPDINV": "invalid",
        "CPDSI": "invalid",
        "CPDSV": "invalid",
        "CPDSUA": "failed",
        "CPDSUK": "failed",
        "CPDUK": "failed",
        "CPDERR": "failed",
        "LRERR": "failed",
        "PU": "answered",
        "IVRXFR": "answered",
        "ERI": "answered",
        "DISPO": "answered",
        "XFER": "answered",
        "RQXFER": "answered",
        "TIMEOT": "failed",
        "AFTHRS": "failed",
        "NANQUE": "failed",
        "MAXCAL": "failed",
        "HOLDTO": "failed",
        "CLOSOP": "failed",
    }
)
"""What statuses of the dialler come to on the line."""

DROPS = ("DROP", "XDROP")
RUNNING = ("QUEUE", "INCALL", "NEW")
"""Statuses of calls that have not ended, or of which nobody wrote the end."""

CAUSES: Mapping[str, tuple[int, ...]] = MappingProxyType(
    {
        "invalid": (1, 22, 28),
        "busy": (17,),
        "congestion": (34, 38, 41, 42, 44),
        "rejected": (21,),
        "failed": (2, 3, 27),
    }
)
"""Which hang-up causes (Q.850) tell more than that nobody answered."""

_FLAGS = (
    *("human_answered", "answering_machine", "sale", "dnc", "customer_contact"),
    *("unworkable", "scheduled_callback"),
)


def create_meanings(con: duckdb.DuckDBPyConnection, options: Options) -> None:
    """Make the table `MEANINGS` of the statuses that were loaded.

    Args:
        con: Where they are.
        options: Says which flags make a conversation.
    """
    contact = " OR ".join(_yes(flag) for flag in options.contact)
    flags = ", ".join(f"{_yes(flag)} {flag}" for flag in _FLAGS) + f", {contact} contact"
    named = "max(status_name) status_name"
    agreed = ", ".join(
        f"CASE WHEN bool_and({flag}) = bool_or({flag}) THEN bool_or({flag}) END {flag}"
        for flag in (*_FLAGS, "contact")
    )
    own = f"SELECT campaign_id campaign, upper(status) status, status_name, {flags}"
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE {MEANINGS} AS "
        f"SELECT '' campaign, upper(status) status, status_name, {flags} "
        f"FROM {relation(STATUSES)} WHERE status IS NOT NULL UNION ALL "
        f"{own} FROM {relation(CAMPAIGN_STATUSES)} "
        "WHERE status IS NOT NULL AND campaign_id IS NOT NULL UNION ALL "
        f"SELECT '*', status, {named}, {agreed} "
        f"FROM ({own} FROM {relation(CAMPAIGN_STATUSES)}) "
        f"WHERE status IS NOT NULL GROUP BY status"
    )


def meaning_joins(status: str, campaign: str) -> str:
    """Write the joins that find a status's meaning as `m`, in the first place that has it.

    Args:
        status: SQL of the status in capitals.
        campaign: SQL of the campaign whose rows override the system's.
    """
    return (
        f" LEFT JOIN {MEANINGS} mc ON mc.status = {status} AND mc.campaign = {campaign}"
        f" LEFT JOIN {MEANINGS} ms ON ms.status = {status} AND ms.campaign = ''"
        f" LEFT JOIN {MEANINGS} ma ON ma.status = {status} AND ma.campaign = '*'"
    )


def flag(name: str) -> str:
    """Write SQL for a flag, over `meaning_joins`: the campaign's, the system's, any campaign's."""
    return (
        f"CASE WHEN mc.status IS NOT NULL THEN mc.{name} WHEN ms.status IS NOT NULL "
        f"THEN ms.{name} ELSE ma.{name} END"
    )


def result(status: str, inbound: str, reason: str, agent: str, options: Options) -> str:
    """Write SQL for what the line came to, over `meaning_joins`.

    Args:
        status: SQL of the status in capitals.
        inbound: SQL that is true for inbound calls.
        reason: SQL of term_reason.
        agent: SQL of the agent, NULL when there was none.
        options: Says what PDROP is.
    """
    listed = " ".join(f"WHEN {text(code)} THEN {text(came)}" for code, came in LINE.items())
    drops, running = (", ".join(text(code) for code in codes) for codes in (DROPS, RUNNING))
    left = f"CASE WHEN coalesce({reason}, 'ABANDON') IN ('ABANDON', 'CALLER', 'NONE') "
    pdrop = f"CASE WHEN {inbound} THEN 'abandoned' ELSE {text(options.pdrop)} END"
    return (
        f"CASE WHEN {status} IN ({running}) THEN NULL "
        f"WHEN {status} IN ({drops}) THEN CASE WHEN {inbound} "
        f"THEN {left} THEN 'abandoned' ELSE 'failed' END ELSE 'dropped' END "
        f"WHEN {status} = 'PDROP' THEN {pdrop} "
        # a campaign that gave one of the dialler's codes a meaning of its own
        "WHEN mc.answering_machine THEN 'machine' "
        "WHEN mc.human_answered OR mc.contact THEN 'human' "
        f"WHEN {agent} IS NOT NULL AND {flag('contact')} THEN 'human' "
        f"ELSE coalesce(CASE {status} {listed} END, "
        f"CASE WHEN {flag('answering_machine')} THEN 'machine' "
        f"WHEN {flag('human_answered')} OR {flag('contact')} THEN 'human' "
        f"WHEN {agent} IS NOT NULL THEN 'answered' END) END"
    )


def agent(user: str) -> str:
    """Write SQL for who took a call, NULL for nobody."""
    listed = ", ".join(text(name) for name in NOBODY)
    return f"CASE WHEN upper({user}) NOT IN ({listed}) THEN {user} END"


def _yes(flag: str) -> str:
    return f"coalesce(upper({flag}) = 'Y', false)"
