"""Where the web server of a run on this machine listens, and the address that somebody clicks to reach it."""

import errno
import socket
from dataclasses import dataclass
from ipaddress import ip_address

PORTS_TRIED = 20
LAST_PORT = 65_535


class CannotListen(Exception):
    """There is no such place to listen at; the text says why and what to set."""


@dataclass(frozen=True)
class Place:
    """A host, as it was asked for but without brackets, its number, and a port that is free."""

    host: str
    number: str
    port: int

    @property
    def pair(self) -> str:
        """Host and port as a program takes them in one word."""
        return f"{_in_address(self.number)}:{self.port}"

    @property
    def url(self) -> str:
        """The address for a browser on this machine: whoever listens everywhere is at home, too."""
        everywhere = ip_address(self.number).is_unspecified or self.host == "127.0.0.1"
        return f"http://{'localhost' if everywhere else _in_address(self.host)}:{self.port}"

    @property
    def probe(self) -> str:
        """The address at which this machine asks the server whether it lives."""
        number = ip_address(self.number)
        if number.is_unspecified:
            return f"http://{'127.0.0.1' if number.version == 4 else '[::1]'}:{self.port}"
        return f"http://{self.pair}"

    @property
    def name(self) -> str:
        """The host as it stands in a request for `url`, without the port."""
        return self.url.removeprefix("http://").rpartition(":")[0]


def free_place(asked: str, wanted: int) -> Place:
    """The first free port from `wanted` on at the host `asked`, a name or a number. Raises CannotListen."""
    host = asked.strip().removeprefix("[").removesuffix("]")
    if not 1 <= wanted <= LAST_PORT:
        raise CannotListen(f"PORT={wanted} is no port; set PORT to a number from 1 to {LAST_PORT}.")
    family, number = _number(host)
    last = min(wanted + PORTS_TRIED - 1, LAST_PORT)
    for port in range(wanted, last + 1):
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((number, port))
            except PermissionError:
                raise CannotListen(f"This user may not listen on port {port}; set PORT to 1024 or more.") from None
            except OSError as error:
                if error.errno == errno.EADDRINUSE:
                    continue
                raise CannotListen(f"HOST={host} is no address of this machine ({error.strerror}); set HOST.") from None
            return Place(host, number, port)
    raise CannotListen(f"No port from {wanted} to {last} is free; set PORT.")


def _number(host: str) -> tuple[socket.AddressFamily, str]:
    """The family and the number of a host; of a name with several, the one of IPv4, which is there everywhere."""
    try:
        found = socket.getaddrinfo(host or None, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise CannotListen(f"HOST={host} is neither a name nor an address that this machine knows ({error}).") from None
    family, _type, _protocol, _name, address = min(found, key=lambda one: one[0] != socket.AF_INET)
    return family, str(address[0])


def _in_address(host: str) -> str:
    return f"[{host}]" if ":" in host else host
