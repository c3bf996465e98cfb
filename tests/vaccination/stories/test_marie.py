"""Marie, 83, whose grandson reserves for her: both doses, from PIN2 to the paper."""

from datetime import timedelta

import time_machine

from reservation.models import Appointment
from tests.cast import MARIE
from tests.factories import NOW
from tests.vaccination.stories.conftest import (
    Team,
    at_home,
    check_books,
    find,
    let_go,
    operations_on,
    registered,
    reserve,
    timeline,
    told,
)
from vaccination.models import Dose, FilledQuestionnaire, Visit


def test_marie_and_her_grandson(team: Team, clock: time_machine.Traveller) -> None:
    # Given Marie, whose turn has come, and her grandson, who reserves for her and answers the questions at home.
    marie = registered(MARIE)
    home = at_home(MARIE)
    assert "Tuesday 12 January 2027, 10:00" in reserve(home, team.site, NOW.date() + timedelta(days=1), "10:00")
    home.click("Answer the questions")
    questions = [one for one in home.fields() if one.startswith("answer-")]
    answers = dict.fromkeys(questions, "NO") | {"answer-had-covid": "YES", "words-had-covid": "loni v březnu"}
    assert "your answers are saved" in home.send("Save the answers", **answers)

    # When they come ten minutes before the time and the registrar scans the code of the confirmation,
    clock.move_to(NOW + timedelta(days=1, minutes=50))
    team.open_vial(NOW + timedelta(days=1))
    desk, tablet = team.desk(), team.tablet()
    code = marie.reservations.get().check_in_code
    assert "booked for 10:00" in find(desk, team, code)
    assert "filled in at home, not confirmed here yet" in desk.send("Check in")
    # then Marie is on time, and the nurse goes through what was answered at home,
    visit = Visit.objects.get()
    assert (visit.came_as, visit.state) == ("ON_TIME", "ARRIVED")
    tablet.open("vaccination:day", team.site.pk)
    tablet.click("Dvořáková Marie")
    assert "The person answered at home" in tablet.click("Ask the questions")
    tablet.send("Confirm the answers")
    # and one button records the dose, also when it is pressed twice.
    tablet.click("Go on to the vaccination")
    assert "Dose 1 is recorded: Comirnaty, batch EJ6797." in tablet.send("Record dose 1 of Comirnaty")
    tablet.send_again()
    dose = Dose.objects.get()
    assert "The time fits the interval." in tablet.text
    # The paper says which dose it was and when the next one is.
    paper = tablet.click("Print the confirmation of the dose")
    for said in ("Marie Dvořáková", "Comirnaty", "EJ6797", "12. ledna 2027", "12 January 2027", "MUDr. Jan Lékař"):
        assert said in paper, said
    assert "2 February 2027, 10:00" in paper
    # She sits for a quarter of an hour and goes.
    clock.shift(timedelta(minutes=15))
    let_go(team, "Dvořáková Marie")
    visit.refresh_from_db()
    assert visit.state == "GONE"
    marie.refresh_from_db()
    assert (marie.state, marie.doses_received) == ("ACTIVE", 1)

    # When she comes again after 21 days, the answers of the first dose do not count and the questions are asked,
    clock.move_to(NOW + timedelta(days=22, minutes=60))
    team.open_vial(NOW + timedelta(days=22, minutes=30))
    desk, tablet = team.desk(), team.tablet()
    find(desk, team, "dvorak")
    desk.send("Check in")
    tablet.open("vaccination:day", team.site.pk)
    tablet.click("Dvořáková Marie")
    assert "answered at home" not in tablet.click("Ask the questions")
    tablet.send("All that is not marked: no")
    tablet.click("Go on to the vaccination")
    # then her course is done.
    assert "The series is complete" in tablet.send("Record dose 2 of Comirnaty")
    assert "MUDr. Jan Lékař" in tablet.click("Print the confirmation of the dose")
    clock.shift(timedelta(minutes=15))
    let_go(team, "Dvořáková Marie")

    marie.refresh_from_db()
    assert (marie.state, marie.doses_received) == ("COMPLETED", 2)
    assert list(Dose.objects.order_by("number").values_list("number", "state")) == [(1, "VALID"), (2, "VALID")]
    assert set(Appointment.objects.values_list("state", flat=True)) == {"FULFILLED"}
    assert FilledQuestionnaire.objects.filter(registration=marie).exclude(confirmed_at=None).count() == 2
    assert operations_on(dose) == ["vaccination.record_dose"]
    assert told(marie).count("reservation/confirmed") == 2  # an SMS and an e-mail
    said = timeline(marie)
    for one in ("The reservation was confirmed", "answered at home", "Arrived at Nemocnice Tábor", "Dose 2: Comirnaty"):
        assert one in said, one
    check_books(team)
