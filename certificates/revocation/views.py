"""What we publish of revocations: one signed list of all, and batches by the protocol of the EU gateway."""

import base64
import json
from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import condition

from certificates.models import RevocationBatch, RevocationList
from certificates.revocation import publication
from certificates.trust.asked_since import NotAMoment, asked_since
from crs.open_answers import open_to_all, plain

MOST_BATCHES = 1_000
SECONDS_OF_A_BATCH = 3_600
SECONDS_BETWEEN_PUBLICATIONS = 300  # CELERY_BEAT_SCHEDULE


def _etag_of_list(_request: HttpRequest) -> str | None:
    newest = RevocationList.objects.values_list("pk", flat=True).first()
    return None if newest is None else f'"{newest}"'


def _made_at(_request: HttpRequest) -> datetime | None:
    return RevocationList.objects.values_list("made_at", flat=True).first()


def _etag_of_batch(_request: HttpRequest, batch_id: str) -> str | None:
    """Another one where it was signed anew; none where there is nothing to be had."""
    there = RevocationBatch.objects.published().filter(batch_id=batch_id, deleted_at=None)
    made_at = there.values_list("made_at", flat=True).first()
    return None if made_at is None else f'"{batch_id}/{made_at.timestamp():.3f}"'


@open_to_all
@condition(etag_func=_etag_of_list, last_modified_func=_made_at)
def signed_list(request: HttpRequest) -> HttpResponse:
    """The list as it was signed: a compact JWS."""
    newest = RevocationList.objects.first()
    return _not_yet() if newest is None else HttpResponse(newest.signed, content_type="application/jose")


@open_to_all
@condition(etag_func=_etag_of_list, last_modified_func=_made_at)
def plain_list(request: HttpRequest) -> HttpResponse:
    """What the signed list says, to be read by people and by programs that trust the connection."""
    newest = RevocationList.objects.first()
    if newest is None:
        return _not_yet()
    return HttpResponse(publication.content_of(newest.signed), content_type="application/json")


@open_to_all
def batches(request: HttpRequest) -> HttpResponse:
    """The batches that changed after the moment of `If-Modified-Since`, the earliest first; 204 where none did."""
    try:
        since = asked_since(request) or datetime.fromtimestamp(0, UTC)
    except NotAMoment as error:
        return error.answer()
    changed = RevocationBatch.objects.published().changed_after(since)
    rows = list(changed.defer("signed")[: MOST_BATCHES + 1])
    listed = [
        {
            "batchId": row.batch_id,
            "country": row.country,
            "date": publication.written(row.deleted_at or row.made_at),
            "deleted": row.deleted_at is not None,
        }
        for row in rows[:MOST_BATCHES]
    ]
    if listed:
        content = json.dumps({"more": len(rows) > MOST_BATCHES, "batches": listed})
        response = HttpResponse(content, content_type="application/json")
    else:
        response = HttpResponse(status=204)
    # The header is a question here, which a cache between us and the reader would take for one about its copy.
    response["Cache-Control"] = "no-store"
    patch_vary_headers(response, ["If-Modified-Since"])
    return response


@open_to_all
@condition(etag_func=_etag_of_batch)
def batch(request: HttpRequest, batch_id: str) -> HttpResponse:
    """One batch, signed: CMS in base64, as the gateway has it. 410 where it was deleted."""
    found = RevocationBatch.objects.own().filter(batch_id=batch_id).exclude(signed=None, deleted_at=None).first()
    if found is None:
        return plain("There is no such batch.\n", status=404)
    if found.deleted_at is not None or found.signed is None:
        return plain("This batch was deleted.\n", status=410)
    response = HttpResponse(base64.b64encode(found.signed), content_type="application/cms-text")
    response["Cache-Control"] = f"public, max-age={SECONDS_OF_A_BATCH}"
    return response


def _not_yet() -> HttpResponse:
    """Say that nothing is known. Beat publishes the first list, an empty one too, once there is a key to sign it."""
    response = plain("No list is published yet; ask again in five minutes.\n", status=503)
    response.headers["Retry-After"] = str(SECONDS_BETWEEN_PUBLICATIONS)
    return response
