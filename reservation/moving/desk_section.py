"""What the desk of line 1221 reads of times that can change, and where they change (`registration.desk.additions`)."""

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crs.typed_moment import written
from registration.desk.additions import Section, SectionLink
from registration.models import Registration
from registration.permissions import RegistrationAct
from reservation.moving import targets


def of_registration(registration: Registration) -> Section | None:
    """The times that the caller may change; None where there are none."""
    found = targets.of_person(registration.pk, timezone.now())
    if not found:
        return None
    lines = tuple(
        _("Dose %(dose)d: %(when)s, %(site)s")
        % {
            "dose": one.dose,
            "when": written(one.appointment.slot.starts_at),
            "site": one.appointment.slot.site.name,
        }
        for one in found
    )
    url = reverse("reservation:times_of_caller", args=[registration.pk])
    link = SectionLink(gettext_lazy("Change or cancel the times"), url, RegistrationAct.REGISTER_CALLERS)
    return Section(gettext_lazy("Times that can change"), lines, link)
