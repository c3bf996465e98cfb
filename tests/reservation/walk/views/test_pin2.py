"""Whoever proved the telephone goes on without PIN2, has it sent once more, or asks to be invited again."""

from datetime import timedelta

import pytest
from django.test import Client

from logistics.models import VaccinationSite
from registration.mine import entries
from registration.models import PhoneVerification, Registration
from registration.telephones.session import PROVEN, VERIFICATION
from reservation.models import Invitation, InvitationPause, WaitingListEntry
from tests.factories import NOW, make_invitation, make_registration, make_reservation
from tests.pages import english
from tests.reservation.conftest import MakePair

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

PAGE = "/rezervace/pin2/"


def proven(registration: Registration) -> Client:
    proof = PhoneVerification.objects.create(phone=registration.phone, created_at=NOW, asked_at=NOW, verified_at=NOW)
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
