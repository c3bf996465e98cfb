"""The forms that correct a record or take it back, and the list of overridden rules."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from logistics.models import Role
from tests.factories import NOW, make_batch, make_dose, make_site, make_staff
from tests.pages import browser, log_in, send_form, text_of
from tests.vaccination.doses.views.conftest import Room
from vaccination.models import Dose, RuleOverride

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def dose(room: Room) -> Dose:
    visit = room.waiting()
    send_form(room.client, reverse("vaccination:vaccinate", args=[room.site.pk, visit.pk]), **room.typed())
    return Dose.objects.get()


def address(name: str, dose: Dose) -> str:
    return reverse(f"vaccination:{name}", args=[dose.site_id, dose.pk])


def as_it_stands(room: Room, **changes: object) -> dict[str, object]:
    standing = {
        "batch": "EJ6797",
        "given_at": "2027-01-11T09:00",
        "where": "LEFT_ARM",
        "doctor": room.doctor.pk,
        "given_by": room.nurse.pk,
        "number": 1,
        "reason": "The arm was written down wrong.",
    }
    return {**standing, **changes}


def test_a_corrected_arm_shows_the_old_value_and_who_changed_it_why(room: Room, dose: Dose) -> None:
    page = room.client.get(address("correct_dose", dose))
    assert 'value="EJ6797"' in page.content.decode()
    done = send_form(room.client, address("correct_dose", dose), **as_it_stands(room, where="RIGHT_ARM"))
    assert done.url == address("dose", dose)
    dose.refresh_from_db()
    assert dose.where == "RIGHT_ARM"
    text = text_of(room.client.get(done.url))
    assert "Where: left arm → right arm" in text
    assert "Reason: The arm was written down wrong." in text
    assert f", {room.user.username} Reason:" in text


def test_nothing_changed_and_no_reason_are_said_and_what_was_typed_stays(room: Room, dose: Dose) -> None:
    same = send_form(room.client, address("correct_dose", dose), **as_it_stands(room))
    assert "Nothing is different from the record." in text_of(same)
    silent = send_form(room.client, address("correct_dose", dose), **as_it_stands(room, batch="EJ 9999", reason=""))
    assert "Write the reason: it stays with the record." in text_of(silent)
    assert "We do not know this batch." in text_of(silent)
    assert 'value="EJ 9999"' in silent.content.decode()


def test_a_batch_is_found_however_it_is_typed(room: Room, dose: Dose) -> None:
    make_batch("EK1111")
    typed = as_it_stands(room, batch="ek\u200b 1111")
    page = send_form(room.client, address("correct_dose", dose), **typed)
    assert "holds no vial of this batch" in text_of(page)


def test_a_record_in_error_is_taken_back_with_a_reason_and_stays_visible(room: Room, dose: Dose) -> None:
    path = address("annul_dose", dose)
    refused = send_form(room.client, path, reason="I opened the wrong row.")
    assert "Choose what is wrong with the record." in text_of(refused)
    assert 'value="I opened the wrong row."' in refused.content.decode()
    done = send_form(room.client, path, error="WRONG_PERSON", reason="I opened the wrong row.")
    assert done.url == address("dose", dose)
    text = text_of(room.client.get(done.url))
    assert "Entered in error: another person was vaccinated." in text
    assert "Reason: I opened the wrong row." in text
    assert room.client.get(path)["Location"] == done.url
    assert room.client.get(address("correct_dose", dose))["Location"] == done.url


def test_staff_correct_for_a_week_and_the_ministry_later(room: Room, dose: Dose) -> None:
    later = NOW + timedelta(days=8)
    with time_machine.travel(later):
        nurse = log_in(browser(), room.user)
        ministry = log_in(browser(), make_staff(Role.MINISTRY))
        assert nurse.get(address("correct_dose", dose)).status_code == 404
        assert "Correct the record" not in text_of(nurse.get(address("dose", dose)))
        assert ministry.get(address("correct_dose", dose)).status_code == 200
        assert "Correct the record" in text_of(ministry.get(address("dose", dose)))


# --- overrides ----------------------------------------------------------------------------------


def test_the_manager_reads_overrides_with_initials_and_no_names(room: Room) -> None:
    dose = make_dose(room.waiting(), room.vial)
    RuleOverride.objects.create(
        dose=dose,
        rule="too_early",
        finding="Only 18 days.",
        reason="Leaves the country.",
        doctor=room.doctor,
        overridden_by=room.user,
        overridden_at=NOW,
    )
    path = reverse("vaccination:overrides", args=[room.site.pk])
    manager = log_in(browser(), make_staff(Role.MANAGER, site=room.site))
    text = text_of(manager.get(path))
    for said in (
        "Monday 11. 1. 2027",
        "J. N., 1940, dose 1, Comirnaty",
        "Only 18 days.",
        "Leaves the country.",
        "MUDr. Jan",
    ):
        assert said in text
    assert "Nováková" not in text
    assert room.client.get(path).status_code == 404
    elsewhere = log_in(browser(), make_staff(Role.MANAGER, site=make_site("Nemocnice Brno")))
    assert elsewhere.get(path).status_code == 404
