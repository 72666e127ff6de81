"""Is a lead left alone when the contact that it became says so, in whichever round?

A lead that is converted stays the lead, and people go on with its contact. What these tests expect
is worked out by hand: a lead must not be called when it or its contact says so, as both do now.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import duckdb
import pytest

from crm_espocrm import EspoCrm
from crm_salesforce import SECRET as SALES_SECRET
from crm_salesforce import Salesforce
from crm_server import Crm, Spool, account, listening
from crm_suitecrm import SECRET as SUITE_SECRET
from crm_suitecrm import SuiteCrm
from dialgauge.intake import take_in
from dialgauge.lake import Lake, view
from dialgauge.sources import espocrm, salesforce, suitecrm
from dialgauge.sources.base import Request
from dialgauge.sources.live import Account
from dialgauge.tables import TABLES
from staging import Result


@dataclass
class Rounds:
    """A CRM and a lake that is filled from it, round by round."""

    crm: Crm
    account: Account
    lake: Lake
    spool: Spool
    system: ModuleType
    notes: str = ""

    def go(self) -> dict[str, bool | None]:
        """Go a round, and give what the lake then knows: lead to whether it must not be called."""
        self.crm.asked.clear()
        self.spool.run(self.account)
        request = Request(paths=(self.spool.folder,), phone_key=self.lake.phone_key)
        if any(self.spool.folder.rglob("*.parquet")):
            report = take_in(self.lake, self.system.stage, request)
            self.notes = "\n".join(report.notes)
        self.spool.emptied()
        with contextlib.closing(self.lake.connect()) as con:
            seen = view(con, self.lake.snapshot(), TABLES["leads"])
            found = con.execute(f"SELECT lead_id, do_not_call FROM {seen} ORDER BY 1").fetchall()
        return dict(found)


def rounds(
    crm: Crm, system: ModuleType, folder: Path, secret: str, settings: dict[str, object]
) -> Rounds:
    """Connect a new lake."""
    secrets = (("client_secret", secret),) if secret else ()
    return Rounds(
        crm=crm,
        account=account(crm, *secrets, **settings),
        lake=Lake.create(str(folder / "lake")),
        spool=Spool(folder / "spool", system.fetch, system.stage),
        system=system,
    )


@pytest.fixture
def espo(tmp_path: Path) -> Iterator[tuple[EspoCrm, Rounds]]:
    """Connect an EspoCRM."""
    crm = EspoCrm()
    with listening(crm):
        yield crm, rounds(crm, espocrm, tmp_path, "", {})


LATER = "2026-01-06 10:00:00"
LAST = "2026-01-07 10:00:00"
END = "2026-01-08 10:00:00"


def test_espocrm_a_contact_says_so_later_and_takes_it_back(espo: tuple[EspoCrm, Rounds]) -> None:
    """The lead did not change in those rounds; all else of it stays."""
    crm, go = espo
    crm.put("Lead", "l1", doNotCall=False, createdContactId="k1", source="Web")
    crm.put("Contact", "k1", doNotCall=False, originalLeadId="l1")
    assert go.go() == {"l1": False}
    crm.put("Contact", "k1", LATER, doNotCall=True, originalLeadId="l1")
    assert go.go() == {"l1": True}
    crm.put("Contact", "k1", LAST, doNotCall=False, originalLeadId="l1")
    assert go.go() == {"l1": False}
    with contextlib.closing(go.lake.connect()) as con:
        seen = view(con, go.lake.snapshot(), TABLES["leads"])
        assert con.execute(f"SELECT lead_source FROM {seen}").fetchall() == [("Web",)]


def test_espocrm_a_lead_that_changes_keeps_its_contact_s_word(
    espo: tuple[EspoCrm, Rounds],
) -> None:
    """The contact did not change in that round; and a lead's own word needs no contact."""
    crm, go = espo
    crm.put("Lead", "l1", doNotCall=False, createdContactId="k1")
    crm.put("Lead", "l2", doNotCall=True, createdContactId="k2")
    crm.put("Contact", "k1", doNotCall=True, originalLeadId="l1")
    crm.put("Contact", "k2", doNotCall=False, originalLeadId="l2")
    assert go.go() == {"l1": True, "l2": True}
    crm.put("Lead", "l1", LATER, doNotCall=False, createdContactId="k1", status="Dead")
    crm.put("Contact", "k2", LATER, doNotCall=False, originalLeadId="l2")
    assert go.go() == {"l1": True, "l2": True}


def test_espocrm_more_contacts_than_are_asked_for_at_once(espo: tuple[EspoCrm, Rounds]) -> None:
    """Sixty change at once, and every third says so."""
    crm, go = espo
    for n in range(60):
        crm.put("Lead", f"l{n:02}", doNotCall=False, createdContactId=f"k{n:02}")
        crm.put("Contact", f"k{n:02}", doNotCall=False, originalLeadId=f"l{n:02}")
    assert set(go.go().values()) == {False}
    for n in range(60):
        crm.put("Contact", f"k{n:02}", LATER, doNotCall=n % 3 == 0, originalLeadId=f"l{n:02}")
    assert go.go() == {f"l{n:02}": n % 3 == 0 for n in range(60)}


def test_espocrm_a_number_that_opted_out(espo: tuple[EspoCrm, Rounds]) -> None:
    """Marked at the number itself, which changes no record; beside it stays who never said so."""
    crm, go = espo
    crm.put("Lead", "l1", doNotCall=False, phoneNumber="+49301", phoneNumberIsOptedOut=False)
    crm.put("Lead", "l2", doNotCall=False, phoneNumber="+49302", phoneNumberIsOptedOut=True)
    crm.put("Lead", "l3", doNotCall=False, createdContactId="k3", phoneNumberIsOptedOut=None)
    crm.put("Contact", "k3", doNotCall=False, originalLeadId="l3", phoneNumberIsOptedOut=False)
    crm.put("Contact", "k4", doNotCall=False, phoneNumberIsOptedOut=True)
    crm.put("Contact", "k5", doNotCall=False, phoneNumberIsOptedOut=None)
    crm.put("Lead", "l9", LATER, doNotCall=False)
    crm.put("Contact", "k9", LATER, doNotCall=False)
    others = {"k4": True, "k5": False, "k9": False, "l9": False}
    assert go.go() == {"l1": False, "l2": True, "l3": False, **others}
    for rows, name in ((crm.rows["Lead"], "l1"), (crm.rows["Contact"], "k3")):
        next(row for row in rows if row["id"] == name)["phoneNumberIsOptedOut"] = True
    assert go.go() == {"l1": True, "l2": True, "l3": True, **others}
    crm.put("Lead", "l1", LAST, doNotCall=False, phoneNumberIsOptedOut=False)
    assert go.go()["l1"] is False


def test_espocrm_a_version_without_opting_out_is_read_all_the_same(
    espo: tuple[EspoCrm, Rounds],
) -> None:
    """It refuses to look for what it does not know."""
    crm, go = espo
    crm.knows_opting_out = False
    crm.put("Lead", "l1", doNotCall=True)
    crm.put("Contact", "k1", doNotCall=False)
    assert go.go() == {"k1": False, "l1": True}
    crm.put("Lead", "l2", LATER, doNotCall=False)
    assert go.go() == {"k1": False, "l1": True, "l2": False}


def test_espocrm_leads_alone_say_what_is_not_known(tmp_path: Path) -> None:
    """Without contacts their word is missing, and people are told so."""
    crm = EspoCrm()
    crm.put("Lead", "l1", doNotCall=False, createdContactId="k1")
    crm.put("Contact", "k1", doNotCall=True, originalLeadId="l1")
    with listening(crm):
        go = rounds(crm, espocrm, tmp_path, "", {"objects": "lead"})
        assert go.go() == {"l1": False}
    assert "1 leads became contacts that were not read" in go.notes


@pytest.fixture
def suite(tmp_path: Path) -> Iterator[tuple[SuiteCrm, Rounds]]:
    """Connect a SuiteCRM, which reads no contacts as leads."""
    crm = SuiteCrm()
    with listening(crm):
        yield crm, rounds(crm, suitecrm, tmp_path, SUITE_SECRET, {"client_id": "b8f0c1a2"})


def test_suitecrm_a_contact_says_so_later_and_takes_it_back(
    suite: tuple[SuiteCrm, Rounds],
) -> None:
    """The lead did not change in those rounds, and contacts are not among the objects."""
    crm, go = suite
    crm.put("Leads", "l1", do_not_call="0", contact_id="k1")
    crm.put("Leads", "l2", do_not_call="1", contact_id="k2")
    crm.put("Leads", "l3", do_not_call="0", contact_id="")
    crm.put("Contacts", "k1", do_not_call="0")
    crm.put("Contacts", "k2", do_not_call="0")
    assert go.go() == {"l1": False, "l2": True, "l3": False}
    crm.put("Contacts", "k1", LATER, do_not_call="1")
    crm.put("Contacts", "k2", LATER, do_not_call="0")
    assert go.go() == {"l1": True, "l2": True, "l3": False}
    crm.put("Contacts", "k1", LAST, do_not_call="0")
    assert go.go() == {"l1": False, "l2": True, "l3": False}
    assert go.notes == ""


def test_suitecrm_a_lead_that_changes_keeps_its_contact_s_word(
    suite: tuple[SuiteCrm, Rounds],
) -> None:
    """The contact did not change in that round."""
    crm, go = suite
    crm.put("Leads", "l1", do_not_call="0", contact_id="k1")
    crm.put("Contacts", "k1", do_not_call="1")
    assert go.go() == {"l1": True}
    crm.put("Leads", "l1", LATER, do_not_call="0", contact_id="k1", status="Dead")
    assert go.go() == {"l1": True}
    crm.put("Contacts", "k1", LAST, do_not_call="0")
    crm.put("Leads", "l1", END, do_not_call="0", contact_id="k1")
    assert go.go() == {"l1": False}


def test_suitecrm_a_lake_from_before_learns_who_said_so(suite: tuple[SuiteCrm, Rounds]) -> None:
    """Its leads were read without their contacts' word."""
    crm, go = suite
    crm.put("Leads", "l1", do_not_call="0", contact_id="k1")
    crm.put("Leads", "l2", do_not_call="0", contact_id="k2")
    crm.put("Contacts", "k1", do_not_call="0")
    crm.put("Contacts", "k2", do_not_call="0")
    go.go()
    go.spool.cursors = {"leads": go.spool.cursors["leads"]}
    crm.put("Contacts", "k1", do_not_call="1")
    assert go.go() == {"l1": True, "l2": False}


def test_suitecrm_many_contacts_change_with_few_requests(suite: tuple[SuiteCrm, Rounds]) -> None:
    """230 of them; the 230 converted leads are then listed, 100 a page."""
    crm, go = suite
    names = [f"{n:03}" for n in range(230)]
    for name in names:
        crm.put("Leads", f"l{name}", do_not_call="0", contact_id=f"k{name}")
        crm.put("Contacts", f"k{name}", do_not_call="0")
    crm.put("Contacts", "k999", do_not_call="1")
    crm.put("Leads", "l999", do_not_call="0")
    assert set(go.go().values()) == {False}
    for name in names:
        crm.put("Contacts", f"k{name}", LATER, do_not_call=str(int(name) % 2))
    expected = {f"l{name}": int(name) % 2 == 1 for name in names}
    assert go.go() == {**expected, "l999": False}
    assert len(crm.asked) < 30


def test_suitecrm_who_may_not_read_contacts_is_told(suite: tuple[SuiteCrm, Rounds]) -> None:
    """Leads are read all the same, with their own word; the probe says so, too."""
    crm, go = suite
    crm.put("Leads", "l1", do_not_call="0", contact_id="k1")
    crm.put("Leads", "l2", do_not_call="1")
    crm.put("Contacts", "k1", do_not_call="1")
    crm.hidden.add("Contacts")
    assert go.go() == {"l1": False, "l2": True}
    assert "1 leads became contacts that were not read" in go.notes
    assert any("Contacts cannot be read" in said for said in suitecrm.probe(go.account))


def test_suitecrm_contacts_among_the_objects_say_it_of_both(tmp_path: Path) -> None:
    """They are leads of their own there."""
    crm = SuiteCrm()
    crm.put("Leads", "l1", do_not_call="0", contact_id="k1")
    crm.put("Contacts", "k1", do_not_call="0")
    known: dict[str, object] = {"client_id": "b8f0c1a2", "objects": "leads contacts"}
    with listening(crm):
        go = rounds(crm, suitecrm, tmp_path, SUITE_SECRET, known)
        assert go.go() == {"k1": False, "l1": False}
        crm.put("Contacts", "k1", LATER, do_not_call="1")
        assert go.go() == {"k1": True, "l1": True}


@pytest.fixture
def sales(tmp_path: Path) -> Iterator[tuple[Salesforce, Rounds]]:
    """Connect a Salesforce."""
    crm = Salesforce()
    with listening(crm):
        yield crm, rounds(crm, salesforce, tmp_path, SALES_SECRET, {"client_id": "3MVG9"})


def day(number: int) -> str:
    """Write a morning of January as Salesforce does."""
    return f"2026-01-{number:02}T10:00:00.000+0000"


def test_salesforce_a_contact_says_so_later_and_takes_it_back(
    sales: tuple[Salesforce, Rounds],
) -> None:
    """Two leads were converted into it, and did not change; all else of them stays."""
    crm, go = sales
    for name in ("00Q1", "00Q2"):
        crm.put("Lead", name, day(5), DoNotCall=False, ConvertedContactId="0031", LeadSource="Web")
    crm.put("Lead", "00Q3", day(5), DoNotCall=False)
    crm.put("Contact", "0031", day(5), DoNotCall=False)
    crm.put("Contact", "0032", day(5), DoNotCall=False)
    others = {"00Q3": False, "0032": False}
    assert go.go() == {"00Q1": False, "00Q2": False, **others}
    crm.put("Contact", "0031", day(6), DoNotCall=True)
    assert go.go() == {"00Q1": True, "00Q2": True, **others}
    crm.put("Contact", "0031", day(7), DoNotCall=False)
    assert go.go() == {"00Q1": False, "00Q2": False, **others}
    with contextlib.closing(go.lake.connect()) as con:
        seen = view(con, go.lake.snapshot(), TABLES["leads"])
        found = con.execute(f"SELECT DISTINCT lead_source FROM {seen} WHERE lead_id LIKE '00Q%'")
        assert set(found.fetchall()) == {("Web",), (None,)}


def test_salesforce_a_lead_that_changes_keeps_its_contact_s_word(
    sales: tuple[Salesforce, Rounds],
) -> None:
    """The contact did not change in that round; and a lead's own word needs no contact."""
    crm, go = sales
    crm.put("Lead", "00Q1", day(5), DoNotCall=False, ConvertedContactId="0031")
    crm.put("Lead", "00Q2", day(5), DoNotCall=True, ConvertedContactId="0032")
    crm.put("Contact", "0031", day(5), DoNotCall=True)
    crm.put("Contact", "0032", day(5), DoNotCall=False)
    assert go.go() == {"00Q1": True, "00Q2": True}
    crm.put("Lead", "00Q1", day(6), DoNotCall=False, ConvertedContactId="0031", Status="Dead")
    crm.put("Contact", "0032", day(6), DoNotCall=False)
    assert go.go() == {"00Q1": True, "00Q2": True}


def test_salesforce_who_may_see_it_of_leads_only_reads_the_rest(
    sales: tuple[Salesforce, Rounds],
) -> None:
    """A contact's field that is hidden is not asked for; people are told what is not known."""
    crm, go = sales
    crm.hidden.add(("Contact", "DoNotCall"))
    crm.put("Lead", "00Q1", day(5), DoNotCall=False, ConvertedContactId="0031")
    crm.put("Lead", "00Q2", day(5), DoNotCall=True)
    crm.put("Contact", "0031", day(5))
    assert go.go() == {"00Q1": False, "00Q2": True}
    assert "1 leads became contacts that were not read" in go.notes


def test_salesforce_a_field_that_leads_hide_is_told_by_contacts(
    sales: tuple[Salesforce, Rounds],
) -> None:
    """Who may see it of contacts only knows it of those."""
    crm, go = sales
    crm.hidden.add(("Lead", "DoNotCall"))
    crm.put("Lead", "00Q1", day(5), ConvertedContactId="0031")
    crm.put("Lead", "00Q2", day(5))
    crm.put("Contact", "0031", day(5), DoNotCall=True)
    assert go.go() == {"00Q1": True, "00Q2": None}


def test_salesforce_exports_of_both_are_laid_side_by_side(tmp_path: Path) -> None:
    """As Data Loader writes them, without what fetching adds."""
    (tmp_path / "Lead.csv").write_text(
        "Id,CreatedDate,DoNotCall,ConvertedContactId\n"
        "00Q1,2026-01-05T09:30:00.000+0000,false,0031\n"
        "00Q2,2026-01-05T09:30:00.000+0000,false,0032\n"
        "00Q3,2026-01-05T09:30:00.000+0000,true,\n"
    )
    (tmp_path / "Contact.csv").write_text(
        "Id,CreatedDate,DoNotCall\n0031,2026-01-05T09:30:00.000+0000,true\n"
    )
    con = duckdb.connect()
    files = (tmp_path / "Lead.csv", tmp_path / "Contact.csv")
    leads, _ = salesforce.stage(con, Request(paths=files, phone_key=b"key"))
    result = Result(con, [leads])
    assert result.rows("lead_id", "do_not_call") == [
        ("00Q1", True),
        ("00Q2", False),
        ("00Q3", True),
    ]
    assert "1 leads became contacts that were not read" in result.notes
