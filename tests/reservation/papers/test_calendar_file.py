"""The calendar file, read back by a parser."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from icalendar import Calendar

from reservation.papers.calendar_file import calendar_file
from reservation.papers.reservation_summary import Confirmation
from tests.reservation.papers.test_confirmation_pdf import marie  # noqa: F401 - a fixture


@pytest.fixture
def calendar(marie: Confirmation) -> Any:  # noqa: F811
    return Calendar.from_ical(calendar_file(marie, language="cs"))


def test_both_doses_keep_their_wall_clock_time_across_the_change_to_summer_time(calendar: Any) -> None:
    starts = [event["DTSTART"].dt for event in calendar.walk("VEVENT")]
    assert starts == [datetime(2027, 3, 9, 7, 15, tzinfo=UTC), datetime(2027, 3, 30, 6, 15, tzinfo=UTC)]
    ends = [event["DTEND"].dt for event in calendar.walk("VEVENT")]
    assert [end - start for start, end in zip(starts, ends, strict=True)] == [timedelta(minutes=15)] * 2


def test_each_dose_says_what_and_where(calendar: Any) -> None:
    first, second = calendar.walk("VEVENT")
    assert "1. dávka" in first["SUMMARY"]
    assert "2. dávka" in second["SUMMARY"]
    assert first["LOCATION"] == "Fakultní nemocnice Královské Vinohrady, Šrobárova 1150/50, 100 34 Praha 10"
    assert "100000016" in first["DESCRIPTION"]
    assert "občanský průkaz" in first["DESCRIPTION"]


def test_an_alarm_rings_the_day_before(calendar: Any) -> None:
    triggers = [alarm["TRIGGER"].dt for alarm in calendar.walk("VALARM")]
    assert triggers == [timedelta(days=-1)] * 2


def test_a_second_import_replaces_the_first(marie: Confirmation) -> None:  # noqa: F811
    again = calendar_file(marie, language="cs")
    assert again == calendar_file(marie, language="cs")
    uids = [str(event["UID"]) for event in Calendar.from_ical(again).walk("VEVENT")]
    assert len(set(uids)) == 2
    assert all(str(marie.reservation_id) in uid for uid in uids)


def test_it_is_not_an_invitation_to_answer(marie: Confirmation) -> None:  # noqa: F811
    content = calendar_file(marie, language="en")
    assert b"METHOD" not in content
    assert b"ATTENDEE" not in content
    assert b"Marie" not in content
    assert all(len(line) <= 75 for line in content.split(b"\r\n"))
