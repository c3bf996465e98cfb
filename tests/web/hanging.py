"""The web application with a Django that hangs at `/hang/`, and little patience for that."""

import threading
from collections.abc import Callable, Iterable
from typing import Any

from crs.web import application as web


class Body(list[bytes]):
    """What a WSGI application returns."""

    def close(self) -> None:
        """Nothing is open."""


def _django(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
    if environ["PATH_INFO"] == "/hang/":
        threading.Event().wait()
    start_response("200 OK", [("content-type", "text/plain")])
    return Body([b"ok"])


web.django = _django  # type: ignore[assignment]
web.SECONDS_TO_BE_STUCK = 1
application = web.application
