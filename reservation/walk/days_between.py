"""The days between the doses of a hold, as the page that asks to confirm it tells them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.utils import timezone

from logistics.models import DoseInterval
from reservation.models import Appointment, Reservation


@dataclass(frozen=True)
class Gap:
    """How a later dose follows the one before; `rule` is the interval that was valid when the times were held."""

    dose: int
    days: int
    pairing: Reservation.Pairing
    rule: DoseInterval


def gaps(hold: Reservation) -> list[Gap]:
    """One for each dose after the first one of the hold; none, and no query, where it has one dose."""
    appointments: Sequence[Appointment] = sorted(hold.appointments.all(), key=lambda one: one.dose_number)
    if len(appointments) < 2:
        return []
    made_on = timezone.localdate(hold.created_at)
    rules = DoseInterval.objects.valid_on(made_on).filter(vaccine=appointments[0].slot.vaccine_id)
    rule_of = {rule.dose_number: rule for rule in rules}
    return [_gap(before, after, rule_of[after.dose_number]) for before, after in pairwise(appointments)]


def _gap(before: Appointment, after: Appointment, rule: DoseInterval) -> Gap:
    days = (after.slot.day - before.slot.day).days
    if days != rule.ideal_days:
        pairing = Reservation.Pairing.OTHER_DAY
    elif after.slot.wall_time != before.slot.wall_time:
        pairing = Reservation.Pairing.SAME_DAY
    else:
        pairing = Reservation.Pairing.EXACT
    return Gap(after.dose_number, days, pairing, rule)
