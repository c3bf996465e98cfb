"""What staff arrange: seats of today, other times, the next dose, and what came of an appointment."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pghistory.models
import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from crs import history
from crs.messaging import gsm7
from crs.messaging.models import Message
from logistics.models import VaccinationSite, Vaccine
from registration.models import PriorityGroup, Registration
from reservation import errors
from reservation.arranging import arrangement_messages, arrangements
from reservation.inviting import invitations
from reservation.models import Appointment, Invitation, Reservation, Slot
from reservation.operations import Operation
from reservation.papers.calendar_file import calendar_file
from reservation.papers.reservation_summary import confirmed
from reservation.reserving import booking
from reservation.slots import check
from tests import factories, pages
from tests.factories import NOW
from tests.reservation.conftest import Invite, Make, MakePair, Register, log_in

pytestmark = pytest.mark.django_db

TODAY = NOW.date()
SeatToday = Callable[..., Appointment]


@pytest.fixture(autouse=True)
def _counters() -> Any:
    """After each test the counters are right and the deferred promises of the database hold."""
    yield
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    assert check.wrong_counters() == []


@pytest.fixture
def seat(site: VaccinationSite, vaccine: Vaccine) -> SeatToday:
    return partial(arrangements.seat_today, site=site, vaccine=vaccine, dose_number=1, now=NOW)


@pytest.fixture
def reserved(make_pair: MakePair, make_invitation: Invite) -> Reservation:
    """A citizen's reservation of both doses from tomorrow on."""
    first, _ = make_pair()
    invitation = make_invitation()
    held = booking.hold(invitation_id=invitation.pk, slot_id=first.pk, now=NOW)
    booking.confirm(reservation_id=held.reservation_id, registration_id=invitation.registration_id, now=NOW)
    return Reservation.objects.select_related("registration").get(pk=held.reservation_id)


def dose(reservation: Reservation, number: int = 1) -> Appointment:
    return Appointment.objects.get(reservation=reservation, dose_number=number)


def booked(*slots: Slot) -> list[int]:
    return [Slot.objects.get(pk=slot.pk).booked for slot in slots]


# --- a seat of today ----------------------------------------------------------------------------


def test_somebody_who_walks_in_gets_the_slot_that_runs(
    seat: SeatToday, make_slot: Make, make_registration: Register
) -> None:
    running, later = make_slot(0, "08:50"), make_slot(0, "09:15")
    appointment = seat(registration=make_registration())
    assert appointment.slot_id == running.pk
    reservation = appointment.reservation
    assert (reservation.state, reservation.is_by_staff, reservation.confirmed_at) == ("CONFIRMED", True, NOW)
    assert booked(running, later) == [1, 0]


def test_a_slot_that_ended_or_is_full_or_for_another_dose_is_passed_over(
    seat: SeatToday, make_slot: Make, make_registration: Register
) -> None:
    make_slot(0, "08:30")
    make_slot(0, "09:00", capacity=0)
    make_slot(0, "09:15", "SECOND")
    make_slot(0, "09:15", vaccine=Vaccine.objects.get(pk="janssen"))
    free = make_slot(0, "09:30", "ANY")
    assert seat(registration=make_registration()).slot_id == free.pk


def test_seats_for_substitutes_are_for_whoever_comes_today_and_before_those_that_others_can_book(
    seat: SeatToday, make_slot: Make, make_registration: Register
) -> None:
    kinds = ("ANY", "FIRST", "SUBSTITUTE")
    at_nine = {kind: make_slot(0, "09:00", kind) for kind in kinds}
    make_slot(0, "09:15", "SUBSTITUTE")
    seated = [seat(registration=make_registration()) for _ in kinds]
    assert [one.slot_id for one in seated] == [at_nine[kind].pk for kind in ("SUBSTITUTE", "FIRST", "ANY")]
    again = seat(registration=seated[0].reservation.registration)
    assert again.slot_id == at_nine["SUBSTITUTE"].pk


def test_an_appointment_of_another_day_moves_and_its_old_seat_is_free_again(
    seat: SeatToday, make_slot: Make, reserved: Reservation
) -> None:
    today = make_slot(0)
    old = dose(reserved)
    appointment = seat(registration=reserved.registration)
    assert (appointment.pk, appointment.slot_id) == (old.pk, today.pk)
    assert booked(today, old.slot) == [1, 0]
    reserved.refresh_from_db()
    assert reserved.is_by_staff
    assert dose(reserved, 2).state == "BOOKED"


def test_who_sits_here_today_stays_where_they_are(
    seat: SeatToday, make_slot: Make, make_registration: Register
) -> None:
    nearer = make_slot(0, "09:00", capacity=2)
    reservation = factories.make_reservation(make_registration(), site=nearer.site, clock="15:00")
    mine = dose(reservation)
    assert seat(registration=reservation.registration).slot_id == mine.slot_id
    assert booked(nearer) == [0]
    reservation.refresh_from_db()
    assert not reservation.is_by_staff


def test_a_hold_is_given_up_for_the_seat_of_today(
    seat: SeatToday, make_pair: MakePair, make_slot: Make, make_invitation: Invite
) -> None:
    pair, today = make_pair(), make_slot(0)
    invitation = make_invitation()
    held = booking.hold(invitation_id=invitation.pk, slot_id=pair[0].pk, now=NOW)
    appointment = seat(registration=invitation.registration)
    assert Reservation.objects.get(pk=held.reservation_id).state == "CANCELLED"
    assert appointment.reservation_id != held.reservation_id
    assert booked(*pair, today) == [0, 0, 1]


def test_a_held_seat_of_today_becomes_the_persons_own(
    seat: SeatToday, make_pair: MakePair, make_invitation: Invite
) -> None:
    first, second = make_pair(0, "10:00")
    invitation = make_invitation()
    booking.hold(invitation_id=invitation.pk, slot_id=first.pk, now=NOW)
    assert seat(registration=invitation.registration).slot_id == first.pk
    assert booked(first, second) == [1, 0]


def test_the_next_dose_of_somebody_with_a_dose_given_joins_their_reservation(
    seat: SeatToday, make_slot: Make, make_registration: Register
) -> None:
    make_slot(0)
    second = make_slot(0, "09:00", "SECOND")
    first = seat(registration=make_registration())
    arrangements.fulfil(appointment_id=first.pk)
    appointment = seat(registration=first.reservation.registration, dose_number=2)
    assert (appointment.reservation_id, appointment.slot_id) == (first.reservation_id, second.pk)


def test_without_a_free_seat_nobody_is_seated_and_a_hold_stays(
    seat: SeatToday, make_pair: MakePair, make_slot: Make, make_invitation: Invite
) -> None:
    make_slot(0, capacity=0)
    first, _ = make_pair()
    invitation = make_invitation()
    booking.hold(invitation_id=invitation.pk, slot_id=first.pk, now=NOW)
    with pytest.raises(errors.NoSeatToday):
        seat(registration=invitation.registration)
    assert Reservation.objects.get().state == "HELD"


def test_with_a_reason_the_nearest_slot_gets_one_more_seat_and_the_history_says_why(
    seat: SeatToday, make_slot: Make, make_registration: Register
) -> None:
    full = make_slot(0, "08:30", capacity=0)
    make_slot(0, "15:00", capacity=0)
    appointment = seat(registration=make_registration(), over_reason="came with her husband")
    full.refresh_from_db()
    assert (appointment.slot_id, full.booked, full.capacity) == (full.pk, 1, 1)
    context = pghistory.models.Context.objects.latest("created_at")
    assert context.metadata == {"operation": "reservation.seat_today", "reason": "came with her husband"}


def test_a_seat_as_part_of_a_larger_operation_goes_by_its_name(
    seat: SeatToday, make_slot: Make, make_registration: Register
) -> None:
    make_slot(0)
    with history.recording(Operation.CONFIRM, reason="of the whole"):
        seat(registration=make_registration())
    metadata = pghistory.models.Context.objects.latest("created_at").metadata
    assert metadata == {"operation": "reservation.confirm", "reason": "of the whole"}


def test_where_the_site_has_no_slot_today_one_of_this_quarter_of_an_hour_is_made(
    seat: SeatToday, make_registration: Register
) -> None:
    people = [make_registration(), make_registration()]
    late = NOW + timedelta(minutes=22, seconds=5)
    slots = [seat(registration=one, now=late, over_reason="no calendar").slot for one in people]
    made = Slot.objects.get()
    assert {slot.pk for slot in slots} == {made.pk}
    assert (made.starts_at, made.minutes, made.capacity) == (NOW + timedelta(minutes=15), 15, 2)


def test_a_dose_that_was_given_gets_no_seat(seat: SeatToday, make_slot: Make, reserved: Reservation) -> None:
    make_slot(0)
    arrangements.fulfil(appointment_id=dose(reserved).pk)
    with pytest.raises(errors.DoseAlreadyGiven):
        seat(registration=reserved.registration)


def test_a_registration_that_ended_gets_no_seat(seat: SeatToday, make_registration: Register) -> None:
    with pytest.raises(errors.RegistrationEnded):
        seat(registration=make_registration(state="CANCELLED"))


# --- other times --------------------------------------------------------------------------------


def test_a_move_exchanges_the_seats_and_tells_the_person(make_slot: Make, reserved: Reservation) -> None:
    new, old = make_slot(30, "10:00", "SECOND"), dose(reserved, 2)
    moved = arrangements.move(appointment=old, slot_id=new.pk, now=NOW)
    assert booked(old.slot, new) == [0, 1]
    assert moved.slot_id == new.pk
    sms = Message.objects.get(template="reservation/arranged")
    assert "10:00" in sms.text
    again = arrangements.move(appointment=old, slot_id=new.pk, now=NOW)
    assert (again.pk, Message.objects.filter(template="reservation/arranged").count()) == (moved.pk, 1)


@pytest.mark.parametrize(
    ("slot", "refusal"),
    [
        ({"day": 30, "for_doses": "FIRST"}, errors.NoSuchSlot),
        ({"day": -1, "for_doses": "SECOND"}, errors.SlotPast),
        ({"day": 30, "for_doses": "SECOND", "capacity": 0}, errors.SlotFull),
    ],
)
def test_a_move_to_a_slot_that_cannot_be_had_changes_nothing(
    make_slot: Make, reserved: Reservation, slot: dict[str, Any], refusal: type[Exception]
) -> None:
    old = dose(reserved, 2)
    with pytest.raises(refusal):
        arrangements.move(appointment=old, slot_id=make_slot(**slot).pk, now=NOW)
    assert dose(reserved, 2).slot_id == old.slot_id
    assert not Reservation.objects.get().is_by_staff


def test_the_next_dose_without_a_reservation_gets_one_by_staff(make_slot: Make, make_registration: Register) -> None:
    slot = make_slot(21, for_doses="SECOND")
    appointment = arrangements.book_next(registration=make_registration(), dose_number=2, slot_id=slot.pk, now=NOW)
    assert (appointment.dose_number, appointment.reservation.is_by_staff) == (2, True)
    assert booked(slot) == [1]


def test_a_citizens_reservation_still_has_both_doses_or_none(reserved: Reservation) -> None:
    def halve() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            dose(reserved, 2).delete()
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    with pytest.raises(IntegrityError, match="has not all its doses"):
        halve()
    Reservation.objects.update(is_by_staff=True)
    slot = dose(reserved, 2).slot_id
    halve()
    Slot.objects.filter(pk=slot).update(booked=0)


def test_a_reservation_by_staff_needs_an_appointment(make_registration: Register) -> None:
    def reserve_nothing() -> None:
        fields = {"state": "CONFIRMED", "pairing": "EXACT", "held_until": NOW, "confirmed_at": NOW}
        with transaction.atomic(), connection.cursor() as cursor:
            Reservation.objects.create(registration=make_registration(), is_by_staff=True, **fields)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    with pytest.raises(IntegrityError, match="has not all its doses"):
        reserve_nothing()


# --- what came of it ----------------------------------------------------------------------------


def test_an_appointment_is_fulfilled_once(reserved: Reservation) -> None:
    appointment = dose(reserved)
    assert arrangements.fulfil(appointment_id=appointment.pk)
    assert not arrangements.fulfil(appointment_id=appointment.pk)


def test_a_dose_entered_in_error_is_due_again_and_on_another_day_frees_the_person(reserved: Reservation) -> None:
    appointment = dose(reserved)
    arrangements.fulfil(appointment_id=appointment.pk)
    assert arrangements.unfulfil(appointment_id=appointment.pk, is_over=False)
    assert not arrangements.unfulfil(appointment_id=appointment.pk, is_over=False)
    assert dose(reserved).state == "BOOKED"
    arrangements.fulfil(appointment_id=appointment.pk)
    assert arrangements.unfulfil(appointment_id=appointment.pk, is_over=True)
    reserved.refresh_from_db()
    assert (dose(reserved).state, reserved.state) == ("MISSED", "MISSED")
    # Recorded again, as it should have been: everything is as it was.
    assert arrangements.fulfil(appointment_id=appointment.pk)
    reserved.refresh_from_db()
    assert (dose(reserved).state, dose(reserved, 2).state, reserved.state) == ("FULFILLED", "BOOKED", "CONFIRMED")


def test_who_loses_the_time_by_a_record_taken_back_is_told_and_told_again_when_it_stands(reserved: Reservation) -> None:
    Registration.objects.update(email="jana@example.cz")
    appointment = dose(reserved)
    arrangements.fulfil(appointment_id=appointment.pk)
    arrangements.unfulfil(appointment_id=appointment.pk, is_over=False)
    assert not Message.objects.filter(template__contains="taken_back").exists()
    arrangements.fulfil(appointment_id=appointment.pk)
    arrangements.unfulfil(appointment_id=appointment.pk, is_over=True)
    told = Message.objects.filter(template="reservation/taken_back_first")
    assert sorted(told.values_list("channel", flat=True)) == ["EMAIL", "SMS"]
    assert not Message.objects.filter(template="reservation/arranged").exists()
    arrangements.fulfil(appointment_id=appointment.pk)
    assert Message.objects.filter(template="reservation/arranged").count() == 2


def test_who_waits_for_the_second_dose_while_the_first_is_taken_back_gets_it_recorded(reserved: Reservation) -> None:
    first, second = dose(reserved), dose(reserved, 2)
    for one in (first, second):
        arrangements.fulfil(appointment_id=one.pk)
    arrangements.unfulfil(appointment_id=second.pk, is_over=False)
    arrangements.unfulfil(appointment_id=first.pk, is_over=True)
    assert booked(first.slot, second.slot) == [0, 0]
    assert arrangements.fulfil(appointment_id=second.pk)
    reserved.refresh_from_db()
    assert (reserved.state, dose(reserved).state, dose(reserved, 2).state) == ("CONFIRMED", "MISSED", "FULFILLED")
    assert booked(first.slot, second.slot) == [1, 1]


def test_a_second_dose_taken_back_after_its_day_asks_the_person_to_call(reserved: Reservation) -> None:
    second = dose(reserved, 2)
    for one in (dose(reserved), second):
        arrangements.fulfil(appointment_id=one.pk)
    arrangements.unfulfil(appointment_id=second.pk, is_over=True)
    assert Message.objects.filter(template="reservation/taken_back_later").count() == 1
    reserved.refresh_from_db()
    assert (reserved.state, dose(reserved, 2).state) == ("CONFIRMED", "MISSED")


def test_a_complete_series_gives_the_seats_of_its_later_doses_back_and_tells_the_person(
    reserved: Reservation, make_slot: Make
) -> None:
    Registration.objects.update(language="en")
    arrangements.fulfil(appointment_id=dose(reserved).pk)
    second = dose(reserved, 2)
    booster = make_slot(200, for_doses="ANY")
    arrangements.book_next(registration=reserved.registration, dose_number=3, slot_id=booster.pk, now=NOW)
    released = partial(arrangements.release_series, registration_id=reserved.registration_id, after=1, now=NOW)
    assert released() == [2]
    assert [one.dose_number for one in reserved.appointments.all()] == [1, 3]
    assert booked(second.slot, booster) == [0, 1]
    assert "do not come" in Message.objects.get(template="reservation/not_needed").text
    assert released() == []


def test_a_missed_dose_that_was_given_after_all_loses_a_second_seat_that_is_gone(reserved: Reservation) -> None:
    appointment, second = dose(reserved), dose(reserved, 2)
    arrangements.miss(appointment=appointment, now=appointment.slot.starts_at)
    other = factories.make_registration()
    arrangements.book_next(registration=other, dose_number=2, slot_id=second.slot_id, now=NOW)
    assert arrangements.fulfil(appointment_id=appointment.pk)
    assert [one.dose_number for one in reserved.appointments.all()] == [1]
    assert booked(appointment.slot, second.slot) == [1, 1]


def test_who_misses_the_first_dose_is_told_and_may_choose_again(
    reserved: Reservation, make_pair: MakePair, group: PriorityGroup
) -> None:
    Registration.objects.update(email="jana@example.cz")
    appointment, second = dose(reserved), dose(reserved, 2)
    evening = appointment.slot.starts_at + timedelta(hours=9)
    assert arrangements.miss(appointment=appointment, now=evening)
    assert not arrangements.miss(appointment=appointment, now=evening)
    reserved.refresh_from_db()
    assert (reserved.state, dose(reserved).state, dose(reserved, 2).state) == ("MISSED", "MISSED", "BOOKED")
    assert booked(appointment.slot, second.slot) == [0, 0]
    told = Message.objects.filter(template="reservation/missed_first")
    assert sorted(told.values_list("channel", flat=True)) == ["EMAIL", "SMS"]
    other, _ = make_pair(5, "11:00")
    held = booking.hold(invitation_id=Invitation.objects.get().pk, slot_id=other.pk, now=evening)
    assert held.reservation_id != reserved.pk


def test_who_missed_the_first_dose_gets_a_new_pin2_when_the_old_one_runs_out(
    reserved: Reservation, make_pair: MakePair, group: PriorityGroup
) -> None:
    make_pair(30, capacity=5)
    later = NOW + timedelta(days=15)
    assert invitations.invite(group=group, limit=5, now=later).invited == 0
    arrangements.miss(appointment=dose(reserved), now=later)
    run = invitations.invite(group=group, limit=5, now=later)
    assert (run.invited, run.again) == (1, 1)


@pytest.mark.parametrize("fields", [{"doses_received": 1}, {"phone": ""}])
def test_who_had_a_dose_or_has_no_telephone_is_not_invited(
    make_pair: MakePair, make_registration: Register, group: PriorityGroup, fields: dict[str, Any]
) -> None:
    make_pair()
    make_registration(**fields)
    assert invitations.invite(group=group, limit=5, now=NOW).invited == 0


def test_who_misses_the_second_dose_keeps_the_reservation_and_gets_another_time(
    reserved: Reservation, make_slot: Make
) -> None:
    arrangements.fulfil(appointment_id=dose(reserved).pk)
    second = dose(reserved, 2)
    evening = second.slot.starts_at + timedelta(hours=9)
    arrangements.miss(appointment=second, now=evening)
    reserved.refresh_from_db()
    assert (reserved.state, dose(reserved, 2).state) == ("CONFIRMED", "MISSED")
    assert "PIN2" in Message.objects.get(template="reservation/missed_later").text
    moved = arrangements.move(appointment=second, slot_id=make_slot(30, for_doses="SECOND").pk, now=evening)
    assert (moved.pk, moved.state) == (second.pk, "BOOKED")
    assert booked(second.slot) == [0]


def test_who_was_moved_since_the_caller_looked_is_not_missing(reserved: Reservation) -> None:
    seen_before = dose(reserved)
    seen_before.slot_id = Slot.objects.exclude(pk=seen_before.slot_id).order_by("pk")[0].pk
    assert not arrangements.miss(appointment=seen_before, now=NOW + timedelta(days=60))
    assert arrangements.miss(appointment=dose(reserved), now=NOW + timedelta(days=60))


def test_nobody_misses_an_appointment_of_another_day(reserved: Reservation) -> None:
    assert not arrangements.miss(appointment=dose(reserved), now=NOW)


@pytest.mark.parametrize("language", ["cs", "en"])
def test_every_sms_is_one_part(reserved: Reservation, make_slot: Make, language: str) -> None:
    Registration.objects.update(language=language)
    VaccinationSite.objects.update(name="Nemocnice s dlouhým jménem " * 6, phone="+420 224 431 111, linka 12345")
    first, second = dose(reserved), dose(reserved, 2)
    second = arrangements.move(appointment=second, slot_id=make_slot(30, for_doses="SECOND").pk, now=NOW)
    arrangements.miss(appointment=first, now=NOW + timedelta(days=1))
    Reservation.objects.update(state="CONFIRMED")
    Slot.objects.filter(appointments__isnull=False).update(booked=1)
    arrangements.miss(appointment=second, now=NOW + timedelta(days=30))
    second.refresh_from_db()
    for has_ended in (True, False):
        arrangement_messages.tell_taken_back(second, has_ended=has_ended)
    arrangement_messages.tell_not_needed([second])
    texts = dict(Message.objects.filter(channel="SMS").values_list("template", "text"))
    templates = ("arranged", "missed_first", "missed_later", "taken_back_first", "taken_back_later", "not_needed")
    for template in templates:
        assert gsm7.parts(texts[f"reservation/{template}"]) == 1, texts


# --- what the person sees -----------------------------------------------------------------------


@pytest.mark.parametrize("state", ["ACTIVE", "COMPLETED"])
def test_the_persons_page_shows_the_dose_that_was_given(
    reserved: Reservation, client: Client, clock: Any, state: str
) -> None:
    client = pages.english(client)
    Registration.objects.update(phone="+420601234567", state=state)
    arrangements.fulfil(appointment_id=dose(reserved).pk)
    Invitation.objects.update(expires_at=NOW - timedelta(days=1))
    page = log_in(client)
    assert page.url == "/rezervace/hotovo/"
    text = pages.text_of(client.get(page.url))
    assert text.count("This dose was given.") == 1
    confirmation = confirmed(registration_id=reserved.registration_id, now=NOW)
    assert confirmation
    assert calendar_file(confirmation, language="cs").count(b"BEGIN:VEVENT") == 1


def test_the_page_of_a_reservation_by_staff_shows_its_one_dose(
    seat: SeatToday, make_slot: Make, marie: Invitation, client: Client, clock: Any
) -> None:
    client = pages.english(client)
    make_slot(0)
    seat(registration=marie.registration)
    page = client.get(log_in(client).url)
    assert "Dose 1" in pages.text_of(page)
    assert "Dose 2" not in pages.text_of(page)
    assert client.get("/rezervace/potvrzeni.pdf").status_code == 200


def test_an_appointment_becomes_that_of_another_dose_and_the_other_takes_its_number(reserved: Reservation) -> None:
    first, second = (dose(reserved, number) for number in (1, 2))
    assert arrangements.renumber(appointment_id=second.pk, dose_number=1)
    assert not arrangements.renumber(appointment_id=second.pk, dose_number=1)
    numbers = dict(Appointment.objects.values_list("pk", "dose_number"))
    assert numbers == {first.pk: 2, second.pk: 1}
