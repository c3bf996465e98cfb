"""The address that limits count cannot be chosen by the one who is limited, and is nobody else's."""

import ipaddress

import pytest
from django.test import RequestFactory
from django_ratelimit.core import is_ratelimited
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from crs import client_address

FORWARDED = "6.6.6.6, 203.0.113.9, 10.0.0.2"


def address_of(written: str) -> str:
    """What is read where a server wrote `written`."""
    return str(client_address.address(RequestFactory().get("/", REMOTE_ADDR=written)))


@pytest.mark.parametrize(
    ("proxies", "expected"),
    [(0, "192.0.2.1"), (1, "10.0.0.2"), (2, "203.0.113.9"), (4, "192.0.2.1")],
)
def test_only_our_own_proxies_are_believed(settings: Settings, proxies: int, expected: str) -> None:
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_FOR=FORWARDED)
    settings.TRUSTED_PROXIES = proxies
    assert str(client_address.address(request)) == expected


@pytest.mark.parametrize(
    ("written", "address", "network"),
    [
        ("192.0.2.1:5443", "192.0.2.1", "192.0.2.1"),
        ("[2001:db8::1]:5443", "2001:db8::1", "2001:db8::"),
        (" 2001:0DB8:0:0:0::1", "2001:db8::1", "2001:db8::"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("fe80::1%eth0", "fe80::1", "fe80::"),
        ("[fe80::1%25eth0]:80", "fe80::1", "fe80::"),
        ("::ffff:198.51.100.7", "198.51.100.7", "198.51.100.7"),
        ("[::FFFF:c633:6407]:443", "198.51.100.7", "198.51.100.7"),
        ("64:ff9b::198.51.100.7", "198.51.100.7", "198.51.100.7"),
        ("64:ff9b:1:abcd::198.51.100.7", "198.51.100.7", "198.51.100.7"),
        ("2002:c633:6407:1::1", "198.51.100.7", "198.51.100.7"),
        ("2001:0:4136:e378:8000:63bf:39cc:9bf8", "198.51.100.7", "198.51.100.7"),
        ("unix:", client_address.UNKNOWN, client_address.UNKNOWN),
        ("", client_address.UNKNOWN, client_address.UNKNOWN),
        ("192.000.002.001", client_address.UNKNOWN, client_address.UNKNOWN),
        ("6.6.6.6' OR 1=1", client_address.UNKNOWN, client_address.UNKNOWN),
    ],
)
def test_an_address_has_one_spelling_and_counts_once(written: str, address: str, network: str) -> None:
    request = RequestFactory().get("/", REMOTE_ADDR=written)
    assert (address_of(written), client_address.network_of(request)) == (address, network)


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_one_client_however_it_travels(address: ipaddress.IPv4Address) -> None:
    low = int(address)
    ways = [
        f"::ffff:{address}",
        f"64:ff9b::{address}",
        f"[64:ff9b:1:7::{address}]:1",
        str(ipaddress.IPv6Address((0x2002 << 112) | (low << 80) | 5)),
        str(ipaddress.IPv6Address((0x20010000 << 96) | (7 << 64) | (low ^ 0xFFFFFFFF))),
    ]
    for way in ways:
        assert client_address.network_of(RequestFactory().get("/", REMOTE_ADDR=way)) == str(address)


@given(st.ip_addresses(v=6))
def test_the_canonical_form_is_canonical_and_its_network_holds_it(address: ipaddress.IPv6Address) -> None:
    for written in (str(address), address.exploded.upper(), f"[{address}]:443", f"{address}%9"):
        request = RequestFactory().get("/", REMOTE_ADDR=written)
        found, network = address_of(written), client_address.network_of(request)
        assert address_of(found) == found == address_of(str(address))
        if ":" in found:
            assert ipaddress.ip_address(found) in ipaddress.ip_network(f"{network}/64")


@given(st.text(max_size=60))
def test_whatever_a_server_or_proxy_writes_is_an_address(written: str) -> None:
    ipaddress.ip_address(address_of(written))


def test_the_nation_behind_mapped_addresses_does_not_share_one_limit(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = 1

    def is_over(address: str) -> bool:
        request = RequestFactory().get("/", HTTP_X_FORWARDED_FOR=address)
        return is_ratelimited(request, group="test", key="ip", rate="3/h", increment=True)

    assert [is_over(f"::ffff:192.0.2.{number}") for number in range(1, 6)] == [False] * 5
    assert [is_over(f"64:ff9b::203.0.113.{number}") for number in range(1, 6)] == [False] * 5
    # A household changes its IPv6 addresses as it likes and stays one household.
    assert [is_over(f"2001:db8::{number:x}") for number in range(1, 6)] == [False] * 3 + [True] * 2
    # The mapped form is the address itself.
    assert [is_over("192.0.2.1") for _ in range(3)] == [False] * 2 + [True]
