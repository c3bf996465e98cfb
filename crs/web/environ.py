"""A request as the WSGI application reads it."""

import io
import sys
from functools import lru_cache
from typing import Any, Protocol


class Headers(Protocol):
    """The headers of a request; names are in lower case."""

    def get(self, name: str, default: str = "") -> str:
        """The first value of `name`."""

    def items(self) -> list[tuple[str, str]]:
        """Every line, so that a name may stand several times."""

    def __contains__(self, name: str, /) -> bool: ...


class Scope(Protocol):
    """A request before its body, as granian gives it (the RSGI specification)."""

    method: str
    path: str
    query_string: str
    http_version: str
    scheme: str
    client: str
    server: str

    @property
    def headers(self) -> Headers:
        """A copy of the headers."""


_CONSTANT: dict[str, Any] = {
    "SCRIPT_NAME": "",
    "SERVER_SOFTWARE": "granian",
    "wsgi.version": (1, 0),
    "wsgi.errors": sys.stderr,
    "wsgi.multithread": True,
    "wsgi.multiprocess": True,
    "wsgi.run_once": False,
}


def environ(scope: Scope, body: bytes) -> dict[str, Any]:
    """The WSGI environment of a request that has come whole.

    A header with an underscore in its name is left out: WSGI would spell `X_Forwarded_For` like the
    real header that only our proxy may set.
    """
    result = _CONSTANT.copy()
    result["REQUEST_METHOD"] = scope.method
    path = scope.path
    result["PATH_INFO"] = path if path.isascii() else path.encode().decode("latin-1")
    result["QUERY_STRING"] = scope.query_string
    result["SERVER_NAME"], result["SERVER_PORT"] = _server(scope.server)
    result["SERVER_PROTOCOL"] = "HTTP/1.1" if scope.http_version == "1.1" else "HTTP/1.0"
    result["REMOTE_ADDR"] = _split(scope.client)[0]
    result["wsgi.url_scheme"] = scope.scheme
    result["wsgi.input"] = io.BytesIO(body)
    for name, value in scope.headers.items():
        key = _key(name)
        if key in result:
            result[key] += f"; {value}" if name == "cookie" else f",{value}"
        elif key:
            result[key] = value
    return result


def _split(address: str) -> tuple[str, str]:
    """Host and port of `192.0.2.1:443` or `[2001:db8::1]:443`."""
    host, _, port = address.rpartition(":")
    return host.strip("[]"), port


_server = lru_cache(maxsize=8)(_split)


@lru_cache(maxsize=256)
def _key(name: str) -> str:
    """The WSGI name of a header; empty for one that is not passed on."""
    if "_" in name:
        return ""
    key = name.upper().replace("-", "_")
    return key if key in {"CONTENT_TYPE", "CONTENT_LENGTH"} else f"HTTP_{key}"
