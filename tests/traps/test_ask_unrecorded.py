"""Is a 0 told apart from what nobody wrote down?"""

from __future__ import annotations

from pathlib import Path

from small_lake import by, call, small_lake

AT = "2026-01-05T10:00:00Z"


def test_a_flag_that_no_row_has_makes_its_rate_unknown(tmp_path: Path) -> None:
    """Two answered calls without a word on contacts: nobody knows how many there were."""
    lake = small_lake(tmp_path, calls=[call(1, AT, "human"), call(2, AT, "human")])
    answer = lake.ask("contact_rate", "connect_rate")
    rate = answer.rows[0].values["contact_rate"]
    assert (rate.value, rate.numerator, rate.denominator) == (None, None, 2)
    assert rate.reason == "no row of calls says 'contact'"
    assert answer.rows[0].values["connect_rate"].value == 1
    assert any(note.startswith("contact_rate: no row of calls says") for note in answer.notes)


def test_a_flag_that_some_row_denies_makes_a_true_0(tmp_path: Path) -> None:
    """One call says there was no contact: the column is kept, and blanks are no contacts."""
    lake = small_lake(
        tmp_path,
        calls=[
            call(1, AT, "human", contact=False, campaign_id="A"),
            call(2, AT, "human", campaign_id="B"),
        ],
    )
    answer = lake.ask("contact_rate", by=("campaign",))
    assert by(answer, "contact_rate") == {"A": 0, "B": 0}
    assert not answer.notes


def test_a_filter_that_leaves_no_contact_is_a_true_0(tmp_path: Path) -> None:
    """The column is judged over the whole table, not over what a question leaves of it."""
    lake = small_lake(
        tmp_path,
        calls=[
            call(1, AT, "human", contact=True, campaign_id="A"),
            call(2, AT, "busy", campaign_id="B"),
        ],
    )
    (row,) = lake.ask("contact_rate", where=("campaign = 'B'",)).rows
    assert row.values["contact_rate"].value == 0


def test_calls_without_a_direction_are_not_no_dials(tmp_path: Path) -> None:
    """A file that does not say who called has an unknown number of dials, not 0."""
    lake = small_lake(tmp_path, calls=[{"call_id": 1, "started_at": AT}])
    value = lake.total("dials")
    assert (value.value, value.reason) == (None, "no row of calls says 'direction'")


def test_calls_without_a_result_have_no_answer_rate(tmp_path: Path) -> None:
    """Whether a dial was answered stands in its result; no row has one."""
    lake = small_lake(tmp_path, calls=[{"call_id": 1, "started_at": AT, "direction": "outbound"}])
    value = lake.total("answer_rate")
    assert (value.value, value.denominator) == (None, 1)
    assert value.reason == "no row of calls says 'result'"
