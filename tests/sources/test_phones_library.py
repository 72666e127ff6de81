"""Do our statements say of numbers what the library says, of all regions and of random ones?"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

import duckdb
import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from phonenumbers import NumberParseException, PhoneNumberFormat, carrier, geocoder, timezone

from dialgauge.sources.phone import digits
from dialgauge.sources.phones import understand
from dialgauge.sources.phones.places import key_sql, stretches
from dialgauge.sources.phones.plans import plans
from dialgauge.sources.phones.spelling import spelled, stacked

KINDS = (
    "fixed", "mobile", "fixed_or_mobile", "toll_free", "premium", "shared_cost", "voip",
    "personal", "pager", "company", "voicemail",
)  # fmt: skip
HOMES = ("AR", "AU", "BR", "CA", "CN", "DE", "FI", "GA", "IT", "JP", "KR", "KZ", "MG", "SM", "US")


def examples() -> Iterator[phonenumbers.PhoneNumber]:
    """Yield the library's example of every type of every region, and its invalid ones."""
    for code, some in plans().items():
        for plan in some:
            if plan.country == "001":
                example = phonenumbers.example_number_for_non_geo_entity(int(code))
                assert example is not None
                yield example
                continue
            wrong = phonenumbers.invalid_example_number(plan.country)
            types = range(len(KINDS))
            known = (phonenumbers.example_number_for_type(plan.country, kind) for kind in types)
            yield from (each for each in (wrong, *known) if each is not None)


def changed(written: Iterable[str], chosen: random.Random) -> Iterator[str]:
    """Yield numbers with a digit changed, added or dropped, or with another end."""
    for each in written:
        place = chosen.randrange(2, len(each))
        digit = str(chosen.randrange(10))
        yield each[:place] + digit + each[place + 1 :]
        yield each[:place] + digit + each[place:]
        yield each[:place] + each[place + 1 :]
        yield each[:place] + "".join(str(chosen.randrange(10)) for _ in each[place:])


def read_by_us(texts: Sequence[str], home: str) -> dict[str, tuple[str, str] | None]:
    """Find the calling code and the rest of texts with our statement."""
    query = stacked("(SELECT unnest(CAST(? AS VARCHAR[])) AS said)", spelled("said", home, "p"))
    found = duckdb.execute(f"SELECT said, p_code, p_rest FROM ({query})", [list(texts)]).fetchall()
    return {said: None if code is None else (code, rest) for said, code, rest in found}


def read_by_library(text: str, home: str) -> tuple[str, str] | None:
    """Find them with the library, where the number is a whole and possible one."""
    try:
        number = phonenumbers.parse(text, home or None)
    except NumberParseException:
        return None
    reason = phonenumbers.is_possible_number_with_reason(number)
    whole = reason == phonenumbers.ValidationResult.IS_POSSIBLE
    if len(digits(text)) < 3 or not (whole or phonenumbers.is_valid_number(number)):
        return None
    return str(number.country_code), phonenumbers.national_significant_number(number)


def told_by_us(numbers: Sequence[str]) -> dict[str, tuple[object, ...]]:
    """Say what numbers tell, with our statements."""
    con = duckdb.connect()
    con.execute("CREATE TABLE asked AS SELECT unnest(CAST(? AS VARCHAR[])) AS x", [list(numbers)])
    known = understand(con, "asked", "x", b"key")
    found = con.execute(
        f"SELECT said, country, region, line_type, timezone, carrier, phone_valid FROM {known}"
    ).fetchall()
    return {said: tuple(rest) for said, *rest in found}


def told_by_library(text: str, region: object) -> tuple[object, ...]:
    """Say the same with the library; where we leave the place open it names the country."""
    number = phonenumbers.parse(text)
    kind = phonenumbers.number_type(number)
    country = phonenumbers.region_code_for_number(number)
    place: str | None = geocoder.description_for_number(number, "en")
    if region is None and place in ("", geocoder.country_name_for_number(number, "en")):
        place = None
    zones = [zone for zone in timezone.time_zones_for_number(number) if zone != "Etc/Unknown"]
    return (
        None if country == "001" else country,
        place,
        KINDS[kind] if kind < len(KINDS) else None,
        "|".join(zones) or None,
        carrier.name_for_number(number, "en") or None,
        phonenumbers.is_valid_number(number),
    )


def differing(numbers: Iterable[str]) -> list[tuple[str, tuple[object, ...], tuple[object, ...]]]:
    """List the numbers of which we and the library say different things."""
    asked = sorted({each for each in numbers if read_by_library(each, "") is not None})
    ours = told_by_us(asked)
    both = ((each, ours[each], told_by_library(each, ours[each][1])) for each in asked)
    return [(each, us, them) for each, us, them in both if us != them]


def test_all_examples_of_all_regions_tell_the_same() -> None:
    """Country, place, kind, zones, carrier and validity equal the library's everywhere."""
    numbers = [phonenumbers.format_number(each, PhoneNumberFormat.E164) for each in examples()]
    assert len(numbers) > 1_500
    assert differing(numbers) == []


def test_changed_examples_tell_the_same() -> None:
    """So do numbers beside the examples, of which many cannot exist."""
    chosen = random.Random(11)
    numbers = [phonenumbers.format_number(each, PhoneNumberFormat.E164) for each in examples()]
    assert differing(changed(chosen.sample(numbers, 700), chosen)) == []


def test_numbers_of_known_prefixes_tell_the_same() -> None:
    """So do numbers of places and carriers, among them Argentina's mobiles with their 9."""
    chosen = random.Random(5)
    prefixes = chosen.sample(sorted(phonenumbers.geodata.GEOCODE_DATA), 900)
    prefixes += chosen.sample(sorted(phonenumbers.carrierdata.CARRIER_DATA), 900)
    prefixes += [f"549{prefix[2:]}" for prefix in phonenumbers.geodata.GEOCODE_DATA
                 if prefix.startswith("54")][:300]  # fmt: skip
    numbers = [f"+{prefix}{chosen.randrange(10**7):07d}"[:14] for prefix in prefixes]
    assert differing(numbers) == []


@pytest.mark.parametrize("home", ["", *HOMES])
def test_examples_are_read_alike_in_every_spelling(home: str) -> None:
    """Written internationally, nationally, as dialled from abroad: the same number is found."""
    asked = set()
    for number in examples():
        country = phonenumbers.region_code_for_country_code(number.country_code or 0)
        forms = [PhoneNumberFormat.INTERNATIONAL, PhoneNumberFormat.RFC3966]
        code = phonenumbers.country_code_for_region(home)
        if home and (country == home or number.country_code == code):
            forms.append(PhoneNumberFormat.NATIONAL)
            asked.add(phonenumbers.format_number(number, PhoneNumberFormat.E164)[1:])
        asked |= {phonenumbers.format_number(number, form) for form in forms}
        if home:
            asked.add(phonenumbers.format_out_of_country_calling_number(number, home))
    ours = read_by_us(sorted(asked), home)
    differ = [(x, ours[x], read_by_library(x, home)) for x in sorted(asked)]
    assert [each for each in differ if each[1] != each[2]] == []


pieces = st.one_of(
    st.text("0123456789", min_size=1, max_size=8),
    st.sampled_from(
        ["+", "00", "011", "0", "1", "49", "+49", "+1", "+54 9", "+55", "(0)", " ", "-", "/", ".",
         "(", ")", "x", " ext. 7", ";ext=12", "доб. 5", ",,3", "#", "*", "~", "tel:", "FLOWERS",
         "ab", "\u00a0", "\u2013", "\uff0b\uff14\uff19", "\u0663", ";isub=1", "\\ x1", "_", "-12#"]
    ),
)  # fmt: skip
texts = st.lists(pieces, min_size=1, max_size=8).map("".join)


@given(st.lists(texts, min_size=1, max_size=60), st.sampled_from(HOMES))
@settings(deadline=None, max_examples=60)
def test_whatever_is_written_is_read_as_the_library_reads_it(written: list[str], home: str) -> None:
    """Random pieces of numbers, with letters, extensions and foreign digits, at random homes."""
    asked = sorted({text for text in written if not (mixed(text) or len(digits(text)) < 3)})
    ours = read_by_us(asked, home)
    assert {text: ours[text] for text in asked} == {
        text: read_by_library(text, home) for text in asked
    }


def mixed(text: str) -> bool:
    """Whether letters stand for digits beside digits of another script, which we all read."""
    return any(letter.isalpha() for letter in text) and not text.isascii()


@given(
    st.dictionaries(
        st.text("0123456789", min_size=1, max_size=5), st.sampled_from(["a", "b", None]), min_size=1
    ),
    st.lists(st.text("0123456789", min_size=1, max_size=9), min_size=1),
)
def test_the_longest_prefix_counts(prefixes: dict[str, str | None], numbers: list[str]) -> None:
    """Of the stretches the last that begins by a number holds what its longest prefix says."""
    found = stretches(prefixes)
    assert all(one[0] < other[0] for one, other in pairwise(found))
    for number in numbers:
        ((key,),) = duckdb.execute(f"SELECT {key_sql('?')}", [number] * 2).fetchall()
        fitting = [prefix for prefix in prefixes if number.startswith(prefix)]
        expected = prefixes[max(fitting, key=len)] if fitting else None
        assert next((name for start, name in reversed(found) if start <= key), None) == expected
