"""What the desk of line 1221 reads of invitations and reserved times (`registration.desk.additions`)."""

from collections.abc import Iterator
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crs.typed_moment import written
from logistics.models import VaccinationSite
from registration.desk.additions import Section, SectionLink
from registration.models import Registration
from registration.permissions import RegistrationAct
from reservation.models import Appointment, Invitation, Reservation
from reservation.papers import affected_times


def of_registration(registration: Registration) -> Section | None:
    """Every invitation and every reservation with its times, the latest first; None where there was none."""
    sites = _waiting_at(registration)
    lines = (*_reservations(registration), *map(_what_to_tell, sites), *_invitations(registration))
    link = _free_times(sites[0]) if sites else None
    return Section(gettext_lazy("Invitations and reservations"), lines, link) if lines else None


def _waiting_at(registration: Registration) -> list[VaccinationSite]:
    """The sites that look for another time for the person."""
    affected = Appointment.objects.to_come(registration).affected()
    return list(VaccinationSite.objects.filter(slots__appointments__in=affected).distinct().order_by("name__czech"))


def _what_to_tell(site: VaccinationSite) -> str:
    """What line 1221 answers a caller whose time cannot stay."""
    if site.phone:
        return _(
            "Tell the caller: do not come at that time; %(site)s calls you with another one, and you can call them: "
            "%(phone)s."
        ) % {"site": site.name, "phone": site.phone}
    return _("Tell the caller: do not come at that time; %(site)s calls you with another one.") % {"site": site.name}


def _free_times(site: VaccinationSite) -> SectionLink:
    url = f"{reverse('reservation:report')}?{urlencode({'okres': site.district_id})}"
    return SectionLink(gettext_lazy("Free times in the district of the site"), url, RegistrationAct.FIND_REGISTRATIONS)


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
