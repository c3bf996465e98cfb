"""The waiting list: who stands on it, joins it and leaves it.

Only whoever can be offered a time stands on it: a person who waits for a first dose, has said which sites suit them,
and is reached by SMS. Whoever cannot waits for PIN2 like everybody, and so does whoever stands there while none of
their sites has a free time.
"""

from collections.abc import Collection
from datetime import datetime

from django.db import connection
from django.db.models import DateTimeField, Exists, OuterRef, Q, QuerySet, Value

from crs import sent_forms
from crs.sent_forms import NO_FORM, Outcome, Sending
from logistics.models import VaccinationSite
from registration.models import Registration
from reservation.inviting import issuing, order
from reservation.models import Appointment, Reservation, SeatOffer, WaitingListEntry
from reservation.reserving import booking
from reservation.waiting.errors import CannotJoin

_CHOSEN = Registration.preferred_sites.through


def join(
    *, registration_id: int, now: datetime, sites: Collection[VaccinationSite] | None = None, form: Sending = NO_FORM
) -> None:
    """Put the person on the waiting list; nothing where they stand there. With `sites` these suit them from now on.

    A pause of their invitations ends. Raises CannotJoin, FormChanged.
    """

    def write() -> Outcome:
        if sites is not None:
            _locked(registration_id).get().preferred_sites.set(sites)
        person = _locked(registration_id).filter(can_be_offered()).first()
        if person is None or Reservation.objects.confirmed().filter(registration=registration_id).exists():
            raise CannotJoin
        issuing.end_pauses([registration_id], now=now)
        WaitingListEntry.objects.get_or_create(
            registration_id=registration_id, left_at=None, defaults={"joined_at": now}
        )
        if sites is not None:
            WaitingListEntry.objects.standing().filter(registration=registration_id).update(tried_at=None)
        return {}

    sent_forms.once(form, write)


def join_at_once(registration_id: int, now: datetime) -> None:
    """Put somebody who has just registered on the list, if a time can be offered to them: one statement.

    It is the same statement for the key of nobody, so that a claim costs what a registration costs.
    """
    person = Registration.objects.filter(can_be_offered(), pk=registration_id).order_by()
    select, values = person.values_list("pk", Value(now, DateTimeField())).query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO reservation_waitinglistentry (registration_id, joined_at) {select} ON CONFLICT DO NOTHING",
            values,
        )


def leave(*, registration_id: int, now: datetime, form: Sending = NO_FORM) -> None:
    """Take the person off the list; a time that is offered to them goes to the next one. Raises FormChanged."""

    def write() -> Outcome:
        _locked(registration_id).first()
        offer = open_offer(registration_id)
        if offer is not None:
            booking.release(reservation_id=offer.reservation_id, registration_id=registration_id)
        close(registration_id=registration_id, now=now)
        return {}

    sent_forms.once(form, write)


def close(*, registration_id: int, now: datetime) -> None:
    """The person wants no offers, or has no use for them; an open one counts as declined. Its seats are given back."""
    offers = SeatOffer.objects.filter(entry__registration=registration_id, answer="")
    # Whoever leaves in one tab may have accepted in another one a moment before.
    accepted = offers.filter(reservation__state=Reservation.State.CONFIRMED)
    accepted.update(answer=SeatOffer.Answer.ACCEPTED, answered_at=now)
    offers.update(answer=SeatOffer.Answer.DECLINED, answered_at=now)
    WaitingListEntry.objects.standing().filter(registration=registration_id).update(left_at=now)


def standing(registration_id: int) -> WaitingListEntry | None:
    """The person's place on the list."""
    return WaitingListEntry.objects.standing().filter(registration=registration_id).first()


def open_offer(registration_id: int) -> SeatOffer | None:
    """The offered time that the person can still take, also a moment too late: until the sweep gives its seats back."""
    offers = SeatOffer.objects.filter(entry__registration=registration_id, answer="")
    return offers.filter(reservation__state=Reservation.State.HELD).select_related("reservation").first()


def kept_offer(registration_id: int, *, now: datetime) -> SeatOffer | None:
    """The offered time of which a page may say that we keep it for the person."""
    offer = open_offer(registration_id)
    return offer if offer is not None and offer.answer_by > now else None


def first_appointment(offer: SeatOffer) -> Appointment:
    """The first of the offered times."""
    times = Appointment.objects.filter(reservation=offer.reservation_id).select_related("slot__site")
    return times.order_by("dose_number")[0]


def is_anybody_there() -> bool:
    """Whether anybody stands on the list."""
    return WaitingListEntry.objects.standing().exists()


def can_be_offered() -> Q:
    """The registrations of people who can be offered a time for a first dose."""
    chosen = Exists(_CHOSEN.objects.filter(registration=OuterRef("pk")))
    return order.wants_first_dose() & Q(by_letter=False) & ~Q(phone="") & Q(chosen)


def settle_entries(*, now: datetime) -> int:
    """Let those leave who have reserved meanwhile, or can be offered no time any more; return how many.

    Without it they would wait for an offer that never comes, and be invited no more.
    """
    reserved = Reservation.objects.confirmed().filter(registration=OuterRef("registration"))
    offerable = Registration.objects.filter(can_be_offered())
    gone = WaitingListEntry.objects.standing().filter(
        Exists(reserved) | ~Exists(offerable.filter(pk=OuterRef("registration")))
    )
    return gone.update(left_at=now)


def _locked(registration_id: int) -> QuerySet[Registration]:
    """The person's row: whoever holds seats for them, offers a time or invites them waits here."""
    people = Registration.objects.standing().filter(pk=registration_id)
    list(people.select_for_update(of=("self",), no_key=True))
    return people
