"""Attachments are made in a task, once, and again after a crash."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone, translation

from crs.messaging import delivery, outbox, preparation, sweep, wakeup
from crs.messaging.errors import CannotBeMade, NotWanted
from crs.messaging.models import Attachment, Message
from crs.messaging.outbox import File
from crs.pdf.errors import PaperBusy
from tests.crs.messaging.post import BULK, EMAIL, again, write_email, write_sms

pytestmark = pytest.mark.django_db

State = Message.State


class Maker:
    """A maker of an upper app: one file that says for what and in which language it was made."""

    def __init__(self) -> None:
        self.calls = 0
        self.faults = 0
        self.fault: type[Exception] = RuntimeError

    def __call__(self, reference: str, language: str) -> list[File]:
        """Make it, unless told to fail."""
        self.calls += 1
        if self.calls <= self.faults:
            raise self.fault
        text = f"{reference} {language} {translation.get_language()}"
        return [File("a.txt", "text/plain", text.encode())]


@pytest.fixture
def maker() -> Iterator[Maker]:
    made = Maker()
    outbox.register_attachments("probe/letter", made)
    yield made
    del outbox._makers["probe/letter"]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The kinds of work for which a task was started."""
    kinds: list[str] = []
    monkeypatch.setattr(wakeup, "wake", kinds.append)
    return kinds


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(timezone.now(), tick=True) as traveller:
        yield traveller


def test_the_email_waits_for_its_files(maker: Maker) -> None:
    message = write_email(language="en", reference="reservation 7")
    assert message.state == State.PREPARING
    assert delivery.drain(EMAIL) == 0
    assert preparation.drain() == 1
    assert again(message).state == State.QUEUED
    assert bytes(again(message).attachments.get().content) == b"reservation 7 en en"
    delivery.drain(EMAIL)
    assert again(message).state == State.SENT


def test_a_second_run_finds_nothing_to_do(maker: Maker) -> None:
    write_email()
    assert preparation.drain() == 1
    assert preparation.drain() == 0
    assert maker.calls == 1


def test_two_tasks_at_once_make_the_files_once(maker: Maker) -> None:
    message = write_email()
    Message.objects.filter(pk=message.pk).update(claimed_at=timezone.now())  # by the other one
    assert preparation.drain() == 0
    assert maker.calls == 0


@pytest.mark.parametrize(("waiting", "calls"), [(1, 0), (2, 1), (3, 2)])
def test_other_workers_are_called_only_where_more_waits(
    maker: Maker, started: list[str], waiting: int, calls: int
) -> None:
    for _ in range(waiting):
        write_email()
    started.clear()
    assert preparation.drain() == waiting
    assert started.count(wakeup.PREPARATION) == calls


def test_a_worker_that_died_is_replaced(maker: Maker, clock: time_machine.Traveller, started: list[str]) -> None:
    message = write_email()
    Message.objects.filter(pk=message.pk).update(claimed_at=timezone.now())
    clock.shift(timedelta(minutes=2, seconds=1))
    preparation.start_what_waits(now=timezone.now())
    assert started == [wakeup.PREPARATION]
    assert preparation.drain() == 1
    started.clear()
    preparation.start_what_waits(now=timezone.now())
    assert started == []
    assert again(message).state == State.QUEUED


def test_a_fault_of_the_maker_is_tried_again(maker: Maker, clock: time_machine.Traveller) -> None:
    maker.faults = 1
    message = write_email()
    preparation.drain()
    assert again(message).state == State.PREPARING
    assert again(message).error == "Attachments: RuntimeError"
    clock.shift(timedelta(minutes=1))
    sweep.pick_up(now=timezone.now())
    preparation.drain()
    assert (again(message).state, again(message).error) == (State.QUEUED, "")


def test_waiting_behind_other_papers_uses_up_no_try(
    maker: Maker, clock: time_machine.Traveller, started: list[str]
) -> None:
    maker.faults, maker.fault = delivery.ATTEMPTS + 1, PaperBusy
    message = write_email()
    for _ in range(maker.faults):
        preparation.drain()
        assert (again(message).state, again(message).attempts) == (State.PREPARING, 0)
    clock.shift(timedelta(minutes=1))
    started.clear()
    preparation.start_what_waits(now=timezone.now())
    assert started == [wakeup.PREPARATION]
    preparation.drain()
    assert again(message).state == State.QUEUED


def test_files_that_cannot_be_made_end_before_staff(maker: Maker, clock: time_machine.Traveller) -> None:
    maker.faults = 99
    message = write_email()
    for _ in range(delivery.ATTEMPTS):
        assert again(message).state == State.PREPARING
        assert preparation.drain() == 1
        clock.shift(timedelta(hours=1))
    assert again(message).state == State.FAILED


def test_a_template_that_lost_its_maker_is_seen(maker: Maker) -> None:
    message = write_email(template="probe/letter")
    Message.objects.filter(pk=message.pk).update(template="probe/gone")
    preparation.drain()
    assert again(message).error == "Attachments: LookupError"


def test_one_task_makes_all_that_waits_and_what_waits_in_a_lower_lane_first(maker: Maker) -> None:
    made: list[str] = []
    outbox.register_attachments("probe/letter", maker, when_stored=made.append)
    write_email(lane=BULK, reference="night"), write_email(lane=BULK, reference="night 2")
    write_email(reference="somebody waits")
    assert preparation.drain() == 3
    assert made == ["somebody waits", "night", "night 2"]
    assert preparation.drain() == 0
    del outbox._when_stored["probe/letter"]


def test_a_worker_to_whom_others_leave_no_paper_stops_for_a_while(maker: Maker) -> None:
    maker.faults, maker.fault = 99, PaperBusy
    write_email(), write_email()
    assert preparation.drain() == 1


def test_an_email_that_kills_its_workers_ends_before_staff(
    maker: Maker, clock: time_machine.Traveller, started: list[str]
) -> None:
    message = write_email()
    Message.objects.filter(pk=message.pk).update(claimed_at=timezone.now(), attempts=delivery.ATTEMPTS)
    clock.shift(timedelta(minutes=2, seconds=1))
    preparation.start_what_waits(now=timezone.now())
    assert started == []
    assert again(message).state == State.FAILED


def test_an_email_that_is_not_wanted_any_more_is_cancelled_and_its_text_erased(maker: Maker) -> None:
    maker.faults, maker.fault = 1, NotWanted
    message = write_email()
    assert preparation.drain() == 1
    assert (again(message).state, again(message).text) == (State.CANCELLED, None)
    assert preparation.drain() == delivery.drain(EMAIL) == 0


def test_what_waits_can_be_cancelled_and_what_was_sent_not(maker: Maker) -> None:
    prepared = write_email()
    preparation.drain()
    preparing, sms, failed, sent = write_email(), write_sms(), write_sms(), write_sms()
    Message.objects.filter(pk=sent.pk).update(state=State.SENT)
    Message.objects.filter(pk=failed.pk).update(state=State.FAILED, error="SMTP: no")
    messages = (preparing, prepared, sms, failed, sent)
    keys = [message.pk for message in messages]
    assert outbox.cancel(keys, why=Message.Cancellation.NEWER) == 4
    assert outbox.cancel(keys, why=Message.Cancellation.NEWER) == 0
    assert [again(one).state for one in messages] == [State.CANCELLED] * 4 + [State.SENT]
    assert (again(sms).text, again(sms).cancellation) == (None, "NEWER")
    assert again(failed).error == "SMTP: no", "staff still see what it was"
    assert not Attachment.objects.exists()


def test_files_that_were_made_meanwhile_are_not_stored_with_a_cancelled_email(maker: Maker) -> None:
    message = write_email()

    def cancel_meanwhile(reference: str, language: str) -> list[File]:
        outbox.cancel([message.pk], why=Message.Cancellation.VOID)
        return [File("a.txt", "text/plain", b"a")]

    outbox.register_attachments("probe/letter", cancel_meanwhile)
    preparation.drain()
    assert again(message).state == State.CANCELLED
    assert not Attachment.objects.exists()


def test_an_email_whose_files_can_never_be_made_fails_at_once_where_staff_see_it(maker: Maker) -> None:
    maker.faults, maker.fault = 1, CannotBeMade
    message = write_email()
    preparation.drain()
    assert again(message).state == State.FAILED
