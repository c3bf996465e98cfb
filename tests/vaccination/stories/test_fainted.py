"""Karel, 83, faints while he sits after his first dose."""

from datetime import timedelta

import time_machine

from tests.cast import KAREL
from tests.factories import NOW
from tests.vaccination.stories.conftest import (
    Team,
    check_books,
    find,
    timeline,
    vaccinate,
    with_reservation,
)
from vaccination.models import AdverseEvent, Visit


def test_karel_faints_in_observation_and_is_well_the_next_day(team: Team, clock: time_machine.Traveller) -> None:
    nine = NOW + timedelta(days=1)
    # Given Karel, who got his dose at nine and sits until a quarter past, and a nurse who watches.
    karel = with_reservation(KAREL, team.site, day=1)
    clock.move_to(nine)
    team.open_vial(nine - timedelta(minutes=10))
    desk, tablet = team.desk(), team.tablet()
    find(desk, team, "novak")
    desk.send("Check in")
    vaccinate(tablet, team, "Novák Karel")
    assert f"{KAREL.last_name} {KAREL.first_name} , 1936" in tablet.open("vaccination:observation", team.site.pk)

    # When he faints after four minutes, the nurse lays him down, then presses 'Fainted' and writes what happened.
    clock.move_to(nine + timedelta(minutes=7))
    tablet.open("vaccination:observation", team.site.pk)
    tablet.click("Fainted")
    assert tablet.field("reporter") == str(team.worker.pk)
    page = tablet.send(
        "Record the event",
        r0_term="mdloby",
        r0_started_at="9.04",
        r0_ended_at="9.06",
        r0_outcome="1",
        narrative="Omdlel vsedě, položen, po dvou minutách při vědomí.",
        intensity="MILD",
        cause="ANXIETY",
    )
    # Then it stands on record as an event of anxiety that is not serious, so nothing is due at once.
    event = AdverseEvent.objects.get()
    assert (event.cause, event.is_serious, event.reporter) == ("ANXIETY", False, team.worker)
    assert "due without delay" not in page

    # When the doctor keeps him a quarter of an hour longer, and he wants to go at twenty past nine,
    tablet.open("vaccination:observation", team.site.pk)
    tablet.click("Keep longer")
    tablet.send("Keep longer", minutes="15", note="mdloby, rozhodl lékař")
    clock.move_to(nine + timedelta(minutes=20))
    tablet.open("vaccination:observation", team.site.pk)
    # then he is not let go in silence,
    assert "The observation ends at 9:30, in 10 minutes." in tablet.send("Has gone : Novák Karel")
    assert Visit.objects.get().state == "OBSERVED"
    # and at half past he goes.
    clock.move_to(nine + timedelta(minutes=30))
    tablet.click("Back: the person stays")
    assert "Nobody is sitting here." in tablet.send("Has gone : Novák Karel")
    visit = Visit.objects.get()
    assert (visit.state, visit.left_at) == ("GONE", nine + timedelta(minutes=30))

    # When his wife telephones the next day that he was in hospital for a check and is well,
    clock.move_to(nine + timedelta(days=1))
    tablet = team.tablet()
    told = "Manželka volá: kontrola v nemocnici, bez nálezu."
    tablet.open("vaccination:events", team.site.pk)
    tablet.click("9:07")
    page = tablet.send("Add", text=told)
    # then it stands beside the report, which did not change,
    assert told in page
    assert "Omdlel vsedě" in page
    # and the paper for the agency says all of it without saying who he is.
    paper = tablet.click("PDF")
    for said in ("K. ", "mdloby", "4 minutes", "2 minutes", told, "other health professional (3)", "EJ6797"):
        assert said in paper, said
    for hidden in (KAREL.first_name, KAREL.last_name, str(karel.person.insured_number)):
        assert hidden not in paper
    assert "An adverse event after dose 1 was reported" in timeline(karel)
    check_books(team)
