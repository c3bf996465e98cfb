"""What the issuing and the revoking of certificates set going here, in their transactions."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from certificates.delivery import sending, timeline
from certificates.delivery.attachments import files_of_certificate
from certificates.delivery.password_keeping import forget_stored
from certificates.issuing.signals import certificate_issued
from certificates.models import Certificate, IssueRequest
from certificates.revocation.signals import certificates_revoked
from crs.messaging.outbox import register_attachments


def connect() -> None:
    """Listen, and tell the outbox who makes the PDF; called once at start-up, and again does no harm."""
    certificate_issued.connect(on_issued, dispatch_uid="certificates.send_issued")
    certificates_revoked.connect(on_revoked, dispatch_uid="certificates.cancel_revoked")
    register_attachments(sending.CERTIFICATE, files_of_certificate, when_stored=forget_stored)
    timeline.connect()


def on_issued(*, certificate: Certificate, request: IssueRequest, now: datetime, **_more: Any) -> None:
    """Send what was issued for that; the family of somebody who has died meanwhile gets nothing."""
    if request.is_to_be_sent and certificate.person.died_on is None:
        sending.send_issued(certificate=certificate, now=now)


def on_revoked(*, keys: Iterable[UUID], **_more: Any) -> None:
    """Cancel what still waits."""
    sending.cancel(certificate_ids=keys, reason="the certificate was revoked")
