"""Proving a telephone: what works, what is refused, and what a guesser gets."""

import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection
from django.utils import timezone

from crs.messaging.models import Message
from registration import errors, verification
from registration.models import PhonePin, PhoneVerification, WrongPins
from registration.tasks import forget_old_verifications
from registration.verification import begin, send_pin, verify
from tests.cast import JANA, MARIE
from tests.registration.conftest import other_than, pins_to, texts_to

NOW = timezone.now()
MINUTE = timedelta(minutes=1)


def send(phone: str = MARIE.phone, minutes: float = 0) -> PhoneVerification:
    return send_pin(phone=phone, language="cs", now=NOW + minutes * MINUTE)


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
    send_pin(phone=MARIE.phone, language=language, now=NOW)
    (text,) = texts_to(MARIE.phone, "registration/pin")
    assert text.isascii()
    assert len(text) <= 160
    assert "15 min" in text


@pytest.mark.django_db
def test_any_pin_of_the_last_15_minutes_works_in_any_browser() -> None:
    first, second = send(), send(minutes=2)
    old, new = pins_to(MARIE.phone)
    verify(verification_id=second.pk, pin=old, now=NOW + 3 * MINUTE)
    verify(verification_id=first.pk, pin=new, now=NOW + 3 * MINUTE)


@pytest.mark.django_db
def test_a_verification_over_the_limit_takes_a_pin_sent_before() -> None:
    send()
    started = begin(phone=MARIE.phone, now=NOW + MINUTE)
    assert verify(verification_id=started.pk, pin=pins_to(MARIE.phone)[0], now=NOW + MINUTE).verified_at


@pytest.mark.django_db
def test_a_pin_of_another_telephone_does_not_work() -> None:
    started = send()
    send(JANA.phone)
    with pytest.raises(errors.WrongPin):
        verify(verification_id=started.pk, pin=pins_to(JANA.phone)[0], now=NOW)


@pytest.mark.django_db
def test_a_pin_runs_out_after_15_minutes_and_says_so() -> None:
    started = send()
    (pin,) = pins_to(MARIE.phone)
    with pytest.raises(errors.PinExpired):
        verify(verification_id=started.pk, pin=pin, now=NOW + 15 * MINUTE)


@pytest.mark.django_db
def test_a_used_pin_does_not_work_again_in_another_browser() -> None:
    started, other = send(), begin(phone=MARIE.phone, now=NOW)
    (pin,) = pins_to(MARIE.phone)
    verify(verification_id=started.pk, pin=pin, now=NOW)
    with pytest.raises(errors.PinUsed):
        verify(verification_id=other.pk, pin=pin, now=NOW)


@pytest.mark.django_db
def test_a_double_click_on_the_right_pin_is_no_error_but_a_later_use_is() -> None:
    started = send()
    (pin,) = pins_to(MARIE.phone)
    verify(verification_id=started.pk, pin=pin, now=NOW)
    assert verify(verification_id=started.pk, pin=pin, now=NOW + MINUTE / 60).pk == started.pk
    with pytest.raises(errors.PinUsed):
        verify(verification_id=started.pk, pin=pin, now=NOW + 10 * MINUTE)


@pytest.mark.django_db
def test_five_wrong_tries_lock_the_verification_even_for_the_right_pin() -> None:
    started = send()
    (pin,) = pins_to(MARIE.phone)
    for _try in range(4):
        with pytest.raises(errors.WrongPin):
            verify(verification_id=started.pk, pin=other_than(pin), now=NOW)
    with pytest.raises(errors.VerificationLocked):
        verify(verification_id=started.pk, pin=other_than(pin), now=NOW)
    with pytest.raises(errors.VerificationLocked):
        verify(verification_id=started.pk, pin=pin, now=NOW)


@pytest.mark.django_db
def test_after_the_lock_a_new_pin_comes_at_once() -> None:
    started = send()
    PhoneVerification.objects.update(wrong_tries=5)
    started.refresh_from_db()
    again = send_pin(phone=MARIE.phone, language="cs", now=NOW, verification=started)
    assert again.pk != started.pk
    verify(verification_id=again.pk, pin=pins_to(MARIE.phone)[-1], now=NOW)


@pytest.mark.django_db
def test_who_types_old_pins_is_not_locked_for_it() -> None:
    started = send()
    (pin,) = pins_to(MARIE.phone)
    for _try in range(7):
        with pytest.raises(errors.PinExpired):
            verify(verification_id=started.pk, pin=pin, now=NOW + 20 * MINUTE)


@pytest.mark.django_db
def test_a_guesser_with_many_verifications_has_15_tries_at_a_telephone() -> None:
    send()
    (pin,) = pins_to(MARIE.phone)
    for _round in range(3):
        guesser = begin(phone=MARIE.phone, now=NOW)
        for _try in range(5):
            with pytest.raises(errors.PinRefused):
                verify(verification_id=guesser.pk, pin=other_than(pin), now=NOW)
    fresh = begin(phone=MARIE.phone, now=NOW + MINUTE)
    with pytest.raises(errors.PhoneLocked):
        verify(verification_id=fresh.pk, pin=pin, now=NOW + MINUTE)


@pytest.mark.django_db
def test_the_lock_of_a_telephone_passes_after_15_minutes_and_does_not_touch_another() -> None:
    send()
    WrongPins.objects.create(phone=MARIE.phone, tried_at=[NOW] * 15)
    other = send(JANA.phone)
    verify(verification_id=other.pk, pin=pins_to(JANA.phone)[0], now=NOW)
    later = send(minutes=16)
    verify(verification_id=later.pk, pin=pins_to(MARIE.phone)[-1], now=NOW + 16 * MINUTE)


@pytest.mark.django_db
def test_the_window_of_15_minutes_slides() -> None:
    send()
    WrongPins.objects.create(phone=MARIE.phone, tried_at=[NOW] * 14)
    late = begin(phone=MARIE.phone, now=NOW + 14 * MINUTE)
    (pin,) = pins_to(MARIE.phone)
    with pytest.raises(errors.PhoneLocked):
        verify(verification_id=late.pk, pin=other_than(pin), now=NOW + 14 * MINUTE)
    next_one = begin(phone=MARIE.phone, now=NOW + 16 * MINUTE)
    with pytest.raises(errors.WrongPin):
        verify(verification_id=next_one.pk, pin=other_than(pin), now=NOW + 16 * MINUTE)


@pytest.mark.django_db
def test_another_pin_may_be_asked_for_after_60_seconds() -> None:
    started = send()
    with pytest.raises(errors.ResendTooSoon):
        send_pin(phone=MARIE.phone, language="cs", now=NOW + MINUTE * 0.9, verification=started)
    send_pin(phone=MARIE.phone, language="cs", now=NOW + MINUTE, verification=started)
    assert len(pins_to(MARIE.phone)) == 2


@pytest.mark.django_db
def test_an_unknown_verification_is_gone() -> None:
    with pytest.raises(errors.VerificationGone):
        verify(verification_id="b94d27b9-934d-4e08-a52e-52d7da7dabfa", pin="123456", now=NOW)


@pytest.mark.django_db
def test_after_a_day_nothing_is_left_of_a_telephone() -> None:
    old = send_pin(phone=MARIE.phone, language="cs", now=NOW - timedelta(hours=25))
    with pytest.raises(errors.PinExpired):
        verify(verification_id=old.pk, pin=pins_to(MARIE.phone)[0], now=NOW)
    kept = send(JANA.phone)
    forget_old_verifications()
    assert list(PhoneVerification.objects.all()) == [kept]
    assert PhonePin.objects.count() == 1
    assert not WrongPins.objects.filter(phone=MARIE.phone).exists()
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
    WrongPins.objects.create(phone=MARIE.phone, tried_at=[NOW] * 12)
    ids = [begin(phone=MARIE.phone, now=NOW).pk for _ in range(6)]
    _at_once([partial(verify, verification_id=pk, pin=other_than(pin), now=NOW) for pk in ids])
    assert len(WrongPins.objects.get(phone=MARIE.phone).tried_at) == verification.TRIES_PER_PHONE


@pytest.mark.django_db(transaction=True)
def test_control_twin_without_the_row_lock_tries_get_lost() -> None:
    """The same count by reading and writing without a lock; it shows why `verify` locks."""
    WrongPins.objects.create(phone=MARIE.phone, tried_at=[])
    all_have_read = threading.Barrier(5, timeout=30)

    def careless() -> None:
        row = WrongPins.objects.get(phone=MARIE.phone)
        all_have_read.wait()
        row.tried_at.append(NOW)
        row.save()

    _at_once([careless] * 5)
    assert len(WrongPins.objects.get(phone=MARIE.phone).tried_at) < 5


@pytest.mark.django_db(transaction=True)
def test_one_pin_in_two_browsers_at_once_proves_one() -> None:
    first = send()
    second = begin(phone=MARIE.phone, now=NOW)
    (pin,) = pins_to(MARIE.phone)
    outcome = _at_once([partial(verify, verification_id=started.pk, pin=pin, now=NOW) for started in (first, second)])
    assert outcome == ["PhoneVerification", "PinUsed"]
