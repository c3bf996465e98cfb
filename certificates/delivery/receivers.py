"""What the issuing and the revoking of certificates set going here, in their transactions."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from certificates.delivery import sending, timeline, voiding
from certificates.delivery.attachments import files_of_certificate
from certificates.delivery.password_keeping import forget_stored
from certificates.issuing.signals import certificates_issued
from certificates.models import Certificate, IssueRequest
from certificates.models.certificates import Cause
from certificates.revocation.signals import certificates_revoked
from crs.messaging.outbox import register_attachments

# Of a dose that was recorded before that nobody expects the certificate this minute.
FRESH = timedelta(hours=1)


def connect() -> None:
    """Listen, and tell the outbox who makes the PDF; called once at start-up, and again does no harm."""
    certificates_issued.connect(on_issued, dispatch_uid="certificates.send_issued")
    certificates_revoked.connect(on_revoked, dispatch_uid="certificates.cancel_revoked")
    register_attachments(sending.CERTIFICATE, files_of_certificate, when_stored=forget_stored)
    timeline.connect()


def on_issued(*, issued: Sequence[tuple[Certificate, IssueRequest]], now: datetime, **_more: Any) -> None:
    """Send what was issued for that; the family of somebody who has died meanwhile gets nothing."""
    wanted = [(one, request) for one, request in issued if request.is_to_be_sent and one.person.died_on is None]
    for is_backlog in (False, True):
        certificates = [one for one, request in wanted if _is_of_backlog(request, now) == is_backlog]
        sending.send_issued(certificates=certificates, now=now, is_backlog=is_backlog)


def on_revoked(*, keys: Iterable[UUID], **_more: Any) -> None:
    """Cancel what still waits, and tell those who have one of them already and get no other."""
    keys = list(keys)
    sending.cancel(certificate_ids=keys)
    voiding.tell(certificate_ids=keys)


def _is_of_backlog(request: IssueRequest, now: datetime) -> bool:
    """Whether it was renewed by nobody's wish, as after a change of the codes, or has waited for long anyway."""
    is_by_machine = request.cause == Cause.RENEWED and request.asked_by_id is None
    return is_by_machine or now - request.asked_at > FRESH
