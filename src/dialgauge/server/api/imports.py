"""How do records come in over the network?

The body is a file: it is written to a temporary one as it arrives, and then imported as `dialgauge
import files` does, by key, so that sending it twice changes nothing.
"""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal

import duckdb
from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import JSONResponse

from dialgauge.errors import DialgaugeError, FileError, RefusedRowsError, UsageError
from dialgauge.intake import Report, take_in
from dialgauge.plan.zones import zone
from dialgauge.server.api.problems import problems
from dialgauge.server.api.query import Timezone, need_text
from dialgauge.server.api.receiving import store
from dialgauge.server.api.shapes import ReportShape
from dialgauge.server.needs import GaugeHere, SiteHere, ViewerHere, needs
from dialgauge.server.viewer import May
from dialgauge.sources import source
from dialgauge.sources.base import FILE, Staged, new_relation
from dialgauge.sources.base import Request as Reading
from dialgauge.tables.storage import text

router = APIRouter(tags=["Data"], dependencies=[Depends(needs(May.IMPORT))])

MOST_BYTES = 512 * 2**20
"""So long a file may be; send more in several."""

KINDS: Mapping[str, str] = MappingProxyType(
    {
        "text/csv": "csv",
        "text/tab-separated-values": "csv",
        "text/plain": "csv",
        "application/vnd.apache.parquet": "parquet",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
        "application/x-ndjson": "jsonl",
        "application/jsonl": "jsonl",
        "application/json": "jsonl",
    }
)
"""Content type to the kind of file it is."""

_ANY = "application/octet-stream"
_STARTS = ((b"PAR1", "parquet"), (b"PK\x03\x04", "xlsx"))
_BODY = {"schema": {"type": "string", "format": "binary"}}


@dataclass(frozen=True, slots=True)
class Sent:
    """A file that has arrived.

    Attributes:
        path: Where it is until the answer is given.
        kind: csv, parquet, xlsx or jsonl.
        name: What it is called in what is told of it.
    """

    path: Path
    kind: str
    name: str


async def sent(
    request: Request,
    format: Annotated[
        Literal["csv", "parquet", "xlsx", "jsonl"] | None,
        Query(description="The kind of file, where the content type does not say it."),
    ] = None,
    name: Annotated[
        str, Query(description="The file's name, for reports.", max_length=100)
    ] = "upload",
) -> AsyncIterator[Sent]:
    """Write the body into a temporary file.

    Raises:
        UsageError: There is no body.
        HTTPException: It is too long, or of no kind that is read.
    """
    need_text([name], "name")
    told = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    # The name is only told; a path in it leads nowhere.
    called = "".join(letter for letter in Path(name).name if letter.isprintable()) or "upload"
    with tempfile.TemporaryDirectory(prefix="dialgauge-") as folder:
        arrived = Path(folder, "arrived")
        if not await store(request, MOST_BYTES, arrived):
            raise UsageError(
                "the body is empty; send a file, for example with: curl --data-binary @calls.csv"
            )
        kind = format or KINDS.get(told) or _kind_of(arrived)
        if kind is None:
            raise HTTPException(
                415,
                f"a body of type '{told}' is not read; send one of {', '.join(KINDS)}, or say what "
                "it is with format=csv, parquet, xlsx or jsonl",
            )
        yield Sent(arrived, kind, called if Path(called).suffix else f"{called}.{kind}")


def _kind_of(path: Path) -> str | None:
    with path.open("rb") as file:
        start = file.read(4)
    return next((kind for magic, kind in _STARTS if start == magic), None)


@router.post(
    "/import",
    summary="Import rows",
    response_model=ReportShape,
    responses=problems(413, 415),
    openapi_extra={
        "requestBody": {
            "required": True,
            "description": "CSV, Parquet, Excel or JSON lines with the headers of the table.",
            "content": {
                **dict.fromkeys((*KINDS, _ANY), _BODY),
                "text/csv": {
                    **_BODY,
                    "example": "call_id,started_at,direction,result\n"
                    "A1,2026-01-05T09:00:00Z,outbound,busy\n",
                },
            },
        }
    },
)
def take(  # noqa: PLR0913, PLR0917 - each says how the file is read
    gauge: GaugeHere,
    here: SiteHere,
    who: ViewerHere,
    file: Annotated[Sent, Depends(sent)],
    table: Annotated[
        str | None,
        Query(
            description="The table, such as calls; recognised by its headers when not said.",
            examples=["calls"],
        ),
    ] = None,
    timezone: Timezone = None,
    strict: Annotated[
        bool | None, Query(description="Import nothing when a row is refused; false by default.")
    ] = None,
) -> Any:
    """Import a file by key: a row that is there already changes nothing.

    Rows that cannot be understood are kept aside with the reason. The answer is what `dialgauge
    import --format json` prints.
    """
    need_text([table], "table")
    need_text([timezone], "timezone")
    report = _taken(gauge, here, file, Wish(table or None, timezone or "", strict=bool(strict)))
    counts = report.counts
    here.store.audit.write(
        who.name, "import", f"{file.name}: {counts.read} rows read, {counts.loaded} new"
    )
    return JSONResponse(report.as_json())


@dataclass(frozen=True, slots=True)
class Wish:
    """How a file is to be read.

    Attributes:
        table: The table, None when it shall be recognised.
        timezone: Zone of times that carry none; empty for UTC.
        strict: Refuse everything when one row has a problem.
    """

    table: str | None
    timezone: str
    strict: bool


def _taken(gauge: GaugeHere, here: SiteHere, file: Sent, wish: Wish) -> Report:
    """Import a file under the name it was sent with: where it lay for a moment, nobody is told."""
    asked = Reading(
        paths=(Path(file.name),),
        table=wish.table,
        timezone=zone(wish.timezone).key if wish.timezone else "",
        phone_key=gauge.lake.phone_key,
    )

    path = file.path.rename(file.path.with_suffix(f".{file.kind}"))

    def stage(con: duckdb.DuckDBPyConnection, request: Reading) -> list[Staged]:
        parts = source("files")(con, replace(request, paths=(path,)))
        return [_called(con, part, file.name) for part in parts]

    try:
        return take_in(gauge.lake, stage, asked, rules=here.config.rules, strict=wish.strict)
    except (UsageError, FileError, RefusedRowsError) as error:
        raise _renamed(error, str(path), file.name) from None


def _called(con: duckdb.DuckDBPyConnection, part: Staged, name: str) -> Staged:
    relation = new_relation(con, part.table)
    con.execute(
        f"CREATE TEMP VIEW {relation} AS SELECT * REPLACE ({text(name)} AS {FILE})"
        f" FROM {part.relation}"
    )
    return replace(part, relation=relation)


def _renamed(error: DialgaugeError, path: str, name: str) -> DialgaugeError:
    """Call the file by its name; what is wrong is what was sent, not the server."""
    sentence = str(error).replace(path, name)
    if isinstance(error, UsageError):
        error.args = (sentence,)
        return error
    return UsageError(sentence)
