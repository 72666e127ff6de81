"""Is the part of a parted plan's answer what the plan itself would give?"""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

from agreeing import examples
from hypothesis import given, reject
from hypothesis import strategies as st
from random_questions import questions
from random_worlds import worlds
from same_answer import differences
from test_questions_agree import REFERENCE, months, planned

from dialgauge.engines.base import Engine
from dialgauge.engines.remembering import RememberingEngine, part_of
from dialgauge.errors import DimensionError
from dialgauge.plan.widening import widened
from stored import write

DIMENSIONS = ("campaign", "team", "lead_source", "list", "region")
VALUES = ("A", "B", "a", "é", "nobody's")


def test_a_part_is_what_the_filter_gives(candidate: Engine) -> None:
    """On every engine, for every question that is filtered by one value of one dimension."""

    @examples(candidate)
    @given(st.data())
    def agree(data: st.DataObject) -> None:
        world = data.draw(worlds())
        drawn = data.draw(questions(world))
        value = data.draw(st.sampled_from(VALUES)).replace("'", "''")
        where = (*drawn.where, f"{data.draw(st.sampled_from(DIMENSIONS))} = '{value}'")
        question = replace(drawn, where=where)
        try:
            work = planned(question, world, months(world)).plan
        except DimensionError:
            reject()
        wide = widened(work)
        assert wide is not None
        with tempfile.TemporaryDirectory() as folder:
            files = write(world.tables, Path(folder), rows_a_file=4)
            expected = REFERENCE.run(work, files)
            for engine in (REFERENCE, candidate):
                part = part_of(engine.run(wide.plan, files), wide.value)
                if any(row["left_out"] is None for row in part.to_pylist()):
                    assert differences(expected, part, len(work.keys)) == []
            remembering = RememberingEngine(candidate)
            for _ in range(2):
                assert differences(expected, remembering.run(work, files), len(work.keys)) == []

    agree()
