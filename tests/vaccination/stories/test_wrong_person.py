"""A dose that was recorded at a namesake, found out the next day, when the day was closed."""

from dataclasses import replace
from datetime import timedelta

import time_machine
from django.utils import timezone

from reservation.models import Appointment, Reservation
from tests.cast import KAREL, PETR
from tests.factories import NOW
from tests.vaccination.stories.conftest import (
    Team,
    check_books,
    find,
    let_go,
    operations_on,
    timeline,
    told,
    vaccinate,
    with_reservation,
)
from vaccination.models import DayClosing, Dose, Visit
from vaccination.visits.day_list import day_list

# Two men of one name: the one who comes, and the one at whom he is recorded.
KAREL_WHO_CAME = replace(PETR, first_name="Karel", last_name="Novák")
DAY = NOW.date() + timedelta(days=1)


def test_karel_is_recorded_at_his_namesake_and_corrected_the_next_day(
    team: Team, clock: time_machine.Traveller
) -> None:
    # Given two men of one name who are booked for one day; the younger one comes, and the elder one is checked in.
    elder = with_reservation(KAREL, team.site, day=1)
    younger = with_reservation(KAREL_WHO_CAME, team.site, day=1, clock="10:00")
    clock.move_to(NOW + timedelta(days=1))
    team.open_vial(NOW + timedelta(days=1) - timedelta(minutes=10))
    desk, tablet = team.desk(), team.tablet()
    assert find(desk, team, "novak karel").count("Novák Karel") == 2
    desk.click("Novák Karel")
    assert "1936" in desk.text
    desk.send("Check in")
    vaccinate(tablet, team, "Novák Karel")
    wrong = Dose.objects.get()
    clock.shift(timedelta(minutes=15))
    let_go(team, "Karel Novák")
    # In the evening the day is closed: the younger one counts as missing, and is told so.
    clock.move_to(NOW + timedelta(days=1, hours=8))
    desk = team.desk()
    desk.open("vaccination:closing", team.site.pk)
    assert "The day is closed." in desk.send("Close the day", waste_reason="LEFT_OVER")
    assert told(younger)[-1] == "reservation/missed_first"
    check_books(team)

    # When he telephones the next morning that he did come, the manager opens the day again,
    clock.move_to(NOW + timedelta(days=2))
    office, tablet = team.office(), team.tablet()
    office.open("vaccination:closings", team.site.pk)
    office.click("Tuesday 12. 1. 2027")
    office.click("Open the day again")
    assert "The day is open again." in office.send("Open the day again", reason="dávka zapsaná u jmenovce")
    # and the nurse takes the record back at the elder one,
    tablet.open("vaccination:day", team.site.pk)
    tablet.click("12. 1.")
    tablet.click("Novák Karel")
    tablet.click("The dose and its paper")
    tablet.click("It was entered in error")
    assert "The record is taken back." in tablet.send("Take the record back", error="WRONG_PERSON", reason="jmenovec")
    assert "Entered in error" in tablet.text
    # (the elder one never came: he is told that the record was a mistake, and how he gets a time)
    assert "The person is told by SMS or e-mail how to get a time" in tablet.text
    assert "reservation/taken_back_first" in told(elder)
    assert "reservation/missed_first" not in told(elder)
    wrong.refresh_from_db()
    elder.refresh_from_db()
    assert (wrong.state, wrong.error, elder.doses_received) == ("IN_ERROR", "WRONG_PERSON", 0)
    # and records it from the list of that day at the younger one, with its time.
    rows = {row.registration_id: row.number for row in day_list(team.site, DAY, timezone.now()).rows}
    tablet.click("Late entry")
    tablet.send("Show", den=f"{DAY:%Y-%m-%d}")
    vial = next(value for said, value in tablet.offers("line-0-vial").items() if "8:50" in said)
    page = tablet.send(
        "Show the names",
        doctor=str(team.doctor.pk),
        line_0_row=str(rows[younger.pk]),
        line_0_time="9.05",
        line_0_vial=vial,
        line_0_all_no="on",
    )
    assert "Karel Novák, 1943" in page
    page = tablet.send("The names are right: record the doses")
    assert "1 dose is recorded: Karel Novák." in page, page
    # Then both have what is true, and so have the vial and the stock.
    right = Dose.objects.valid().get()
    younger.refresh_from_db()
    assert (right.person, right.is_late_entry, younger.doses_received) == (younger.person, True, 1)
    assert right.given_on == DAY
    assert right.consumption != wrong.consumption
    for registration, states in ((elder, {"MISSED"}), (younger, {"CONFIRMED"})):
        found = Reservation.objects.filter(registration=registration)
        assert set(found.values_list("state", flat=True)) == states
    second = Appointment.objects.get(reservation__registration=younger, dose_number=2)
    assert second.state == "BOOKED"
    assert operations_on(wrong) == ["vaccination.record_dose", "vaccination.annul_dose"]
    assert "marked as entered in error: another person was vaccinated" in timeline(elder)
    assert "was recorded, later than it was given" in timeline(younger)
    assert set(Visit.objects.values_list("state", flat=True)) == {"SENT_AWAY", "GONE"}
    check_books(team)
    # and the day is closed once more.
    office.open("vaccination:closings", team.site.pk)
    office.click("Tuesday 12. 1. 2027")
    assert "The day is closed." in office.send("Close the day")
    assert DayClosing.objects.count() == 2
    check_books(team)
