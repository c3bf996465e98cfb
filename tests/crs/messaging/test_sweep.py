"""Texts that have served are forgotten."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from crs.messaging import sweep
from crs.messaging.models import Attachment, Message
from tests.crs.messaging.post import again, write_email, write_pin, write_sms

pytestmark = pytest.mark.django_db

State = Message.State


def _aged(message: Message, age: timedelta, state: str = State.SENT) -> Message:
    Message.objects.filter(pk=message.pk).update(created_at=timezone.now() - age, state=state)
    return message


def test_a_secret_that_failed_is_forgotten_after_a_day(settings: Settings) -> None:
    settings.INBOX_IS_OPEN = False
    old = _aged(write_pin(), timedelta(hours=25), State.FAILED)
    fresh = _aged(write_pin(), timedelta(hours=23), State.FAILED)
    waiting = _aged(write_pin(), timedelta(hours=25), State.QUEUED)
    plain = _aged(write_sms(), timedelta(hours=25))
    assert sweep.erase_old_texts(now=timezone.now()) == 1
    assert again(old).text is None
    assert all(again(each).text for each in (fresh, waiting, plain))


def test_the_open_inbox_keeps_its_secrets() -> None:
    message = _aged(write_pin(), timedelta(hours=25))
    sweep.erase_old_texts(now=timezone.now())
    assert again(message).text


def test_every_text_and_file_is_forgotten_after_ninety_days() -> None:
    message = _aged(write_email(headers={"Reply-To": "a@b.example"}), timedelta(days=91))
    Attachment.objects.create(message=message, name="a.pdf", content_type="application/pdf", content=b"%PDF")
    sweep.erase_old_texts(now=timezone.now())
    assert (again(message).text, again(message).subject, again(message).headers) == (None, "", {})
    assert not Attachment.objects.exists()
    assert sweep.erase_old_texts(now=timezone.now()) == 0
