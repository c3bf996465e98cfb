"""People whose dose a rule stops until a doctor decides."""

from datetime import timedelta

import time_machine

from reservation.models import Appointment
from tests.cast import JANA, KAREL
from tests.factories import NOW
from tests.vaccination.stories.conftest import (
    Team,
    check_books,
    find,
    let_go,
    timeline,
    told,
    vaccinate,
    with_reservation,
)
from vaccination.models import Dose, RuleOverride, Visit

ALLERGY = "answer-immediate-allergy"


def test_jana_with_an_allergy_is_let_through_by_the_doctor(team: Team, clock: time_machine.Traveller) -> None:
    # Given Jana, who says at the site that she once had an allergic reaction at once after an injection.
    jana = with_reservation(JANA, team.site, day=1)
    clock.move_to(NOW + timedelta(days=1))
    team.open_vial(NOW + timedelta(days=1) - timedelta(minutes=10))
    desk, tablet = team.desk(), team.tablet()
    find(desk, team, "svobodova")
    desk.send("Check in")
    tablet.open("vaccination:day", team.site.pk)
    tablet.click("Svobodová Jana")
    tablet.click("Ask the questions")
    typed = {"answer-component-allergy": "YES", "words-component-allergy": "PEG", ALLERGY: "YES"}
    page = tablet.send("All that is not marked: no", **typed)
    assert "Stop." in page
    assert "Observe for 30 minutes." in page
    # When the nurse goes on, the doctor has to decide; without a reason nothing is recorded.
    page = tablet.click("Go on: a doctor decides")
    assert "The doctor decides" in page
    assert "Write the reason of the doctor" in tablet.send("Record dose 1")
    assert not Dose.objects.exists()
    # When the doctor looked at her and says why, the dose is recorded and she sits for half an hour.
    reasons = {one: "reakce na jinou látku, ověřeno ve zprávě" for one in tablet.fields() if one.startswith("reason-")}
    assert reasons
    assert "The person sits until 9:30." in tablet.send("Record dose 1", **reasons)
    clock.shift(timedelta(minutes=20))
    assert "The observation ends at 9:30" in let_go(team, "Svobodová Jana")
    assert Visit.objects.get().state == "OBSERVED"
    clock.shift(timedelta(minutes=10))
    let_go(team, "Svobodová Jana")
    assert Visit.objects.get().state == "GONE"
    # Then the manager sees what was overridden, why and by whom; the timeline tells no answer.
    page = team.office().open("vaccination:overrides", team.site.pk)
    for one in ("reakce na jinou látku", "MUDr. Jan Lékař", "J. S., 1985"):
        assert one in page, one
    assert RuleOverride.objects.count() == len(reasons)
    assert "MUDr. Jan Lékař let dose 1 be given against a rule" in timeline(jana)
    assert "PEG" not in timeline(jana)
    jana.refresh_from_db()
    assert jana.doses_received == 1
    check_books(team)


def test_karel_comes_for_the_second_dose_three_days_early(team: Team, clock: time_machine.Traveller) -> None:
    # Given Karel, who had his first dose on Monday and comes three days before the interval is over.
    karel = with_reservation(KAREL, team.site, clock="10:00")
    clock.move_to(NOW + timedelta(minutes=50))
    desk, tablet = team.desk(), team.tablet()
    find(desk, team, "novak")
    desk.send("Check in")
    vaccinate(tablet, team, "Novák Karel")
    clock.shift(timedelta(minutes=15))
    let_go(team, "Novák Karel")

    clock.move_to(NOW + timedelta(days=18))
    team.open_vial(NOW + timedelta(days=18) - timedelta(minutes=10))
    desk, tablet = team.desk(), team.tablet()
    # When he is found, the page says that he is booked for another day; he may be checked in all the same.
    page = find(desk, team, "novak")
    assert "Not in this list, but booked here for another day" in page
    desk.click("Novák Karel")
    assert "but for another day: Monday 1. 2. 2027 at 10:00" in desk.text
    desk.click("Check in here today")
    desk.send("Check in today", vaccine="comirnaty")
    assert Visit.objects.get(day=NOW.date() + timedelta(days=18)).came_as == "OTHER_DAY"
    # Then the rule says from which day on, and asks the doctor.
    tablet.open("vaccination:day", team.site.pk)
    tablet.click("Novák Karel")
    tablet.click("Ask the questions")
    tablet.send("All that is not marked: no")
    page = tablet.click("Go on to the vaccination")
    assert "Days since the dose before: 18" in page
    # The doctor does not agree: he is sent away without a dose, and a time of his own is found again.
    tablet.click("Back without recording")
    tablet.click("Send away without a dose")
    tablet.send("Send away", why="MEDICAL", note="přišel o tři dny dříve")
    # From there the nurse gives him a time of his own again, and he is told.
    page = tablet.click("Time of the next dose")
    assert "The time is too early. Choose another one." in page
    before = told(karel).count("reservation/arranged")
    assert "Dose 2: 1. 2. 2027 10:00, Nemocnice Tábor." in tablet.send("1. 2. 2027 10:00")
    assert told(karel).count("reservation/arranged") == before + 1
    second = Appointment.objects.get(dose_number=2)
    assert (second.slot.day, second.state) == (NOW.date() + timedelta(days=21), "BOOKED")
    assert Dose.objects.valid().count() == 1

    # On that day he gets it.
    clock.move_to(NOW + timedelta(days=21, minutes=60))
    team.open_vial(NOW + timedelta(days=21, minutes=50))
    desk, tablet = team.desk(), team.tablet()
    find(desk, team, "novak")
    desk.send("Check in")
    assert "The series is complete" in vaccinate(tablet, team, "Novák Karel")
    karel.refresh_from_db()
    assert (karel.state, karel.doses_received) == ("COMPLETED", 2)
    assert "Left without a dose: postponed for health reasons" in timeline(karel)
    check_books(team)
