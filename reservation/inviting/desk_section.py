"""What the desk of line 1221 reads of PIN2 and of pauses, and the page that acts (`registration.desk.additions`)."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crs.typed_moment import written
from crs.users import name_of_user
from registration.desk.additions import Section, SectionLink
from registration.models import Registration
from registration.permissions import RegistrationAct
from reservation.inviting import resending
from reservation.models import InvitationPause


def of_registration(registration: Registration) -> Section | None:
    """Whether PIN2 can be sent once more, and every pause; None where there is neither."""
    if registration.state == Registration.State.CANCELLED:
        return None
    lines = tuple(_lines(registration))
    if not lines:
        return None
    url = reverse("reservation:pin2_of_caller", args=[registration.pk])
    link = SectionLink(gettext_lazy("Send PIN2 once more, or invite again"), url, RegistrationAct.REGISTER_CALLERS)
    return Section(gettext_lazy("PIN2"), lines, link)


def _lines(registration: Registration) -> Iterator[str]:
    valid = resending.valid(registration.pk, timezone.now())
    if valid is not None:
        yield _("PIN2 works until %(until)s") % {"until": written(valid.expires_at)}
    for one in InvitationPause.objects.filter(registration=registration).select_related("resumed_by"):
        if one.resumed_at is None:
            yield _("Since %(since)s no PIN2 is sent: three were not used") % {"since": written(one.paused_at)}
        else:
            yield _("From %(since)s to %(until)s no PIN2 was sent; ended by %(who)s") % {
                "since": written(one.paused_at),
                "until": written(one.resumed_at),
                "who": name_of_user(one.resumed_by) if one.resumed_by else _("the person themselves"),
            }
