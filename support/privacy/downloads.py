"""Answers with bytes that strangers sent: they are saved, never shown, whatever they claim to be."""

import re
import unicodedata
from urllib.parse import quote

from csp.constants import HEADER as CSP_HEADER
from django.http import HttpResponse

from support.letters import pictures
from support.letters.covering import covered

LONGEST_NAME = 100
# A browser that shows it all the same lets it run, load and send nothing.
POLICY = "sandbox; default-src 'none'; frame-ancestors 'none'"
# What a file system or a shell takes for something else than a letter of a name.
_NO_LETTERS = re.compile(r'[\\/:*?"<>|%;\'`$&\x00-\x1f\x7f]+')
_DEVICES = re.compile(r"(?i)^(con|prn|aux|nul|com\d|lpt\d)(?=\.|$)")


def saved(content: bytes, name: str, *, content_type: str = "application/octet-stream") -> HttpResponse:
    """An answer that a browser saves as `name`, cleaned of all that is no name."""
    return _guarded(HttpResponse(content, content_type=content_type), f"attachment; {_names(safe_name(name))}")


def picture(content: bytes) -> HttpResponse:
    """A picture that we encoded ourselves (`letters.pictures`), shown in the page."""
    return _guarded(HttpResponse(content, content_type=pictures.CONTENT_TYPE), "inline")


def safe_name(name: str) -> str:
    """A name of a file in any script that no system takes for a path, a device, a hidden file or a command.

    Marks that turn the direction of writing go: they hide what a file ends with. An insured number is covered: the name
    stays in folders of downloads.
    """
    visible = "".join(one for one in unicodedata.normalize("NFC", name) if unicodedata.category(one)[0] != "C")
    cleaned = " ".join(_NO_LETTERS.sub("_", visible).split()).strip(". ")
    cleaned = covered(cleaned).replace("/", "_")
    if len(cleaned) > LONGEST_NAME:
        stem, dot, ending = cleaned.rpartition(".")
        ending = ending if dot and len(ending) <= 10 else ""
        cleaned = f"{(stem if ending else cleaned)[: LONGEST_NAME - len(ending) - 1]}{dot if ending else ''}{ending}"
    return _DEVICES.sub(r"_\1", cleaned) or "soubor"


def _names(name: str) -> str:
    """The name twice: in ASCII for old programs, and in UTF-8 (RFC 6266)."""
    flat = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().strip(". ")
    stem = flat.rpartition(".")[0] if "." in flat else flat
    plain = flat if stem.strip() else f"soubor{flat}"
    return f"filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"


def _guarded(response: HttpResponse, disposition: str) -> HttpResponse:
    response.headers["Content-Disposition"] = disposition
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers[CSP_HEADER] = POLICY
    return response
