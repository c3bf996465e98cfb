"""PIN2 once more: by the person who proves the telephone, and by line 1221."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User

from crs.messaging.models import Message
from registration.models import Registration
from reservation import errors
from reservation.inviting import resending
from reservation.models import Invitation
from reservation.walk.logging_in import log_in
from tests.factories import NOW, PIN2, make_invitation, make_registration

pytestmark = pytest.mark.django_db


def test_a_new_pin2_replaces_the_lost_one_and_says_who_had_it_sent(db: None) -> None:
    eva = User.objects.create(username="eva")
    lost = make_invitation(unused_before=1)
    jana = lost.registration
    resending.resend(registration_id=jana.pk, by=eva, now=NOW + timedelta(days=2))
    sent = Invitation.objects.get(revoked_at=None)
    assert (sent.kind, sent.issued_by, sent.unused_before) == (Invitation.Kind.RESENT, eva, 1)
    assert sent.expires_at == lost.expires_at, "or a seat could be kept for ever"
    sms = Message.objects.get()
    assert (sms.is_secret, sms.lane) == (True, Message.Lane.PERSONAL)
    with pytest.raises(errors.Pin2Expired):
        log_in(login=str(jana.phone), pin2=PIN2, now=NOW)


def test_the_new_one_promises_no_more_than_the_old_one_and_a_letter_has_its_days() -> None:
    kinds = Invitation.Kind.OFFER, Invitation.Kind.GAVE_BACK
    people = [make_invitation(kind=kind).registration for kind in kinds]
    by_letter = make_invitation(make_registration(phone="", by_letter=True)).registration
    for one in (*people, by_letter):
        resending.resend(registration_id=one.pk, now=NOW + timedelta(days=2))
    sent = Invitation.objects.filter(revoked_at=None)
    assert [sent.get(registration=one).kind for one in people] == [*kinds]
    assert sent.get(registration=by_letter).expires_at > NOW + timedelta(days=20)


def test_at_night_it_waits_for_the_morning() -> None:
    night = NOW.replace(hour=22)
    resending.resend(registration_id=make_invitation().registration_id, now=night)
    assert Message.objects.get().due_at == (NOW + timedelta(days=1)).replace(hour=8)


def test_there_is_none_to_send_to_whoever_waits_or_has_ended() -> None:
    waits, ran_out = make_registration(), make_invitation(expires_at=NOW).registration
    ended = make_invitation(make_registration(state="CANCELLED")).registration
    for registration in (waits, ran_out, ended):
        with pytest.raises(errors.NoPin2ToSend):
            resending.resend(registration_id=registration.pk, now=NOW)
    assert not Message.objects.exists()


def test_nobody_is_sent_more_than_three_a_day(make_registration: type[Registration]) -> None:
    jana = make_invitation().registration_id
    for _ in range(3):
        resending.resend(registration_id=jana, now=NOW)
    with pytest.raises(errors.TooManyPin2s):
        resending.resend(registration_id=jana, now=NOW)
    resending.resend(registration_id=jana, now=NOW + timedelta(days=1))
