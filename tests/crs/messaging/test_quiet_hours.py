"""Telephones do not ring at night, by the clock on the wall in Prague."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from crs.messaging.quiet_hours import evening_after, next_waking_time

PRAGUE = ZoneInfo("Europe/Prague")


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ((2027, 1, 11, 7, 59), (2027, 1, 11, 8)),
        ((2027, 1, 11, 8), (2027, 1, 11, 8)),
        ((2027, 1, 11, 19, 59), (2027, 1, 11, 19, 59)),
        ((2027, 1, 11, 20), (2027, 1, 12, 8)),
        ((2027, 12, 31, 23, 30), (2028, 1, 1, 8)),
        ((2027, 3, 27, 22), (2027, 3, 28, 8)),  # a night of 23 hours
        ((2027, 10, 30, 22), (2027, 10, 31, 8)),  # a night of 25 hours
        ((2027, 10, 31, 2, 30), (2027, 10, 31, 8)),
    ],
)
def test_the_night_ends_at_eight(now: tuple[int, ...], then: tuple[int, ...]) -> None:
    moment = datetime(*now, tzinfo=PRAGUE).astimezone(ZoneInfo("UTC"))  # type: ignore[arg-type,misc]
    assert next_waking_time(moment) == datetime(*then, tzinfo=PRAGUE)  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    ("now", "days", "then"),
    [
        ((2027, 1, 11, 9), 2, (2027, 1, 13, 20)),
        ((2027, 1, 11, 23), 2, (2027, 1, 14, 20)),  # read on the next morning
        ((2027, 1, 14, 9), 2, (2027, 1, 18, 20)),  # Saturday
        ((2027, 3, 24, 9), 2, (2027, 3, 30, 20)),  # Good Friday to Easter Monday, and summer time begins
        ((2027, 12, 23, 9), 1, (2027, 12, 27, 20)),  # Christmas, and a weekend after it
    ],
)
def test_a_deadline_is_an_evening_of_a_working_day(now: tuple[int, ...], days: int, then: tuple[int, ...]) -> None:
    moment = datetime(*now, tzinfo=PRAGUE).astimezone(ZoneInfo("UTC"))  # type: ignore[arg-type,misc]
    assert evening_after(moment, days=days) == datetime(*then, tzinfo=PRAGUE)  # type: ignore[arg-type,misc]
