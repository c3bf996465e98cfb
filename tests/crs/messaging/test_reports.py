"""A carrier's report comes before its own answer, twice, in the wrong order; none is lost, no state goes back."""

import itertools
import threading
from contextlib import suppress
from datetime import timedelta
from functools import partial

import pytest
from django.db import transaction
from django.utils import timezone

from crs.messaging import callbacks, delivery
from crs.messaging.gateways.twilio import TwilioGateway
from crs.messaging.models import Message, ProviderReport
from tests.crs.messaging.conftest import FarTwilio
from tests.crs.messaging.post import SMS, again, report, write_sms
from tests.race import race

pytestmark = pytest.mark.django_db

State = Message.State
# FarTwilio numbers what it takes.
FIRST = f"SM{1:032d}"


@pytest.mark.parametrize(
    ("reports", "state", "error"),
    [
        (["delivered"], State.DELIVERED, ""),
        (["undelivered"], State.FAILED, "Twilio 30003: undelivered"),
        (["sent", "delivered", "delivered", "sent"], State.DELIVERED, ""),
        (["delivered", "undelivered"], State.DELIVERED, ""),
        (["failed", "delivered"], State.DELIVERED, ""),
        (["queued", "sending"], State.SENT, ""),
    ],
)
def test_reports_that_come_before_the_answer_wait_for_it(
    twilio: FarTwilio, reports: list[str], state: str, error: str
) -> None:
    message = write_sms()
    for status in reports:
        assert report(FIRST, status, ErrorCode="30003") == 204
    assert again(message).state == State.QUEUED
    delivery.drain(SMS)
    assert (again(message).state, again(message).error, again(message).provider_id) == (state, error, FIRST)
    assert not ProviderReport.objects.exists()


RANK = {State.SENT: 0, State.FAILED: 1, State.DELIVERED: 2}


@pytest.mark.parametrize("order", list(itertools.product(["sent", "undelivered", "delivered"], repeat=3)))
def test_in_whatever_order_reports_come_no_state_goes_back(twilio: FarTwilio, order: tuple[str, ...]) -> None:
    message = write_sms()
    delivery.drain(SMS)
    seen = [RANK[State(again(message).state)]]
    for status in order:
        report(FIRST, status)
        seen.append(RANK[State(again(message).state)])
    assert seen == sorted(seen)
    assert seen[-1] == max({"sent": 0, "undelivered": 1, "delivered": 2}[status] for status in order)
    assert not ProviderReport.objects.exists()


# Letters alone are printed and posted.
@pytest.mark.parametrize("state", sorted(set(State.values) - {State.PRINTED, State.POSTED}))
@pytest.mark.parametrize("reported", [State.DELIVERED, State.FAILED])
def test_a_report_changes_a_message_only_as_the_table_says(state: str, reported: Message.State) -> None:
    message = write_sms()
    Message.objects.filter(pk=message.pk).update(state=state, provider_id=FIRST)
    callbacks.record(provider_id=FIRST, state=reported, now=timezone.now())
    allowed = {("SENT", "DELIVERED"), ("SENT", "FAILED"), ("FAILED", "DELIVERED")}
    assert again(message).state == (reported if (state, reported) in allowed else state)


def test_a_report_that_finds_no_message_is_forgotten_after_three_days() -> None:
    now = timezone.now()
    for provider_id, age in (("SMold", 3.1), ("SMyoung", 2.9)):
        callbacks.record(provider_id=provider_id, state=State.DELIVERED, now=now - timedelta(days=age))
    assert callbacks.forget_old_reports(now=now) == 1
    assert ProviderReport.objects.get().provider_id == "SMyoung"


def _meet(provider_id: str) -> str:
    """The state of a message whose report and answer come at one moment: each looks before the other commits."""
    message = write_sms()
    claimed = delivery.claim(SMS, limit=1, now=timezone.now())[0]
    both_looked = threading.Barrier(2)

    def wait_for_the_other() -> None:
        with suppress(threading.BrokenBarrierError):  # under the lock the other cannot come so far
            both_looked.wait(timeout=0.5)

    def come(act: partial[None]) -> None:
        with transaction.atomic():
            act()
            wait_for_the_other()

    outcomes = race(
        partial(come, partial(callbacks.record, provider_id=provider_id, state=State.DELIVERED, now=timezone.now())),
        partial(come, partial(delivery._record_sent, claimed, provider_id, TwilioGateway())),
    )
    assert outcomes == [None, None]
    return again(message).state


@pytest.mark.django_db(transaction=True)
def test_a_report_at_the_moment_of_the_answer_is_not_lost(twilio: FarTwilio, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [_meet(f"SMlocked{number}") for number in range(3)] == [State.DELIVERED] * 3
    # The control twin: without the lock neither finds what the other wrote.
    monkeypatch.setattr(callbacks, "take", lambda lock, key: None)
    assert _meet("SMunlocked") == State.SENT
