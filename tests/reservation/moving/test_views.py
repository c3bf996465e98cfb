"""Staff change or cancel people's times: a site those that are its own, line 1221 those of a caller."""

import re

import pytest

from logistics.models import Role, VaccinationSite
from reservation.free_seats import folding
from reservation.models import Reservation
from tests import pages
from tests.factories import NOW, make_registration, make_reservation, make_site, make_staff
from tests.pages import Page, form_key, text_of
from tests.reservation.conftest import Make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def pressed(page: Page) -> dict[str, str]:
    hidden = dict(re.findall(r'name="(seen|slot|dose|cancel)" value="([^"]*)"', page.content.decode()))
    return {**hidden, "form_key": form_key(page)}


def days_of(reservation: Reservation) -> list[int]:
    days = reservation.appointments.order_by("dose_number").values_list("slot__day", flat=True)
    return [(day - NOW.date()).days for day in days]


def test_line_1221_finds_a_caller_another_site(site: VaccinationSite, make_slot: Make) -> None:
    reservation = make_reservation(site=site, day=3)
    person = reservation.registration
    elsewhere = make_site("Poliklinika Jih", "CZ0100")
    slot = make_slot(5, "10:00", site=elsewhere)
    make_slot(26, "10:00", "SECOND", site=elsewhere)
    folding.fold(now=NOW)
    line = pages.english(pages.log_in(pages.browser(), make_staff(Role.SUPPORT_L2)))
    path = f"/personal/registrace/{person.pk}/terminy/"
    assert path in line.get(f"/personal/registrace/{person.pk}/").content.decode()
    assert "Dose 2: Thursday 4. 2. 2027 9:00, Nemocnice Motol" in text_of(line.get(path))
    listed = line.get(path, {"davka": "1", "kraj": "CZ010"}).content.decode()
    assert f'value="{elsewhere.pk}"' in listed
    chosen = {"davka": "1", "kraj": "CZ010", "misto": str(elsewhere.pk)}
    assert 'value="2027-01-16"' in line.get(path, chosen).content.decode()
    times = line.get(path, chosen | {"den": "2027-01-16"})
    assert f'<option value="{slot.pk}">10:00' in times.content.decode()
    for nonsense in ("x", "2027-13-13"):
        assert (
            line.get(path, {"davka": nonsense, "kraj": nonsense, "misto": nonsense, "den": nonsense}).status_code == 200
        )
    look = line.post(path, {"dose": "1", "slot": slot.pk})
    assert "Saturday 6 February 2027, 10:00" in text_of(look)
    assert "Read the new times to the person" in text_of(look)
    page = line.post(path, pressed(look), follow=True)
    assert "The times are changed, and the person is told." in text_of(page)
    assert days_of(reservation) == [5, 26]
    reservation.refresh_from_db()
    event = reservation.events.latest("pgh_id")  # type: ignore[attr-defined]
    assert event.pgh_context.metadata["operation"] == "reservation.change_times"
    cancelled = line.post(path, {**pressed(page), "cancel": "1"}, follow=True)
    assert "The times are cancelled, and the person is told." in text_of(cancelled)
    reservation.refresh_from_db()
    assert reservation.state == "CANCELLED"


def test_a_site_changes_its_own_times_alone(site: VaccinationSite, make_slot: Make) -> None:
    reservation = make_reservation(site=site, day=3)
    person = reservation.registration
    elsewhere = make_slot(5, "10:00", site=make_site("Poliklinika Jih", "CZ0100"))
    make_slot(26, "10:00", "SECOND", site=elsewhere.site)
    slot = make_slot(30, "11:00", "SECOND")
    desk = pages.english(pages.log_in(pages.browser(), make_staff(Role.REGISTRAR, site=site)))
    path = f"/personal/kalendar/{site.pk}/osoby/{person.pk}/terminy/"
    page = desk.get(path, {"davka": "2", "den": f"{slot.day:%Y-%m-%d}"})
    assert f'<option value="{slot.pk}">11:00' in page.content.decode()
    assert 'name="kraj"' not in page.content.decode()
    refused = desk.post(path, {"dose": "1", "slot": elsewhere.pk})
    assert "This time is not offered any more." in text_of(refused)
    assert "This time cannot be changed any more." in text_of(desk.post(path, {"dose": "x", "slot": "y"}))
    desk.post(path, pressed(desk.post(path, {"dose": "2", "slot": slot.pk})))
    assert days_of(reservation) == [3, 30]
    # Whose times are at another site by now is that one's.
    Reservation.objects.filter(pk=reservation.pk).update(is_by_staff=True)
    reservation.appointments.filter(dose_number=2).update(slot=make_slot(31, for_doses="ANY", site=elsewhere.site))
    page = desk.get(path)
    assert "Another time for dose 2" not in text_of(page)
    assert 'name="cancel"' not in page.content.decode()
    stranger = make_registration()
    assert desk.get(f"/personal/kalendar/{site.pk}/osoby/{stranger.pk}/terminy/").status_code == 404
