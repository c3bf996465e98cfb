"""Telephones do not ring at night, by the clock on the wall in Prague."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from crs.messaging.quiet_hours import next_waking_time

PRAGUE = ZoneInfo("Europe/Prague")


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ((2027, 1, 11, 6, 59), (2027, 1, 11, 7)),
        ((2027, 1, 11, 7), (2027, 1, 11, 7)),
        ((2027, 1, 11, 20, 59), (2027, 1, 11, 20, 59)),
        ((2027, 1, 11, 21), (2027, 1, 12, 7)),
        ((2027, 12, 31, 23, 30), (2028, 1, 1, 7)),
        ((2027, 3, 27, 22), (2027, 3, 28, 7)),  # a night of 23 hours
        ((2027, 10, 30, 22), (2027, 10, 31, 7)),  # a night of 25 hours
        ((2027, 10, 31, 2, 30), (2027, 10, 31, 7)),
    ],
)
def test_the_night_ends_at_seven(now: tuple[int, ...], then: tuple[int, ...]) -> None:
    moment = datetime(*now, tzinfo=PRAGUE).astimezone(ZoneInfo("UTC"))  # type: ignore[arg-type,misc]
    assert next_waking_time(moment) == datetime(*then, tzinfo=PRAGUE)  # type: ignore[arg-type,misc]
