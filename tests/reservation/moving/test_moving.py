"""People change their confirmed times, or give them back: what moves, what stays, and what they are told."""

from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from crs.messaging import outbox
from crs.messaging.models import Message
from crs.sent_forms import Sending
from logistics.models import VaccinationSite, Vaccine
from registration.models import Registration
from reservation import errors
from reservation.arranging import arrangements, presence
from reservation.free_seats import folding
from reservation.inviting import invitations
from reservation.models import Appointment, Invitation, Reservation, Slot
from reservation.moving import moving, targets
from reservation.moving.errors import AlreadyThere, NothingToMove, TimesChanged, TooManyMoves
from reservation.reserving import booking
from reservation.slots import check
from tests.factories import NOW, make_affected, make_invitation, make_registration, make_reservation, make_site
from tests.reservation.conftest import Make
from tests.reservation.waiting.conftest import offer, wait

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def move(reservation: Reservation, dose: int, slot: Slot, **more: Any) -> None:
    moving.move(registration_id=reservation.registration_id, dose=dose, slot_id=slot.pk, now=NOW, **more)


def cancel(reservation: Reservation, **more: Any) -> None:
    moving.cancel(registration_id=reservation.registration_id, now=NOW, **more)


def slots_of(reservation: Reservation) -> list[int]:
    return list(Appointment.objects.filter(reservation=reservation).values_list("slot_id", flat=True))


def days_of(reservation: Reservation) -> list[int]:
    """The days of the appointments after `NOW`."""
    days = Appointment.objects.filter(reservation=reservation).values_list("slot__day", flat=True)
    return [(day - NOW.date()).days for day in days]


def first_given(reservation: Reservation, day: int = -10) -> None:
    """Dose 1 was given some days ago."""
    first = reservation.appointments.get(dose_number=1)
    Slot.objects.filter(pk=first.slot_id).update(starts_at=NOW + timedelta(days=day))
    arrangements.fulfil(appointment_id=first.pk)
    Registration.objects.filter(pk=reservation.registration_id).update(
        doses_received=1, last_dose_on=NOW.date() + timedelta(days=day), first_vaccine="comirnaty",
        last_vaccine="comirnaty",
    )  # fmt: skip


def sent(template: str) -> list[str]:
    return list(Message.objects.filter(template=f"reservation/{template}").values_list("channel", flat=True))


def test_all_doses_move_and_the_old_seats_are_free_at_once(site: VaccinationSite, make_slot: Make) -> None:
    reservation = make_reservation(site=site, day=3)
    old = slots_of(reservation)
    first, second = make_slot(5, "10:00"), make_slot(26, "10:00", "SECOND")
    move(reservation, 1, first)
    assert slots_of(reservation) == [first.pk, second.pk]
    assert set(Slot.objects.filter(pk__in=old).values_list("booked", flat=True)) == {0}
    reservation.refresh_from_db()
    assert (reservation.state, reservation.changes) == ("CONFIRMED", 1)
    assert check.wrong_counters() == []
    assert sent("moved") == ["SMS"]
    # With an e-mail go the paper and the calendar files as they are now.
    assert all(outbox.attachment_maker(f"reservation/{name}") for name in ("moved", "cancelled"))


def test_a_later_dose_moves_alone_within_its_interval(site: VaccinationSite, make_slot: Make) -> None:
    reservation = make_reservation(site=site, day=3)
    kept = slots_of(reservation)[0]
    early, late, fitting = (
        make_slot(23, for_doses="ANY"),
        make_slot(46, for_doses="ANY"),
        make_slot(30, for_doses="ANY"),
    )
    for outside in (early, late):
        with pytest.raises(errors.NotForYou):
            move(reservation, 2, outside)
    elsewhere = make_slot(30, for_doses="ANY", site=make_site("Jinde", "CZ0100"))
    with pytest.raises(errors.NoSuchSlot):
        move(reservation, 2, elsewhere)
    move(reservation, 2, fitting)
    assert slots_of(reservation) == [kept, fitting.pk]


def test_whoever_finds_the_new_time_taken_keeps_the_old_one(site: VaccinationSite, make_slot: Make) -> None:
    reservation = make_reservation(site=site, day=3)
    before = slots_of(reservation)
    full = make_slot(5, "10:00", capacity=0)
    without_second = make_slot(60, "10:00")
    for slot, refusal in ((full, errors.SlotFull), (without_second, errors.NoLaterSlot)):
        with pytest.raises(refusal):
            move(reservation, 1, slot)
        with pytest.raises(refusal):
            moving.preview(registration_id=reservation.registration_id, dose=1, slot_id=slot.pk, now=NOW)
    assert slots_of(reservation) == before
    assert check.wrong_counters() == []
    assert sent("moved") == []


def test_what_is_done_is_what_was_shown(site: VaccinationSite, make_slot: Make) -> None:
    reservation = make_reservation(site=site, day=3)
    person = reservation.registration_id
    first, exact = make_slot(5, "10:00"), make_slot(26, "10:00", "SECOND")
    other = make_slot(27, "10:00", "SECOND")
    change = moving.preview(registration_id=person, dose=1, slot_id=first.pk, now=NOW)
    assert [slot.pk for _, slot in change.new] == [first.pk, exact.pk]
    Slot.objects.filter(pk=exact.pk).update(booked=1)
    with pytest.raises(TimesChanged):
        move(reservation, 1, first, shown=change.fingerprint)
    again = moving.preview(registration_id=person, dose=1, slot_id=first.pk, now=NOW)
    form = Sending(uuid4(), "typed")
    for _click in range(2):
        move(reservation, 1, first, shown=again.fingerprint, form=form)
    assert slots_of(reservation) == [first.pk, other.pk]
    assert len(sent("moved")) == 1


def test_a_series_of_another_vaccine_has_its_own_number_of_doses(
    site: VaccinationSite, make_slot: Make, one_dose_vaccine: Vaccine
) -> None:
    reservation = make_reservation(site=site, day=3)
    single, first, second = make_slot(6, vaccine=one_dose_vaccine), make_slot(7), make_slot(28, for_doses="SECOND")
    move(reservation, 1, single)
    assert slots_of(reservation) == [single.pk]
    move(reservation, 1, first)
    assert slots_of(reservation) == [first.pk, second.pk]
    assert check.wrong_counters() == []


def test_a_time_that_cannot_stay_is_settled_by_another_one(site: VaccinationSite, make_slot: Make) -> None:
    reservation = make_reservation(site=site, day=3)
    affected = make_affected(reservation.appointments.get(dose_number=2))
    make_affected(reservation.appointments.get(dose_number=1))
    move(reservation, 2, make_slot(30, for_doses="ANY"))
    assert not type(affected).objects.unsettled().filter(pk=affected.pk).exists()


def test_so_many_changes_a_day(site: VaccinationSite, make_slot: Make) -> None:
    reservation = make_reservation(site=site, day=3)
    slots = [make_slot(24 + day, "11:00", "ANY") for day in range(moving.CHANGES_A_DAY.most + 1)]
    for slot in slots[:-1]:
        move(reservation, 2, slot)
    for refused in (partial(move, reservation, 2, slots[-1]), partial(cancel, reservation)):
        with pytest.raises(TooManyMoves):
            refused()
    assert slots_of(reservation)[1] == slots[-2].pk


def test_who_gives_all_back_stays_registered_and_may_choose_again(site: VaccinationSite) -> None:
    reservation = make_reservation(site=site, day=3)
    make_invitation(reservation.registration, expires_at=NOW - timedelta(days=1))
    times = moving.times_to_give_back(registration_id=reservation.registration_id, now=NOW)
    cancel(reservation, shown=moving.fingerprint_of(times))
    reservation.refresh_from_db()
    assert reservation.state == "CANCELLED"
    assert set(Slot.objects.values_list("booked", flat=True)) == {0}
    assert sent("cancelled") == ["SMS"]
    # PIN2 had run out, so a new one came.
    assert Invitation.objects.get(revoked_at=None).expires_at > NOW
    assert sent("invitation") == ["SMS"]
    with pytest.raises(NothingToMove):
        cancel(reservation)


def test_a_valid_pin2_is_not_replaced(site: VaccinationSite) -> None:
    reservation = make_reservation(site=site, day=3)
    invitation = make_invitation(reservation.registration)
    cancel(reservation)
    assert Invitation.objects.get() == invitation


@pytest.mark.parametrize("has_pin2", [True, False])
def test_a_seat_that_was_given_back_is_offered_to_the_next_at_once(site: VaccinationSite, *, has_pin2: bool) -> None:
    """Whoever gave it back chooses among what is left: no seat is kept for their PIN2."""
    reservation = make_reservation(make_registration(birth_date=date(1946, 1, 1), sites=(site,)), site=site, day=9)
    if has_pin2:
        make_invitation(reservation.registration)
    wait(site, date(1950, 1, 1))
    cancel(reservation)
    assert Invitation.objects.filter(registration=reservation.registration_id, revoked_at=None).exists()
    assert offer() == 1


def test_a_dose_that_was_given_stays_and_the_next_is_given_back(site: VaccinationSite) -> None:
    reservation = make_reservation(site=site, day=3)
    first_given(reservation)
    cancel(reservation)
    reservation.refresh_from_db()
    assert reservation.state == "CONFIRMED"
    assert [one.state for one in reservation.appointments.all()] == ["FULFILLED"]
    assert check.wrong_counters() == []


def test_who_missed_a_later_dose_chooses_it_again(site: VaccinationSite, make_slot: Make) -> None:
    reservation = make_reservation(site=site, day=-60)
    first_given(reservation, day=-60)
    arrangements.miss(appointment=reservation.appointments.get(dose_number=2), now=NOW)
    # The interval is over; a late dose is still given.
    (target,) = targets.of_person(reservation.registration_id, NOW)
    assert (target.dose, target.last_day) == (2, None)
    slot = make_slot(4, for_doses="SECOND")
    move(reservation, 2, slot)
    second = reservation.appointments.get(dose_number=2)
    assert (second.slot_id, second.state) == (slot.pk, "BOOKED")
    assert check.wrong_counters() == []


def test_who_missed_the_first_dose_keeps_the_registration_and_is_invited_again(
    site: VaccinationSite, make_slot: Make
) -> None:
    reservation = make_reservation(site=site, day=0, clock="08:00")
    make_invitation(reservation.registration, expires_at=NOW - timedelta(days=1))
    arrangements.miss(appointment=reservation.appointments.get(dose_number=1), now=NOW)
    assert set(Slot.objects.values_list("booked", flat=True)) == {0}
    first, second = make_slot(4), make_slot(25, for_doses="SECOND")
    folding.fold(now=NOW)
    assert invitations.invite(limit=5, now=NOW).invited == 1
    invitation = Invitation.objects.get(revoked_at=None)
    held = booking.hold(invitation_id=invitation.pk, slot_id=first.pk, now=NOW)
    booking.confirm(reservation_id=held.reservation_id, registration_id=reservation.registration_id, now=NOW)
    assert slots_of(Reservation.objects.get(pk=held.reservation_id)) == [first.pk, second.pk]


def test_neither_a_time_that_has_begun_nor_one_that_was_given_changes(site: VaccinationSite, make_slot: Make) -> None:
    reservation = make_reservation(site=site, day=0, clock="08:30")
    assert targets.of_person(reservation.registration_id, NOW) == []
    for refused in (partial(move, reservation, 1, make_slot(5)), partial(cancel, reservation)):
        with pytest.raises(NothingToMove):
            refused()
    nobody = make_registration()
    assert targets.of_person(nobody.pk, NOW) == []
    Registration.objects.filter(pk=nobody.pk).update(state="CANCELLED", ending="LEFT", ended_at=NOW)
    with pytest.raises(errors.RegistrationEnded):
        moving.cancel(registration_id=nobody.pk, now=NOW)


def test_nobody_moves_from_the_waiting_room(
    site: VaccinationSite, make_slot: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    reservation = make_reservation(site=site, day=0, clock="15:00")
    monkeypatch.setattr(presence, "_sources", [lambda _keys: True])
    make_slot(24, for_doses="SECOND")
    for refused in (partial(move, reservation, 1, make_slot(3)), partial(cancel, reservation)):
        with pytest.raises(AlreadyThere):
            refused()
    assert days_of(reservation) == [0, 21]


def test_a_child_does_not_move_where_only_adults_are_served(site: VaccinationSite, make_slot: Make) -> None:
    registration = make_registration(birth_date=date(2012, 1, 1))
    reservation = make_reservation(registration, site=site, day=3)
    make_slot(26, for_doses="SECOND")
    with pytest.raises(errors.NotForYou):
        move(reservation, 1, make_slot(5, youngest_age=18))
