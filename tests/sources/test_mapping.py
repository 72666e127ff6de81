"""Does a mapping do what it says, and is a wrong one refused in one sentence?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dialgauge.errors import MappingError
from dialgauge.sources.phone import token
from staging import staged

HEAD = 'table = "calls"\n[columns]\ncall_id = "id"\nstarted_at = "at"\n'


def value(folder: Path, column: str, told: str, cell: str, **request: Any) -> str | None:
    """Map one cell by a rule; return it as DuckDB writes it, or why it was refused."""
    content = f'id;at;x\nk;2026-01-05;"{cell}"\n'
    result = staged(folder, content, mapping=f"{HEAD}{column} = {told}\n", **request)
    if result.reasons():
        return f"REFUSED {result.reasons()[0]}"
    return result.texts(column)[0][0]


def computed(folder: Path, expression: str, cell: str = "", **request: Any) -> str | None:
    """Compute a text by an expression over the header x."""
    return value(folder, "disposition", f'{{ expression = "{expression}" }}', cell, **request)


def test_headers_constants_and_expressions(tmp_path: Path) -> None:
    """A column comes from a header, is a constant, or is computed; the raw file stays unread."""
    mapping = """
        table = "calls"
        [names]
        outcome = "Call outcome (final)"
        [columns]
        call_id = "Call ID"
        started_at = { from = "Date" }
        direction = { value = "outbound" }
        test = { value = false }
        ring_s = { value = 5 }
        converted = { expression = "outcome = 'SALE' and emp.rate > 1" }
        disposition = { from = "outcome" }
    """
    content = "Call ID,Date,Call outcome (final),emp.rate,More\n1,2026-01-05,SALE,1.5,x\n"
    content += "2,2026-01-05,NO,1.5,x\n3,2026-01-05,SALE,0.5,x\n"
    result = staged(tmp_path, content, mapping=mapping)
    assert result.rows("call_id", "direction", "test", "ring_s", "converted", "disposition") == [
        ("1", "outbound", False, 5.0, True, "SALE"),
        ("2", "outbound", False, 5.0, False, "NO"),
        ("3", "outbound", False, 5.0, False, "SALE"),
    ]
    assert result.staged[0].unused == ("More",)
    assert result.staged[0].present == (
        "call_id", "started_at", "direction", "disposition", "converted", "ring_s", "test",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("told", "cell", "instant"),
    [
        ("'%d.%m.%Y %H:%M:%S'", "05.01.2026 10:00:00", "2026-01-05 10:00:00+00"),
        ("'%d.%m.%Y'", "5.1.2026", "2026-01-05 00:00:00+00"),
        ("'%m/%d/%Y %I:%M %p'", "01/05/2026 10:30 PM", "2026-01-05 22:30:00+00"),
        ("'%d %b %Y %H:%M %z'", "05 Jan 2026 10:00 +0300", "2026-01-05 07:00:00+00"),
        ("['%d.%m.%Y %H:%M', '%d.%m.%Y']", "05.01.2026", "2026-01-05 00:00:00+00"),
        ("['iso', '%d.%m.%Y']", "2026-01-05T10:00:00+01:00", "2026-01-05 09:00:00+00"),
        ("['iso', '%d.%m.%Y']", "05.01.2026", "2026-01-05 00:00:00+00"),
        ("'epoch'", "1767600000", "2026-01-05 08:00:00+00"),
        ("'epoch'", "1767600000.25", "2026-01-05 08:00:00.25+00"),
        ("'epoch_ms'", "1767600000250", "2026-01-05 08:00:00.25+00"),
        ("'epoch_us'", "1767600000250001", "2026-01-05 08:00:00.250001+00"),
    ],
)
def test_formats_of_times(tmp_path: Path, told: str, cell: str, instant: str) -> None:
    """A declared format, or the first that fits of several, says how a time is written."""
    assert value(tmp_path, "callback_at", f"{{ from = 'x', format = {told} }}", cell) == instant


def test_what_does_not_fit_the_format_is_refused(tmp_path: Path) -> None:
    """A declared format is the only one; ISO 8601 is not tried beside it."""
    told = "{ from = 'x', format = '%d.%m.%Y' }"
    for cell in ("2026-01-05", "31.02.2026", "1/2/2026", "05.01.2026 10:00"):
        assert value(tmp_path, "callback_at", told, cell) == (
            "REFUSED callback_at (from 'x') is not a time in the format %d.%m.%Y"
        )
    told = "{ from = 'x', format = 'epoch' }"
    assert value(tmp_path, "callback_at", told, "1767600000000") == (
        "REFUSED callback_at (from 'x') is not in 1970-2099"
    )
    assert value(tmp_path, "callback_at", told, "1e300") == (
        "REFUSED callback_at (from 'x') is not a time in the format epoch"
    )


def test_zones_of_columns_and_mappings(tmp_path: Path) -> None:
    """A column's zone goes before the command's, the command's before the mapping's."""
    column = "{ from = 'x', timezone = 'Asia/Tbilisi' }"  # UTC+4
    noon = "2026-07-01 12:00"
    assert value(tmp_path, "callback_at", column, noon) == "2026-07-01 08:00:00+00"
    assert value(tmp_path, "callback_at", column, noon, timezone="Europe/Berlin") == (
        "2026-07-01 08:00:00+00"
    )
    content = "id,at\n1,2026-07-01 12:00\n"
    mapping = f"timezone = 'Asia/Tbilisi'\n{HEAD}"
    assert staged(tmp_path, content, mapping=mapping).texts("started_at") == [
        ("2026-07-01 08:00:00+00",)
    ]
    told = staged(tmp_path, content, mapping=mapping, timezone="Europe/Berlin")
    assert told.texts("started_at") == [("2026-07-01 10:00:00+00",)]


def test_a_zone_in_each_row(tmp_path: Path) -> None:
    """timezone_from takes each row's zone; a time with its own zone ignores it."""
    mapping = """
        table = "calls"
        [columns]
        call_id = "id"
        started_at = { from = "at", timezone_from = "zone" }
    """
    content = (
        "id,at,zone\n"
        "berlin,2026-07-01 12:00,Europe/Berlin\n"
        "york,2026-07-01 12:00,America/New_York\n"
        "york in winter,2026-01-01 12:00, America/New_York \n"
        "gap,2026-03-29 02:30,Europe/Berlin\n"
        "own,2026-07-01T12:00:00Z,\n"
        "none,2026-07-01 12:00,\n"
        "wrong,2026-07-01 12:00,EDT\n"
    )
    result = staged(tmp_path, content, mapping=mapping)
    assert result.texts("call_id", "started_at") == [
        ("berlin", "2026-07-01 10:00:00+00"),
        ("york", "2026-07-01 16:00:00+00"),
        ("york in winter", "2026-01-01 17:00:00+00"),
        ("gap", "2026-03-29 01:30:00+00"),
        ("own", "2026-07-01 12:00:00+00"),
    ]
    reason = "started_at (from 'at') has no zone, and 'zone' names no IANA zone"
    assert result.reasons() == [reason] * 2
    assert "skipped by the clock of their zones" in result.notes


@pytest.mark.parametrize(
    ("unit", "cell", "seconds"),
    [
        ("s", "90", "90.0"),
        ("ms", "1500", "1.5"),
        ("min", "1.5", "90.0"),
        ("h", "0.5", "1800.0"),
        ("HH:MM:SS", "1:02:03", "3723.0"),
        ("HH:MM:SS", "00:00:01.5", "1.5"),
        ("MM:SS", "90:05", "5405.0"),
        ("HH:MM:SS", "90", None),
        ("MM:SS", "1:2:3", None),
        ("min", "x", None),
    ],
)
def test_units_of_durations(tmp_path: Path, unit: str, cell: str, seconds: str | None) -> None:
    """A duration's unit brings it to seconds; what is not written so is refused."""
    found = value(tmp_path, "talk_s", f"{{ from = 'x', unit = '{unit}' }}", cell)
    if seconds is None:
        assert found is not None
        assert found.startswith("REFUSED talk_s (from 'x') is not a duration")
    else:
        assert found == seconds


@pytest.mark.parametrize(
    ("told", "cell", "amount"),
    [
        ("decimal = ','", "1234,5", "1234.5000"),
        ("decimal = ',', thousands = '.'", "1.234,50", "1234.5000"),
        ("decimal = ',', thousands = '.'", "1.234", "1234.0000"),
        ("decimal = ',', thousands = ' '", "-1\u00a0234\u202f567,5", "-1234567.5000"),
        ("thousands = ','", "1,234,567.89", "1234567.8900"),
        ('thousands = "\'"', "1'234.5", "1234.5000"),
        ("decimal = ','", "1234.5", None),
        ("decimal = ',', thousands = '.'", "1.5", None),
        ("decimal = ',', thousands = '.'", "12.34,5", None),
        ("decimal = ','", "1e3", None),
        ("thousands = ','", "1,23", None),
    ],
)
def test_decimal_commas(tmp_path: Path, told: str, cell: str, amount: str | None) -> None:
    """Decimal commas and grouped digits are read only where they make sense."""
    found = value(tmp_path, "cost", f"{{ from = 'x', {told} }}", cell)
    if amount is None:
        assert found is not None
        assert found.startswith("REFUSED cost (from 'x') is not an amount")
    else:
        assert found == amount


@pytest.mark.parametrize(
    ("expression", "cell", "found"),
    [
        ("lower(x)", "AbC", "abc"),
        ("upper(x)", "AbC", "ABC"),
        ("trim(concat(' ', x, ' '))", "a", "a"),
        ("coalesce(x, 'none')", "", "none"),
        ("coalesce(x, 'none')", "a", "a"),
        ("replace(x, '-', '')", "a-b-c", "abc"),
        ("left(x, 2)", "abc", "ab"),
        ("right(x, 2)", "abc", "bc"),
        ("split_part(x, '/', 2)", "a/b", "b"),
        ("split_part(x, '/', 2)", "a", None),
        ("case when starts_with(x, 'ab') then 'yes' else 'no' end", "abc", "yes"),
        ("case when contains(x, 'b') then 'yes' end", "ac", None),
        ("case when x = 'a' then 1 when x = 'b' then 2.5 else null end", "b", "2.5"),
        ("case when x = 'a' then 1 when x = 'b' then 2.5 else null end", "a", "1"),
        ("x + 1", "2", "3"),
        ("x * 2 - 1", "1.25", "1.5"),
        ("x / 0", "1", None),
        ("x / 4", "1", "0.25"),
        ("concat('n', x + 1)", "4", "n5"),
        ("concat('n', row_number())", "", "n1"),
        ("case when x > 10 then 'many' else 'few' end", "9", "few"),
        ("case when x between 1 and 3 then 'in' end", "3", "in"),
        ("case when x in ('a', 'b') then 'in' else 'out' end", "b", "in"),
        ("case when x in (1, 2.5) then 'in' else 'out' end", "2.50", "in"),
        ("case when not (x = 'a' or x is null) then 'other' end", "b", "other"),
        ("case when length(x) = 3 then 'three' end", "\u10d0\u10d1\u10d2", "three"),
        ("number(x)", "007", "7"),
    ],
)
def test_expressions(tmp_path: Path, expression: str, cell: str, found: str | None) -> None:
    """The functions and operators of mappings do what they say."""
    assert computed(tmp_path, expression, cell) == found


def test_a_text_used_as_a_number_must_be_one(tmp_path: Path) -> None:
    """Arithmetic on a text that is no number is a problem, not an unknown."""
    reason = "REFUSED disposition cannot be computed: a text used as a number is not one"
    assert computed(tmp_path, "x + 1", "abc") == reason
    assert computed(tmp_path, "case when x > 1 then 'a' end", "1_0") == reason
    assert computed(tmp_path, "x + 1", "") is None


def test_phone_numbers_become_tokens(tmp_path: Path) -> None:
    """A token is keyed, the same for all spellings of a number, and never the number."""
    found = computed(tmp_path, "token(x)", "+49 (170) 123-45", phone_key=b"secret")
    assert found == token(b"secret", "004917012345")
    assert found is not None
    assert len(found) == 32
    assert found != computed(tmp_path, "token(x)", "+49 170 12345", phone_key=b"other")
    assert computed(tmp_path, "token(x)", "anonymous", phone_key=b"secret") is None


def test_tokens_need_a_key(tmp_path: Path) -> None:
    """Without the lake's key there are no tokens, and the way out is named."""
    with pytest.raises(Exception, match="without the lake's phone key"):
        computed(tmp_path, "token(x)", "12345")


DISPOSED = """
    table = "calls"
    [columns]
    call_id = "id"
    started_at = "at"
    disposition = "status"
    campaign_id = "campaign"
    contact = "reached"
    [disposition]
    unknown = "{unknown}"
    [disposition.codes]
    SALE = {{ result = "human", contact = true, right_party = true, converted = true }}
    NI = {{ result = "human", contact = true, converted = false }}
    DNC = {{ contact = true, do_not_call = true }}
    NA = {{ result = "no_answer", contact = false }}
    [disposition.campaign.survey]
    SALE = {{ converted = false }}
    DONE = {{ result = "human", converted = true }}
"""
CALLS = (
    "id,at,status,campaign,reached\n"
    "1,2026-01-05,SALE,sales,\n"
    "2,2026-01-05, sale ,survey,\n"
    "3,2026-01-05,NI,,\n"
    "4,2026-01-05,DNC,sales,no\n"
    "5,2026-01-05,NA,sales,\n"
    "6,2026-01-05,DONE,survey,\n"
    "7,2026-01-05,DONE,sales,\n"
    "8,2026-01-05,,sales,\n"
)
FLAGS = ("call_id", "disposition", "result", "contact", "right_party", "converted", "do_not_call")


def test_dispositions_decide_flags(tmp_path: Path) -> None:
    """Codes decide flags, by campaign where it differs; the file's own flag and the code stand."""
    result = staged(tmp_path, CALLS, mapping=DISPOSED.format(unknown="keep"))
    assert result.rows(*FLAGS) == [
        ("1", "SALE", "human", True, True, True, None),
        ("2", "sale", "human", True, True, False, None),
        ("3", "NI", "human", True, None, False, None),
        ("4", "DNC", None, False, None, None, True),
        ("5", "NA", "no_answer", False, None, None, None),
        ("6", "DONE", "human", None, None, True, None),
        ("7", "DONE", None, None, None, None, None),
        ("8", None, None, None, None, None, None),
    ]
    assert "dispositions that [disposition] does not list: 1, DONE (1)" in result.notes
    assert {"result", "right_party", "converted", "do_not_call"} <= set(result.staged[0].present)


def test_unknown_dispositions_can_be_refused(tmp_path: Path) -> None:
    """With unknown = "quarantine", a code that is not listed, in its campaign, is a problem."""
    result = staged(tmp_path, CALLS, mapping=DISPOSED.format(unknown="quarantine"))
    assert [row[0] for row in result.rows("call_id")] == ["1", "2", "3", "4", "5", "6", "8"]
    assert result.reasons() == ["disposition is not listed in the mapping's [disposition]"]


def test_one_file_may_feed_several_tables(tmp_path: Path) -> None:
    """[[tables]] makes rows of each table from every row, with their own problems."""
    mapping = """
        [[tables]]
        table = "calls"
        [tables.columns]
        call_id = "id"
        started_at = "at"
        lead_id = "lead"
        [[tables]]
        table = "leads"
        [tables.columns]
        lead_id = "lead"
        created_at = "made"
    """
    content = "id,at,lead,made,x\n1,2026-01-05,L1,2026-01-01,\n2,2026-01-05,,,\n"
    result = staged(tmp_path, content, mapping=mapping)
    assert [one.table.name for one in result.staged] == ["calls", "leads"]
    assert result.rows("call_id", "lead_id") == [("1", "L1"), ("2", None)]
    assert result.texts("lead_id", "created_at", table=1) == [("L1", "2026-01-01 00:00:00+00")]
    assert result.reasons(table=1) == ["lead_id is missing"]
    assert [one.unused for one in result.staged] == [("x",), ("x",)]


def test_a_row_may_stand_for_several(tmp_path: Path) -> None:
    """`repeat` makes so many rows of one, in order; a count that makes no sense is a problem."""
    mapping = """
        table = "calls"
        repeat = "calls"
        [columns]
        call_id = { expression = "concat(id, '-', repeat_number())" }
        started_at = "at"
        converted = { expression = "case when repeat_number() = calls then sold = 'yes' end" }
    """
    content = "id,at,calls,sold\na,2026-01-05,3,yes\nb,2026-01-05,1,no\nc,2026-01-05,0,no\n"
    content += "d,2026-01-05,1.5,no\ne,2026-01-05,,no\nf,2026-01-05,x,no\ng,2026-01-05,10001,no\n"
    result = staged(tmp_path, content, mapping=mapping)
    assert result.rows("call_id", "converted") == [
        ("a-1", None), ("a-2", None), ("a-3", True), ("b-1", False),
    ]  # fmt: skip
    reasons = result.reasons()
    assert len(reasons) == 5
    assert set(reasons) <= {
        "repeat is not a whole number from 1 to 10,000",
        "converted cannot be computed: a text used as a number is not one",
    }


def test_row_numbers_need_every_row(tmp_path: Path) -> None:
    """Counting rows in a file with an unreadable row would shift the count: it is refused."""
    mapping = """
        table = "agents"
        [columns]
        agent_id = { expression = "concat('a', row_number())" }
        name = "name"
    """
    result = staged(tmp_path, "name,x\nEka,1\nNino,2\n", mapping=mapping)
    assert result.rows("agent_id", "name") == [("a1", "Eka"), ("a2", "Nino")]
    with pytest.raises(Exception, match=r"row_number\(\), but line 3 cannot be read"):
        staged(tmp_path, "name,x\nEka,1\nNino\nMaia,3\n", mapping=mapping)


def test_rows_that_are_none_are_left_out_and_counted(tmp_path: Path) -> None:
    """Those of which the condition is false or unknown; others may still be wrong or several."""
    mapping = "where = 'x > 1'\nrepeat = 'x'\n" + HEAD.replace(
        'call_id = "id"', "call_id = { expression = \"concat(id, '-', repeat_number())\" }"
    )
    content = "id,at,x\n1,2026-01-05,2\n2,never,1\n3,2026-01-05,\n4,never,3\n"
    result = staged(tmp_path, content, mapping=mapping)
    assert result.rows("call_id") == [("1-1",), ("1-2",)]
    assert len(result.reasons()) == 3
    assert "file.csv: 2 rows left out by the mapping's where" in result.notes


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ("tabel = 'calls'", "unknown key 'tabel'; did you mean 'table'"),
        ("[columns]\ncall_id = 'id'", 'it names no table; write table = "calls"'),
        ("table = 'cals'\n[columns]\n", "unknown table 'cals'; did you mean 'calls'"),
        ("table = 'journeys'\n[columns]\n", "unknown table 'journeys'"),
        ("table = 'calls'\n[columns]\ncall_id = 'id'", "must map started_at"),
        (HEAD + "talk = 'x'", "unknown column of calls 'talk'; did you mean 'talk_s'"),
        (HEAD + "local_hour = 'x'", "local_hour is worked out by dialgauge"),
        (HEAD + "talk_s = 'y'", r"unknown header in .*file.csv 'y'.*allowed: at, id, x"),
        (HEAD + "talk_s = 5", "columns.talk_s must be a header or a table"),
        (HEAD + "talk_s = { form = 'x' }", "unknown key of columns.talk_s 'form'; did you mean"),
        ("where = 'x'\n" + HEAD, "where is no condition; write one, such as Status = 'Paid'"),
        ("where = 'y > 1'\n" + HEAD, "where: unknown header in .*file.csv 'y'"),
        (HEAD + "talk_s = {}", "needs exactly one of from, value or expression"),
        (HEAD + "talk_s = { from = 'x', value = 1 }", "needs exactly one of from, value or"),
        (HEAD + "talk_s = { from = 'x', unit = 'sec' }", "unknown unit in columns.talk_s 'sec'"),
        (HEAD + "talk_s = { from = 'x', format = '%H' }", "is of type number and takes no format"),
        (HEAD + "cost = { from = 'x', unit = 's' }", "is of type money and takes no unit"),
        (HEAD + "cost = { from = 'x', decimal = ';' }", r"decimal must be '\.' or ','"),
        (HEAD + "callback_at = { from = 'x', format = 'dd.mm' }", "'dd.mm' is not a format"),
        (HEAD + "callback_at = { from = 'x', format = '%d.%q' }", "'%d.%q' is not a format"),
        (
            HEAD + "callback_at = { from = 'x', format = ['%d/%m/%Y', '%m/%d/%Y'] }",
            "cannot be told apart",
        ),
        (
            HEAD + "callback_at = { from = 'x', timezone = 'Berlin' }",
            "unknown time zone in columns.callback_at.timezone 'Berlin'; did you mean",
        ),
        (HEAD + "disposition = { expression = 'lowr(x)' }", "unknown function 'lowr'; did you"),
        (HEAD + "disposition = { expression = 'x +' }", "expected a name or a value"),
        (HEAD + "disposition = { expression = 'lower()' }", r"lower\(\) takes 1 arguments, not 0"),
        (HEAD + "disposition = { expression = 'z' }", "columns.disposition: unknown header"),
        (HEAD + "contact = { expression = 'not x' }", "need something true or false, not a text"),
        (HEAD + "contact = { value = 'perhaps' }", r"columns.contact: .* is not true or false"),
        (HEAD + "direction = { value = 'out' }", r"direction is not one of outbound"),
        (HEAD + "[disposition.codes]\nA = { contact = true }", "needs columns.disposition to be"),
        (HEAD + "[disposition]\ncode = 1", "unknown key of \\[disposition\\] 'code'; did you mean"),
        (HEAD + "[disposition.codes]\nA = { contact = 1 }", "must be true or false, not 1"),
        (HEAD + "[disposition.codes]\nA = { result = 'humn' }", "unknown result in .* 'humn'"),
        (HEAD + "[disposition.codes]\nA = {}\na = {}", "lists 'a' twice; case does not matter"),
        (HEAD + "[file]\nencodin = 'x'", "unknown setting of files 'encodin'; did you mean"),
        (HEAD + "[file]\nskip = -1", "skip = -1 must be a number of lines"),
        ("table = ", "is not TOML"),
        ("table = 'calls'\n[[tables]]\ntable = 'calls'", r"or several \[\[tables\]\], not both"),
    ],
)
def test_wrong_mappings_are_one_sentence(tmp_path: Path, mapping: str, message: str) -> None:
    """Whatever is wrong in a mapping is said in one line, with what is allowed or was meant."""
    with pytest.raises(MappingError, match=message) as error:
        staged(tmp_path, "id,at,x\n1,2026-01-05,5\n", mapping=mapping)
    assert "\n" not in str(error.value)


def test_the_table_of_the_command_must_agree(tmp_path: Path) -> None:
    """--table may repeat the mapping's table, name it where it is left out, not contradict it."""
    content = "id,at\n1,2026-01-05\n"
    assert staged(tmp_path, content, mapping=HEAD, table="calls").rows("call_id") == [("1",)]
    nameless = HEAD.split("\n", 1)[1]
    assert staged(tmp_path, content, mapping=nameless, table="calls").rows("call_id") == [("1",)]
    with pytest.raises(MappingError, match="the mapping fills calls, but --table says leads"):
        staged(tmp_path, content, mapping=HEAD, table="leads")
