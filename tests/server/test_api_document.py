"""Does every operation keep what the OpenAPI document promises, whatever it is sent?

Schemathesis reads the document and sends what it allows and what it forbids.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import schemathesis
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema

from dialgauge.server.site import Site
from served import application, copy_of_demo, site

_EXPECTED = {
    # Whether a name exists or a condition can be read stands in the lake, not in the document.
    "positive_data_acceptance": {"enabled": False},
    # Who may ask is `access`'s to say; here everybody is at home.
    "ignored_auth": {"enabled": False},
}


def broken_promises(served: Site, examples: int) -> tuple[list[str], int]:
    """Send what schemathesis thinks of.

    Args:
        served: A lake that may be changed, for imports are sent, too.
        examples: How many requests are drawn for each operation, beside those at its edges.

    Returns:
        What went wrong, and how many requests were sent.
    """
    settings: dict[str, Any] = {
        "generation": {"max-examples": examples, "deterministic": True},
        "phases": {"stateful": {"enabled": False}},
        "checks": _EXPECTED,
    }
    schema = schemathesis.openapi.from_asgi(
        "/api/v1/openapi.json",
        application(served),
        config=SchemathesisConfig.from_dict(settings),
    )
    broken, sent = [], 0
    for event in from_schema(schema).execute():
        if isinstance(event, events.NonFatalError):
            broken.append(f"{event.label}: {event.value!r}")
        if isinstance(event, events.FatalError):
            broken.append(repr(event.exception))
        if not isinstance(event, events.ScenarioFinished):
            continue
        sent += len(event.recorder.interactions)
        for case, checks in event.recorder.checks.items():
            request = event.recorder.interactions[case].request
            broken += [
                f"{request.method} {request.uri} {request.body!r}: {each.failure_info.failure}"
                for each in checks
                if each.failure_info is not None
            ]
    return broken, sent


def test_every_operation_keeps_its_promises(tmp_path: Path) -> None:
    """No server error; only declared statuses, types and shapes; what is forbidden is refused."""
    broken, sent = broken_promises(site(copy_of_demo(tmp_path), tmp_path), examples=5)
    assert broken == []
    assert sent > 400


@pytest.mark.long
def test_every_operation_keeps_its_promises_for_long(tmp_path: Path) -> None:
    """The same with many more requests."""
    broken, sent = broken_promises(site(copy_of_demo(tmp_path), tmp_path), examples=100)
    assert broken == []
    assert sent > 3_000
