"""Periodic work of reservation (times in settings.CELERY_BEAT_SCHEDULE)."""

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from registration.groups.rules import rules_at
from reservation import booking, invitations


@shared_task(name="reservation.release_expired_holds")
def release_expired_holds() -> int:
    """Free the seats of holds that ran out."""
    return booking.release_expired(now=timezone.now())


@shared_task(name="reservation.invite")
def invite() -> int:
    """Invite the next people of every open group, the group with the highest score first."""
    now = timezone.now()
    left = settings.INVITATIONS_PER_RUN
    for rule in rules_at(now):
        if left <= 0:
            break
        if rule.invites(now):
            left -= invitations.invite(group=rule.group, limit=left, now=now).invited
    return settings.INVITATIONS_PER_RUN - left
