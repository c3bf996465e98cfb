"""Two desks, a correction and a revocation meet at the certificate's row; the twins show it without the lock."""

import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from django.db import transaction

from certificates.delivery import password_keeping, sending
from certificates.delivery.contact import correct_and_send
from certificates.delivery.recipients import recipient_of
from certificates.models import Certificate, Delivery
from certificates.revocation import revoking
from crs.messaging.models import Message
from tests.certificates.delivery.conftest import RIGHT
from tests.factories import NOW
from tests.race import race, tally

pytestmark = pytest.mark.django_db(transaction=True)


def _waiting() -> list[str]:
    found = Message.objects.filter(template__startswith="certificates/").exclude(state="CANCELLED")
    return sorted(found.values_list("recipient", flat=True))


def _without_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "locked", lambda certificate: Certificate.objects.get(pk=certificate.pk))
    monkeypatch.setattr(sending, "_refuse_too_many", lambda *_: None)  # the counts are locked, too


def _meeting(monkeypatch: pytest.MonkeyPatch, count: int, *, seconds: float = 0.5) -> None:
    """Those who send wait for each other before they write, so long that nothing but a lock holds them up longer."""
    barrier, write = threading.Barrier(count), sending._cancel

    def wait_and_write(*arguments: object) -> None:
        write(*arguments)  # type: ignore[arg-type]
        try:
            barrier.wait(timeout=seconds)
        except threading.BrokenBarrierError:
            pass

    monkeypatch.setattr(sending, "_cancel", wait_and_write)


def test_of_two_desks_that_send_at_once_one_sending_goes_out(
    certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    _meeting(monkeypatch, 2)
    outcomes = race(*[partial(sending.send, certificate=certificate, now=NOW)] * 2)
    assert tally(outcomes) == {"Delivery": 2}
    assert len(_waiting()) == 2, "an e-mail and an SMS, of the second desk"


def test_without_the_lock_the_person_gets_two_passwords(
    certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    _without_lock(monkeypatch)
    _meeting(monkeypatch, 2, seconds=20)
    race(*[partial(sending.send, certificate=certificate, now=NOW)] * 2)
    assert len(_waiting()) == 4


def test_beside_a_correction_nothing_goes_to_the_wrong_address(certificate: Certificate) -> None:
    outcomes = race(
        partial(sending.send, certificate=certificate, now=NOW),
        partial(correct_and_send, certificate=certificate, **RIGHT, by=None, now=NOW),
        partial(sending.send, certificate=certificate, now=NOW),
    )
    assert tally(outcomes) == {"Delivery": 3}
    assert _waiting() == sorted(RIGHT.values())


def _revocation_beside_a_sending(
    certificate: Certificate, monkeypatch: pytest.MonkeyPatch, *, seconds: float = 0.5
) -> list[object]:
    """The revocation comes while the sending has looked at the certificate and has not written yet."""
    has_looked, is_revoked = threading.Event(), threading.Event()
    find: Callable[[Certificate], object] = recipient_of

    def look_and_wait(one: Certificate) -> object:
        has_looked.set()
        is_revoked.wait(timeout=seconds)
        return find(one)

    def revoke() -> None:
        has_looked.wait(timeout=5)
        which = Certificate.objects.filter(pk=certificate.pk)
        revoking.revoke_in_steps(certificates=which, why=Certificate.Revocation.FRAUD, now=NOW)
        is_revoked.set()

    monkeypatch.setattr(sending, "recipient_of", look_and_wait)
    return race(partial(sending.send, certificate=certificate, now=NOW), revoke)


def test_a_revocation_beside_a_sending_stops_it(certificate: Certificate, monkeypatch: pytest.MonkeyPatch) -> None:
    outcomes = _revocation_beside_a_sending(certificate, monkeypatch)
    assert tally(outcomes) == {"Delivery": 1, "NoneType": 1}
    assert _waiting() == []


def test_without_the_lock_a_revoked_certificate_goes_out(
    certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    _without_lock(monkeypatch)
    _revocation_beside_a_sending(certificate, monkeypatch, seconds=20)
    assert len(_waiting()) == 2


def test_forgetting_passwords_waits_for_nobody(certificate: Certificate) -> None:
    delivery = sending.send(certificate=certificate, now=NOW)
    Message.objects.update(state="SENT")
    later = NOW + timedelta(days=4)
    is_held, is_done = threading.Event(), threading.Event()

    def hold() -> bool:
        with transaction.atomic():
            Delivery.objects.select_for_update().get(pk=delivery.pk)
            is_held.set()
            return is_done.wait(timeout=5)

    def forget() -> int:
        is_held.wait(timeout=5)
        forgotten = password_keeping.forget_old(now=later)
        is_done.set()
        return forgotten

    assert race(hold, forget) == [True, 0], "it did not wait for the other"
    assert password_keeping.forget_old(now=later) == 1
