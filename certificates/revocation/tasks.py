"""Periodic work of revocation (times in settings.CELERY_BEAT_SCHEDULE); it may run twice."""

import logging

from celery import shared_task
from django.utils import timezone

from certificates.errors import NoSigner
from certificates.revocation import publication

logger = logging.getLogger(__name__)


@shared_task(name="certificates.publish_revocations")
def publish_revocations() -> None:
    """Publish what was revoked. Without a signing key it waits: here a check knows it anyway."""
    try:
        publication.publish(now=timezone.now())
    except NoSigner:
        logger.exception("Revocations are not published: no key of ours may sign now")


@shared_task(name="certificates.delete_revocations")
def delete_revocations() -> None:
    """Mark batches as deleted that have expired, and forget those of long ago."""
    now = timezone.now()
    publication.delete_expired(now=now)
    publication.purge(now=now)
