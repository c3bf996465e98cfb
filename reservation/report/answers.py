"""How the report answers: from no session, into every cache for some seconds, with an ETag."""

import hashlib
from collections.abc import Callable

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import translation
from django.utils.cache import get_conditional_response, patch_vary_headers

from crs import banners, languages
from reservation.report import capacity
from reservation.report.capacity import Version

# Sums are folded every 5 seconds, and nobody shall read what is older than 10.
SECONDS_CACHED = 4
SECONDS_KEPT = 60


def in_its_language(request: HttpRequest, make: Callable[[Version], HttpResponseBase]) -> HttpResponseBase:
    """What `make` answers in the language that the address names, else in the one of the visitor.

    Whoever has the answer of the version already is told so (304). Only where the address names no language caches are
    told that the answer goes by visitors.
    """
    named = languages.named_by(request)
    with translation.override(named or translation.get_language()):
        request.LANGUAGE_CODE = translation.get_language() or ""
        response = of_version(request, make)
        if named:
            response.headers["Content-Language"] = named
        else:
            patch_vary_headers(response, ["Accept-Language", "Cookie"])
    return response


def of_version(request: HttpRequest, make: Callable[[Version], HttpResponseBase]) -> HttpResponseBase:
    """What `make` answers, with its ETag and for caches; 304 for whoever has it; a refusal as it is, for nobody else.

    It is made in the language of now.
    """
    version = capacity.version()
    etag = _etag(request, version)
    response = get_conditional_response(request, etag=etag) or make(version)
    _leave_cookies(request)
    if response.status_code < 400:
        response.headers["ETag"] = etag
        response.headers["Cache-Control"] = f"public, max-age={SECONDS_CACHED}"
    else:
        response.headers["Cache-Control"] = "no-store"
    return response


def kept(request: HttpRequest, key: str, version: Version, make: Callable[[], HttpResponse]) -> HttpResponse:
    """The page that is kept under `key` if it is of this version, else the one that `make` makes.

    The key knows no version, so there are as many pages in the cache as there are keys, not more.
    """
    etag = _etag(request, version)
    key = f"report:{key}:{translation.get_language()}"
    found = cache.get(key)
    if isinstance(found, list) and found[0] == etag:
        return HttpResponse(found[1])
    response = make()
    if response.status_code == 200:
        cache.set(key, [etag, response.content.decode()], SECONDS_KEPT)
    return response


def _leave_cookies(request: HttpRequest) -> None:
    """Keep Django from answering a cookie that it does not know by one of its own: caches would hand that out."""
    request.META["CSRF_COOKIE_NEEDS_UPDATE"] = False
    request.COOKIES.pop(settings.SESSION_COOKIE_NAME, None)


def _etag(request: HttpRequest, version: Version) -> str:
    """Of all that the answer hangs on: figures, address, language, what is said on every page, and our style sheets."""
    said = [[one.kind, str(one.text), one.url, str(one.more)] for one in banners.for_citizens()]
    styles = getattr(staticfiles_storage, "manifest_hash", "")
    parts = [version.name, version.is_current, request.get_full_path(), translation.get_language(), said, styles]
    return f'"{hashlib.sha256(repr(parts).encode()).hexdigest()[:32]}"'
