"""What a person's own registration says of PIN2 and of reserved times (`registration.mine.next_steps`)."""

from collections.abc import Iterator
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from registration.mine.next_steps import NextStep
from registration.models import Registration
from reservation.inviting import unused
from reservation.models import Appointment, Invitation, Reservation
from reservation.papers import affected_times
from reservation.reserving import needs, turn
from reservation.waiting import entries

# The telephone is proven on the page of these lines, so nobody is asked for PIN2.
_MY_PIN2 = "reservation:my_pin2"


def of_registration(registration: Registration, now: datetime) -> Iterator[NextStep]:
    """The times that are to come, also those that cannot stay; without any, PIN2 that still opens the reservation."""
    times = Appointment.objects.to_come(registration).select_related("slot__site")
    in_order = times.prefetch_related(affected_times.prefetch()).order_by("slot__starts_at")
    # Whoever waits for another time waits for it also when the old one has passed.
    booked = [one for one in in_order if one.slot.starts_at > now or affected_times.of(one)]
    for place, appointment in enumerate(booked, start=1):
        text = _("Booked for dose %(dose)s: %(moment)s, %(site)s.") % {
            "dose": appointment.dose_number,
            "moment": _written(appointment.slot.starts_at),
            "site": appointment.slot.site.name,
        }
        if affected := affected_times.of(appointment):
            why = affected_times.why(affected.cause, affected_times.reason_of(affected))
            text = f"{text} {why} {affected_times.what_to_do()}"
        if place < len(booked):
            yield NextStep(text)
        else:
            yield NextStep(text, _MY_PIN2, _("See the times"))
    if booked:
        return
    missed = Appointment.objects.filter(
        reservation__in=Reservation.objects.confirmed().filter(registration=registration),
        state=Appointment.State.MISSED,
    ).first()
    if missed is not None:
        text = _("You did not come for dose %(dose)s. Please choose a new time.") % {"dose": missed.dose_number}
        yield NextStep(text, _MY_PIN2, _("Choose a new time"))
        return
    offer = entries.kept_offer(registration.pk, now=now)
    if offer is not None:
        slot = entries.first_appointment(offer).slot
        text = _("We keep a time for you: %(moment)s, %(site)s. Please answer by %(until)s.") % {
            "moment": _written(slot.starts_at),
            "site": slot.site.name,
            "until": _written(offer.answer_by),
        }
        yield NextStep(text, _MY_PIN2, _("Go to the offered time"))
        return
    invitation = Invitation.objects.valid(now).filter(registration=registration).first()
    # A register may say meanwhile that it is not the turn of the person: the log-in says so, and the page says why.
    if invitation is not None and turn.eligibility_of(registration, now=now).may_reserve:
        text = _("It is your turn. We sent PIN2 on %(day)s; it works until %(end)s.") % {
            "day": date_format(timezone.localdate(invitation.issued_at), "DATE_FORMAT"),
            "end": _written(invitation.expires_at),
        }
        yield NextStep(text, _MY_PIN2, _("Choose a time, or have PIN2 sent once more"))
    elif (dose := needs.dose_without_time(registration)) is not None:
        yield NextStep(_("You have no time for dose %(dose)s.") % {"dose": dose}, _MY_PIN2, _("Choose a new time"))
    elif unused.standing_pause(registration.pk) is not None:
        text = _("You used none of three PIN2, so we send no more. You keep your place.")
        yield NextStep(text, _MY_PIN2, _("Ask to be invited again"))


def _written(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "DATETIME_FORMAT")
