"""What we publish of revocations: one signed list of all, and batches by the protocol of the EU gateway."""

import base64
import json
from datetime import UTC, datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import condition

from certificates.hcert.moments import moment_in
from certificates.models import RevocationBatch, RevocationList
from certificates.revocation import publication
from certificates.trust.published import plain, published

MOST_BATCHES = 1_000
SECONDS_OF_A_BATCH = 3_600


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


@published
@condition(etag_func=_etag_of_list, last_modified_func=_made_at)
def signed_list(request: HttpRequest) -> HttpResponse:
    """The list as it was signed: a compact JWS."""
    return HttpResponse(_list().signed, content_type="application/jose")


@published
@condition(etag_func=_etag_of_list, last_modified_func=_made_at)
def plain_list(request: HttpRequest) -> HttpResponse:
    """What the signed list says, to be read by people and by programs that trust the connection."""
    return HttpResponse(publication.content_of(_list().signed), content_type="application/json")


@published
def batches(request: HttpRequest) -> HttpResponse:
    """The batches that changed after the moment of `If-Modified-Since`, the earliest first; 204 where none did."""
    asked = request.headers.get("If-Modified-Since", "")
    since = moment_in(asked) if asked else datetime.fromtimestamp(0, UTC)
    if since is None:
        return plain("If-Modified-Since is no moment. It looks like this: 2021-06-01T00:00:00Z\n", status=400)
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


@published
@condition(etag_func=_etag_of_batch)
def batch(request: HttpRequest, batch_id: str) -> HttpResponse:
    """One batch, signed: CMS in base64, as the gateway has it. 410 where it was deleted."""
    found = RevocationBatch.objects.own().filter(batch_id=batch_id).exclude(signed=None, deleted_at=None).first()
    if found is None:
        raise Http404
    if found.deleted_at is not None or found.signed is None:
        return plain("This batch was deleted.\n", status=410)
    response = HttpResponse(base64.b64encode(found.signed), content_type="application/cms-text")
    response["Cache-Control"] = f"public, max-age={SECONDS_OF_A_BATCH}"
    return response


def _list() -> RevocationList:
    newest = RevocationList.objects.first()
    if newest is None:
        raise Http404
    return newest
