"""The administration of sites, regions and districts, by those who log in."""

import html
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib import admin as django_admin
from django.contrib.auth.models import Permission, User
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from logistics.models import Region, Role, SiteContact, VaccinationSite
from logistics.sites.errors import SiteChangedMeanwhile, SiteLiesNowhere
from logistics.sites.opening_hours import week_of
from tests.factories import make_site, make_staff
from tests.pages import log_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> VaccinationSite:
    return make_site(kind="")


@pytest.fixture
def administrator(client: Client) -> Client:
    log_in(client, User.objects.create_superuser("alena"))
    return client


def page(name: str, *arguments: object) -> str:
    return reverse(f"admin:logistics_{name}", args=arguments)


SCREENS = ("vaccinationsite", "vaccine", "material", "region", "district")


def addresses_of(site: VaccinationSite) -> list[str]:
    return [page(f"vaccinationsite_{name}", site.pk) for name in ("change", "history", "delete", "state")]


def fields_of(site: VaccinationSite) -> dict[str, Any]:
    """The form of the site as the browser sends it when nothing was typed."""
    empty = {f"{rows}-{what}_FORMS": "0" for rows in ("weekday_hours", "contacts") for what in ("TOTAL", "INITIAL")}
    return empty | {
        "name": site.name,
        "kind": "",
        "is_public": "on",
        "district": "CZ0317",
        "address": site.address,
        "is_step_free": "unknown",
        "has_parking": "unknown",
        "opens_at": "08:00",
        "closes_at": "16:00",
        "minimal_capacity": "5",
    }


def test_a_stranger_is_sent_to_log_in(client: Client, site: VaccinationSite) -> None:
    for path in (
        page("vaccinationsite_changelist"),
        page("vaccinationsite_change", site.pk),
        page("region_changelist"),
    ):
        assert client.get(path).status_code == 302


def test_staff_without_a_role_see_nothing_whatever_permissions_they_have(client: Client, site: VaccinationSite) -> None:
    user = User.objects.create_user("bez-role", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="logistics"))
    log_in(client, user)
    for screen in SCREENS:
        assert client.get(page(f"{screen}_changelist")).status_code == 403, screen
    for address in (page("vaccine_change", "comirnaty"), page("region_change", "CZ031"), page("material_add")):
        assert client.get(address).status_code == 403, address
    for address in addresses_of(site):
        assert client.get(address).status_code == 404, address
    assert "logistics" not in {app["app_label"] for app in client.get(reverse("admin:index")).context["app_list"]}


OUTSIDERS = [
    ("manager of another site", Role.MANAGER),
    ("coordinator of another region", Role.REGION),
    ("distributor", Role.DISTRIBUTOR),
]


@pytest.mark.parametrize(("who", "role"), OUTSIDERS)
def test_to_outsiders_a_site_is_as_if_it_were_not_there(
    client: Client, site: VaccinationSite, who: str, role: Role
) -> None:
    other = make_site("Jinde", "CZ0642")
    places = {Role.MANAGER: {"site": other}, Role.REGION: {"region": Region.objects.get(pk="CZ064")}}
    log_in(client, make_staff(role, **places.get(role, {})))  # type: ignore[arg-type]
    for address in addresses_of(site):
        assert client.get(address).status_code == 404, address
        assert client.post(address, {"to": "PAUSED", "reason": "x", "name": "x"}).status_code in (403, 404), address
    listed = client.get(page("vaccinationsite_changelist")).content.decode()
    assert site.name not in listed
    assert ("Jinde" in listed) == (role != Role.DISTRIBUTOR)
    site.refresh_from_db()
    assert (site.state, site.name) == ("OPEN", "Nemocnice Tábor")


@pytest.mark.parametrize("role", [Role.REGISTRAR, Role.VACCINATOR, Role.STOCK_KEEPER, Role.REGION])
def test_staff_who_do_not_answer_for_a_site_look_and_touch_nothing(
    client: Client, site: VaccinationSite, role: Role
) -> None:
    place: Any = {"region": site.lies_in} if role == Role.REGION else {"site": site}
    log_in(client, make_staff(role, **place))
    SiteContact.objects.create(site=site, role="HEAD", name="MUDr. Vedoucí", phone="777")
    shown = client.get(page("vaccinationsite_change", site.pk)).content.decode()
    assert "MUDr. Vedoucí" in shown
    assert 'name="_save"' not in shown
    assert client.post(page("vaccinationsite_change", site.pk), fields_of(site)).status_code == 403
    state = page("vaccinationsite_state", site.pk)
    assert 'name="to"' not in client.get(state).content.decode()
    assert client.post(state, {"seen": "OPEN", "to": "PAUSED", "reason": "x"}).status_code == 403
    assert client.get(page("vaccinationsite_add")).status_code == 403


@pytest.mark.parametrize("role", [Role.MANAGER, Role.IT])
def test_who_answers_for_a_site_edits_what_people_should_know_and_not_who_it_is(
    client: Client, site: VaccinationSite, role: Role
) -> None:
    log_in(client, make_staff(role, site=site))
    sent = fields_of(site) | {
        "description": "V přízemí.",
        "vaccines": ["comirnaty", "janssen"],
        "languages": ["cs", "vi"],
        "daily_capacity": "120",
        "phone": "381 608 111",
        "weekday_hours-TOTAL_FORMS": "2",
        "weekday_hours-0-weekday": "5",
        "weekday_hours-0-opens_at": "09:00",
        "weekday_hours-0-closes_at": "12:00",
        "weekday_hours-1-weekday": "6",
        "contacts-TOTAL_FORMS": "1",
        "contacts-0-role": "PHARMACY",
        "contacts-0-name": "Mgr. Lékárníková",
        "contacts-0-email": "lekarna@nemta.cz",
        "name": "Jiné jméno",
        "kind": "ARMY",
        "state": "CLOSED",
        "facility_code": "1",
        "company_number": "27661989",
        "is_public": "",
        "district": "CZ0642",
    }
    assert client.post(page("vaccinationsite_change", site.pk), sent).status_code == 302
    changed = VaccinationSite.objects.get()
    assert (changed.description, changed.languages, changed.daily_capacity) == ("V přízemí.", ["cs", "vi"], 120)
    assert set(changed.vaccines.values_list("pk", flat=True)) == {"comirnaty", "janssen"}
    assert [hours is not None for hours in week_of(changed)] == [True] * 6 + [False]
    assert changed.contacts.get().name == "Mgr. Lékárníková"
    for name in ("name", "kind", "state", "facility_code", "company_number", "is_public", "district_id"):
        assert getattr(changed, name) == getattr(site, name), name
    assert client.get(page("vaccinationsite_add")).status_code == 403
    assert client.post(page("vaccinationsite_delete", site.pk), {"post": "yes"}).status_code == 403


def test_the_ministry_adds_a_site_which_is_in_preparation(client: Client, site: VaccinationSite) -> None:
    log_in(client, make_staff(Role.MINISTRY))
    sent = fields_of(site) | {"name": "Nové", "company_number": "27661989", "is_public": "on"}
    assert client.get(page("vaccinationsite_add")).status_code == 200
    assert client.post(page("vaccinationsite_add"), sent).status_code == 302
    new = VaccinationSite.objects.get(name="Nové")
    assert (new.state, new.company_number, new.is_public) == ("PREPARING", "27661989", True)


def test_what_does_not_fit_is_refused_in_words(client: Client, site: VaccinationSite) -> None:
    log_in(client, make_staff(Role.MINISTRY))
    wrong = {
        "company_number": (
            "12345678",
            gettext("This is not an IČO: it has 8 digits, and the last one must fit the others."),
        ),
        "facility_code": (
            "1234",
            gettext("“%(value)s” is not a code of a health facility (11 digits)") % {"value": "1234"},
        ),
        "district": ("", str(SiteLiesNowhere.message)),
        "youngest_age": ("90", gettext("The ages must rise: from, up to.")),
    }
    for name, (value, said) in wrong.items():
        extra = {"region": "CZ031"} if name == "district" else {"oldest_age": "80"}
        answer = client.post(page("vaccinationsite_change", site.pk), fields_of(site) | extra | {name: value})
        assert answer.status_code == 200, name
        assert html.escape(said) in answer.content.decode(), name


def test_a_weekday_stands_once(administrator: Client, site: VaccinationSite) -> None:
    sent = fields_of(site) | {"weekday_hours-TOTAL_FORMS": "2"}
    sent |= {"weekday_hours-0-weekday": "6", "weekday_hours-1-weekday": "6"}
    answer = administrator.post(page("vaccinationsite_change", site.pk), sent)
    assert gettext("This weekday stands here a second time.") in answer.content.decode()
    assert not site.weekday_hours.exists()


def test_saving_a_site_never_puts_back_a_state_that_somebody_changed(site: VaccinationSite) -> None:
    screen = django_admin.site._registry[VaccinationSite]
    seen = VaccinationSite.objects.get()
    VaccinationSite.objects.update(state="PAUSED")
    seen.notes = "Vchod ze dvora."
    screen.save_model(None, seen, SimpleNamespace(changed_data=["notes", "vaccines"]), True)  # type: ignore[arg-type]
    site.refresh_from_db()
    assert (site.state, site.notes) == ("PAUSED", "Vchod ze dvora.")


def test_the_manager_pauses_a_site_with_a_reason_that_stands_in_its_history(
    client: Client, site: VaccinationSite
) -> None:
    log_in(client, make_staff(Role.MANAGER, site=site, name="marie"))
    state = page("vaccinationsite_state", site.pk)
    assert state in client.get(page("vaccinationsite_change", site.pk)).content.decode()
    assert client.post(state, {"seen": "OPEN", "to": "PAUSED", "reason": " "}).status_code == 200
    assert client.post(state, {"seen": "OPEN", "to": "CLOSED", "reason": "x"}).status_code == 200
    site.refresh_from_db()
    assert site.state == "OPEN"
    told = client.post(state, {"seen": "OPEN", "to": "PAUSED", "reason": "Porucha chlazení."}, follow=True)
    site.refresh_from_db()
    assert site.state == "PAUSED"
    for word in ("marie", "Porucha chlazení.", gettext("History of the state")):
        assert word in told.content.decode()


def test_who_decides_about_a_state_that_is_gone_is_told_and_keeps_the_reason(
    client: Client, site: VaccinationSite
) -> None:
    log_in(client, make_staff(Role.MINISTRY))
    VaccinationSite.objects.update(state="PAUSED")
    answer = client.post(page("vaccinationsite_state", site.pk), {"seen": "OPEN", "to": "CLOSED", "reason": "Konec."})
    shown = answer.content.decode()
    assert html.escape(str(SiteChangedMeanwhile.message)) in shown
    assert "Konec." in shown
    assert 'name="seen" value="PAUSED"' in shown
    site.refresh_from_db()
    assert site.state == "PAUSED"


def test_the_start_of_the_administration_does_not_ask_for_the_role_again_and_again(
    client: Client, site: VaccinationSite, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    log_in(client, make_staff(Role.MANAGER, site=site))
    with django_assert_max_num_queries(20):  # type: ignore[operator]
        assert client.get(reverse("admin:index")).status_code == 200


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


def test_the_page_of_a_site_asks_for_the_right_to_edit_it_once(
    client: Client, site: VaccinationSite, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    log_in(client, make_staff(Role.MANAGER, site=site))
    ContentType.objects.get_for_model(VaccinationSite)  # which a process asks for once
    # One of them asks whether its district may be opened, which is a link.
    with django_assert_max_num_queries(17):  # type: ignore[operator]
        assert client.get(page("vaccinationsite_change", site.pk)).status_code == 200


def test_a_site_is_edited_but_never_deleted(administrator: Client, site: VaccinationSite) -> None:
    assert administrator.post(page("vaccinationsite_delete", site.pk), {"post": "yes"}).status_code == 403
    sent = fields_of(site) | {"opens_at": "07:30", "closes_at": "12:00", "state": "CLOSED"}
    assert administrator.post(page("vaccinationsite_change", site.pk), sent).status_code == 302
    site.refresh_from_db()
    assert (site.state, site.kind, f"{site.opens_at:%H:%M}") == ("OPEN", "", "07:30")


def test_hours_that_end_before_they_begin_are_refused_in_words(administrator: Client, site: VaccinationSite) -> None:
    sent = fields_of(site) | {"opens_at": "12:00", "closes_at": "08:00"}
    answer = administrator.post(page("vaccinationsite_change", site.pk), sent)
    assert answer.status_code == 200
    assert gettext("A site must open before it closes.") in answer.content.decode()


def test_a_contact_is_asked_for_as_a_person_and_not_as_a_thing() -> None:
    with translation.override("cs"):
        assert SiteContact._meta.get_field("name").verbose_name == "osoba, nebo kdo se tam ozve"
