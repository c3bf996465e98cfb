"""The pages of the stations and their vials."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from logistics.models import Batch, Role, StockDocument, StockItem, Store, VaccinationSite
from tests.factories import NOW, balance, context, make_reservation, make_site, make_staff, make_worker
from tests.pages import browser, log_in, send_form, summary, text_of
from vaccination.models import Station, VialSession
from vaccination.vials import sessions

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def nurse(site: VaccinationSite) -> Client:
    client = browser()
    user = make_staff(Role.VACCINATOR, site=site, name="sestra")
    make_worker(site, user=user)
    log_in(client, user)
    return client


@pytest.fixture
def vial(station: Station, closed: StockItem) -> VialSession:
    return sessions.open_vial(station=station, item=closed, context=context())


def page(name: str, site: VaccinationSite, *more: object) -> str:
    return reverse(f"vaccination:{name}", args=[site.pk, *more])


def test_one_scan_opens_a_vial_at_the_only_station(
    nurse: Client, site: VaccinationSite, station: Station, store: Store, closed: StockItem
) -> None:
    before = nurse.get(page("vials", site))
    assert "No vial is open here." in text_of(before)
    assert b"autofocus" in before.content
    answer = send_form(nurse, page("open_vial", site, station.pk), scan="EJ6797")
    assert answer.status_code == 302
    shown = text_of(nurse.get(answer.headers["Location"]))
    assert "The vial is open at station 1." in shown
    assert "Comirnaty EJ6797" in shown
    assert "6 doses left given 0 of 6" in shown
    assert "Use by 11. 1. 15:00." in shown
    assert balance(store, closed) == 9


@pytest.mark.parametrize("typed", ["ej6797", " EJ 6797 ", "EJ\u200b6797", "EJ6797\r\n", "EJžýíý", "EJžýíý\t"])
def test_a_batch_number_is_understood_as_people_and_scanners_type_it(
    nurse: Client, site: VaccinationSite, station: Station, typed: str
) -> None:
    assert send_form(nurse, page("open_vial", site, station.pk), scan=typed).status_code == 302
    assert VialSession.objects.get().station == station


def test_what_the_store_does_not_hold_is_refused_with_what_to_do_and_what_was_typed_stays(
    nurse: Client, site: VaccinationSite, station: Station
) -> None:
    answer = send_form(nurse, page("open_vial", site, station.pk), scan="XX9999", doses="7")
    assert "The store of this site holds no closed vial of XX9999 that may be used." in text_of(answer)
    assert 'value="7"' in answer.content.decode()
    for scan in ("", "   ", "???"):
        assert summary(send_form(nurse, page("open_vial", site, station.pk), scan=scan))
    Batch.objects.update(blocked_at=NOW, block_reason="Recall")
    assert summary(send_form(nurse, page("open_vial", site, station.pk), scan="EJ6797"))
    assert VialSession.objects.count() == 0


def test_a_vial_is_chosen_from_the_stock_with_its_real_doses_and_the_time_of_its_opening(
    nurse: Client, site: VaccinationSite, station: Station, closed: StockItem
) -> None:
    typed = {"item": closed.pk, "doses": 7, "opened_time": "8.15", "opened_on": "11. 1. 2027"}
    assert send_form(nurse, page("open_vial", site, station.pk), **typed).status_code == 302
    vial = VialSession.objects.get()
    assert (vial.doses, (NOW - vial.opened_at).total_seconds()) == (7, 45 * 60)


@pytest.mark.parametrize(
    "typed",
    [
        {"opened_time": "8"},
        {"opened_time": "25:00"},
        {"opened_time": "²"},
        {"opened_on": "11. 1. 2027"},
        {"opened_time": "8:15", "opened_on": "11. 13. 2027"},
        {"opened_time": "23:59"},  # still to come
        {"opened_time": "8:15", "opened_on": "1. 1. 2026"},  # before the store
        {"doses": "9"},
        {"doses": "0"},
        {"item": "999999"},
    ],
)
def test_what_cannot_be_is_refused_at_the_form(
    nurse: Client, site: VaccinationSite, station: Station, typed: dict[str, Any]
) -> None:
    closed = StockItem.objects.get(storage="STORED")
    answer = send_form(nurse, page("open_vial", site, station.pk), **{"item": closed.pk, **typed})
    assert summary(answer), text_of(answer)
    assert VialSession.objects.count() == 0


def test_a_form_sent_twice_opens_one_vial_and_another_one_is_refused(
    nurse: Client, site: VaccinationSite, station: Station
) -> None:
    form = {"form_key": uuid4(), "scan": "EJ6797"}
    for _ in range(2):
        assert nurse.post(page("open_vial", site, station.pk), form).status_code == 302
    answer = send_form(nurse, page("open_vial", site, station.pk), scan="EJ6797")
    assert "A vial is open at this station already." in text_of(answer)
    assert "A vial of batch EJ6797 is open here since 11. 1. 9:00." in text_of(answer)
    assert page("end_vial", site, VialSession.objects.get().pk) in answer.content.decode()
    assert VialSession.objects.count() == 1


def test_the_station_is_chosen_once_and_stands_first(
    nurse: Client, site: VaccinationSite, station: Station, other_station: Station
) -> None:
    assert "At which station do you vaccinate?" in text_of(nurse.get(page("vials", site)))
    assert send_form(nurse, page("choose_station", site), station=other_station.pk).status_code == 302
    shown = text_of(nurse.get(page("vials", site)))
    assert shown.index("Station 2") < shown.index("Station 1")
    for wrong in ("", "x", "999999"):
        assert "is not used any more" in text_of(send_form(nurse, page("choose_station", site), station=wrong))


def test_a_vial_is_thrown_away_or_put_aside_and_taken_up_again(
    nurse: Client, site: VaccinationSite, vial: VialSession
) -> None:
    address = page("end_vial", site, vial.pk)
    assert "given 0 of 6" in text_of(nurse.get(address))
    assert "Choose why the rest is thrown away." in text_of(send_form(nurse, address, how="WASTED"))
    assert send_form(nurse, address, how="PUT_ASIDE").status_code == 302
    assert "Doses left in vials that are not in use" in text_of(nurse.get(page("vials", site)))
    assert send_form(nurse, page("take_up_vial", site, vial.pk)).status_code == 302
    assert "There is nothing to take up again." in text_of(send_form(nurse, page("take_up_vial", site, vial.pk)))
    assert send_form(nurse, address, how="WASTED", reason="LEFT_OVER", note="v 16:00").status_code == 302
    vial.refresh_from_db()
    assert (vial.end, vial.wasted) == ("WASTED", 6)
    assert StockDocument.objects.latest("pk").note == "v 16:00"
    assert "Nothing is left in this vial" in text_of(send_form(nurse, address, how="WASTED", reason="LEFT_OVER"))


def test_a_spoiled_dose_and_an_extra_one_are_counted(nurse: Client, site: VaccinationSite, vial: VialSession) -> None:
    assert nurse.get(page("spoil_dose", site, vial.pk)).status_code == 200
    assert send_form(nurse, page("spoil_dose", site, vial.pk), reason="BROKEN").status_code == 302
    asked = nurse.get(page("extra_dose", site, vial.pk))
    assert "Do it only where one more whole dose could be drawn." in text_of(asked)
    answer = send_form(nurse, page("extra_dose", site, vial.pk))
    assert "One dose more is counted. Doses left in the vial: 6." in text_of(nurse.get(answer.headers["Location"]))
    vial.refresh_from_db()
    assert (vial.doses, vial.wasted, vial.left) == (7, 1, 6)
    assert send_form(nurse, page("take_back_waste", site, vial.pk)).status_code == 302
    assert "nothing to take back" in text_of(send_form(nurse, page("take_back_waste", site, vial.pk)))
    send_form(nurse, page("extra_dose", site, vial.pk))
    answer = send_form(nurse, page("extra_dose", site, vial.pk))
    assert "So many doses cannot be in these vials" in text_of(answer)


def test_a_dose_that_was_taken_back_days_later_can_still_be_thrown_away(
    nurse: Client, site: VaccinationSite, station: Station, closed: StockItem
) -> None:
    then = NOW - timedelta(days=2)
    vial = sessions.open_vial(station=station, item=closed, context=context(then))
    sessions.draw(vial=vial, at=then)
    sessions.end(vial=vial, how="WASTED", waste_reason="LEFT_OVER", context=context(then))
    assert page("end_vial", site, vial.pk) not in nurse.get(page("vials", site)).content.decode()
    sessions.put_back(vial=vial)
    assert page("end_vial", site, vial.pk) in nurse.get(page("vials", site)).content.decode()
    assert send_form(nurse, page("end_vial", site, vial.pk), how="WASTED", reason="LEFT_OVER").status_code == 302
    assert page("end_vial", site, vial.pk) not in nurse.get(page("vials", site)).content.decode()


def test_the_page_says_how_doses_stand_against_people(nurse: Client, site: VaccinationSite, vial: VialSession) -> None:
    for _ in range(2):
        make_reservation(site=site)
    assert (
        "6 doses are open, 2 people are still to come: do not open another vial, and call somebody for the rest."
        in text_of(nurse.get(page("vials", site)))
    )


def test_whoever_has_no_number_is_told_what_to_do(site: VaccinationSite, station: Station) -> None:
    client = browser()
    log_in(client, make_staff(Role.VACCINATOR, site=site, name="nova"))
    shown = client.get(page("vials", site))
    assert "Fill in your number" in text_of(shown)
    assert page("my_worker", site) in shown.content.decode()


def test_a_site_without_stations_or_without_a_store_says_who_helps(nurse: Client) -> None:
    site = make_site("Hala")
    client = browser()
    log_in(client, make_staff(Role.VACCINATOR, site=site, name="hala"))
    assert "Ask the manager of the site to add one." in text_of(client.get(page("vials", site)))
    station = Station.objects.create(site=site, name="1")
    answer = send_form(client, page("open_vial", site, station.pk), scan="EJ6797")
    assert "Have the delivery confirmed first." in text_of(answer)


def test_nobody_touches_a_vial_or_a_station_of_another_site(nurse: Client, site: VaccinationSite) -> None:
    """Neither by an address of theirs, nor by the key of a row under an address of one's own."""
    elsewhere = make_site("Hala")
    station = Station.objects.create(site=elsewhere, name="1")
    for address in (page("vials", elsewhere), page("open_vial", site, station.pk)):
        assert nurse.get(address).status_code == 404
    assert send_form(nurse, page("choose_station", elsewhere), station=station.pk).status_code == 404


def test_a_vial_under_the_address_of_another_site_is_not_found(vial: VialSession) -> None:
    elsewhere = make_site("Hala")
    client = browser()
    log_in(client, make_staff(Role.MANAGER, site=elsewhere, name="vedouci"))
    for name in ("end_vial", "spoil_dose", "extra_dose", "take_up_vial", "take_back_waste"):
        assert send_form(client, page(name, elsewhere, vial.pk), reason="BROKEN").status_code == 404
        assert send_form(client, page(name, vial.station.site, vial.pk), reason="BROKEN").status_code == 404


def test_the_page_of_many_stations_asks_few_questions(
    nurse: Client, site: VaccinationSite, closed: StockItem, django_assert_max_num_queries: Any
) -> None:
    for number in range(1, 6):
        station = Station.objects.create(site=site, name=str(number))
        sessions.open_vial(station=station, item=closed, context=context())
    nurse.get(page("vials", site))
    with django_assert_max_num_queries(20):
        nurse.get(page("vials", site))
