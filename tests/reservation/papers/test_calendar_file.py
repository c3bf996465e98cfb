"""The calendar files, read back by a parser."""

import re
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from reservation.papers.calendar_file import calendar_file, dose_file
from reservation.papers.reservation_summary import Confirmation
from tests.reservation.papers.test_confirmation_pdf import PRAGUE, appointment, marie  # noqa: F401 - a fixture

CHANGED = datetime(2027, 3, 2, 12, 0, tzinfo=PRAGUE)
# Anything that a database keeps: no NUL, no half of a pair.
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=300)


@pytest.fixture
def calendar(marie: Confirmation) -> Any:  # noqa: F811
    return Calendar.from_ical(calendar_file(marie, language="cs"))


def with_second(confirmation: Confirmation, **facts: Any) -> Confirmation:
    """The confirmation after a change of its second dose."""
    first, second = confirmation.appointments
    return replace(confirmation, appointments=(first, replace(second, **facts)), sequence=100, changed_at=CHANGED)


def event_of(content: bytes) -> Any:
    [event] = Calendar.from_ical(content).walk("VEVENT")
    return event


def test_both_doses_keep_their_wall_clock_time_across_the_change_to_summer_time(calendar: Any) -> None:
    starts = [event["DTSTART"].dt for event in calendar.walk("VEVENT")]
    assert starts == [datetime(2027, 3, 9, 7, 15, tzinfo=UTC), datetime(2027, 3, 30, 6, 15, tzinfo=UTC)]
    ends = [event["DTEND"].dt for event in calendar.walk("VEVENT")]
    assert [end - start for start, end in zip(starts, ends, strict=True)] == [timedelta(minutes=15)] * 2


@pytest.mark.parametrize(("fold", "utc_hour"), [(0, 0), (1, 1)])
def test_the_hour_that_comes_twice_in_october_is_told_apart(
    marie: Confirmation,  # noqa: F811
    fold: int,
    utc_hour: int,
) -> None:
    night = datetime(2021, 10, 31, 2, 30, tzinfo=PRAGUE, fold=fold)
    event = event_of(dose_file(marie, appointment(1, night), language="cs"))
    assert event["DTSTART"].dt == datetime(2021, 10, 31, utc_hour, 30, tzinfo=UTC)
    # Later by the quarter of an hour that it takes, not by that and an hour.
    assert event["DTEND"].dt == datetime(2021, 10, 31, utc_hour, 45, tzinfo=UTC)


def test_each_dose_says_what_and_where(calendar: Any) -> None:
    first, second = calendar.walk("VEVENT")
    assert "1. dávka" in first["SUMMARY"]
    assert "2. dávka" in second["SUMMARY"]
    assert first["LOCATION"] == "Fakultní nemocnice Královské Vinohrady, Šrobárova 1150/50, 100 34 Praha 10"
    assert "100\u00a0000\u00a0016" in first["DESCRIPTION"]
    assert "občanský průkaz" in first["DESCRIPTION"]


def test_an_alarm_rings_the_day_before(calendar: Any) -> None:
    triggers = [alarm["TRIGGER"].dt for alarm in calendar.walk("VALARM")]
    assert triggers == [timedelta(days=-1)] * 2


def test_a_second_import_replaces_the_first(marie: Confirmation, settings: Any) -> None:  # noqa: F811
    settings.PUBLIC_URL = "https://crs.example.cz"
    again = calendar_file(marie, language="cs")
    assert again == calendar_file(marie, language="cs")
    uids = [str(event["UID"]) for event in Calendar.from_ical(again).walk("VEVENT")]
    # As in all files that were ever given: of another UID a diary would make a second event.
    assert uids == [f"{marie.reservation_id}-{dose}@crs.example.cz" for dose in (1, 2)]


def test_a_moved_dose_keeps_its_uid_with_a_higher_sequence(marie: Confirmation) -> None:  # noqa: F811
    moved = with_second(marie, starts_at=datetime(2027, 4, 6, 9, 0, tzinfo=PRAGUE), is_moved=True)
    before, after = (event_of(dose_file(one, one.appointments[1], language="cs")) for one in (marie, moved))
    assert before["UID"] == after["UID"]
    assert (before["SEQUENCE"], after["SEQUENCE"]) == (0, 100)
    assert (after["LAST-MODIFIED"].dt, after["DTSTAMP"].dt) == (CHANGED, CHANGED)
    assert after["DTSTART"].dt == datetime(2027, 4, 6, 7, 0, tzinfo=UTC)
    assert after["STATUS"] == "CONFIRMED"


def test_a_dose_that_goes_is_cancelled_under_its_uid(marie: Confirmation) -> None:  # noqa: F811
    gone = with_second(marie, is_cancelled=True)
    content = dose_file(gone, gone.appointments[1], language="cs")
    event = event_of(content)
    assert Calendar.from_ical(content)["METHOD"] == "CANCEL"
    assert (event["STATUS"], event["SEQUENCE"]) == ("CANCELLED", 100)
    assert event["UID"].startswith(f"{marie.reservation_id}-2@")
    assert event["SUMMARY"].startswith("Zrušeno:")
    assert not event.walk("VALARM"), "an alarm would ring for nothing"
    # The file of what is to come says nothing of it, for a PUBLISH would bring it back.
    assert event_of(calendar_file(gone, language="cs"))["UID"] != event["UID"]


def test_a_time_that_will_not_hold_is_tentative_and_says_why(marie: Confirmation) -> None:  # noqa: F811
    affected = with_second(marie, affected="CLOSURE", closure_reason="havárie vody")
    event = event_of(dose_file(affected, affected.appointments[1], language="cs"))
    assert event["STATUS"] == "TENTATIVE"
    assert "nebude" in event["SUMMARY"]
    assert "havárie vody" in event["DESCRIPTION"]
    assert "Bring" not in event["DESCRIPTION"]


def test_it_is_not_an_invitation_to_answer(marie: Confirmation, settings: Any) -> None:  # noqa: F811
    settings.DEFAULT_FROM_EMAIL = "Očkování <nikdo@crs.example.cz>"
    content = calendar_file(marie, language="en")
    assert b"METHOD:PUBLISH\r\n" in content
    assert b"ATTENDEE" not in content
    # A diary may be shared: the title says whom it is for, and no more of the name.
    assert b"SUMMARY:Marie D.: " in content
    assert "Dvořák".encode() not in content
    # Both methods must name who publishes (RFC 5546), and Outlook doubts one that is not the sender.
    assert (
        event_of(dose_file(marie, marie.appointments[0], language="cs"))["ORGANIZER"] == "mailto:nikdo@crs.example.cz"
    )


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(name=TEXTS, notes=TEXTS)
def test_whatever_a_site_is_called_the_file_is_whole(marie: Confirmation, name: str, notes: str) -> None:  # noqa: F811
    one = replace(marie.appointments[0], site_name=name, site_notes=notes)
    content = dose_file(marie, one, language="cs")
    assert content.endswith(b"END:VCALENDAR\r\n")
    for line in content.split(b"\r\n"):
        assert len(line) <= 75
        line.decode()  # no letter is cut in two
        assert not re.search(rb"[\x00-\x08\x0a-\x1f\x7f]", line)
    event = event_of(content)
    [first_line, *_] = (name + "|").splitlines()
    expected = "".join(sign for sign in first_line.rstrip("|") if unicodedata.category(sign) != "Cc")
    assert str(event["LOCATION"]).startswith(expected)
    assert [str(event["UID"]).rpartition("@")[0]] == [f"{marie.reservation_id}-1"]


@pytest.mark.parametrize(
    "name", ["Nguyễn Thị Hồng; s. r. o.", "Лікарня, Київ", "عيادة", "診療所\\北", "क्लिनिक", "👩🏽‍⚕️ " * 30]
)
def test_a_name_in_any_script_comes_back_as_it_was(marie: Confirmation, name: str) -> None:  # noqa: F811
    one = replace(marie.appointments[0], site_name=name, site_address="A")
    assert event_of(dose_file(marie, one, language="cs"))["LOCATION"] == f"{name}, A"
