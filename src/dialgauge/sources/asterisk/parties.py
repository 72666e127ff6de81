"""Who called whom: which channels are extensions, which way did a call go, whose number is it?

Asterisk does not say. The rules below are tried in order and the first that applies decides; the
user's own contexts, trunks and agents come first. They read the origin leg (the one that began the
call, named `o`) and the decisive leg (`d`, see `calls`).
"""

from __future__ import annotations

from collections.abc import Sequence

from dialgauge.sources.asterisk.options import Options
from dialgauge.sources.options import glob_regex
from dialgauge.tables.storage import text

TRUNK_TECHNOLOGIES = ("dahdi", "zap", "misdn", "capi", "khomp", "dongle", "quectel", "ooh323")
"""Channels of these drivers are lines to the outside, whatever follows."""

INBOUND_CONTEXTS = (
    "from-trunk*,from-pstn*,from-did*,from-external*,from-sip-external*,ext-did*,incoming*,inbound*"
)
OUTBOUND_CONTEXTS = "outbound*,outgoing*,from-dialer*,from-dialler*"


def extension(channel: str, options: Options) -> str:
    """Write SQL for the agent behind a channel, NULL when it is none.

    `SIP/101-0000001a`, `PJSIP/101`, `Local/101@from-queue-1;1` and `Agent/101` are 101.
    """
    digits = f"([0-9]{{1,{options.extension_length}}})"
    techs = "|".join(TRUNK_TECHNOLOGIES)
    number = f"regexp_extract({channel}, '^[A-Za-z0-9]+/{digits}([-@/;].*)?$', 1)"
    plain = (
        f"CASE WHEN regexp_matches({channel}, '^(?i)({techs})/') THEN NULL "
        f"ELSE nullif({number}, '') END"
    )
    if options.agents:
        named = rf"regexp_replace({channel}, '^[^/]*/|(-[0-9a-fA-F]{{4,}})?([@;].*)?$', '', 'g')"
        plain = f"CASE WHEN {_matches(channel, options.agents)} THEN {named} ELSE {plain} END"
    if options.trunks:
        plain = f"CASE WHEN {_matches(channel, options.trunks)} THEN NULL ELSE {plain} END"
    return plain


def trunk(channel: str, options: Options) -> str:
    """Write SQL for whether a channel is known to lead outside; false when unknown."""
    techs = "|".join(TRUNK_TECHNOLOGIES)
    known = f"regexp_matches({channel}, '^(?i)({techs})/')"
    if options.trunks:
        known = f"({known} OR {_matches(channel, options.trunks)})"
    return f"coalesce({known}, false)"


def direction_rules(options: Options) -> Sequence[tuple[str, str]]:
    """List the rules in order: a condition in SQL, and the direction it gives."""
    short, long = f"[*#0-9]{{1,{options.extension_length}}}", options.extension_length
    src_short, dst_short = (f"regexp_full_match(o.{name}, '{short}')" for name in ("src", "dst"))
    src_long, dst_long = (_digits_of(f"o.{name}", long) for name in ("src", "dst"))
    from_agent = f"{extension('o.channel', options)} IS NOT NULL"
    to_trunk = f"{trunk('coalesce(d.dstchannel, o.dstchannel)', options)}"
    dialler = f"regexp_matches(o.channel, '^(?i)local/[+0-9]{{{long + 1},}}@')"
    return (
        (_context(options.outbound_contexts), "outbound"),
        (_context(options.inbound_contexts), "inbound"),
        (_context(options.internal_contexts), "internal"),
        ("o.did IS NOT NULL", "inbound"),
        (f"{from_agent} AND ({to_trunk} OR {dst_long})", "outbound"),
        (from_agent, "internal"),
        (trunk("o.channel", options), "inbound"),
        (dialler, "outbound"),
        (_context(INBOUND_CONTEXTS), "inbound"),
        (_context(OUTBOUND_CONTEXTS), "outbound"),
        (f"{src_short} AND {dst_long}", "outbound"),
        (f"{src_long} AND {dst_short}", "inbound"),
        (f"{src_short} AND {dst_short}", "internal"),
        ("o.lastapp ILIKE 'Queue'", "inbound"),
        (f"{extension('d.dstchannel', options)} IS NOT NULL", "inbound"),
    )


def direction(options: Options) -> str:
    """Write SQL for the direction, NULL when no rule applies."""
    rules = " ".join(f"WHEN {when} THEN '{way}'" for when, way in direction_rules(options))
    return f"CASE {rules} END"


def agent(way: str, options: Options) -> str:
    """Write SQL for the agent of a call of a direction; inbound ones must have been answered."""
    origin, target = (extension(leg, options) for leg in ("o.channel", "d.dstchannel"))
    return (
        f"CASE WHEN {way} = 'inbound' THEN CASE WHEN reached THEN {target} END "
        f"ELSE coalesce({origin}, CASE WHEN reached THEN {target} END) END"
    )


def number(way: str, options: Options) -> str:
    """Write SQL for the outside party's number, NULL when it is an extension or unknown."""
    prefix = f"^{options.outside_prefix}"
    dst = f"regexp_replace(o.dst, '{prefix}', '')" if options.outside_prefix else "o.dst"
    least = options.extension_length
    from_local = r"regexp_extract(o.channel, '^(?i)local/([+0-9]+)@', 1)"
    candidates = {"outbound": (dst, from_local, "d.dst"), "inbound": ("o.src",)}
    branches = " ".join(
        f"WHEN {way} = '{name}' AND {_digits_of(value, least)} THEN {value}"
        for name, values in candidates.items()
        for value in values
    )
    return f"CASE {branches} END"


def _digits_of(value: str, more_than: int) -> str:
    return (
        f"(regexp_full_match({value}, '[-+ ().#*0-9]+') AND "
        f"length(regexp_replace({value}, '[^0-9]', '', 'g')) > {more_than})"
    )


def _context(patterns: str) -> str:
    if not patterns:
        return "false"
    return f"regexp_full_match(o.dcontext, {text(glob_regex(patterns))})"


def _matches(channel: str, patterns: str) -> str:
    return f"regexp_full_match({channel}, {text(glob_regex(patterns) + '([-@/;].*)?')})"
