"""Does the API answer what the command line prints, and refuse with its sentences?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from starlette.testclient import TestClient

from dialgauge.server.viewer import AT_HOME, May, Role, Viewer, viewer
from served import client, copy_of_demo, demo, printed, refused, site

APRIL = ("--from", "2026-04-01", "--to", "2026-05-01")
IN_APRIL = {"from": "2026-04-01", "to": "2026-05-01"}


@pytest.fixture(scope="module")
def lake() -> Path:
    """The demo's lake."""
    return demo()


@pytest.fixture(scope="module")
def api(lake: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """The API as an owner at home sees it."""
    with client(site(lake, tmp_path_factory.mktemp("api"))) as asking:
        yield asking


def seen_by(who: Viewer, lake: Path, folder: Path) -> TestClient:
    """The API as someone sees it."""
    return client(site(lake, folder), who)


def problem(response: Any) -> str:
    """Read a problem document: RFC 9457, the status said twice the same."""
    assert response.headers["content-type"] == "application/problem+json"
    told = response.json()
    assert told["status"] == response.status_code
    assert {"type", "title", "detail"} <= told.keys()
    return str(told["detail"])


ASKED: list[tuple[list[str], list[tuple[str, str]]]] = [
    (["contact_rate", "--by", "campaign"], [("kpi", "contact_rate"), ("by", "campaign")]),
    (["dials", "contact_rate"], [("kpi", "dials,contact_rate")]),
    (["dials", "contact_rate"], [("kpi", "dials"), ("kpi", "contact_rate")]),
    (
        ["contact_rate", "--by", "team", "--by", "line_type", "--no-totals"],
        [("kpi", "contact_rate"), ("by", "team"), ("by", "line_type"), ("totals", "false")],
    ),
    (
        ["dials", "revenue", "--grain", "week", "--week-starts", "7"],
        [("kpi", "dials,revenue"), ("grain", "week"), ("week_starts", "7")],
    ),
    (
        ["contact_rate", "--versus", "previous", "--timezone", "Asia/Tbilisi"],
        [("kpi", "contact_rate"), ("versus", "previous"), ("timezone", "Asia/Tbilisi")],
    ),
    (
        ["dials", "--versus", "2026-02-01..2026-03-01", "--by", "hour"],
        [("kpi", "dials"), ("versus", "2026-02-01..2026-03-01"), ("by", "hour")],
    ),
    (
        ["avg_hold_time", "--where", "line_type = 'mobile'", "--where", "talk_s >= 10"],
        [("kpi", "avg_hold_time"), ("where", "line_type = 'mobile'"), ("where", "talk_s >= 10")],
    ),
    (
        ["lead_conversion_rate", "--as-of", "2026-04-20"],
        [("kpi", "lead_conversion_rate"), ("as_of", "2026-04-20")],
    ),
]


@pytest.mark.parametrize(("words", "query"), ASKED)
def test_ask_answers_what_the_command_prints(
    lake: Path, api: TestClient, words: list[str], query: list[tuple[str, str]]
) -> None:
    """The same words give the same JSON."""
    found = api.get("/api/v1/ask", params=[*query, *IN_APRIL.items()])
    assert found.status_code == 200, found.text
    assert found.json() == printed(lake, "ask", *words, *APRIL)


def test_the_lakes_own_zone_and_week_are_the_default(tmp_path: Path, lake: Path) -> None:
    """Without a word of it, days and weeks begin where dialgauge.toml says."""
    served = site(lake, tmp_path)
    moved = replace(served, config=replace(served.config, timezone="Asia/Tbilisi", week_starts=7))
    told = client(moved).get("/api/v1/ask?kpi=dials").json()["question"]
    assert (told["timezone"], told["week_starts"]) == ("Asia/Tbilisi", 7)


@pytest.mark.parametrize(
    "query", ["kpi=dials&by=team&versus=previous", "kpi=dials&grain=month&totals=false"]
)
def test_an_answers_question_can_be_posted(api: TestClient, query: str) -> None:
    """What an answer says was asked, sent as a question, gives the answer again."""
    first = api.get(f"/api/v1/ask?{query}", params=None).json()
    if "rows" not in first:
        first = api.get(f"/api/v1/ask?{query}&from=2026-04-01&to=2026-05-01").json()
    again = api.post("/api/v1/ask", json=first["question"])
    assert again.json() == first


def test_what_a_posted_question_leaves_out_is_not_asked(lake: Path, api: TestClient) -> None:
    """Only KPIs are needed."""
    found = api.post("/api/v1/ask", json={"kpis": ["dials"]})
    assert found.json() == printed(lake, "ask", "dials")


@pytest.mark.parametrize("words", [["kpis"], ["kpis", "contact_rate"]])
@pytest.mark.parametrize("lang", ["en", "zh", "ru", "ka"])
def test_kpis_are_told_as_the_command_tells_them(
    lake: Path, api: TestClient, words: list[str], lang: str
) -> None:
    """In each language, all of them and one."""
    found = api.get(f"/api/v1/{'/'.join(words)}", params={"lang": lang})
    assert found.json() == printed(lake, *words, "--lang", lang)


def test_dimensions_say_which_tables_have_them(api: TestClient) -> None:
    """A dimension has a title in the language; agent_time knows no list, calls do."""
    found = {each["name"]: each for each in api.get("/api/v1/dimensions?lang=ru").json()}
    assert found["weekday"]["title"] == "Местный день недели"
    assert "calls" in found["list"]["tables"]
    assert "agent_time" not in found["list"]["tables"]


def test_rows_are_those_of_the_command(lake: Path, api: TestClient) -> None:
    """Records with all columns, of the KPI's rows."""
    where = "result = 'dropped'"
    query = {"kpi": "drop_rate", "where": where, "limit": "5"}
    told = api.get("/api/v1/rows", params=query).json()
    assert told == printed(lake, "rows", "drop_rate", "--where", where, "--limit", "5")
    assert told
    assert all(row["result"] == "dropped" for row in told)


def test_rows_of_no_kpi_are_refused(api: TestClient) -> None:
    """An empty name is none, and says so before anything is written down."""
    found = api.post("/api/v1/rows", json={"kpis": [""]})
    assert found.status_code == 400
    assert "no KPI was asked" in found.json()["detail"]


def test_rows_come_as_arrow_with_their_types(api: TestClient) -> None:
    """An Arrow stream has the records' values and says what is a time and what is money."""
    query = {"kpi": "revenue", "limit": "3"}
    stream = api.get("/api/v1/rows", params={**query, "format": "arrow"})
    table = pa.ipc.open_stream(stream.content).read_all()
    assert pa.types.is_timestamp(table.schema.field("ordered_at").type)
    assert pa.types.is_decimal(table.schema.field("amount").type)
    records = api.get("/api/v1/rows", params=query).json()
    assert table.column("order_id").to_pylist() == [record["order_id"] for record in records]
    assert [float(each) for each in table.column("amount").to_pylist()] == [
        record["amount"] for record in records
    ]


def test_why_targets_cohorts_and_checks_are_those_of_the_command(
    lake: Path, api: TestClient
) -> None:
    """Each answers what its command prints."""
    query = {"kpi": "contact_rate", "by": "team", **IN_APRIL}
    assert api.get("/api/v1/why", params=query).json() == printed(
        lake, "why", "contact_rate", "--by", "team", *APRIL
    )
    at = "2026-04-16"
    assert api.get("/api/v1/targets", params={"as_of": at}).json() == printed(
        lake, "targets", "--as-of", at
    )
    query = {"kpi": "revenue", "where": "customers.region is not null", "as_of": "2026-05-01"}
    words = ["--kpi", "revenue", "--where", "customers.region is not null", "--as-of", "2026-05-01"]
    assert api.get("/api/v1/cohorts", params=query).json() == printed(lake, "cohorts", *words)
    assert api.get("/api/v1/checks").json() == printed(lake, "check")
    name = api.get("/api/v1/checks").json()["findings"][0]["check"]
    assert api.get(f"/api/v1/checks/{name}?limit=3&lang=zh").json() == printed(
        lake, "check", name, "--limit", "3", "--lang", "zh"
    )


REFUSED: list[tuple[list[str], str, int]] = [
    (["ask", "contact_rat"], "ask?kpi=contact_rat", 404),
    (["ask", "contact_rate", "--by", "teem"], "ask?kpi=contact_rate&by=teem", 400),
    (["ask", "dials", "--from", "31.1.2026"], "ask?kpi=dials&from=31.1.2026", 400),
    (["ask", "dials", "--timezone", "Europe/Berln"], "ask?kpi=dials&timezone=Europe/Berln", 400),
    (["ask", "dials", "--where", "talk_s >"], "ask?kpi=dials&where=talk_s >", 400),
    (["ask", "dials", "--versus", "previous"], "ask?kpi=dials&versus=previous", 400),
    (["rows", "dial"], "rows?kpi=dial", 404),
    (["why", "contact_rate"], "why?kpi=contact_rate", 400),
    (["why", "active_customers", "--by", "team"], "why?kpi=active_customers&by=team", 400),
    (["cohorts", "--kpi", "dials"], "cohorts?kpi=dials", 400),
    (["kpis", "dails"], "kpis/dails", 404),
    (["check", "overlap"], "checks/overlap", 404),
    (["ask", "dials", "--as-of", "soon"], "ask?kpi=dials&as_of=soon", 400),
]


@pytest.mark.parametrize(("words", "path", "status"), REFUSED)
def test_refusals_are_problems_with_the_commands_sentence(
    lake: Path, api: TestClient, words: list[str], path: str, status: int
) -> None:
    """What the command line says is the detail of a problem document."""
    found = api.get(f"/api/v1/{path}")
    assert problem(found) == refused(lake, *words)
    assert found.status_code == status


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("ask?kpi=dials&form=2026-01-01", "unknown parameter 'form'; did you mean 'from'?"),
        ("kpis?lng=zh", "unknown parameter 'lng'; did you mean 'lang'?"),
        ("healthz?verbose=1", "unknown parameter 'verbose'"),
        ("kpis?lang=fr", "there are no texts in language 'fr'"),
        ("ask?kpi=dials&week_starts=8", "weeks cannot start on day 8"),
        ("rows?kpi=dials&limit=0", "at least 1 row must be listed"),
        ("rows?kpi=dials&limit=99999999999999999999", "at most 10,000 rows are listed at a time"),
        ("ask?kpi=dials&where=team%20=%20'%00'", "a character that no text has"),
        ("ask?kpi=", "no KPI was asked"),
        ("ask?kpi=dials&week_starts=x", "week_starts: Input should be a valid integer"),
        ("ask?kpi=dials&grain=hour&from=1970-01-01&to=2099-01-01", "choose a shorter period"),
        ("ask", "kpi: Field required"),
        ("ask?kpi=dials&as_of=9999-12-31T23:59:59-14:00", "9999-12-31"),
        ("ask?kpi=dials&as_of=0001-01-01T00:00:00%2B14:00", "0001-01-01"),
        ("ask?kpi=dials&from=0001-01-01&to=9999-12-31", "0001-01-01 is out of reach"),
        ("targets?as_of=0001-01-01T00:00:00%2B14:00", "0001-01-01"),
        ("cohorts?as_of=0001-01-01T00:00:00%2B14:00", "0001-01-01"),
        ("nothing", "there is nothing at /api/v1/nothing"),
    ],
)
def test_what_cannot_be_read_is_refused(api: TestClient, path: str, says: str) -> None:
    """Unknown words are not ignored, and hostile ones do not break anything."""
    found = api.get(f"/api/v1/{path}")
    assert 400 <= found.status_code < 500
    assert says in problem(found)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "the question: Input should be a valid dictionary"),
        (b'{"kpis": "dials"}', "kpis: Input should be a valid list"),
        (b'{"kpis": []}', "no KPI was asked"),
        (b'{"kpis": ["dials"], "form": "2026-01-01"}', "form: Extra inputs are not permitted"),
        (b'{"kpis": ["dials"], "\\ud800": 1}', "the question: Input should be a valid string"),
        (b'{"kpis": ["\\ud800"]}', "kpi '?' holds a character that no text has"),
        (b'{"kpis": ["dials"], "where": ["team = \'\\u0000\'"]}', "a character that no text has"),
        (b'{"kpis": ["dials"], "week_starts": 1e400}', "week_starts"),
        (b'{"kpis": ["dials"], "by": [' + b'"a",' * 600 + b'"a"]}', "more than 500 times"),
    ],
)
def test_a_body_that_is_no_question_is_refused(api: TestClient, body: bytes, says: str) -> None:
    """With a sentence that says where it is wrong."""
    found = api.post("/api/v1/ask", content=body)
    assert found.status_code == 400
    assert says in problem(found)


def test_a_long_question_is_refused_before_it_is_read(api: TestClient) -> None:
    """More than a million bytes are no question, whatever the client says of the length."""
    found = api.post("/api/v1/ask", content=b" " * 1_000_001)
    assert found.status_code == 413
    pieces = (b" " * 100_000 for _ in range(11))
    found = api.post("/api/v1/ask", content=pieces)
    assert found.status_code == 413
    assert "1,000,000 bytes" in problem(found)


def test_a_method_that_is_not_offered_says_which_are(api: TestClient) -> None:
    """A 405 names the methods, as HTTP wants it."""
    found = api.delete("/api/v1/ask")
    assert found.status_code == 405
    assert "GET" in found.headers["allow"]
    problem(found)


@pytest.mark.parametrize(
    ("role", "path", "status"),
    [
        (Role.VIEWER, "ask?kpi=dials", 200),
        (Role.VIEWER, "rows?kpi=dials", 403),
        (Role.VIEWER, "checks", 403),
        (Role.AGENT, "rows?kpi=dials", 200),
        (Role.TEAM_LEAD, "checks", 403),
        (Role.MANAGER, "checks", 200),
    ],
)
def test_roles_may_what_they_may(
    lake: Path, tmp_path: Path, role: Role, path: str, status: int
) -> None:
    """Whoever may not is told so."""
    who = viewer("Ann", role, teams=("Alder",), agent="A0001")
    found = seen_by(who, lake, tmp_path).get(f"/api/v1/{path}")
    assert found.status_code == status
    if status == 403:
        assert "may not" in problem(found)


def test_whoever_may_not_import_sends_nothing(lake: Path, tmp_path: Path) -> None:
    """A team lead's file is refused."""
    who = viewer("Ann", Role.TEAM_LEAD, teams=("Alder",))
    found = seen_by(who, lake, tmp_path).post("/api/v1/import?table=calls", content=b"call_id\n")
    assert found.status_code == 403


def test_row_rules_hold_in_every_answer(lake: Path, tmp_path: Path) -> None:
    """A team lead's numbers are those of their team, whatever is asked."""
    team = printed(lake, "ask", "dials", "--by", "team")["rows"][0]["keys"]["team"]
    asking = seen_by(viewer("Ann", Role.TEAM_LEAD, teams=(team,)), lake, tmp_path)
    own = printed(lake, "ask", "dials", "--where", f"team = '{team}'")["total"]
    assert asking.get("/api/v1/ask?kpi=dials").json()["total"] == own
    asked = {"kpi": "dials", "where": f"team != '{team}' or 1 = 1"}
    assert asking.get("/api/v1/ask", params=asked).json()["total"] == own
    agents = {row["agent_id"] for row in asking.get("/api/v1/rows?kpi=dials").json()}
    theirs = printed(lake, "ask", "dials", "--by", "agent", "--where", f"team = '{team}'")
    assert agents <= {row["keys"]["agent"] for row in theirs["rows"]}


def test_phone_tokens_are_masked(lake: Path, tmp_path: Path) -> None:
    """No token of the lake is in what someone without the right to see them gets."""
    limit = {"kpi": "dials", "limit": "2000"}
    owner = seen_by(AT_HOME, lake, tmp_path).get("/api/v1/rows", params=limit)
    tokens = {row["phone_token"] for row in owner.json() if row["phone_token"]}
    parties = {row["party_id"] for row in owner.json() if row["lead_id"] is None}
    assert tokens
    narrow = replace(AT_HOME, may=frozenset(May) - {May.PHONES})
    asking = seen_by(narrow, lake, tmp_path)
    for path in ("rows?kpi=dials", "rows?kpi=leads_worked", "rows?kpi=never_contacted_rate"):
        for form in ("json", "arrow"):
            found = asking.get(f"/api/v1/{path}&limit=2000&format={form}")
            assert found.status_code == 200
            seen = found.content.decode("utf-8", errors="replace")
            assert not [token for token in tokens | parties if token and token in seen]


@pytest.mark.parametrize("where", ["phone_token = 'a'", "calls.party_id > 'a'", "PHONE_TOKEN='a'"])
def test_phone_tokens_cannot_be_guessed(lake: Path, tmp_path: Path, where: str) -> None:
    """Whoever may not see tokens may not ask by them either."""
    narrow = replace(AT_HOME, may=frozenset(May) - {May.PHONES})
    asking = seen_by(narrow, lake, tmp_path)
    for path in ("ask", "rows"):
        found = asking.get(f"/api/v1/{path}", params={"kpi": "dials", "where": where})
        assert found.status_code == 400
        assert "may not see" in problem(found) or "unknown" in problem(found)


def test_words_that_a_form_leaves_blank_say_nothing(lake: Path, api: TestClient) -> None:
    """An empty field is not a wish."""
    blank = "&by=&where=&from=&to=&grain=&timezone=&versus=&week_starts=&as_of=&totals="
    assert api.get(f"/api/v1/ask?kpi=dials{blank}").json() == printed(lake, "ask", "dials")
    found = api.get("/api/v1/rows?kpi=drop_rate&where=&from=&to=&timezone=&limit=&format=")
    assert found.json() == printed(lake, "rows", "drop_rate")


def test_health_needs_no_lake_and_readiness_does(lake: Path, tmp_path: Path) -> None:
    """A server whose lake is gone lives, and is not ready."""
    served = site(lake, tmp_path)
    asking = client(served)
    assert asking.get("/api/v1/healthz").json() == {"status": "alive"}
    version = served.gauge.lake.snapshot().version
    assert asking.get("/api/v1/readyz").json() == {"status": "ready", "version": version}
    away = tmp_path / "moved"
    (tmp_path / "other").mkdir()
    here = site(copy_of_demo(tmp_path / "other"), tmp_path / "other")
    here.config.lake.rename(away)
    asking = client(here)
    assert asking.get("/api/v1/healthz").status_code == 200
    found = asking.get("/api/v1/readyz")
    assert found.status_code == 503
    assert str(tmp_path) not in problem(found)


def test_the_document_declares_what_there_is(api: TestClient) -> None:
    """Each operation has a summary, refusals as problems, and says who may ask."""
    document = api.get("/api/v1/openapi.json").json()
    assert {*document["components"]["securitySchemes"]} == {"HTTPBearer", "APIKeyCookie"}
    for path, operations in document["paths"].items():
        for operation in operations.values():
            assert operation["summary"]
            assert operation["description"]
            assert "application/problem+json" in operation["responses"]["400"]["content"]
            public = path.endswith(("healthz", "readyz"))
            assert ("security" not in operation) == public
    json.dumps(document)
