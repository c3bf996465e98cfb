"""What the desk of line 1221 reads of a substitute, and the page that changes it (`registration.desk.additions`)."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crs.typed_moment import written
from crs.users import name_of_user
from registration.desk.additions import Section, SectionLink
from registration.models import Registration
from registration.permissions import RegistrationAct
from reservation.models import Substitute, SubstituteOffer
from reservation.substitutes import agreeing

# More calls than these nobody asks about at the telephone.
LAST_CALLS = 10


def of_registration(registration: Registration) -> Section | None:
    """Where the person comes when they are called, and how they were asked; None where the registration has ended."""
    if registration.state == Registration.State.CANCELLED:
        return None
    agreed = [_agreed(one) for one in agreeing.agreed_by(registration)] or [_("Not called to any site.")]
    asked = SubstituteOffer.objects.filter(registration=registration).select_related("call__site").order_by("-sent_at")
    url = reverse("reservation:substitute_of_caller", args=[registration.pk])
    link = SectionLink(gettext_lazy("Call as a substitute"), url, RegistrationAct.REGISTER_CALLERS)
    return Section(gettext_lazy("Substitute"), (*agreed, *map(_asked, asked[:LAST_CALLS])), link)


def _agreed(one: Substitute) -> str:
    who = name_of_user(one.agreed_with) if one.agreed_with else _("the person themselves")
    told = {"site": one.site.name, "count": one.minutes, "moment": written(one.agreed_at), "who": who}
    text = ngettext(
        "%(site)s, within %(count)d minute (%(moment)s, %(who)s)",
        "%(site)s, within %(count)d minutes (%(moment)s, %(who)s)",
        one.minutes,
    )
    return text % told


def _asked(offer: SubstituteOffer) -> str:
    told = {"moment": written(offer.sent_at), "site": offer.call.site.name}
    if not offer.answer:
        return _("Asked %(moment)s, %(site)s: waits for an answer until %(until)s") % {
            **told,
            "until": written(offer.answer_by),
        }
    return _("Asked %(moment)s, %(site)s: %(answer)s") % {**told, "answer": offer.get_answer_display()}
