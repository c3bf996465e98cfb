"""Periodic work of reservation (times in settings.CELERY_BEAT_SCHEDULE)."""

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from crs import queueing
from reservation.closing import finishing
from reservation.free_seats import folding
from reservation.inviting import invitations, waiting_summary
from reservation.reserving import booking


@shared_task(name="reservation.release_expired_holds")
def release_expired_holds() -> int:
    """Free the seats of holds that ran out."""
    return booking.release_expired(now=timezone.now())


@shared_task(name="reservation.invite")
def invite() -> int:
    """Invite the next people, and return how many."""
    return invitations.invite(limit=settings.INVITATIONS_PER_RUN, now=timezone.now()).invited


@shared_task(name="reservation.count_waiting")
def count_waiting() -> bool:
    """Count the people who wait, for previews of rules and for places in the order."""
    return waiting_summary.refresh(now=timezone.now())


@shared_task(name="reservation.finish_closures")
def finish_closures() -> int:
    """Do what is left of closures, and return of how many something was left."""
    queueing.begun("reservation.finish_closures")
    return finishing.finish_all(now=timezone.now())


@shared_task(name="reservation.fold_seats")
def fold_seats() -> int:
    """Fold the changes of seats into the sums of days and into what sites offer."""
    folded = folding.fold(now=timezone.now())
    return folded.changes if folded else 0
