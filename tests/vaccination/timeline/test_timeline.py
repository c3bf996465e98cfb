"""A person's timeline: complete, readable, and every opening of it written down."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.utils import timezone

from crs import history
from crs.messaging.models import Message
from logistics.models import Role, VaccinationSite
from registration.models import Person, Registration, RegistrationClaim
from tests import pages
from tests.factories import (
    NOW,
    at,
    make_dose,
    make_invitation,
    make_open_vial,
    make_registration,
    make_reservation,
    make_site,
    make_slot,
    make_staff,
    make_visit,
    make_worker,
)
from tests.pages import log_in, text_of
from vaccination.models import (
    AdverseEvent,
    AdverseEventAddition,
    FilledQuestionnaire,
    Questionnaire,
    RuleOverride,
    TimelineOpening,
    Visit,
)
from vaccination.operations import Operation
from vaccination.timeline import entries, openings, sources

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@dataclass
class Story:
    """A person with something of everything."""

    registration: Registration
    visit: Visit
    dose: Any


@pytest.fixture
def site() -> VaccinationSite:
    return make_site()


@pytest.fixture
def story(site: VaccinationSite) -> Story:
    registration = make_registration(phone="+420601234567", email="marie@example.cz")
    make_invitation(registration, revoked_at=NOW)
    RegistrationClaim.objects.create(
        number="2", person=registration.person, phone="+420602345678", typed='{"birth_date": "1980-01-01"}'
    )
    reservation = make_reservation(registration, site=site)
    nurse = make_staff(Role.VACCINATOR, site=site, name="sestra")
    FilledQuestionnaire.objects.create(
        registration=registration,
        questionnaire=Questionnaire.objects.get(),
        dose_number=1,
        answers='{"ill": "SECRET"}',
        filled_at=NOW - timedelta(days=1),
    )
    visit = make_visit(registration, site=site, checked_in_by=nurse)
    FilledQuestionnaire.objects.update(visit=visit, confirmed_at=NOW, confirmed_by=nurse)
    dose = make_dose(visit, make_open_vial(site), recorded_by=nurse)
    doctor = make_worker(site, name="MUDr. Jan Malý")
    RuleOverride.objects.create(
        dose=dose, rule="x", finding="SECRET", reason="SECRET", doctor=doctor, overridden_by=nurse, overridden_at=NOW
    )
    event = AdverseEvent.objects.create(
        dose=dose, intensity="MILD", narrative="SECRET", reporter=doctor, recorded_at=NOW, seriousness=["DEATH"]
    )
    AdverseEventAddition.objects.create(event=event, text="SECRET", added_at=NOW, added_by=nurse)
    with history.recording(Operation.NULLIFY_EVENT, by=nurse, reason="jiná osoba"):
        event.state = "NULLIFIED"
        event.save()
    with history.recording(Operation.CORRECT_DOSE, by=nurse, reason="druhá paže"):
        dose.where = "RIGHT_ARM"
        dose.save()
    with history.recording(Operation.ANNUL_DOSE, by=nurse, reason="spletla jsem se"):
        dose.state, dose.error = "IN_ERROR", "WRONG_PERSON"
        dose.save()
    registration.email = "jiny@example.cz"
    registration.save()
    second = reservation.appointments.get(dose_number=2)
    second.slot = make_slot(30, "13:15", "ANY", site=site)
    second.save()
    second.state = "MISSED"
    second.save()
    Message.objects.create(
        channel="SMS",
        recipient="+420601234567",
        template="reservation/confirmed",
        language="cs",
        text="SECRET",
        reference=str(reservation.pk),
        state="DELIVERED",
    )
    return Story(registration, visit, dose)


@pytest.fixture
def nurse(site: VaccinationSite) -> Client:
    return pages.english(log_in(Client(), make_staff(Role.VACCINATOR, site=site, name="setra-2")))


def address(site: VaccinationSite, registration: Registration) -> str:
    return f"/ockovani/{site.pk}/prubeh/{registration.pk}/"


def texts(person: Person) -> str:
    return "\n".join(f"{one.text} / {one.reason} / {one.by}" for one in entries.entries_of(person))


# --- what it tells ------------------------------------------------------------------------------


def test_every_source_tells_its_part_of_a_story(story: Story, english_texts: None) -> None:
    registration = story.registration
    rows = entries.Rows((registration.person_id,), (registration.pk,))
    silent = [source.__name__ for source in sources.ALL if not list(source(rows))]
    assert silent == []
    assert set(sources.ALL) <= set(entries.sources())
    told = texts(registration.person)
    for words in (
        "Registered in the portal",
        "Somebody with another telephone",
        "Invited to reserve, until 25. 1. 2027 9:00",
        "PIN2 was replaced",
        "Times were chosen: dose 1 on 11. 1. 2027 9:00, Nemocnice Tábor /",
        "The reservation was confirmed",
        "Dose 2 has its time on 10. 2. 2027 13:15, Nemocnice Tábor",
        "The person did not come for dose 2",
        "Arrived at Nemocnice Tábor, on time /  / sestra",
        "The questions before dose 1 were answered at home",
        "The answers before dose 1 were confirmed /  / sestra",
        "Dose 1: Comirnaty, batch",
        "The record of dose 1 was corrected / druhá paže / sestra",
        "entered in error: another person was vaccinated / spletla jsem se / sestra",
        "MUDr. Jan Malý let dose 1 be given against a rule",
        "A serious adverse event after dose 1 was reported",
        "Something was added to an adverse event",
        "The report of an adverse event was nullified / jiná osoba / sestra",
        "Changed: e-mail",
        "SMS: the confirmation of the reservation (delivered)",
    ):
        assert words in told, words
    assert "SECRET" not in told
    assert "jiny@example.cz" not in told


def test_a_check_in_taken_back_and_a_person_sent_away_are_told(site: VaccinationSite, english_texts: None) -> None:
    registration = make_registration()
    visit = make_visit(registration, site=site)
    with history.recording(Operation.UNDO_CHECK_IN, reason="omyl"):
        visit.state = "UNDONE"
        visit.save()
    make_visit(registration, site=site, state="SENT_AWAY", sent_away="MEDICAL", left_at=NOW)
    told = texts(registration.person)
    assert "The check-in was taken back / omyl" in told
    assert "Left without a dose: postponed for health reasons" in told


def test_a_time_that_was_given_back_stays_on_the_timeline(site: VaccinationSite, english_texts: None) -> None:
    reservation = make_reservation(site=site, day=1, is_by_staff=True)
    reservation.appointments.get(dose_number=2).delete()
    told = texts(reservation.registration.person)
    assert "The time of dose 2 was given back" in told
    assert "dose 1 on 12. 1. 2027 9:00" in told


def test_a_reservation_tells_its_times_and_those_that_staff_arranged_later(
    site: VaccinationSite, english_texts: None
) -> None:
    registration = make_registration()
    make_reservation(registration, site=site, is_by_staff=True)
    told = texts(registration.person)
    assert "Staff made a reservation: dose 1 on 11. 1. 2027 9:00, Nemocnice Tábor. Arranged later: dose 2 on" in told


def test_messages_to_a_telephone_of_the_family_stay_out_unless_they_name_the_person(
    site: VaccinationSite, english_texts: None
) -> None:
    marie, josef = (make_registration(phone="+420601234567") for _ in range(2))
    for one in ("", marie.number, josef.number):
        Message.objects.create(
            channel="SMS", recipient="+420601234567", template="x/y", language="cs", text="", reference=one
        )
    rows = entries.Rows((marie.person_id,), (marie.pk,))
    assert len(list(sources.messages(rows))) == 1
    Registration.objects.filter(pk=josef.pk).update(phone="+420602345678")
    assert len(list(sources.messages(rows))) == 2


def test_a_merged_person_brings_what_happened_before(site: VaccinationSite, english_texts: None) -> None:
    old, new = make_registration(), make_registration()
    make_invitation(old)
    Person.objects.filter(pk=old.person_id).update(merged_into=new.person)
    assert "Invited to reserve" in texts(new.person)


def test_the_newest_comes_first_and_days_are_those_of_prague() -> None:
    late = entries.Entry(at(NOW.date(), "23:30"), entries.Kind.OTHER, "x")
    early = entries.Entry(at(NOW.date(), "00:30"), entries.Kind.OTHER, "y")
    assert [day for day, _ in entries.by_day([late, early])] == [NOW.date()]


# --- who sees it --------------------------------------------------------------------------------


def test_with_a_visit_today_the_page_opens_at_once_and_that_is_written_down(
    story: Story, nurse: Client, site: VaccinationSite
) -> None:
    page = nurse.get(address(site, story.registration))
    text = page.content.decode()
    assert "Nováková Jana" in text_of(page)
    assert "Jana" not in text[text.index("<title>") : text.index("</title>")]
    assert "SECRET" not in text
    opening = TimelineOpening.objects.get()
    assert (opening.person, opening.site, opening.reason) == (story.registration.person, site, "here_today")
    (read,) = openings.openings_of(story.registration.person)
    assert (read.by, read.site, read.at) == ("setra-2", "Nemocnice Tábor", opening.opened_at)
    assert str(read.reason) != "here_today"


def test_another_day_the_page_asks_for_a_reason_first(nurse: Client, site: VaccinationSite) -> None:
    registration = make_registration()
    make_reservation(registration, site=site, day=3)
    path = address(site, registration)
    assert "Why do you open it?" in text_of(nurse.get(path))
    for nothing in ("", "  ", "...", "\u200b\u200b\u200b"):
        assert "Write why you open the timeline." in text_of(nurse.post(path, {"reason": nothing}))
    assert not TimelineOpening.objects.exists()
    page = pages.send_form(nurse, path, reason="volala kvůli druhé dávce")
    assert "Registered in the portal" in text_of(page)
    assert TimelineOpening.objects.get().reason == "volala kvůli druhé dávce"


def test_a_page_that_is_sent_again_is_one_opening(nurse: Client, site: VaccinationSite) -> None:
    registration = make_registration()
    make_reservation(registration, site=site, day=3)
    path = address(site, registration)
    form = {"form_key": pages.form_key(nurse.get(path)), "reason": "volala"}
    for _ in range(2):
        assert "Registered in the portal" in text_of(nurse.post(path, form))
    assert TimelineOpening.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_opening_stays_written_when_the_page_fails(site: VaccinationSite, monkeypatch: pytest.MonkeyPatch) -> None:
    with transaction.atomic():  # a reservation has both its doses at the commit
        registration = make_registration()
        make_visit(registration, site=site)
    nurse = log_in(Client(raise_request_exception=False), make_staff(Role.VACCINATOR, site=site))
    monkeypatch.setattr(entries, "_sources", [lambda rows: 1 / 0])
    assert nurse.get(address(site, registration)).status_code == 500
    assert TimelineOpening.objects.count() == 1


def test_people_who_have_nothing_to_do_with_the_site_are_not_found(
    story: Story, nurse: Client, site: VaccinationSite
) -> None:
    stranger, looker = make_registration(), make_registration()
    make_reservation(stranger, site=make_site("Jinde", "CZ0642"))
    make_reservation(looker, site=site, day=4, state="EXPIRED", confirmed_at=None)
    for registration in (stranger, looker):
        assert nurse.get(address(site, registration)).status_code == 404
        assert pages.send_form(nurse, address(site, registration), reason="zvědavost").status_code == 404
    assert nurse.get(f"/ockovani/{site.pk}/prubeh/999999/").status_code == 404
    assert not TimelineOpening.objects.exists()


def test_staff_of_another_site_and_other_roles_are_refused(story: Story, site: VaccinationSite) -> None:
    other = make_site("Jinde", "CZ0642")
    elsewhere = log_in(Client(), make_staff(Role.VACCINATOR, site=other))
    keeper = log_in(Client(), make_staff(Role.STOCK_KEEPER, site=site))
    for client, where in ((elsewhere, site), (elsewhere, other), (keeper, site)):
        assert client.get(address(where, story.registration)).status_code == 404
    assert not TimelineOpening.objects.exists()


def test_the_ministry_opens_everybodys_with_a_reason(site: VaccinationSite) -> None:
    registration = make_registration()
    ministry = pages.english(log_in(Client(), make_staff(Role.MINISTRY)))
    assert "Why do you open it?" in text_of(ministry.get(address(site, registration)))
    pages.send_form(ministry, address(site, registration), reason="stížnost 12/2027")
    opening = TimelineOpening.objects.get()
    assert (opening.site, opening.reason) == (None, "stížnost 12/2027")
    assert timezone.localdate(opening.opened_at) == NOW.date()


def test_the_page_asks_the_database_a_bounded_number_of_times(
    story: Story, nurse: Client, site: VaccinationSite, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(60):
        nurse.get(address(site, story.registration))


def test_the_ministry_is_asked_for_a_reason_also_where_the_person_is_at_the_site_today(site: VaccinationSite) -> None:
    visit = make_visit(site=site)
    ministry = pages.english(log_in(Client(), make_staff(Role.MINISTRY)))
    page = text_of(ministry.get(address(site, visit.registration)))
    assert "Say why you look: your name" in page
    assert "not at the site today" not in page
    assert not TimelineOpening.objects.exists()


# To those who run the campaign, never to a person.
TO_OPERATORS = {"certificates/burst", "certificates/signing_keys", "registration/sms_cap"}


def test_every_message_to_people_has_a_name() -> None:
    folder = Path(settings.BASE_DIR) / "templates"
    rooms = ("registration", "reservation", "vaccination", "certificates")
    paths = [path for room in rooms for path in (folder / room / "messages").glob("*.txt")]
    written = {f"{path.parts[-3]}/{path.name.partition('.')[0]}" for path in paths} - TO_OPERATORS
    assert len(written) > 50
    assert written - set(sources.names_of_messages()) == set()
