"""What the desk of line 1221 reads of a postponement, with the page that changes it (`registration.desk.additions`)."""

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from registration.desk.additions import Section, SectionLink
from registration.models import Registration
from registration.permissions import RegistrationAct
from reservation.postponing import postponing


def of_registration(registration: Registration) -> Section | None:
    """Until when the person waits; None where the registration has ended."""
    if registration.state == Registration.State.CANCELLED:
        return None
    standing = postponing.standing(registration.pk)
    line = _("Nothing is postponed.")
    if standing is not None:
        told = {"day": date_format(standing.not_before, "j. n. Y"), "ended": date_format(standing.ended_on, "j. n. Y")}
        line = _("No dose before %(day)s. The isolation ended on %(ended)s.") % told
    url = reverse("reservation:postponement_of_caller", args=[registration.pk])
    link = SectionLink(gettext_lazy("Postpone doses"), url, RegistrationAct.REGISTER_CALLERS)
    return Section(gettext_lazy("Postponement"), (line,), link)
