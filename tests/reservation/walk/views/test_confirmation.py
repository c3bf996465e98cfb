"""The page of the last click: it confirms what it shows, once, and says what happened otherwise."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from crs import slow_work
from crs.captcha.challenges import Answer, use_up
from crs.messaging.models import Message
from reservation.models import Invitation, Reservation
from reservation.reserving import booking
from tests.factories import NOW
from tests.pages import text_of
from tests.reservation.conftest import Invite, Make, MakePair
from tests.reservation.walk.views.conftest import (
    CONFIRM,
    CONFIRMED,
    PDF,
    SITE,
    answered,
    confirm,
    held_by_somebody_else,
    hold,
    reservation_of,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def test_somebody_elses_hold_cannot_be_confirmed(
    inside: Client, marie: Invitation, make_invitation: Invite, make_pair: MakePair
) -> None:
    theirs = held_by_somebody_else(make_invitation, make_pair()[0])
    hold(inside, make_pair(day=2)[0])
    form = answered(inside.get(CONFIRM))
    assert inside.post(CONFIRM, {**form, "reservation": str(theirs)}).headers["Location"] == CONFIRM
    booking.release(reservation_id=reservation_of(marie).pk, registration_id=marie.registration_id)
    assert inside.post(CONFIRM, {**form, "reservation": str(theirs)}).headers["Location"] == SITE
    assert Reservation.objects.get(pk=theirs).state == Reservation.State.HELD
    assert not Message.objects.exists()


def test_while_others_wait_for_theirs_a_paper_is_refused_kindly(inside: Client, make_pair: MakePair) -> None:
    hold(inside, make_pair()[0])
    confirm(inside)
    with slow_work.places, slow_work.places, slow_work.places:
        refused = inside.get(PDF)
        assert inside.get(CONFIRMED).status_code == 200
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "3")
    assert "we send the paper there too" in text_of(refused)
    assert inside.get(PDF).content.startswith(b"%PDF")


def test_a_hold_that_ran_out_is_answered_with_other_times(
    inside: Client, make_invitation: Invite, make_pair: MakePair, clock: time_machine.Traveller
) -> None:
    lost, _ = make_pair()
    near, _ = make_pair(clock="09:15")
    hold(inside, lost)
    form = answered(inside.get(CONFIRM))
    clock.shift(timedelta(minutes=11))
    booking.release_expired(now=NOW + timedelta(minutes=11))
    held_by_somebody_else(make_invitation, lost)
    for page in (inside.post(CONFIRM, form), inside.get(CONFIRM)):
        assert page.status_code == 409
        assert "The time we kept for you has run out" in text_of(page)
        assert f'name="slot" value="{near.pk}"' in page.content.decode()


def test_who_is_slow_may_confirm_while_nobody_took_the_place(
    inside: Client, marie: Invitation, make_pair: MakePair, clock: time_machine.Traveller
) -> None:
    hold(inside, make_pair()[0])
    form = answered(inside.get(CONFIRM))
    clock.shift(timedelta(minutes=11))
    assert inside.post(CONFIRM, form).headers["Location"] == CONFIRMED
    assert reservation_of(marie).state == Reservation.State.CONFIRMED


def test_who_is_slower_still_gets_the_times_that_were_given_back_and_that_nobody_took(
    inside: Client, marie: Invitation, make_pair: MakePair, clock: time_machine.Traveller
) -> None:
    first, second = make_pair()
    hold(inside, first)
    form = answered(inside.get(CONFIRM))
    clock.shift(timedelta(minutes=12))
    assert booking.release_expired(now=NOW + timedelta(minutes=12)) == 1
    shown = inside.get(CONFIRM)
    assert shown.status_code == 200
    assert "We do not keep these dates any more" in text_of(shown)
    assert "We are keeping" not in text_of(shown)
    assert "Time left" not in text_of(shown)
    assert inside.post(CONFIRM, form).headers["Location"] == CONFIRMED
    kept = reservation_of(marie)
    assert kept.state == Reservation.State.CONFIRMED
    assert [one.slot for one in kept.appointments.order_by("dose_number")] == [first, second]
    # A second click finds what the first one did.
    assert inside.post(CONFIRM, form).headers["Location"] == CONFIRMED
    assert Message.objects.filter(channel="SMS", template="reservation/confirmed").count() == 1


def test_an_hour_after_the_hold_ended_its_times_are_chosen_anew(
    inside: Client, marie: Invitation, make_pair: MakePair, clock: time_machine.Traveller
) -> None:
    first, _ = make_pair()
    hold(inside, first)
    form = answered(inside.get(CONFIRM))
    clock.shift(timedelta(minutes=70) - timedelta(seconds=1))
    booking.release_expired(now=NOW + timedelta(minutes=69))
    assert inside.get(CONFIRM).status_code == 200
    clock.shift(timedelta(seconds=1))
    for page in (inside.get(CONFIRM), inside.post(CONFIRM, form)):
        assert page.status_code == 409
        assert "The time we kept for you has run out" in text_of(page)
        assert f'name="slot" value="{first.pk}"' in page.content.decode()
    assert not Reservation.objects.holding_seats().exists()


def test_where_a_later_dose_was_taken_meanwhile_the_other_time_is_shown_before_it_is_confirmed(
    inside: Client,
    marie: Invitation,
    make_slot: Make,
    make_pair: MakePair,
    clock: time_machine.Traveller,
) -> None:
    first, second = make_pair()
    other = make_slot(22, "11:30", "SECOND")
    hold(inside, first)
    form = answered(inside.get(CONFIRM))
    clock.shift(timedelta(minutes=12))
    booking.release_expired(now=NOW + timedelta(minutes=12))
    type(second).objects.filter(pk=second.pk).update(booked=second.capacity)
    refused = inside.get(CONFIRM)
    assert refused.status_code == 409
    assert f'name="slot" value="{first.pk}"' in refused.content.decode()
    answer = inside.post(CONFIRM, form, follow=True)
    assert answer.redirect_chain == [(CONFIRM, 302)]
    assert "some have changed" in text_of(answer)
    held = reservation_of(marie)
    assert held.state == Reservation.State.HELD
    assert held.appointments.get(dose_number=2).slot == other
    assert inside.post(CONFIRM, answered(answer)).headers["Location"] == CONFIRMED


def test_a_wrong_captcha_after_the_time_is_over_is_asked_anew_and_the_times_are_still_there(
    inside: Client, marie: Invitation, make_pair: MakePair, clock: time_machine.Traveller
) -> None:
    hold(inside, make_pair()[0])
    form = answered(inside.get(CONFIRM), captcha_1="WRONG")
    clock.shift(timedelta(minutes=12))
    booking.release_expired(now=NOW + timedelta(minutes=12))
    page = inside.post(CONFIRM, form)
    assert set(page.context["form"].errors) == {"captcha"}
    assert "We do not keep these dates any more" in text_of(page)
    assert inside.post(CONFIRM, answered(page)).headers["Location"] == CONFIRMED
    assert reservation_of(marie).state == Reservation.State.CONFIRMED


def test_a_double_click_on_confirm_ends_on_the_confirmation(inside: Client, make_pair: MakePair) -> None:
    hold(inside, make_pair()[0])
    form = answered(inside.get(CONFIRM))
    assert [inside.post(CONFIRM, form).headers["Location"] for _ in range(2)] == [CONFIRMED, CONFIRMED]
    assert Message.objects.filter(channel="SMS", template="reservation/confirmed").count() == 1


def test_two_tabs_confirm_only_what_they_show(inside: Client, marie: Invitation, make_pair: MakePair) -> None:
    first, _ = make_pair()
    other, _ = make_pair(day=2)
    hold(inside, first)
    form_of_first_tab = answered(inside.get(CONFIRM))
    hold(inside, other)
    answer = inside.post(CONFIRM, form_of_first_tab, follow=True)
    assert answer.redirect_chain == [(CONFIRM, 302)]
    assert "You chose another time in the meantime" in text_of(answer)
    assert "Wednesday 13 January 2027" in text_of(answer)
    assert reservation_of(marie).state == Reservation.State.HELD


def test_a_wrong_captcha_keeps_the_hold_and_asks_anew(inside: Client, marie: Invitation, make_pair: MakePair) -> None:
    hold(inside, make_pair()[0])
    form = answered(inside.get(CONFIRM), captcha_1="WRONG")
    page = inside.post(CONFIRM, form)
    assert page.status_code == 200
    assert reservation_of(marie).state == Reservation.State.HELD
    assert inside.post(CONFIRM, answered(page)).headers["Location"] == CONFIRMED


def test_an_answer_to_the_captcha_confirms_one_reservation_only(
    inside: Client, marie: Invitation, make_pair: MakePair
) -> None:
    hold(inside, make_pair()[0])
    form = answered(inside.get(CONFIRM))
    assert use_up(Answer(form["captcha_0"], form["captcha_1"]))
    assert inside.post(CONFIRM, form).status_code == 200
    assert reservation_of(marie).state == Reservation.State.HELD


def test_the_captcha_switches_to_a_question_in_words(inside: Client, marie: Invitation, make_pair: MakePair) -> None:
    hold(inside, make_pair()[0])
    form = answered(inside.get(CONFIRM), captcha_kind="words")
    page = inside.post(CONFIRM, form)
    assert page.status_code == 200
    assert 'name="captcha_shown" value="words"' in page.content.decode()
    assert reservation_of(marie).state == Reservation.State.HELD
    answer = inside.post(CONFIRM, answered(page, captcha_shown="words"))
    assert answer.headers["Location"] == CONFIRMED


def test_the_page_says_why_the_second_dose_is_at_another_time(inside: Client, make_slot: Make) -> None:
    first = make_slot()
    make_slot(22, "11:30", "SECOND")
    hold(inside, first)
    assert "21 days after the dose before, as it should be, but at another time" in text_of(inside.get(CONFIRM))


def test_the_page_says_why_the_second_dose_is_on_another_day(inside: Client, make_slot: Make) -> None:
    first = make_slot()
    make_slot(25, "09:00", "SECOND")
    hold(inside, first)
    page = text_of(inside.get(CONFIRM))
    assert "24 days after the dose before: 21 days after it nothing is free" in page
    assert "21 to 42 days" in page
