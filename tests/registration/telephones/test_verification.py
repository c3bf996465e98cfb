"""Proving a telephone: what works, what is refused, and what a guesser gets."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest
from captcha.models import CaptchaStore
from django.db import connection
from django.utils import timezone

from crs import tries
from crs.captcha.challenges import WrongAnswer
from crs.messaging.models import Message
from crs.models import Tries
from crs.sent_forms import Sending
from crs.tasks import forget_tries
from registration.models import PhonePin, PhoneVerification
from registration.tasks import forget_old_verifications
from registration.telephones import verification
from registration.telephones.errors import (
    CaptchaNeeded,
    PinExpired,
    PinRefused,
    PinUsed,
    ResendTooSoon,
    TriedElsewhere,
    VerificationGone,
    VerificationLocked,
    WrongPin,
)
from registration.telephones.verification import ask, ask_again, verify
from tests.cast import JANA, MARIE
from tests.pages import solved_challenge
from tests.registration.conftest import begin, other_than, pins_to, texts_to

NOW = timezone.now()
MINUTE = timedelta(minutes=1)


def send(phone: str = MARIE.phone, minutes: float = 0, language: str = "cs") -> PhoneVerification:
    return ask(phone=phone, captcha=solved_challenge(), language=language, now=NOW + minutes * MINUTE)


def again(started: PhoneVerification, minutes: float, *, has_captcha: bool = False) -> PhoneVerification:
    captcha = solved_challenge() if has_captcha else None
    return ask_again(verification_id=started.pk, captcha=captcha, language="cs", now=NOW + minutes * MINUTE)


def wrong_pins(times: int) -> None:
    """So many wrong PINs that were typed for Marie's telephone."""
    for _ in range(times):
        tries.count(verification.WRONG_PINS, MARIE.phone, now=NOW)


@pytest.mark.django_db
def test_the_pin_from_the_sms_proves_the_telephone() -> None:
    started = send()
    proven = verify(verification_id=started.pk, pin=pins_to(MARIE.phone)[0], now=NOW)
    assert proven.verified_at == NOW


@pytest.mark.django_db
def test_the_pin_goes_first_and_is_secret_and_is_kept_only_as_a_hash() -> None:
    send()
    message = Message.objects.get()
    assert (message.lane, message.is_secret) == (Message.Lane.PIN, True)
    assert pins_to(MARIE.phone)[0] not in PhonePin.objects.get().pin_hash


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["cs", "en"])
def test_the_sms_fits_one_part_and_says_how_long_the_pin_works(language: str) -> None:
    send(language=language)
    (text,) = texts_to(MARIE.phone, "registration/pin")
    assert text.isascii()
    assert len(text) <= 160
    assert "15 min" in text


@pytest.mark.django_db
def test_any_pin_of_the_last_15_minutes_works_in_any_browser() -> None:
    first, second = send(), send(minutes=2)
    old, new = pins_to(MARIE.phone)
    assert verify(verification_id=second.pk, pin=old, now=NOW + 3 * MINUTE).pk == second.pk
    assert verify(verification_id=first.pk, pin=new, now=NOW + 3 * MINUTE).pk == first.pk


@pytest.mark.django_db
def test_a_verification_over_the_limit_takes_a_pin_sent_before() -> None:
    send()
    started = begin(phone=MARIE.phone, now=NOW + MINUTE)
    assert verify(verification_id=started.pk, pin=pins_to(MARIE.phone)[0], now=NOW + MINUTE).verified_at


@pytest.mark.django_db
def test_a_pin_of_another_telephone_does_not_work() -> None:
    started = send()
    send(JANA.phone)
    with pytest.raises(WrongPin):
        verify(verification_id=started.pk, pin=pins_to(JANA.phone)[0], now=NOW)


@pytest.mark.django_db
def test_a_pin_runs_out_after_15_minutes_and_says_so() -> None:
    started = send()
    (pin,) = pins_to(MARIE.phone)
    with pytest.raises(PinExpired):
        verify(verification_id=started.pk, pin=pin, now=NOW + 15 * MINUTE)


@pytest.mark.django_db
def test_a_used_pin_does_not_work_again_in_another_browser() -> None:
    started, other = send(), begin(phone=MARIE.phone, now=NOW)
    (pin,) = pins_to(MARIE.phone)
    verify(verification_id=started.pk, pin=pin, now=NOW)
    with pytest.raises(PinUsed):
        verify(verification_id=other.pk, pin=pin, now=NOW)


@pytest.mark.django_db
def test_the_pin_that_proved_a_verification_proves_it_again_while_the_proof_lasts() -> None:
    started = send()
    (pin,) = pins_to(MARIE.phone)
    verify(verification_id=started.pk, pin=pin, now=NOW)
    assert verify(verification_id=started.pk, pin=pin, now=NOW + 59 * MINUTE).verified_at == NOW
    with pytest.raises(PinUsed):
        verify(verification_id=started.pk, pin=pin, now=NOW + 60 * MINUTE)


@pytest.mark.django_db
def test_after_finishing_neither_the_pin_nor_its_form_proves_anything() -> None:
    started, form = send(), Sending(uuid4(), "contents")
    (pin,) = pins_to(MARIE.phone)
    verify(verification_id=started.pk, pin=pin, form=form, now=NOW)
    verification.end(verification_id=started.pk)
    with pytest.raises(VerificationGone):
        verify(verification_id=started.pk, pin=pin, form=form, now=NOW)
    with pytest.raises(PinUsed):
        verify(verification_id=started.pk, pin=pin, now=NOW)


@pytest.mark.django_db
def test_five_wrong_tries_lock_the_verification_even_for_the_right_pin() -> None:
    started = send()
    (pin,) = pins_to(MARIE.phone)
    for _try in range(4):
        with pytest.raises(WrongPin):
            verify(verification_id=started.pk, pin=other_than(pin), now=NOW)
    with pytest.raises(VerificationLocked):
        verify(verification_id=started.pk, pin=other_than(pin), now=NOW)
    with pytest.raises(VerificationLocked):
        verify(verification_id=started.pk, pin=pin, now=NOW)


@pytest.mark.django_db
def test_a_used_up_verification_is_replaced_for_a_captcha_at_once() -> None:
    started = send()
    PhoneVerification.objects.update(wrong_tries=5)
    with pytest.raises(CaptchaNeeded):
        again(started, 0)
    fresh = again(started, 0, has_captcha=True)
    assert fresh.pk != started.pk
    verify(verification_id=fresh.pk, pin=pins_to(MARIE.phone)[-1], now=NOW)


@pytest.mark.django_db
def test_every_third_pin_costs_a_captcha() -> None:
    started = send()
    for minute in (1, 2):
        again(started, minute)
    with pytest.raises(CaptchaNeeded):
        again(started, 3)
    assert len(pins_to(MARIE.phone)) == 3
    for minute, has_captcha in ((3, True), (4, False), (5, False), (6, True)):
        again(started, minute, has_captcha=has_captcha)
    assert len(pins_to(MARIE.phone)) == 7


@pytest.mark.django_db
def test_a_wrong_answer_to_the_captcha_sends_nothing_and_is_used_up() -> None:
    wrong = replace(solved_challenge(), text="wrong")
    with pytest.raises(WrongAnswer):
        ask(phone=MARIE.phone, captcha=wrong, language="cs", now=NOW)
    assert not CaptchaStore.objects.exists()
    assert not PhoneVerification.objects.exists()
    assert not pins_to(MARIE.phone)


@pytest.mark.django_db
def test_who_types_old_pins_is_not_locked_for_it() -> None:
    started = send()
    (pin,) = pins_to(MARIE.phone)
    for _try in range(7):
        with pytest.raises(PinExpired):
            verify(verification_id=started.pk, pin=pin, now=NOW + 20 * MINUTE)


@pytest.mark.django_db
def test_a_guesser_with_many_verifications_has_15_tries_at_the_pins_of_others() -> None:
    send()
    (pin,) = pins_to(MARIE.phone)
    for _round in range(3):
        guesser = begin(phone=MARIE.phone, now=NOW)
        for _try in range(5):
            with pytest.raises(PinRefused):
                verify(verification_id=guesser.pk, pin=other_than(pin), now=NOW)
    fresh = begin(phone=MARIE.phone, now=NOW + MINUTE)
    for typed in (pin, other_than(pin)):  # the same answer, so that it tells nothing
        with pytest.raises(TriedElsewhere):
            verify(verification_id=fresh.pk, pin=typed, now=NOW + MINUTE)


@pytest.mark.django_db
def test_whatever_others_type_the_right_pin_works_in_the_browser_that_asked_for_it() -> None:
    owner = send()
    (pin,) = pins_to(MARIE.phone)
    for _stranger in range(10):
        stranger = begin(phone=MARIE.phone, now=NOW)
        for _try in range(5):
            with pytest.raises(PinRefused):
                verify(verification_id=stranger.pk, pin=other_than(pin), now=NOW)
    for _try in range(4):
        with pytest.raises(TriedElsewhere):
            verify(verification_id=owner.pk, pin=other_than(pin), now=NOW)
    assert verify(verification_id=owner.pk, pin=pin, now=NOW).pk == owner.pk


@pytest.mark.django_db
def test_tries_elsewhere_count_for_15_minutes_and_do_not_touch_another_telephone() -> None:
    send()
    wrong_pins(15)
    send(JANA.phone)
    other = begin(phone=JANA.phone, now=NOW)
    assert verify(verification_id=other.pk, pin=pins_to(JANA.phone)[0], now=NOW).pk == other.pk
    send(minutes=16)
    later = begin(phone=MARIE.phone, now=NOW + 16 * MINUTE)
    assert verify(verification_id=later.pk, pin=pins_to(MARIE.phone)[-1], now=NOW + 16 * MINUTE).pk == later.pk


@pytest.mark.django_db
def test_the_count_ends_when_15_minutes_passed_without_a_try_so_no_15_minutes_have_more_than_15() -> None:
    send()
    wrong_pins(14)
    (pin,) = pins_to(MARIE.phone)
    for minute, refusal in (
        (14, WrongPin),
        (14, TriedElsewhere),
        (16, TriedElsewhere),
        (28, TriedElsewhere),
        (29, WrongPin),
    ):
        browser = begin(phone=MARIE.phone, now=NOW + minute * MINUTE)
        with pytest.raises(refusal):
            verify(verification_id=browser.pk, pin=other_than(pin), now=NOW + minute * MINUTE)


@pytest.mark.django_db
def test_pins_that_were_really_sent_and_what_is_typed_when_the_tries_are_used_up_are_not_counted() -> None:
    started = send()
    (pin,) = pins_to(MARIE.phone)
    verify(verification_id=started.pk, pin=pin, now=NOW)
    other, used_up = begin(phone=MARIE.phone, now=NOW), begin(phone=MARIE.phone, now=NOW)
    PhoneVerification.objects.filter(pk=used_up.pk).update(wrong_tries=5)
    for refusal, browser, typed, minute in (
        (PinUsed, other, pin, 0),
        (PinUsed, other, pin, 20),
        (VerificationLocked, used_up, other_than(pin), 20),
    ):
        with pytest.raises(refusal):
            verify(verification_id=browser.pk, pin=typed, now=NOW + minute * MINUTE)
    assert Tries.objects.get().count == 0


@pytest.mark.django_db
def test_the_count_does_not_tell_whose_telephone_it_is() -> None:
    wrong_pins(1)
    assert MARIE.phone.removeprefix("+420") not in str(Tries.objects.values().get())


@pytest.mark.django_db
def test_another_pin_may_be_asked_for_after_60_seconds() -> None:
    started = send()
    with pytest.raises(ResendTooSoon):
        again(started, 0.9)
    again(started, 1)
    assert len(pins_to(MARIE.phone)) == 2


@pytest.mark.django_db
def test_an_unknown_verification_is_gone() -> None:
    with pytest.raises(VerificationGone):
        verify(verification_id="b94d27b9-934d-4e08-a52e-52d7da7dabfa", pin="123456", now=NOW)


@pytest.mark.django_db
def test_after_a_day_nothing_is_left_of_a_telephone() -> None:
    old = send(minutes=-25 * 60)
    with pytest.raises(PinExpired):
        verify(verification_id=old.pk, pin=pins_to(MARIE.phone)[0], now=NOW - 24 * 60 * MINUTE)
    kept = send(JANA.phone)
    forget_old_verifications()
    forget_tries()
    assert list(PhoneVerification.objects.all()) == [kept]
    assert PhonePin.objects.count() == 1
    assert not Tries.objects.exists()
    forget_old_verifications()  # a second run finds nothing to do


def _at_once(actions: list[Callable[[], object]]) -> list[str]:
    """Run them in threads that start together; the names of what came out."""
    barrier, outcome = threading.Barrier(len(actions), timeout=30), []

    def run(action: Callable[[], object]) -> None:
        barrier.wait()
        try:
            outcome.append(type(action()).__name__)
        except Exception as error:
            outcome.append(type(error).__name__)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(action,)) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcome)


@pytest.mark.django_db(transaction=True)
def test_tries_at_once_are_all_counted() -> None:
    """Six guesses from six verifications in the same moment, three of them within the limit."""
    send()
    (pin,) = pins_to(MARIE.phone)
    wrong_pins(12)
    ids = [begin(phone=MARIE.phone, now=NOW).pk for _ in range(6)]
    outcome = _at_once([partial(verify, verification_id=pk, pin=other_than(pin), now=NOW) for pk in ids])
    assert Tries.objects.get().count == verification.WRONG_PINS.most
    assert sorted(outcome) == ["TriedElsewhere"] * 3 + ["WrongPin"] * 3


@pytest.mark.django_db(transaction=True)
def test_control_twin_without_the_row_lock_tries_get_lost() -> None:
    """The same count by reading and writing without a lock; it shows why `verify` locks."""
    wrong_pins(1)
    all_have_read = threading.Barrier(5, timeout=30)

    def careless() -> None:
        row = Tries.objects.get()
        all_have_read.wait()
        row.count += 1
        row.save()

    _at_once([careless] * 5)
    assert Tries.objects.get().count < 6


@pytest.mark.django_db(transaction=True)
def test_one_pin_in_two_browsers_at_once_proves_one() -> None:
    first = send()
    second = begin(phone=MARIE.phone, now=NOW)
    (pin,) = pins_to(MARIE.phone)
    outcome = _at_once([partial(verify, verification_id=started.pk, pin=pin, now=NOW) for started in (first, second)])
    assert outcome == ["PhoneVerification", "PinUsed"]


@pytest.mark.django_db(transaction=True)
def test_a_wrong_pin_sent_twice_at_once_is_one_try() -> None:
    started, form = send(), Sending(uuid4(), "contents")
    wrong = other_than(*pins_to(MARIE.phone))
    outcome = _at_once([partial(verify, verification_id=started.pk, pin=wrong, form=form, now=NOW)] * 4)
    assert outcome == ["WrongPin"] * 4
    started.refresh_from_db()
    assert started.wrong_tries == 1


@pytest.mark.django_db(transaction=True)
def test_one_solved_captcha_sends_one_pin_however_often_it_is_replayed_at_once() -> None:
    captcha = solved_challenge()
    asked = [partial(ask, phone=MARIE.phone, captcha=captcha, language="cs", now=NOW) for _ in range(6)]
    assert _at_once([*asked]) == ["PhoneVerification", *["WrongAnswer"] * 5]
    assert len(pins_to(MARIE.phone)) == 1
