"""Logging in with PIN2: what opens the door, what is counted, and when the captcha is asked for."""

import re
import threading
from datetime import datetime, timedelta
from functools import partial

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from crs.models import Tries
from crs.tasks import forget_tries
from logistics.models import VaccinationSite
from registration.models import Registration
from reservation import errors
from reservation.inviting import pin2
from reservation.models import Invitation
from reservation.reserving import booking
from reservation.walk import logging_in
from reservation.walk.forms import LogInForm
from tests import factories
from tests.factories import NOW, PIN2
from tests.pages import solved_challenge
from tests.race import race, tally
from tests.reservation.conftest import Invite, MakePair, Register

pytestmark = pytest.mark.django_db


UNKNOWN = "+420700000001"
WRONG = "00000000"


def log_in(phone: str, typed: str = PIN2, *, has_captcha: bool = False, now: datetime = NOW) -> Invitation:
    captcha = solved_challenge()
    return logging_in.log_in(login=phone, pin2=typed, captcha=captcha if has_captcha else None, now=now).invitation


def answer(phone: str, typed: str = WRONG, *, has_captcha: bool = False, now: datetime = NOW) -> str:
    """What a try is answered, with the words."""
    try:
        return type(log_in(phone, typed, has_captcha=has_captcha, now=now)).__name__
    except errors.LogInError as refusal:
        return f"{type(refusal).__name__}: {refusal}"


def answers(phone: str, *kinds: bool) -> list[str]:
    """What wrong tries are answered, a try for each of `kinds`: with a captcha or without."""
    return [answer(phone, f"{number:08}", has_captcha=kind) for number, kind in enumerate(kinds)]


def names(said: list[str]) -> list[str]:
    return [one.split(":")[0] for one in said]


def phone_of(invitation: Invitation) -> str:
    return str(invitation.registration.phone)


# --- what opens the door ----------------------------------------------------------------------------


@pytest.mark.parametrize("has_captcha", [False, True])
def test_pin2_opens_the_door(make_invitation: Invite, has_captcha: bool) -> None:
    invitation = make_invitation()
    assert log_in(phone_of(invitation), has_captcha=has_captcha) == invitation


def test_pin2_says_which_of_several_people_with_one_phone_it_is(
    make_registration: Register, make_invitation: Invite
) -> None:
    jana, petr = (make_registration(phone="+420777000111") for _ in range(2))
    make_invitation(jana, pin_hash=pin2.pin2_hash(jana.pk, "11111111"))
    petrs = make_invitation(petr, pin_hash=pin2.pin2_hash(petr.pk, "22222222"))
    assert log_in("+420777000111", "22222222") == petrs


def test_only_the_right_old_pin2_is_told_that_a_new_one_comes(make_invitation: Invite) -> None:
    phone = phone_of(make_invitation(expires_at=NOW))
    with pytest.raises(errors.WrongPin2):
        log_in(phone, WRONG)
    with pytest.raises(errors.Pin2Expired):
        log_in(phone)


def test_a_replaced_pin2_is_old(make_invitation: Invite) -> None:
    with pytest.raises(errors.Pin2Expired):
        log_in(phone_of(make_invitation(revoked_at=NOW)))


def test_who_has_reserved_comes_back_with_pin2_even_later(make_pair: MakePair, make_invitation: Invite) -> None:
    first, _ = make_pair()
    invitation = make_invitation()
    held = booking.hold(invitation_id=invitation.pk, slot_id=first.pk, now=NOW)
    booking.confirm(reservation_id=held.reservation_id, registration_id=invitation.registration_id, now=NOW)
    assert log_in(phone_of(invitation), now=NOW + timedelta(days=30)) == invitation


def test_who_has_had_all_doses_comes_back_to_see_the_times_or_with_a_valid_pin2_for_a_booster(
    make_pair: MakePair, make_invitation: Invite
) -> None:
    first, _ = make_pair()
    reserved, again, never = make_invitation(), make_invitation(), make_invitation()
    held = booking.hold(invitation_id=reserved.pk, slot_id=first.pk, now=NOW)
    booking.confirm(reservation_id=held.reservation_id, registration_id=reserved.registration_id, now=NOW)
    Registration.objects.update(state="COMPLETED", doses_received=2)
    Invitation.objects.exclude(pk=again.pk).update(expires_at=NOW)
    assert log_in(phone_of(reserved)) == reserved
    assert log_in(phone_of(again)) == again
    with pytest.raises(errors.Pin2Expired):
        log_in(phone_of(never))


def test_whoever_went_on_to_a_booster_and_let_pin2_run_out_is_told_at_the_door(
    make_invitation: Invite, site: VaccinationSite
) -> None:
    invitation = make_invitation(expires_at=NOW)
    factories.make_reservation(invitation.registration, site=site, day=-60, is_finished=True)
    with pytest.raises(errors.Pin2Expired):
        log_in(phone_of(invitation))


def test_a_cancelled_registration_has_no_pin2(make_registration: Register, make_invitation: Invite) -> None:
    invitation = make_invitation(make_registration(state="CANCELLED"))
    with pytest.raises(errors.WrongPin2):
        log_in(phone_of(invitation))


# --- wrong tries ------------------------------------------------------------------------------------


def test_after_five_wrong_tries_each_needs_a_captcha_and_after_twenty_the_number_is_locked(
    make_invitation: Invite,
) -> None:
    said = answers(phone_of(make_invitation()), *[False] * 7, *[True] * 15, False, True)
    assert names(said) == (
        ["WrongPin2"] * 5 + ["CaptchaNeeded"] * 2 + ["WrongPin2"] * 14 + ["LogInLocked"] * 3
    )  # fmt: skip


def test_known_and_unknown_numbers_are_answered_alike(make_invitation: Invite) -> None:
    kinds = [False] * 6 + [True] * 16 + [False]
    assert answers(phone_of(make_invitation()), *kinds) == answers(UNKNOWN, *kinds)


@pytest.mark.parametrize("tries", [0, 5, 20])
@pytest.mark.parametrize("has_captcha", [False, True])
def test_known_and_unknown_numbers_take_the_same_queries(
    make_invitation: Invite, tries: int, has_captcha: bool
) -> None:
    def queries(phone: str) -> list[str]:
        answers(phone, *[True] * tries)
        with CaptureQueriesContext(connection) as captured, pytest.raises(errors.LogInError):
            log_in(phone, WRONG, has_captcha=has_captcha)
        return [re.sub(r"'[^']*'|\d+", "?", query["sql"]) for query in captured.captured_queries]

    assert queries(phone_of(make_invitation())) == queries(UNKNOWN)


def test_each_refusal_says_how_many_tries_are_left_and_until_what() -> None:
    def left(refusal: errors.LogInError) -> tuple[int, int]:
        assert isinstance(refusal, errors.WrongPin2)
        return refusal.free_left, refusal.left

    counts = []
    for number in range(6):
        with pytest.raises(errors.WrongPin2) as refused:
            log_in(UNKNOWN, WRONG, has_captcha=number == 5)
        counts.append(left(refused.value))
        assert refused.value.needs_captcha == (number >= 4)
    assert counts == [(4, 19), (3, 18), (2, 17), (1, 16), (0, 15), (0, 14)]


def test_without_the_captcha_not_even_the_right_pin2_is_looked_at_and_nothing_is_counted(
    make_invitation: Invite,
) -> None:
    invitation = make_invitation()
    phone = phone_of(invitation)
    answers(phone, *[False] * 5)
    for typed in (PIN2, WRONG):
        with pytest.raises(errors.CaptchaNeeded):
            log_in(phone, typed)
    assert Tries.objects.get().count == 5
    assert log_in(phone, has_captcha=True) == invitation


def test_a_right_pin2_clears_the_count(make_invitation: Invite) -> None:
    phone = phone_of(make_invitation())
    answers(phone, *[True] * 19)
    log_in(phone, has_captcha=True)
    assert not Tries.objects.exists()
    assert names(answers(phone, False)) == ["WrongPin2"]


def test_a_stranger_without_captchas_keeps_nobody_out(make_invitation: Invite) -> None:
    invitation = make_invitation()
    answers(phone_of(invitation), *[False] * 200)
    assert log_in(phone_of(invitation), has_captcha=True) == invitation


def test_a_locked_number_opens_again_a_quarter_of_an_hour_after_the_last_try(make_invitation: Invite) -> None:
    invitation = make_invitation()
    phone = phone_of(invitation)
    answers(phone, *[True] * 19)
    last = NOW + timedelta(minutes=10)
    assert names([answer(phone, has_captcha=True, now=last)]) == ["LogInLocked"]
    for minutes, has_captcha in ((0, True), (6, False), (14, True)):
        with pytest.raises(errors.LogInLocked):
            log_in(phone, has_captcha=has_captcha, now=last + timedelta(minutes=minutes))
    assert log_in(phone, now=last + timedelta(minutes=15)) == invitation
    assert not Tries.objects.exists()


def test_wrong_tries_are_forgotten_after_a_quarter_of_an_hour() -> None:
    for minutes in (0, 1, 2, 3, 4, 16):
        with pytest.raises(errors.WrongPin2):
            log_in(UNKNOWN, WRONG, now=NOW + timedelta(minutes=minutes))


@pytest.mark.usefixtures("clock")
def test_counts_that_mean_nothing_any_more_are_deleted() -> None:
    answer(UNKNOWN, now=NOW - logging_in.WRONG_PIN2S.period)
    answer("+420700000002")
    forget_tries()
    assert Tries.objects.count() == 1


# --- at once ----------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_known", [True, False])
def test_of_two_hundred_guesses_at_once_five_are_looked_at_without_a_captcha(
    make_invitation: Invite, is_known: bool
) -> None:
    phone = phone_of(make_invitation()) if is_known else UNKNOWN
    outcomes = race(*[partial(log_in, phone, f"{number:08}") for number in range(200)])
    assert tally(outcomes) == {"WrongPin2": 5, "CaptchaNeeded": 195}


@pytest.mark.django_db(transaction=True)
def test_of_two_hundred_guesses_at_once_twenty_are_looked_at_at_all(make_invitation: Invite) -> None:
    phone = phone_of(make_invitation())
    guesses = [partial(log_in, phone, f"{number:08}", has_captcha=number % 2 == 0) for number in range(200)]
    counts = tally(race(*guesses))
    assert counts["WrongPin2"] == 19  # the twentieth is told of the lock
    assert counts["WrongPin2"] + counts["CaptchaNeeded"] + counts["LogInLocked"] == 200
    assert Tries.objects.get().count == 20


@pytest.mark.django_db(transaction=True)
def test_control_twin_a_count_that_is_read_first_lets_guesses_at_once_through() -> None:
    answers(UNKNOWN, *[False] * (logging_in.FREE_TRIES - 1))

    both_have_looked = threading.Barrier(2, timeout=30)

    def careless() -> bool:
        tried = Tries.objects.get().count
        is_free = tried < logging_in.FREE_TRIES
        both_have_looked.wait()
        Tries.objects.update(count=tried + 1)
        return is_free

    assert race(careless, careless) == [True, True]


# --- people without a mobile telephone --------------------------------------------------------------


def test_people_written_to_by_letter_log_in_with_their_registration_number(make_registration: Register) -> None:
    by_letter = factories.make_invitation(make_registration(phone="", by_letter=True))
    found = logging_in.log_in(login=by_letter.registration.number, pin2=PIN2, now=NOW)
    assert found.invitation == by_letter


def test_the_registration_number_of_somebody_with_a_mobile_opens_nothing(make_registration: Register) -> None:
    invitation = factories.make_invitation(make_registration())
    with pytest.raises(errors.WrongPin2):
        logging_in.log_in(login=invitation.registration.number, pin2=PIN2, now=NOW)


def test_nine_digits_may_be_a_telephone_or_a_registration_number(make_registration: Register) -> None:
    by_letter = factories.make_invitation(make_registration(number="601234562", phone="", by_letter=True))
    form = LogInForm({"phone": "601 234 562", "pin2": "1234 5678"})
    assert form.is_valid()
    assert form.cleaned_data["phone"] == "+420601234562"
    assert logging_in.log_in(login="+420601234562", pin2=PIN2, now=NOW).invitation == by_letter


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        ("100 000 008", ""),
        ("１０００００００８", ""),
        ("100-000-008", ""),
        ("100/000.008", ""),
        ("\u202d100000008\u202c", ""),
        ("Registrační číslo: 100 000 008", ""),
        ("č. 100000008 (registrace)", "digits"),
        ("100000002", "not a registration number"),
        ("10000000", "not a registration number"),
        ("605 123", "phone number"),
    ],
)
def test_a_registration_number_is_read_as_it_is_typed(typed: str, error: str) -> None:
    with override("en"):
        form = LogInForm({"phone": typed, "pin2": "1234-5678\u200b"})
        assert form.is_valid() == (not error), form.errors
        assert error in str(form.errors)
    assert "pin2" not in form.errors


def test_known_and_unknown_registration_numbers_are_counted_and_answered_alike(make_registration: Register) -> None:
    known = factories.make_invitation(make_registration(phone="", by_letter=True)).registration.number
    said = {}
    for login in (known, "999999999"):
        with CaptureQueriesContext(connection) as queries, pytest.raises(errors.WrongPin2) as refused:
            logging_in.log_in(login=login, pin2="87654321", now=NOW)
        said[login] = (str(refused.value), len(queries))
    assert len(set(said.values())) == 1
