"""Changes of one's own registration, made at once."""

import threading
from functools import partial

import pytest
from django.db import connections

from registration.mine import changing
from registration.mine.entries import Entry
from registration.models import Registration
from tests.factories import NOW, make_registration
from tests.race import race, tally
from tests.registration.conftest import texts_to
from tests.registration.mine.conftest import entry_of

FIRST, SECOND = "+420602345678", "+420603456789"


@pytest.mark.django_db(transaction=True)
def test_of_two_tabs_with_two_new_telephones_one_gets_the_registration_and_the_old_one_is_told_once() -> None:
    jana = make_registration()
    entry = entry_of(jana)
    outcomes = race(*(partial(changing.change_phone, entry=entry, phone=phone, now=NOW) for phone in (FIRST, SECOND)))
    assert tally(outcomes) == {"NoneType": 1, "NotYours": 1}
    assert str(Registration.objects.get(pk=jana.pk).phone) == (FIRST if outcomes[0] is None else SECOND)
    assert len(texts_to(str(jana.phone), "registration/phone_changed")) == 1


@pytest.mark.django_db(transaction=True)
def test_of_leaving_and_a_change_of_telephone_none_is_half_done() -> None:
    jana = make_registration()
    entry = entry_of(jana)
    outcomes = race(
        partial(changing.leave, entry=entry, now=NOW),
        partial(changing.change_phone, entry=entry, phone=FIRST, now=NOW),
    )
    after = Registration.objects.get(pk=jana.pk)
    if outcomes[0] is None:
        assert tally(outcomes) == {"NoneType": 1, "AlreadyEnded": 1}
        assert (after.state, after.phone) == (Registration.State.CANCELLED, jana.phone)
    else:
        assert tally(outcomes) == {"NoneType": 1, "NotYours": 1}
        assert (after.state, str(after.phone)) == (Registration.State.ACTIVE, FIRST)


@pytest.mark.django_db(transaction=True)
def test_control_twin_without_the_lock_the_second_tab_takes_what_the_first_one_gave() -> None:
    jana = make_registration()
    entry = entry_of(jana)
    both_have_looked = threading.Barrier(2, timeout=30)

    def careless(entry: Entry, phone: str) -> str:
        try:
            assert Registration.objects.filter(pk=entry.registration.pk, phone=entry.phone).exists()
            both_have_looked.wait()
            Registration.objects.filter(pk=entry.registration.pk).update(phone=phone)
            return "changed"
        finally:
            connections.close_all()

    assert race(partial(careless, entry, FIRST), partial(careless, entry, SECOND)) == ["changed", "changed"]
