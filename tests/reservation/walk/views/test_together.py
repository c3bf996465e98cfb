"""The pages of two people who reserve together."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client

from crs.messaging.models import Message
from registration.models import Registration
from reservation.inviting.pin2 import pin2_hash
from reservation.models import Invitation, Reservation, Slot
from reservation.reserving import booking
from tests.factories import NOW, make_reservation
from tests.pages import Page, text_of
from tests.reservation.conftest import Invite, Make, MakePair, Register
from tests.reservation.walk.views.conftest import CONFIRM, CONFIRMED, SITE, answered, confirm, hold

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

TOGETHER, ALONE = "/rezervace/spolu/", "/rezervace/spolu/zrusit/"
THEIR_PIN2 = "87654321"


@dataclass(frozen=True)
class Couple:
    """Two browsers, the time that was held for both, and what hers sends to confirm it."""

    hers: Client
    his: Client
    slot: Slot
    form: dict[str, Any]


@pytest.fixture
def petr(make_registration: Register, make_invitation: Invite) -> Invitation:
    registration = make_registration(phone="+420777000222")
    registration.person.first_name = "Petr"
    registration.person.save()
    return make_invitation(registration, pin_hash=pin2_hash(registration.pk, THEIR_PIN2))


def add(client: Client, phone: str = "777 000 222", pin2: str = THEIR_PIN2) -> Page:
    return client.post(TOGETHER, {"phone": phone, "pin2": pin2})


def test_a_couple_chooses_one_time_and_confirms_it_as_one(
    inside: Client, marie: Invitation, petr: Invitation, make_pair: MakePair, make_slot: Make
) -> None:
    lone, _ = make_pair(clock="08:00", capacity=1, second=2)
    wide, _ = make_pair(clock="09:00", capacity=2)
    assert "choose one time for two people" in text_of(inside.get(SITE))
    assert add(inside).headers["Location"] == SITE
    assert "for yourself and for Petr Nováková" in text_of(inside.get(SITE))
    day = inside.get(f"/rezervace/misto/{wide.site_id}/{wide.day}/").content.decode()
    assert re.findall(r'name="slot" value="(\d+)"', day) == [str(wide.pk)]
    refused = hold(inside, lone)
    assert refused.status_code == 409
    assert "There are not two free places at this time" in text_of(refused)
    assert f'value="{wide.pk}"' in refused.content.decode()
    assert hold(inside, wide).headers["Location"] == CONFIRM
    shown = text_of(inside.get(CONFIRM))
    assert shown.count("11 January 2027") == 0
    assert shown.count("Petr Nováková") == 1
    assert shown.count("12 January 2027") == shown.count("2 February 2027") == 2
    assert "Confirm the times of both of you" in shown
    assert confirm(inside).headers["Location"] == CONFIRMED
    assert "The other person has reserved times, too." in text_of(inside.get(CONFIRMED))
    assert "for yourself and for" not in text_of(inside.get("/rezervace/zmena/1/misto/"))
    assert set(Reservation.objects.values_list("registration", "state")) == {
        (marie.registration_id, "CONFIRMED"),
        (petr.registration_id, "CONFIRMED"),
    }
    recipients = Message.objects.filter(template="reservation/confirmed").values_list("recipient", flat=True)
    assert set(recipients) == {marie.registration.phone, petr.registration.phone}


def test_a_slow_couple_gets_the_times_that_nobody_took_as_one(
    inside: Client, marie: Invitation, petr: Invitation, make_pair: MakePair, clock: time_machine.Traveller
) -> None:
    wide, _ = make_pair(capacity=2)
    add(inside)
    hold(inside, wide)
    form = answered(inside.get(CONFIRM))
    clock.shift(timedelta(minutes=12))
    assert booking.release_expired(now=NOW + timedelta(minutes=12)) == 2
    shown = text_of(inside.get(CONFIRM))
    assert "We do not keep these dates any more" in shown
    assert shown.count("Petr Nováková") == 1
    assert inside.post(CONFIRM, form).headers["Location"] == CONFIRMED
    confirmed = Reservation.objects.filter(state="CONFIRMED").values_list("registration", flat=True)
    assert set(confirmed) == {marie.registration_id, petr.registration_id}


@pytest.fixture
def out_of_time(inside: Client, petr: Invitation, make_pair: MakePair, clock: time_machine.Traveller) -> Couple:
    """The hold of Marie and Petr has run out, and nobody has given it back; Petr sits at a browser of his own."""
    wide, _ = make_pair(capacity=2)
    add(inside)
    hold(inside, wide)
    form = answered(inside.get(CONFIRM))
    his = Client()
    his.post("/rezervace/", {"phone": "777 000 222", "pin2": THEIR_PIN2})
    clock.shift(timedelta(minutes=12))
    return Couple(inside, his, wide, form)


def test_an_hour_later_one_of_a_couple_neither_reads_of_the_other_nor_reserves_for_them(
    out_of_time: Couple, marie: Invitation, clock: time_machine.Traveller
) -> None:
    booking.release_expired(now=NOW + timedelta(minutes=12))
    assert str(marie.registration.person) in text_of(out_of_time.his.get(CONFIRM))
    form = answered(out_of_time.his.get(CONFIRM))
    clock.shift(timedelta(minutes=58))
    for page in (out_of_time.his.get(CONFIRM), out_of_time.his.post(CONFIRM, form)):
        assert page.status_code == 409
        assert str(marie.registration.person) not in text_of(page)
    assert not Reservation.objects.holding_seats().exists()


def test_whoever_chose_otherwise_since_keeps_that(out_of_time: Couple, petr: Invitation, make_pair: MakePair) -> None:
    booking.release_expired(now=NOW + timedelta(minutes=12))
    assert hold(out_of_time.his, make_pair(day=3)[0]).headers["Location"] == CONFIRM
    for page in (out_of_time.hers.get(CONFIRM), out_of_time.hers.post(CONFIRM, out_of_time.form)):
        assert page.status_code == 409
        assert "The time we kept for you has run out" in text_of(page)
    assert Reservation.objects.holding_seats().get().registration_id == petr.registration_id


@pytest.mark.parametrize("given_back", ["hers", "his"])
def test_a_slow_couple_of_whom_one_hold_was_given_back_gets_what_the_page_promises(
    out_of_time: Couple, marie: Invitation, petr: Invitation, given_back: str
) -> None:
    lost = Reservation.objects.get(registration=(marie if given_back == "hers" else petr).registration_id)
    with connection.cursor() as cursor:  # the sweep, which had no room for the other one
        cursor.execute("SELECT reservation_release(%s, %s, 'HELD', 'EXPIRED')", [str(lost.pk), lost.registration_id])
    shown = text_of(out_of_time.hers.get(CONFIRM))
    assert "you can still confirm them" in shown
    assert shown.count("Petr Nováková") == 1
    assert out_of_time.hers.post(CONFIRM, out_of_time.form).headers["Location"] == CONFIRMED
    assert Reservation.objects.filter(state="CONFIRMED").count() == 2
    out_of_time.slot.refresh_from_db()
    assert out_of_time.slot.booked == 2


def test_a_slow_couple_is_promised_nothing_once_the_pin2_of_the_other_ended(
    out_of_time: Couple, petr: Invitation
) -> None:
    booking.release_expired(now=NOW + timedelta(minutes=12))
    Invitation.objects.filter(pk=petr.pk).update(expires_at=NOW + timedelta(minutes=11))
    assert out_of_time.hers.get(CONFIRM).status_code == 409


def test_one_place_of_two_is_not_promised_to_a_slow_couple(out_of_time: Couple, make_invitation: Invite) -> None:
    booking.release_expired(now=NOW + timedelta(minutes=12))
    booking.hold(invitation_id=make_invitation().pk, slot_id=out_of_time.slot.pk, now=NOW + timedelta(minutes=12))
    assert out_of_time.hers.get(CONFIRM).status_code == 409


def test_whoever_is_left_by_the_other_reads_so(inside: Client, petr: Invitation, make_pair: MakePair) -> None:
    wide, other = make_pair(capacity=2)[0], make_pair(day=3)[0]
    add(inside)
    hold(inside, wide)
    form = answered(inside.get(CONFIRM))
    booking.hold(invitation_id=petr.pk, slot_id=other.pk, now=NOW)
    for page in (inside.get(CONFIRM, follow=True), inside.post(CONFIRM, form, follow=True)):
        assert page.request["PATH_INFO"] == TOGETHER
        assert "cannot reserve now" in text_of(page)
        assert "Choose for myself alone" in text_of(page)


def test_choosing_alone_again_gives_both_seats_back(inside: Client, petr: Invitation, make_pair: MakePair) -> None:
    wide, _ = make_pair(capacity=2)
    add(inside)
    hold(inside, wide)
    assert inside.post(ALONE).headers["Location"] == SITE
    assert not Reservation.objects.holding_seats().exists()
    wide.refresh_from_db()
    assert wide.booked == 0
    hold(inside, wide)
    assert Reservation.objects.holding_seats().get().party is None


def test_whoever_cannot_come_along_is_refused_at_once_and_kept_apart_from_the_next_person(
    inside: Client, petr: Invitation, make_pair: MakePair, make_invitation: Invite
) -> None:
    said = {
        "do not belong together": add(inside, pin2="00000000"),
        "This is your own PIN2": add(inside, "601 234 567", "1234 5678"),
    }
    Registration.objects.filter(pk=petr.registration_id).update(doses_received=1)
    said["different doses"] = add(inside)
    Registration.objects.filter(pk=petr.registration_id).update(doses_received=0)
    make_reservation(petr.registration, site=make_pair()[0].site, day=5)
    said["cannot reserve now"] = add(inside)
    for words, page in said.items():
        assert page.status_code == 200
        assert words in text_of(page)
        assert 'id="id_phone"' in page.content.decode()
    Reservation.objects.all().update(state="CANCELLED")
    add(inside)
    # Another person in this browser chooses for nobody else.
    other = make_invitation()
    inside.post("/rezervace/odhlasit/")
    inside.post("/rezervace/", {"phone": other.registration.phone, "pin2": "12345678"})
    assert "choosing for two" not in text_of(inside.get(SITE))


def test_a_companion_who_reserved_meanwhile_is_said_kindly(
    inside: Client, petr: Invitation, make_pair: MakePair
) -> None:
    wide, other = make_pair(capacity=2)[0], make_pair(day=3)[0]
    add(inside)
    held = booking.hold(invitation_id=petr.pk, slot_id=other.pk, now=NOW)
    booking.confirm(reservation_id=held.reservation_id, registration_id=petr.registration_id, now=NOW)
    page = inside.post("/rezervace/drzet/", {"slot": wide.pk}, follow=True)
    assert page.request["PATH_INFO"] == TOGETHER
    assert "cannot reserve now" in text_of(page)
    assert "Choose for myself alone" in text_of(page)
