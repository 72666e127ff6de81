"""Does a server answer as the lake itself does, over a real socket?"""

from __future__ import annotations

import datetime as dt
import http.server
import socket
import threading
from collections.abc import Iterator

import pyarrow as pa
import pytest

import dialgauge
from dialgauge import Grain, Period, Question
from dialgauge.asks import Asks
from dialgauge.errors import (
    DialgaugeError,
    ForbiddenError,
    NoDataError,
    ServerError,
    UnknownNameError,
    UsageError,
)
from dialgauge.gauge import Gauge
from dialgauge.model.cohort import CohortQuestion
from dialgauge.remote import RemoteGauge
from dialgauge.server.app import create_app
from dialgauge.server.site import Site
from served import demo, listening, site

APRIL = Period(dt.date(2026, 4, 1), dt.date(2026, 5, 1))
MARCH = Period(dt.date(2026, 3, 1), dt.date(2026, 4, 1))
AS_OF = dt.datetime(2026, 4, 20, 9, 30, tzinfo=dt.timezone(dt.timedelta(hours=4)))
TOMORROW = dt.timedelta(days=1)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A server of the demo with an owner and a team lead."""
    made = site(demo(), tmp_path_factory.mktemp("remote"))
    made.store.users.add("owner", "owner")
    made.store.users.add("lead", "team_lead", teams=("Alder",))
    return made


@pytest.fixture(scope="module")
def address(served: Site) -> Iterator[str]:
    """Where it listens."""
    with listening(create_app(served)) as url:
        yield url


def token(served: Site, name: str, *scope: str) -> str:
    """Make a token for someone."""
    user = served.store.users.by_name(name)
    ends_at = dt.datetime.now(dt.UTC) + TOMORROW
    return served.store.tokens.make(user.id, "tests", scope or ("ask", "rows"), ends_at)


@pytest.fixture(scope="module")
def local(served: Site) -> Gauge:
    """The lake itself."""
    return served.gauge


@pytest.fixture(scope="module")
def remote(served: Site, address: str) -> Iterator[RemoteGauge]:
    """The lake from afar, as its owner asks."""
    everything = ("ask", "rows", "phones", "health")
    with dialgauge.connect(address, token=token(served, "owner", *everything)) as asking:
        yield asking


QUESTIONS = [
    Question(kpis=("dials",)),
    Question(kpis=("contact_rate", "revenue", "dials"), period=APRIL),
    Question(kpis=("contact_rate",), by=("team", "line_type"), period=APRIL, totals=False),
    Question(kpis=("contact_rate",), by=("hour", "weekday"), timezone="Asia/Tbilisi"),
    Question(kpis=("dials", "talk_time"), grain=Grain.WEEK, period=APRIL, week_starts=7),
    Question(kpis=("dials",), grain=Grain.HOUR, period=APRIL, timezone="America/New_York"),
    Question(kpis=("contact_rate",), by=("campaign",), period=APRIL, versus="previous"),
    Question(kpis=("dials", "cost_per_dial"), period=APRIL, versus="year"),
    Question(kpis=("revenue",), grain=Grain.MONTH, period=APRIL, versus=MARCH),
    Question(kpis=("lead_conversion_rate",), as_of=AS_OF),
    Question(kpis=("new_customers", "active_customers"), by=("region",), as_of=AS_OF),
    Question(kpis=("dials",), where=("team = 'Alder' or team is null", "ring_s > 2.5")),
    Question(kpis=("dials",), by=("converted",)),
]


@pytest.mark.parametrize("question", QUESTIONS, ids=str)
def test_answers_are_those_of_the_lake(
    local: Gauge, remote: RemoteGauge, question: Question
) -> None:
    """The same question gives an equal answer, or the same refusal."""
    assert outcome(remote, question) == outcome(local, question)


def outcome(asks: Asks, question: Question) -> object:
    """Ask; give the answer, or the refusal's class and sentence."""
    try:
        return asks.ask(question)
    except DialgaugeError as error:
        return type(error), str(error)


def test_most_questions_are_answered(local: Gauge) -> None:
    """The list above does not only compare refusals."""
    answered = [isinstance(outcome(local, question), dialgauge.Answer) for question in QUESTIONS]
    assert answered.count(True) >= 9


REFUSED = [
    Question(kpis=()),
    Question(kpis=("dails",)),
    Question(kpis=("team",)),
    Question(kpis=("dials",), by=("teem",)),
    Question(kpis=("contacts_per_agent_hour",), by=("list",)),
    Question(kpis=("dials",), where=("talk_s >",)),
    Question(kpis=("dials",), where=("",)),
    Question(kpis=("dials",), where=("talk_s + 1",)),
    Question(kpis=("dials",), timezone="Mars"),
    Question(kpis=("dials",), timezone=""),
    Question(kpis=("dials",), week_starts=9),
    Question(kpis=("dials",), versus="previous"),
    Question(kpis=("dials",), versus="last week", period=APRIL),
    Question(kpis=("dials",), period=Period(APRIL.end, APRIL.start)),
    Question(kpis=("dials",), period=Period(dt.date(1, 1, 1), None)),
    Question(kpis=("dials",), as_of=AS_OF.replace(tzinfo=None)),
]


@pytest.mark.parametrize("question", REFUSED, ids=str)
def test_refusals_are_those_of_the_lake(
    local: Gauge, remote: RemoteGauge, question: Question
) -> None:
    """The same class, the same sentence."""
    said = outcome(local, question)
    assert isinstance(said, tuple)
    assert outcome(remote, question) == said


WHY = [
    Question(kpis=("contact_rate",), by=("team",), period=APRIL),
    Question(kpis=("dials",), by=("campaign", "line_type"), period=APRIL, versus=MARCH),
]


@pytest.mark.parametrize("question", WHY, ids=str)
def test_reasons_are_those_of_the_lake(
    local: Gauge, remote: RemoteGauge, question: Question
) -> None:
    """Every group's effect, with the change of its value."""
    assert remote.why(question) == local.why(question)


@pytest.mark.parametrize(
    "question",
    [
        Question(kpis=("contact_rate", "dials"), by=("team",), period=APRIL),
        Question(kpis=("contact_rate",), period=APRIL),
        Question(kpis=("contact_rate",), by=("team",), period=APRIL, grain=Grain.DAY),
        Question(kpis=("median_talk_time",), by=("team",), period=APRIL),
    ],
    ids=str,
)
def test_reasons_are_refused_alike(local: Gauge, remote: RemoteGauge, question: Question) -> None:
    """What cannot be explained here cannot be there."""
    with pytest.raises(UsageError) as here:
        local.why(question)
    with pytest.raises(type(here.value)) as there:
        remote.why(question)
    assert str(there.value) == str(here.value)


def test_targets_are_those_of_the_lake(local: Gauge, remote: RemoteGauge) -> None:
    """At a moment, in a zone."""
    for zone in ("UTC", "Asia/Tbilisi"):
        assert remote.targets(AS_OF, zone) == local.targets(AS_OF, zone)
    with pytest.raises(UsageError, match="no time zone"):
        remote.targets(AS_OF.replace(tzinfo=None))


@pytest.mark.parametrize(
    "asked",
    [
        CohortQuestion(as_of=AS_OF),
        CohortQuestion(kpi="revenue", as_of=AS_OF, where=("customers.region is not null",)),
        CohortQuestion(kpi="orders", as_of=AS_OF, period=Period(dt.date(2026, 2, 1), None)),
    ],
    ids=str,
)
def test_cohorts_are_those_of_the_lake(
    local: Gauge, remote: RemoteGauge, asked: CohortQuestion
) -> None:
    """Cohorts, their values and what must be known of them."""
    assert remote.cohorts(asked) == local.cohorts(asked)


def test_cohorts_are_refused_alike(local: Gauge, remote: RemoteGauge) -> None:
    """No customers are no cohorts."""
    asked = CohortQuestion(period=Period(dt.date(2020, 1, 1), dt.date(2020, 2, 1)))
    for asks in (local, remote):
        with pytest.raises(NoDataError, match="no customers were won"):
            asks.cohorts(asked)


@pytest.mark.parametrize("kpi", ["dials", "revenue", "active_customers", "csat", "occupancy"])
def test_rows_are_those_of_the_lake_with_their_types(
    local: Gauge, remote: RemoteGauge, kpi: str
) -> None:
    """Arrow tables with equal columns, types and cells."""
    question = Question(kpis=(kpi,), period=APRIL)
    here, there = local.rows(question, 50), remote.rows(question, 50)
    assert there.schema == here.schema
    assert there.equals(here)
    assert isinstance(there, pa.Table)


def test_checks_are_those_of_the_lake(local: Gauge, remote: RemoteGauge) -> None:
    """Findings, the worst first."""
    here, there = local.check(), remote.check()
    # The newest record grows older while the two look, in seconds that nobody is told.
    assert there == here
    assert here


def test_the_catalogue_is_told(remote: RemoteGauge, local: Gauge) -> None:
    """All KPIs, one of them in a language, and by what it can be split."""
    assert [each["name"] for each in remote.kpis()] == list(local.words.kpis)
    assert remote.kpi("dials", "zh")["title"] == "外呼量"
    assert "campaign" in {each["name"] for each in remote.dimensions()}
    with pytest.raises(UnknownNameError, match="did you mean 'dials'"):
        remote.kpi("dails")
    with pytest.raises(DialgaugeError):
        remote.kpi("../../login")


def test_a_team_lead_gets_their_teams_rows(served: Site, address: str, local: Gauge) -> None:
    """Row rules hold from afar."""
    own = local.ask(Question(kpis=("dials",), where=("team = 'Alder'",)))
    with dialgauge.connect(address, token=token(served, "lead")) as lead:
        assert lead.ask(Question(kpis=("dials",))).rows == own.rows
        masked = lead.rows(Question(kpis=("dials",)), 50).column("phone_token").to_pylist()
        assert set(masked) <= {"***", None}
        with pytest.raises(ForbiddenError, match="may not"):
            lead.check()


def test_who_is_not_known_is_refused(served: Site, address: str) -> None:
    """Without a token, with a wrong one, with one that may do less."""
    for secret, says in (
        ("", "nobody knows who asks"),
        ("dg_wrong", "this token is not known"),
        (token(served, "owner", "import"), "may not"),
    ):
        with (
            dialgauge.connect(address, token=secret) as asking,
            pytest.raises(ForbiddenError, match=says),
        ):
            asking.ask(Question(kpis=("dials",)))


@pytest.mark.parametrize(
    ("url", "secret", "says"),
    [
        ("http://gauge.example.com", "dg_x", "not encrypted"),
        ("https://user:word@gauge.example.com", "dg_x", "a user or a password"),
        ("https://", "dg_x", "not the address of a server"),
        ("https://gauge.example.com/?a=b", "dg_x", "not the address of a server"),
        ("http://[::1", "dg_x", "not the address of a server"),
        ("https://gauge.example.com", "dg_x\r\nX: y", "characters that no token has"),
        ("sales", "dg_x", "'sales' is none"),
    ],
)
def test_addresses_that_endanger_a_token_are_refused(url: str, secret: str, says: str) -> None:
    """Before anything is sent."""
    with pytest.raises(UsageError, match=says) as refused:
        dialgauge.connect(url, token=secret)
    assert "dg_x" not in str(refused.value)


def test_a_server_must_know_who_asks() -> None:
    """Leaving the token out says how it is given."""
    with pytest.raises(UsageError, match=r"token='dg_\.\.\.'"):
        dialgauge.connect("https://gauge.example.com")


def test_nobody_there_is_told() -> None:
    """A port where nobody listens, and a server that is not ours."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        with pytest.raises(ServerError, match="cannot be reached"):
            dialgauge.connect(url, token="").ask(Question(kpis=("dials",)))


class Elsewhere(http.server.BaseHTTPRequestHandler):
    """A server that sends everybody elsewhere, and remembers who came with a token."""

    target = ""
    seen: list[str | None] = []  # noqa: RUF012 - shared by all requests on purpose

    def do_POST(self) -> None:
        """Answer with a redirect, or with something that is not JSON."""
        self.seen.append(self.headers["Authorization"])
        self.send_response(307 if self.target else 200)
        if self.target:
            self.send_header("Location", self.target)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"hi")

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """A server that is not ours."""
    Elsewhere.target, Elsewhere.seen = "", []
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_token_is_not_sent_elsewhere(elsewhere: str) -> None:
    """A redirect is told, not followed."""
    Elsewhere.target = f"{elsewhere.replace('127.0.0.1', 'localhost')}/api/v1/ask"
    with pytest.raises(ServerError, match="the token was not sent there"):
        dialgauge.connect(elsewhere, token="dg_secret").ask(Question(kpis=("dials",)))
    assert Elsewhere.seen == ["Bearer dg_secret"]


def test_what_is_no_answer_is_told(elsewhere: str) -> None:
    """Somebody else's server is not taken for ours."""
    with pytest.raises(ServerError, match="is it a dialgauge server"):
        dialgauge.connect(elsewhere, token="").ask(Question(kpis=("dials",)))


def test_a_server_that_is_silent_is_given_up() -> None:
    """After the time that was said."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(ServerError, match="has not answered in time"):
            dialgauge.connect(url, token="", timeout_s=0.2).ask(Question(kpis=("dials",)))
