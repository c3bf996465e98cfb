"""A person without a mobile, from the call to line 1221 to reserved times: everything comes on paper."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from time_machine import Traveller

from crs.messaging import letters
from crs.messaging.models import LetterBatch, Message
from crs.no_break import breakable
from logistics.models import Role
from registration.models import Registration
from registration.number import grouped
from reservation.inviting import invitations
from reservation.models import Invitation, Reservation
from reservation.reserving import booking
from reservation.walk import logging_in
from tests.cast import MARIE
from tests.factories import NOW, make_registration, make_staff
from tests.pages import browser, english, log_in, send_form, text_of, text_of_pdf
from tests.reservation.conftest import MakePair, Register

pytestmark = pytest.mark.django_db
CALLER = {
    "podle": "cislo",
    "insured_number": MARIE.insured_number,
    "insurer": "111",
    "language": "cs",
    "first_name": "Marie",
    "last_name": "Dvořáková",
    "landline": "541 123 456",
    "street": "Dlouhá 1",
    "city": "Brno",
    "postcode": "602 00",
    "consent": "on",
}


def staff(role: Role) -> Client:
    return english(log_in(browser(), make_staff(role)))


def printed_and_posted(lead: Client) -> str:
    """Print and post what waits on the pages of the help desk; the text of the file."""
    lead.post(reverse("registration:gather_letters"))
    batch = LetterBatch.objects.latest("pk").pk
    file = lead.post(reverse("registration:print_letters", args=[batch]), {"form_key": str(uuid4())})
    lead.post(reverse("registration:post_letters", args=[batch]), {"is_at_post": "on"})
    return text_of_pdf(file.content)


def test_a_caller_without_a_mobile_reserves_with_the_pin2_of_a_letter(clock: Traveller, make_pair: MakePair) -> None:
    first, _second = make_pair(day=9)
    staff(Role.SUPPORT_L2).post(reverse("registration:desk_register"), CALLER)
    marie = Registration.objects.get()
    clock.shift(timedelta(minutes=1))
    assert invitations.invite(limit=9, now=timezone.now()).invited == 1
    text = printed_and_posted(staff(Role.SUPPORT_LEAD))
    assert breakable(grouped(marie.number)) in breakable(text)
    [pin2] = re.findall(r"PIN2: ([0-9]{4} [0-9]{4})", text)
    paper = Message.objects.get(template="reservation/invitation")
    assert (paper.channel, paper.state, paper.text, paper.owner) == ("LETTER", "POSTED", None, marie.number)
    found = logging_in.log_in(login=marie.number, pin2=pin2.replace(" ", ""), now=timezone.now())
    held = booking.hold(invitation_id=found.invitation.pk, slot_id=first.pk, now=timezone.now())
    booking.confirm(reservation_id=held.reservation_id, registration_id=marie.pk, now=timezone.now())
    assert Reservation.objects.get().state == Reservation.State.CONFIRMED
    told = Message.objects.get(template="reservation/confirmed")
    assert (told.channel, told.owner, told.address) == (
        "LETTER",
        marie.number,
        "Marie Dvořáková\nDlouhá 1\n602 00 Brno",
    )


def test_a_pin2_that_the_post_brought_back_is_taken_back_and_the_next_goes_to_the_new_address(
    clock: Traveller, make_pair: MakePair, make_registration: Register
) -> None:
    make_pair(day=29)
    marie = make_registration(phone="", by_letter=True, number="100000014")
    invitations.invite(limit=9, now=timezone.now())
    printed_and_posted(staff(Role.SUPPORT_LEAD))
    paper = Message.objects.get(channel="LETTER")
    clock.shift(timedelta(days=5))
    lead, operator = staff(Role.SUPPORT_LEAD), staff(Role.SUPPORT_L2)
    desk = reverse("registration:desk_registration", args=[marie.pk])
    assert "by post" in (before := text_of(operator.get(desk)))
    assert "Letters that came back" not in before
    lead.post(reverse("registration:letter_returned"), {"number": paper.pk, "is_seen": "on"})
    assert Invitation.objects.get().revoked_at is not None
    assert "Letters that came back" in text_of(operator.get(desk))
    page = operator.get(reverse("registration:desk_contact", args=[marie.pk]))
    shown = page.context["form"].initial["shown"]
    new = {"street": "Nová 5", "city": "Brno", "postcode": "602 00", "landline": "541 123 456", "shown": shown}
    answer = send_form(operator, reverse("registration:desk_contact", args=[marie.pk]), **new)
    assert answer.status_code == 302
    assert invitations.invite(limit=9, now=timezone.now()).invited == 1
    assert "Nová 5" in Message.objects.filter(template="reservation/invitation").latest("pk").address


def test_a_letter_of_an_older_pin2_that_comes_back_leaves_the_newer_one(make_pair: MakePair) -> None:
    make_pair(day=39)
    make_registration(phone="", by_letter=True)
    for now in (NOW, NOW + timedelta(days=22)):
        invitations.invite(limit=9, now=now)
    older = Message.objects.filter(template="reservation/invitation").earliest("pk")
    Message.objects.filter(pk=older.pk).update(state=Message.State.POSTED)
    letters.mark_returned(number=older.pk, by=make_staff(Role.SUPPORT_LEAD))
    assert Invitation.objects.latest("pk").revoked_at is None
