"""The pages of a site's team."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from logistics.models import Role, VaccinationSite
from tests.factories import NOW, make_open_vial, make_site, make_staff, make_station, make_worker
from tests.pages import browser, log_in, send_form, summary, text_of
from vaccination.models import HealthWorker, Station
from vaccination.team import workers

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

EVA = {"name": "MUDr. Eva Malá", "register_number": "123 456 789", "facility_part": "001", "is_doctor": "on"}


@pytest.fixture
def manager(site: VaccinationSite) -> Client:
    client = browser()
    log_in(client, make_staff(Role.MANAGER, site=site, name="vedouci"))
    return client


@pytest.fixture
def nurse(site: VaccinationSite) -> Client:
    client = browser()
    log_in(client, make_staff(Role.VACCINATOR, site=site, name="sestra"))
    return client


def page(name: str, site: VaccinationSite, *more: object) -> str:
    return reverse(f"vaccination:{name}", args=[site.pk, *more])


def test_the_manager_adds_stations_and_closes_them(manager: Client, site: VaccinationSite) -> None:
    assert "No doctor is listed yet." in text_of(manager.get(page("team", site)))
    assert send_form(manager, page("add_station", site), name=" 1\u200b ").status_code == 302
    station = Station.objects.get(name="1")
    assert "already has a station of this name" in text_of(send_form(manager, page("add_station", site), name="1"))
    assert summary(send_form(manager, page("add_station", site), name="\u200b"))
    make_open_vial(site)
    assert "End it or put it aside first" in text_of(send_form(manager, page("close_station", site, station.pk)))
    free = make_station(site, "2")
    assert send_form(manager, page("close_station", site, free.pk)).status_code == 302


def test_the_manager_adds_changes_and_ends_health_workers(manager: Client, site: VaccinationSite) -> None:
    nurse = make_staff(Role.VACCINATOR, site=site, name="sestra")
    assert send_form(manager, page("add_worker", site), **EVA, user=nurse.pk).status_code == 302
    row = HealthWorker.objects.get()
    assert (row.register_number, row.user, row.is_doctor) == ("123456789", nurse, True)
    assert "NRZP 123456789, PČZ 001, logs in as sestra" in text_of(manager.get(page("team", site)))
    address = page("worker", site, row.pk)
    assert 'value="123456789"' in manager.get(address).content.decode()
    assert send_form(manager, address, **{**EVA, "facility_part": "002"}).status_code == 302
    assert "changed or ended meanwhile" in text_of(send_form(manager, address, **EVA))
    new = HealthWorker.objects.working().get()
    assert (new.facility_part, new.user) == ("002", None)
    assert send_form(manager, page("worker", site, new.pk), end="1").status_code == 302
    assert "changed or ended meanwhile" in text_of(send_form(manager, page("worker", site, new.pk), end="1"))
    assert not HealthWorker.objects.working().exists()


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("123456789", "123456789"),
        (" 123 456 789 ", "123456789"),
        ("123\u00a0456\u200b789\u200e", "123456789"),
        ("+ěščřžýáí", "123456789"),
        ("12345678", ""),
        ("1234567890", ""),
        ("12345678a", ""),
        ("١٢٣٤٥٦٧٨٩", "123456789"),
        ("", ""),
    ],
)
def test_a_number_is_cleaned_and_must_have_nine_digits(
    manager: Client, site: VaccinationSite, typed: str, kept: str
) -> None:
    answer = send_form(manager, page("add_worker", site), **{**EVA, "register_number": typed})
    assert [one.register_number for one in HealthWorker.objects.all()] == ([kept] if kept else [])
    assert bool(kept) is (answer.status_code == 302)


def test_no_account_from_elsewhere_is_linked(manager: Client, site: VaccinationSite) -> None:
    stranger = make_staff(Role.VACCINATOR, site=make_site("Hala"), name="cizi")
    assert summary(send_form(manager, page("add_worker", site), **EVA, user=stranger.pk))
    assert not HealthWorker.objects.exists()


def test_a_nurse_fills_in_her_own_number_so_that_the_first_morning_does_not_stop(
    nurse: Client, site: VaccinationSite
) -> None:
    address = page("my_worker", site)
    assert send_form(nurse, address, **EVA).status_code == 302
    row = HealthWorker.objects.get()
    assert (row.user and row.user.username, row.is_doctor) == ("sestra", False)
    assert send_form(nurse, address, **{**EVA, "facility_part": "002"}).status_code == 302
    assert HealthWorker.objects.working().get().facility_part == "002"


def test_a_row_that_the_manager_made_without_an_account_becomes_the_nurses(
    nurse: Client, site: VaccinationSite
) -> None:
    made = make_worker(site, register_number="123456789", is_doctor=False)
    assert send_form(nurse, page("my_worker", site), **EVA).status_code == 302
    made.refresh_from_db()
    assert made.ended_at
    mine = HealthWorker.objects.working().get()
    assert mine.user
    assert mine.user.username == "sestra"


def test_nobody_makes_themselves_a_doctor(nurse: Client, site: VaccinationSite) -> None:
    address, doctor = page("my_worker", site), make_worker(site, register_number="987654321")
    assert "is_doctor" not in nurse.get(address).content.decode()
    send_form(nurse, address, **EVA)
    assert not workers.doctors(site).exclude(pk=doctor.pk).exists()
    for _ in range(2):
        answer = send_form(nurse, address, **{**EVA, "register_number": "987654321"})
        assert "Ask the manager of the site to link your account" in text_of(answer)
        HealthWorker.objects.working().exclude(pk=doctor.pk).update(ended_at=NOW)
    assert list(workers.doctors(site)) == [doctor]


def test_a_doctor_who_changes_her_own_number_stays_one(nurse: Client, site: VaccinationSite) -> None:
    doctor = make_worker(site, user=User.objects.get(username="sestra"), register_number="987654321")
    assert "You are listed as a doctor" in text_of(nurse.get(page("my_worker", site)))
    send_form(nurse, page("my_worker", site), **{**EVA, "is_doctor": ""})
    assert [one.register_number for one in workers.doctors(site).exclude(pk=doctor.pk)] == ["123456789"]


def test_a_number_of_a_colleague_is_not_taken(nurse: Client, site: VaccinationSite) -> None:
    colleague = make_staff(Role.VACCINATOR, site=site, name="kolega")
    make_worker(site, user=colleague, register_number="123456789")
    assert "Somebody with this number already works" in text_of(send_form(nurse, page("my_worker", site), **EVA))


def test_outsiders_and_other_roles_see_nothing_of_the_team(
    nurse: Client, manager: Client, site: VaccinationSite
) -> None:
    row, station = make_worker(site), make_station(site)
    elsewhere = make_site("Hala")
    assert manager.get(page("team", elsewhere)).status_code == 404
    assert manager.get(page("worker", elsewhere, row.pk)).status_code == 404
    for address in (page("team", site), page("worker", site, row.pk), page("add_worker", site)):
        assert nurse.get(address).status_code == 404
    assert send_form(nurse, page("close_station", site, station.pk)).status_code == 404
    # A key of another site under one's own address.
    other, far = make_worker(elsewhere), make_station(elsewhere)
    assert manager.get(page("worker", site, other.pk)).status_code == 404
    assert send_form(manager, page("close_station", site, far.pk)).status_code == 404


def test_whoever_has_no_role_at_the_site_is_told_to_ask(site: VaccinationSite) -> None:
    client = browser()
    superuser = make_staff(Role.MINISTRY, name="ministerstvo")
    superuser.is_superuser = True
    superuser.save()
    log_in(client, superuser)
    assert "Ask the manager of the site to invite you." in text_of(client.get(page("my_worker", site)))
    assert "This account has no role at this site." in text_of(send_form(client, page("my_worker", site), **EVA))
