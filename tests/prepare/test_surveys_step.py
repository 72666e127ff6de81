"""Do surveys and conversations get what their calls tell?"""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from dialgauge.prepare.conversations import STEP as CONVERSATIONS_STEP
from dialgauge.prepare.surveys import STEP
from dialgauge.tables import TABLES
from run_step import Row, run_step

NOON = dt.datetime(2026, 1, 5, 12, tzinfo=dt.UTC)
CALL = {
    "call_id": "c1",
    "started_at": NOON,
    "direction": "outbound",
    "test": False,
    "agent_id": "ann",
    "campaign_id": "spring",
    "list_id": "west",
    "lead_id": "L1",
    "customer_id": "k1",
    "product": "lamp",
    "script": "v2",
    "local_hour": 13,
    "local_weekday": 1,
    "converted": True,
}


def survey(**columns: object) -> Row:
    """Ask one customer for an opinion and return the row that is stored."""
    customers = [{"customer_id": "k1", "lead_id": "L7"}, {"customer_id": "k2", "lead_id": "L8"}]
    asked = {"survey_id": "s", "asked_at": NOON} | columns
    (row,) = run_step(STEP, batch=[asked], calls=[CALL], customers=customers)
    return row


def test_survey_is_about_the_call() -> None:
    """What the survey does not say, its call does."""
    found = survey(call_id="c1")
    assert (found["about_agent_id"], found["campaign_id"], found["list_id"]) == (
        "ann",
        "spring",
        "west",
    )
    assert (found["lead_id"], found["product"], found["script"]) == ("L1", "lamp", "v2")
    assert found["agent_id"] is None, "what was imported stays as it was"


def test_named_agent_stands() -> None:
    """A survey that names its agent is about that agent, whoever made the call."""
    assert survey(call_id="c1", agent_id="bob")["about_agent_id"] == "bob"


def test_survey_without_call_has_the_customers_lead() -> None:
    """Without a known call the lead is the customer's, and the campaign unknown."""
    for call_id in (None, "gone"):
        found = survey(call_id=call_id, customer_id="k2")
        assert (found["lead_id"], found["campaign_id"], found["about_agent_id"]) == (
            "L8",
            None,
            None,
        )


def test_call_without_lead_leaves_the_customers() -> None:
    """A call that names only a customer leads to the customer's lead."""
    call = CALL | {"lead_id": None}
    customers = [{"customer_id": "k1", "lead_id": "L7"}]
    asked = {"survey_id": "s", "asked_at": NOON, "call_id": "c1"}
    (row,) = run_step(STEP, batch=[asked], calls=[call], customers=customers)
    assert row["lead_id"] == "L7"


KEYS = st.sampled_from(("1", "2", "3", None))
CALLS = st.lists(
    st.fixed_dictionaries(
        {"call_id": st.sampled_from(("1", "2", "3"))}
        | dict.fromkeys(("agent_id", "campaign_id", "lead_id", "customer_id"), KEYS)
    ).map(lambda row: row | {"started_at": NOON}),
    max_size=3,
    unique_by=lambda row: row["call_id"],
)


@given(
    calls=CALLS,
    customers=st.dictionaries(st.sampled_from(("1", "2", "3")), KEYS),
    asked=st.lists(st.tuples(KEYS, KEYS, KEYS), max_size=5),
)
def test_every_survey_is_kept(
    calls: list[Row],
    customers: dict[str, str | None],
    asked: list[tuple[str | None, str | None, str | None]],
) -> None:
    """Each survey comes back once, with what a search through calls and customers finds."""
    surveys = [
        {"survey_id": str(n), "asked_at": NOON, "call_id": c, "customer_id": k, "agent_id": a}
        for n, (c, k, a) in enumerate(asked)
    ]
    found = run_step(
        STEP,
        surveys=surveys,
        calls=calls,
        customers=[{"customer_id": k, "lead_id": lead} for k, lead in customers.items()],
    )
    for row in found:
        call = next((c for c in calls if c["call_id"] == row["call_id"]), {})
        customer = row["customer_id"] or call.get("customer_id")
        assert row["about_agent_id"] == (row["agent_id"] or call.get("agent_id"))
        assert row["campaign_id"] == call.get("campaign_id")
        assert row["lead_id"] == (call.get("lead_id") or customers.get(customer or ""))
    assert sorted(row["survey_id"] for row in found) == [s["survey_id"] for s in surveys]


def test_conversation_copies_its_call() -> None:
    """All derived columns are the call's; what was measured stays."""
    (row,) = run_step(
        CONVERSATIONS_STEP, batch=[{"call_id": "c1", "agent_talk_s": 31.5}], calls=[CALL]
    )
    derived = [c.name for c in TABLES["conversations"].columns if c.derived]
    assert {name: row[name] for name in derived} == {name: CALL[name] for name in derived}
    assert row["agent_talk_s"] == 31.5


def test_conversation_of_an_unknown_call_is_kept() -> None:
    """Its start is unknown until the call is imported."""
    (row,) = run_step(CONVERSATIONS_STEP, batch=[{"call_id": "gone"}], calls=[CALL])
    assert (row["call_id"], row["started_at"], row["direction"]) == ("gone", None, None)
