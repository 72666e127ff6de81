"""Do all engines answer random plans over random worlds as the reference does?"""

from __future__ import annotations

import tempfile
from pathlib import Path

from agreeing import examples
from hypothesis import given, note
from hypothesis import strategies as st
from random_plans import plans, rows_plans
from random_worlds import worlds
from same_answer import differences

from dialgauge.engines.base import Engine
from dialgauge.engines.reference import ReferenceEngine
from stored import write


def test_plans_have_the_answers_of_the_reference(candidate: Engine) -> None:
    """Groups, totals, left-out rows and outputs are those of the oracle."""

    @examples(candidate)
    @given(st.data())
    def agree(data: st.DataObject) -> None:
        world = data.draw(worlds())
        plan = data.draw(plans(world))
        with tempfile.TemporaryDirectory() as folder:
            files = write(world.tables, Path(folder), rows_a_file=4)
            expected = ReferenceEngine().run(plan, files)
            note(candidate.explain(plan, files))
            found = candidate.run(plan, files)
        assert differences(expected, found, len(plan.keys)) == []

    agree()


def test_rows_behind_a_number_are_those_of_the_reference(candidate: Engine) -> None:
    """The same rows in the same order."""

    @examples(candidate)
    @given(st.data())
    def agree(data: st.DataObject) -> None:
        world = data.draw(worlds())
        plan = data.draw(rows_plans(world))
        with tempfile.TemporaryDirectory() as folder:
            files = write(world.tables, Path(folder), rows_a_file=4)
            expected = ReferenceEngine().rows(plan, files)
            found = candidate.rows(plan, files)
        assert found.column_names == expected.column_names
        assert found.to_pylist() == expected.to_pylist()

    agree()
