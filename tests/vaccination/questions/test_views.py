"""The pages of the questions: at home in the session of PIN2, and at the site."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from logistics.models import Role, VaccinationSite
from registration.models import Registration
from reservation.models import Reservation
from tests import pages
from tests.factories import (
    NOW,
    make_dose,
    make_invitation,
    make_open_vial,
    make_registration,
    make_reservation,
    make_site,
    make_staff,
    make_visit,
)
from tests.pages import Page, log_in, text_of
from tests.reservation.conftest import log_in as log_in_with_pin2
from vaccination.models import FilledQuestionnaire, Question, Visit
from vaccination.questions import answers

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

HOME = "/ockovani/dotaznik/"
CONFIRMED = "/rezervace/hotovo/"


def said(**changes: str) -> dict[str, str]:
    """Every question answered by no, but for `changes`."""
    codes = Question.objects.values_list("code", flat=True)
    return {f"answer-{code}": "NO" for code in codes} | {
        name.replace("_", "-").replace("--", "-"): value for name, value in changes.items()
    }


@pytest.fixture
def site() -> VaccinationSite:
    return make_site()


@pytest.fixture
def marie(site: VaccinationSite) -> Registration:
    registration = make_registration(phone="+420601234567")
    make_invitation(registration)
    make_reservation(registration, site=site)
    return registration


@pytest.fixture
def inside(client: Client, marie: Registration) -> Client:
    """Marie's browser after logging in."""
    pages.english(client)
    assert log_in_with_pin2(client).status_code == 302
    return client


@pytest.fixture
def nurse(site: VaccinationSite) -> Client:
    return pages.english(log_in(Client(), make_staff(Role.VACCINATOR, site=site)))


def address(visit: Visit) -> str:
    return f"/ockovani/{visit.site_id}/navstevy/{visit.pk}/dotaznik/"


def send(client: Client, path: str, **fields: Any) -> Page:
    return pages.send_form(client, path, **fields)


def send_shown(client: Client, visit: Visit, **fields: Any) -> Page:
    """Send the form of the site as the page shows it, with `fields` instead of what stands there."""
    page = client.get(address(visit))
    form = page.context["form"]
    values = {bound.name: bound.value() or "" for bound in form}
    return send(client, address(visit), **(values | fields))


# --- at home ------------------------------------------------------------------------------------


def test_the_page_of_the_reservation_leads_to_the_questions(inside: Client) -> None:
    assert f'href="{HOME}"' in inside.get(CONFIRMED).content.decode()


def test_a_person_answers_at_home_and_may_change_it(inside: Client, marie: Registration) -> None:
    page = inside.get(HOME)
    assert "Nothing is decided by them now" in text_of(page)
    assert "do not come" in text_of(page)
    assert (
        send(inside, HOME, **said(answer_bleeding="YES", words_bleeding="War\u200bfarin")).headers["Location"] == HOME
    )
    assert 'value="Warfarin"' in inside.get(HOME).content.decode()
    send(inside, HOME, **said())
    filled = FilledQuestionnaire.objects.get()
    assert (filled.registration, filled.filled_by, filled.visit) == (marie, None, None)
    assert answers.read(filled)["bleeding"].answer == "NO"


def test_questions_left_out_are_counted_and_named_and_what_was_chosen_stays(inside: Client) -> None:
    page = send(inside, HOME, **{"answer-ill": "UNSURE", "words-ill": "rýma"})
    missing = Question.objects.count() - 1
    assert f"{missing} answers are missing." in pages.summary(page)
    assert page.content.decode().count("Please choose one of the three answers.") == missing
    assert page.context["form"]["answer-ill"].value() == "UNSURE"
    assert 'value="rýma"' in page.content.decode()
    assert not FilledQuestionnaire.objects.exists()


def test_whoever_is_checked_in_tells_the_staff(inside: Client, marie: Registration, site: VaccinationSite) -> None:
    make_visit(marie, site=site)
    assert "Please tell the staff what has changed" in text_of(inside.get(HOME))
    assert send(inside, HOME, **said()).headers["Location"] == CONFIRMED
    assert not FilledQuestionnaire.objects.exists()


def test_without_a_reservation_there_is_nothing_to_answer(inside: Client, marie: Registration) -> None:
    Reservation.objects.update(state="CANCELLED")
    assert inside.get(HOME).headers["Location"] == CONFIRMED
    assert send(inside, HOME, **said()).headers["Location"] == CONFIRMED


def test_a_browser_that_is_not_logged_in_is_asked_to_log_in(client: Client, marie: Registration) -> None:
    assert client.get(HOME).headers["Location"] == "/rezervace/"
    assert send(client, HOME, **said()).headers["Location"] == "/rezervace/"
    assert not FilledQuestionnaire.objects.exists()


def test_another_persons_session_reads_and_writes_its_own_answers(
    inside: Client, marie: Registration, site: VaccinationSite
) -> None:
    send(inside, HOME, **said(answer_bleeding="YES", words_bleeding="Warfarin"))
    other = make_registration(phone="+420602345678")
    make_invitation(other)
    make_reservation(other, site=site, clock="10:00")
    theirs = pages.english(Client())
    log_in_with_pin2(theirs, phone="602 345 678")
    assert 'value="Warfarin"' not in theirs.get(HOME).content.decode()
    send(theirs, HOME, **said())
    assert FilledQuestionnaire.objects.get(registration=marie) != FilledQuestionnaire.objects.get(registration=other)


# --- at the site --------------------------------------------------------------------------------


def test_answers_from_home_are_confirmed_with_one_button(
    inside: Client, nurse: Client, marie: Registration, site: VaccinationSite
) -> None:
    send(inside, HOME, **said(answer_bleeding="YES", answer_severe__reaction="YES"))
    visit = make_visit(marie, site=site)
    page = nurse.get(address(visit))
    assert "The person answered at home" in text_of(page)
    assert 'data-effect="STOP"' in page.content.decode()
    assert "Use a thin needle" in text_of(page)
    assert send_shown(nurse, visit).headers["Location"] == address(visit)
    filled = FilledQuestionnaire.objects.get()
    assert (filled.visit, filled.filled_by) == (visit, None)
    result = nurse.get(address(visit))
    assert "The answers were confirmed" in text_of(result)
    assert "Only a doctor may decide to give it all the same" in text_of(result)
    assert "Go on: a doctor decides" in text_of(result)
    assert "autofocus" not in result.content.decode()


def test_answers_from_home_that_mean_nothing_are_not_called_marked(
    inside: Client, nurse: Client, marie: Registration, site: VaccinationSite
) -> None:
    send(inside, HOME, **said())
    shown = text_of(nurse.get(address(make_visit(marie, site=site))))
    assert "nothing in it needs attention" in shown
    assert "marked answers" not in shown


def test_a_changed_answer_is_the_sites_and_the_one_from_home_stays(
    inside: Client, nurse: Client, marie: Registration, site: VaccinationSite
) -> None:
    send(inside, HOME, **said())
    visit = make_visit(marie, site=site)
    send_shown(nurse, visit, **{"answer-ill": "YES"})
    assert FilledQuestionnaire.objects.count() == 2
    latest = answers.latest(visit)
    assert latest
    assert latest.filled_by_id
    assert "Postpone the dose" in text_of(nurse.get(address(visit)))


def test_no_to_all_is_one_press(nurse: Client, marie: Registration, site: VaccinationSite) -> None:
    visit = make_visit(marie, site=site)
    assert "answered no to each that is not marked" in text_of(nurse.get(address(visit)))
    send(nurse, address(visit), rest_no="1", **{"answer-bleeding": "UNSURE"})
    filled = answers.latest(visit)
    assert filled
    found = {code: one.answer for code, one in answers.read(filled).items()}
    assert {code for code, one in found.items() if one == "NO"} == found.keys() - {"bleeding"}
    assert found["bleeding"] == "UNSURE"


def test_a_second_click_leads_to_the_first_ones_answers(
    nurse: Client, marie: Registration, site: VaccinationSite
) -> None:
    visit = make_visit(marie, site=site)
    form = {"form_key": str(uuid4()), "shown": "", "rest_no": "1"}
    assert [nurse.post(address(visit), form).status_code for _ in range(2)] == [302, 302]
    assert FilledQuestionnaire.objects.count() == 1


def test_answers_that_changed_meanwhile_are_shown_again(
    inside: Client, nurse: Client, marie: Registration, site: VaccinationSite
) -> None:
    visit = make_visit(marie, site=site)
    FilledQuestionnaire.objects.create(
        registration=marie,
        questionnaire_id=Question.objects.all()[0].questionnaire_id,
        dose_number=1,
        answers="{}",
        filled_at=NOW,
    )
    page = send(nurse, address(visit), shown="", **said())
    assert "have changed since this page was shown" in text_of(page)
    assert not FilledQuestionnaire.objects.exclude(visit=None).exists()


def test_once_the_person_is_gone_the_answers_are_only_shown(
    nurse: Client, marie: Registration, site: VaccinationSite
) -> None:
    visit = make_visit(marie, site=site)
    send(nurse, address(visit), rest_no="1")
    Visit.objects.update(state="GONE", left_at=NOW)
    assert '<form class="vcc-ask"' not in nurse.get(f"{address(visit)}?znovu=1").content.decode()
    assert "not waiting for a dose" in text_of(send(nurse, address(visit), rest_no="1", shown="x"))
    assert FilledQuestionnaire.objects.count() == 1


def test_somebody_with_a_dose_is_not_recorded_as_never_vaccinated(
    nurse: Client, marie: Registration, site: VaccinationSite
) -> None:
    first = make_visit(marie, site=site)
    make_dose(first, make_open_vial(site))
    Visit.objects.update(state="GONE", left_at=NOW)
    second = marie.reservations.get().appointments.get(dose_number=2)
    visit = make_visit(marie, site=site, appointment=second, day=NOW.date() + timedelta(days=21))
    send_shown(nurse, visit, rest_no="1")
    filled = answers.latest(visit)
    assert filled
    found = {code: one.answer for code, one in answers.read(filled).items()}
    assert (found["vaccinated"], found["ill"], filled.dose_number) == ("YES", "NO", 2)


def test_the_page_of_the_site_asks_the_database_little(
    nurse: Client, marie: Registration, site: VaccinationSite, django_assert_max_num_queries: Any
) -> None:
    visit = make_visit(marie, site=site)
    nurse.get(address(visit))
    with django_assert_max_num_queries(16):
        nurse.get(address(visit))
    send(nurse, address(visit), rest_no="1")
    with django_assert_max_num_queries(20):
        nurse.get(address(visit))


@pytest.mark.parametrize("role", [Role.STOCK_KEEPER, Role.MINISTRY])
def test_others_of_staff_see_no_answers(role: Role, marie: Registration, site: VaccinationSite) -> None:
    visit = make_visit(marie, site=site)
    other = log_in(Client(), make_staff(role, site=site if role == Role.STOCK_KEEPER else None))
    assert other.get(address(visit)).status_code == 404
    assert send(other, address(visit), rest_no="1").status_code == 404


def test_a_visit_of_another_site_is_not_found(marie: Registration, site: VaccinationSite) -> None:
    visit = make_visit(marie, site=site)
    elsewhere = make_site("Jinde", "CZ0642")
    stranger = log_in(Client(), make_staff(Role.VACCINATOR, site=elsewhere))
    assert stranger.get(address(visit)).status_code == 404
    assert stranger.get(f"/ockovani/{elsewhere.pk}/navstevy/{visit.pk}/dotaznik/").status_code == 404
    assert Client().get(address(visit)).status_code == 302
