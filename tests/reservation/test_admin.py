"""Staff's screens over reservations and invitations."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from registration.models import Registration
from reservation.models import Invitation, Reservation
from reservation.reserving import booking
from tests.factories import NOW, PIN2
from tests.reservation.conftest import Invite, MakePair

pytestmark = pytest.mark.django_db


@pytest.fixture
def held(make_invitation: Invite, make_pair: MakePair) -> Reservation:
    first, _ = make_pair(capacity=3)
    taken = booking.hold(invitation_id=make_invitation().pk, slot_id=first.pk, now=NOW)
    return Reservation.objects.get(pk=taken.reservation_id)


@pytest.mark.parametrize("model", ["reservation", "invitation"])
def test_every_list_and_row_opens_and_shows_no_pin2(admin_client: Client, held: Reservation, model: str) -> None:
    rows: dict[str, list[Any]] = {"reservation": [held], "invitation": list(Invitation.objects.all())}
    pages = [
        reverse(f"admin:reservation_{model}_changelist"),
        *(reverse(f"admin:reservation_{model}_change", args=[row.pk]) for row in rows[model]),
    ]
    for page in pages:
        answer = admin_client.get(page)
        assert answer.status_code == 200
        assert PIN2 not in answer.content.decode()
        assert Invitation.objects.get().pin_hash not in answer.content.decode()


def test_a_hold_is_released_and_a_confirmed_reservation_is_not(
    admin_client: Client, held: Reservation, make_invitation: Invite, make_pair: MakePair
) -> None:
    invitation = make_invitation()
    second = booking.hold(invitation_id=invitation.pk, slot_id=make_pair(day=2)[0].pk, now=NOW)
    booking.confirm(reservation_id=second.reservation_id, registration_id=invitation.registration_id, now=NOW)
    admin_client.post(
        reverse("admin:reservation_reservation_changelist"),
        {"action": "release_holds", "_selected_action": [str(held.pk), str(second.reservation_id)]},
    )
    assert Reservation.objects.get(pk=held.pk).state == Reservation.State.CANCELLED
    assert Reservation.objects.get(pk=second.reservation_id).state == Reservation.State.CONFIRMED


@pytest.mark.parametrize("model", ["reservation", "invitation"])
@pytest.mark.parametrize("asked", ["Novák", "phone", "code"])
def test_staff_find_a_person_and_the_address_does_not_tell_whom(
    admin_client: Client, held: Reservation, make_invitation: Invite, model: str, asked: str
) -> None:
    make_invitation()  # somebody else
    Registration.objects.filter(pk=held.registration_id).update(phone="+420601234567")
    text = {"phone": "601 234 567", "code": held.check_in_code.lower()}.get(asked, asked)
    answer = admin_client.post(
        reverse(f"admin:reservation_{model}_changelist"), {"private_search": "1", "q": text}, follow=True
    )
    assert text not in answer.redirect_chain[0][0]
    found = answer.context["cl"].result_count
    everybody = Invitation.objects.count() if model == "invitation" else 1
    by_code = 1 if model == "reservation" else 0
    assert found == {"Novák": everybody, "phone": 1, "code": by_code}[asked]
    assert 'name="private_search"' in answer.content.decode()


@pytest.mark.parametrize("model", ["reservation", "invitation"])
def test_a_person_without_rights_sees_nothing(client: Client, model: str) -> None:
    assert client.get(reverse(f"admin:reservation_{model}_changelist")).status_code == 302
