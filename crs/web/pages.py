"""Pages for when Django is not asked: plain files, shared with the proxy, in Czech and in English."""

from crs.embedded.paths import ROOT

FOLDER = ROOT / "deploy" / "nginx" / "pages"
_NAMES = {408: "too-slow", 411: "not-understood", 413: "too-large", 500: "outage-form", 503: "waiting-form"}
_FILES = {status: (FOLDER / f"{name}.html").read_bytes() for status, name in _NAMES.items()}

Answer = tuple[int, list[tuple[str, str]], bytes]


def refusal(status: int) -> Answer:
    """Status, headers and body of the page for `status`. The connection ends with it: a body may still be coming."""
    headers = [
        ("content-type", "text/html; charset=utf-8"),
        ("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"),
        ("cache-control", "no-store"),
        ("connection", "close"),
    ]
    if status == 503:
        headers.append(("retry-after", "10"))
    return status, headers, _FILES[status]
