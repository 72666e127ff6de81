"""Which mapping would fit headers that are not ours?

A proposal for people to check: by other names of our columns, then by what the values look like.
What cannot be known, such as whether 03/04 is in March or April, is left for them to choose.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from dialgauge.model.table import Column, Table, Type
from dialgauge.sources.base import stored_columns
from dialgauge.sources.looks_like import Look, looks_like
from dialgauge.sources.raw import Settings, folded
from dialgauge.sources.synonyms import SYNONYMS, plain
from dialgauge.tables import TABLES

_FITTING: Mapping[Type, tuple[str, ...]] = MappingProxyType(
    {
        Type.TIME: ("time", "epoch", ""),
        Type.DATE: ("time", "epoch", ""),
        Type.NUMBER: ("number", "comma", "clock", "flag", ""),
        Type.INTEGER: ("number", "flag", ""),
        Type.MONEY: ("number", "comma", "flag", ""),
        Type.BOOL: ("flag", ""),
    }
)
_MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        "human": "answered sale ni notinterested cb callback callbk hangup answeredhuman",
        "machine": "a am aa al machine voicemail answeringmachine",
        "busy": "b ab busy",
        "no_answer": "na noanswer n nr ring noreply",
        "invalid": "dc adc adct disconnected invalid wrongnumber badnumber",
        "dropped": "drop dropped pdrop xdrop",
        "failed": "failed failure error",
        "congestion": "congestion chanunavail",
        "cancelled": "cancel cancelled canceled",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A mapping to check.

    Attributes:
        table: The canonical table.
        columns: Column to the header it would be read from.
        text: The mapping as TOML.
        complete: Whether it can be tried as it is.
    """

    table: Table
    columns: Mapping[str, str]
    text: str
    complete: bool


def propose(
    path: Path,
    headers: Sequence[str],
    samples: Sequence[Sequence[str | None]],
    *,
    table: Table | None = None,
    settings: Settings,
) -> Proposal:
    """Propose a mapping.

    Args:
        path: The file, after which keys are named that the file lacks.
        headers: Its headers.
        samples: The first rows as texts.
        table: The table when it is known.
        settings: How the file is written, where that was told.
    """
    looks = [looks_like([row[place] for row in samples]) for place in range(len(headers))]
    if table is None:
        candidates = [one for one in TABLES.values() if not one.derived]
        table = max(candidates, key=lambda one: _score(one, _match(one, headers, looks), looks))
    matched = _match(table, headers, looks)
    lines, complete = _written(path, table, headers, looks, matched)
    told = [
        f"{name} = {json.dumps(value, ensure_ascii=False)}"
        for name, value in (("encoding", settings.encoding), ("delimiter", settings.delimiter))
        if value
    ]
    if told:
        lines = [*lines[:1], "", "[file]", *told, *lines[1:]]
    return Proposal(
        table=table,
        columns=MappingProxyType({name: headers[place] for name, place in matched.items()}),
        text="\n".join(lines) + "\n",
        complete=complete,
    )


def _match(table: Table, headers: Sequence[str], looks: Sequence[Look]) -> dict[str, int]:
    """Give each column the header that names it best, and whose values fit it."""
    scored = []
    for column in stored_columns(table):
        for place, header in enumerate(headers):
            score = _alike(column, header)
            if score and looks[place].kind in _FITTING.get(column.type, (looks[place].kind,)):
                scored.append((score, -place, column.name))
    matched: dict[str, int] = {}
    for _, place, name in sorted(scored, reverse=True):
        if name not in matched and -place not in matched.values():
            matched[name] = -place
    if table.clock and table.clock not in matched:
        free = [
            place
            for place, look in enumerate(looks)
            if look.kind in ("time", "epoch") and place not in matched.values()
        ]
        if free:
            matched[table.clock] = free[0]
    if "phone_token" in table.types and "phone_token" not in matched:
        free = [
            p for p, look in enumerate(looks) if look.kind == "phone" and p not in matched.values()
        ]
        if free:
            matched["phone_token"] = free[0]
    return {name: matched[name] for name in table.types if name in matched}


def _alike(column: Column, header: str) -> float:
    if folded(header) == column.name:
        return 3
    name = plain(header)
    known = (plain(column.name), *SYNONYMS.get(column.name, ()))
    if name in known:
        return 2 - known.index(name) / 1000
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.85)
    return 1 if close and len(name) > 3 else 0


def _score(table: Table, matched: Mapping[str, int], looks: Sequence[Look]) -> tuple[float, int]:
    found = len(matched) + 2 * (table.key in matched) + 2 * (table.clock in matched)
    kinds = {look.kind for look in looks}
    calls = table.name == "calls" and bool({"time", "epoch"} & kinds)
    return (found + calls, calls)


def _written(
    path: Path,
    table: Table,
    headers: Sequence[str],
    looks: Sequence[Look],
    matched: Mapping[str, int],
) -> tuple[list[str], bool]:
    lines = [f'table = "{table.name}"', "", "[columns]"]
    phone = headers[matched["phone_token"]] if "phone_token" in matched else ""
    if phone and folded(phone) != "phone_token" and not phone.isidentifier():
        lines[1:1] = ["", "[names]", f"phone = {_quoted(phone)}"]
    complete = True
    for column in stored_columns(table):
        if column.name in matched:
            place = matched[column.name]
            rule, chosen = _rule(column, headers[place], looks[place])
            complete = complete and (chosen or column.name not in (table.key, table.clock))
            lines.append(rule)
        elif column.name == table.key:
            lines.append("# The file names no key; rows are numbered, so always import it whole.")
            lines.append(f"{column.name} = {{ expression = {_quoted(_numbered(path))} }}")
        elif column.name == table.clock:
            lines.append(
                f"# {column.name}: nothing in the file looks like {column.meaning.lower()}"
            )
            complete = False
        elif column.name == "direction":
            lines.append(
                "# The file does not say who called; this is what telemarketing lists hold."
            )
            lines.append('direction = { value = "outbound" }')
    if "disposition" in matched and looks[matched["disposition"]].kind == "code":
        lines += ["", "# What each code means: check every line.", "[disposition.codes]"]
        lines += [_meaning(code) for code in _different(looks[matched["disposition"]].codes)]
    return lines, complete


def _rule(column: Column, header: str, look: Look) -> tuple[str, bool]:
    """Write the line of one column, and whether it may be used as it is."""
    if column.name == "phone_token" and folded(header) != "phone_token":
        name = header if header.isidentifier() else "phone"
        return f'phone_token = {{ expression = "token({name})" }}', True
    told = [f"from = {_quoted(header)}"]
    if column.type in (Type.TIME, Type.DATE) and len(look.formats) > 1:
        choices = " or ".join(_quoted(form) for form in look.formats)
        return f"# {column.name}: choose format = {choices} for {_quoted(header)}", False
    if column.type in (Type.TIME, Type.DATE) and look.formats:
        told.append(f"format = {_quoted(look.formats[0])}")
    if look.kind == "clock":
        told.append(f'unit = "{look.formats[0]}"')
    elif column.name.endswith("_s") and plain(header).endswith(("ms", "msec", "milliseconds")):
        told.append('unit = "ms"')
    elif column.name.endswith("_s") and plain(header).endswith(("min", "mins", "minutes")):
        told.append('unit = "min"')
    if look.kind == "comma":
        told.append('decimal = ","' + (', thousands = "."' if look.codes else ""))
    value = f"{{ {', '.join(told)} }}" if len(told) > 1 else _quoted(header)
    return f"{column.name} = {value}", True


def _numbered(path: Path) -> str:
    stem = path.name.split(".")[0].replace("'", "")
    return f"concat('{stem}-', row_number())"


def _different(codes: Sequence[str]) -> list[str]:
    return list({code.strip().lower(): code for code in reversed(codes)}.values())[::-1]


def _meaning(code: str) -> str:
    name = plain(code)
    told = [f'result = "{result}"' for result, codes in _MEANINGS.items() if name in codes.split()]
    if name in ("sale", "sold", "xfer"):
        told = ['result = "human"', "contact = true", "converted = true"]
    elif name in ("ni", "notinterested", "cb", "callback", "callbk"):
        told.append("contact = true")
    elif name in ("dnc", "dncc", "donotcall"):
        told = ['result = "human"', "contact = true", "do_not_call = true"]
    return f"{_quoted(code)} = {{ {', '.join(told)} }}" if told else f"{_quoted(code)} = {{ }}"


def _quoted(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)
