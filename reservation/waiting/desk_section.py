"""What the desk of line 1221 reads of the waiting list (`registration.desk.additions`)."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crs.typed_moment import written
from registration.desk.additions import Section
from registration.models import Registration
from reservation.models import SeatOffer, WaitingListEntry
from reservation.waiting import entries


def of_registration(registration: Registration) -> Section | None:
    """When the person stood on the list, and every offered time with the answer; None where they never did."""
    lines = tuple(_lines(registration))
    return Section(gettext_lazy("Waiting list"), lines) if lines else None


def _lines(registration: Registration) -> Iterator[str]:
    for entry in WaitingListEntry.objects.filter(registration=registration):
        if entry.left_at is None:
            yield _("On the waiting list since %(since)s") % {"since": written(entry.joined_at)}
        else:
            told = {"since": written(entry.joined_at), "until": written(entry.left_at)}
            yield _("On the waiting list from %(since)s to %(until)s") % told
    for offer in SeatOffer.objects.filter(entry__registration=registration):
        slot = entries.first_appointment(offer).slot
        told = {"moment": written(slot.starts_at), "site": slot.site.name}
        if offer.answer:
            told["answer"] = offer.get_answer_display()
            yield _("Offered time %(moment)s, %(site)s: %(answer)s") % told
        else:
            told["until"] = written(offer.answer_by)
            yield _("Offered time %(moment)s, %(site)s: the person answers by %(until)s") % told
