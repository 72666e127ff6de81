"""How is a request to the API read?

Every word of a query is known or refused, as on the command line; a word that is there but blank,
as a form sends it, says nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, Any, cast

from fastapi import Query, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BeforeValidator

from dialgauge.asking import Words, question
from dialgauge.errors import UnknownNameError, UsageError
from dialgauge.model.question import Grain, Period, Question
from dialgauge.server.needs import SiteHere
from dialgauge.server.site import Site

MOST_WORDS = 500
"""So many KPIs, dimensions or conditions a question may have."""

MOST_LETTERS = 10_000
"""So long a word of a question may be."""

MOST_ROWS = 10_000
"""So many rows an answer may list."""

MOST_HOURS = 100_000
"""So many buckets an answer may have where they are hours; 11 years."""


def only_known(request: Request) -> None:
    """Refuse words of a query that the operation does not know.

    Raises:
        UnknownNameError: There is one; the message says which it may be.
    """
    route = cast(APIRoute, request.scope["route"])
    known = set(_declared(route.dependant))
    for name in request.query_params:
        if name not in known:
            raise UnknownNameError("parameter", readable(name), known)


def _declared(dependant: Dependant) -> Iterator[str]:
    yield from (field.alias for field in dependant.query_params)
    for below in dependant.dependencies:
        yield from _declared(below)


def readable(text: str) -> str:
    """Make a text short and printable, to be repeated in a sentence."""
    short = text if len(text) <= 100 else f"{text[:100]}..."
    return "".join(letter if letter.isprintable() else "?" for letter in short)


def need_text(texts: Iterable[str | None], name: str) -> None:
    """Refuse texts that no record can hold.

    Raises:
        UsageError: One is too long, or has a character that is not a letter of any kind.
    """
    for count, text in enumerate(texts, start=1):
        if count > MOST_WORDS:
            raise UsageError(f"{name} is given more than {MOST_WORDS} times; ask in several parts")
        if text is None:
            continue
        if len(text) > MOST_LETTERS:
            raise UsageError(f"{name} has {len(text):,} letters; at most {MOST_LETTERS:,} are read")
        if "\0" in text or (not text.isascii() and _has_surrogate(text)):
            raise UsageError(
                f"{name} '{readable(text)}' holds a character that no text has; leave it out"
            )


def _has_surrogate(text: str) -> bool:
    return any("\ud800" <= letter <= "\udfff" for letter in text)


def blank(value: Any) -> Any:
    """Take what a form sends for an empty field as nothing said."""
    return None if isinstance(value, str) and not value.strip() else value


def filled(texts: Sequence[str]) -> tuple[str, ...]:
    """Leave out what is blank."""
    return tuple(text for text in texts if text.strip())


# What operations have in common; the first line of each is what the OpenAPI document says.
Kpis = Annotated[
    list[str],
    Query(
        description="A KPI; may be repeated, and hold several with commas between.",
        examples=[["contact_rate"]],
    ),
]
By = Annotated[
    list[str],
    Query(
        description="A dimension to split by, such as campaign or hour; may be repeated.",
        examples=[["campaign"]],
    ),
]
Where = Annotated[
    list[str],
    Query(
        description="A condition, such as team = 'Alder' and talk_s >= 30; may be repeated.",
        examples=[["line_type = 'mobile'"]],
    ),
]
From = Annotated[
    str | None,
    Query(alias="from", description="First day inside.", examples=["2026-01-01"]),
]
To = Annotated[
    str | None, Query(alias="to", description="First day after.", examples=["2026-04-01"])
]
GrainName = Annotated[
    str | None,
    Query(
        description="Width of time buckets: hour, day, week, month, quarter or year.",
        examples=["month"],
    ),
]
Timezone = Annotated[
    str | None,
    Query(
        description="Zone in which days begin, an IANA name; the lake's own by default.",
        examples=["Europe/Berlin"],
    ),
]
Versus = Annotated[
    str | None,
    Query(
        description="Compare with previous, year, or a range such as 2026-01-01..2026-02-01.",
        examples=["previous"],
    ),
]
WeekStarts = Annotated[
    int | None,
    BeforeValidator(blank),
    Query(
        description="1 for Monday to 7 for Sunday; the lake's own by default.",
        json_schema_extra={"minimum": 1, "maximum": 7},  # the planner refuses others
    ),
]
AsOf = Annotated[
    str | None,
    Query(
        description="The moment at which outcomes are judged to be known; now by default. In UTC "
        "unless it says its zone.",
        examples=["2026-04-01T09:00:00+00:00"],
    ),
]
Totals = Annotated[
    bool | None,
    BeforeValidator(blank),
    Query(description="Whether to give all groups together as well; true by default."),
]
Limit = Annotated[
    int | None,
    BeforeValidator(blank),
    Query(
        description="At most so many rows.",
        # `most` refuses others with a sentence.
        json_schema_extra={"minimum": 1, "maximum": MOST_ROWS},
    ),
]
Language = Annotated[str | None, Query(description="en, zh, ru or ka.", examples=["en"])]


def asked(  # noqa: PLR0913, PLR0917 - each is one word of the question
    here: SiteHere,
    kpi: Kpis,
    by: By = [],  # noqa: B006 - FastAPI gives each request its own
    where: Where = [],  # noqa: B006
    start: From = None,
    end: To = None,
    grain: GrainName = None,
    timezone: Timezone = None,
    versus: Versus = None,
    week_starts: WeekStarts = None,
    as_of: AsOf = None,
    totals: Totals = None,
) -> Question:
    """Read a question from a query, with the words of `dialgauge ask`.

    Raises:
        UsageError: It cannot be read.
    """
    words = Words(
        kpis=kpi,
        by=by,
        where=filled(where),
        start=start or None,
        end=end or None,
        grain=grain or None,
        timezone=timezone or here.config.timezone,
        versus=versus or None,
        week_starts=here.config.week_starts if week_starts is None else week_starts,
        as_of=as_of or None,
        totals=True if totals is None else totals,
    )
    return read(words)


def asked_rows(  # noqa: PLR0913, PLR0917 - each is one word of the question
    here: SiteHere,
    kpi: Annotated[
        str, Query(description="The KPI whose rows are wanted.", examples=["drop_rate"])
    ],
    where: Where = [],  # noqa: B006
    start: From = None,
    end: To = None,
    timezone: Timezone = None,
) -> Question:
    """Read which rows are asked, with the words of `dialgauge rows`.

    Raises:
        UsageError: It cannot be read.
    """
    words = Words(
        kpis=(kpi,),
        where=filled(where),
        start=start or None,
        end=end or None,
        timezone=timezone or here.config.timezone,
    )
    return read(words)


def asked_why(  # noqa: PLR0913, PLR0917 - each is one word of the question
    here: SiteHere,
    kpi: Annotated[
        str,
        Query(description="A KPI: a count, a sum, or a ratio of those.", examples=["contact_rate"]),
    ],
    by: By = [],  # noqa: B006
    where: Where = [],  # noqa: B006
    start: From = None,
    end: To = None,
    versus: Versus = None,
    timezone: Timezone = None,
    week_starts: WeekStarts = None,
    as_of: AsOf = None,
) -> Question:
    """Read which change is to be explained, with the words of `dialgauge why`.

    Raises:
        UsageError: It cannot be read.
    """
    words = Words(
        kpis=(kpi,),
        by=by,
        where=filled(where),
        start=start or None,
        end=end or None,
        versus=versus or "previous",
        timezone=timezone or here.config.timezone,
        week_starts=here.config.week_starts if week_starts is None else week_starts,
        as_of=as_of or None,
    )
    return read(words)


def read(words: Words) -> Question:
    """Read a question from words that came over the network.

    Raises:
        UsageError: It cannot be read.
    """
    lists = {"kpi": words.kpis, "by": words.by, "where": words.where}
    for name, texts in lists.items():
        need_text(texts, name)
    singles = {
        "from": words.start,
        "to": words.end,
        "grain": words.grain,
        "timezone": words.timezone,
        "versus": words.versus,
        "as_of": words.as_of,
    }
    for name, text in singles.items():
        need_text([text], name)
    found = question(words)
    need_text(found.kpis, "kpi")
    need_text(found.by, "by")
    _need_few_buckets(found)
    return found


def _need_few_buckets(asked: Question) -> None:
    """Refuse what keeps the server busy for minutes: hours of a century.

    Raises:
        UsageError: There are too many.
    """
    versus = asked.versus if isinstance(asked.versus, Period) else Period()
    for period in (asked.period, versus):
        if asked.grain is not Grain.HOUR or period.start is None or period.end is None:
            continue
        hours = (period.end - period.start).days * 24
        if hours > MOST_HOURS:
            raise UsageError(
                f"from {period.start} to {period.end} are {hours:,} hours; at most {MOST_HOURS:,} "
                "can be asked at a time, choose a shorter period or --grain day"
            )


def most(limit: int | None, usual: int) -> int:
    """Choose how many rows are given at most.

    Raises:
        UsageError: More are asked than one answer may hold.
    """
    if limit is not None and limit > MOST_ROWS:
        raise UsageError(
            f"at most {MOST_ROWS:,} rows are listed at a time, not {limit}; choose a shorter "
            "period or a condition"
        )
    return usual if limit is None else limit


def zone_of(timezone: str | None, here: Site) -> str:
    """Choose the zone that is asked, else the lake's own."""
    need_text([timezone], "timezone")
    return timezone or here.config.timezone
