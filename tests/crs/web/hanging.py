"""A web application that hangs at `/hang/`, with little patience, and answers `/odd/` as nobody may."""

import threading
from collections.abc import Callable
from typing import Any

from crs.web.application import Application, Body


class Text(list[bytes]):
    """What a WSGI application returns."""

    def close(self) -> None:
        """Nothing is open."""


def _hanging(environ: dict[str, Any], start_response: Callable[..., None]) -> Body:
    if environ["PATH_INFO"] == "/hang/":
        threading.Event().wait()
    # granian refuses to send a header that is no text.
    start_response("200 OK", [("content-type", None if environ["PATH_INFO"] == "/odd/" else "text/plain")])
    return Text([b"ok"])


application = Application(_hanging, seconds_to_be_stuck=1)
