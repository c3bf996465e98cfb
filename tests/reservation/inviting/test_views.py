"""Line 1221 sends PIN2 of a caller once more, and invites again whoever asks."""

import pytest
from django.urls import reverse

from logistics.models import Role
from reservation.models import Invitation, InvitationPause
from tests.factories import NOW, make_invitation, make_registration, make_staff
from tests.pages import browser, log_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def page(registration_id: int) -> str:
    return f"/personal/poradi/registrace/{registration_id}/pin2/"


def test_line_1221_sends_pin2_once_more_and_ends_a_pause() -> None:
    eva = make_staff(Role.SUPPORT_L2)
    client = log_in(browser(), eva)
    jana, petr, waits = make_invitation().registration, make_registration(), make_registration()
    InvitationPause.objects.create(registration=petr)
    assert "works until" in client.get(page(jana.pk)).text
    answer = client.post(page(jana.pk), {"act": "resend"}, follow=True)
    assert "A new PIN2 is being sent" in answer.text
    assert Invitation.objects.get(revoked_at=None).issued_by == eva
    assert "no PIN2 is sent" in client.get(page(petr.pk)).text
    client.post(page(petr.pk), {"act": "resume"})
    pause = InvitationPause.objects.get()
    assert (pause.resumed_at, pause.resumed_by) == (NOW, eva)
    refused = client.post(page(waits.pk), {"act": "resend"}, follow=True)
    assert "cannot be sent once more" in refused.text
    # The page of the registration says it and leads here.
    assert page(petr.pk) in client.get(reverse("registration:desk_registration", args=[petr.pk])).text
