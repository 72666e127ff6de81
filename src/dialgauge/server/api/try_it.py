"""Where can the API be tried without a program?

A page of forms made from the OpenAPI document: what one sends is an address, and the answer is
the JSON itself. It needs no script and nothing from elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Depends, Request, Response

from dialgauge.server.needs import needs
from dialgauge.server.pages.shell import shell
from dialgauge.server.viewer import May

router = APIRouter()

_NAMED = {"/api/v1/kpis/{name}": "contact_rate", "/api/v1/checks/{name}": "overlapping_calls"}
_SENT: Mapping[str, tuple[str, str]] = {
    "/api/v1/import": ("text/csv", "@calls.csv"),
}
_ORDER = ("Numbers", "Reasons", "What can be asked", "Data", "Health")
_QUESTION = ("application/json", '\'{"kpis": ["contact_rate"], "by": ["campaign"]}\'')


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A word of a query.

    Attributes:
        name: The word.
        example: What may be written there.
        required: Whether it must be said.
        choices: What may be said; empty for anything.
    """

    name: str
    example: str
    required: bool
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """Something the API does.

    Attributes:
        name: Under which the page says what it does: `api.does.<name>`.
        method: GET or POST.
        path: Its address; that of an example where a part of it is to be chosen.
        pattern: Its address as the document has it.
        fields: The words of its query.
        sent: For POST, the type and an example of what is sent, for curl.
    """

    name: str
    method: str
    path: str
    pattern: str
    fields: tuple[Field, ...]
    sent: tuple[str, str] | None = None


def operations(document: Mapping[str, Any]) -> Iterator[Operation]:
    """List the operations of an OpenAPI document: numbers first, then what can be asked.

    Args:
        document: The document.
    """
    found = [
        (method.upper(), path, told)
        for path, methods in document["paths"].items()
        for method, told in methods.items()
    ]
    for method, path, told in sorted(found, key=lambda each: _ORDER.index(each[2]["tags"][0])):
        parameters = [each for each in told.get("parameters", ()) if each["in"] == "query"]
        yield Operation(
            name=_name(method, path),
            method=method,
            path=path.replace("{name}", _NAMED.get(path, "")),
            pattern=path,
            fields=tuple(sorted(map(_field, parameters), key=_place)),
            sent=_SENT.get(path, _QUESTION) if method == "POST" else None,
        )


def _name(method: str, path: str) -> str:
    """Name an operation.

    Example:
        >>> _name("POST", "/api/v1/ask"), _name("GET", "/api/v1/kpis/{name}")
        ('post_ask', 'kpis_one')
    """
    name = path.removeprefix("/api/v1/").replace("/{name}", "_one")
    return f"post_{name}" if method == "POST" and path not in _SENT else name


def _place(field: Field) -> tuple[bool, bool]:
    """What must be said stands first, how it is told last."""
    return not field.required, field.name in ("limit", "format", "lang")


def _field(told: Mapping[str, Any]) -> Field:
    schema = told["schema"]
    either: list[Mapping[str, Any]] = schema.get("anyOf", [schema])
    one = next(each for each in either if each.get("type") != "null")
    examples = schema.get("examples") or [""]
    example = examples[0][0] if isinstance(examples[0], list) else examples[0]
    choices = one.get("enum", ())
    if one.get("type") == "boolean":
        choices = ("true", "false")
    return Field(
        name=told["name"],
        example=str(example),
        required=bool(told.get("required")),
        choices=tuple(choices),
    )


@router.get("/api", include_in_schema=False, dependencies=[Depends(needs(May.ASK))])
def try_it(request: Request) -> Response:
    """Show what the API can do, with a form for each thing it can be asked."""
    return shell(request).render(
        "api.html",
        operations=list(operations(request.app.openapi())),
        origin=str(request.base_url).rstrip("/"),
    )
