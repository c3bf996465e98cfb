"""Tries of what can be guessed are counted before they are looked at."""

import threading
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from django.test import RequestFactory

from crs import tries
from crs.errors import TooManyTries
from crs.models import Tries
from crs.tries import Limit, Try
from tests.race import race

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 23, 9, 0, 5, tzinfo=ZoneInfo("Europe/Prague"))
MINUTE = timedelta(minutes=1)
FIVE = Limit("a code", 5, 15 * MINUTE)


def count(times: int = 1, *, now: datetime = NOW, allowed: int | None = None) -> Try:
    """The last of so many tries."""
    return [tries.count(FIVE, "eva", now=now, allowed=allowed) for _ in range(times)][-1]


def test_the_last_try_begins_a_pause_and_those_in_it_do_not_make_it_longer() -> None:
    assert not count(4).is_last
    last = count(now=NOW + 10 * MINUTE)
    assert (last.is_last, last.is_over, last.until) == (True, False, NOW + 25 * MINUTE)
    for minutes in (11, 24):
        late = count(now=NOW + minutes * MINUTE)
        assert (late.is_last, late.is_over, late.until) == (True, True, NOW + 25 * MINUTE)
    assert count(now=NOW + 25 * MINUTE).number == 1


def test_tries_are_counted_by_what_is_tried_and_whose_it_is() -> None:
    count(5)
    assert tries.count(FIVE, "petr", now=NOW).number == 1
    assert tries.count(Limit("another", 5, MINUTE), "eva", now=NOW).number == 1


def test_a_right_try_is_taken_back_and_a_refused_one_frees_nothing() -> None:
    tries.take_back(count(5))
    assert not count().is_over
    tries.take_back(count())
    assert count().is_over
    tries.forgive(FIVE, "eva")
    assert count().number == 1


def test_of_tries_without_a_captcha_fewer_are_looked_at_and_they_leave_the_others_theirs() -> None:
    assert not count(2, allowed=2).is_over
    refused = count(9, allowed=2)
    assert (refused.is_over, refused.is_last, refused.until) == (True, False, NOW + 15 * MINUTE)
    with_captcha = [count() for _ in range(2)]
    one_is_left = count(allowed=2)
    assert (one_is_left.is_over, one_is_left.is_last) == (True, False)
    with_captcha += [count() for _ in range(2)]
    assert [one.is_over for one in with_captcha] == [False, False, False, True]
    closed = count(allowed=2)
    assert (closed.is_over, closed.is_last) == (True, True)


def test_a_count_that_ends_when_quiet_lets_no_more_than_its_tries_into_any_period() -> None:
    def looked_at(limit: Limit, minute: float) -> int:
        at = NOW + minute * MINUTE
        return sum(not tries.count(limit, "eva", now=at).is_over for _ in range(9))

    tries.count(FIVE, "eva", now=NOW)
    for _ in range(3):
        tries.count(FIVE, "eva", now=NOW + 14.9 * MINUTE)
    assert looked_at(FIVE, 15) == 5  # eight in a few seconds
    quiet = replace(FIVE, what="a PIN", ends_when_quiet=True)
    tries.count(quiet, "eva", now=NOW)
    for _ in range(3):
        tries.count(quiet, "eva", now=NOW + 14.9 * MINUTE)
    assert [looked_at(quiet, minute) for minute in (15, 29.9, 30)] == [1, 0, 5]


def test_a_network_that_had_its_share_is_refused() -> None:
    request = RequestFactory().post("/", REMOTE_ADDR="192.0.2.1")
    ask = partial(tries.refuse_too_many, request, what="x", rate="2/h", now=NOW)
    ask()
    ask()
    with pytest.raises(TooManyTries):
        ask()
    ask(browser="its own")


def test_counts_that_ended_are_forgotten() -> None:
    count()
    assert tries.forget_old(now=NOW + 14 * MINUTE) == 0
    assert tries.forget_old(now=NOW + 15 * MINUTE) == 1


BOTH_LOOKED = threading.Barrier(6)


def _count_read_then_write(limit: Limit, *whose: str, now: datetime) -> Try:
    """The control twin of `tries.count`: it looks first."""
    number = Tries.objects.filter(pk="twin").values_list("count", flat=True).first() or 0
    BOTH_LOOKED.wait(timeout=30)
    Tries.objects.update_or_create(pk="twin", defaults={"count": number + 1, "ends_at": now})
    return Try(limit, "twin", number + 1, limit.most, now)


@pytest.mark.django_db(transaction=True)
def test_many_tries_at_once_are_not_more_than_many_one_by_one() -> None:
    counted = race(*[count] * 12)
    assert sorted(one.is_over for one in counted) == [False] * 5 + [True] * 7
    twins = race(*[partial(_count_read_then_write, FIVE, now=NOW)] * 6, at_once=6)
    assert not any(twin.is_over for twin in twins)
