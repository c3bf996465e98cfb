"""PIN2 that nobody uses: a reminder before it ends, and after three of them a pause until the person asks.

Nothing is done when PIN2 ends: from that moment its person waits again, with their rank (`order.waiting`).
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from crs import sent_forms
from crs.messaging import outbox, quiet_hours
from crs.messaging.models import Message
from crs.sent_forms import NO_FORM, Outcome, Sending
from registration.models import Registration
from registration.people import telling
from reservation.inviting import issuing
from reservation.links import links
from reservation.models import Appointment, Invitation, InvitationPause, Reservation, WaitingListEntry

UNUSED_BEFORE_PAUSE = 3
BATCH = 500
# Whoever got PIN2 so lately needs no reminder.
FRESH = timedelta(days=1)


def remind(*, now: datetime) -> int:
    """Remind those whose PIN2 ends soon and who have not reserved, by SMS and e-mail, once; return how many.

    By day alone, in batches that commit; of two runs each takes people of its own. A letter would come too late.
    """
    reminded = 0
    while quiet_hours.is_waking_time(now) and (batch := _remind_some(now)):
        reminded += batch
    return reminded


def pause(*, now: datetime) -> int:
    """Pause the invitations of those who left three PIN2 unused, one after another, and tell them; return how many."""
    paused = 0
    while batch := _pause_some(now):
        paused += batch
    return paused


def standing_pause(registration_id: int) -> InvitationPause | None:
    """The pause of somebody's invitations; None where there is none."""
    return InvitationPause.objects.filter(registration=registration_id, resumed_at=None).first()


def resume(*, registration_id: int, now: datetime, by: User | None = None, form: Sending = NO_FORM) -> None:
    """End the pause: the person waits again at their old place. Nothing where it has ended. Raises FormChanged."""

    def write() -> Outcome:
        issuing.end_pauses([registration_id], now=now, by=by)
        return {}

    sent_forms.once(form, write)


@transaction.atomic
def _remind_some(now: datetime) -> int:
    ends_soon = Q(expires_at__gt=now, expires_at__lte=now + timedelta(days=settings.PIN2_REMINDER_DAYS))
    due = _without_times().filter(ends_soon, reminded_at=None, issued_at__lt=now - FRESH, registration__by_letter=False)
    # What is marked and what is queued commit together. SKIP LOCKED: whoever acts at this moment needs no reminder.
    found = _locked(due.order_by("expires_at"))
    Invitation.objects.filter(pk__in=[one.pk for one in found]).update(reminded_at=now)
    outbox.queue_all(message for one in found for message in _messages(one, "reservation/pin2_ends", now))
    return len(found)


@transaction.atomic
def _pause_some(now: datetime) -> int:
    # An offered time has a count of its own (`answering.MOST_IGNORED`).
    turns = _not_reserved().exclude(kind=Invitation.Kind.OFFER)
    unused = turns.filter(used_at=None, unused_before__gte=UNUSED_BEFORE_PAUSE - 1, expires_at__lte=now)
    found = _locked(unused.order_by("expires_at"))
    # Revoked, so that the count begins anew once the person asks.
    Invitation.objects.filter(pk__in=[one.pk for one in found]).update(revoked_at=now)
    pauses = (InvitationPause(registration_id=one.registration_id, paused_at=now) for one in found)
    # Where one stands already, it goes on standing, and keeps nobody else's from being written.
    InvitationPause.objects.bulk_create(pauses, ignore_conflicts=True)
    outbox.queue_all(message for one in found for message in _messages(one, "reservation/paused", now))
    return len(found)


def _not_reserved() -> QuerySet[Invitation]:
    """PIN2 that were not replaced, of people who hold no seats; without those of offers to the waiting list."""
    return _standing().filter(~Exists(_reserved()))


def _without_times() -> QuerySet[Invitation]:
    """Of the same people, and of those who had a dose and have no time for the next one."""
    to_come = _reserved().filter(appointments__state=Appointment.State.BOOKED)
    is_amid = Q(registration__state=Registration.State.ACTIVE, registration__doses_received__gt=0)
    return _standing().filter(~Exists(_reserved()) | is_amid & ~Exists(to_come))


def _reserved() -> QuerySet[Reservation]:
    return Reservation.objects.holding_seats().filter(registration=OuterRef("registration"))


def _standing() -> QuerySet[Invitation]:
    listed = WaitingListEntry.objects.standing().filter(registration=OuterRef("registration"))
    of_offers = Q(Exists(listed), kind=Invitation.Kind.OFFER)
    standing = Invitation.objects.filter(~of_offers, revoked_at=None)
    return standing.exclude(registration__state=Registration.State.CANCELLED)


def _locked(invitations: QuerySet[Invitation]) -> list[Invitation]:
    with_person = invitations.select_related("registration__person")
    return list(with_person.select_for_update(of=("self", "registration"), no_key=True, skip_locked=True)[:BATCH])


def _messages(invitation: Invitation, template: str, now: datetime) -> Iterator[Message]:
    context: dict[str, object] = {
        "registration": invitation.registration,
        "issued_at": invitation.issued_at,
        "expires_at": invitation.expires_at,
        "address": links.address_of("reservation:my_pin2"),
    }
    return telling.messages(
        invitation.registration,
        template,
        context,
        lane=Message.Lane.BULK,
        reference=invitation.registration.number,
        due_at=quiet_hours.next_waking_time(now),
    )
