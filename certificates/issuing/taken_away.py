"""What somebody took away stays away: a certificate that was revoked by hand, and a request that was rejected.

Nothing requests such a certificate again by itself. Whoever may revoke certificates may have another one issued, and
says why.
"""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction

from certificates.models import Certificate, IssueRequest

State = IssueRequest.State


def is_taken_away(newest: Certificate | None, request_state: str) -> bool:
    """Whether a dose has no certificate because somebody decided so, by its newest certificate and request.

    The state of the newest request that was not dropped; "" for none.
    """
    if newest is not None and newest.state == Certificate.State.VALID:
        return False
    is_revoked = newest is not None and newest.revocation in Certificate.BY_HAND
    return request_state == State.REJECTED or (is_revoked and request_state not in IssueRequest.OPEN)


def taken_away(doses: Iterable[UUID]) -> set[UUID]:
    """Those of the doses whose certificate somebody took away; two queries."""
    keys = list(doses)
    newest = newest_certificates(keys)
    states = dict(
        IssueRequest.objects.filter(dose__in=keys)
        .exclude(state=State.DROPPED)
        .order_by("pk")
        .values_list("dose_id", "state")
    )
    return {dose for dose in keys if is_taken_away(newest.get(dose), states.get(dose, ""))}


def newest_certificates(doses: Iterable[UUID]) -> dict[UUID, Certificate]:
    """The valid certificate of each dose, else the one that was issued last; without its text."""
    rows = Certificate.objects.filter(dose__in=list(doses)).defer("text")
    # VALID is after REVOKED.
    return {row.dose_id: row for row in rows.order_by("dose_id", "-state", "-issued_at").distinct("dose_id")}


@transaction.atomic
def drop_requests(certificates: Iterable[UUID]) -> int:
    """Drop what is still asked for of the doses of these certificates; returns how many requests these were."""
    rows = IssueRequest.objects.filter(dose__certificates__in=list(certificates)).open()
    return rows.locked().update(state=State.DROPPED, obstacle="")
