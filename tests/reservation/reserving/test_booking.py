"""Holding, confirming and releasing both doses."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pghistory.models
import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from crs.messaging import gsm7
from crs.messaging.models import Message
from crs.no_break import breakable
from logistics.models import Vaccine
from registration.models import Registration
from reservation import errors
from reservation.models import Appointment, Reservation, Slot
from reservation.reserving import booking
from tests.factories import ENDED, NOW, make_site
from tests.reservation.conftest import Invite, Make, MakePair

pytestmark = pytest.mark.django_db


def booked(*slots: Slot) -> list[int]:
    return [Slot.objects.get(pk=slot.pk).booked for slot in slots]


def test_a_hold_takes_both_seats_for_ten_minutes(make_pair: MakePair, make_invitation: Invite, now: datetime) -> None:
    first, second = make_pair()
    invitation = make_invitation()
    held = booking.hold(invitation_id=invitation.pk, slot_id=first.pk, now=now)
    reservation = Reservation.objects.get(pk=held.reservation_id)
    assert held.pairing == Reservation.Pairing.EXACT
    assert (reservation.state, reservation.registration_id) == ("HELD", invitation.registration_id)
    assert reservation.held_until == now + timedelta(minutes=10)
    assert list(reservation.appointments.values_list("dose_number", "slot_id")) == [(1, first.pk), (2, second.pk)]
    assert booked(first, second) == [1, 1]


def test_a_hold_is_one_round_trip(
    make_pair: MakePair, make_invitation: Invite, now: datetime, transactional_db: None
) -> None:
    first, _ = make_pair()
    invitation = make_invitation()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        booking.hold(invitation_id=invitation.pk, slot_id=first.pk, now=now)
    assert len(queries) == 1


def test_a_vaccine_of_one_dose_needs_no_second_seat(
    make_slot: Make, make_invitation: Invite, one_dose_vaccine: Vaccine, now: datetime
) -> None:
    slot = make_slot(vaccine=one_dose_vaccine)
    held = booking.hold(invitation_id=make_invitation().pk, slot_id=slot.pk, now=now)
    assert Appointment.objects.filter(reservation=held.reservation_id).count() == 1
    assert booked(slot) == [1]


def test_a_double_click_returns_the_same_hold(make_pair: MakePair, make_invitation: Invite, now: datetime) -> None:
    first, second = make_pair(capacity=2)
    invitation = make_invitation()
    one = booking.hold(invitation_id=invitation.pk, slot_id=first.pk, now=now)
    two = booking.hold(invitation_id=invitation.pk, slot_id=first.pk, now=now + timedelta(seconds=1))
    assert one == two
    assert booked(first, second) == [1, 1]


def test_another_choice_gives_the_first_one_back(make_pair: MakePair, make_invitation: Invite, now: datetime) -> None:
    old, new = make_pair(clock="09:00"), make_pair(clock="10:00")
    invitation = make_invitation()
    one = booking.hold(invitation_id=invitation.pk, slot_id=old[0].pk, now=now)
    two = booking.hold(invitation_id=invitation.pk, slot_id=new[0].pk, now=now)
    assert booked(*old, *new) == [0, 0, 1, 1]
    states = Reservation.objects.in_bulk([one.reservation_id, two.reservation_id])
    assert [states[one.reservation_id].state, states[two.reservation_id].state] == ["CANCELLED", "HELD"]


def test_another_choice_may_keep_ones_own_last_second_seat(
    make_slot: Make, make_invitation: Invite, now: datetime
) -> None:
    nine, ten, second = make_slot(1, "09:00"), make_slot(1, "10:00"), make_slot(22, "09:00", "SECOND")
    invitation = make_invitation()
    booking.hold(invitation_id=invitation.pk, slot_id=nine.pk, now=now)
    held = booking.hold(invitation_id=invitation.pk, slot_id=ten.pk, now=now)
    assert held.pairing == Reservation.Pairing.SAME_DAY
    assert booked(nine, ten, second) == [0, 1, 1]


def test_a_refused_choice_leaves_the_older_hold(make_pair: MakePair, make_invitation: Invite, now: datetime) -> None:
    old, full = make_pair(clock="09:00"), make_pair(clock="10:00")
    booking.hold(invitation_id=make_invitation().pk, slot_id=full[0].pk, now=now)
    invitation = make_invitation()
    held = booking.hold(invitation_id=invitation.pk, slot_id=old[0].pk, now=now)
    with pytest.raises(errors.SlotFull):
        booking.hold(invitation_id=invitation.pk, slot_id=full[0].pk, now=now)
    assert Reservation.objects.get(pk=held.reservation_id).state == "HELD"
    assert booked(*old, *full) == [1, 1, 1, 1]


def test_a_hold_that_ran_out_can_be_taken_anew_by_the_same_person(
    make_pair: MakePair, make_invitation: Invite, now: datetime
) -> None:
    first, second = make_pair()
    invitation = make_invitation()
    old = booking.hold(invitation_id=invitation.pk, slot_id=first.pk, now=now)
    later = now + timedelta(minutes=11)
    new = booking.hold(invitation_id=invitation.pk, slot_id=first.pk, now=later)
    assert Reservation.objects.get(pk=old.reservation_id).state == "EXPIRED"
    assert Reservation.objects.get(pk=new.reservation_id).held_until == later + timedelta(minutes=10)
    assert booked(first, second) == [1, 1]


def test_refusals_of_a_slot(make_slot: Make, make_invitation: Invite, now: datetime) -> None:
    closed = make_site("Zavřeno", state="CLOSED")
    refused = {
        errors.NoSuchSlot: [
            make_slot(22, for_doses="SECOND").pk,
            make_slot(1, site=closed).pk,
            2**40,
        ],
        errors.SlotPast: [make_slot(0, "09:00").pk, make_slot(-1).pk],
        errors.SlotFull: [make_slot(2, capacity=0).pk],
        errors.NoLaterSlot: [make_slot(40).pk],
    }
    invitation = make_invitation()
    for error, slots in refused.items():
        for slot in slots:
            with pytest.raises(error):
                booking.hold(invitation_id=invitation.pk, slot_id=slot, now=now)
    assert not Reservation.objects.exists()


def test_refusals_of_a_person(make_pair: MakePair, make_invitation: Invite, now: datetime) -> None:
    first, _ = make_pair()
    cancelled = make_invitation()
    Registration.objects.filter(pk=cancelled.registration_id).update(**ENDED)
    for invitation in (
        make_invitation(expires_at=now),
        make_invitation(revoked_at=now - timedelta(days=1)),
        cancelled,
    ):
        with pytest.raises(errors.NotInvited):
            booking.hold(invitation_id=invitation.pk, slot_id=first.pk, now=now)
    with pytest.raises(errors.NotInvited):
        booking.hold(invitation_id=2**40, slot_id=first.pk, now=now)
    assert not Reservation.objects.exists()


def test_who_has_confirmed_cannot_hold_another(make_pair: MakePair, make_invitation: Invite, now: datetime) -> None:
    first, _ = make_pair(capacity=2)
    invitation = make_invitation()
    held = booking.hold(invitation_id=invitation.pk, slot_id=first.pk, now=now)
    booking.confirm(reservation_id=held.reservation_id, registration_id=invitation.registration_id, now=now)
    with pytest.raises(errors.AlreadyReserved):
        booking.hold(invitation_id=invitation.pk, slot_id=first.pk, now=now)


def test_confirming_writes_each_message_once(make_pair: MakePair, make_invitation: Invite, now: datetime) -> None:
    first, _ = make_pair()
    invitation = make_invitation()
    invitation.registration.email = "jana@example.cz"
    invitation.registration.save()
    held = booking.hold(invitation_id=invitation.pk, slot_id=first.pk, now=now)
    for _ in range(2):
        booking.confirm(reservation_id=held.reservation_id, registration_id=invitation.registration_id, now=now)
        reservation = Reservation.objects.get(pk=held.reservation_id)
        assert (reservation.state, reservation.confirmed_at) == ("CONFIRMED", now)
    sms, email = Message.objects.order_by("channel").reverse()
    assert [sms.channel, email.channel] == ["SMS", "EMAIL"]
    assert (sms.reference, email.reference) == (str(reservation.pk), str(reservation.pk))
    for text in (sms.text, email.text):
        assert "12.1.2027" in breakable(text).replace(". ", ".")
        assert "2.2.2027" in breakable(text).replace(". ", ".")
    assert gsm7.parts(sms.text) <= 2


def test_a_hold_nobody_has_freed_is_still_good_after_its_time(
    make_pair: MakePair, make_invitation: Invite, now: datetime
) -> None:
    first, _ = make_pair()
    invitation = make_invitation()
    held = booking.hold(invitation_id=invitation.pk, slot_id=first.pk, now=now)
    late = now + timedelta(minutes=30)
    booking.confirm(reservation_id=held.reservation_id, registration_id=invitation.registration_id, now=late)
    assert booking.release_expired(now=late) == 0
    assert booked(first) == [1]


def test_a_freed_hold_cannot_be_confirmed(make_pair: MakePair, make_invitation: Invite, now: datetime) -> None:
    first, second = make_pair()
    invitation = make_invitation()
    held = booking.hold(invitation_id=invitation.pk, slot_id=first.pk, now=now)
    assert booking.release_expired(now=now + timedelta(minutes=9)) == 0
    assert booking.release_expired(now=now + timedelta(minutes=10)) == 1
    assert booked(first, second) == [0, 0]
    with pytest.raises(errors.HoldExpired):
        booking.confirm(reservation_id=held.reservation_id, registration_id=invitation.registration_id, now=now)
    assert not Message.objects.exists()


def test_somebody_elses_hold_can_neither_be_confirmed_nor_released(
    make_pair: MakePair, make_invitation: Invite, now: datetime
) -> None:
    first, second = make_pair()
    jana, petr = make_invitation(), make_invitation()
    held = booking.hold(invitation_id=jana.pk, slot_id=first.pk, now=now)
    with pytest.raises(errors.HoldExpired):
        booking.confirm(reservation_id=held.reservation_id, registration_id=petr.registration_id, now=now)
    with pytest.raises(errors.HoldExpired):
        booking.confirm(reservation_id=uuid4(), registration_id=petr.registration_id, now=now)
    assert not booking.release(reservation_id=held.reservation_id, registration_id=petr.registration_id)
    assert booked(first, second) == [1, 1]


def test_releasing_gives_both_seats_back_once(make_pair: MakePair, make_invitation: Invite, now: datetime) -> None:
    first, second = make_pair()
    invitation = make_invitation()
    held = booking.hold(invitation_id=invitation.pk, slot_id=first.pk, now=now)
    release = partial(booking.release, reservation_id=held.reservation_id, registration_id=invitation.registration_id)
    assert release()
    assert not release()
    assert booked(first, second) == [0, 0]


def test_expired_holds_are_freed_in_batches(
    make_pair: MakePair, make_invitation: Invite, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(booking, "RELEASE_BATCH", 2)
    first, second = make_pair(capacity=5)
    for _ in range(5):
        booking.hold(invitation_id=make_invitation().pk, slot_id=first.pk, now=now)
    assert booking.release_expired(now=now + timedelta(hours=1)) == 5
    assert booked(first, second) == [0, 0]
    assert set(Reservation.objects.values_list("state", flat=True)) == {"EXPIRED"}


def test_every_change_is_in_the_history_with_its_reason(
    make_pair: MakePair, make_invitation: Invite, now: datetime, transactional_db: None
) -> None:
    first, _ = make_pair()
    invitation = make_invitation()
    ids: Any = {"registration_id": invitation.registration_id}
    held = booking.hold(invitation_id=invitation.pk, slot_id=first.pk, now=now)
    booking.release(reservation_id=held.reservation_id, **ids)
    held = booking.hold(invitation_id=invitation.pk, slot_id=first.pk, now=now)
    booking.release_expired(now=now + timedelta(hours=1))
    held = booking.hold(invitation_id=invitation.pk, slot_id=first.pk, now=now)
    booking.confirm(reservation_id=held.reservation_id, now=now, **ids)
    # The library's own query set is untyped.
    tracked: Any = pghistory.models.Events.objects
    events = tracked.tracks(*Reservation.objects.all()).order_by("pgh_created_at")
    story = [(event.pgh_data["state"], (event.pgh_context or {}).get("operation")) for event in events]
    assert story == [
        ("HELD", None),
        ("CANCELLED", "reservation.release"),
        ("HELD", None),
        ("EXPIRED", "reservation.release_expired"),
        ("HELD", None),
        ("CONFIRMED", "reservation.confirm"),
    ]


def test_a_refusal_inside_a_transaction_leaves_it_usable(
    make_pair: MakePair, make_invitation: Invite, now: datetime
) -> None:
    first, _ = make_pair()
    with transaction.atomic():
        with pytest.raises(errors.NotInvited):
            booking.hold(invitation_id=2**40, slot_id=first.pk, now=now)
        booking.hold(invitation_id=make_invitation().pk, slot_id=first.pk, now=now)
    assert booked(first) == [1]


def test_a_person_without_a_telephone_is_told_by_email_alone(make_pair: MakePair, make_invitation: Invite) -> None:
    first, _ = make_pair()
    invitation = make_invitation()
    Registration.objects.update(phone="", email="jana@seznam.cz")
    held = booking.hold(invitation_id=invitation.pk, slot_id=first.pk, now=NOW)
    booking.confirm(reservation_id=held.reservation_id, registration_id=invitation.registration_id, now=NOW)
    assert [message.recipient for message in Message.objects.filter(template="reservation/confirmed")] == [
        "jana@seznam.cz"
    ]
