"""Whom a call asks and in which order, what they answer, and when it ends."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from crs.errors import DomainError
from crs.messaging.models import Message
from logistics.models import VaccinationSite
from registration.models import Registration
from registration.signals import registration_ended
from reservation import errors as reservation_errors
from reservation.free_seats import folding
from reservation.models import (
    AffectedAppointment,
    Postponement,
    Reservation,
    Slot,
    Substitute,
    SubstituteCall,
    SubstituteOffer,
)
from reservation.reserving import booking
from reservation.slots import check
from reservation.substitutes import agreeing, answering, asking, calling, errors
from reservation.waiting import entries, offering
from tests import factories
from tests.factories import NOW
from tests.reservation.conftest import Invite, MakePair
from tests.reservation.substitutes.conftest import Agree, Call

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


def asked(call: SubstituteCall) -> list[Registration]:
    return [one.registration for one in call.offers.order_by("pk")]


def offer_to(person: Registration) -> SubstituteOffer:
    return SubstituteOffer.objects.select_related("appointment__reservation", "appointment__slot").get(
        registration=person
    )


def answers(call: SubstituteCall) -> list[str]:
    return list(call.offers.order_by("pk").values_list("answer", flat=True))


def test_those_who_can_come_and_have_a_dose_today_are_asked_in_the_order_of_invitations(
    make_substitute: Agree, call: Call, site: VaccinationSite
) -> None:
    born = [date(1940, 1, 1), date(1938, 1, 1), date(1939, 1, 1)]
    third, first, second = (make_substitute(birth_date=day) for day in born)
    booked_later = make_substitute(birth_date=date(1930, 1, 1))
    factories.make_reservation(booked_later, site=site, day=5)
    for why_not in (
        make_substitute(minutes=43),  # too far to answer and to come
        make_substitute(birth_date=date(2024, 1, 1)),  # it is not the turn of children
        make_substitute(phone="", landline=""),
        make_substitute(doses_received=1, last_dose_on=NOW.date() - timedelta(days=1), last_vaccine_id="comirnaty"),
        factories.make_registration(),
    ):
        assert why_not
    postponed, today, withdrawn = make_substitute(), make_substitute(), make_substitute()
    Postponement.objects.create(registration=postponed, ended_on=NOW.date(), not_before=NOW.date() + timedelta(days=9))
    factories.make_reservation(today, site=site, day=0, clock="15:00")
    assert agreeing.withdraw(whose=withdrawn, site=str(site.pk), now=NOW)
    made = call(doses=5)
    order = {person: place for place, person in enumerate((first, second, third, booked_later))}
    assert set(asked(made)) == set(order)
    found = list(asking.who_can_come_today(made, NOW).filter(pk__in=[one.pk for one in order]))
    assert sorted(found, key=order.__getitem__) == found


def test_twice_as_many_are_asked_as_doses_are_left_and_the_next_ones_when_somebody_declines_or_is_silent(
    make_substitute: Agree, call: Call
) -> None:
    people = [make_substitute(birth_date=date(1930 + year, 1, 1)) for year in range(8)]
    made = call(doses=1)
    assert asked(made) == people[:2]
    told = Message.objects.filter(template="reservation/substitute_offer")
    assert {one.recipient for one in told} == {str(one.phone) for one in people[:2]}
    assert all(shown in str(told[0].text) for shown in ("9:45", "9:10", "/o/"))
    answering.decline(offer_id=offer_to(people[0]).pk, now=NOW + MINUTE)
    assert asked(made) == people[:3]
    assert calling.ask_all(NOW + 10 * MINUTE) == 1  # the second was silent for ten minutes, the third still thinks
    assert answers(made) == ["DECLINED", "IGNORED", "", ""]
    answering.accept(offer_id=offer_to(people[2]).pk, now=NOW + 10 * MINUTE)
    assert calling.ask_all(NOW + 30 * MINUTE) == 0
    with pytest.raises(errors.DosesGone):
        answering.accept(offer_id=offer_to(people[1]).pk, now=NOW + 31 * MINUTE)
    assert answers(made) == ["DECLINED", "IGNORED", "COMES", "IGNORED"]
    calling.ask_all(NOW + 45 * MINUTE)
    made.refresh_from_db()
    assert made.ended_at == NOW + 45 * MINUTE


def test_whoever_comes_has_a_seat_at_the_time_of_the_call_and_not_hours_later(
    make_substitute: Agree, call: Call, site: VaccinationSite
) -> None:
    factories.make_slot(0, "15:00", "ANY", 5, site=site)
    own = factories.make_slot(0, "09:45", "SUBSTITUTE", 1, site=site)
    first, second = make_substitute(), make_substitute()
    call()
    for person in (first, second, first):  # a second press changes nothing
        answering.accept(offer_id=offer_to(person).pk, now=NOW + MINUTE)
    seats = [offer_to(person).appointment for person in (first, second)]
    assert all(seats)
    assert {one.slot.starts_at for one in seats if one} == {own.starts_at}
    assert {one.reservation.state for one in seats if one} == {"CONFIRMED"}
    assert Message.objects.filter(template="reservation/substitute_comes").count() == 2
    assert check.wrong_counters() == []


def test_a_late_answer_still_counts_while_a_dose_is_left(make_substitute: Agree, call: Call) -> None:
    person = make_substitute()
    made = call(doses=1)
    calling.ask_all(NOW + 11 * MINUTE)
    assert answers(made) == ["IGNORED"]
    answering.accept(offer_id=offer_to(person).pk, now=NOW + 12 * MINUTE)
    assert answers(made) == ["COMES"]


def test_a_hold_is_given_up_and_a_later_time_moves_and_comes_back_where_the_person_cannot_come_after_all(
    make_substitute: Agree, call: Call, make_pair: MakePair, make_invitation: Invite, site: VaccinationSite
) -> None:
    first, _second = make_pair()
    choosing = make_invitation().registration
    held = booking.hold(invitation_id=choosing.invitations.get().pk, slot_id=first.pk, now=NOW)
    booked = make_substitute()
    later = factories.make_reservation(booked, site=site, day=30).appointments.get(dose_number=1).slot
    make_substitute(choosing)
    made = call()
    for person in (choosing, booked):
        answering.accept(offer_id=offer_to(person).pk, now=NOW)
    assert Reservation.objects.get(pk=held.reservation_id).state == "CANCELLED"
    moved = booked.reservations.get().appointments.get(dose_number=1)
    assert moved.slot.day == NOW.date()
    # 51 days after the dose of today are too many: the site finds another time for the next one.
    open_rows = AffectedAppointment.objects.filter(appointment__reservation__registration=booked, kept_at=None)
    assert open_rows.get().cause == "MOVED"
    for person in (choosing, booked):
        answering.decline(offer_id=offer_to(person).pk, now=NOW + MINUTE)
    moved.refresh_from_db()
    assert moved.slot == later
    assert not open_rows.exists()
    assert not Reservation.objects.holding_seats().filter(registration=choosing).exists()
    assert answers(made) == ["DECLINED", "DECLINED"]
    assert check.wrong_counters() == []


def test_who_cannot_come_and_whose_later_time_is_taken_chooses_again(
    make_substitute: Agree, call: Call, site: VaccinationSite
) -> None:
    person = make_substitute()
    had = factories.make_reservation(person, site=site, day=5).appointments.get(dose_number=1).slot
    call()
    answering.accept(offer_id=offer_to(person).pk, now=NOW)
    Slot.objects.filter(pk=had.pk).update(capacity=0)
    answering.decline(offer_id=offer_to(person).pk, now=NOW + MINUTE)
    assert person.reservations.get().state == "CANCELLED"
    assert Message.objects.filter(template="reservation/substitute_lost").exists()
    assert check.wrong_counters() == []


def test_who_cannot_come_after_all_stands_on_the_waiting_list_as_before(
    make_substitute: Agree, call: Call, make_pair: MakePair, site: VaccinationSite
) -> None:
    person = make_substitute(sites=(site,))
    make_pair()
    entries.join(registration_id=person.pk, now=NOW - MINUTE)
    call()
    answering.accept(offer_id=offer_to(person).pk, now=NOW)
    folding.fold(now=NOW + MINUTE)
    offering.offer(now=NOW + MINUTE)  # notes that the person has a time
    assert entries.standing(person.pk) is None
    answering.decline(offer_id=offer_to(person).pk, now=NOW + 5 * MINUTE)
    assert entries.standing(person.pk) is not None
    folding.fold(now=NOW + 6 * MINUTE)
    assert offering.offer(now=NOW + 6 * MINUTE) == 1


def test_who_missed_a_dose_and_cannot_come_for_it_today_either_leaves_the_seat_to_the_next(
    make_substitute: Agree, call: Call, site: VaccinationSite
) -> None:
    person = factories.make_registration(
        doses_received=1,
        last_dose_on=NOW.date() - timedelta(days=30),
        last_vaccine_id="comirnaty",
        first_vaccine_id="comirnaty",
    )
    had = factories.make_reservation(person, site=site, day=-30).appointments
    had.filter(dose_number=1).update(state="FULFILLED")
    had.filter(dose_number=2).update(state="MISSED")
    missed = had.get(dose_number=2)
    today = factories.make_slot(0, "09:45", "SUBSTITUTE", 1, site=site)
    make_substitute(person)
    call(doses=1)
    answering.accept(offer_id=offer_to(person).pk, now=NOW)
    assert Slot.objects.get(pk=today.pk).booked == 1
    answering.decline(offer_id=offer_to(person).pk, now=NOW + MINUTE)
    assert had.filter(pk=missed.pk, slot=missed.slot_id, state="MISSED").exists()
    assert Slot.objects.get(pk=today.pk).booked == 0
    assert check.wrong_counters() == []


def test_who_says_too_late_that_they_cannot_come_keeps_the_dose_and_the_times(
    make_substitute: Agree, call: Call, site: VaccinationSite
) -> None:
    person = make_substitute()
    had = factories.make_reservation(person, site=site, day=22).appointments
    call()
    answering.accept(offer_id=offer_to(person).pk, now=NOW)
    had.filter(dose_number=1).update(state="FULFILLED")
    answering.decline(offer_id=offer_to(person).pk, now=NOW + MINUTE)
    assert list(had.order_by("dose_number").values_list("state", flat=True)) == ["FULFILLED", "BOOKED"]
    assert offer_to(person).answer == "COMES"


def _start_beyond_the_stock(call: Call, site: VaccinationSite) -> None:
    store = factories.make_store(site=site)
    factories.put(store, factories.make_vials(), 1)
    assert call(doses=6, minutes=20).ended_at is None
    SubstituteCall.objects.update(ended_at=NOW)
    call(doses=7)


def _start_twice(call: Call, site: VaccinationSite) -> None:
    call()
    call(now=NOW + 46 * MINUTE)  # the first is over by then
    call(now=NOW + 50 * MINUTE)


def _start_at_night(call: Call, site: VaccinationSite) -> None:
    evening = NOW.replace(hour=21, minute=59)
    call(now=evening)
    SubstituteCall.objects.update(ended_at=NOW)
    call(now=evening + MINUTE)


def _start_past_midnight(call: Call, site: VaccinationSite) -> None:
    call(now=NOW.replace(hour=21, minute=30), minutes=150)


def _start_at_a_closed_site(call: Call, site: VaccinationSite) -> None:
    site.state = VaccinationSite.State.PAUSED
    call()


@pytest.mark.parametrize(
    ("start", "refusal"),
    [
        (_start_beyond_the_stock, errors.NotSoManyDoses),
        (_start_twice, errors.CallIsRunning),
        (_start_at_night, errors.NobodyIsCalledNow),
        (_start_past_midnight, errors.NobodyIsCalledNow),
        (_start_at_a_closed_site, errors.SiteNotOpen),
    ],
)
def test_a_call_that_makes_no_sense_is_refused(
    call: Call, site: VaccinationSite, start: Callable[..., None], refusal: type[DomainError]
) -> None:
    with pytest.raises(refusal):
        start(call, site)


def test_nobody_is_asked_after_ten_in_the_evening_nor_twice_on_a_day_on_which_they_declined(
    make_substitute: Agree, call: Call
) -> None:
    person = make_substitute()
    first = call(now=NOW.replace(hour=20), minutes=30)
    answering.decline(offer_id=offer_to(person).pk, now=NOW.replace(hour=20, minute=1))
    assert calling.end(call_id=first.pk, now=NOW.replace(hour=20, minute=2))
    assert not calling.end(call_id=first.pk, now=NOW.replace(hour=20, minute=3))
    second = call(now=NOW.replace(hour=21, minute=50), minutes=60)
    assert asked(second) == []
    make_substitute()
    assert calling.ask_all(NOW.replace(hour=22)) == 0


def test_the_agreement_ends_with_the_registration_and_with_the_next_dose(
    make_substitute: Agree, call: Call, site: VaccinationSite
) -> None:
    gone, vaccinated = make_substitute(), make_substitute()
    made = call()
    registration_ended.send(Registration, registration_id=gone.pk, now=NOW)
    assert answers(made) == ["DECLINED", ""]
    assert Substitute.objects.standing().get().registration == vaccinated
    SubstituteOffer.objects.all().delete()
    Registration.objects.filter(pk=vaccinated.pk).update(
        doses_received=1, last_dose_on=NOW.date(), last_vaccine="comirnaty", first_vaccine="comirnaty"
    )
    assert calling.ask_all(NOW + timedelta(days=30)) == 0
    later = call(now=NOW + timedelta(days=30))
    assert asked(later) == []
    vaccinated.refresh_from_db()
    agreeing.agree(whose=vaccinated, sites=[site], minutes=15, now=NOW + timedelta(days=30))
    calling.ask_all(NOW + timedelta(days=30))
    assert asked(later) == [vaccinated]


def test_a_person_agrees_for_five_sites_and_other_minutes_replace_those_of_a_site() -> None:
    person = factories.make_registration()
    sites = [factories.make_site(f"Místo {number}") for number in range(6)]
    for site in (*sites[:5], sites[0]):
        agreeing.agree(whose=person, sites=[site], minutes=15 if site == sites[0] else 30, now=NOW)
    agreeing.agree(whose=person, sites=[sites[0]], minutes=45, now=NOW)
    assert [one.minutes for one in agreeing.agreed_by(person)] == [45, 30, 30, 30, 30]
    with pytest.raises(errors.TooManySites):
        agreeing.agree(whose=person, sites=[sites[5]], minutes=30, now=NOW)
    Registration.objects.filter(pk=person.pk).update(**factories.ENDED)
    with pytest.raises(reservation_errors.RegistrationEnded):
        agreeing.agree(whose=person, sites=[sites[0]], minutes=30, now=NOW)
