"""The address that limits count cannot be chosen by the one who is limited."""

import pytest
from django.test import RequestFactory, override_settings

from crs import client_address

FORWARDED = "6.6.6.6, 203.0.113.9, 10.0.0.2"


@pytest.mark.parametrize(
    ("proxies", "expected"),
    [(0, "192.0.2.1"), (1, "10.0.0.2"), (2, "203.0.113.9"), (4, "192.0.2.1")],
)
def test_only_our_own_proxies_are_believed(proxies: int, expected: str) -> None:
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_FOR=FORWARDED)
    with override_settings(TRUSTED_PROXIES=proxies):
        assert client_address.of(request) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("192.0.2.1:5443", "192.0.2.1"),
        ("[2001:db8::1]:5443", "2001:db8::1"),
        ("2001:DB8::1", "2001:db8::1"),
        ("unix:", client_address.UNKNOWN),
        ("", client_address.UNKNOWN),
        ("6.6.6.6' OR 1=1", client_address.UNKNOWN),
    ],
)
def test_whatever_a_server_or_proxy_writes_is_an_address_or_the_unknown_one(written: str, expected: str) -> None:
    assert client_address.of(RequestFactory().get("/", REMOTE_ADDR=written)) == expected
