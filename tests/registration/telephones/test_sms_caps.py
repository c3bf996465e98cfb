"""The caps on SMS: what a script with many captchas gets, and what a nation does not notice."""

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from io import StringIO
from threading import Barrier

import pytest
import time_machine
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from crs.messaging.models import Message
from registration.models import PhonePin, SmsAlarm
from registration.tasks import forget_old_verifications
from registration.telephones import checks, sms_caps, verification
from registration.telephones.pin_limits import no_pin_until
from tests.cast import JANA, MARIE
from tests.pages import solved_captcha, solved_challenge
from tests.registration.conftest import ask_for_pin, begin, pins_to

NOW = timezone.now().replace(microsecond=0)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
VIETNAM, OTHER_VIETNAM = "+84912345678", "+84987654321"


def ask(phone: str, *, at: datetime = NOW) -> datetime | None:
    """A request for a PIN as the page makes it: None if it was sent, else from when it may be."""
    asked = verification.ask(
        phone=phone, captcha=solved_challenge(), language="cs", no_pin_until=partial(_closed_until, at), now=at
    )
    return asked.stopped_until


def _closed_until(at: datetime, phone: str) -> datetime | None:
    return sms_caps.closed_until(phone=phone, now=at)


def sent_to_many(count: int, *, age: timedelta = timedelta(), start: str = "+420700000000") -> None:
    """So many PINs, each to a number of its own that comes after `start`, in one statement."""
    started = begin(phone=MARIE.phone, now=NOW)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO registration_phonepin (verification_id, phone, pin_hash, sent_at)"
            " SELECT %s, '+' || (%s + 1000 * step), '', %s FROM generate_series(0, %s) AS step",
            [started.pk, int(start[1:]), NOW - age, count - 1],
        )


@pytest.mark.django_db
def test_a_number_gets_ten_pins_in_24_hours_and_five_in_15_minutes() -> None:
    assert [ask(MARIE.phone, at=NOW + minute * MINUTE) for minute in range(6)] == [None] * 5 + [NOW + 15 * MINUTE]
    later = [ask(MARIE.phone, at=NOW + minute * MINUTE) for minute in range(30, 24 * 60, 10)]
    assert later.count(None) == 5
    assert later[-1] == NOW + DAY
    assert ask(MARIE.phone, at=NOW + DAY) is None


@pytest.mark.django_db
@pytest.mark.parametrize(("solves_more", "sent"), [(False, 3), (True, 10)])
def test_a_day_of_resends_sends_one_victim_three_pins_and_with_a_captcha_for_each_ten(
    client: Client, *, solves_more: bool, sent: int
) -> None:
    assert ask_for_pin(client, MARIE.phone).status_code == 302
    for times in range(1, 28):
        with time_machine.travel(timezone.now() + times * 50 * MINUTE, tick=False):
            client.post(reverse("registration:resend"), solved_captcha() if solves_more else {})
    assert len(pins_to(MARIE.phone)) == sent


@pytest.mark.django_db
def test_a_longer_number_that_begins_alike_is_another_number(settings: Settings) -> None:
    settings.PINS_PER_PHONE, settings.SMS_COUNTRIES = "1/d", ["DE"]
    short, long = "+491512345678", "+4915123456789"
    assert ask(long) is None
    assert ask(short) is None
    assert ask(short) == NOW + DAY


@pytest.mark.django_db
def test_an_emptied_redis_forgets_no_cap(settings: Settings) -> None:
    settings.PINS_PER_PHONE = "1/d"
    assert ask(MARIE.phone) is None
    cache.clear()
    assert ask(MARIE.phone) == NOW + DAY


@pytest.mark.django_db
def test_a_request_that_was_rolled_back_was_no_pin(settings: Settings) -> None:
    settings.PINS_PER_PHONE = "1/d"
    with transaction.atomic():
        assert ask(MARIE.phone) is None
        transaction.set_rollback(True)
    assert ask(MARIE.phone) is None


@pytest.mark.django_db(transaction=True)
def test_of_requests_at_once_for_one_number_no_more_are_sent_than_its_cap(settings: Settings) -> None:
    settings.PINS_PER_PHONE = "2/d"
    together = Barrier(6, timeout=60)

    def one(_request: int) -> bool:
        try:
            together.wait()
            return ask(MARIE.phone) is None
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(one, range(6))) == 2


@pytest.mark.django_db(transaction=True)
def test_control_twin_without_the_lock_requests_at_once_pass_the_cap(settings: Settings) -> None:
    """The same caps read without waiting for each other; it shows why `closed_until` locks."""
    settings.PINS_PER_PHONE = "2/d"
    all_have_read = Barrier(4, timeout=60)

    def one(_request: int) -> None:
        try:
            with transaction.atomic():
                assert not sms_caps._reached(sms_caps.caps_of(MARIE.phone), NOW)
                all_have_read.wait()
                verification.ask(phone=MARIE.phone, captcha=solved_challenge(), language="cs", now=NOW)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(one, range(4)))
    assert PhonePin.objects.count() == 4


@pytest.mark.django_db
def test_a_thousand_neighbouring_numbers_share_a_cap_and_others_do_not_notice(settings: Settings) -> None:
    settings.PINS_PER_PREFIX = "3/h"
    outcome = [ask(f"+42060123400{number}", at=NOW + number * MINUTE) for number in range(5)]
    assert outcome == [None, None, None, NOW + HOUR, NOW + HOUR]
    assert ask("+420601235000") is None
    assert ask("+420601234009", at=NOW + HOUR) is None


@pytest.mark.django_db
def test_a_foreign_country_has_a_cap_that_home_and_other_countries_do_not_share(settings: Settings) -> None:
    settings.PINS_PER_COUNTRY = "2/h,3/d"
    assert [ask(phone) for phone in (VIETNAM, OTHER_VIETNAM, VIETNAM)] == [None, None, NOW + HOUR]
    assert ask(VIETNAM, at=NOW + HOUR) is None
    assert ask(OTHER_VIETNAM, at=NOW + 3 * HOUR) == NOW + DAY
    assert ask("+421905123456") is None
    assert [ask(f"+42060{number}234567") for number in range(1, 6)] == [None] * 5


@pytest.mark.django_db
def test_all_numbers_together_have_a_cap(settings: Settings) -> None:
    settings.PINS_IN_TOTAL = "100/h"
    sent_to_many(99, age=30 * MINUTE)
    assert ask(MARIE.phone) is None
    assert ask(JANA.phone) == NOW + 30 * MINUTE
    assert ask(JANA.phone, at=NOW + 31 * MINUTE) is None


@pytest.mark.django_db
def test_the_first_morning_passes_every_cap_and_none_of_them_reads_its_pins() -> None:
    """40,000 SMS in an hour, as in January 2021, four to each thousand numbers."""
    for suffix in range(4):
        sent_to_many(10_000, age=30 * MINUTE, start=f"+42070000{suffix}000")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE registration_phonepin")
    with CaptureQueriesContext(connection) as asked:
        assert sms_caps.closed_until(phone=MARIE.phone, now=NOW) is None
        assert sms_caps.closed_until(phone=VIETNAM, now=NOW) is None
    for query in asked.captured_queries:
        if "phonepin" in query["sql"]:
            with connection.cursor() as cursor:
                cursor.execute("EXPLAIN (ANALYZE, TIMING OFF) " + query["sql"].replace("%", "%%"))
                plan = "\n".join(line for (line,) in cursor.fetchall())
            assert "Seq Scan" not in plan, plan
    assert len(asked) == 4


@pytest.mark.django_db
def test_the_alarm_is_raised_once_in_the_period_of_its_cap(
    settings: Settings,
    caplog: pytest.LogCaptureFixture,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    settings.PINS_PER_COUNTRY, settings.ALARM_EMAIL = "1/h", "dohled@crs.example"
    with caplog.at_level(logging.ERROR), django_capture_on_commit_callbacks(execute=True):
        for minute in range(60):
            ask(VIETNAM if minute % 2 else OTHER_VIETNAM, at=NOW + minute * MINUTE)
    assert [record.getMessage() for record in caplog.records] == ["Cap on SMS with PINs reached: country +84, 1 in 1 h"]
    mail = Message.objects.get(channel=Message.Channel.EMAIL)
    assert mail.recipient == "dohled@crs.example"
    assert "country +84, 1 in 1 h" in mail.text
    ask(VIETNAM, at=NOW + 62 * MINUTE)
    ask(VIETNAM, at=NOW + 63 * MINUTE)
    assert Message.objects.filter(channel=Message.Channel.EMAIL).count() == 2


@pytest.mark.django_db
def test_one_person_who_asks_too_often_is_no_alarm_and_without_an_address_nothing_is_mailed(
    settings: Settings,
) -> None:
    settings.PINS_PER_PHONE = "1/h"
    ask(MARIE.phone)
    assert ask(MARIE.phone) == NOW + HOUR
    assert not SmsAlarm.objects.exists()
    settings.PINS_PER_PREFIX = "1/h"
    ask(MARIE.phone)
    assert SmsAlarm.objects.get().cap.startswith("prefix +420 601 234")
    assert not Message.objects.filter(channel=Message.Channel.EMAIL).exists()


@pytest.mark.django_db
def test_alarms_are_forgotten_after_a_month() -> None:
    for days in (29, 31):
        SmsAlarm.objects.create(cap=f"{days} days", raised_at=timezone.now() - days * DAY)
    forget_old_verifications()
    assert SmsAlarm.objects.get().cap == "29 days"


@pytest.mark.django_db
def test_ops_see_every_count_against_its_cap(settings: Settings) -> None:
    settings.PINS_PER_COUNTRY, settings.PINS_IN_TOTAL = "2/h", "1000/h"
    at = timezone.now()
    ask(MARIE.phone, at=at)
    ask(VIETNAM, at=at)
    said, problems = StringIO(), StringIO()
    call_command("sms_caps", stdout=said)
    told = " ".join(said.getvalue().split())
    assert "total, 1 h 2 1,000 " in told
    assert "country +84, 1 h 1 2 " in told
    assert "prefix +420 601 234, 1 h 1 100 " in told
    assert "sms_caps: no cap is reached" in told
    ask(OTHER_VIETNAM, at=at)
    ask(OTHER_VIETNAM, at=at)
    with pytest.raises(CommandError, match="1 of"):
        call_command("sms_caps", stdout=said, stderr=problems)
    assert "Reached: country +84, 2 in 1 h\n" in problems.getvalue()
    told = " ".join(said.getvalue().split())
    assert "country +84, 1 h 2 2 " in told
    assert "raised at country +84, 2 in 1 h 20" in told


@pytest.mark.django_db
def test_an_address_over_its_limit_is_told_when_its_window_ends(rf: RequestFactory, settings: Settings) -> None:
    settings.PINS_PER_ADDRESS = "1/h"
    request = rf.post("/")
    now = timezone.now()
    assert no_pin_until(request, phone=MARIE.phone, now=now) is None
    until = no_pin_until(request, phone=JANA.phone, now=now)
    assert until is not None
    assert now < until <= now + HOUR + MINUTE


@pytest.mark.parametrize("countries", [[], ["CZ", "XX"], ["cz"]])
def test_a_country_that_does_not_exist_is_found_too(settings: Settings, countries: list[str]) -> None:
    settings.SMS_COUNTRIES = countries
    assert [found.id for found in checks.sms()] == ["crs.E161"]
