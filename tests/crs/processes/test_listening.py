"""Where `make run` listens: each spelling of a host starts, and prints what a browser opens, or says why not."""

import socket

import pytest

from crs.processes.listening import CannotListen, free_place
from tests.stack import free_port


@pytest.mark.parametrize(
    ("asked", "number", "url", "probe", "name"),
    [
        ("127.0.0.1", "127.0.0.1", "http://localhost", "http://127.0.0.1", "localhost"),
        ("localhost", "127.0.0.1", "http://localhost", "http://127.0.0.1", "localhost"),
        ("0.0.0.0", "0.0.0.0", "http://localhost", "http://127.0.0.1", "localhost"),  # noqa: S104
        ("127.0.0.2", "127.0.0.2", "http://127.0.0.2", "http://127.0.0.2", "127.0.0.2"),
        ("::1", "::1", "http://[::1]", "http://[::1]", "[::1]"),
        ("[::1]", "::1", "http://[::1]", "http://[::1]", "[::1]"),
        ("::", "::", "http://localhost", "http://[::1]", "localhost"),
    ],
)
def test_an_address_can_be_clicked_and_asked(asked: str, number: str, url: str, probe: str, name: str) -> None:
    if ":" in asked and not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")
    port = free_port()
    place = free_place(asked, port)
    assert (place.number, place.port, place.name) == (number, port, name)
    assert (place.url, place.probe) == (f"{url}:{port}", f"{probe}:{port}")


def test_a_port_that_is_taken_is_passed_over() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert free_place("127.0.0.1", taken.getsockname()[1]).port > taken.getsockname()[1]


@pytest.mark.parametrize(
    ("host", "port", "why"),
    [
        ("nonsense.invalid", 8000, "HOST=nonsense.invalid is neither a name nor an address"),
        ("256.1.1.1", 8000, "HOST=256.1.1.1 is neither"),
        ("." * 300, 8000, "is neither"),
        ("192.0.2.1", 8000, "HOST=192.0.2.1 is no address of this machine"),
        ("127.0.0.1", 70_000, "PORT=70000 is no port"),
        ("127.0.0.1", 0, "PORT=0 is no port"),
        ("127.0.0.1", -1, "PORT=-1 is no port"),
    ],
)
def test_a_place_where_nobody_can_listen_is_refused_in_words(host: str, port: int, why: str) -> None:
    with pytest.raises(CannotListen, match=why):
        free_place(host, port)
