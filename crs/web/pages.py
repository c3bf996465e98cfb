"""Pages for when Django can say nothing better: plain files, shared with the proxy, in Czech and in English."""

from django.http import HttpResponse

from crs.embedded.paths import ROOT

FOLDER = ROOT / "deploy" / "nginx" / "pages"
_NAMES = {
    400: "not-understood",
    408: "too-slow",
    411: "not-understood",
    413: "too-large",
    500: "outage-form",
    503: "waiting-form",
}
_FILES = {status: (FOLDER / f"{name}.html").read_bytes() for status, name in _NAMES.items()}
_RELOADING = (FOLDER / "waiting.html").read_bytes()
_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}

# Status, headers, body.
Answer = tuple[int, list[tuple[str, str]], bytes]


def answer(status: int) -> HttpResponse:
    """The page for `status` as Django answers it."""
    return HttpResponse(_FILES[status], status=status, headers=_HEADERS)


def refusal(status: int, *, reloads_itself: bool = False) -> Answer:
    """Status, headers and body of the page for `status`, without Django.

    It ends the connection, because a body that nobody wants may still be coming. One that `reloads_itself`
    is for an address that a person only looks at: there is a page of that kind for 503.
    """
    headers = [*_HEADERS.items(), ("Connection", "close")]
    if status == 503:
        headers.append(("Retry-After", "10"))
    return status, headers, _RELOADING if reloads_itself and status == 503 else _FILES[status]
