"""Are Python and YAML two spellings of one thing?"""

from __future__ import annotations

from dataclasses import fields, replace
from decimal import Decimal

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from dialgauge.catalogue.spelling import (
    KPI_KEYS,
    kpi_tree,
    measure_tree,
    read_kpi,
    read_measure,
    read_segment,
    segment_tree,
)
from dialgauge.catalogue.user import built_in, extend, kpi_yaml, to_yaml
from dialgauge.catalogue.yaml_tree import Place, Tree, read
from dialgauge.errors import UsageError
from dialgauge.model.kpi import Better, Kpi, Unit
from dialgauge.model.measure import Aggregate, Measure
from dialgauge.model.segment import Segment

PLACE = Place("f", "x")


def through_yaml(tree: object) -> Tree:
    """Write a value to YAML text and read it back."""
    return read(yaml.safe_dump({"x": tree}, allow_unicode=True), "f").values["x"]


def test_every_built_in_kpi_survives_yaml() -> None:
    """Written and read again, each KPI of the catalogue is equal to itself."""
    for kpi in built_in().kpis.values():
        again = read(kpi_yaml(kpi), "f").values["kpis"]
        assert isinstance(again, dict)
        assert read_kpi(kpi.name, again[kpi.name], PLACE) == kpi


def test_every_built_in_measure_survives_yaml() -> None:
    """Written and read again, each measure of each fact is equal to itself."""
    for fact in built_in().facts.values():
        for measure in fact.measures.values():
            assert read_measure(through_yaml(measure_tree(measure)), PLACE) == (measure, False)


def test_the_whole_vocabulary_survives_yaml() -> None:
    """A vocabulary without KPIs and measures, extended by the file, is the whole one again."""
    words = replace(
        built_in(),
        segments={
            "daypart": Segment(name="daypart", rules=(("am", "hour < 12"),), otherwise="pm"),
            "calm": Segment(name="calm", rules=(("yes", "daypart = 'am' and tier = 'gold'"),)),
        },
        attributes={"tier": "attributes.tier"},
    )
    facts = {name: replace(fact, measures={}) for name, fact in words.facts.items()}
    bare = replace(words, kpis={}, facts=facts, segments={}, attributes={})
    assert extend(bare, {"all.yaml": to_yaml(words)}) == words


def test_every_field_of_a_kpi_can_be_written() -> None:
    """No field of the schema is missing from YAML, so nothing needs Python."""
    assert {field.name for field in fields(Kpi)} == {"name", *KPI_KEYS}


KPIS = st.builds(
    Kpi,
    name=st.just("x"),
    formula=st.text("ab.+ /0'#:-", min_size=1).filter(str.strip),
    unit=st.sampled_from(Unit),
    better=st.sampled_from(Better),
    question=st.text("aé:#'\"\n- {", max_size=20).filter(lambda text: not text or text.strip()),
    band=st.none()
    | st.tuples(st.none(), st.floats(-1e6, 1e6))
    | st.tuples(st.floats(-9, 0, exclude_max=True), st.floats(0, 9)),
    beside=st.lists(st.sampled_from(["a", "no", "1"])).map(tuple),
)


@given(KPIS)
def test_any_kpi_survives_yaml(kpi: Kpi) -> None:
    """Odd texts, bands and lists come back as they went in."""
    assert read_kpi("x", through_yaml(kpi_tree(kpi)), PLACE) == kpi


MEASURES: dict[str, Measure] = {
    "{count: all}": Measure(aggregate=Aggregate.COUNT, empty=0),
    "{count: talk_s, where: contact}": Measure(
        aggregate=Aggregate.COUNT, of="talk_s", where="contact", empty=0
    ),
    "{sum: cost}": Measure(aggregate=Aggregate.SUM, of="cost", empty=0),
    "{sum: talk_s, empty: null}": Measure(aggregate=Aggregate.SUM, of="talk_s"),
    "{distinct: lead_id, clock: sql_at}": Measure(
        aggregate=Aggregate.DISTINCT, of="lead_id", clock="sql_at", empty=0
    ),
    "{median: talk_s}": Measure(aggregate=Aggregate.QUANTILE, of="talk_s", fraction=Decimal("0.5")),
    "{quantile: [talk_s, 0.9]}": Measure(
        aggregate=Aggregate.QUANTILE, of="talk_s", fraction=Decimal("0.9")
    ),
    "{min: talk_s, meaning: The shortest.}": Measure(
        aggregate=Aggregate.MIN, of="talk_s", meaning="The shortest."
    ),
    "{max: talk_s, matures_in: 30 days}": Measure(
        aggregate=Aggregate.MAX, of="talk_s", matures_in=2_592_000
    ),
    "{count: all, matures_in: 90 minutes}": Measure(
        aggregate=Aggregate.COUNT, matures_in=5400, empty=0
    ),
    "{count: all, clock: due_at, matures_in: 0 days}": Measure(
        aggregate=Aggregate.COUNT, clock="due_at", matures_in=0, empty=0
    ),
    "{count: created_at, clock: alive}": Measure(
        aggregate=Aggregate.COUNT, of="created_at", clock="alive", empty=0
    ),
    "{time_to: age_s, event: won, instead: lost, where: big, clock: created_at}": Measure(
        aggregate=Aggregate.TIME_TO,
        of="age_s",
        event="won",
        instead="lost",
        where="big",
        clock="created_at",
        fraction=Decimal("0.5"),
    ),
    "{time_to: [age_s, 0.25], event: won}": Measure(
        aggregate=Aggregate.TIME_TO, of="age_s", event="won", fraction=Decimal("0.25")
    ),
    "{expected_value: all, where: orders > 1}": Measure(
        aggregate=Aggregate.EXPECTED_VALUE, where="orders > 1"
    ),
}


@pytest.mark.parametrize("written", MEASURES)
def test_measures_are_read_as_written(written: str) -> None:
    """Each way to aggregate, with its usual `empty`, is the measure one expects."""
    assert read_measure(read(f"x: {written}", "f").values["x"], PLACE) == (MEASURES[written], False)
    assert (
        read_measure(through_yaml(measure_tree(MEASURES[written])), PLACE)[0] == MEASURES[written]
    )


WRONG_MEASURES = {
    "{}": "exactly one of count, sum, distinct, median, quantile, min, max, time_to, "
    "expected_value, found none",
    "{count: all, sum: cost}": "found count and sum",
    "{conut: all}": "unknown key of a measure 'conut'; did you mean 'count'?",
    "{quantile: talk_s}": "x.quantile: expected a list",
    "{quantile: [talk_s, 90]}": "a share between 0 and 1: [talk_s, 0.9]",
    "{quantile: [talk_s, 0]}": "a share between 0 and 1",
    "{quantile: [0.9, talk_s]}": "a share between 0 and 1",
    "{quantile: [talk_s]}": "a share between 0 and 1",
    "{quantile: [5, 0.9]}": "x.quantile[0]: expected a text, found the number 5",
    "{time_to: age_s}": "x: 'event' is missing; write for example event: status = 'won'",
    "{time_to: [age_s, 1], event: won}": "x.time_to: write what is measured and a share between",
    "{time_to: age_s, event: won, empty: 0}": "x.empty: only a sum can choose",
    "{median: age_s, event: won}": "x.event: only time_to has event; leave it out",
    "{count: all, instead: lost}": "x.instead: only time_to has instead; leave it out",
    "{expected_value: margin}": "x.expected_value: what customers are expected to be worth is not",
    "{sum: cost, empty: 1}": "x.empty: write 0, or null",
    "{sum: cost, empty: false}": "x.empty: write 0, or null",
    "{count: all, empty: 0}": "x.empty: only a sum can choose",
    "{count: all, matures_in: 30}": "x.matures_in: expected a text, found the number 30",
    "{count: all, matures_in: 30 dais}": "write a length of time, such as 30 days",
    "{count: all, trailing: 0 days}": "write a length of time, such as",
    "{count: all, where: true}": "x.where: expected a text, found true or false",
    "{count: all, replaces: dials}": "x.replaces: expected true or false, found a text",
    "[count]": "x: expected a mapping",
}


@pytest.mark.parametrize("written", WRONG_MEASURES)
def test_wrong_measures_are_told(written: str) -> None:
    """The sentence has the key and what may stand there."""
    with pytest.raises(UsageError) as caught:
        read_measure(read(f"x: {written}", "f").values["x"], PLACE)
    assert WRONG_MEASURES[written] in str(caught.value)


WRONG_KPIS = {
    "{unit: share}": "x: 'formula' is missing; write for example formula: calls.contacts",
    "{formula: calls.dials}": "x: 'unit' is missing; write for example unit: share",
    "{formula: calls.dials, unit: percent}": "x.unit: unknown value 'percent'; allowed: count",
    "{formula: a, unit: share, better: more}": "x.better: unknown value 'more'; allowed: band",
    "{formula: a, unit: share, tilte: b}": "unknown key of a KPI 'tilte'; did you mean 'title'?",
    "{formula: a, unit: share, band: 0.5}": "x.band: expected a list",
    "{formula: a, unit: share, band: [0.5]}": "x.band: write the lowest and the highest",
    "{formula: a, unit: share, band: [~, ~]}": "x.band: write the lowest and the highest",
    "{formula: a, unit: share, band: [2, 1]}": "the lowest good value 2 is not below the highest 1",
    "{formula: a, unit: share, band: [1, b]}": "x.band[1]: expected a number or null, found a text",
    "{formula: a, unit: share, beside: dials}": "x.beside: expected a list",
    "{formula: 5, unit: share}": "x.formula: expected a text, found the number 5",
}


@pytest.mark.parametrize("written", WRONG_KPIS)
def test_wrong_kpis_are_told(written: str) -> None:
    """The sentence has the key and what may stand there."""
    with pytest.raises(UsageError) as caught:
        read_kpi("x", read(f"x: {written}", "f").values["x"], PLACE)
    assert WRONG_KPIS[written] in str(caught.value)


def test_segments_keep_their_order_and_may_repeat_a_group() -> None:
    """The first rule that matches wins, so order is kept; two rules may name one group."""
    content = "x: [{name: b, where: hour = 1}, {name: a, where: hour = 2}, {name: b, where: test}]"
    segment = read_segment("s", read(content, "f").values["x"], PLACE)
    assert segment == Segment(
        name="s", rules=(("b", "hour = 1"), ("a", "hour = 2"), ("b", "test")), otherwise="other"
    )
    assert read_segment("s", through_yaml(segment_tree(segment)), PLACE) == segment


WRONG_SEGMENTS = {
    "[]": "x: a segment needs at least one group",
    "[{otherwise: a}]": "x: a segment needs at least one group",
    "[{otherwise: a}, {name: b, where: c}]": "x[1]: nothing may follow otherwise",
    "[{name: b, where: c, otherwise: a}]": "x[0]: unknown key beside otherwise",
    "[{name: b}]": "x[0]: 'where' is missing",
    "[{where: b}]": "x[0]: 'name' is missing",
    "[{name: 2026, where: b}]": "x[0].name: expected a text, found the number 2026",
    "[{name: b, when: c}]": "x[0]: unknown key of a group 'when'",
    "{name: b, where: c}": "x: expected a list",
    "[b]": "x[0]: expected a mapping",
}


@pytest.mark.parametrize("written", WRONG_SEGMENTS)
def test_wrong_segments_are_told(written: str) -> None:
    """The sentence has the item and what may stand there."""
    with pytest.raises(UsageError) as caught:
        read_segment("s", read(f"x: {written}", "f").values["x"], PLACE)
    assert WRONG_SEGMENTS[written] in str(caught.value)
