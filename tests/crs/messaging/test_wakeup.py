"""From the commit to the worker, over a real broker; and what happens when it is away."""

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from celery import Celery
from celery.contrib.testing.worker import start_worker
from django.conf import settings as real_settings
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone
from kombu import Queue
from pytest_django.fixtures import Settings

from crs import breaker, queueing
from crs.celery import app
from crs.messaging import outbox, sweep, wakeup
from crs.messaging.models import Message
from crs.messaging.outbox import File
from crs.time_limits import WEB
from tests.crs.messaging.post import SMS, again, write_email, write_sms
from tests.stack import free_port
from tests.valkey import REAL_OPTIONS, OwnValkey

State = Message.State
QUEUES = ("sms", "email", "pdf", "default")
SECONDS_OF_PATIENCE = 60


@pytest.fixture
def worker() -> Callable[[], AbstractContextManager[object]]:
    """Starts a real Celery worker in a thread, on queues that nobody filled before."""
    with app.connection_for_write() as broker:
        for queue in QUEUES:
            Queue(queue, channel=broker.default_channel).purge()
    return lambda: start_worker(app, pool="solo", queues=list(QUEUES), perform_ping_check=False, loglevel="WARNING")


def _becomes(message: Message, state: str) -> bool:
    stop = time.monotonic() + SECONDS_OF_PATIENCE
    while time.monotonic() < stop:
        if again(message).state == state:
            return True
        time.sleep(0.05)
    return False


@pytest.fixture
def broken_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody answers where the broker should be."""
    deaf = Celery("deaf", broker=f"redis://127.0.0.1:{free_port()}/0", set_as_current=False)
    deaf.conf.broker_transport_options = real_settings.CELERY_BROKER_TRANSPORT_OPTIONS
    monkeypatch.setattr(queueing, "app", deaf)


@pytest.mark.django_db(transaction=True)
def test_a_worker_sends_what_a_request_committed(worker: Callable[[], AbstractContextManager[object]]) -> None:
    outbox.register_attachments("probe/letter", lambda reference, language: [File("a", "text/plain", b"a")])
    with worker():
        with transaction.atomic():
            sms, email = write_sms(), write_email()
        assert _becomes(sms, State.SENT)
        assert _becomes(email, State.SENT)
    del outbox._makers["probe/letter"]
    assert email.state == State.PREPARING
    assert again(email).attachments.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_crash_between_commit_and_delivery_loses_nothing(
    worker: Callable[[], AbstractContextManager[object]], broken_broker: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = time.monotonic()
    with transaction.atomic():
        message = write_sms()
    assert time.monotonic() - started < 4, "the person is waiting for the page"
    monkeypatch.undo()  # the broker is back
    cache.clear()
    sweep.pick_up(now=timezone.now())
    with worker():
        assert _becomes(message, State.SENT)


@pytest.mark.django_db(transaction=True)
def test_a_valkey_that_hangs_costs_a_moment_once_and_the_sweep_sends_when_it_is_back(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(breaker, "PAUSE_SECONDS", 2.0)
    # What was asked while it hung is done when it goes on: the mark of a task that was never sent, too.
    monkeypatch.setattr(queueing, "KEY_SECONDS", 1)
    with OwnValkey() as valkey:
        settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": valkey.url, "OPTIONS": REAL_OPTIONS}}
        web = Celery("web", broker=valkey.url, set_as_current=False)
        limits = {"socket_timeout": WEB.queue, "socket_connect_timeout": WEB.queue}
        web.conf.broker_transport_options = {**real_settings.CELERY_BROKER_TRANSPORT_OPTIONS, **limits}
        monkeypatch.setattr(queueing, "app", web)
        wakeup.wake(SMS)
        valkey.client.flushdb()
        valkey.stop()
        seconds = []
        for _ in range(3):
            started = time.monotonic()
            with transaction.atomic():
                message = write_sms()
            seconds.append(time.monotonic() - started)
        valkey.go_on()
        assert sum(seconds) < 3
        assert again(message).state == State.QUEUED
        time.sleep(2.1)
        sweep.pick_up(now=timezone.now())
        assert valkey.client.llen(f"{real_settings.CELERY_BROKER_TRANSPORT_OPTIONS['global_keyprefix']}celery") == 1


@pytest.mark.django_db(transaction=True)
def test_a_broken_cache_does_not_break_the_request(settings: Settings) -> None:
    settings.CACHES = {
        "default": {
            **settings.CACHES["default"],
            "LOCATION": f"redis://127.0.0.1:{free_port()}/0",
            "OPTIONS": REAL_OPTIONS,
        },
    }
    with transaction.atomic():
        message = write_sms()
    assert again(message).state == State.QUEUED


def _waiting_tasks(queue: str) -> int:
    with app.connection_for_read() as broker:
        declared: Any = Queue(queue, channel=broker.default_channel).queue_declare()
        return int(declared.message_count)


@pytest.mark.django_db(transaction=True)
def test_many_messages_make_one_task(worker: Callable[[], AbstractContextManager[object]]) -> None:
    with transaction.atomic():
        for _ in range(50):
            write_sms()
    assert _waiting_tasks("sms") == 1
    wakeup.woken(SMS)
    write_sms()
    assert _waiting_tasks("sms") == 2
    with worker():
        assert _becomes(Message.objects.order_by("id")[0], State.SENT)


@pytest.mark.django_db(transaction=True)
def test_what_failed_for_the_moment_is_tried_again_without_the_sweep(
    worker: Callable[[], AbstractContextManager[object]],
) -> None:
    message = write_sms()
    Message.objects.update(due_at=timezone.now() + timedelta(seconds=2))
    with worker():
        assert _becomes(message, State.SENT)


@pytest.mark.django_db(transaction=True)
def test_a_worker_in_a_thread_of_another_program_never_ends_that(worker: Callable[[], Any]) -> None:
    with worker():
        assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("watchdog")]
