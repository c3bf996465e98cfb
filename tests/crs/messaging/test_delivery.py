"""Claiming, sending, trying again, giving up."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from crs.messaging import delivery, outbox, sweep
from crs.messaging.errors import CannotSendAgain
from crs.messaging.gateways import GatewayError, gateway_for
from crs.messaging.models import Message
from tests.cast import JANA
from tests.crs.messaging.conftest import FarTwilio
from tests.crs.messaging.post import BULK, SMS, again, write_pin, write_sms

State = Message.State


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(timezone.now(), tick=True) as traveller:
        yield traveller


def test_an_sms_reaches_the_carrier_and_its_secret_is_forgotten(db: None, twilio: FarTwilio) -> None:
    message = write_pin()
    assert delivery.drain(SMS) == 1
    [form] = twilio.received
    assert form == {
        "To": JANA.phone,
        "From": "+420999888777",
        "Body": "Vas PIN je 123456.",
        "StatusCallback": "https://ockovani.example/zpravy/twilio/",
    }
    sent = again(message)
    assert (sent.state, sent.attempts, sent.text) == (State.SENT, 1, None)
    assert sent.provider_id.startswith("SM")
    assert sent.sent_at is not None


def test_the_local_inbox_keeps_the_secret(db: None) -> None:
    message = write_pin()
    delivery.drain(SMS)
    assert again(message).text == "Vas PIN je 123456."
    assert again(message).provider_id == f"local-{message.pk}"


def test_a_pin_overtakes_a_hundred_invitations(db: None, twilio: FarTwilio) -> None:
    for number in range(100):
        write_sms(f"+42060200{number:04d}", lane=BULK)
    first = delivery.claim(SMS, limit=delivery.BATCH, now=timezone.now())
    pin = write_pin("+420777000000")
    delivery.drain(SMS)
    assert twilio.recipients[0] == pin.recipient
    assert len(twilio.received) == 100 - len(first) + 1


def test_a_temporary_fault_is_tried_again_later(db: None, twilio: FarTwilio, clock: time_machine.Traveller) -> None:
    message = write_sms()
    twilio.refuse(503, 20503)
    before = timezone.now()
    delivery.drain(SMS)
    waiting = again(message)
    assert (waiting.state, waiting.attempts) == (State.QUEUED, 1)
    assert "20503" in waiting.error
    assert before + timedelta(seconds=8) <= waiting.due_at <= timezone.now() + timedelta(seconds=12)
    assert delivery.drain(SMS) == 0
    clock.shift(13)
    delivery.drain(SMS)
    assert again(message).state == State.SENT
    assert again(message).error == ""


def test_after_six_tries_staff_have_to_look(db: None, twilio: FarTwilio, clock: time_machine.Traveller) -> None:
    message = write_sms()
    for _ in range(delivery.ATTEMPTS):
        twilio.refuse(500, 20500)
        delivery.drain(SMS)
        clock.shift(timedelta(hours=1))
    assert again(message).state == State.FAILED
    assert len(twilio.received) == delivery.ATTEMPTS


def test_a_refusal_for_good_is_not_tried_again(db: None, twilio: FarTwilio) -> None:
    message, other = write_sms(), write_sms("+420601000002")
    twilio.refuse(400, 21211, f"The 'To' number {JANA.phone} is not a valid phone number.")
    delivery.drain(SMS)
    assert again(message).state == State.FAILED
    assert "21211" in again(message).error
    assert JANA.phone not in again(message).error
    assert again(other).state == State.SENT


def test_a_pin_is_tried_again_within_seconds(db: None, twilio: FarTwilio) -> None:
    message = write_pin()
    twilio.refuse(503, 20503)
    delivery.drain(SMS)
    assert again(message).due_at - timezone.now() < timedelta(seconds=4)
    assert again(message).text is not None


def test_a_pin_that_ran_out_is_not_sent(db: None, twilio: FarTwilio, clock: time_machine.Traveller) -> None:
    message = write_pin()
    clock.shift(timedelta(minutes=15))
    delivery.drain(SMS)
    assert twilio.received == []
    assert again(message).state == State.FAILED
    assert "ran out" in again(message).error


def test_an_erased_text_ends_as_failed(db: None, twilio: FarTwilio) -> None:
    message = write_sms()
    Message.objects.update(text=None)
    delivery.drain(SMS)
    assert again(message).state == State.FAILED
    assert twilio.received == []


@pytest.mark.parametrize(
    ("lane", "attempts", "seconds"),
    [(2, 1, 10), (2, 2, 30), (3, 3, 90), (2, 5, 810), (1, 1, 3), (1, 3, 12), (1, 9, 60)],
)
def test_the_pauses_grow_and_differ(lane: int, attempts: int, seconds: int) -> None:
    pauses = [delivery.back_off(lane, attempts).total_seconds() for _ in range(50)]
    assert all(0.8 * seconds <= pause <= 1.2 * seconds for pause in pauses)
    assert len(set(pauses)) > 1


def test_an_answer_that_nobody_expected_does_not_stop_the_others(db: None, twilio: FarTwilio) -> None:
    broken, fine = write_sms("+420601000009"), write_sms()
    twilio.answers.append((201, ["not", "what", "Twilio", "says"]))
    delivery.drain(SMS)
    assert (again(broken).state, again(broken).attempts) == (State.QUEUED, 1)
    assert again(broken).error
    assert again(fine).state == State.SENT


def test_a_worker_that_died_after_its_claim_loses_nothing(
    db: None, twilio: FarTwilio, clock: time_machine.Traveller
) -> None:
    message = write_sms()
    delivery.claim(SMS, limit=1, now=timezone.now())  # and here the worker's life ends
    sweep.pick_up(now=timezone.now())
    assert delivery.drain(SMS) == 0, "the claim still counts"
    clock.shift(timedelta(minutes=2, seconds=1))
    sweep.pick_up(now=timezone.now())
    delivery.drain(SMS)
    assert again(message).state == State.SENT
    assert again(message).attempts == 2


def test_a_message_that_kills_its_workers_ends_as_failed(db: None, clock: time_machine.Traveller) -> None:
    message = write_sms()
    for _ in range(delivery.ATTEMPTS):
        assert delivery.claim(SMS, limit=1, now=timezone.now())
        clock.shift(timedelta(minutes=3))
        sweep.pick_up(now=timezone.now())
    assert again(message).state == State.FAILED


def test_a_worker_that_was_only_slow_does_not_overwrite_its_successor(
    db: None, twilio: FarTwilio, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = write_sms()
    sent: list[tuple[str, str]] = []

    class SlowGateway:
        """While the carrier of the first worker thinks, its claim ends and the second worker sends."""

        keeps_text = reports_later = False

        def send(self, message: Message) -> str:
            monkeypatch.undo()
            clock.shift(timedelta(minutes=3))
            sweep.pick_up(now=timezone.now())
            delivery.drain(SMS)
            sent.append((again(message).state, again(message).provider_id))
            raise GatewayError("timeout", permanent=True)

        def close(self) -> None:
            pass

    monkeypatch.setattr(delivery, "gateway_for", lambda channel: SlowGateway())
    delivery.drain(SMS)
    assert sent[0][0] == State.SENT
    assert sent == [(again(message).state, again(message).provider_id)]


def test_a_slow_batch_gives_the_rest_back(db: None, twilio: FarTwilio, monkeypatch: pytest.MonkeyPatch) -> None:
    messages = [write_sms() for _ in range(3)]
    monkeypatch.setattr(delivery, "BATCH_TIME", timedelta(seconds=-1))
    delivery.drain(SMS)
    assert twilio.received == []
    assert [(again(each).state, again(each).attempts) for each in messages] == [(State.QUEUED, 0)] * 3


def _at_once(count: int, work: Callable[[], object]) -> None:
    barrier = threading.Barrier(count)

    def run() -> None:
        try:
            barrier.wait()
            work()
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_send_no_message_twice(twilio: FarTwilio) -> None:
    for number in range(120):
        write_sms(f"+42060300{number:04d}", lane=BULK)
    _at_once(4, lambda: delivery.drain(SMS))
    assert len(twilio.received) == 120
    assert set(Counter(twilio.recipients).values()) == {1}
    assert not Message.objects.exclude(state=State.SENT).exists()


@pytest.mark.django_db(transaction=True)
def test_without_the_claim_they_would(twilio: FarTwilio) -> None:
    """The control twin: the same work, looking first and writing later, sends everything several times."""
    for number in range(20):
        write_sms(f"+42060300{number:04d}", lane=BULK)

    def look_and_send() -> None:
        gateway = gateway_for(SMS)
        for message in Message.objects.filter(state=State.QUEUED).order_by("lane", "id"):
            gateway.send(message)
            Message.objects.filter(pk=message.pk).update(state=State.SENT)
        gateway.close()

    _at_once(4, look_and_send)
    assert max(Counter(twilio.recipients).values()) > 1


@pytest.mark.django_db(transaction=True)
def test_claims_at_once_do_not_wait_for_each_other(twilio: FarTwilio) -> None:
    for _ in range(20):
        write_sms()
    claimed: list[int] = []
    _at_once(2, lambda: claimed.extend(each.pk for each in delivery.claim(SMS, limit=10, now=timezone.now())))
    assert len(claimed) == len(set(claimed)) == 20


def _refused(message: Message) -> None:
    delivery._record_refusal(message, "451 greylisted", is_permanent=False)


def _given_up(message: Message) -> None:
    delivery._record_refusal(message, "550 no such user", is_permanent=True)


def _given_back(message: Message) -> None:
    delivery._give_back([message])


def _killed(message: Message) -> None:
    delivery.take_up_stale(now=timezone.now() + delivery.CLAIM_VALIDITY * 2)


@pytest.mark.parametrize("come_to_an_end", [_refused, _given_up, _given_back, _killed])
def test_what_is_cancelled_while_it_is_being_sent_has_no_other_try(
    db: None, come_to_an_end: Callable[[Message], None]
) -> None:
    write_sms()
    [message] = delivery.claim(SMS, limit=1, now=timezone.now())
    assert outbox.cancel([message.pk], why=Message.Cancellation.VOID) == 0
    assert again(message).state == State.SENDING
    come_to_an_end(message)
    assert (again(message).state, again(message).text, again(message).cancellation) == (State.CANCELLED, None, "VOID")
    assert delivery.drain(SMS) == 0


def test_what_was_cancelled_too_late_is_sent_and_never_again(db: None) -> None:
    write_sms()
    [message] = delivery.claim(SMS, limit=1, now=timezone.now())
    outbox.cancel([message.pk], why=Message.Cancellation.NEWER)
    delivery._record_sent(message, "SM1", gateway_for(SMS))
    assert again(message).state == State.SENT
    Message.objects.update(state=State.FAILED)  # as the carrier may report later
    with pytest.raises(CannotSendAgain):
        outbox.retry(message_id=message.pk)
