"""A PIN2 that nobody uses: a reminder before its end, a pause after the third, and never a place that is lost."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from crs.messaging import gsm7
from crs.messaging.models import Message
from logistics.models import VaccinationSite
from registration.models import Registration
from reservation.inviting import invitations, issuing, order, unused
from reservation.models import Invitation, InvitationPause, WaitingListEntry
from reservation.walk.logging_in import log_in
from tests.factories import NOW, make_invitation, make_registration, make_reservation
from tests.reservation.conftest import MakePair

pytestmark = pytest.mark.django_db

ENDS = (NOW + timedelta(days=14)).replace(hour=20)


def told(template: str) -> list[str]:
    return list(Message.objects.filter(template=f"reservation/{template}").values_list("channel", flat=True))


def ran_out(registration: Registration, at: datetime, unused_before: int) -> Invitation:
    return make_invitation(registration, issued_at=at - timedelta(days=14), expires_at=at, unused_before=unused_before)


def test_whoever_has_not_reserved_is_reminded_once_by_day_before_the_end(site: VaccinationSite) -> None:
    jana = make_registration(email="jana@example.cz")
    make_invitation(jana, expires_at=ENDS)
    make_invitation(make_registration(phone="", by_letter=True), expires_at=ENDS)
    make_invitation(make_reservation(site=site).registration, expires_at=ENDS, pin_hash="x")
    too_early, night, day = (
        ENDS - timedelta(days=4),
        ENDS - timedelta(days=3, hours=-2),
        ENDS - timedelta(days=2, hours=5),
    )
    assert [unused.remind(now=moment) for moment in (too_early, night, day, day)] == [0, 0, 1, 0]
    assert sorted(told("pin2_ends")) == ["EMAIL", "SMS"]
    sms = Message.objects.get(template="reservation/pin2_ends", channel="SMS").text or ""
    assert ("25.1.2027" in sms, "rezervace/pin2" in sms, gsm7.parts(sms)) == (True, True, 1)


def test_a_fresh_pin2_needs_no_reminder() -> None:
    make_invitation(expires_at=NOW + timedelta(days=2))
    assert unused.remind(now=NOW + timedelta(hours=5)) == 0


def test_the_end_of_pin2_gives_the_person_their_place_back(make_pair: MakePair) -> None:
    make_pair(day=20, capacity=1)
    old, young = make_registration(), make_registration()
    assert invitations.invite(limit=1, now=NOW).invited == 1
    rules = order.inviting_rules(NOW)
    assert list(order.waiting(rules=rules, now=NOW)) == [young]
    assert list(order.waiting(rules=rules, now=ENDS)) == [old, young]


def test_the_third_unused_pin2_pauses_and_says_so_until_the_person_asks(make_pair: MakePair) -> None:
    make_pair(day=80, capacity=9)
    jana = make_registration(email="jana@example.cz")
    now = NOW
    for number in range(unused.UNUSED_BEFORE_PAUSE):
        assert invitations.invite(limit=9, now=now).invited == 1
        assert Invitation.objects.get(revoked_at=None).unused_before == number
        assert unused.pause(now=now) == 0
        now = Invitation.objects.get(revoked_at=None).expires_at
    assert unused.pause(now=now) == 1
    assert unused.pause(now=now) == 0
    assert sorted(told("paused")) == ["EMAIL", "SMS"]
    sms = Message.objects.get(template="reservation/paused", channel="SMS")
    assert sms.due_at > now, "20:00 is night"
    assert gsm7.parts(sms.text or "") == 1
    assert invitations.invite(limit=9, now=now + timedelta(days=1)).invited == 0
    unused.resume(registration_id=jana.pk, now=now)
    unused.resume(registration_id=jana.pk, now=now + timedelta(days=1))
    assert InvitationPause.objects.get().resumed_at == now
    assert invitations.invite(limit=9, now=now + timedelta(days=1)).invited == 1
    assert Invitation.objects.get(revoked_at=None).unused_before == 0, "it begins anew"


def test_whoever_logged_in_reserved_or_was_offered_a_time_is_not_paused(
    site: VaccinationSite, make_pair: MakePair
) -> None:
    make_pair(capacity=9)
    used, reserved = make_invitation(unused_before=2), make_reservation(site=site).registration
    log_in(login=str(used.registration.phone), pin2="12345678", now=NOW)
    ran_out(reserved, NOW, 2)
    offered = ran_out(make_registration(), NOW, 2)
    Invitation.objects.filter(pk=offered.pk).update(kind=Invitation.Kind.OFFER)
    assert unused.pause(now=NOW + timedelta(days=30)) == 0
    used.refresh_from_db()
    assert used.used_at == NOW


def test_an_offered_time_is_no_unused_pin2_and_needs_no_reminder_of_one() -> None:
    offered = make_invitation(kind=Invitation.Kind.OFFER, unused_before=1, expires_at=ENDS).registration
    WaitingListEntry.objects.create(registration=offered)
    assert unused.remind(now=ENDS - timedelta(days=2, hours=5)) == 0
    after = ENDS + timedelta(days=1)
    assert issuing.issue([offered], Invitation.Kind.TURN, after)[offered.pk][0].unused_before == 1


def test_a_pause_that_stands_keeps_nobody_else_from_being_paused() -> None:
    paused, other = make_registration(), make_registration()
    InvitationPause.objects.create(registration=paused, paused_at=NOW)
    for one in (paused, other):
        ran_out(one, NOW, 2)
    unused.pause(now=NOW)
    assert InvitationPause.objects.filter(resumed_at=None).count() == 2
    assert not Invitation.objects.filter(revoked_at=None).exists()


@pytest.mark.parametrize(("fields", "channels"), [({}, ["SMS"]), ({"phone": "", "by_letter": True}, ["LETTER"])])
def test_everybody_is_told_of_the_pause_by_their_channel(
    fields: dict[str, object], channels: list[str], make_registration: Callable[..., Registration]
) -> None:
    ran_out(make_registration(**fields), NOW, 2)
    assert unused.pause(now=NOW) == 1
    assert told("paused") == channels
