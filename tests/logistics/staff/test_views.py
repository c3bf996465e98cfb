"""The staff's start page, invitations and colleagues."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from crs.messaging.models import Message
from logistics.models import Batch, Role, StaffInvitation, StaffRole, Store, VaccinationSite
from logistics.stock.ledger import EntryLine
from tests.factories import NOW, PASSWORD, make_site, make_staff, make_store, make_vials, totp
from tests.pages import (
    CODE,
    CODES,
    HOME,
    LOG_IN,
    SET_UP,
    WRONG_PASSWORD,
    browser,
    code_of_key,
    key_on,
    log_in,
    text_of,
    type_password,
)

pytestmark = pytest.mark.django_db

INVITATION = "/personal/pozvanka/"


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as coordinates:
        yield coordinates


@pytest.fixture
def tabor() -> VaccinationSite:
    return make_site()


@pytest.fixture
def brno() -> VaccinationSite:
    return make_site("Výstaviště Brno", "CZ0642")


@pytest.fixture
def keeper(tabor: VaccinationSite) -> User:
    return make_staff(Role.STOCK_KEEPER, site=tabor, name="sklad")


@pytest.fixture
def client() -> Client:
    return browser()


def make_stocked(site: VaccinationSite) -> Store:
    """The store of the site with five vials."""
    return make_store(EntryLine(make_vials(), 5), site=site)


# --- invitations --------------------------------------------------------------------------------


def test_the_story_of_an_invitation(client: Client, tabor: VaccinationSite) -> None:
    # Given a manager who is logged in,
    manager = make_staff(Role.MANAGER, site=tabor, name="vedouci")
    log_in(client, manager)
    staff_page = f"/personal/mista/{tabor.pk}/"
    assert staff_page in client.get(HOME).content.decode()
    # when she invites Eva to keep the stock,
    answer = client.post(staff_page, {"email": "Eva@Example.cz", "role": "STOCK_KEEPER"}, follow=True)
    assert "eva@example.cz: stock keeper" in text_of(answer)
    letter = Message.objects.get().text or ""
    code = re.search(r": ([A-Z2-9]{5} [A-Z2-9]{5})\s", letter)
    assert code
    # then Eva types the code,
    eva = browser()
    wrong = eva.post(INVITATION, {"email": "eva@example.cz", "code": "ABCDE 23456"})
    assert "We know no such invitation." in text_of(wrong)
    assert eva.get(f"{INVITATION}prijeti/").headers["Location"] == INVITATION
    answer = eva.post(INVITATION, {"email": "eva@example.cz", "code": code[1].lower()}, follow=True)
    assert "stock keeper" in text_of(answer)
    assert code[1] not in answer.request["PATH_INFO"] + answer.request["QUERY_STRING"]
    # is told about a weak password,
    person = {"first_name": "Eva", "last_name": "Malá", "password": "heslo", "again": "heslo"}
    assert "too short" in text_of(eva.post(f"{INVITATION}prijeti/", person))
    # chooses another one and sets up her app,
    person |= {"password": "tri-nase-slova-x", "again": "tri-nase-slova-x"}
    assert eva.post(f"{INVITATION}prijeti/", person).headers["Location"] == SET_UP
    assert eva.get(HOME).status_code == 302
    user = User.objects.get(email="eva@example.cz")
    eva.post(SET_UP, {"code": code_of_key(user, key_on(eva.get(SET_UP)))})
    # and sees her work.
    eva.post(CODES, {"kept": "1"})
    assert "stock keeper: Nemocnice Tábor" in text_of(eva.get(HOME))
    used = browser().post(INVITATION, {"email": "eva@example.cz", "code": code[1]})
    assert "This invitation has been used already." in text_of(used)


def test_an_invitation_is_withdrawn_after_a_question(client: Client, tabor: VaccinationSite) -> None:
    log_in(client, make_staff(Role.MANAGER, site=tabor, name="vedouci"))
    staff_page = f"/personal/mista/{tabor.pk}/"
    client.post(staff_page, {"email": "eva@example.cz", "role": "STOCK_KEEPER"})
    code = re.search(r": ([A-Z2-9]{5} [A-Z2-9]{5})\s", Message.objects.get().text or "")
    assert code
    address = reverse("logistics:withdraw_invitation", args=[StaffInvitation.objects.get().pk])
    assert address in client.get(staff_page).content.decode()
    assert "eva@example.cz" in text_of(client.get(address))
    assert StaffInvitation.objects.get().withdrawn_at is None
    answer = client.post(address, follow=True)
    assert "The invitation was withdrawn." in text_of(answer)
    assert "eva@example.cz" not in text_of(client.get(staff_page))
    assert "does not wait for an answer any more" in text_of(client.post(address, follow=True))
    typed = browser().post(INVITATION, {"email": "eva@example.cz", "code": code[1]})
    assert "This invitation was withdrawn." in text_of(typed)
    # Who does not give a role reads of the invitation, and has no link to take it back.
    client.post(staff_page, {"email": "petr@example.cz", "role": "MANAGER"})
    client.post(staff_page, {"email": "olga@example.cz", "role": "STOCK_KEEPER"})
    shown = log_in(browser(), make_staff(Role.IT, site=tabor)).get(staff_page)
    assert "petr@example.cz: site manager" in text_of(shown)
    links = [reverse("logistics:withdraw_invitation", args=[one.pk]) for one in StaffInvitation.objects.all()]
    assert [link for link in links if link in shown.content.decode()] == [
        reverse("logistics:withdraw_invitation", args=[StaffInvitation.objects.get(email="olga@example.cz").pk])
    ]
    stranger = log_in(browser(), make_staff(Role.MANAGER, site=make_site("Jinde", "CZ0642")))
    assert (stranger.get(address).status_code, stranger.post(address).status_code) == (404, 404)


def test_who_has_an_account_accepts_with_its_password(
    client: Client, tabor: VaccinationSite, brno: VaccinationSite
) -> None:
    keeper = make_staff(Role.STOCK_KEEPER, site=tabor, name="sklad")
    totp(keeper)
    manager = browser()
    log_in(manager, make_staff(Role.MANAGER, site=brno))
    manager.post(f"/personal/mista/{brno.pk}/", {"email": "sklad@example.cz", "role": "VACCINATOR"})
    code = re.search(r": ([A-Z2-9]{5} [A-Z2-9]{5})\s", Message.objects.get().text or "")
    assert code
    client.post(INVITATION, {"email": "sklad@example.cz", "code": code[1]})
    assert WRONG_PASSWORD in text_of(client.post(f"{INVITATION}prijeti/", {"password": "x"}))
    assert StaffRole.objects.filter(user=keeper).count() == 1
    assert client.post(f"{INVITATION}prijeti/", {"password": PASSWORD}).headers["Location"] == CODE
    assert StaffRole.objects.filter(user=keeper, site=brno, role=Role.VACCINATOR).exists()


def test_guessing_invitations_is_stopped(client: Client, settings: Any) -> None:
    settings.STAFF_INVITATION_TRIES_PER_ADDRESS = "2/h"
    sent = {"email": "eva@example.cz", "code": "ABCDE 23456"}
    assert [client.post(INVITATION, sent).status_code for _ in range(3)] == [200, 200, 429]


# --- colleagues ---------------------------------------------------------------------------------


def test_the_page_offers_only_what_the_person_may_do(
    client: Client, tabor: VaccinationSite, keeper: User, brno: VaccinationSite
) -> None:
    manager = make_staff(Role.MANAGER, site=tabor, name="vedouci")
    totp(manager)
    totp(keeper)
    it = make_staff(Role.IT, site=tabor, name="it")
    log_in(client, it)
    page = f"/personal/mista/{tabor.pk}/"
    shown = client.get(page).content.decode()
    assert re.findall(r'name="role" value="(\w+)"', shown) == ["REGISTRAR", "VACCINATOR", "STOCK_KEEPER", "IT"]
    numbers = {name: StaffRole.objects.get(user__username=name).pk for name in ("vedouci", "sklad")}
    for last in ("odebrat", "druhy-faktor"):
        assert f"/personal/role/{numbers['sklad']}/{last}/" in shown
        above = f"/personal/role/{numbers['vedouci']}/{last}/"
        assert above not in shown
        assert client.get(above).status_code == client.post(above).status_code == 404
    assert "Select a valid choice." in text_of(client.post(page, {"email": "it@example.cz", "role": "MANAGER"}))
    refused = client.post(page, {"email": "It@Example.cz", "role": "REGISTRAR"})
    assert "You cannot give a role to yourself." in text_of(refused)
    assert not Message.objects.exists()
    assert StaffRole.objects.filter(user=it).count() == 1


def test_a_role_is_taken_away_after_a_question(client: Client, tabor: VaccinationSite, keeper: User) -> None:
    log_in(client, make_staff(Role.MANAGER, site=tabor))
    page = f"/personal/role/{StaffRole.objects.get(user=keeper).pk}/odebrat/"
    assert page in client.get(f"/personal/mista/{tabor.pk}/").content.decode()
    assert client.get(page).status_code == 200
    assert StaffRole.objects.filter(user=keeper).exists()
    assert client.post(page).headers["Location"] == f"/personal/mista/{tabor.pk}/"
    assert not StaffRole.objects.filter(user=keeper).exists()
    assert client.post(page).status_code == 404


def test_the_last_manager_cannot_leave(client: Client, tabor: VaccinationSite) -> None:
    manager = make_staff(Role.MANAGER, site=tabor)
    log_in(client, manager)
    answer = client.post(f"/personal/role/{StaffRole.objects.get(user=manager).pk}/odebrat/", follow=True)
    assert "This is the last manager of the site." in text_of(answer)


def test_a_lost_telephone(client: Client, tabor: VaccinationSite, keeper: User) -> None:
    manager, lost = browser(), client
    log_in(lost, keeper)
    log_in(manager, make_staff(Role.IT, site=tabor, name="it"))
    page = f"/personal/role/{StaffRole.objects.get(user=keeper).pk}/druhy-faktor/"
    assert page in manager.get(f"/personal/mista/{tabor.pk}/").content.decode()
    assert manager.get(page).status_code == 200
    manager.post(page)
    assert lost.get(HOME).status_code == 302
    assert type_password(browser()).headers["Location"] == SET_UP
    noted = LogEntry.objects.get()
    assert (noted.user.get_username(), noted.object_id) == ("it", str(keeper.pk))


def test_strangers_of_a_site_find_none_of_its_pages(
    tabor: VaccinationSite, brno: VaccinationSite, keeper: User
) -> None:
    role = StaffRole.objects.get(user=keeper).pk
    pages = [f"/personal/mista/{tabor.pk}/", f"/personal/role/{role}/odebrat/", f"/personal/role/{role}/druhy-faktor/"]
    # Another site's manager, and people of the site itself who manage nobody.
    for other in (make_staff(Role.MANAGER, site=brno), make_staff(Role.VACCINATOR, site=tabor), keeper):
        client = browser()
        log_in(client, other)
        for page in [*pages, "/personal/urady/"]:
            assert client.get(page).status_code == 404, page
            assert client.post(page, {"email": "x@example.cz", "role": "MANAGER"}).status_code == 404
    assert not Message.objects.exists()
    assert StaffRole.objects.filter(pk=role).exists()


def test_the_ministry_invites_a_coordinator_with_the_region(client: Client) -> None:
    log_in(client, make_staff(Role.MINISTRY))
    page = "/personal/urady/"
    answer = client.post(page, {"email": "kraj@example.cz", "role": "REGION"})
    assert "Choose the region of the coordinator." in text_of(answer)
    answer = client.post(page, {"email": "kraj@example.cz", "role": "REGION", "region": "CZ031"}, follow=True)
    assert "kraj@example.cz: regional coordinator – Jihočeský kraj" in text_of(answer)


def test_the_ministry_invites_the_field_team_of_a_region_or_of_all(client: Client) -> None:
    log_in(client, make_staff(Role.MINISTRY))
    page = "/personal/urady/"
    answer = client.post(page, {"email": "teren@example.cz", "role": "SUPPORT_L1", "region": "CZ031"}, follow=True)
    assert "teren@example.cz: help desk L1, field team – Jihočeský kraj" in text_of(answer)
    client.post(page, {"email": "vsude@example.cz", "role": "SUPPORT_L1"})
    # A level above works everywhere, whatever was chosen.
    client.post(page, {"email": "dispecer@example.cz", "role": "SUPPORT_L2", "region": "CZ031"})
    invited = StaffInvitation.objects.exclude(email="teren@example.cz").values_list("email", "region")
    assert dict(invited) == {"vsude@example.cz": None, "dispecer@example.cz": None}


# --- from the account everywhere, and back -------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "seen", "hidden"),
    [
        (Role.STOCK_KEEPER, ["stock_home", "overview", "batches", "site"], ["site_staff", "office_staff"]),
        (Role.MANAGER, ["stock_home", "overview", "batches", "site", "admin:index", "site_staff"], ["office_staff"]),
        (Role.REGISTRAR, ["site", "admin:index"], ["stock_home", "site_staff"]),
        (Role.MINISTRY, ["stock_home", "overview", "batches", "admin:index", "office_staff"], []),
    ],
)
def test_the_account_leads_to_what_there_is_for_the_role(
    client: Client, tabor: VaccinationSite, role: Role, seen: list[str], hidden: list[str]
) -> None:
    Store.objects.create(kind=Store.Kind.SITE, site=tabor, name="Nemocnice Tábor")
    log_in(client, make_staff(role, site=None if role == Role.MINISTRY else tabor))
    shown = client.get(HOME).content.decode()

    def address(name: str) -> str:
        return reverse(name if ":" in name else f"logistics:{name}", args=[tabor.pk] if "site" in name else [])

    for name in seen:
        assert f'href="{address(name)}"' in shown, name
        assert client.get(address(name), follow=True).status_code == 200, name
    for name in hidden:
        assert f'href="{address(name)}"' not in shown, name


def test_who_has_no_role_is_told_so_and_led_nowhere(client: Client) -> None:
    log_in(client, User.objects.create_user("nikdo", is_staff=True))
    shown = client.get(HOME)
    assert "You have no role anywhere yet." in text_of(shown)
    assert 'href="/admin/"' not in shown.content.decode()


def test_a_store_leads_to_its_overview_and_its_batches(client: Client, keeper: User, tabor: VaccinationSite) -> None:
    log_in(client, keeper)
    store = make_stocked(tabor)
    shown = client.get(f"/sklad/{store.pk}/").content.decode()
    for address in (f"/sklad/prehled/misto/{store.pk}/", f"/sklad/sarze/{Batch.objects.get().pk}/"):
        assert f'href="{address}"' in shown
        assert client.get(address).status_code == 200


def test_every_page_of_staff_leads_to_the_account_and_out(client: Client, keeper: User, tabor: VaccinationSite) -> None:
    store = make_stocked(tabor)
    way = f'href="{HOME}">My account</a>'
    for address in (LOG_IN, "/", "/ockovaci-mista/"):
        assert way not in client.get(address).content.decode()
    log_in(client, keeper)
    for address in (HOME, CODES, f"/sklad/{store.pk}/", f"/sklad/prehled/misto/{store.pk}/", "/sklad/sarze/"):
        shown = client.get(address).content.decode()
        assert way in shown, address
        assert 'action="/personal/odhlaseni/"' in shown, address
    for address in ("/", "/ockovaci-mista/"):
        assert way not in client.get(address).content.decode()
