"""Karel, 83, faints while he sits after his first dose."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from logistics.models import Role
from registration.models import Person
from tests.cast import KAREL
from tests.factories import NOW, make_site, make_sitting, make_staff, make_worker
from tests.pages import browser, log_in, send_form, text_of, text_of_pdf
from vaccination.models import AdverseEvent, Dose, Visit

pytestmark = pytest.mark.django_db


def test_karel_faints_in_observation_and_is_well_the_next_day() -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        # Given Karel, who got his dose at nine and sits until a quarter past, and a nurse who watches.
        site = make_site()
        dose = make_sitting(site)
        Person.objects.filter(pk=dose.person_id).update(first_name=KAREL.first_name, last_name=KAREL.last_name)
        nurse = make_staff(Role.VACCINATOR, site=site, name="sestra")
        worker = make_worker(site, user=nurse, name="Petra Tichá", is_doctor=False)
        tablet = log_in(browser(), nurse)
        watching = reverse("vaccination:observation", args=[site.pk])
        assert f"{KAREL.name} , 1940" in text_of(tablet.get(watching))

        # When he faints after four minutes, the nurse lays him down, then presses 'Fainted' and writes what happened.
        clock.move_to(NOW + timedelta(minutes=7))
        reporting = reverse("vaccination:report_event", args=[site.pk, dose.pk])
        assert reporting in tablet.get(watching).content.decode()
        form = tablet.get(f"{reporting}?mdloby").content.decode()
        assert f'<option value="{worker.pk}" selected>' in form
        page = _report(tablet, reporting, reporter=worker.pk)

        # Then it stands on record as an event of anxiety that is not serious, so nothing is due at once.
        event = AdverseEvent.objects.get()
        assert (event.cause, event.is_serious, event.reporter.name) == ("ANXIETY", False, "Petra Tichá")
        assert "due without delay" not in text_of(page)

        # When the doctor keeps him a quarter of an hour longer, and he wants to go at twenty past nine,
        send_form(tablet, _of(dose, "prolong"), minutes="15", note="mdloby, rozhodl lékař")
        clock.move_to(NOW + timedelta(minutes=20))
        page = send_form(tablet, _of(dose, "leave"))
        # then he is not let go in silence,
        assert "The observation ends at 9:30, in 10 minutes." in text_of(page)
        assert Visit.objects.get().state == "OBSERVED"
        # and at half past he goes.
        clock.move_to(NOW + timedelta(minutes=30))
        send_form(tablet, _of(dose, "leave"))
        assert "Nobody is sitting here." in text_of(tablet.get(watching))
        visit = Visit.objects.get()
        assert (visit.state, visit.left_at) == ("GONE", NOW + timedelta(minutes=30))

        # When his wife telephones the next day that he was in hospital for a check and is well,
        clock.move_to(NOW + timedelta(days=1))
        tablet = log_in(browser(), nurse)  # a new day, a new session
        told = "Manželka volá: kontrola v nemocnici, bez nálezu."
        page = tablet.post(reverse("vaccination:add_to_event", args=[site.pk, event.pk]), {"text": told}, follow=True)
        # then it stands beside the report, which did not change,
        assert told in text_of(page)
        assert "Omdlel vsedě" in text_of(page)
        # and the paper for the agency says all of it without saying who he is.
        paper = text_of_pdf(tablet.get(reverse("vaccination:event_pdf", args=[site.pk, event.pk])).content)
        for said in ("K. ", "mdloby", "4 minutes", "2 minutes", told, "other health professional (3)", "EJ6797"):
            assert said in paper, said
        for hidden in (KAREL.first_name, KAREL.last_name, str(dose.person.insured_number)):
            assert hidden not in paper


def _of(dose: Dose, page: str) -> str:
    return reverse(f"vaccination:{page}", args=[dose.site_id, dose.visit_id])


def _report(tablet: Client, address: str, *, reporter: int) -> object:
    typed = {
        "r0-term": "mdloby",
        "r0-started_at": "9.04",
        "r0-ended_at": "9.06",
        "r0-outcome": "1",
        "narrative": "Omdlel vsedě, položen, po dvou minutách při vědomí.",
        "intensity": "MILD",
        "cause": "ANXIETY",
        "reporter": str(reporter),
    }
    return tablet.post(address, typed, follow=True)
