"""What is said when Django can say nothing better: plain files, shared with the proxy, in Czech and in English."""

from django.conf import settings
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
_JSON = {status: (FOLDER / f"{name.removesuffix('-form')}.json").read_bytes() for status, name in _NAMES.items()}
_RELOADING = (FOLDER / "waiting.html").read_bytes()
_TOO_LARGE_FILE = (FOLDER / "too-large-file.html").read_bytes()
# Below it are addresses for programs, which read JSON.
_OF_PROGRAMS = "/api/"
_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}

# Status, headers, body.
Answer = tuple[int, list[tuple[str, str]], bytes]


def is_for_programs(path: str) -> bool:
    """Whether whatever is answered at this address is JSON."""
    return path.startswith(_OF_PROGRAMS)


def answer(status: int, *, path: str) -> HttpResponse:
    """The page for `status` at this address as Django answers it."""
    headers, body = _page(status, path)
    return HttpResponse(body, status=status, headers=headers)


def refusal(status: int, *, path: str, reloads_itself: bool = False) -> Answer:
    """Status, headers and body of the page for `status` at this address, without Django.

    It ends the connection, because a body that nobody wants may still be coming. One that `reloads_itself`
    is for an address that a person only looks at: there is a page of that kind for 503.
    """
    page_headers, body = _page(status, path)
    headers = [*page_headers.items(), ("Connection", "close")]
    if status == 503:
        headers.append(("Retry-After", "10"))
        body = _RELOADING if reloads_itself and not is_for_programs(path) else body
    return status, headers, body


def _page(status: int, path: str) -> tuple[dict[str, str], bytes]:
    if is_for_programs(path):
        return _HEADERS | {"Content-Type": "application/json"}, _JSON[status]
    if status == 413 and path in settings.LARGER_BODIES:
        return _HEADERS, _TOO_LARGE_FILE
    return _HEADERS, _FILES[status]
