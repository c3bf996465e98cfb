"""The captcha: read by people, used once, and kind to what was typed."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from captcha.models import CaptchaStore
from django import forms
from django.db import connection, transaction
from django.http import QueryDict
from django.test import Client, RequestFactory
from django.utils import timezone

from crs.captcha.challenges import LETTERS, Answer, use_up
from crs.captcha.forms import PICTURE, WORDS, CaptchaForm, captcha_kind, is_captcha_switch
from crs.tasks import forget_captchas


class PhoneForm(CaptchaForm):
    """A form such as step 1 has."""

    phone = forms.CharField()
    sites = forms.MultipleChoiceField(choices=[("a", "A"), ("b", "B")], required=False)


def typed(**values: object) -> QueryDict:
    data = QueryDict(mutable=True)
    for name, value in values.items():
        data.setlist(name, value if isinstance(value, list) else [str(value)])
    return data


def challenge(kind: str = PICTURE) -> CaptchaStore:
    """Render an empty form and return what it asks."""
    html = str(PhoneForm(captcha_kind=kind)["captcha"])
    key = re.search(r'name="captcha_0" value="(\w+)"', html)
    assert key
    return CaptchaStore.objects.get(hashkey=key[1])


@pytest.mark.django_db
def test_a_picture_has_five_letters_that_do_not_look_alike_and_case_does_not_matter() -> None:
    store = challenge()
    assert len(store.challenge) == 5
    assert set(store.challenge) <= set(LETTERS)
    assert use_up(Answer(store.hashkey, store.challenge.title()))


@pytest.mark.django_db
def test_an_answer_counts_once() -> None:
    store = challenge()
    assert use_up(Answer(store.hashkey, store.response))
    assert not use_up(Answer(store.hashkey, store.response))


@pytest.mark.django_db
def test_an_answer_of_a_transaction_that_failed_is_not_used_up() -> None:
    store = challenge()
    with transaction.atomic():
        assert use_up(Answer(store.hashkey, store.response))
        transaction.set_rollback(True)
    assert use_up(Answer(store.hashkey, store.response))


@pytest.mark.django_db(transaction=True)
def test_of_many_requests_at_once_with_one_answer_exactly_one_passes() -> None:
    store = CaptchaStore.objects.create(challenge="ABCEH", response="abceh")
    people = 6
    gate = Barrier(people)

    def answer(_person: int) -> bool:
        try:
            gate.wait()
            return use_up(Answer(store.hashkey, "abceh"))
        finally:
            connection.close()

    with ThreadPoolExecutor(people) as pool:
        assert sum(pool.map(answer, range(people))) == 1


@pytest.mark.django_db
def test_an_expired_answer_is_refused() -> None:
    store = challenge()
    CaptchaStore.objects.update(expiration=timezone.now() - timedelta(seconds=1))
    assert not use_up(Answer(store.hashkey, store.response))


@pytest.mark.django_db
@pytest.mark.parametrize("kind", [PICTURE, WORDS])
def test_a_wrong_answer_brings_a_new_challenge_of_the_same_kind_and_keeps_the_rest(kind: str) -> None:
    store = challenge(kind)
    form = PhoneForm(typed(phone="601 123 456", captcha_0=store.hashkey, captcha_1="wrong"), captcha_kind=kind)
    assert form.is_valid()
    assert not use_up(form.answer)
    html = str(form["captcha"])
    assert store.hashkey not in html
    assert "wrong" not in html
    assert f'name="captcha_shown" value="{kind}"' in html
    assert 'value="601 123 456"' in str(form["phone"])


@pytest.mark.django_db
def test_a_mistake_elsewhere_does_not_use_the_answer_up() -> None:
    store = challenge()
    form = PhoneForm(typed(captcha_0=store.hashkey, captcha_1=store.response))
    assert list(form.errors) == ["phone"]
    html = str(form["captcha"])
    assert store.hashkey in html
    assert f'value="{store.response}"' in html
    assert use_up(Answer(store.hashkey, store.response))


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["\x00", "a\x00b", "²", "../x"])
def test_a_hidden_field_with_nonsense_in_it_gets_a_new_challenge(client: Client, key: str) -> None:
    page = client.post("/registrace/", {"phone": "601 234 567", "captcha_0": key, "captcha_1": "abc"})
    assert page.status_code == 200
    assert re.search(r'name="captcha_0" value="[0-9a-f]{40}"', page.content.decode())


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", "x", "a" * 41, "\x00"])
def test_a_made_up_key_is_refused(key: str) -> None:
    form = PhoneForm(typed(phone="1", captcha_0=key, captcha_1="abceh"))
    assert not (form.is_valid() and use_up(form.answer))


@pytest.mark.django_db
def test_switching_to_words_keeps_what_was_typed_and_checks_nothing(rf: RequestFactory) -> None:
    request = rf.post("/", {"phone": "", "sites": ["a", "b"], "captcha_shown": PICTURE, "captcha_kind": WORDS})
    assert is_captcha_switch(request)
    form = PhoneForm.unchecked(request.POST, captcha_kind=captcha_kind(request))
    assert not form.errors
    assert form["sites"].value() == ["a", "b"]
    assert 'value="words"' in str(form["captcha"])


def test_the_kind_shown_is_kept_when_the_form_is_sent(rf: RequestFactory) -> None:
    assert captcha_kind(rf.post("/", {"captcha_shown": WORDS})) == WORDS
    assert not is_captcha_switch(rf.post("/", {"captcha_shown": WORDS}))
    assert captcha_kind(rf.post("/", {"captcha_kind": "nonsense"})) == PICTURE
    assert captcha_kind(rf.get("/")) == PICTURE


@pytest.mark.django_db
def test_enter_sends_the_form_and_does_not_change_the_picture() -> None:
    buttons = re.findall(r"<button[^>]*>", str(PhoneForm()["captcha"]))
    assert "captcha_kind" not in buttons[0]
    assert all("formnovalidate" in button for button in buttons[1:])


@pytest.mark.django_db
def test_challenges_that_ran_out_are_forgotten_and_living_ones_stay() -> None:
    old, living = challenge(), challenge()
    CaptchaStore.objects.filter(pk=old.pk).update(expiration=timezone.now() - timedelta(seconds=1))
    forget_captchas()
    assert list(CaptchaStore.objects.all()) == [living]
