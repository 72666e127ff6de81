"""Can the API be tried on a page, in each language, without a script?"""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from starlette.testclient import TestClient

from dialgauge.lang import LANGUAGES
from dialgauge.server.app import create_app
from dialgauge.server.site import Site
from served import demo, site


class Forms(HTMLParser):
    """Collects the forms of a page that ask the API: address to what they would send."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note forms and the fields in them."""
        told = dict(attrs)
        if tag == "form" and str(told.get("action", "")).startswith("/api/"):
            assert told["method"] == "get"
            self.found.append((str(told["action"]), {}))
        if tag in ("input", "select") and self.found and told.get("name"):
            self.found[-1][1][str(told["name"])] = told.get("value") or ""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    """A server of the demo on this machine."""
    made: Site = site(demo(), tmp_path_factory.mktemp("page"))
    return TestClient(create_app(replace(made, hosts=("testserver",))))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_form_can_be_sent_as_it_stands(server: TestClient, lang: str) -> None:
    """What is left blank says nothing, so each form gets an answer or an honest refusal."""
    page = server.get("/api", params={"lang": lang})
    assert page.status_code == 200
    assert f'<html lang="{lang}"' in page.text
    forms = Forms()
    forms.feed(page.text)
    assert {"/api/v1/ask", "/api/v1/rows", "/api/v1/kpis/contact_rate", "/api/v1/readyz"} <= {
        address for address, _ in forms.found
    }
    if lang != "en":
        return  # the forms are the same ones
    for address, words in forms.found:
        words.pop("csrf", None)
        answer = server.get(address, params=words)
        # Why a KPI changed cannot be said without naming what to split by.
        assert answer.status_code == (400 if address.endswith("why") else 200), answer.text


def test_the_page_keeps_the_policy(server: TestClient) -> None:
    """No script, style or address of elsewhere stands in it."""
    page = server.get("/api").text
    assert re.findall(r"<script(?![^>]*src=\"/static/)|<style|style=\"|\son\w+=\"", page) == []
    assert re.findall(r"(?:src|href|action)=\"(?!/|#)[^\"]*", page) == []


def test_the_document_is_that_of_the_api(server: TestClient) -> None:
    """Pages are for people; the document tells programs of the API only."""
    document = server.get("/api/v1/openapi.json").json()
    assert all(path.startswith("/api/v1/") for path in document["paths"])
