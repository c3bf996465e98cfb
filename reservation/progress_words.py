"""What lists of registrations say of PIN2 and of reserved times (`registration.progress`): two or three queries."""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from registration.models import Registration
from reservation.models import Appointment, Invitation, InvitationPause, Reservation


def of_registrations(registrations: Collection[Registration], now: datetime) -> Mapping[int, str]:
    """The words for those who hold a time, have a PIN2 that works, or were invited in vain."""
    keys = {one.pk for one in registrations}
    found = _times(keys, now)
    found |= _pin2s(keys - found.keys(), now)
    left = keys - found.keys()
    paused = InvitationPause.objects.filter(registration__in=left, resumed_at=None)
    return found | dict.fromkeys(
        paused.values_list("registration", flat=True), _("did not use three PIN2; no more are sent")
    )


def _times(keys: Collection[int], now: datetime) -> dict[int, str]:
    """The next time of each person; one that cannot stay also when it has passed, for they wait for another one."""
    standing = Appointment.objects.filter(
        reservation__registration__in=keys,
        reservation__state=Reservation.State.CONFIRMED,
        reservation__is_finished=False,
        state__in=(Appointment.State.BOOKED, Appointment.State.MISSED),
    )
    doubtful = set(standing.affected().values_list("pk", flat=True))
    # The earliest comes last, and so is the one that stays.
    found: dict[int, str] = {}
    for one in standing.select_related("slot", "reservation").order_by("-slot__starts_at"):
        values = {"dose": one.dose_number, "moment": _written(one.slot.starts_at)}
        person = one.reservation.registration_id
        if one.pk in doubtful:
            found[person] = _("dose %(dose)d, %(moment)s: the time cannot stay") % values
        elif one.state == Appointment.State.MISSED:
            found[person] = _("did not come for dose %(dose)d") % values
        elif one.slot.starts_at > now:
            found[person] = _("reserved: dose %(dose)d on %(moment)s") % values
        else:
            found.setdefault(person, _("dose %(dose)d was reserved for %(moment)s") % values)
    return found


def _pin2s(keys: Collection[int], now: datetime) -> dict[int, str]:
    valid = Invitation.objects.valid(now).filter(registration__in=keys)
    return {
        one.registration_id: _("PIN2 sent on %(day)s, it works until %(end)s")
        % {
            "day": date_format(timezone.localtime(one.issued_at), "DATE_FORMAT"),
            "end": _written(one.expires_at),
        }
        for one in valid
    }


def _written(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "DATETIME_FORMAT")
