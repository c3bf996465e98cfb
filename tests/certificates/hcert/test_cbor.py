"""What is read of strangers' CBOR."""

import datetime
import decimal
import ipaddress
import re
import uuid

import cbor2
import pytest
from cbor2 import CBORTag

from certificates.hcert.cbor import DEEPEST, decoded

MOMENT = datetime.datetime(2027, 1, 11, 8, tzinfo=datetime.UTC)


@pytest.mark.parametrize("thing", [0, -1, 2**64 - 1, 1.5, "ž", b"\xff", [1, [2]], {"a": {1: None}}, True])
def test_numbers_texts_bytes_lists_and_maps_are_read(thing: object) -> None:
    assert decoded(cbor2.dumps(thing)) == thing


@pytest.mark.parametrize(
    "thing",
    [
        2**64,
        -(2**200),
        decimal.Decimal("1.5"),
        re.compile("(a+)+"),
        uuid.UUID(int=1),
        ipaddress.ip_address("192.0.2.1"),
        {1, 2},
        CBORTag(28, [CBORTag(29, 0)]),
        CBORTag(30, [1, 0]),
        CBORTag(36, "From: x"),
        CBORTag(256, ["aaaa", CBORTag(25, 0)]),
        CBORTag(43000, [1.0, 2.0]),
        CBORTag(55799, 1),
        CBORTag(2**63, 1),
    ],
)
def test_nothing_else_is_built(thing: object) -> None:
    with pytest.raises(ValueError, match="no CBOR"):
        decoded(cbor2.dumps(thing))


def test_a_tagged_date_is_read_as_what_is_tagged() -> None:
    assert decoded(cbor2.dumps(MOMENT)) == "2027-01-11T08:00:00Z"
    assert decoded(cbor2.dumps(MOMENT, datetime_as_timestamp=True)) == "2027-01-11T08:00:00+00:00"
    assert decoded(cbor2.dumps(cbor2.CBORTag(100, 20834))) == "2027-01-16"
    assert decoded(cbor2.dumps(MOMENT.date(), date_as_datetime=False)) == "2027-01-11"
    assert decoded(cbor2.dumps(CBORTag(0, "no date at all"))) == "no date at all"


def test_depth_is_bounded() -> None:
    assert decoded(b"\x81" * DEEPEST + b"\x00")
    with pytest.raises(ValueError, match="no CBOR"):
        decoded(b"\x81" * (DEEPEST + 1) + b"\x00")


@pytest.mark.parametrize("data", [b"", b"\x61", b"\x61\xff", b"\xff", b"\x1c", b"\xa2\x01\x01\x01\x02", b"\x9f\x01"])
def test_broken_content_and_a_key_that_stands_twice_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="no CBOR"):
        decoded(data)


def test_bytes_after_the_end_are_refused() -> None:
    with pytest.raises(ValueError, match="after its end"):
        decoded(b"\x00\x00")
