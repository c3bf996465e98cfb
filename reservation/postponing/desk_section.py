"""What the desk of line 1221 reads of postponements, and the page that changes them (`registration.desk.additions`)."""

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crs.typed_moment import written
from crs.users import name_of_user
from registration.desk.additions import Section, SectionLink
from registration.models import Registration
from registration.permissions import RegistrationAct
from reservation.models import Postponement


def of_registration(registration: Registration) -> Section | None:
    """Until when the person waits, and what was said before; None where the registration has ended."""
    if registration.state == Registration.State.CANCELLED:
        return None
    said = list(Postponement.objects.filter(registration=registration).select_related("made_by"))
    lines = [_line(one) for one in said if one.withdrawn_at is None] or [_("Nothing is postponed.")]
    url = reverse("reservation:postponement_of_caller", args=[registration.pk])
    link = SectionLink(gettext_lazy("Postpone doses"), url, RegistrationAct.REGISTER_CALLERS)
    return Section(gettext_lazy("Postponement"), (*lines, *map(_past, said)), link)


def _line(said: Postponement) -> str:
    told = {"day": date_format(said.not_before, "j. n. Y"), "ended": date_format(said.ended_on, "j. n. Y")}
    return _("No dose before %(day)s. The isolation ended on %(ended)s.") % told


def _past(said: Postponement) -> str:
    """When it was said, by whom, and until when it held."""
    who = name_of_user(said.made_by) if said.made_by else _("the person themselves")
    line = _("%(moment)s, %(who)s: postponed until %(day)s") % {
        "moment": written(said.made_at),
        "who": who,
        "day": date_format(said.not_before, "j. n. Y"),
    }
    if said.withdrawn_at is None:
        return line
    return _("%(postponed)s; withdrawn or replaced %(moment)s") % {
        "postponed": line,
        "moment": written(said.withdrawn_at),
    }
