"""Checking people in, taking it back, sending them away."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.db import transaction

from logistics.models import Role, VaccinationSite, Vaccine
from registration.models import Person, Registration
from reservation.arranging import arrangements
from reservation.errors import NoSeatToday
from reservation.models import Appointment, Reservation, Slot
from tests.factories import (
    ENDED,
    NOW,
    context,
    make_dose,
    make_open_vial,
    make_registration,
    make_reservation,
    make_site,
    make_slot,
    make_staff,
)
from tests.race import race, tally
from vaccination.models import DayClosing, Visit
from vaccination.visits import check_in as coming
from vaccination.visits import errors
from vaccination.visits.check_in import CheckInDetails, Contact

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
DETAILS = CheckInDetails(identity="CITIZEN_CARD", consent="SPOKEN")


@pytest.fixture
def site() -> VaccinationSite:
    return make_site()


def committed(site: VaccinationSite) -> Reservation:
    """A reservation whose doses are written in one transaction, as the database asks."""
    with transaction.atomic():
        return make_reservation(site=site)


def due(reservation: Reservation) -> Appointment:
    return reservation.appointments.select_related("slot").get(dose_number=1)


def arrive(site: VaccinationSite, reservation: Reservation | None = None, **more: Any) -> Visit:
    appointment = due(reservation or make_reservation(site=site))
    values: dict[str, Any] = {"details": DETAILS, "context": context()} | more
    return coming.check_in(appointment=appointment, site=site, **values)


def test_a_person_with_an_appointment_is_checked_in(site: VaccinationSite) -> None:
    visit = arrive(site)
    assert (visit.state, visit.came_as, visit.day) == ("ARRIVED", "ON_TIME", NOW.date())
    assert visit.appointment.state == "BOOKED"


@pytest.mark.parametrize(
    ("minutes", "came"),
    [(-31, "EARLY"), (-30, "ON_TIME"), (0, "ON_TIME"), (30, "ON_TIME"), (31, "LATE")],
)
def test_half_an_hour_either_way_is_on_time(site: VaccinationSite, minutes: int, came: str) -> None:
    visit = arrive(site, context=context(NOW + timedelta(minutes=minutes)))
    assert visit.came_as == came


def test_another_day_another_site_and_no_appointment_are_told_apart(site: VaccinationSite) -> None:
    appointment = due(make_reservation(site=site, day=1))
    assert coming.came_as(appointment, site=site, now=NOW) == "OTHER_DAY"
    assert coming.came_as(appointment, site=make_site("Praha"), now=NOW) == "OTHER_SITE"
    assert coming.came_as(None, site=site, now=NOW) == "WALK_IN"


def test_a_form_that_is_sent_twice_is_one_visit(site: VaccinationSite) -> None:
    reservation, key = make_reservation(site=site), uuid4()
    first, second = (arrive(site, reservation, context=context(key=key)) for _ in range(2))
    assert first == second


def test_who_is_here_is_not_checked_in_again_and_the_desk_learns_where_they_are(site: VaccinationSite) -> None:
    reservation = make_reservation(site=site)
    visit = arrive(site, reservation)
    with pytest.raises(errors.AlreadyCheckedIn) as refusal:
        arrive(site, reservation)
    assert refusal.value.visit == visit


def test_a_seat_of_another_day_or_site_needs_one_of_today(site: VaccinationSite) -> None:
    with pytest.raises(errors.SeatIsElsewhere):
        arrive(site, make_reservation(site=site, day=1))
    with pytest.raises(errors.SeatIsElsewhere):
        arrive(site, make_reservation(site=make_site("Praha")))


def test_an_appointment_that_does_not_stand_is_refused(site: VaccinationSite) -> None:
    for state in ("CANCELLED", "HELD"):
        with pytest.raises(errors.SeatNotReserved):
            arrive(site, make_reservation(site=site, state=state))
    reservation = make_reservation(site=site)
    reservation.appointments.update(state="FULFILLED")
    with pytest.raises(errors.SeatNotReserved):
        arrive(site, reservation)


def test_a_dead_a_merged_and_a_cancelled_person_is_refused(site: VaccinationSite) -> None:
    reservation = make_reservation(site=site)
    person = Person.objects.filter(registrations__reservations=reservation)
    person.update(died_on=NOW.date() - timedelta(days=1))
    with pytest.raises(errors.VisitorDied):
        arrive(site, reservation)
    person.update(died_on=None, merged_into=make_registration().person)
    with pytest.raises(errors.PersonMerged):
        arrive(site, reservation)
    person.update(merged_into=None)
    Registration.objects.filter(reservations=reservation).update(**ENDED)
    with pytest.raises(errors.RegistrationCancelled):
        arrive(site, reservation)


def test_nobody_is_checked_in_on_a_closed_day(site: VaccinationSite) -> None:
    numbers = dict.fromkeys(("expected", "vaccinated", "missed", "doses_given", "doses_consumed", "doses_wasted"), 0)
    DayClosing.objects.create(site=site, day=NOW.date(), closed_at=NOW, **numbers)
    with pytest.raises(errors.DayIsClosed):
        arrive(site)


def test_contact_data_are_corrected_with_the_check_in_and_not_without_it(site: VaccinationSite) -> None:
    registrar = make_staff(Role.REGISTRAR, site=site)
    reservation = make_reservation(site=site)
    contact = Contact("+420601234567", "jana@example.cz", "Krátká 2", "Brno", "60200")
    arrive(site, reservation, contact=contact, context=by(registrar))
    registration = Registration.objects.select_related("person").get(reservations=reservation)
    assert (str(registration.phone), registration.person.city) == ("+420601234567", "Brno")
    with pytest.raises(errors.AlreadyCheckedIn):
        arrive(site, reservation, contact=Contact("", "", "", "", ""), context=by(registrar))
    registration.refresh_from_db()
    assert registration.email == "jana@example.cz"


def by(user: User) -> Any:
    return replace(context(), by=user)


def test_who_comes_on_another_day_gets_a_seat_of_today(site: VaccinationSite) -> None:
    reservation = make_reservation(site=site, day=3)
    make_slot(0, "10:00", "ANY", 5, site=site)
    visit = today(site, reservation.registration)
    assert (visit.came_as, visit.appointment.slot.day) == ("OTHER_DAY", NOW.date())
    assert visit.appointment == due(reservation)


def test_who_comes_to_another_site_moves_there(site: VaccinationSite) -> None:
    reservation = make_reservation(site=make_site("Praha"))
    make_slot(0, "10:00", "ANY", 5, site=site)
    visit = today(site, reservation.registration)
    assert (visit.came_as, visit.appointment.slot.site) == ("OTHER_SITE", site)


def test_over_a_full_calendar_only_with_a_reason(site: VaccinationSite) -> None:
    registration = make_registration()
    with pytest.raises(NoSeatToday):
        today(site, registration)
    visit = today(site, registration, over_reason="came from far away")
    assert (visit.came_as, visit.over_capacity_reason) == ("WALK_IN", "came from far away")


def test_the_reason_stays_only_where_no_seat_was_free(site: VaccinationSite) -> None:
    slot = make_slot(0, "10:00", "ANY", 5, site=site)
    visit = today(site, make_registration(), over_reason="came from far away")
    assert (visit.appointment.slot, visit.over_capacity_reason) == (slot, "")
    told = Visit.pgh_event_model.objects.get().pgh_context.metadata  # type: ignore[attr-defined]
    assert "reason" not in told


def test_a_refused_check_in_leaves_the_appointment_where_it_was(site: VaccinationSite) -> None:
    reservation = make_reservation(site=site)
    arrive(site, reservation)
    elsewhere = make_site("Praha")
    make_slot(0, "10:00", "ANY", 5, site=elsewhere)
    with pytest.raises(errors.AlreadyCheckedIn):
        today(elsewhere, reservation.registration)
    assert due(reservation).slot.site == site


def today(site: VaccinationSite, registration: Registration, **more: Any) -> Visit:
    return coming.check_in_today(
        registration=registration,
        site=site,
        vaccine=Vaccine.objects.get(pk="comirnaty"),
        dose_number=1,
        details=DETAILS,
        context=context(),
        **more,
    )


def test_a_check_in_is_taken_back_with_its_reason_and_the_person_can_come_again(site: VaccinationSite) -> None:
    reservation = make_reservation(site=site)
    visit = arrive(site, reservation)
    undone = coming.undo(visit=visit, reason="another person", context=context())
    assert (undone.state, undone.note) == ("UNDONE", "another person")
    assert arrive(site, reservation) != visit


def test_who_is_sent_away_can_be_checked_in_again_today(site: VaccinationSite) -> None:
    reservation = make_reservation(site=site)
    gone = coming.send_away(visit=arrive(site, reservation), why="MEDICAL", note="fever", context=context())
    assert (gone.state, gone.sent_away, gone.left_at) == ("SENT_AWAY", "MEDICAL", NOW)
    assert arrive(site, reservation).state == "ARRIVED"


def test_a_visit_with_a_dose_is_not_taken_back(site: VaccinationSite) -> None:
    visit = arrive(site)
    make_dose(visit, make_open_vial(site))
    Visit.objects.filter(pk=visit.pk).update(state="OBSERVED", observe_until=NOW)
    with pytest.raises(errors.DoseIsRecorded):
        coming.undo(visit=visit, reason="mistake", context=context())
    with pytest.raises(errors.DoseIsRecorded):
        coming.send_away(visit=visit, why="DECLINED", note="", context=context())


def test_what_was_ended_is_not_ended_again(site: VaccinationSite) -> None:
    visit = arrive(site)
    coming.undo(visit=visit, reason="mistake", context=context())
    with pytest.raises(errors.NotWaiting):
        coming.send_away(visit=visit, why="DECLINED", note="", context=context())


@pytest.mark.django_db(transaction=True)
def test_two_desks_check_one_person_in_once(site: VaccinationSite) -> None:
    reservation = committed(site)
    make_slot(0, "10:00", "ANY", 5, site=site)
    desks = [partial(arrive, site, reservation)] * 3 + [partial(today, site, reservation.registration)] * 2
    assert tally(race(*desks)) == {"Visit": 1, "AlreadyCheckedIn": 4}


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_the_database_still_lets_one_visit_stand(
    site: VaccinationSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control twin: both desks look before either writes, and the constraint catches the second."""
    reservation, both_have_looked = committed(site), Barrier(2)
    looked = coming._standing_visit

    def unlocked(appointment_id: int) -> Registration:
        return Registration.objects.select_related("person").get(reservations__appointments=appointment_id)

    def unlocked_appointment(appointment_id: int) -> Appointment:
        return Appointment.objects.select_related("slot", "reservation").get(pk=appointment_id)

    def look(*args: Any) -> Visit | None:
        found = looked(*args)
        if found is None:
            both_have_looked.wait(timeout=20)
        return found

    monkeypatch.setattr(coming, "_locked_registration", unlocked)
    monkeypatch.setattr(coming, "_locked_appointment", unlocked_appointment)
    monkeypatch.setattr(coming, "_standing_visit", look)
    assert tally(race(*[partial(arrive, site, reservation)] * 2)) == {"Visit": 1, "AlreadyCheckedIn": 1}
    assert both_have_looked.n_waiting == 0


@pytest.mark.django_db(transaction=True)
def test_an_undo_and_a_sending_away_at_once_end_the_visit_once(site: VaccinationSite) -> None:
    visit = arrive(site, committed(site))
    undo = partial(coming.undo, visit=visit, reason="mistake", context=context())
    send = partial(coming.send_away, visit=visit, why="DECLINED", note="", context=context())
    assert tally(race(undo, send, undo, send)) == {"Visit": 1, "NotWaiting": 3}


YESTERDAY = NOW - timedelta(days=1)


def missed(site: VaccinationSite, day: int = -1) -> Reservation:
    """A reservation whose first day is over and was closed: the person is said not to have come."""
    reservation = make_reservation(site=site, day=day)
    arrangements.miss(appointment=due(reservation), now=NOW)
    return reservation


def test_who_came_yesterday_is_checked_in_with_the_seat_of_that_day(site: VaccinationSite) -> None:
    visit = arrive(site, make_reservation(site=site, day=-1), came_at=YESTERDAY)
    assert (visit.day, visit.arrived_at, visit.came_as) == (YESTERDAY.date(), YESTERDAY, "ON_TIME")


def test_nobody_has_come_yet_who_comes_later(site: VaccinationSite) -> None:
    with pytest.raises(errors.NotYetCome):
        arrive(site, came_at=NOW + timedelta(minutes=1))


def test_who_is_said_to_have_missed_it_is_checked_in_late_and_the_dose_brings_it_back(site: VaccinationSite) -> None:
    reservation = missed(site)
    visit = arrive(site, reservation, came_at=YESTERDAY)
    assert visit.appointment.state == "MISSED"
    assert arrangements.fulfil(appointment_id=visit.appointment_id)
    reservation.refresh_from_db()
    assert (due(reservation).state, reservation.state) == ("FULFILLED", "CONFIRMED")


def test_who_has_chosen_again_since_is_seated_with_the_new_time(site: VaccinationSite) -> None:
    old = missed(site)
    again = make_reservation(old.registration, site=site, day=7)
    with pytest.raises(errors.SeatNotReserved):
        arrive(site, old, came_at=YESTERDAY)
    visit = late(old.registration, site)
    assert (visit.appointment.reservation, visit.came_as) == (again, "OTHER_DAY")
    assert visit.appointment.slot.day == visit.day == YESTERDAY.date()


def late(registration: Registration, site: VaccinationSite) -> Visit:
    return coming.check_in_today(
        registration=registration,
        site=site,
        vaccine=Vaccine.objects.get(name="Comirnaty"),
        dose_number=1,
        details=DETAILS,
        context=context(),
        came_at=YESTERDAY,
    )


def test_a_full_calendar_of_a_day_that_is_over_refuses_nobody(site: VaccinationSite) -> None:
    for _person in range(2):
        visit = late(make_registration(), site)
        assert (visit.came_as, visit.day, visit.over_capacity_reason) == ("WALK_IN", YESTERDAY.date(), "")
    assert visit.appointment.reservation.created_at == NOW


def test_a_missed_first_dose_is_found_again_without_its_appointment(site: VaccinationSite) -> None:
    reservation = missed(site)
    visit = late(reservation.registration, site)
    assert visit.appointment == due(reservation)


def test_who_was_sent_away_that_day_is_checked_in_late_once_more(site: VaccinationSite) -> None:
    reservation = make_reservation(site=site, day=-1)
    away = arrive(site, reservation, came_at=YESTERDAY)
    coming.send_away(visit=away, why="MEDICAL", note="", context=context())
    arrangements.miss(appointment=due(reservation), now=NOW)
    assert arrive(site, reservation, came_at=YESTERDAY).state == "ARRIVED"


def test_who_died_after_coming_is_entered_late_and_who_died_before_is_not(site: VaccinationSite) -> None:
    reservation = make_reservation(site=site, day=-1)
    person = Person.objects.filter(registrations__reservations=reservation)
    person.update(died_on=YESTERDAY.date() - timedelta(days=1))
    with pytest.raises(errors.VisitorDied):
        arrive(site, reservation, came_at=YESTERDAY)
    person.update(died_on=YESTERDAY.date())
    assert arrive(site, reservation, came_at=YESTERDAY)


def seated(registration: Registration, site: VaccinationSite, **more: Any) -> Visit:
    return coming.check_in_today(
        registration=registration,
        site=site,
        vaccine=Vaccine.objects.get(name="Comirnaty"),
        dose_number=1,
        details=DETAILS,
        context=context(),
        over_reason="a mistake",
        **more,
    )


def undone(visit: Visit) -> Visit:
    return coming.undo(visit=visit, reason="another person", context=context())


def booked_in(slot_id: int) -> int:
    return Slot.objects.get(pk=slot_id).booked


def test_who_was_checked_in_by_mistake_keeps_the_seat_of_the_other_day(site: VaccinationSite) -> None:
    reservation = make_reservation(site=site, day=5)
    former = due(reservation)
    visit = seated(reservation.registration, site)
    seat = due(reservation).slot
    assert (seat.day, booked_in(former.slot_id)) == (NOW.date(), 0)
    undone(visit)
    assert due(reservation).slot_id == former.slot_id
    assert (booked_in(former.slot_id), booked_in(seat.pk)) == (1, 0)
    # Once more, and again the way back is that of this check-in.
    undone(seated(reservation.registration, site))
    assert due(reservation).slot_id == former.slot_id


def test_a_seat_that_was_made_for_a_mistake_is_given_up(site: VaccinationSite) -> None:
    visit = undone(seated(make_registration(), site))
    assert (visit.state, visit.appointment.reservation.state) == ("UNDONE", "CANCELLED")
    assert booked_in(visit.appointment.slot_id) == 0


def test_a_former_seat_that_was_taken_meanwhile_is_not_given_twice(site: VaccinationSite) -> None:
    reservation = make_reservation(site=site, day=5)
    former = due(reservation)
    visit = seated(reservation.registration, site)
    seat = due(reservation).slot_id
    Slot.objects.filter(pk=former.slot_id).update(capacity=1, booked=1)
    undone(visit)
    assert due(reservation).slot_id == seat != former.slot_id


def test_a_check_in_with_a_seat_of_its_own_is_taken_back_alone(site: VaccinationSite) -> None:
    reservation = make_reservation(site=site)
    before = due(reservation)
    undone(arrive(site, reservation))
    assert due(reservation).slot_id == before.slot_id
    assert booked_in(before.slot_id) == 1


def test_who_was_moved_again_meanwhile_stays_there(site: VaccinationSite) -> None:
    reservation = make_reservation(site=site, day=5)
    visit = seated(reservation.registration, site)
    later = make_slot(9, "10:00", site=site)
    arrangements.move(appointment=due(reservation), slot_id=later.pk, now=NOW)
    undone(visit)
    assert due(reservation).slot_id == later.pk


@pytest.mark.django_db(transaction=True)
def test_two_who_take_one_check_in_back_give_the_seat_back_once() -> None:
    site = make_site()
    with transaction.atomic():
        reservation = make_reservation(site=site, day=5)
    former = due(reservation).slot_id
    visit = seated(reservation.registration, site)
    outcomes = race(partial(undone, visit), partial(undone, visit))
    assert tally(outcomes)["NotWaiting"] == 1
    assert (due(reservation).slot_id, booked_in(former)) == (former, 1)


@pytest.mark.django_db(transaction=True)
def test_a_seat_back_beside_somebody_who_books_the_former_seat_overbooks_nothing() -> None:
    site = make_site()
    with transaction.atomic():
        reservation = make_reservation(site=site, day=5)
    former = due(reservation).slot_id
    visit = seated(reservation.registration, site)
    Slot.objects.filter(pk=former).update(capacity=1)
    other = make_registration()
    book = partial(arrangements.book_next, registration=other, dose_number=1, slot_id=former, now=NOW)
    race(partial(undone, visit), book)
    assert Appointment.objects.filter(slot=former).count() == booked_in(former) == 1
