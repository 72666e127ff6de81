"""How is a question read that is sent as JSON?"""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import Depends, Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dialgauge.asking import Words
from dialgauge.errors import UsageError
from dialgauge.model.question import Question
from dialgauge.server.api.query import read, readable
from dialgauge.server.api.receiving import receive
from dialgauge.server.needs import SiteHere
from dialgauge.server.site import Site

MOST_BYTES = 1_000_000
"""So long a question may be."""


class QuestionBody(BaseModel):
    """A question; what is left out is not asked."""

    model_config = ConfigDict(extra="forbid", strict=True, title="Question")

    kpis: list[str] = Field(
        examples=[["dials", "contact_rate"]],
        json_schema_extra={"minItems": 1},  # the planner refuses none
    )
    by: list[str] = Field([], examples=[["campaign"]])
    where: list[str] = Field([], examples=[["line_type = 'mobile'"]])
    from_: str | None = Field(None, alias="from", examples=["2026-01-01"])
    to: str | None = Field(None, examples=["2026-04-01"])
    grain: str | None = Field(None, examples=["month"])
    timezone: str | None = Field(None, examples=["Europe/Berlin"])
    versus: str | None = Field(None, examples=["previous"])
    week_starts: int | None = Field(None, json_schema_extra={"minimum": 1, "maximum": 7})
    as_of: str | None = None
    totals: bool = True


async def posted(request: Request, here: SiteHere) -> Question:
    """Read a question from a JSON body.

    Raises:
        UsageError: It cannot be read.
    """
    body = await receive(request, MOST_BYTES)
    return question_of(body, here)


def question_of(body: bytes, here: Site) -> Question:
    """Read a question as `question_json` writes it.

    Raises:
        UsageError: It cannot be read.
    """
    try:
        told = QuestionBody.model_validate(json.loads(body))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(readable(str(part)) for part in first["loc"]) or "the question"
        raise UsageError(f"{where}: {first['msg']}; see /api for what a question has") from None
    except (ValueError, RecursionError):
        raise UsageError(
            'the body is not JSON in UTF-8; send a question such as {"kpis": ["dials"]}'
        ) from None
    return read(
        Words(
            kpis=told.kpis,
            by=told.by,
            where=told.where,
            start=told.from_,
            end=told.to,
            grain=told.grain,
            timezone=here.config.timezone if told.timezone is None else told.timezone,
            versus=told.versus,
            week_starts=(here.config.week_starts if told.week_starts is None else told.week_starts),
            as_of=told.as_of,
            totals=told.totals,
        )
    )


PostedQuestion = Annotated[Question, Depends(posted)]

BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": QuestionBody.model_json_schema()}},
    }
}
"""What the OpenAPI document says of the body."""
