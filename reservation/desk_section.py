"""What the desk of line 1221 reads of invitations and reserved times (`registration.desk.additions`)."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crs.typed_moment import written
from registration.desk.additions import Section
from registration.models import Registration
from reservation.models import Appointment, Invitation, Reservation
from reservation.papers import affected_times


def of_registration(registration: Registration) -> Section | None:
    """Every invitation and every reservation with its times, the latest first; None where there was none."""
    lines = (*_reservations(registration), *_invitations(registration))
    return Section(gettext_lazy("Invitations and reservations"), lines) if lines else None


def _reservations(registration: Registration) -> Iterator[str]:
    made = Reservation.objects.filter(registration=registration).order_by("-created_at")
    appointments = Appointment.objects.filter(reservation__registration=registration).select_related("slot__site")
    times: dict[object, list[str]] = {}
    for one in appointments.prefetch_related(affected_times.prefetch()).order_by("dose_number"):
        values = {"dose": one.dose_number, "when": written(one.slot.starts_at), "site": one.slot.site.name}
        text = _("dose %(dose)d on %(when)s, %(site)s") % values
        state = one.get_state_display()
        if affected := affected_times.of(one):
            state = _("cannot stay: %(cause)s; the site looks for another time") % {
                "cause": affected_times.cause(affected)
            }
        times.setdefault(one.reservation_id, []).append(f"{text} ({state})")
    for reservation in made:
        told = {"state": reservation.get_state_display(), "times": "; ".join(times.get(reservation.pk, []))}
        yield _("Reservation, %(state)s: %(times)s") % told


def _invitations(registration: Registration) -> Iterator[str]:
    for one in Invitation.objects.filter(registration=registration).order_by("-issued_at"):
        told = {"from": written(one.issued_at), "until": written(one.revoked_at or one.expires_at)}
        yield _("PIN2 from %(from)s, it works until %(until)s") % told
