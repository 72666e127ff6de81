"""Do a team's own words join ours, and are mistakes told by file and place?"""

from __future__ import annotations

from pathlib import Path

import pytest

from dialgauge.catalogue.user import built_in, extend, load
from dialgauge.errors import FileError, UsageError
from dialgauge.model.kpi import Unit
from dialgauge.model.measure import count
from dialgauge.model.segment import Segment
from dialgauge.model.vocabulary import Vocabulary


def extended(content: str) -> Vocabulary:
    """Add one file to the built-in words."""
    return extend(built_in(), {"kpis.yaml": content})


OURS = """
measures:
  calls:
    lunch_dialled: {count: all, where: "direction = 'outbound' and local_hour in (12, 13)"}
    gold_dialled: {count: all, where: attributes.tier = 'gold'}
kpis:
  lunch_rate: {formula: calls.lunch_dialled / calls.dials, unit: share, beside: [dials]}
segments:
  rank:
    - name: high
      where: tier in ('gold', 'silver')
    - {name: evening, where: daypart = 'evening'}
    - otherwise: rest
  daypart: [{name: evening, where: hour >= 18}]
attributes:
  tier: attributes.tier
"""


def test_own_words_stand_beside_ours() -> None:
    """KPIs, measures, segments and attributes are added and nothing of ours is lost."""
    words, ours = extended(OURS), built_in()
    assert words.facts["calls"].measures["lunch_dialled"] == count(
        "direction = 'outbound' and local_hour in (12, 13)"
    )
    assert words.kpi("lunch_rate").unit is Unit.SHARE
    assert list(words.kpis) == [*ours.kpis, "lunch_rate"]
    assert words.segments["rank"] == Segment(
        name="rank",
        rules=(("high", "tier in ('gold', 'silver')"), ("evening", "daypart = 'evening'")),
        otherwise="rest",
    )
    assert words.attributes == {"tier": "attributes.tier"}
    assert set(words.facts["calls"].measures) - set(ours.facts["calls"].measures) == {
        "lunch_dialled",
        "gold_dialled",
    }
    assert words.facts["leads"] == ours.facts["leads"]


def test_files_may_refer_to_each_other_in_any_order() -> None:
    """A KPI in the first file reads a measure of the second."""
    texts = {
        "a.yaml": "kpis: {lunch: {formula: calls.lunch, unit: count}}",
        "b.yaml": "measures: {calls: {lunch: {count: all}}}",
    }
    assert extend(built_in(), texts).kpi("lunch").formula == "calls.lunch"


def test_the_same_name_in_two_files_is_refused() -> None:
    """Which one counts would be a matter of luck."""
    content = "kpis: {lunch: {formula: calls.dials, unit: count}}"
    with pytest.raises(UsageError, match=r"b: kpis\.lunch: 'lunch' is declared in a too"):
        extend(built_in(), {"a": content, "b": content})


def test_a_kpi_may_replace_a_built_in_one_under_its_name() -> None:
    """It keeps its place in the catalogue."""
    words = extended(
        "kpis: {contact_rate: {formula: calls.human / calls.dials, unit: share, "
        "replaces: contact_rate}}"
    )
    assert words.kpi("contact_rate").formula == "calls.human / calls.dials"
    assert list(words.kpis) == list(built_in().kpis)


def test_a_kpi_may_replace_a_built_in_one_under_another_name() -> None:
    """The old name is gone, the new one stands in its place and beside the same KPIs."""
    words = extended(
        "kpis: {unreached: {formula: journeys.never_contacted, unit: count, "
        "replaces: never_contacted_rate}}"
    )
    before = list(built_in().kpis)
    after = [*before]
    after[before.index("never_contacted_rate")] = "unreached"
    assert list(words.kpis) == after
    assert words.kpi("attempts_to_contact").beside == ("median_attempts_to_contact", "unreached")


def test_a_measure_may_replace_a_built_in_one() -> None:
    """Every KPI that reads it then reads the new one."""
    words = extended("measures: {calls: {dials: {count: all, replaces: true}}}")
    assert words.facts["calls"].measures["dials"] == count()
    assert words.kpi("contact_rate") == built_in().kpi("contact_rate")


def test_intervals_are_added_up_or_counted_where_they_open() -> None:
    """Seconds of agents' time add up however they are cut; whole intervals need `opens`."""
    words = extended(
        "measures: {agent_time: {paused: {sum: seconds, where: state = 'paused'}, "
        "pauses: {count: all, where: opens and state = 'paused'}, "
        "agents: {distinct: agent_id}}}"
    )
    assert {"paused", "pauses", "agents"} <= set(words.facts["agent_time"].measures)


def test_measures_of_lives_days_and_waiting_are_read() -> None:
    """Each kind of fact has the names that only it understands, and every fact knows `now`."""
    words = extended(
        "measures:\n"
        "  deals:\n"
        "    stale:\n"
        "      count: all\n"
        "      where: created_at < bucket_start - 30 days and closed_at >= bucket_end\n"
        "      clock: alive\n"
        "    open_days:\n"
        "      sum: seconds_between(created_at, bucket_end) / 86400\n"
        "      clock: alive\n"
        "    first_quarter:\n"
        '      time_to: ["seconds_between(created_at, coalesce(closed_at, now))", 0.25]\n'
        "      event: status = 'won'\n"
        "      instead: status = 'lost'\n"
        "  cost_shares:\n"
        "    trunks: {sum: portion, where: shared_by = 'calls'}\n"
        "    costs: {distinct: cost_id}\n"
        "  lifetimes:\n"
        "    expected_of_new: {expected_value: all, where: orders = 1}\n"
        "  leads:\n"
        "    overdue: {count: all, where: sql_at < now - 7 days}\n"
        "segments: {recency: [{name: warm, where: last_order_at > now - 90 days}]}\n"
    )
    assert {"stale", "open_days", "first_quarter"} <= set(words.facts["deals"].measures)
    assert {"trunks", "costs"} <= set(words.facts["cost_shares"].measures)


def measure(spelled: str, fact: str = "calls") -> str:
    """Write a file with one measure."""
    return f"measures: {{{fact}: {{x: {spelled}}}}}"


def kpi(formula: str) -> str:
    """Write a file with one KPI."""
    return f'kpis: {{x: {{formula: "{formula}", unit: count}}}}'


def segment(*rules: str) -> str:
    """Write a file with one segment."""
    return "segments: {x: [" + ", ".join(f'{{name: a, where: "{rule}"}}' for rule in rules) + "]}"


DEEP = "segments:\n  x0: [{name: a, where: hour = 1}]\n" + "".join(
    f"  x{n}: [{{name: a, where: x{n - 1} = 'a'}}]\n" for n in range(1, 12)
)
WIDE = "segments:\n  x0: [{name: a, where: hour = 1}]\n" + "".join(
    f"  x{n}: [{{name: a, where: {' or '.join([f'x{n - 1} = 1' for _ in range(20)])}}}]\n"
    for n in range(1, 6)
)

REFUSED = {
    # Sections and names.
    "kpi: {}": "kpis.yaml: unknown section 'kpi'; did you mean 'kpis'?",
    "kpis: [a]": "kpis: expected a mapping",
    "kpis: {Lunch: {formula: calls.dials, unit: count}}": "'Lunch' is not a name; names are lower",
    "kpis: {'lunch rate': {formula: calls.dials, unit: count}}": "'lunch rate' is not a name",
    f"kpis: {{{'x' * 61}: {{formula: calls.dials, unit: count}}}}": "at most 60 characters",
    "segments: {1a: [{name: a, where: test}]}": "segments.1a: '1a' is not a name",
    "measures: {call: {x: {count: all}}}": "measures.call: unknown fact 'call'; did you mean",
    # One name, one meaning.
    kpi("calls.dials").replace("x:", "team:"): "'team' is a dimension of calls already",
    kpi("calls.dials").replace("x:", "rows:"): "'rows' is a word of answers already",
    kpi("calls.dials").replace("x:", "week:"): "'week' is a dimension already",
    segment("test").replace("x:", "hour:"): "segments.hour: 'hour' is a dimension of",
    segment("test").replace("x:", "talk_s:"): "'talk_s' is a column of calls already",
    segment("test").replace("x:", "lower:"): "'lower' is a word of the language already",
    "attributes: {period: region}": "'period' is a word of answers already",
    "attributes: {region: region}": "'region' is a dimension of",
    "attributes: {x: region}\n" + segment("test"): "segments.x: 'x' is an attribute already",
    kpi("calls.dials") + "\n" + segment("test"): "kpis.x: 'x' is a segment already",
    # Replacing.
    "kpis: {dials: {formula: calls.human, unit: count}}": "kpis.dials: there is a built-in KPI",
    "kpis: {dials: {formula: calls.human, unit: count, replaces: contacts}}": "replaces: dials to",
    "kpis: {x: {formula: calls.human, unit: count, replaces: dails}}": "did you mean 'dials'?",
    "kpis: {x: {formula: calls.human, unit: count, replaces: dials}, "
    "y: {formula: calls.human, unit: count, replaces: dials}}": "'x' replaces 'dials' already",
    measure("{count: all}").replace("x:", "dials:"): "there is a built-in measure 'dials'",
    measure("{count: all, replaces: true}"): "x.replaces: unknown built-in measure 'x'",
    # Formulas.
    kpi("calls.dails"): "kpis.x.formula: unknown measure of calls 'dails'; did you mean 'dials'?",
    kpi("cals.dials"): "unknown fact 'cals'; did you mean 'calls'?",
    kpi("leads_x"): "unknown measure 'leads_x'; ",
    kpi("contact_rate * 2"): "'contact_rate' is a KPI, and formulas read measures; write (calls.c",
    kpi("calls.dials +"): "kpis.x.formula: cannot read",
    kpi("calls.dials > 1"): "but not compare; put conditions into measures",
    kpi("sum(calls.dials)"): "but not sum; put conditions into measures",
    kpi("case when true then calls.dials end"): "but not case",
    kpi("calls.dials + 'a'"): "'+' needs numbers, found a text",
    kpi("coalesce(calls.dials, 'a')"): "coalesce cannot join a number and a text",
    kpi("calls.dials + 2 days"): "but not duration",
    kpi("1 / 2"): "a formula reads at least one measure",
    kpi("calls.dials").replace("}}", ", beside: [dails]}}"): "kpis.x.beside: unknown KPI 'dails'",
    # Measures.
    measure("{count: all, clock: answered_at}"): "calls.x.clock: unknown clock 'answered_at'",
    measure("{sum: talk}"): "calls.x.sum: unknown column 'talk'; did you mean 'talk_s'?",
    measure("{sum: result}"): "'result' gives a text, and this aggregate needs a number",
    measure("{max: started_at}"): "'started_at' gives a time, and this aggregate needs a number",
    measure("{median: contact}"): "'contact' gives true or false, and this aggregate needs",
    measure("{sum: '1'}"): "'1' reads no column; name one",
    measure("{distinct: 'null'}"): "'null' reads no column; name one",
    measure("{count: all, where: talk_s}"): "x.where: a condition must be true or false",
    measure("{count: all, where: hour = 9}"): "'hour' is a dimension, and measures read columns; "
    "write local_hour",
    measure("{count: all, where: talk_s > 'a'}"): "'>' cannot join a number and a text",
    measure("{count: all, where: sleep(9) = 1}"): "unknown function 'sleep'",
    measure("{count: all, where: 1 = 1; drop table calls}"): "x.where: cannot read",
    measure(
        "{count: all, where: journeys.dials = 1}", "agent_time"
    ): "unknown column 'journeys.dials'",
    measure("{count: all, where: converted_at >= bucket_end}", "leads"): "bucket_end stands only",
    measure("{count: all, where: bucket_end < converted_at}", "leads"): "bucket_end stands only",
    measure("{count: all, where: region < bucket_end}", "leads"): "cannot join a text and a time",
    measure(
        "{count: all, where: attributes.a = 'b'}", "agent_time"
    ): "agent_time has no attributes",
    # Intervals are cut at bucket edges.
    measure("{count: all}", "agent_time"): "write where: opens and ... to count each once",
    measure("{count: all, where: opens or paid}", "agent_time"): "write where: opens and",
    measure("{median: seconds, where: opens}", "agent_time"): "only its sum means something",
    measure("{sum: 'case when paid then 1 else 0 end'}", "agent_time"): "write where: opens and",
    # Costs are spread over their days.
    measure("{count: all}", "cost_shares"): "use sum: portion",
    measure("{sum: value}", "cost_shares"): "use sum: portion",
    measure("{max: portion}", "cost_shares"): "only its sum means something; use sum: portion",
    measure("{sum: portion}", "orders"): "unknown column 'portion'",
    # Lives.
    measure("{count: all, clock: alive}"): "calls.x.clock: unknown clock 'alive'",
    measure("{count: all, clock: alive, matures_in: 1 day}", "deals"): "has no matures_in",
    measure("{count: all, clock: alive, trailing: 1 day}", "deals"): "has no trailing",
    measure(
        "{time_to: amount, event: status = 'won', clock: alive}", "deals"
    ): "x.clock: time_to is counted on a time of each row",
    measure("{count: all, where: closed_at < bucket_start}", "deals"): "only in measures on clock:",
    measure("{sum: 'seconds_between(created_at, bucket_start)'}", "deals"): "only in measures on",
    # Waiting for an event, and what customers are worth.
    measure("{time_to: status, event: status = 'won'}", "deals"): "'status' gives a text",
    measure("{time_to: amount, event: amount}", "deals"): "x.event: a condition must be true or",
    measure("{time_to: amount, event: wn}", "deals"): "x.event: unknown column 'wn'",
    measure(
        "{time_to: amount, event: status = 'won', instead: team = 'a'}", "deals"
    ): "x.instead: 'team' is a dimension, and measures read columns; write agents.team",
    measure("{expected_value: all}", "orders"): "x.expected_value: only customers are expected",
    # Segments and attributes.
    segment("test").replace("x:", "now:"): "'now' is a word of answers already",
    segment("portion > 5"): "unknown dimension or column 'portion'",
    segment("hour"): "segments.x[0].where: a condition must be true or false",
    segment("test", "hour < 'a'"): "segments.x[1].where: '<' cannot join a number and a text",
    segment("attempt = 1"): "'=' cannot join a number and a text (attempt)",
    segment("tem = 'a'"): "unknown dimension or column 'tem'; did you mean 'team'?",
    segment("1 = 1"): "'1 = 1' reads no dimension and no column",
    segment("hour < 12", "state = 'wrap'"): "segments.x: no one fact has all of hour, state",
    segment("hour < 12 and state = 'wrap'"): "x[0].where: no one fact has all of hour, state",
    segment("seconds > 5"): "unknown dimension or column 'seconds'",
    segment("x = 'a'"): "segments.x: 'x' is made of itself (x -> x); break the circle",
    "segments: {x: [{name: a, where: y = 'a'}]}\nattributes: {y: x}": "(x -> y -> x)",
    DEEP: "more than 10 deep",
    WIDE: "has more than 20000 parts",
    "attributes: {x: talk_s}": "'talk_s' gives a number, which makes no groups",
    "attributes: {x: started_at}": "'started_at' gives a time, which makes no groups",
    "attributes: {x: attribute.tier}": "unknown dimension or column 'attribute.tier'",
    "attributes: {x: 5}": "attributes.x: expected a text, found the number 5",
}


@pytest.mark.parametrize("content", REFUSED, ids=range(len(REFUSED)))
def test_mistakes_are_told_by_file_and_place(content: str) -> None:
    """Nothing wrong is loaded, and the sentence says where it stands and what is allowed."""
    with pytest.raises(UsageError) as caught:
        extended(content)
    assert str(caught.value).startswith("kpis.yaml: ")
    assert REFUSED[content] in str(caught.value)
    assert "\n" not in str(caught.value)


def test_files_are_loaded_from_disk(tmp_path: Path) -> None:
    """A byte order mark, as Windows editors write it, does no harm."""
    path = tmp_path / "kpis.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + OURS.encode())
    assert load(built_in(), [path]) == extended(OURS)


@pytest.mark.parametrize("content", [None, "kpis: {ä: 1}".encode("latin-1")])
def test_files_that_cannot_be_read_are_told(tmp_path: Path, content: bytes | None) -> None:
    """A missing file and one in another encoding each name the path."""
    path = tmp_path / "kpis.yaml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(FileError, match=r"cannot be read|is not UTF-8; save it") as caught:
        load(built_in(), [path])
    assert str(path) in str(caught.value)


def test_without_files_nothing_changes() -> None:
    """No file, or an empty one, leaves the built-in words as they are."""
    assert load(built_in(), []) == built_in()
    assert extended("# nothing yet") == built_in()
