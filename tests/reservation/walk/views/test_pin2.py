"""Whoever proved the telephone goes on without PIN2, has it sent once more, or asks to be invited again."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from logistics.models import VaccinationSite
from registration.mine import entries
from registration.models import PhoneVerification, Registration, RegistrationClaim
from registration.number import page_key
from registration.telephones.session import PROVEN, VERIFICATION
from reservation import my_next_steps
from reservation.errors import NoPin2ToSend
from reservation.inviting import resending, unused
from reservation.models import Invitation, InvitationPause, WaitingListEntry
from reservation.moving import moving
from reservation.reserving import needs
from tests.cast import KAREL, MARIE
from tests.factories import NOW, make_invitation, make_registration, make_reservation
from tests.pages import english, text_of
from tests.reservation.conftest import Make, MakePair
from tests.reservation.moving.test_moving import first_given
from tests.reservation.waiting.test_straight_on import register

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

PAGE = "/rezervace/pin2/"


def proven(registration: Registration) -> Client:
    now = timezone.now()
    proof = PhoneVerification.objects.create(phone=registration.phone, created_at=now, asked_at=now, verified_at=now)
    client = english(Client())
    session = client.session
    session[VERIFICATION] = session[PROVEN] = str(proof.pk)
    session.save()
    return client


def press(client: Client, registration: Registration, act: str) -> str:
    """Where one press leads."""
    of = {one.registration.number: one.key for one in entries.of_phone(str(registration.phone))}
    answer = client.post(PAGE, {"whose": of.get(registration.number, "x"), "act": act})
    return str(answer.headers.get("Location", answer.status_code))


def text(client: Client) -> str:
    return " ".join(client.get(PAGE).text.split())


def test_without_a_proven_telephone_it_leads_to_the_proof_and_back(client: Client) -> None:
    assert client.get(PAGE).headers["Location"].startswith("/registrace/")


def test_a_valid_pin2_is_not_needed_where_the_telephone_is_proven(make_pair: MakePair) -> None:
    make_pair()
    invitation = make_invitation()
    client = proven(invitation.registration)
    assert "Choose a time now, without PIN2" in text(client)
    assert press(client, invitation.registration, "enter") == "/rezervace/misto/"
    assert client.get("/rezervace/misto/").status_code == 200
    invitation.refresh_from_db()
    assert invitation.used_at == NOW


def test_it_is_sent_once_more_and_then_often_enough() -> None:
    jana = make_invitation().registration
    client = proven(jana)
    for _ in range(4):
        assert press(client, jana, "resend") == PAGE
    assert Invitation.objects.filter(registration=jana, kind="RESENT").count() == 3
    assert "PIN2 was sent several times today" in text(client)


def test_whose_invitations_are_paused_asks_to_be_invited_again() -> None:
    jana = make_registration()
    InvitationPause.objects.create(registration=jana)
    client = proven(jana)
    assert "you used none of them" in text(client)
    press(client, jana, "resume")
    pause = InvitationPause.objects.get()
    assert (pause.resumed_at, pause.resumed_by) == (NOW, None)
    assert "You are waiting for your turn" in text(client)


def test_a_claim_to_somebody_who_is_on_the_list_reads_and_is_answered_alike(site: VaccinationSite) -> None:
    with time_machine.travel(NOW - timedelta(days=2), tick=False):
        register(MARIE, site)
    shown = {}
    for person, phone in ((MARIE, "+420777123456"), (KAREL, "+420777123457")):
        client, number, page = register(person, site, phone=phone)
        assert "You are on the waiting list." in text_of(page)
        key = page_key(number)
        acts = [{"whose": key, "act": act} for act in ("enter", "resume", "resend")]
        said = [text_of(client.get(PAGE)), *(text_of(client.post(PAGE, act, follow=True)) for act in acts)]
        said.append(text_of(client.get(reverse("reservation:my_substitute", args=[key]))))
        own = rf"{phone[-9:-6]}.{phone[-6:-3]}.{phone[-3:]}|{person.first_name} {person.last_name}|{key}"
        shown[phone] = [re.sub(own, "OWN", one) for one in said]
    claimed, registered = shown.values()
    assert RegistrationClaim.objects.count() == 1
    assert WaitingListEntry.objects.filter(left_at=None).count() == 2
    assert claimed == registered
    assert "PIN2 is not valid now" in registered[3]


def test_whoever_has_no_time_for_a_later_dose_asks_for_pin2_and_chooses_one(
    site: VaccinationSite, make_slot: Make, clock: time_machine.Traveller
) -> None:
    reservation = make_reservation(site=site, day=5)
    jana = reservation.registration
    first_given(reservation)
    moving.cancel(registration_id=jana.pk, now=NOW)
    pin2 = Invitation.objects.get(revoked_at=None)
    assert unused.remind(now=pin2.expires_at - timedelta(days=2, hours=5)) == 1
    # Once it has run out
    later = NOW + timedelta(days=30)
    clock.move_to(later)
    (step,) = my_next_steps.of_registration(Registration.objects.get(), later)
    assert "2" in step.text
    client = proven(jana)
    assert "You have no time for dose 2." in text(client)
    assert press(client, jana, "enter") == "/rezervace/hotovo/"
    page = text_of(client.get("/rezervace/hotovo/"))
    assert "You have no time for dose 2" in page
    assert "Please choose a time for dose 2." in page
    assert "Everything is done" not in page
    assert press(client, jana, "resend") == PAGE
    assert press(client, jana, "enter") == "/rezervace/misto/"
    slot = make_slot(40, for_doses="ANY")
    assert client.post("/rezervace/drzet/", {"slot": slot.pk}).headers["Location"] == "/rezervace/potvrdit/"


def test_who_completed_the_series_or_has_a_time_gets_no_further_pin2(site: VaccinationSite) -> None:
    reservation = make_reservation(site=site, day=5)
    first_given(reservation)
    jana = Registration.objects.get()
    assert needs.dose_without_time(jana) is None
    with pytest.raises(NoPin2ToSend):
        resending.resend(registration_id=jana.pk, now=NOW)
    Registration.objects.update(state="COMPLETED", doses_received=2)
    assert needs.dose_without_time(Registration.objects.get()) is None


def test_reserved_times_are_shown_without_any_pin2(site: VaccinationSite) -> None:
    jana = make_reservation(site=site, day=3).registration
    client = proven(jana)
    assert press(client, jana, "enter") == "/rezervace/hotovo/"
    assert site.name in client.get("/rezervace/hotovo/").text
    # What the session opens ends with what the person has.
    jana.reservations.update(state="CANCELLED")
    assert client.get("/rezervace/hotovo/").headers["Location"] == "/rezervace/"


def test_who_waits_or_belongs_to_another_telephone_opens_nothing() -> None:
    jana, petr = make_registration(), make_invitation().registration
    client = proven(jana)
    assert press(client, jana, "enter") == PAGE
    assert press(client, jana, "resend") == PAGE
    page = text(client)
    assert "Choose a time now" not in page
    assert str(petr.person) not in page or str(petr.person) == str(jana.person)
    foreign = entries.of_phone(str(petr.phone))[0].key
    client.post(PAGE, {"whose": foreign, "act": "enter"})
    assert client.get("/rezervace/misto/").status_code == 302
    assert not Invitation.objects.filter(used_at__isnull=False).exists()


def test_a_place_on_the_waiting_list_lets_in_after_pin2_ran_out() -> None:
    jana = make_invitation(issued_at=NOW - timedelta(days=20), expires_at=NOW - timedelta(days=1)).registration
    WaitingListEntry.objects.create(registration=jana)
    client = proven(jana)
    assert "You are on the waiting list" in text(client)
    assert press(client, jana, "enter") != PAGE
    assert client.session["registration_id"] == jana.pk
    # A PIN2 that is valid leads to the choice of a time, as for everybody.
    Invitation.objects.update(expires_at=NOW + timedelta(days=1))
    assert "It is your turn." in text(client)
    assert press(client, jana, "enter") == "/rezervace/misto/"
