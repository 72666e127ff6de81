"""Does HEAD answer as GET does, without the body?"""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient


@pytest.mark.parametrize("path", ["/overview", "/overview.json", "/api/v1/kpis", "/nowhere"])
def test_a_head_is_that_of_the_answer(client: TestClient, path: str) -> None:
    """The status and the headers of GET, such as the kind of content, and no byte more."""
    whole, head = client.get(path), client.head(path)
    assert head.status_code == whole.status_code
    assert head.headers["content-type"] == whole.headers["content-type"]
    assert head.headers["content-security-policy"] == whole.headers["content-security-policy"]
    assert (len(head.content), len(whole.content) > 0) == (0, True)


def test_what_may_only_be_sent_is_not_asked_for(client: TestClient) -> None:
    """Where GET is not allowed, HEAD is not either."""
    assert client.head("/logout").status_code == client.get("/logout").status_code == 405
