"""What do we do when a CRM is busy, broken, or does not know us?"""

from __future__ import annotations

import logging
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from crm_server import TOKEN, Answer, Asked, Crm, Trouble, broken_json, cut_off, listening, status
from dialgauge.errors import ForbiddenError, ServerError, UsageError
from dialgauge.sources.crm.api import (
    Api,
    Credentials,
    Service,
    attempts_of,
    bearer,
    checked_url,
)


class Numbers(Crm):
    """Gives the numbers 0 to 4, two a page, to whoever has the token."""

    def __init__(self) -> None:
        super().__init__()
        self.token = TOKEN

    def answer(self, asked: Asked) -> Answer:
        """Answer with a page of numbers."""
        if asked.headers.get("authorization") != f"Bearer {self.token}":
            return Answer({"message": f"bad {asked.headers.get('authorization')}"}, 401)
        begin = int(asked.params.get("after", "0"))
        rows = [{"n": n} for n in range(begin, min(begin + 2, 5))]
        after = {"next": str(begin + 2)} if begin + 2 < 5 else {}
        return Answer({"rows": rows, **after})


@pytest.fixture
def crm() -> Iterator[Numbers]:
    """Serve the numbers."""
    served = Numbers()
    with listening(served):
        yield served


def api(crm: Crm, *tokens: str, renewable: bool = False) -> Api:
    """Open the API; each renewal gives the next token."""
    given = iter(tokens or (TOKEN,))
    credentials = Credentials(
        name="token", get=lambda: next(given), stamp=bearer, renewable=renewable
    )
    service = Service(
        system="Numbers",
        url=crm.url,
        credentials=credentials,
        hopeless=lambda _, said: "DAILY" in said,
        attempts=3,
        first_wait_s=0.01,
    )
    return Api(service)


def numbers(api: Api) -> list[int]:
    """Read all pages with dlt's paginator."""
    from dlt.sources.helpers.rest_client.paginators import (  # noqa: PLC0415
        JSONResponseCursorPaginator,
    )

    paginator = JSONResponseCursorPaginator(cursor_path="next", cursor_param="after")
    return [row["n"] for page in api.pages("/numbers", {}, paginator, "rows") for row in page]


@pytest.mark.parametrize(
    "trouble",
    [status(500), status(503), broken_json, cut_off, status(429, Retry_After="1")],
    ids=["500", "503", "broken JSON", "cut off", "429"],
)
def test_a_passing_trouble_loses_nothing(crm: Numbers, trouble: Trouble) -> None:
    """A page that fails once is asked for again; no number is lost, none comes twice."""
    reading = api(crm)
    crm.troubles.append(("/numbers", status(200, {"rows": [{"n": 0}, {"n": 1}], "next": "2"})))
    crm.troubles.append(("/numbers", trouble))
    assert numbers(reading) == [0, 1, 2, 3, 4]
    assert [asked.params.get("after") for asked in crm.asked] == [None, "2", "2", "4"]


def test_a_busy_server_is_asked_as_late_as_it_wishes(crm: Numbers) -> None:
    """Retry-After: 1 means that the next request comes a second later."""
    crm.troubles.append(("/numbers", status(429, Retry_After="1")))
    begun = time.monotonic()
    assert numbers(api(crm)) == [0, 1, 2, 3, 4]
    assert time.monotonic() - begun >= 1


@pytest.mark.parametrize(
    ("trouble", "sentence"),
    [
        (
            status(503, {"message": "maintenance"}),
            "answered /numbers with 503 (maintenance), 3 times",
        ),
        (broken_json, "sent JSON that breaks off, 3 times, to /numbers"),
        (cut_off, "cannot be reached ("),
        (status(429, {"policyName": "DAILY"}), "has had enough for now (DAILY)"),
        (status(429, Retry_After="4000"), "has had enough for now (it asks to wait 4000 seconds)"),
        (status(404, {"message": "no such\nthing"}), "refuses /numbers with 404 (no such thing)"),
    ],
)
def test_a_lasting_trouble_is_told(crm: Numbers, trouble: Trouble, sentence: str) -> None:
    """When asking again does not help, one sentence says so, and that nothing is lost."""
    crm.troubles += [("/numbers", trouble)] * 3
    with pytest.raises(ServerError, match=re.escape(sentence)) as caught:
        numbers(api(crm))
    assert "sync again later" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert TOKEN not in str(caught.value)


def test_a_day_s_limit_is_not_tried_again(crm: Numbers) -> None:
    """A server that has had enough for the day is asked once."""
    crm.troubles += [("/numbers", status(429, {"policyName": "DAILY"}))] * 3
    with pytest.raises(ServerError, match="enough"):
        numbers(api(crm))
    assert len(crm.asked) == 1


def test_a_server_that_is_not_there_is_told() -> None:
    """Nobody listens on port 9 of this machine."""
    service = Service(system="Numbers", url="http://127.0.0.1:9", attempts=2, first_wait_s=0.01)
    with pytest.raises(ServerError, match=r"127.0.0.1:9\) cannot be reached \(ConnectionError\)"):
        Api(service).get("/numbers")


def test_a_token_that_is_not_accepted_is_told_but_not_shown(crm: Numbers) -> None:
    """Even when the server repeats the token, the sentence does not."""
    with pytest.raises(ForbiddenError, match="does not accept the token") as caught:
        numbers(api(crm, "wrong-token"))
    assert "wrong-token" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_missing_right_is_told(crm: Numbers) -> None:
    """403 names what may not be read."""
    crm.troubles.append(("/numbers", status(403, {"message": "scope missing"})))
    with pytest.raises(ForbiddenError, match=r"let this token read /numbers \(scope missing\)"):
        numbers(api(crm))


def test_an_expired_token_is_renewed_in_the_middle(crm: Numbers) -> None:
    """Where another token can be had, reading goes on with it, and no page is lost."""
    crm.troubles.append(("/numbers", status(200, {"rows": [{"n": 0}, {"n": 1}], "next": "2"})))
    assert numbers(api(crm, "old", TOKEN, renewable=True)) == [0, 1, 2, 3, 4]
    assert [asked.headers["authorization"][-3:] for asked in crm.asked] == [
        *("old", "old", TOKEN[-3:], TOKEN[-3:]),
    ]


def test_a_renewed_token_that_is_refused_too_is_told(crm: Numbers) -> None:
    """A request renews its token once."""
    with pytest.raises(ForbiddenError, match="does not accept"):
        numbers(api(crm, "old", "older", "oldest", renewable=True))
    assert len(crm.asked) == 2


def test_no_token_goes_to_another_server(crm: Numbers) -> None:
    """Neither a redirect nor a next page elsewhere is followed."""
    other = Numbers()
    with listening(other):
        crm.troubles.append(("/numbers", status(302, Location=f"{other.url}/numbers")))
        with pytest.raises(ServerError, match="refuses /numbers with 302"):
            api(crm).get("/numbers")
        with pytest.raises(ServerError, match="next page on another server"):
            api(crm).get(f"{other.url}/numbers")
    assert other.asked == []


def test_logs_hold_no_token(crm: Numbers, caplog: pytest.LogCaptureFixture) -> None:
    """Not even at the finest level."""
    caplog.set_level(logging.DEBUG)
    crm.troubles.append(("/numbers", status(500)))
    assert len(numbers(api(crm))) == 5
    assert TOKEN not in caplog.text


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("crm.example.com", "must be an address such as"),
        ("http://crm.example.com", "send the secret unencrypted"),
        ("https://me:word@crm.example.com", "write only the address"),
        ("https://crm.example.com/?token=1", "write only the address"),
    ],
)
def test_addresses_that_would_give_secrets_away_are_refused(url: str, sentence: str) -> None:
    """An address is https, or this machine, and holds no secret."""
    with pytest.raises(UsageError, match=sentence):
        checked_url(url)


def test_a_team_may_trust_its_own_network() -> None:
    """With plain_http = true."""
    assert checked_url("http://crm.lan/", plain_http=True) == "http://crm.lan"


_ALONE = """
import sys
seen = []
def watch(event, args):
    if event == "socket.connect": seen.append(("connect", args[1]))
    if event in ("socket.getaddrinfo", "socket.gethostbyname"): seen.append(("look up", args[0]))
    if event == "open" and any(each in str(args[1]) for each in "wax+"): seen.append(args[:2])
    if event == "os.mkdir": seen.append((event, args[0]))
sys.addaudithook(watch)
sys.dont_write_bytecode = True
from dialgauge.sources.hubspot import fetch
from dialgauge.sources.live import Account, Span
account = Account(name="crm", settings={"url": sys.argv[1]}, secret=lambda name: sys.argv[2])
pages = list(fetch(account, Span()))
assert pages
for each in seen:
    print(each)
print("rows", sum(page.rows.num_rows for page in pages))
"""


def test_only_the_crm_is_asked_and_nothing_is_written(tmp_path: Path) -> None:
    """No telemetry, no cache, no configuration: dlt talks to the CRM and leaves no file."""
    from crm_hubspot import HubSpot  # noqa: PLC0415

    crm = HubSpot()
    crm.call("1")
    here, home = tmp_path / "here", tmp_path / "home"
    here.mkdir()
    home.mkdir()
    with listening(crm):
        said = subprocess.run(
            [sys.executable, "-c", _ALONE, crm.url, TOKEN],
            cwd=here,
            env={"HOME": str(home), "RUNTIME__LOG_LEVEL": "DEBUG"},
            check=False,
            capture_output=True,
            text=True,
        )
    assert said.returncode == 0, said.stderr
    assert TOKEN not in said.stdout + said.stderr
    *seen, rows = said.stdout.splitlines()
    assert rows == "rows 7"  # the account, two owners, two outcomes, a pipeline, the call
    assert {each for each in seen if "127.0.0.1" not in each} == set()
    assert [*here.rglob("*"), *home.rglob("*")] == []


def test_a_number_of_attempts_must_be_one() -> None:
    """From 1 to 20."""
    with pytest.raises(UsageError, match="attempts is many, but must be a number from 1 to 20"):
        attempts_of({"attempts": "many"})
