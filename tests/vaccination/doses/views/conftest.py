"""A station with an open vial, a nurse, a doctor, and somebody who waits for a dose."""

from collections.abc import Mapping
from dataclasses import dataclass

import pytest
from django.contrib.auth.models import User
from django.test import Client

from crs.sent_forms import NO_FORM
from logistics.models import Role, VaccinationSite
from logistics.stock.ledger import EntryContext
from registration.models import Registration
from tests.factories import NOW, make_open_vial, make_site, make_staff, make_visit, make_worker
from tests.pages import browser, log_in
from vaccination.models import HealthWorker, VialSession, Visit
from vaccination.models.questions import Answer
from vaccination.questions import answers
from vaccination.questions.answers import Answered


def _answered(said: str | Answered) -> Answered:
    return said if isinstance(said, Answered) else Answered(Answer(said))


@dataclass
class Room:
    """What a nurse has around her."""

    site: VaccinationSite
    user: User
    nurse: HealthWorker
    doctor: HealthWorker
    vial: VialSession
    client: Client

    def waiting(
        self, registration: Registration | None = None, said: Mapping[str, str | Answered] | None = None
    ) -> Visit:
        """Somebody who was checked in and asked; what is not `said` was answered by no."""
        visit = make_visit(registration, site=self.site)
        asked = answers.valid_on(visit.day)
        all_said = {one.code: _answered((said or {}).get(one.code, "NO")) for one in asked.questions.all()}
        context = EntryContext(by=self.user, now=NOW, form=NO_FORM)
        answers.fill(visit=visit, questionnaire=asked, answers=all_said, context=context)
        return visit

    def typed(self, **changes: object) -> dict[str, object]:
        """What the browser sends of the untouched screen, with `changes`."""
        untouched = {
            "vial": self.vial.pk,
            "number": 1,
            "where": "LEFT_ARM",
            "doctor": self.doctor.pk,
            "given_by": self.nurse.pk,
        }
        return {**untouched, **changes}


@pytest.fixture
def room() -> Room:
    site = make_site()
    user = make_staff(Role.VACCINATOR, site=site)
    nurse = make_worker(site, user=user, name="Bc. Iva Sestřičková", is_doctor=False)
    doctor = make_worker(site, name="MUDr. Jan Lékař")
    return Room(site, user, nurse, doctor, make_open_vial(site), log_in(browser(), user))
