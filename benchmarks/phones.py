"""What does it cost to understand a phone number, beside the library that knows the rules?

    python benchmarks/phones.py [--numbers 1000000]

Both are given the same different numbers in one process: ours all of them, with tokens, and the
library a sample, asked for the same things (E.164, validity, country, kind, place, carrier, zones).
CPU time is compared; the rules and prefixes are loaded before the clock starts, on both sides.
"""

from __future__ import annotations

import argparse
import random
import time

import duckdb
import phonenumbers
from phonenumbers import PhoneNumberFormat, carrier, geocoder, timezone

from dialgauge.sources.phones import understand

SHAPES = (
    ("+4917{}", 9), ("+49 30 {}", 8), ("0170 {}", 7), ("+1 (212) {}", 7), ("+1 305-{}", 7),
    ("+7 912 {}", 7), ("0049171{}", 7), ("+4420 {}", 8), ("+86 138{}", 8), ("+5511{}", 9),
    ("+48 22 {}", 7), ("+34 91{}", 7), ("+995 555 {}", 6),
)  # fmt: skip
SAMPLE = 5_000


def numbers(count: int) -> list[str]:
    """Make different numbers of thirteen kinds, as people write them."""
    chosen = random.Random(20)
    made: set[str] = set()
    while len(made) < count:
        shape, digits = chosen.choice(SHAPES)
        made.add(shape.format(f"{chosen.randrange(10**digits):0{digits}d}"))
    return sorted(made)


def by_library(text: str) -> tuple[object, ...]:
    """Ask the library all that we tell."""
    number = phonenumbers.parse(text, "DE")
    return (
        phonenumbers.format_number(number, PhoneNumberFormat.E164),
        phonenumbers.is_valid_number(number),
        phonenumbers.region_code_for_number(number),
        phonenumbers.number_type(number),
        geocoder.description_for_number(number, "en"),
        carrier.name_for_number(number, "en"),
        timezone.time_zones_for_number(number),
    )


def main() -> None:
    """Print the CPU time of a number on both sides, and the ratio."""
    reading = argparse.ArgumentParser(description=__doc__)
    reading.add_argument("--numbers", type=int, default=1_000_000)
    texts = numbers(reading.parse_args().numbers)
    sample = random.Random(21).sample(texts, min(SAMPLE, len(texts)))
    con = duckdb.connect()
    con.execute("CREATE TABLE asked AS SELECT unnest(CAST(? AS VARCHAR[])) AS phone", [texts])
    con.execute("CREATE TABLE few AS FROM asked LIMIT 10")
    understand(con, "few", "phone", b"key", "DE")
    for text in sample:
        by_library(text)
    began = time.process_time()
    for text in sample:
        by_library(text)
    library = (time.process_time() - began) / len(sample) * 1e6
    began = time.process_time()
    understand(con, "asked", "phone", b"key", "DE")
    ours = (time.process_time() - began) / len(texts) * 1e6
    print(f"{len(texts):,} different numbers, microseconds of CPU each")
    print(f"library {library:.1f}  ours {ours:.2f}  ratio {library / ours:.1f}")


if __name__ == "__main__":
    main()
