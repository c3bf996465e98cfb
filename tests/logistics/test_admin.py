"""The staff's screens of places and vaccines, opened through the front door."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils.translation import gettext

from logistics.models import VaccinationSite, Vaccine
from tests.staff import log_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> VaccinationSite:
    return VaccinationSite.objects.create(name="Nemocnice Tábor", district_id="CZ0317", address="Kpt. Jaroše 2000")


@pytest.fixture
def administrator(client: Client) -> Client:
    log_in(client, User.objects.create_superuser("alena"))
    return client


def page(name: str, *arguments: object) -> str:
    return reverse(f"admin:logistics_{name}", args=arguments)


def test_a_stranger_is_sent_to_log_in(client: Client, site: VaccinationSite) -> None:
    for path in (
        page("vaccinationsite_changelist"),
        page("vaccinationsite_change", site.pk),
        page("region_changelist"),
    ):
        assert client.get(path).status_code == 302


def test_staff_without_the_right_are_refused(client: Client, site: VaccinationSite) -> None:
    log_in(client, User.objects.create_user("bez-prav", is_staff=True))
    assert client.get(page("vaccinationsite_changelist")).status_code == 403
    assert client.get(page("vaccinationsite_change", site.pk)).status_code == 403


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?q=tábor",
        "?q=jihočeský",
        "?district__region__code__exact=CZ031",
        "?state__exact=OPEN&is_step_free__isnull=True",
    ],
)
def test_a_site_is_found_by_its_name_region_and_state(administrator: Client, site: VaccinationSite, query: str) -> None:
    answer = administrator.get(page("vaccinationsite_changelist") + query)
    assert answer.status_code == 200
    assert site.name in answer.content.decode()


def test_the_list_asks_as_few_queries_for_many_sites_as_for_one(
    administrator: Client, site: VaccinationSite, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    VaccinationSite.objects.bulk_create(
        VaccinationSite(name=f"Místo {number}", district_id="CZ0642", address="Brno") for number in range(60)
    )
    with django_assert_max_num_queries(12):  # type: ignore[operator]
        assert administrator.get(page("vaccinationsite_changelist")).status_code == 200


def test_regions_and_districts_can_be_read_and_nothing_else(administrator: Client) -> None:
    assert "Jihomoravský kraj" in administrator.get(page("region_changelist")).content.decode()
    assert administrator.get(page("district_change", "CZ0642")).status_code == 200
    assert administrator.post(page("region_change", "CZ064"), {"name": "x"}).status_code == 403
    assert administrator.get(page("region_add")).status_code == 403
    assert administrator.post(page("district_delete", "CZ0642"), {"post": "yes"}).status_code == 403


def test_a_site_is_closed_but_never_deleted(administrator: Client, site: VaccinationSite) -> None:
    assert administrator.post(page("vaccinationsite_delete", site.pk), {"post": "yes"}).status_code == 403
    fields = {
        "name": site.name,
        "kind": "",
        "state": "CLOSED",
        "district": "CZ0317",
        "address": site.address,
        "is_step_free": "unknown",
        "opens_at": "07:30",
        "closes_at": "12:00",
        "minimal_capacity": "5",
    }
    assert administrator.post(page("vaccinationsite_change", site.pk), fields).status_code == 302
    site.refresh_from_db()
    assert (site.state, site.kind, f"{site.opens_at:%H:%M}") == ("CLOSED", "", "07:30")


def test_hours_that_end_before_they_begin_are_refused_in_words(administrator: Client, site: VaccinationSite) -> None:
    fields = {"name": site.name, "state": "OPEN", "district": "CZ0317", "address": "x", "is_step_free": "unknown"}
    fields |= {"opens_at": "12:00", "closes_at": "08:00", "minimal_capacity": "5"}
    answer = administrator.post(page("vaccinationsite_change", site.pk), fields)
    assert answer.status_code == 200
    assert gettext("A site must open before it closes.") in answer.content.decode()


def test_a_vaccine_shows_its_dated_intervals(administrator: Client) -> None:
    shown = administrator.get(page("vaccine_change", "comirnaty"))
    assert shown.content.decode().count('name="intervals-') > 4
    assert Vaccine.objects.get(pk="comirnaty").intervals.count() == 4
