"""Series of any number of doses: all of it or none, the rest of it, and boosters, by the dated rules."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from logistics.models import DoseInterval, VaccinationSite, Vaccine
from registration.models import Registration
from reservation import errors
from reservation.arranging import arrangements, seating
from reservation.free_seats import availability, folding
from reservation.models import Appointment, Invitation, Postponement, Slot
from reservation.reserving import booking, needs
from reservation.slots import check
from tests.factories import NOW, make_invitation, make_registration, make_reservation, make_site, make_slot
from vaccination.doses import limits
from vaccination.models import Dose

pytestmark = pytest.mark.django_db

TODAY = NOW.date()
LONG_AGO = date(2026, 6, 1)


def make_series(doses: int, *gaps: tuple[int, int, int]) -> Vaccine:
    """A vaccine for people of any age whose doses follow each other after (at least, ideal, at most) days."""
    vaccine = Vaccine.objects.create(code="series", name="Series", doses=doses)
    for number, (least, ideal, most) in enumerate(gaps, 2):
        DoseInterval.objects.create(
            vaccine=vaccine, dose_number=number, valid_from=LONG_AGO, min_days=least, ideal_days=ideal, max_days=most
        )
    return vaccine


def hold(invitation: Invitation, slot: Slot, now: datetime = NOW) -> list[Appointment]:
    held = booking.hold(invitation_id=invitation.pk, slot_id=slot.pk, now=now)
    found = Appointment.objects.filter(reservation=held.reservation_id).select_related("slot").order_by("dose_number")
    return list(found)


def vaccinated(
    doses: int = 2, days_ago: int = 200, last: str = "comirnaty", first: str = "", **fields: Any
) -> Invitation:
    """Somebody who completed a series so many days ago, and was invited again."""
    told: dict[str, Any] = {
        "doses_received": doses,
        "last_dose_on": TODAY - timedelta(days=days_ago),
        "last_vaccine_id": last,
    }
    state = fields.pop("state", "COMPLETED")
    return make_invitation(make_registration(**told, first_vaccine_id=first or last, state=state, **fields))


def test_three_doses_follow_each_other_at_their_ideal_intervals_and_one_time(site: VaccinationSite) -> None:
    vaccine = make_series(3, (20, 21, 28), (50, 60, 70))
    for day in (21, 22, 23, 80, 81, 82, 83):
        make_slot(day, "08:00", "SECOND", site=site, vaccine=vaccine)
    first = make_slot(1, "09:00", site=site, vaccine=vaccine)
    second, third = (make_slot(day, "09:00", "ANY", site=site, vaccine=vaccine) for day in (22, 82))
    held = hold(make_invitation(), first)
    assert [(one.dose_number, one.slot) for one in held] == [(1, first), (2, second), (3, third)]
    assert check.wrong_counters() == []


def test_a_second_dose_that_leaves_no_third_one_is_not_taken(site: VaccinationSite) -> None:
    vaccine = make_series(3, (20, 21, 28), (50, 60, 62))
    first = make_slot(1, site=site, vaccine=vaccine)
    make_slot(22, for_doses="SECOND", site=site, vaccine=vaccine)  # exact, and no third dose after it
    fitting = make_slot(26, for_doses="SECOND", site=site, vaccine=vaccine)
    third = make_slot(87, for_doses="SECOND", site=site, vaccine=vaccine)
    assert [one.slot for one in hold(make_invitation(), first)] == [first, fitting, third]


def test_one_dose_is_held_alone(site: VaccinationSite) -> None:
    only = make_slot(1, site=site, vaccine=make_series(1))
    assert [one.slot for one in hold(make_invitation(), only)] == [only]


Gaps = st.tuples(st.integers(1, 3), st.integers(0, 2), st.integers(0, 2)).map(lambda g: (g[0], g[0] + g[1], sum(g)))
Seats = st.lists(
    st.tuples(st.integers(1, 14), st.sampled_from(["FIRST", "SECOND", "ANY"]), st.integers(0, 1), st.integers(0, 90)),
    min_size=2,
    max_size=14,
    unique_by=lambda seat: (seat[0], seat[1]),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(doses=st.integers(1, 4), gaps=st.tuples(Gaps, Gaps, Gaps), seats=Seats)
def test_what_is_offered_can_be_held_and_nothing_else(
    site: VaccinationSite, doses: int, gaps: Sequence[tuple[int, int, int]], seats: list[tuple[int, str, int, int]]
) -> None:
    with transaction.atomic():
        vaccine = make_series(doses, *gaps[: doses - 1])
        slots = [
            make_slot(day, "09:00", kind, free, site=site, vaccine=vaccine, youngest_age=youngest)
            for day, kind, free, youngest in seats
        ]
        folding.fold(now=NOW)
        invitation = make_invitation()  # somebody of 86
        need = needs.need_of(invitation.registration_id, NOW)
        days = availability.days(site_id=site.pk, need=need, now=NOW)
        offered = {
            one.slot_id for day in days for one in availability.times(site_id=site.pk, day=day, need=need, now=NOW)
        }
        assert offered == {slot.pk for slot in slots if _can_begin(slot, slots, doses, gaps)}
        for slot in slots:
            with transaction.atomic():
                try:
                    held = hold(invitation, slot)
                except errors.BookingError:
                    assert slot.pk not in offered
                else:
                    assert slot.pk in offered
                    _is_whole(held, doses, gaps)
                    assert check.wrong_counters() == []
                transaction.set_rollback(True)
        transaction.set_rollback(True)


def _can_begin(slot: Slot, slots: list[Slot], doses: int, gaps: Sequence[tuple[int, int, int]]) -> bool:
    """The rule once more, in the plainest way."""
    return _fits(slot, "FIRST") and _goes_on(slot.starts_at.date(), slots, gaps[: doses - 1])


def _goes_on(day: date, slots: list[Slot], gaps: Sequence[tuple[int, int, int]]) -> bool:
    if not gaps:
        return True
    least, _, most = gaps[0]
    return any(
        _fits(one, "SECOND")
        and least <= (one.starts_at.date() - day).days <= most
        and _goes_on(one.starts_at.date(), slots, gaps[1:])
        for one in slots
    )


def _fits(slot: Slot, kind: str) -> bool:
    return slot.for_doses in (kind, "ANY") and slot.booked < slot.capacity and slot.youngest_age <= 86


def _is_whole(held: list[Appointment], doses: int, gaps: Sequence[tuple[int, int, int]]) -> None:
    assert [one.dose_number for one in held] == list(range(1, doses + 1))
    for before, after, (least, _, most) in zip(held, held[1:], gaps, strict=False):
        assert least <= (after.slot.day - before.slot.day).days <= most
    with connection.cursor() as cursor:
        cursor.execute("SELECT reservation_require_all_doses(%s)", [held[0].reservation_id])


# --- people who had doses -----------------------------------------------------------------------


def test_a_booster_is_held_alone_once_its_days_have_passed(site: VaccinationSite) -> None:
    invitation = vaccinated(days_ago=150)
    early, due = (make_slot(day, for_doses="SECOND", site=site) for day in (1, 2))  # 152 days
    with pytest.raises(errors.DoseTooEarly, match="13"):
        hold(invitation, early)
    assert [(one.dose_number, one.slot) for one in hold(invitation, due)] == [(3, due)]
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    first = make_slot(3, site=site)
    with pytest.raises(errors.NoSuchSlot):
        hold(invitation, first)


def test_the_rest_of_a_series_is_of_its_vaccine(site: VaccinationSite) -> None:
    invitation = vaccinated(doses=1, days_ago=30, state="ACTIVE")
    other = make_slot(
        1, for_doses="SECOND", site=site, vaccine_id="spikevax", vaccine=Vaccine.objects.get(pk="spikevax")
    )
    with pytest.raises(errors.OtherVaccine, match="Comirnaty"):
        hold(invitation, other)
    own = make_slot(1, "10:00", "SECOND", site=site)
    assert [one.dose_number for one in hold(invitation, own)] == [2]


def test_whoever_had_a_vector_vaccine_gets_a_booster_of_another(site: VaccinationSite) -> None:
    invitation = vaccinated(last="vaxzevria")
    booster = make_slot(1, for_doses="ANY", site=site)
    assert [one.dose_number for one in hold(invitation, booster)] == [3]


def test_after_one_dose_of_janssen_the_booster_is_dose_two(site: VaccinationSite) -> None:
    booster = make_slot(1, for_doses="ANY", site=site)
    with pytest.raises(errors.DoseTooEarly):
        hold(vaccinated(doses=1, days_ago=50, last="janssen"), booster)
    assert [one.dose_number for one in hold(vaccinated(doses=1, days_ago=61, last="janssen"), booster)] == [2]


def test_the_old_reservation_is_finished_by_the_next_one_and_keeps_its_seats(site: VaccinationSite) -> None:
    invitation = vaccinated()
    old = make_reservation(invitation.registration, site=site, day=-230)
    slot = make_slot(1, for_doses="ANY", site=site)
    with pytest.raises(errors.AlreadyReserved):
        hold(invitation, slot)  # a time of it is still booked
    Appointment.objects.filter(reservation=old).update(state="FULFILLED")
    (booster,) = hold(invitation, slot)
    old.refresh_from_db()
    assert (old.state, old.is_finished, booster.reservation_id == old.pk) == ("CONFIRMED", True, False)
    assert check.wrong_counters() == []
    booking.confirm(reservation_id=booster.reservation_id, registration_id=invitation.registration_id, now=NOW)
    with pytest.raises(errors.AlreadyReserved):
        hold(invitation, slot)


def test_no_booster_is_offered_without_a_rule(site: VaccinationSite) -> None:
    invitation = vaccinated(doses=4)
    with pytest.raises(errors.NoDoseDue):
        hold(invitation, make_slot(1, for_doses="ANY", site=site))
    assert needs.need_of(invitation.registration_id, NOW).vaccines == {}


# --- ages and illness ---------------------------------------------------------------------------


def test_ages_count_on_the_day_of_each_dose(site: VaccinationSite) -> None:
    birthday = TODAY + timedelta(days=10)
    child = make_invitation(
        make_registration(birth_date=birthday.replace(year=birthday.year - 12), claims={"care-home-clients": "PENDING"})
    )
    for day in (9, 10, 30, 31):
        make_slot(day, for_doses="ANY", capacity=9, site=site)
    early, late = Slot.objects.order_by("starts_at")[:2]
    with pytest.raises(errors.DoseTooEarly, match="21"):
        hold(child, early)
    assert len(hold(child, late)) == 2


def test_a_slot_and_a_site_serve_people_of_their_ages(site: VaccinationSite) -> None:
    invitation = make_invitation()  # 86 years
    children = make_slot(1, site=site, oldest_age=15)
    with pytest.raises(errors.WrongAge, match=r"0 .*15"):
        hold(invitation, children)
    young = make_site("Jinde", oldest_age=80)
    with pytest.raises(errors.WrongAge, match="80"):
        hold(invitation, make_slot(1, site=young))
    # The second dose, too: the nearest one that serves this age.
    first = make_slot(2, site=site)
    make_slot(23, for_doses="SECOND", site=site, oldest_age=80)
    fitting = make_slot(24, for_doses="SECOND", site=site)
    assert [one.slot for one in hold(invitation, first)] == [first, fitting]


def test_nothing_is_held_before_the_day_until_which_somebody_waits(site: VaccinationSite) -> None:
    invitation = make_invitation()
    Postponement.objects.create(
        registration=invitation.registration, ended_on=TODAY, not_before=TODAY + timedelta(days=5)
    )
    for day in (4, 5, 25, 26):
        make_slot(day, for_doses="ANY", site=site)
    early, late = Slot.objects.order_by("starts_at")[:2]
    with pytest.raises(errors.Postponed, match="16"):
        hold(invitation, early)
    assert len(hold(invitation, late)) == 2
    assert needs.need_of(invitation.registration_id, NOW).not_before == TODAY + timedelta(days=5)


# --- the two rooms --------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    given_of=st.lists(st.sampled_from(["comirnaty", "spikevax", "vaxzevria", "janssen"]), min_size=0, max_size=4),
    wanted=st.sampled_from(["comirnaty", "spikevax", "vaxzevria", "janssen"]),
    last_on=st.dates(date(2021, 1, 1), date(2022, 12, 31)),
    ahead=st.integers(0, 500),
    born=st.dates(date(1930, 1, 1), date(2016, 12, 31)),
)
def test_the_first_day_of_a_booster_is_the_first_one_on_which_the_site_may_give_it(
    given_of: list[str], wanted: str, last_on: date, ahead: int, born: date
) -> None:
    vaccines = Vaccine.objects.in_bulk()
    history = [Dose(vaccine=vaccines[code], number=number) for number, code in enumerate(given_of, 1)]
    number = len(history) + 1
    if not history or number <= history[0].vaccine.doses:
        return  # a dose of the series keeps to the interval that is booked
    day = last_on + timedelta(days=ahead)
    rule = limits.limits(vaccine=vaccines[wanted], number=number, history=history, day=day)
    age = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
    may_be_given = (
        rule.is_offered
        and (given_of[-1] == wanted or rule.may_follow_another)
        and age >= rule.youngest_age
        and rule.min_days is not None
        and ahead >= rule.min_days
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT reservation_first_day(%s, %s, %s, %s, true, %s, %s, %s)",
            [wanted, day, born, len(history), last_on, given_of[-1], given_of[0]],
        )
        (first_day,) = cursor.fetchone()
    assert (first_day == day) == may_be_given


def test_a_seat_of_ones_own_in_a_closed_slot_is_not_taken_again(site: VaccinationSite) -> None:
    invitation = make_invitation()
    first, second = make_slot(1, site=site), make_slot(22, for_doses="SECOND", site=site)
    hold(invitation, first)
    other, open_one = make_slot(1, "10:00", site=site), make_slot(23, "10:00", for_doses="SECOND", site=site)
    Slot.objects.filter(pk__in=[first.pk, second.pk]).update(is_closed=True)
    with pytest.raises(errors.SlotClosed):
        hold(invitation, first, NOW + 2 * booking.HOLD_FOR)
    assert [one.slot for one in hold(invitation, other)] == [other, open_one]
    assert check.wrong_counters() == []


@pytest.mark.parametrize("then", ["release", "hold", "confirm"])
def test_a_dose_taken_back_after_the_person_went_on_counts_in_its_reservation_again(
    site: VaccinationSite, then: str
) -> None:
    invitation = vaccinated()
    person = invitation.registration
    old = make_reservation(person, site=site, day=-200)
    Appointment.objects.filter(reservation=old).update(state="FULFILLED")
    (booster,) = hold(invitation, make_slot(1, for_doses="ANY", site=site))
    if then == "release":
        booking.release(reservation_id=booster.reservation_id, registration_id=person.pk)
    elif then == "confirm":
        booking.confirm(reservation_id=booster.reservation_id, registration_id=person.pk, now=NOW)
    Registration.objects.filter(pk=person.pk).update(state="ACTIVE", doses_received=1)
    second = old.appointments.get(dose_number=2)
    assert arrangements.unfulfil(appointment_id=second.pk, is_over=False)
    second.refresh_from_db()
    booster.reservation.refresh_from_db()
    stands = seating.standing_of(registration_id=person.pk, dose_number=2, now=NOW)
    if then == "confirm":
        assert (second.state, stands.reservation, booster.reservation.state) == (
            "MISSED",
            booster.reservation,
            "CONFIRMED",
        )
    else:
        assert (second.state, stands.appointment, booster.reservation.state) == ("BOOKED", second, "CANCELLED")
    assert check.wrong_counters() == []
