"""Invitations are read in words."""

from django.utils import translation

from support.letters.invitations import summary
from tests.support.nasty_letters.contents import INVITATION


def test_an_invitation_says_what_when_where_and_by_whom_in_our_time() -> None:
    with translation.override("en"):
        assert summary(INVITATION.encode()).splitlines() == [
            "What: Školení očkovacího týmu",
            "Begins: 27. 11. 2026 10:00",
            "Ends: 27. 11. 2026 11:00",
            "Where: Žďár nad Sázavou",
            "Organized by: jana.novakova@ockovani.example.cz",
        ]


def test_a_day_without_hours_is_a_day() -> None:
    whole_day = INVITATION.replace("DTSTART:20261127T090000Z", "DTSTART;VALUE=DATE:20261127")
    with translation.override("en"):
        assert "Begins: 27. 11. 2026\n" in summary(whole_day.encode())


def test_what_is_no_invitation_has_no_summary() -> None:
    assert summary(b"") == summary(b"\xff\0") == summary(b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n") == ""
