"""The screen on which a dose is recorded, and the page it leads to."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from logistics.models import Batch, Role
from reservation.models import Appointment, Slot
from tests.factories import (
    NOW,
    at,
    make_open_vial,
    make_site,
    make_slot,
    make_staff,
    make_station,
    make_visit,
    make_worker,
)
from tests.pages import Page, browser, log_in, send_form, text_of, text_of_pdf
from tests.vaccination.doses.views.conftest import Room
from vaccination.doses import recording
from vaccination.doses.recording import Fit, NextAppointment
from vaccination.models import AnswerEffect, Dose, RuleOverride, VialSession, Visit
from vaccination.models.questions import Answer
from vaccination.questions.answers import Answered

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def address(name: str, visit_or_dose: Visit | Dose) -> str:
    return reverse(f"vaccination:{name}", args=[visit_or_dose.site_id, visit_or_dose.pk])


def record(room: Room, visit: Visit, **changes: object) -> Page:
    return send_form(room.client, address("vaccinate", visit), **room.typed(**changes))


def recorded(room: Room) -> Dose:
    visit = room.waiting()
    assert record(room, visit).status_code == 302
    return Dose.objects.get(visit=visit)


# --- one screen, one button ---------------------------------------------------------------------


def test_everything_is_preset_and_the_focus_stands_on_the_button(room: Room) -> None:
    page = room.client.get(address("vaccinate", room.waiting()))
    text = text_of(page)
    who = ("Nováková Jana", "born on 1. 5. 1940, 86 years old")
    for said in (*who, "Dose 1", "Comirnaty, batch EJ6797", "6 doses left"):
        assert said in text
    markup = page.content.decode()
    assert re.search(r'<button class="gov-button[^>]*vcc-record[^>]*data-focus>Record dose 1 of Comirnaty<', markup)
    assert "autofocus" not in markup, "without a script Enter after a scan would record a dose"
    assert re.search(r'value="LEFT_ARM"[^>]*checked', markup)
    assert f'<option value="{room.nurse.pk}" selected>' in markup
    assert f'<option value="{room.doctor.pk}" selected>' in markup
    assert "Jana" not in markup.partition("</title>")[0]


def test_one_press_records_the_dose_and_shows_what_comes_next(room: Room) -> None:
    visit = room.waiting()
    page = record(room, visit)
    dose = Dose.objects.get()
    assert page.url == address("dose", dose) + "?hotovo=1"
    assert (dose.number, dose.where, dose.is_dominant_side) == (1, "LEFT_ARM", None)
    assert (dose.given_by, dose.doctor, dose.vial, dose.recorded_by) == (room.nurse, room.doctor, room.vial, room.user)
    done = room.client.get(page.url)
    text = text_of(done)
    assert "Dose 1 is recorded: Comirnaty, batch EJ6797. The person sits until 9:" in text
    assert "The time fits the interval." in text
    markup = done.content.decode()
    assert re.search(r'href="[^"]*/potvrzeni/" autofocus', markup)
    assert markup.count("autofocus") == 1
    assert 'name="hledat"' in markup
    again = room.client.get(address("vaccinate", visit))
    assert again["Location"] == address("dose", dose)
    assert "Dose 1 was recorded already, at 11. 1. 2027 9:0" in text_of(room.client.get(again["Location"]))


def test_the_writing_hand_is_asked_of_each_person_anew(room: Room) -> None:
    record(room, visit := room.waiting(), is_dominant_side="yes")
    assert Dose.objects.get(visit=visit).is_dominant_side is True
    record(room, visit := room.waiting(), is_dominant_side="no")
    assert Dose.objects.get(visit=visit).is_dominant_side is False
    then = room.client.get(address("vaccinate", room.waiting())).content.decode()
    assert '<option value="" selected>not asked</option>' in then


def test_no_time_is_arranged_after_a_record_that_was_taken_back_or_the_last_dose(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    dose = recorded(room)
    slot = make_slot(25, for_doses="SECOND", site=room.site)
    Dose.objects.update(state="IN_ERROR", error="OTHER")
    page = send_form(room.client, address("next_time", dose), slot=slot.pk)
    assert page.url == address("dose", dose)
    shown = room.client.get(page.url).content.decode()
    for name, *more in (("person", dose.registration_id), ("late_entry",)):
        assert f'href="{reverse(f"vaccination:{name}", args=[room.site.pk, *more])}"' in shown
    assert "write it down as a late entry" in shown
    Dose.objects.update(state="VALID", error="")
    complete = NextAppointment(Fit.COMPLETE, dose.number + 1)
    monkeypatch.setattr(recording, "next_appointment", lambda **_values: complete)
    page = send_form(room.client, address("next_time", dose), slot=slot.pk)
    assert "No further dose is due after this one" in text_of(page)
    assert not Appointment.objects.filter(slot=slot).exists()


def test_the_doctor_and_the_arm_of_the_last_record_are_remembered(room: Room) -> None:
    other = make_worker(room.site, name="MUDr. Zora Druhá")
    first = room.client.get(address("vaccinate", visit := room.waiting())).content.decode()
    assert f'<option value="{other.pk}" selected>' not in first
    record(room, visit, doctor=other.pk, where="RIGHT_ARM")
    then = room.client.get(address("vaccinate", room.waiting())).content.decode()
    assert f'<option value="{other.pk}" selected>' in then
    assert re.search(r'value="RIGHT_ARM"[^>]*checked', then)


def test_of_two_doctors_the_first_record_asks_for_one(room: Room) -> None:
    make_worker(room.site, name="MUDr. Zora Druhá")
    page = room.client.get(address("vaccinate", room.waiting()))
    markup = page.content.decode()
    assert re.search(r'<select name="doctor" autofocus', markup)
    assert markup.count("autofocus") == 1
    assert "Record dose 1 of Comirnaty" in text_of(page)


def test_whoever_is_not_in_the_team_is_told_how_to_come_there(room: Room) -> None:
    client = log_in(browser(), make_staff(Role.VACCINATOR, site=room.site))
    page = client.get(address("vaccinate", room.waiting()))
    assert "Your account is not in the team of this site" in text_of(page)


def test_a_double_click_and_a_second_tab_lead_to_the_one_dose(room: Room) -> None:
    visit, key = room.waiting(), uuid4()
    path, typed = address("vaccinate", visit), {**room.typed(), "form_key": key}
    pages = [room.client.post(path, typed), room.client.post(path, typed), record(room, visit)]
    dose = Dose.objects.get()
    assert {page.url.partition("?")[0] for page in pages} == {address("dose", dose)}


# --- rules --------------------------------------------------------------------------------------


def test_a_stop_takes_the_button_away_and_says_what_to_do(room: Room) -> None:
    Batch.objects.update(blocked_at=NOW - timedelta(hours=1), block_reason="Recall")
    visit = room.waiting()
    page = room.client.get(address("vaccinate", visit))
    assert "Batch EJ6797 is blocked: Recall. Put the vial aside" in text_of(page)
    assert "Record dose 1" not in text_of(page)
    refused = record(room, visit)
    assert refused.status_code == 200
    assert "Nothing is recorded yet." in text_of(refused)
    assert not Dose.objects.exists()


def test_a_doctor_overrides_an_answer_with_a_reason_and_what_was_typed_stays(room: Room) -> None:
    visit = room.waiting(said={stopping_question(): "YES"})
    page = room.client.get(address("vaccinate", visit))
    names = re.findall(r'name="(reason-[^"]+)"', page.content.decode())
    assert len(names) == 1
    assert "The doctor decides" in text_of(page)
    refused = record(room, visit, where="RIGHT_ARM", **{names[0]: "  "})
    assert "Write the reason of the doctor, or do not give the dose." in text_of(refused)
    assert re.search(r'value="RIGHT_ARM"[^>]*checked', refused.content.decode())
    assert not Dose.objects.exists()
    record(room, visit, **{names[0]: "Allergy was ruled out.\u200b"})
    override = RuleOverride.objects.get()
    # The question stands in the encrypted finding alone.
    assert override.rule == "answers"
    assert (override.reason, override.doctor, override.overridden_by) == (
        "Allergy was ruled out.",
        room.doctor,
        room.user,
    )


def test_the_reason_of_a_doctor_waits_while_a_wrong_time_hides_its_rule(room: Room) -> None:
    visit = room.waiting(said={stopping_question(): "YES"})
    hidden = record(room, visit, **{"reason-answers": "Allergy was ruled out."}, given_at="2027-01-11T18:00")
    assert 'name="kept-answers" value="Allergy was ruled out."' in hidden.content.decode()
    shown = record(room, visit, **{"kept-answers": "Allergy was ruled out."})
    assert re.search(r'name="reason-answers" value="Allergy was ruled out."', shown.content.decode())
    assert not Dose.objects.exists(), "the doctor looks at it once more"
    assert record(room, visit, **{"reason-answers": "Allergy was ruled out."}).status_code == 302


def test_the_doctor_who_decides_reads_what_the_person_said(room: Room) -> None:
    said = Answered(Answer.YES, "After penicillin, in 1985")
    visit = room.waiting(said={stopping_question(): said})
    assert "yes: „After penicillin, in 1985“" in text_of(room.client.get(address("vaccinate", visit)))


def test_a_stop_for_missing_answers_leads_to_the_questions(room: Room) -> None:
    visit = make_visit(site=room.site)
    markup = room.client.get(address("vaccinate", visit)).content.decode()
    assert markup.count(f'href="{address("questions", visit)}"') == 1


def test_the_station_is_chosen_here_and_leads_back_to_the_person(room: Room) -> None:
    make_station(room.site, "2")
    visit = room.waiting()
    page = room.client.get(address("vaccinate", visit)).content.decode()
    assert "autofocus" not in page
    assert f'name="navsteva" value="{visit.pk}"' in page
    path = reverse("vaccination:choose_station", args=[room.site.pk])
    chosen = room.client.post(path, {"station": room.vial.station_id, "navsteva": visit.pk})
    assert chosen["Location"] == address("vaccinate", visit)
    assert "Record dose 1 of Comirnaty" in text_of(room.client.get(chosen["Location"]))
    vials = reverse("vaccination:vials", args=[room.site.pk])
    assert "Back to the person" in text_of(room.client.get(vials, {"navsteva": str(visit.pk)}))
    assert room.client.get(vials, {"navsteva": "x"}).status_code == 200


def stopping_question() -> str:
    found = AnswerEffect.objects.filter(kind="STOP", answer="YES", platform="").select_related("question")
    return next(one.question.code for one in found)


def test_a_missing_doctor_keeps_what_was_typed(room: Room) -> None:
    page = record(room, room.waiting(), doctor="", where="LEFT_THIGH", given_at="11. 1. 2027 8:59")
    assert "Choose the doctor who is here today." in text_of(page)
    assert re.search(r'value="LEFT_THIGH"[^>]*checked', page.content.decode())
    assert 'value="11. 1. 2027 8:59"' in page.content.decode()


def test_a_time_in_the_future_is_refused_at_the_open_details(room: Room) -> None:
    page = record(room, room.waiting(), given_at="2027-01-11T18:00")
    assert "The time lies in the future" in text_of(page)
    assert page.content.count(b'<li data-kind="stop">') == 1, "the vial's time says nothing of a dose to come"
    assert '<details class="vcc-more" open>' in page.content.decode()


# --- the vial -----------------------------------------------------------------------------------


def test_without_a_vial_a_scan_on_the_same_screen_opens_one(room: Room) -> None:
    VialSession.objects.update(ended_at=NOW, end="PUT_ASIDE")
    visit = room.waiting()
    page = room.client.get(address("vaccinate", visit))
    assert 'name="scan"' in page.content.decode()
    assert "Record dose" not in text_of(page)
    wrong = send_form(room.client, address("vaccinate", visit), scan="XX9999")
    assert "holds no closed vial of XX9999" in text_of(wrong)
    opened = send_form(room.client, address("vaccinate", visit), scan="ej6797")
    assert opened.url == address("vaccinate", visit)
    assert VialSession.objects.open().count() == 1
    assert "Record dose 1 of Comirnaty" in text_of(room.client.get(opened.url))


def test_the_last_dose_taken_by_somebody_else_says_so_and_nothing_is_recorded(room: Room) -> None:
    visit = room.waiting()
    VialSession.objects.update(given=6, ended_at=NOW, end="EMPTY")
    page = record(room, visit)
    assert page.status_code == 200
    assert "dose" in text_of(page)
    assert not Dose.objects.exists()


# --- the paper and the next time ----------------------------------------------------------------


def test_the_paper_opens_at_once(room: Room) -> None:
    paper = room.client.get(address("dose_paper", recorded(room)))
    assert paper["Content-Type"] == "application/pdf"
    assert "no-store" in paper["Cache-Control"]
    assert "MUDr. Jan Lékař" in text_of_pdf(paper.content)


def test_a_record_in_error_has_no_paper(room: Room) -> None:
    dose = recorded(room)
    Dose.objects.update(state="IN_ERROR", error="OTHER")
    assert room.client.get(address("dose_paper", dose)).status_code == 404
    assert "This record does not count." in text_of(room.client.get(address("dose", dose)))


def test_a_next_time_that_is_too_early_is_moved_on_the_same_screen(room: Room) -> None:
    dose = recorded(room)
    second = Appointment.objects.get(reservation__registration=dose.registration, dose_number=2)
    Slot.objects.filter(pk=second.slot_id).update(starts_at=at(NOW.date() + timedelta(days=5), "09:00"))
    good = [make_slot(day, "09:00", "ANY", site=room.site) for day in (21, 28)]
    bad = make_slot(3, "10:00", "ANY", site=room.site)
    page = room.client.get(address("dose", dose))
    assert "The time is too early. Choose another one." in text_of(page)
    assert f'name="slot" value="{good[0].pk}"' in page.content.decode()
    refused = send_form(room.client, address("next_time", dose), slot=bad.pk)
    assert refused.status_code == 200
    assert send_form(room.client, address("next_time", dose), slot="nonsense").status_code == 200
    moved = send_form(room.client, address("next_time", dose), slot=good[0].pk)
    assert moved.status_code == 302
    second.refresh_from_db()
    assert second.slot == good[0]
    text = text_of(room.client.get(moved.url))
    assert "The time fits the interval." in text
    assert "Dose 2: 1. 2. 2027 9:00, " in text


# --- outsiders and size -------------------------------------------------------------------------


def test_a_nurse_of_another_site_finds_nothing(room: Room) -> None:
    """Neither at this site's addresses nor at her own with the rows of this one."""
    dose, other = recorded(room), make_site("Nemocnice Brno")
    client = log_in(browser(), make_staff(Role.VACCINATOR, site=other))
    for name in ("vaccinate", "dose", "dose_paper", "next_time", "correct_dose", "annul_dose"):
        row = dose.visit_id if name == "vaccinate" else dose.pk
        for site in (room.site, other):
            path = reverse(f"vaccination:{name}", args=[site.pk, row])
            # An address that takes forms only leads to the page of the dose, which is not there.
            assert {client.get(path, follow=True).status_code, client.post(path).status_code} <= {404, 405}, name


def test_a_registrar_sees_the_dose_and_records_none(room: Room) -> None:
    dose = recorded(room)
    registrar = log_in(browser(), make_staff(Role.REGISTRAR, site=room.site))
    page = registrar.get(address("dose", dose))
    assert page.status_code == 200
    assert "Correct the record" not in text_of(page)
    assert registrar.get(address("vaccinate", make_visit(site=room.site))).status_code == 404


def test_the_screens_ask_the_database_little(room: Room, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    visit = room.waiting()
    room.client.get(address("vaccinate", visit))
    with django_assert_max_num_queries(28):
        room.client.get(address("vaccinate", visit))
    record(room, visit)
    dose = Dose.objects.get()
    room.client.get(address("dose", dose))
    with django_assert_max_num_queries(22):
        room.client.get(address("dose", dose))


def test_a_dose_takes_few_statements(room: Room) -> None:
    record(room, room.waiting())
    visit, typed = room.waiting(), room.typed()
    with CaptureQueriesContext(connection) as captured:
        assert room.client.post(address("vaccinate", visit), {**typed, "form_key": uuid4()}).status_code == 302
    sent = [query["sql"] for query in captured]
    # A transaction of its own takes BEGIN and COMMIT where this one takes savepoints.
    assert len(sent) <= 22, "\n".join(sent)


def test_a_form_that_somebody_made_up_is_refused_politely(room: Room) -> None:
    typed = {
        "vial": "x",
        "number": "99",
        "where": "NOSE",
        "doctor": "-1",
        "given_by": "x",
        "given_at": "x",
        "reason-A!": "x",
    }
    page = send_form(room.client, address("vaccinate", room.waiting()), **typed)
    assert page.status_code == 200
    assert "Write day and time as" in text_of(page)
    assert record(room, room.waiting(), vial="x").status_code == 200
    assert not Dose.objects.exists()


def test_vials_of_another_site_cannot_be_named(room: Room) -> None:
    foreign = make_open_vial(make_site("Nemocnice Brno"))
    page = record(room, room.waiting(), vial=foreign.pk, other_vial=foreign.pk)
    assert page.status_code == 200
    assert not Dose.objects.exists()
