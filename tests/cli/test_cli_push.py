"""Does a CRM get exactly what differs, and only when somebody says yes?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from commands import Run

from crm_salesforce import SECRET
from crm_server import TOKEN, Crm, listening, status
from crm_taking import TakingHubSpot, TakingSalesforce

PUSH = ("push", "crm", "--as-of", "2026-03-02T11:00:00")
SCORE = ("--property", "call_score=score", "--property", "call_reason=reason")


@pytest.fixture
def hubspot(monkeypatch: pytest.MonkeyPatch) -> Iterator[TakingHubSpot]:
    """Serve an account."""
    monkeypatch.setenv("DIALGAUGE_CRM_TOKEN", TOKEN)
    crm = TakingHubSpot()
    with listening(crm):
        yield crm


@pytest.fixture
def salesforce(monkeypatch: pytest.MonkeyPatch) -> Iterator[TakingSalesforce]:
    """Serve an organisation."""
    monkeypatch.setenv("DIALGAUGE_CRM_CLIENT_SECRET", SECRET)
    crm = TakingSalesforce()
    with listening(crm):
        yield crm


def settle(run: Run, crm: Crm, system: str, leads: Sequence[str], more: str = "") -> None:
    """Make a lake with leads of a CRM, on a list whose others were dialled 60 times, 24 reached."""
    assert run("init").status == 0
    with Path("dialgauge.toml").open("a", encoding="utf-8") as file:
        file.write(f'\n[sources.crm]\nsystem = "{system}"\nurl = "{crm.url}"\nattempts = 2\n{more}')
    header = "lead_id,created_at,list_id,source,do_not_call_at"
    Path("leads.csv").write_text("\n".join([header, *leads]) + "\n", encoding="utf-8")
    dials = [
        f"{n},2026-02-10T10:00:00Z,outbound,{'human' if n < 24 else 'busy'},"
        f"{'true' if n < 24 else 'false'},A,x{n}"
        for n in range(60)
    ]
    header = "call_id,started_at,direction,result,contact,list_id,lead_id"
    Path("calls.csv").write_text("\n".join([header, *dials]) + "\n", encoding="utf-8")
    for name in ("leads", "calls"):
        assert run("import", "files", f"{name}.csv", "--table", name).status == 0


def contacts(names: Sequence[str]) -> list[str]:
    """Write leads that came from HubSpot."""
    return [f"hubspot-{name},2026-01-01T00:00:00Z,A,hubspot," for name in names]


def test_hubspot_is_shown_first_then_changed_once(run: Run, hubspot: TakingHubSpot) -> None:
    """24 of 60 first dials reached somebody: Wilson's lower end is 0.2857; who asked has none."""
    asked = "hubspot-9,2026-01-01T00:00:00Z,A,hubspot,2026-01-05T00:00:00Z"
    other = "file-1,2026-01-01T00:00:00Z,A,files,"
    settle(run, hubspot, "hubspot", [*contacts(("7", "8", "gone")), asked, other])
    hubspot.contact("7", call_score="0.1")
    reason = "list A, attempt 1: 24 of 60 dials reached somebody, at least 28.6 %"
    hubspot.contact("8", call_score="0.28570", call_reason=reason)
    hubspot.contact("9", call_score="0.5")
    said = run(*PUSH, *SCORE)
    assert said.status == 0
    assert "2 of 4 records of crm would change" in said.out
    assert "1 say it already" in said.out
    assert "1 are not there any more" in said.out
    assert "nothing was sent; --yes sends it" in said.out
    assert hubspot.updates == []
    told = run(*PUSH, *SCORE, "--yes", "--format", "json").json
    assert (told["differ"], told["same"], told["missing"], told["sent"]) == (2, 1, 1, True)
    assert hubspot.updates == [["7", "9"]]
    kept = {name: row["properties"] for name, row in hubspot.objects["contacts"].items()}
    assert (kept["7"]["call_score"], kept["7"]["call_reason"]) == ("0.2857", reason)
    assert (kept["9"]["call_score"], kept["9"]["call_reason"]) == ("", "asked not to be called")
    again = run(*PUSH, *SCORE, "--yes", "--format", "json").json
    assert (again["differ"], again["same"], len(hubspot.updates)) == (0, 3, 1)


def test_batches_and_a_server_that_is_busy(run: Run, hubspot: TakingHubSpot) -> None:
    """A hundred a request; a request that was throttled is sent again; nothing is sent twice."""
    names = [f"{n:03}" for n in range(230)]
    settle(run, hubspot, "hubspot", contacts(names))
    for name in names:
        hubspot.contact(name)
    hubspot.troubles = [("batch/update", status(429, Retry_After="0"))]
    told = run(*PUSH, "--property", "call_score=score", "--yes", "--format", "json").json
    assert (told["differ"], told["refused"]) == (230, [])
    assert [len(batch) for batch in hubspot.updates] == [100, 100, 30]
    assert sorted(name for batch in hubspot.updates for name in batch) == names


def test_each_refusal_is_told_and_stops_no_other(run: Run, hubspot: TakingHubSpot) -> None:
    """A value that spoils its batch is found; a record that cannot be changed is named."""
    names = ["1", "2", "cursed", "locked", "5"]
    settle(run, hubspot, "hubspot", contacts(names))
    for name in names:
        hubspot.contact(name)
    said = run(*PUSH, "--property", "call_score=score", "--yes")
    assert said.status == 1
    assert "3 of 5 records of crm were changed" in said.out
    assert "locked was refused: Could not update" in said.out
    assert "cursed was refused: HubSpot" in said.out
    assert "Property values were not valid" in said.out
    assert "dialgauge: 2 of 5 records were refused by 'crm'" in said.err
    kept = hubspot.objects["contacts"]
    assert [kept[name]["properties"].get("call_score") for name in names] == [
        "0.2857", "0.2857", None, None, "0.2857",
    ]  # fmt: skip
    assert TOKEN not in said.out + said.err


def test_a_server_that_fails_half_way_loses_nothing(run: Run, hubspot: TakingHubSpot) -> None:
    """What was changed before stays, and the next push does the rest."""
    names = [f"{n:03}" for n in range(150)]
    settle(run, hubspot, "hubspot", contacts(names))
    for name in names:
        hubspot.contact(name)
    fine = ("batch/update", lambda answer: answer())
    broken = ("batch/update", status(503))
    hubspot.troubles = [fine, broken, broken]
    said = run(*PUSH, "--property", "call_score=score", "--yes")
    assert said.status == 1
    assert said.err.rstrip().endswith("what was changed before stays, push again later")
    assert [len(batch) for batch in hubspot.updates] == [100]
    told = run(*PUSH, "--property", "call_score=score", "--yes", "--format", "json").json
    assert (told["differ"], told["same"]) == (50, 100)


def test_salesforce_answers_record_by_record(run: Run, salesforce: TakingSalesforce) -> None:
    """Leads and contacts in one push; numbers are numbers; a converted lead is refused and told."""
    stamp = "2026-01-05T10:00:00.000+0000"
    salesforce.put("Lead", "00QA", stamp, Score__c=0.2857)
    salesforce.put("Lead", "00QB", stamp, IsConverted=True)
    salesforce.put("Lead", "00QC", stamp, Score__c=0.9)
    salesforce.put("Contact", "003D", stamp)
    names = ("00QA", "00QB", "00QC", "003D", "00QX")
    leads = [f"{name},2026-01-01T00:00:00Z,A,salesforce," for name in names]
    settle(run, salesforce, "salesforce", leads, 'client_id = "3MVG9"\n')
    score = ("--property", "Score__c=score")
    salesforce.troubles = [
        ("Contact/describe", status(403, [{"errorCode": "INSUFFICIENT_ACCESS"}]))
    ]
    assert "2 of 5 records of crm would change" in run(*PUSH, *score).out
    assert "3 of 5 records of crm would change" in run(*PUSH, *score).out
    assert salesforce.updates == []
    said = run(*PUSH, *score, "--yes")
    assert said.status == 1
    assert "00QB was refused: CANNOT_UPDATE_CONVERTED_LEAD: cannot reference" in said.out
    assert [sorted(batch) for batch in salesforce.updates] == [["003D", "00QB", "00QC"]]
    rows = {row["Id"]: row.get("Score__c") for kind in ("Lead", "Contact")
            for row in salesforce.rows[kind]}  # fmt: skip
    assert rows == {"00QA": 0.2857, "00QB": None, "00QC": 0.2857, "003D": 0.2857}


def test_what_cannot_be_pushed(
    run: Run, hubspot: TakingHubSpot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each wrong wish is one sentence, and nothing is sent."""
    settle(run, hubspot, "hubspot", contacts(["7"]), '[sources.pbx]\nsystem = "asterisk"\n')
    hubspot.contact("7")
    wrong = {
        ("push", "crm"): "nothing to push; say which property gets what: --property call_score=sc",
        ("push", "crm", "--property", "score"): "--property 'score' is not understood; write the",
        ("push", "crm", "--property", "a=b"): "unknown value 'b'; allowed: best_hour, callable, ",
        ("push", "crm", "--property", "no=score"): "unknown property of contacts 'no'",
        ("push", "crm", "--property", "createdate=score"): "HubSpot sets the property createdate",
        ("push", "mrc", *SCORE): "unknown source 'mrc'; allowed: crm, pbx.",
        ("push", "pbx", *SCORE): "'pbx' is asterisk, which takes no values; those that do: hubspot",
        ("push", "crm", *SCORE, "--where", "list = 'Z'"): "no lead of 'crm' is in the lake",
    }
    for words, begins in wrong.items():
        said = run(*words)
        assert said.status == 2, words
        assert said.err.splitlines()[-1].startswith(f"dialgauge: {begins}"), words
    hubspot.troubles = [("batch/update", status(403, {"message": "missing scope"}))]
    said = run(*PUSH, *SCORE, "--yes")
    assert "does not let this token change /crm/v3/objects/contacts/batch/update" in said.err
    monkeypatch.delenv("DIALGAUGE_CRM_TOKEN")
    assert "the token of 'crm' is not known" in run(*PUSH, *SCORE).err
    assert hubspot.updates == []
