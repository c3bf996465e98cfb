"""People who come otherwise than they booked: late, to another site, or without any appointment."""

from datetime import timedelta

import time_machine

from registration.models import Person, Registration
from reservation.models import Appointment, Slot
from tests.cast import JANA, KAREL, PETR
from tests.factories import NOW
from tests.vaccination.stories.conftest import (
    Team,
    check_books,
    find,
    let_go,
    make_team,
    timeline,
    told,
    vaccinate,
    with_reservation,
)
from vaccination.models import Dose, Visit

SECOND = NOW.date() + timedelta(days=21)


def test_karel_comes_an_hour_late(team: Team, clock: time_machine.Traveller) -> None:
    # Given Karel with an appointment at nine, whose bus did not come.
    karel = with_reservation(KAREL, team.site, day=1)
    clock.move_to(NOW + timedelta(days=1, minutes=61))
    team.open_vial(NOW + timedelta(days=1, minutes=30))
    desk, tablet = team.desk(), team.tablet()
    assert "late" in desk.open("vaccination:day", team.site.pk)
    # When the registrar finds him by a part of his name, his lateness is told and is no obstacle.
    page = find(desk, team, "nova")
    assert "booked for 9:00" in page
    assert "more than 30 minutes after" in page
    desk.send("Check in")
    assert Visit.objects.get().came_as == "LATE"
    # Then he gets his dose, and the second one stays as it was booked.
    page = vaccinate(tablet, team, "Novák Karel")
    assert "The time fits the interval." in page
    clock.shift(timedelta(minutes=15))
    let_go(team, "Novák Karel")
    assert sorted(Appointment.objects.values_list("dose_number", "state")) == [(1, "FULFILLED"), (2, "BOOKED")]
    assert "late" in timeline(karel)
    assert "reservation/missed_first" not in told(karel)
    check_books(team)


def test_jana_comes_to_the_wrong_site(team: Team, clock: time_machine.Traveller) -> None:
    # Given Jana, who reserved in Písek and comes to Tábor at the time that she reserved there.
    other = make_team("Nemocnice Písek", district="CZ0314")
    jana = with_reservation(JANA, other.site, day=1)
    booked = Appointment.objects.get(dose_number=1).slot_id
    clock.move_to(NOW + timedelta(days=1))
    team.open_vial(NOW + timedelta(days=1) - timedelta(minutes=10))
    desk, tablet = team.desk(), team.tablet()
    # When she is looked for by her name, the page says how to go on; her number finds her.
    assert "insured person's number" in find(desk, team, "Svobodová")
    page = find(desk, team, "855620/1236")
    assert "booked today at 9:00 at another site: Nemocnice Písek" in page
    desk.click("Check in here today")
    desk.send("Check in today", vaccine="comirnaty", phone="603 456 780")
    # Then her seat moved here, the one in Písek is free again, and her telephone is the one that she said today.
    visit = Visit.objects.get()
    assert (visit.site, visit.came_as, visit.over_capacity_reason) == (team.site, "OTHER_SITE", "")
    assert Slot.objects.get(pk=booked).booked == 0
    jana.refresh_from_db()
    assert str(jana.phone) == "+420603456780"
    page = vaccinate(tablet, team, "Svobodová Jana")
    # Her second dose stays in Písek, and the page says so.
    assert "Nemocnice Písek" in page
    clock.shift(timedelta(minutes=15))
    let_go(team, "Svobodová Jana")
    assert other.desk().open("vaccination:day", other.site.pk).count("Svobodová") == 0
    second = Appointment.objects.get(dose_number=2)
    assert (second.slot.site, second.state) == (other.site, "BOOKED")
    assert "another site" in timeline(jana)
    check_books(team, other)


def test_petr_walks_in_without_a_telephone(team: Team, clock: time_machine.Traveller) -> None:
    # Given Petr, who never registered and has no telephone; the calendar of today is full.
    Slot.objects.filter(day=NOW.date()).update(capacity=0)
    desk, tablet = team.desk(), team.tablet()
    assert "Nobody like that was found." in find(desk, team, PETR.insured_number)
    # When the registrar looks for him by the number that she typed, and registers him on the spot,
    desk.send("Look for a person without an appointment")
    desk.send("Register and go on", insurer="211", first_name="Petr", last_name="Černý", consent="on", city="Praha")
    petr = Registration.objects.get()
    assert (str(petr.phone or ""), petr.registered_at_site) == ("", team.site)
    # then no seat is free, and the page asks why he is taken over the calendar.
    assert "Why over the calendar" in desk.send("Check in today", vaccine="comirnaty", identity="INSURANCE_CARD")
    desk.send("Check in today", over_reason="přijel z daleka")
    visit = Visit.objects.get()
    assert (visit.came_as, visit.over_capacity_reason) == ("WALK_IN", "přijel z daleka")
    # When he was vaccinated, a time of the second dose is offered at once, for nobody can call him.
    page = vaccinate(tablet, team, "Černý Petr")
    assert "The person has no time for the next dose. Choose one." in page
    assert "Dose 2: 1. 2. 2027 9:00, Nemocnice Tábor." in tablet.send("1. 2. 2027 9:00")
    second = Appointment.objects.get(dose_number=2)
    assert (second.slot.day, second.state) == (SECOND, "BOOKED")
    # Then the paper, which is all that he has, says when to come.
    assert "1 February 2027, 9:00" in tablet.click("Print the confirmation of the dose")
    clock.shift(timedelta(minutes=15))
    let_go(team, "Černý Petr")
    assert told(petr) == []
    for one in ("přijel z daleka", "Staff made a reservation", "Dose 1: Comirnaty"):
        assert one in timeline(petr), one
    # When he comes for the second dose, the list has him.
    clock.move_to(NOW + timedelta(days=21))
    team.open_vial(NOW + timedelta(days=21) - timedelta(minutes=10))
    desk, tablet = team.desk(), team.tablet()
    find(desk, team, "cerny")
    desk.send("Check in")
    assert "The series is complete" in vaccinate(tablet, team, "Černý Petr")
    petr.refresh_from_db()
    assert (petr.state, petr.doses_received) == ("COMPLETED", 2)
    check_books(team)


def test_olena_with_a_ukrainian_passport(team: Team, clock: time_machine.Traveller) -> None:
    # Given Olena, whose name is in another script, and who has no Czech number.
    desk, tablet = team.desk(), team.tablet()
    desk.open("vaccination:day", team.site.pk)
    desk.open("vaccination:walk_in", team.site.pk)
    desk.send("Go on with the document", document_type="PASSPORT", document_country="UA", document_number="fe 123 456")
    olena = {"first_name": "Олена", "last_name": "Шевченко", "birth": "24. 8. 1991", "sex": "F", "consent": "on"}
    # When the registrar writes her name as it is, the page asks for the spelling of the passport.
    assert "as the travel document" in desk.send("Register and go on", **olena)
    desk.send("Register and go on", latin_first_name="Olena", latin_last_name="Shevchenko", email="olena@example.com")
    person = Person.objects.get()
    assert (person.document_number, person.insured_number) == ("FE123456", None)
    desk.send("Check in today", vaccine="comirnaty", identity="PASSPORT")
    # Then the paper has both spellings,
    vaccinate(tablet, team, "Шевченко Олена")
    tablet.send("1. 2. 2027 9:00")
    paper = tablet.click("Print the confirmation of the dose")
    for said in ("Олена Шевченко", "OLENA SHEVCHENKO", "24 August 1991"):
        assert said in paper, said
    clock.shift(timedelta(minutes=15))
    let_go(team, "Шевченко Олена")
    assert told(Registration.objects.get()) == ["registration/registered_at_site", "reservation/arranged"]

    # and when she comes for the second dose on another day, her passport finds her and nobody is registered twice.
    clock.move_to(NOW + timedelta(days=22))
    team.open_vial(NOW + timedelta(days=22) - timedelta(minutes=10))
    desk, tablet = team.desk(), team.tablet()
    desk.open("vaccination:walk_in", team.site.pk)
    page = desk.send(
        "Go on with the document", document_type="PASSPORT", document_country="UA", document_number="FE-123456"
    )
    assert "Dose 2" in page
    assert "the person did not come" in page
    desk.send("Check in today", vaccine="comirnaty", identity="PASSPORT")
    assert "The series is complete" in vaccinate(tablet, team, "Шевченко Олена")
    registration = Registration.objects.get()
    assert (registration.state, registration.doses_received) == ("COMPLETED", 2)
    assert Visit.objects.get(day=SECOND + timedelta(days=1)).came_as == "OTHER_DAY"
    assert Dose.objects.valid().count() == 2
    # The search of the day takes the Latin spelling as well as the other one.
    assert "Шевченко" in find(desk, team, "shevchenko")
    check_books(team)
