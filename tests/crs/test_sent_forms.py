"""A form that acts is acted on once, and whoever sends it again is led to where the first sending led."""

import threading
import time
from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest
from captcha.models import CaptchaStore
from django.db import connection, transaction
from django.test import RequestFactory
from django.utils import timezone

from crs.errors import DomainError, FormChanged
from crs.models import SentForm
from crs.sent_forms import KEPT_FOR, NO_FORM, Outcome, Sending, forget_old, once, sending
from tests.race import race

KEY = uuid4()


def note() -> Outcome:
    """An act that leaves a row behind each time it is done."""
    return {"row": CaptchaStore.objects.create(challenge="ABC", response="abc").pk}


def refuse() -> Outcome:
    note()
    raise DomainError


@pytest.mark.django_db
def test_the_second_sending_does_nothing_and_has_the_outcome_of_the_first() -> None:
    form = Sending(KEY, "typed")
    assert once(form, note) == once(form, note)
    assert CaptchaStore.objects.count() == 1


@pytest.mark.django_db
def test_the_same_key_with_other_contents_is_refused_in_words() -> None:
    once(Sending(KEY, "three vials"), note)
    with pytest.raises(FormChanged):
        once(Sending(KEY, "four vials"), note)
    assert CaptchaStore.objects.count() == 1


@pytest.mark.django_db
def test_a_refused_act_leaves_nothing_and_the_form_may_be_sent_again() -> None:
    with pytest.raises(DomainError):
        once(Sending(KEY, "typed"), refuse)
    assert not SentForm.objects.exists()
    assert not CaptchaStore.objects.exists()
    assert once(Sending(KEY, "changed"), note)


@pytest.mark.django_db
def test_an_act_without_an_outcome_keeps_what_it_did_and_leaves_the_key_free() -> None:
    def use_up() -> None:
        note()

    assert once(Sending(KEY, "typed"), use_up) is None
    assert CaptchaStore.objects.count() == 1
    assert once(Sending(KEY, "typed"), note)


@pytest.mark.django_db
def test_without_a_form_each_call_acts() -> None:
    assert once(NO_FORM, note) != once(NO_FORM, note)


@pytest.mark.django_db(transaction=True)
def test_six_sendings_at_once_act_once_and_end_alike() -> None:
    outcomes = race(*[partial(once, Sending(KEY, "typed"), note)] * 6)
    assert CaptchaStore.objects.count() == 1
    assert outcomes == [{"row": CaptchaStore.objects.get().pk}] * 6


@pytest.mark.django_db(transaction=True)
def test_control_twin_a_look_before_the_act_lets_both_act() -> None:
    all_have_looked = threading.Barrier(2, timeout=30)

    def careless() -> None:
        is_first = not SentForm.objects.filter(pk=KEY).exists()
        all_have_looked.wait()
        if is_first:
            note()

    race(careless, careless)
    assert CaptchaStore.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_the_second_sending_waits_for_the_first_and_acts_itself_where_the_first_fails() -> None:
    form, is_acting, may_fail = Sending(KEY, "typed"), threading.Event(), threading.Event()

    def fail() -> Outcome:
        is_acting.set()
        may_fail.wait(30)
        raise DomainError

    def second() -> Outcome | None:
        is_acting.wait(30)
        threading.Timer(0.2, may_fail.set).start()
        return once(form, note)

    first, second_outcome = race(partial(once, form, fail), second)
    assert isinstance(first, DomainError)
    assert second_outcome == {"row": CaptchaStore.objects.get().pk}


@pytest.mark.django_db(transaction=True)
def test_the_second_sending_has_more_patience_than_other_waits_for_a_lock() -> None:
    form, is_acting = Sending(KEY, "typed"), threading.Event()

    def slow() -> Outcome:
        is_acting.set()
        time.sleep(0.4)
        return note()

    def second() -> Outcome | None:
        is_acting.wait(30)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '100ms'")  # LOCAL, as the connection goes back into the pool
            return once(form, note)

    first_outcome, second_outcome = race(partial(once, form, slow), second)
    assert first_outcome == second_outcome == {"row": CaptchaStore.objects.get().pk}


def test_a_form_is_its_key_its_address_and_what_was_typed(rf: RequestFactory) -> None:
    typed = {"form_key": str(KEY), "csrfmiddlewaretoken": "one", "name": "Jana", "sites": ["a", "b"]}
    first = sending(rf.post("/registrace/", typed))
    assert first.key == KEY
    assert sending(rf.post("/registrace/", {**typed, "csrfmiddlewaretoken": "two"})) == first
    others = [
        sending(rf.post("/registrace/", {**typed, "name": "Jan"})),
        sending(rf.post("/registrace/", {**typed, "sites": ["ab"]})),
        sending(rf.post("/registrace/?kam=2", typed)),
        sending(rf.post("/rezervace/", typed)),
    ]
    assert first.contents not in {other.contents for other in others}


@pytest.mark.parametrize("key", ["", "x", "\x00", "b94d27b9", "🙂" * 32])
def test_a_key_that_no_page_wrote_is_none(rf: RequestFactory, key: str) -> None:
    assert sending(rf.post("/", {"form_key": key})).key is None


@pytest.mark.django_db
def test_keys_are_forgotten_after_a_week() -> None:
    once(Sending(KEY, "typed"), note)
    now = timezone.now()
    assert forget_old(now=now + KEPT_FOR - timedelta(minutes=1)) == 0
    assert forget_old(now=now + KEPT_FOR + timedelta(minutes=1)) == 1
