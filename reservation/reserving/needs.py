"""What a person still needs, and why a time is not for them: the words of what `reservation_hold_doses()` asks.

The lists of sites, days and times show what fits the need (`free_seats`), so that few people ever read a refusal.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.utils import timezone

from crs.plain_sql import planned_cursor
from logistics.models import Vaccine
from registration.models import Registration
from reservation import errors
from reservation.free_seats.need import Need
from reservation.models import OLDEST, YOUNGEST, Appointment, Slot

_PERSON = """
SELECT p.birth_date, r.doses_received + 1, o.not_before,
       (SELECT json_object_agg(v.code, reservation_first_day(
            v.code, %(today)s, p.birth_date, r.doses_received, r.state = 'COMPLETED',
            r.last_dose_on, r.last_vaccine_id, r.first_vaccine_id))
        FROM logistics_vaccine v)
FROM registration_registration r
JOIN registration_person p ON p.id = r.person_id
LEFT JOIN reservation_postponement o ON o.registration_id = r.id AND o.withdrawn_at IS NULL
WHERE r.id = %(registration)s
"""


@dataclass(frozen=True)
class _Person:
    """From which day on each vaccine can be given to a person; None where it cannot."""

    birth_date: date
    next_dose: int
    not_before: date | None
    first_days: Mapping[str, date | None]


def need_of(registration_id: int, now: datetime) -> Need:
    """What the person of a standing registration needs at `now`; one query.

    `vaccines` is empty where no dose is offered to them.
    """
    today = timezone.localdate(now)
    person = _person(registration_id, today)
    waits_until = person.not_before or today
    fitting = {code: max(day, waits_until) for code, day in person.first_days.items() if day is not None}
    first_day = min(fitting.values(), default=today)
    # Nearly everybody can have any vaccine from now on, and is asked for none.
    has_any = len(fitting) == len(person.first_days) and set(fitting.values()) == {first_day}
    return Need(
        birth_date=person.birth_date,
        first_dose=person.next_dose,
        not_before=first_day if first_day > today else None,
        vaccines=None if has_any else fitting,
    )


def dose_without_time(registration: Registration) -> int | None:
    """The dose that somebody amid a series still needs and has no time for; None where nothing is missing so.

    They gave the time back, or did not come. Nobody invites them, so it is they who ask for PIN2.
    """
    is_amid = registration.state == Registration.State.ACTIVE and registration.doses_received > 0
    if not is_amid or registration.is_immobile or Appointment.objects.to_come(registration).exists():
        return None
    return registration.doses_received + 1


def refusal(*, registration_id: int, slot_id: int, now: datetime) -> errors.NotForYou:
    """Why the slot is not for the person, for whoever was told so by the database."""
    slot = Slot.objects.select_related("site", "vaccine").get(pk=slot_id)
    person = _person(registration_id, timezone.localdate(now))
    first_day = person.first_days[slot.vaccine_id]
    if first_day is None:
        fitting = [code for code, day in person.first_days.items() if day is not None]
        names = Vaccine.objects.filter(pk__in=fitting).order_by("name__czech").values_list("name", flat=True)
        return errors.OtherVaccine(list(names)) if fitting else errors.NoDoseDue()
    if person.not_before is not None and slot.day < person.not_before:
        return errors.Postponed(max(person.not_before, first_day))
    if slot.day < first_day:
        return errors.DoseTooEarly(slot.vaccine.name, first_day)
    youngest = max(slot.youngest_age, slot.site.youngest_age or YOUNGEST)
    oldest = min(slot.oldest_age, OLDEST if slot.site.oldest_age is None else slot.site.oldest_age)
    # A rule may have taken effect between the two questions; then the next try succeeds.
    return errors.WrongAge(youngest, oldest) if (youngest, oldest) != (YOUNGEST, OLDEST) else errors.NotForYou()


def _person(registration_id: int, today: date) -> _Person:
    with planned_cursor() as cursor:
        cursor.execute(_PERSON, {"registration": registration_id, "today": today})
        birth_date, next_dose, not_before, days = cursor.fetchone()
    first_days = {code: day and date.fromisoformat(day) for code, day in days.items()}
    return _Person(birth_date, next_dose, not_before, first_days)
