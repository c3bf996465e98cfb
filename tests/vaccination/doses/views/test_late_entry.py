"""Late entry: ticked rows of the printed list become check-ins and doses."""

import re
from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db.models import F
from django.urls import reverse

from logistics.models import Role
from tests.factories import NOW, at, make_registration, make_reservation, make_site, make_staff, make_visit
from tests.pages import Page, browser, log_in, send_form, text_of
from tests.vaccination.doses.views.conftest import Room
from vaccination.models import Dose, VialSession, Visit
from vaccination.visits.day_list import DayRow, day_list

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
AFTERNOON = at(NOW.date(), "14:00")


@pytest.fixture
def afternoon(room: Room) -> Iterator[Room]:
    """Two people were expected in the morning; CRS is back in the afternoon."""
    for clock in ("09:00", "09:15"):
        make_reservation(make_registration(), site=room.site, clock=clock)
    with time_machine.travel(AFTERNOON):
        room.client = log_in(browser(), room.user)
        yield room


def path(room: Room) -> str:
    return reverse("vaccination:late_entry", args=[room.site.pk])


def rows(room: Room) -> tuple[DayRow, ...]:
    return day_list(room.site, NOW.date(), AFTERNOON).rows


def send(room: Room, *lines: dict[str, object]) -> Page:
    typed = {f"line-{n}-{name}": value for n, line in enumerate(lines) for name, value in line.items()}
    return send_form(room.client, path(room), doctor=room.doctor.pk, given_by=room.nurse.pk, **typed)


def line(room: Room, row: object, time: str = "9:20", **more: object) -> dict[str, object]:
    return {"row": row, "time": time, "vial": room.vial.pk, "where": "LEFT_ARM", "all_no": "on", **more}


def test_names_are_shown_first_and_then_the_doses_are_recorded(afternoon: Room) -> None:
    first, second = rows(afternoon)
    shown = send(afternoon, line(afternoon, 1), line(afternoon, "2.", "9,30"))
    assert not Dose.objects.exists()
    assert "1. Jana Nováková, 1940, 9:00, dose 1" in text_of(shown)
    assert "The names are right: record the doses" in text_of(shown)
    keys = re.findall(r'name="line-\d+-person" value="(\d+)"', shown.content.decode())
    assert keys == [str(first.registration_id), str(second.registration_id)]
    done = send(
        afternoon,
        line(afternoon, 1, person=first.registration_id),
        line(afternoon, "2.", "9,30", person=second.registration_id),
    )
    assert done.status_code == 302
    doses = Dose.objects.order_by("given_at")
    assert [dose.given_at for dose in doses] == [at(NOW.date(), "09:20"), at(NOW.date(), "09:30")]
    assert all(dose.recorded_at > AFTERNOON and dose.is_late_entry for dose in doses)
    visit = Visit.objects.get(registration=first.registration_id)
    assert (visit.identity, visit.consent, visit.state) == ("OTHER", "SPOKEN", "GONE")
    assert visit.identity_note == "late entry from the printed list, after an outage"
    assert visit.arrived_at == at(NOW.date(), "09:20")
    assert "2 doses are recorded: Jana Nováková, Jana Nováková." in text_of(afternoon.client.get(done.url))


def test_right_lines_are_recorded_and_wrong_ones_stay_and_say_why(afternoon: Room) -> None:
    first, second = rows(afternoon)
    page = send(
        afternoon,
        line(afternoon, 1, person=first.registration_id),
        line(afternoon, 2, "8:00", person=second.registration_id),
        line(afternoon, 77),
        line(afternoon, 1, "25:00"),
    )
    assert page.status_code == 200
    assert Dose.objects.get().registration_id == first.registration_id
    text = text_of(page)
    assert "1 dose is recorded: Jana Nováková." in text
    assert "The vial was opened at" in text or "opened only on" in text
    assert "The list of this day has no row of this number." in text
    assert "Write the time of the dose such as 9:05." in text
    assert 'value="8:00"' in page.content.decode()
    assert not Visit.objects.filter(registration=second.registration_id).exists()


def test_a_row_that_is_another_person_by_now_is_shown_again(afternoon: Room) -> None:
    first, second = rows(afternoon)
    page = send(afternoon, line(afternoon, 1, person=second.registration_id))
    assert not Dose.objects.exists()
    assert f'value="{first.registration_id}"' in page.content.decode()


def test_somebody_who_is_not_on_the_list_is_named_by_their_number(afternoon: Room) -> None:
    somebody = make_registration(number="100000016")
    text = text_of(send(afternoon, line(afternoon, somebody.number), line(afternoon, "430305/321")))
    assert f"{somebody.number}. Jana Nováková, 1940" in text
    assert "Nobody with this number is registered." in text
    assert not Dose.objects.exists()
    assert send(afternoon, line(afternoon, somebody.number, person=somebody.pk)).status_code == 302
    assert Dose.objects.get().person == somebody.person


def test_answers_on_paper_must_be_confirmed(afternoon: Room) -> None:
    (first, _second) = rows(afternoon)
    typed = line(afternoon, 1, person=first.registration_id)
    del typed["all_no"]
    page = send(afternoon, typed)
    assert "Nobody has confirmed the answers of this person." in text_of(page)
    assert not Visit.objects.exists()


def test_whoever_was_checked_in_before_the_outage_keeps_that_check_in(afternoon: Room) -> None:
    registration = make_registration()
    make_reservation(registration, site=afternoon.site, clock="09:00")
    visit = make_visit(registration, site=afternoon.site)
    row = next(one for one in rows(afternoon) if one.visit_id)
    assert send(afternoon, line(afternoon, row.number, person=row.registration_id)).status_code == 302
    assert Dose.objects.get().visit == visit


def test_an_empty_vial_is_said_at_the_vial(afternoon: Room) -> None:
    (first, _second) = rows(afternoon)
    VialSession.objects.update(wasted=F("doses") - F("given"))
    page = send(afternoon, line(afternoon, 1, person=first.registration_id))
    assert "No dose is left in this vial. Choose another one, or count the extra dose on the page" in text_of(page)
    assert not Visit.objects.exists()


def test_two_clicks_record_a_line_once(afternoon: Room) -> None:
    first = rows(afternoon)[0]
    key = uuid4()
    typed = line(afternoon, 1, person=first.registration_id)
    data = {f"line-0-{name}": value for name, value in typed.items()}
    data |= {"doctor": afternoon.doctor.pk, "given_by": afternoon.nurse.pk, "form_key": key}
    pages = [afternoon.client.post(path(afternoon), data) for _ in range(2)]
    assert [page.status_code for page in pages] == [302, 302]
    assert Dose.objects.count() == 1


def test_another_day_is_chosen_in_the_address_and_the_future_is_today(afternoon: Room) -> None:
    yesterday = NOW.date() - timedelta(days=1)
    page = afternoon.client.get(path(afternoon) + f"?den={yesterday:%Y-%m-%d}")
    assert "Late entry, 10. 1. 2027" in text_of(page)
    assert "No vial is recorded for this day." in text_of(page)
    for text in ("2030-01-01", "nonsense", "2027-02-31"):
        assert "Late entry, 11. 1. 2027" in text_of(afternoon.client.get(path(afternoon) + f"?den={text}"))


def test_outsiders_find_nothing(room: Room) -> None:
    for user in (make_staff(Role.REGISTRAR, site=room.site), make_staff(Role.VACCINATOR, site=make_site("Brno"))):
        client = log_in(browser(), user)
        assert client.get(path(room)).status_code == 404
        assert client.post(path(room)).status_code == 404
