"""How long PINs take."""

from datetime import datetime, timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from crs.messaging.delay import current_sms_delay
from crs.messaging.models import Message
from tests.crs.messaging.post import SMS, write_pin, write_sms

pytestmark = pytest.mark.django_db


def _sent(now: datetime, *, took: float, ago: timedelta = timedelta(minutes=1)) -> None:
    message = write_pin()
    Message.objects.filter(pk=message.pk).update(
        created_at=now - ago - timedelta(seconds=took), sent_at=now - ago, state=Message.State.SENT
    )


def test_nothing_measured_nothing_said() -> None:
    write_sms()
    assert current_sms_delay(timezone.now()) is None


def test_nine_of_ten_waited_no_longer() -> None:
    now = timezone.now()
    for seconds in range(1, 12):
        _sent(now, took=seconds)
    _sent(now, took=500, ago=timedelta(minutes=16))  # too long ago
    assert current_sms_delay(now) == timedelta(seconds=10)


def test_a_pin_that_waits_even_longer_tells_more() -> None:
    now = timezone.now()
    _sent(now, took=3)
    waiting = write_pin()
    Message.objects.filter(pk=waiting.pk).update(created_at=now - timedelta(minutes=4))
    assert current_sms_delay(now) == timedelta(minutes=4)


def test_invitations_do_not_count() -> None:
    now = timezone.now()
    message = write_sms()
    Message.objects.filter(pk=message.pk).update(sent_at=now, created_at=now - timedelta(hours=5))
    assert message.channel == SMS
    assert current_sms_delay(now) is None


def test_it_is_measured_once_in_a_while() -> None:
    now = timezone.now()
    _sent(now, took=3)
    first = current_sms_delay(now)
    _sent(now, took=300)
    assert current_sms_delay(now) == first
    cache.clear()
    assert current_sms_delay(now) != first
