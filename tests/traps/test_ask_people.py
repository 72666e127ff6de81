"""Who is a person, whose is a call, and what happens when that changes?"""

from __future__ import annotations

from pathlib import Path

from small_lake import by, call, small_lake


def test_a_team_is_the_agents_team_of_today(tmp_path: Path) -> None:
    """When A moves from Alder to Birch, old calls move along: agents are kept as they are now."""
    lake = small_lake(
        tmp_path,
        agents=[{"agent_id": "A", "team": "Alder"}, {"agent_id": "B", "team": "Alder"}],
        calls=[
            call(1, "2026-01-05T10:00:00Z", agent_id="A"),
            call(2, "2026-01-05T11:00:00Z", agent_id="B"),
            call(3, "2026-01-05T12:00:00Z", agent_id="C"),
        ],
    )
    assert by(lake.ask("dials", by=("team",)), "dials") == {"Alder": 2, None: 1}
    (report,) = lake.load(agents=[{"agent_id": "A", "team": "Birch"}])
    assert report.counts.updated == 1
    assert by(lake.ask("dials", by=("team",)), "dials") == {"Alder": 1, "Birch": 1, None: 1}
    assert lake.total("dials", where=("team = 'Birch'",)).value == 1


def test_a_lead_with_two_numbers_is_one_lead(tmp_path: Path) -> None:
    """Called on its mobile and on its desk phone: two dials, one lead, the second attempt."""
    lake = small_lake(
        tmp_path,
        calls=[
            call(1, "2026-01-05T10:00:00Z", lead_id="L", phone_token="t1"),
            call(2, "2026-01-05T11:00:00Z", "human", contact=True, lead_id="L", phone_token="t2"),
        ],
    )
    answer = lake.ask("dials", "leads_worked", "attempts_to_contact")
    assert answer.rows[0].values["dials"].value == 2
    assert answer.rows[0].values["leads_worked"].value == 1
    assert answer.rows[0].values["attempts_to_contact"].value == 2


def test_two_numbers_that_name_no_lead_are_two_parties(tmp_path: Path) -> None:
    """Nobody said that the numbers belong to one person, so nothing pretends to know."""
    lake = small_lake(
        tmp_path,
        calls=[
            call(1, "2026-01-05T10:00:00Z", phone_token="t1"),
            call(2, "2026-01-05T11:00:00Z", "human", contact=True, phone_token="t2"),
            call(3, "2026-01-05T12:00:00Z", phone_token="t2"),
        ],
    )
    answer = lake.ask("leads_worked", "attempts_to_contact")
    assert answer.rows[0].values["leads_worked"].value == 2
    assert answer.rows[0].values["attempts_to_contact"].value == 1


def test_a_number_shared_by_two_leads_is_two_leads(tmp_path: Path) -> None:
    """A household's phone: the lead decides, not the number."""
    lake = small_lake(
        tmp_path,
        calls=[
            call(1, "2026-01-05T10:00:00Z", lead_id="L1", phone_token="t"),
            call(2, "2026-01-05T11:00:00Z", lead_id="L2", phone_token="t"),
        ],
    )
    assert lake.total("leads_worked").value == 2


def test_calls_to_nobody_known_are_dials_of_no_lead(tmp_path: Path) -> None:
    """Without lead and number a dial counts as a dial, and not as one more lead."""
    lake = small_lake(
        tmp_path,
        calls=[
            call(1, "2026-01-05T10:00:00Z"),
            call(2, "2026-01-05T11:00:00Z", lead_id="L"),
        ],
    )
    answer = lake.ask("dials", "leads_worked", "attempts_per_lead")
    assert answer.rows[0].values["dials"].value == 2
    assert answer.rows[0].values["leads_worked"].value == 1


def test_an_empty_table_that_is_looked_up_is_told(tmp_path: Path) -> None:
    """By team without agents: one group of unknown, and a note that says why."""
    lake = small_lake(tmp_path, calls=[call(1, "2026-01-05T10:00:00Z", agent_id="A")])
    answer = lake.ask("dials", by=("team",))
    assert by(answer, "dials") == {None: 1}
    assert answer.notes == (
        (
            "The table agents is empty, so all that it tells is unknown here; "
            "import it with: dialgauge import files agents.csv --table agents."
        ),
    )
