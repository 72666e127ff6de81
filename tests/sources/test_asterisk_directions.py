"""Which way did a call go, by the rules in their order?"""

from __future__ import annotations

from pathlib import Path

import pytest

from asterisk_files import FREEPBX, Leg, csv_line, freepbx_line, read, write
from dialgauge.sources.phone import token

KEY = b"a secret of the tests"
CUSTOMER = "15551234567"


def outcome(tmp_path: Path, leg: Leg, **options: str) -> tuple[str | None, str | None]:
    """Return direction and agent of a call with one leg."""
    call = read(write(tmp_path / "Master.csv", [csv_line(leg)]), options=options).call
    return call["direction"], call["agent_id"]


@pytest.mark.parametrize(
    ("leg", "expected"),
    [
        (Leg(), ("outbound", "101")),
        (Leg(dstchannel="", ring=None, disposition="FAILED"), ("outbound", "101")),
        (Leg(dst="102", dstchannel="PJSIP/102-0000001b"), ("internal", "101")),
        (Leg(dst="*97", dstchannel="", lastapp="VoiceMailMain"), ("internal", "101")),
        (
            Leg(
                src=CUSTOMER,
                dst="600",
                dcontext="ivr",
                channel="SIP/carrier-0000001a",
                dstchannel="SIP/101-0000001b",
            ),
            ("inbound", "101"),
        ),
        (
            Leg(
                src=CUSTOMER,
                dst="18005550000",
                dcontext="from-trunk",
                channel="SIP/carrier-0000001a",
                dstchannel="Local/101@from-queue-0000001b;1",
            ),
            ("inbound", "101"),
        ),
        (
            Leg(src=CUSTOMER, dst="18005550000", dcontext="x", channel="DAHDI/i1/5551234-1"),
            ("inbound", None),
        ),
        (
            Leg(
                src="",
                dst="s",
                dcontext="dialer",
                channel=f"Local/{CUSTOMER}@dialer-0000001a;1",
                dstchannel="Agent/7",
            ),
            ("outbound", "7"),
        ),
        (
            Leg(src="alice", dst="bob", dcontext="office", channel="SIP/alice-0000001a"),
            (None, None),
        ),
    ],
)
def test_the_rules_decide(
    tmp_path: Path, leg: Leg, expected: tuple[str | None, str | None]
) -> None:
    """Extensions, trunks, contexts and the lengths of numbers tell the way."""
    assert outcome(tmp_path, leg) == expected


def test_the_user_knows_better(tmp_path: Path) -> None:
    """Options for contexts, trunks, agents and the length of extensions come first."""
    assert outcome(tmp_path, Leg(), inbound_contexts="from-int*") == ("inbound", None)
    numeric_trunk = Leg(src=CUSTOMER, dst="600", channel="SIP/1000-0000001a")
    assert outcome(tmp_path, numeric_trunk)[0] == "internal"
    assert outcome(tmp_path, numeric_trunk, trunks="SIP/10*")[0] == "inbound"
    named = Leg(channel="SIP/alice-0000001a", src="alice")
    assert outcome(tmp_path, named, agents="SIP/alice") == ("outbound", "alice")
    short = Leg(dst="5551", dstchannel="")
    assert outcome(tmp_path, short)[0] == "internal"
    assert outcome(tmp_path, short, extension_length="3")[0] == "outbound"


def test_freepbx_tells_the_did(tmp_path: Path) -> None:
    """In an export of FreePBX a called DID makes the call inbound."""
    leg = Leg(src=CUSTOMER, dst="102", channel="SIP/x-1", dcontext="ext-local")
    path = write(tmp_path / "cdr.csv", [",".join(FREEPBX), freepbx_line(leg, did="18005550000")])
    assert read(path).call["direction"] == "inbound"


def test_the_number_outside_becomes_the_token(tmp_path: Path) -> None:
    """Outbound it is whom we called, without the prefix of the outside line; inbound who called."""
    outbound = write(tmp_path / "out" / "Master.csv", [csv_line(Leg(dst=f"9{CUSTOMER}"))])
    expected = token(KEY, CUSTOMER)
    assert read(outbound, options={"outside_prefix": "9"}).call["phone_token"] == expected
    leg = Leg(src=f"+{CUSTOMER}", dst="600", channel="SIP/carrier-0000001a", dcontext="from-trunk")
    inbound = write(tmp_path / "in" / "Master.csv", [csv_line(leg)])
    assert read(inbound).call["phone_token"] == expected
    internal = write(tmp_path / "house" / "Master.csv", [csv_line(Leg(dst="102"), 21)])
    assert read(internal).call["phone_token"] is None


def test_the_number_outside_tells_where_it_is(tmp_path: Path) -> None:
    """Dialled as at home it is a landline of Berlin once the option says where home is."""
    path = write(tmp_path / "Master.csv", [csv_line(Leg(dst="030901820"))])
    names = ("phone_token", "country", "region", "line_type", "timezone")
    call = read(path, options={"region": "de"}).call
    expected = [token(KEY, "4930901820"), "DE", "Berlin", "fixed", "Europe/Berlin"]
    assert [call[name] for name in names] == expected
    unknown = read(path).call
    assert [unknown[name] for name in names] == [token(KEY, "030901820"), *[None] * 4]


def test_several_asterisks_keep_their_calls_apart(tmp_path: Path) -> None:
    """Two servers may use the same uniqueid; the option `server` names each."""
    path = write(tmp_path / "Master.csv", [csv_line(Leg())])
    assert read(path, options={"server": "riga"}).call["call_id"] == "riga/1767607200.26"
