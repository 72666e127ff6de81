"""What does a disposition code mean for the line, the contact and the sale?

A mapping's `[disposition]` section says it, code by code, and may say it differently for some
campaigns. Codes match without regard to case and surrounding blanks. The raw code always stays,
and where a file brings a flag itself, the file's flag stands.

    [disposition]
    unknown = "quarantine"          # or "keep", the default

    [disposition.codes]
    SALE = { result = "human", contact = true, converted = true }

    [disposition.campaign.survey]
    SALE = { converted = false }
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from dialgauge.errors import MappingError, UnknownNameError
from dialgauge.model.table import Table
from dialgauge.sources.convert.cells import enum_of
from dialgauge.tables.storage import text

FLAGS = ("result", "contact", "right_party", "converted", "do_not_call")
"""The columns a disposition may decide."""

_KEYS = ("codes", "campaign", "unknown")
_UNKNOWN = ("keep", "quarantine")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispositions:
    """What codes mean.

    Attributes:
        codes: Code in lower case to column to value.
        campaigns: Campaign to the codes that mean something else there, complete.
        quarantine: Whether a code that is not listed is a problem.
    """

    codes: Mapping[str, Mapping[str, str | bool]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    campaigns: Mapping[str, Mapping[str, Mapping[str, str | bool]]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    quarantine: bool = False

    def decided(self) -> tuple[str, ...]:
        """List the columns that some code decides."""
        told = {flag for meaning in self._meanings() for flag in meaning}
        return tuple(flag for flag in FLAGS if flag in told)

    def flag_sql(self, flag: str, code: str, campaign: str) -> str:
        """Write the SQL of one flag's value by code.

        Args:
            flag: One of `FLAGS`.
            code: SQL of the code, trimmed and in lower case.
            campaign: SQL of the campaign.
        """
        written = _looked_up(flag, code, self.codes)
        for name, codes in self.campaigns.items():
            listed = f"{campaign} = {text(name)} AND {enum_of(code, codes)} IS NOT NULL"
            written = f"CASE WHEN {listed} THEN {_looked_up(flag, code, codes)} ELSE {written} END"
        return written

    def unknown_sql(self, code: str, campaign: str) -> str:
        """Write the SQL that is true for a code that is not listed."""
        known = [f"{enum_of(code, self.codes)} IS NOT NULL"] if self.codes else []
        known += [
            f"({campaign} IS NOT DISTINCT FROM {text(name)} AND {enum_of(code, codes)} IS NOT NULL)"
            for name, codes in self.campaigns.items()
            if codes
        ]
        return f"({code} IS NOT NULL AND NOT ({' OR '.join(known)}))" if known else "false"

    def _meanings(self) -> Iterator[Mapping[str, str | bool]]:
        yield from self.codes.values()
        for codes in self.campaigns.values():
            yield from codes.values()


NO_DISPOSITIONS = Dispositions()


def read_dispositions(told: Mapping[str, object], table: Table) -> Dispositions:
    """Check a `[disposition]` section.

    Raises:
        MappingError: Something in it is not allowed.
        UnknownNameError: A column or a value is not known.
    """
    if not told:
        return NO_DISPOSITIONS
    if "disposition" not in table.types:
        raise MappingError(f"{table.name} has no dispositions; drop the [disposition] section")
    for key in told:
        if key not in _KEYS:
            raise UnknownNameError("key of [disposition]", key, _KEYS)
    unknown = told.get("unknown", "keep")
    if unknown not in _UNKNOWN:
        raise UnknownNameError("value of disposition.unknown", str(unknown), _UNKNOWN)
    codes = _codes(told.get("codes", {}), "disposition.codes", table)
    campaigns = told.get("campaign", {})
    if not isinstance(campaigns, dict):
        raise MappingError("disposition.campaign must hold one section for each campaign")
    overrides = {
        name: {
            code: {**codes.get(code, {}), **meaning}
            for code, meaning in _codes(part, f"disposition.campaign.{name}", table).items()
        }
        for name, part in campaigns.items()
    }
    return Dispositions(
        codes=MappingProxyType(codes),
        campaigns=MappingProxyType(overrides),
        quarantine=unknown == "quarantine",
    )


def _codes(told: object, where: str, table: Table) -> dict[str, dict[str, str | bool]]:
    if not isinstance(told, dict):
        raise MappingError(f"{where} must be a section of codes")
    codes: dict[str, dict[str, str | bool]] = {}
    for code, meaning in told.items():
        if not isinstance(meaning, dict):
            raise MappingError(f"{where}.{code} must be a table such as {{ contact = true }}")
        folded = str(code).strip().lower()
        if folded in codes:
            raise MappingError(f"{where} lists '{code}' twice; case does not matter")
        for flag, value in meaning.items():
            _check(f"{where}.{code}", flag, value, table)
        codes[folded] = dict(meaning)
    return codes


def _check(where: str, flag: str, value: object, table: Table) -> None:
    if flag not in FLAGS:
        raise UnknownNameError(f"key of {where}", flag, FLAGS)
    if flag == "result":
        allowed = table.column("result").values
        if value not in allowed:
            raise UnknownNameError(f"result in {where}", str(value), allowed)
    elif not isinstance(value, bool):
        raise MappingError(f"{where}.{flag} must be true or false, not {value!r}")


def _looked_up(flag: str, code: str, codes: Mapping[str, Mapping[str, str | bool]]) -> str:
    """Write the value that a code's place in an enumeration points to."""
    values = [meaning.get(flag) for meaning in codes.values()]
    if all(value is None for value in values):
        return "NULL"
    literals = ", ".join(
        text(value) if isinstance(value, str) else ("NULL" if value is None else str(value).lower())
        for value in values
    )
    return f"[{literals}][1 + enum_code({enum_of(code, codes)})]"
