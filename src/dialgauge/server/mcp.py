"""How does an assistant ask, so that it answers from the catalogue and not from guesses?

A server of the Model Context Protocol: it lists and explains KPIs, answers questions with their
intervals and notes, and shows a few rows. Whoever asks sees what they may see elsewhere; phone
tokens are masked for everybody.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Annotated, Any, Literal, Protocol, TypeAlias

import pyarrow as pa
from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import ToolAnnotations
from pydantic import Field

from dialgauge.asking import Words, question
from dialgauge.config import Config
from dialgauge.errors import DialgaugeError
from dialgauge.gauge import Gauge
from dialgauge.model.wire import answer_json, plain_records
from dialgauge.remote import RemoteGauge
from dialgauge.server.masking import masked, need_none_in
from dialgauge.server.needs import needs
from dialgauge.server.viewer import May, Viewer
from dialgauge.telling import describe

MOST_GROUPS = 200
"""So many groups of an answer are shown; an assistant reads no more."""

MOST_ROWS = 100
"""So many rows behind a number are shown."""

_INSTRUCTIONS = """\
Answers questions about a call centre's telemarketing: calls, agents, leads, deals, orders, costs.
Find KPIs with list_kpis, read with describe what one counts and by what it can be split, then ask.
Never work numbers out yourself from other numbers or from rows: ask for the KPI.
Every value comes with its numerator, denominator, n and the 95 % interval low..high; say the
interval or how few n there are, and repeat the notes that matter: they say what was left out or is
not yet known. null is "not available", and reason says why. Shares are 0-1, durations seconds.
A change is real only when likely_real is true. When a tool refuses, its sentence says what can be
asked instead. Days: from is the first day inside, to the first day after."""

_READS = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)

Asked: TypeAlias = dict[str, str | list[str]]
"""The words of a question that were given, named as in the API."""

Kpis = Annotated[list[str], Field(description="Names of KPIs, from list_kpis.", min_length=1)]
Where = Annotated[
    list[str],
    Field(
        description="Conditions that must all hold, such as \"team = 'Alder' and talk_s >= 30\" or "
        "\"line_type in ('mobile', 'voip')\", over dimensions of the KPI."
    ),
]
From = Annotated[str | None, Field(description="First day inside, such as 2026-01-01.")]
To = Annotated[str | None, Field(description="First day after, such as 2026-02-01.")]
Timezone = Annotated[
    str | None,
    Field(description="IANA zone in which days begin; the team's own by default."),
]
Language = Annotated[Literal["en", "zh", "ru", "ka"], Field(description="Language of texts.")]


class Catalogue(Protocol):
    """Who knows KPIs and answers, here or on a server."""

    def kpis(self, lang: str) -> list[dict[str, Any]]:
        """List the KPIs with all that is said of them."""

    def kpi(self, name: str, lang: str) -> dict[str, Any]:
        """Tell everything about one."""

    def ask(self, asked: Asked) -> dict[str, Any]:
        """Answer a question."""

    def rows(self, asked: Asked, limit: int) -> pa.Table:
        """List rows, phone tokens perhaps unmasked."""


@dataclass(frozen=True, slots=True)
class Here:
    """A lake on this machine.

    Attributes:
        looking: Gives the gauge and who asks it, as they are now.
        config: The lake's settings.
    """

    looking: Callable[[], tuple[Gauge, Viewer]]
    config: Config

    def kpis(self, lang: str) -> list[dict[str, Any]]:
        """List the KPIs with all that is said of them."""
        words = self._gauge(May.ASK).words
        return [describe(kpi, words, lang) for kpi in words.kpis.values()]

    def kpi(self, name: str, lang: str) -> dict[str, Any]:
        """Tell everything about one."""
        words = self._gauge(May.ASK).words
        return describe(words.kpi(name), words, lang)

    def ask(self, asked: Asked) -> dict[str, Any]:
        """Answer a question."""
        return answer_json(self._gauge(May.ASK).ask(question(self._words(asked))))

    def rows(self, asked: Asked, limit: int) -> pa.Table:
        """List rows."""
        return self._gauge(May.ROWS).rows(question(self._words(asked)), limit)

    def _gauge(self, what: May) -> Gauge:
        gauge, who = self.looking()
        needs(what)(who)
        return gauge

    def _words(self, asked: Mapping[str, Any]) -> Words:
        return Words(
            kpis=asked["kpi"],
            by=asked.get("by", ()),
            where=asked.get("where", ()),
            start=asked.get("from"),
            end=asked.get("to"),
            grain=asked.get("grain"),
            timezone=asked.get("timezone", self.config.timezone),
            versus=asked.get("versus"),
            week_starts=self.config.week_starts,
        )


@dataclass(frozen=True, slots=True)
class There:
    """A lake behind a server, which knows whose token asks.

    Attributes:
        remote: The server.
    """

    remote: RemoteGauge

    def kpis(self, lang: str) -> list[dict[str, Any]]:
        """List the KPIs with all that is said of them."""
        return self.remote.kpis(lang)

    def kpi(self, name: str, lang: str) -> dict[str, Any]:
        """Tell everything about one."""
        return self.remote.kpi(name, lang)

    def ask(self, asked: Asked) -> dict[str, Any]:
        """Answer a question."""
        found: dict[str, Any] = self.remote.transport.get("ask", asked)
        return found

    def rows(self, asked: Asked, limit: int) -> pa.Table:
        """List rows."""
        return pa.Table.from_pylist(self.remote.transport.get("rows", {**asked, "limit": limit}))


@dataclass(frozen=True, slots=True)
class Tools:
    """What an assistant may do.

    Attributes:
        catalogue: Who knows and answers.
    """

    catalogue: Catalogue

    def list_kpis(
        self,
        search: Annotated[
            str, Field(description="Only KPIs in whose name, title or question this occurs.")
        ] = "",
        lang: Language = "en",
    ) -> dict[str, Any]:
        """List the KPIs that can be asked: name, title, unit, which way is good, the question."""
        shown = ("name", "title", "unit", "better", "question")
        wanted = search.casefold()
        with _told():
            found = [
                {name: kpi[name] for name in shown}
                for kpi in self.catalogue.kpis(lang)
                if wanted in " ".join((kpi["name"], kpi["title"], kpi["question"])).casefold()
            ]
        return {"kpis": found}

    def describe(
        self,
        kpi: Annotated[str, Field(description="The KPI's name, from list_kpis.")],
        lang: Language = "en",
    ) -> dict[str, Any]:
        """Explain a KPI: what exactly it counts, how it misleads, by what it can be split."""
        with _told():
            return self.catalogue.kpi(kpi, lang)

    def ask(  # noqa: PLR0913, PLR0917 - each is one word of the question
        self,
        kpis: Kpis,
        by: Annotated[
            list[str],
            Field(description="Dimensions to split by, such as campaign, team, hour, weekday."),
        ] = [],  # noqa: B006 - never changed
        where: Where = [],  # noqa: B006
        start: From = None,
        end: To = None,
        grain: Annotated[
            Literal["hour", "day", "week", "month", "quarter", "year"] | None,
            Field(description="Width of time buckets, for a course over time."),
        ] = None,
        versus: Annotated[
            str | None,
            Field(
                description="Compare with previous, year, or a range such as "
                "2026-01-01..2026-02-01; needs both ends of the period."
            ),
        ] = None,
        timezone: Timezone = None,
    ) -> dict[str, Any]:
        """Ask KPIs, split, filtered and compared; values with 95 % intervals, and notes."""
        given = {
            "kpi": kpis,
            "by": by,
            "where": where,
            "from": start,
            "to": end,
            "grain": grain,
            "versus": versus,
            "timezone": timezone,
        }
        with _told():
            need_none_in(where, by)
            answer = self.catalogue.ask(_given(given))
        groups = len(answer["rows"])
        if groups > MOST_GROUPS:
            note = (
                f"Only the first {MOST_GROUPS} of {groups:,} groups are shown; choose with where, "
                "or split by less."
            )
            answer = {**answer, "rows": answer["rows"][:MOST_GROUPS]}
            answer["notes"] = [note, *answer["notes"]]
        return answer

    def rows(  # noqa: PLR0913, PLR0917 - each is one word of the question
        self,
        kpi: Annotated[str, Field(description="The KPI whose rows are wanted.")],
        where: Where = [],  # noqa: B006
        start: From = None,
        end: To = None,
        timezone: Timezone = None,
        limit: Annotated[
            int, Field(description="At most so many rows, the earliest first.", ge=1, le=MOST_ROWS)
        ] = 20,
    ) -> dict[str, Any]:
        """Show some calls, leads or orders behind a KPI, as examples: never count them."""
        given = {
            "kpi": [kpi],
            "where": where,
            "from": start,
            "to": end,
            "timezone": timezone,
        }
        with _told():
            need_none_in(where)
            found = masked(self.catalogue.rows(_given(given), limit))
        known = [name for name in found.column_names if found.column(name).null_count < len(found)]
        note = f"At most {limit} rows are shown, the earliest first; phone tokens are masked."
        return {"notes": [note], "rows": plain_records(found.select(known).to_pylist())}


def serve(catalogue: Catalogue) -> MCPServer[Any]:
    """Make a server that answers an assistant.

    Args:
        catalogue: Who knows and answers.
    """
    server: MCPServer[Any] = MCPServer(
        name="dialgauge",
        title="dialgauge",
        description="Telemarketing measured: true, explained numbers from call records.",
        instructions=_INSTRUCTIONS,
        version=version("dialgauge"),
        log_level="WARNING",
    )
    tools = Tools(catalogue)
    for tool in (tools.list_kpis, tools.describe, tools.ask, tools.rows):
        server.add_tool(tool, annotations=_READS)
    return server


def _given(words: Mapping[str, Any]) -> Asked:
    """Leave out what was not said."""
    return {name: value for name, value in words.items() if value is not None and value != []}


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Give refusals to the assistant as what they are: sentences it can act on."""
    try:
        yield
    except DialgaugeError as error:
        raise ToolError(str(error)) from error
