"""The speed limit of a carrier."""

import time

import pytest
from pytest_django.fixtures import Settings

from crs.messaging import delivery, rate
from tests.crs.messaging.conftest import FarTwilio
from tests.crs.messaging.post import EMAIL, SMS, write_sms


@pytest.fixture(autouse=True)
def _full_buckets() -> None:
    """What other tests have sent is forgotten."""
    rate._client().delete(*map(rate._bucket, (SMS, EMAIL)))


def test_an_empty_bucket_says_how_long_to_wait(settings: Settings) -> None:
    settings.SMS_PER_SECOND = 1  # on a busy machine time passes between two lines
    assert rate.take(SMS, 60) == 0
    assert 30 < rate.take(SMS, 60) <= 60
    assert rate.take(EMAIL, 10) == 0, "each channel has its own"


def test_what_was_not_needed_can_be_taken_by_another(settings: Settings) -> None:
    settings.SMS_PER_SECOND = 20
    rate.take(SMS, 10)
    rate.give_back(SMS, 10)
    assert rate.take(SMS, 10) == 0


@pytest.mark.django_db
def test_forty_messages_at_twenty_a_second_take_their_time(settings: Settings, twilio: FarTwilio) -> None:
    settings.SMS_PER_SECOND = 20
    for _ in range(40):
        write_sms()
    started = time.monotonic()
    assert delivery.drain(SMS) == 40
    assert time.monotonic() - started > 1.4
