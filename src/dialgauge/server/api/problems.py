"""How does the OpenAPI document say what a refusal looks like?"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from dialgauge.server.refusals import PROBLEM


class Problem(BaseModel):
    """A refusal, as RFC 9457 has it."""

    model_config = ConfigDict(extra="forbid")

    type: str = Field(description="Always about:blank: the sentence says what is wrong.")
    title: str = Field(description="The name of the status.")
    status: int
    detail: str = Field(description="One sentence: what is wrong, what is allowed, what to do.")
    error: str = Field("", description="The class of dialgauge.errors that was raised.")


_SAID = {
    400: "The question is wrong; nothing was done.",
    401: "Nobody knows who asks: send a token, or log in.",
    403: "Who asks may not do this.",
    404: "There is nothing of that name.",
    409: "The table that is needed is empty.",
    413: "The body is too long.",
    415: "The body is of a kind that is not read.",
    422: "A value of the request cannot be read, or rows were refused.",
    429: "Too many requests; come back later.",
    503: "The server cannot answer now.",
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Declare refusals; those that any operation may meet always."""
    return {
        status: {
            "description": _SAID[status],
            "content": {PROBLEM: {"schema": Problem.model_json_schema()}},
        }
        for status in sorted({400, 401, 403, 404, 409, 422, 429, *statuses})
    }
