"""The trust list for everybody, and the EU's verifier service over it."""

import base64
import re
from datetime import datetime

from django.conf import settings
from django.db.models import BigIntegerField
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.http import http_date
from django.views.decorators.http import condition

from certificates.trust import publication
from certificates.trust.asked_since import NotAMoment, asked_since
from crs.open_answers import open_to_all, plain


def _version(request: HttpRequest) -> str:
    """The version of the list, asked once in a request."""
    if not hasattr(request, "version_of_list"):
        request.version_of_list = publication.version(timezone.now())  # type: ignore[attr-defined]
    version: str = request.version_of_list  # type: ignore[attr-defined]
    return version


def _etag(request: HttpRequest) -> str:
    return f'"{_version(request)}"'


def _hour(request: HttpRequest) -> datetime:
    """When the documents last changed: at the hour, or since then by a signer that came or went."""
    now = timezone.now()
    return max(publication.issued_at(now), publication.changed_at() or publication.issued_at(now))


@open_to_all
@condition(etag_func=_etag, last_modified_func=_hour)
def trust_list_json(request: HttpRequest) -> HttpResponse:
    """All signers and our authorities, as JSON."""
    return HttpResponse(publication.as_json(_version(request), timezone.now()), content_type="application/json")


@open_to_all
@condition(etag_func=_etag, last_modified_func=_hour)
def trust_list_pem(request: HttpRequest) -> HttpResponse:
    """All signers, as PEM."""
    return HttpResponse(publication.as_pem(_version(request), timezone.now()), content_type="application/x-pem-file")


@open_to_all
def update(request: HttpRequest) -> HttpResponse:
    """The next certificate after the one that `X-RESUME-TOKEN` names (none: the first); 204 at the end."""
    token = request.headers.get("X-RESUME-TOKEN", "").strip()
    if token and not (re.fullmatch("[0-9]{1,19}", token) and int(token) <= BigIntegerField.MAX_BIGINT):
        return plain("X-RESUME-TOKEN must be the number that the last answer carried.\n", status=400)
    signer = publication.after(int(token or 0), timezone.now())
    if signer is None:
        response = HttpResponse(status=204)
    else:
        response = plain(base64.b64encode(signer.der).decode())
        response.headers["X-RESUME-TOKEN"] = str(signer.number)
        response.headers["X-KID"] = signer.kid
    patch_vary_headers(response, ["X-RESUME-TOKEN"])
    return response


@open_to_all
@condition(etag_func=_etag)
def status(request: HttpRequest) -> HttpResponse:
    """The kids of all valid signers."""
    return JsonResponse(publication.valid_kids(timezone.now()), safe=False)


@open_to_all
def status_delta(request: HttpRequest) -> HttpResponse:
    """The kids that came and went since `If-Modified-Since`, which is a date of HTTP or of ISO 8601."""
    now = timezone.now()
    try:
        since = asked_since(request)
    except NotAMoment as error:
        return error.answer()
    found = publication.delta(since, now)
    response = JsonResponse({"updated": found.updated, "deleted": found.deleted})
    if changed := publication.changed_at():
        response.headers["Last-Modified"] = http_date(changed.timestamp())
    patch_vary_headers(response, ["If-Modified-Since"])
    return response


@open_to_all
def context(request: HttpRequest) -> HttpResponse:
    """Where an app finds the rest, as the EU's verifier apps ask at their start."""

    def endpoint(name: str) -> dict[str, object]:
        return {"url": settings.PUBLIC_URL + reverse(f"certificates:{name}"), "pubKeys": []}

    usual = {
        "privacyUrl": settings.PUBLIC_URL,
        "context": endpoint("dcc_context"),
        "endpoints": {"status": endpoint("dcc_status"), "update": endpoint("dcc_update")},
    }
    return JsonResponse({"origin": settings.CERTIFICATE_COUNTRY, "versions": {"default": usual}})
