"""Periodic work of reservation (times in settings.CELERY_BEAT_SCHEDULE)."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from celery import shared_task
from celery.signals import worker_ready
from django.conf import settings
from django.utils import timezone

from crs import queueing
from reservation.closing import finishing
from reservation.coverage import supply
from reservation.free_seats import folding, freed
from reservation.inviting import invitations, ranks, unused, waiting_summary
from reservation.links import links
from reservation.moving import reminders
from reservation.opening import generating
from reservation.postponing import intervals
from reservation.replanning import planning, working
from reservation.report import capacity
from reservation.reserving import booking
from reservation.substitutes import calling
from reservation.waiting import entries, offering, straight_on


@shared_task(name="reservation.release_expired_holds")
def release_expired_holds() -> int:
    """Free the seats of holds that ran out."""
    return booking.release_expired(now=timezone.now())


@shared_task(name="reservation.invite")
def invite() -> int:
    """Invite the next people, count what is left for whoever registers, and return how many were invited."""
    most = settings.INVITATIONS_PER_RUN
    invited = invitations.invite(limit=most, now=timezone.now()).invited
    # What they left is for whoever registers; where the run was too short for all, for those who wait.
    straight_on.count(now=timezone.now(), others_wait=invited >= most)
    return invited


@worker_ready.connect
def _invite_at_once(**_: Any) -> None:
    # Until the first run nobody knows who comes first, so nobody could go straight on.
    queueing.send("reservation.invite")


@shared_task(name="reservation.remind_of_pin2")
def remind_of_pin2() -> int:
    """Remind those whose PIN2 ends soon, and return how many."""
    return unused.remind(now=timezone.now())


@shared_task(name="reservation.pause_invitations")
def pause_invitations() -> int:
    """Pause the invitations of those who left three PIN2 unused, and return how many."""
    return unused.pause(now=timezone.now())


@shared_task(name="reservation.count_waiting")
def count_waiting() -> bool:
    """Count the people who wait, for previews of rules, places in the order, and ranks of those who reserved."""
    now = timezone.now()
    if not waiting_summary.refresh(now=now):
        return False
    ranks.add(now=now)
    return True


@shared_task(name="reservation.generate_slots")
def generate_slots(site_id: str | None = None) -> None:
    """Make the slots of the days ahead follow the rules, of all sites or of one."""
    generating.generate(now=timezone.now(), site_ids=[UUID(site_id)] if site_id else None)


@shared_task(name="reservation.generate_tied_slots")
def generate_tied_slots() -> None:
    """Offer in the next week what the vaccine of the sites suffices for, where rules ask for it."""
    now = timezone.now()
    last_day = timezone.localdate(now) + timedelta(days=supply.DAYS_AHEAD)
    generating.generate(now=now, site_ids=generating.sites_with_tied_rules(now=now), until=last_day)


@shared_task(name="reservation.finish_closures")
def finish_closures() -> int:
    """Do what is left of closures, and return of how many something was left."""
    queueing.begun("reservation.finish_closures")
    return finishing.finish_all(now=timezone.now())


@shared_task(name="reservation.fold_seats")
def fold_seats() -> int:
    """Fold the changes of seats into the sums of days, into what sites offer, and into what the report says of it."""
    queueing.begun(freed.FOLD)
    now = timezone.now()
    folded = folding.fold(now=now)
    if folded:
        capacity.refresh(now=now)
    if folded and folded.changes and entries.is_anybody_there():
        queueing.send_once("reservation.offer_seats")
    return folded.changes if folded else 0


@shared_task(name="reservation.remind")
def remind() -> int:
    """Remind those who have a dose tomorrow, and return how many."""
    return reminders.send_due(now=timezone.now())


@shared_task(name="reservation.forget_links")
def forget_links() -> int:
    """Delete personal links that ran out long ago, and return how many."""
    return links.forget_old(now=timezone.now())


@shared_task(name="reservation.offer_seats")
def offer_seats() -> int:
    """Offer free times to people on the waiting list, and return to how many."""
    queueing.begun("reservation.offer_seats")
    return offering.offer(now=timezone.now())


@shared_task(name="reservation.check_intervals")
def check_intervals() -> int:
    """Hand over the bookings that a new interval between doses leaves outside, and return how many."""
    return len(intervals.hand_over_outside(timezone.now()).appointment_ids)


@shared_task(name="reservation.ask_substitutes")
def ask_substitutes() -> int:
    """Ask the next substitutes of the calls that run, end those whose time is over, and return how many were asked."""
    return calling.ask_all(timezone.now())


@shared_task(name="reservation.replan")
def replan() -> int:
    """Do what is due of re-plannings, and return on how many there was work."""
    queueing.begun(planning.TASK)
    return working.work_all()
