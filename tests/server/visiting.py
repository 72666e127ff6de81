"""How do tests come to the server as different people?"""

from __future__ import annotations

import functools
import html
import re
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from fastapi import FastAPI
from httpx2 import Response
from starlette.testclient import TestClient

from dialgauge.server.site import Site
from dialgauge.store.secrets import hash_password
from dialgauge.store.tables import USERS

PASSWORD = "four words are long"
PAGE = {"Accept": "text/html"}


def browser(app: FastAPI, address: str = "http://testserver", came_from: str = "") -> TestClient:
    """Open a browser of its own: cookies, no redirects followed, errors as answers."""
    return TestClient(
        app,
        base_url=address,
        follow_redirects=False,
        raise_server_exceptions=False,
        headers=PAGE,
        client=(came_from or "192.0.2.1", 50_000),
    )


def guard(page: str) -> str:
    """Find the token of a page's forms."""
    found = re.search(r'name="csrf" value="([0-9a-f]+)"', page)
    assert found, "the page has no form"
    return found[1]


def log_in(
    asked: TestClient,
    name: str,
    password: str = PASSWORD,
    next: str = "/",  # noqa: A002 - as the form says
) -> Response:
    """Fill the log-in form as a person does."""
    form = {"csrf": guard(asked.get("/login").text), "name": name, "password": password}
    return asked.post("/login", data={**form, "next": next})


def post(asked: TestClient, path: str, on: str = "/users", **fields: Any) -> Response:
    """Send a form of a page."""
    return asked.post(path, data={"csrf": guard(asked.get(on).text), **fields})


def told_once(page: str) -> str:
    """Read the secret that a page shows once."""
    found = re.search(r'<code class="secret">([^<]+)</code>', page)
    assert found, page
    return html.unescape(found[1])


@dataclass(frozen=True)
class Team:
    """People of each role, by name."""

    ann: int
    mia: int
    leo: int
    art: int
    vic: int


def people(site: Site) -> Team:
    """Add one person of each role: Leo leads Alder, Art is the agent A0001."""
    add = site.store.users.add
    team = Team(
        ann=add("Ann", "owner").id,
        mia=add("Mia", "manager").id,
        leo=add("Leo", "team_lead", teams=("Alder",)).id,
        art=add("Art", "agent", agent="A0001").id,
        vic=add("Vic", "viewer").id,
    )
    hash_for_all(site)
    return team


def hash_for_all(site: Site) -> None:
    """Give everybody the same password; hashing takes its time, and once is enough."""
    with site.store.database.writing() as con:
        con.execute(sa.update(USERS).values(password=_hashed()))


@functools.cache
def _hashed() -> str:
    return hash_password(PASSWORD)
