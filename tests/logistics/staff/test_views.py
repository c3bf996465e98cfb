"""Logging in as staff: two factors, no guessing, nothing told to strangers; the account and the colleagues."""

import base64
import html
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_static.models import StaticToken

from crs.messaging.models import Message
from logistics import second_factor
from logistics.models import Batch, Role, StaffRole, Store, VaccinationSite
from logistics.staff.errors import WrongCode
from logistics.stock import ledger
from tests.logistics.stock_keeping import context, make_vials, put
from tests.staff import PASSWORD, log_in, make_staff, totp

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 23, 9, 0, 5, tzinfo=ZoneInfo("Europe/Prague"))
HOME, LOG_IN, CODE, SET_UP = "/personal/", "/personal/prihlaseni/", "/personal/kod/", "/personal/nastaveni/"
CODES, DEVICE, INVITATION = "/personal/zalozni-kody/", "/personal/aplikace/", "/personal/pozvanka/"
WRONG = "The name or the password is not right. Please check both and try again."


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as coordinates:
        yield coordinates


@pytest.fixture
def tabor() -> VaccinationSite:
    return VaccinationSite.objects.create(name="Nemocnice Tábor", district_id="CZ0317", address="Tábor")


@pytest.fixture
def brno() -> VaccinationSite:
    return VaccinationSite.objects.create(name="Výstaviště Brno", district_id="CZ0642", address="Brno")


@pytest.fixture
def keeper(tabor: VaccinationSite) -> User:
    return make_staff(Role.STOCK_KEEPER, site=tabor, name="sklad")


def browser() -> Client:
    client = Client()
    client.cookies["crs_language"] = "en"
    return client


@pytest.fixture
def client() -> Client:
    return browser()


def make_stocked(site: VaccinationSite) -> Store:
    """The store of the site with five vials."""
    store = ledger.establish(site=site, context=context())
    put(store, make_vials(), 5)
    return store


def type_password(client: Client, name: str = "sklad", password: str = PASSWORD, **more: str) -> Any:
    return client.post(LOG_IN, {"name": name, "password": password, **more})


def type_code(client: Client, code: str) -> Any:
    return client.post(CODE, {"code": code})


def code_now(user: User) -> str:
    return second_factor.current_code(totp(user), at=timezone.now())


def text_of(page: Any) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page.content.decode())).split())


def key_on(page: Any) -> str:
    """The key in hex, from what is shown for typing."""
    shown = re.search(r'class="lgs-key"><code>([^<]*)', page.content.decode())
    assert shown
    return base64.b32decode(shown[1].replace(" ", "")).hex()


def code_of_key(user: User, key: str) -> str:
    return second_factor.current_code(second_factor.unsaved_device(user=user, key=key), at=timezone.now())


# --- logging in ---------------------------------------------------------------------------------


def test_password_and_code_open_what_was_asked_for_under_a_new_session_key(client: Client, keeper: User) -> None:
    totp(keeper)
    asked = client.get(CODES)
    assert asked.headers["Location"] == f"{LOG_IN}?next=%2Fpersonal%2Fzalozni-kody%2F"
    page = client.get(asked.headers["Location"])
    assert 'name="next" value="/personal/zalozni-kody/"' in page.content.decode()
    assert type_password(client, next=CODES).headers["Location"] == CODE
    key_between = client.session.session_key
    assert client.get(HOME).status_code == 302  # the password alone opens nothing
    answer = type_code(client, code_now(keeper))
    assert answer.headers["Location"] == CODES
    assert client.session.session_key != key_between
    assert client.get(HOME).status_code == 200


@pytest.mark.parametrize("name", ["sklad", "sklad@example.cz", "Sklad@Example.cz "])
def test_the_name_may_be_the_e_mail_however_it_is_typed(client: Client, keeper: User, name: str) -> None:
    totp(keeper)
    assert type_password(client, name).headers["Location"] == CODE


@pytest.mark.parametrize("page", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "word"])
def test_nobody_is_led_elsewhere_after_logging_in(client: Client, keeper: User, page: str) -> None:
    totp(keeper)
    type_password(client, next=page)
    assert type_code(client, code_now(keeper)).headers["Location"] == HOME


def test_a_wrong_password_an_unknown_name_and_a_lock_look_the_same_for_who_exists_and_who_does_not(
    keeper: User,
) -> None:
    User.objects.create_user("obcan", "", PASSWORD)  # an account that is not staff's
    pages: dict[str, list[str]] = {}
    for name, password in (("sklad", "x"), ("nikdo", "x"), ("obcan", "x"), ("nikdo@example.cz", "x")):
        client = browser()
        answers = [type_password(client, name, password) for _ in range(6)]
        assert {answer.status_code for answer in answers} == {200}
        pages[name] = [text_of(answer) for answer in answers]
    assert len({tuple(shown) for shown in pages.values()}) == 1
    shown = pages["sklad"]
    assert all(WRONG in page for page in shown[:4])
    locked = "Too many wrong passwords. For safety nobody can log in with this name until 9:15."
    assert all(locked in page for page in shown[4:])


def test_an_account_that_is_not_staffs_is_answered_like_a_wrong_password(client: Client) -> None:
    User.objects.create_user("obcan", "", PASSWORD)
    assert WRONG in text_of(type_password(client, "obcan"))


def test_the_lock_holds_for_the_right_password_too_ends_in_a_quarter_and_leaves_other_addresses_alone(
    client: Client, keeper: User, clock: time_machine.Traveller
) -> None:
    totp(keeper)
    for _ in range(5):
        type_password(client, password="x")
    assert "until 9:15" in text_of(type_password(client))
    elsewhere = Client(REMOTE_ADDR="192.0.2.7")
    assert type_password(elsewhere).status_code == 302


def test_four_wrong_passwords_are_forgotten_after_a_log_in(client: Client, keeper: User) -> None:
    totp(keeper)
    for _ in range(4):
        type_password(client, "sklad@example.cz", "x")
    type_password(client, "sklad@example.cz")
    type_code(client, code_now(keeper))
    stranger = browser()
    assert WRONG in text_of(type_password(stranger, "sklad@example.cz", "x"))


def test_many_tries_from_one_network_are_stopped(client: Client, keeper: User, settings: Any) -> None:
    settings.LOGINS_PER_ADDRESS = "2/h"
    for name in ("a", "b"):
        assert type_password(client, name).status_code == 200
    assert type_password(client).status_code == 429


def test_the_code_page_is_for_who_typed_the_password_just_now(
    client: Client, keeper: User, clock: time_machine.Traveller
) -> None:
    totp(keeper)
    for page in (CODE, SET_UP):
        assert client.get(page).headers["Location"] == LOG_IN
    type_password(client)
    assert client.get(CODE).status_code == 200
    clock.shift(timedelta(minutes=21))
    assert client.get(CODE).headers["Location"] == LOG_IN


def test_a_changed_password_ends_a_log_in_that_was_half_way(client: Client, keeper: User) -> None:
    totp(keeper)
    type_password(client)
    keeper.set_password("jine-tri-slova-tady")
    keeper.save()
    assert type_code(client, code_now(keeper)).headers["Location"] == LOG_IN


def test_a_code_works_once_and_its_thief_reads_why(client: Client, keeper: User, clock: time_machine.Traveller) -> None:
    code = code_now(keeper)
    type_password(client)
    assert type_code(client, code).headers["Location"] == HOME
    thief = browser()
    type_password(thief)
    assert "This code has been used already." in text_of(type_code(thief, code))
    clock.shift(timedelta(seconds=30))
    assert type_code(thief, code_now(keeper)).status_code == 302


def test_wrong_codes_bring_pauses_that_grow(client: Client, keeper: User, clock: time_machine.Traveller) -> None:
    totp(keeper)
    type_password(client)
    assert "This code is not right." in text_of(type_code(client, "000 000"))
    assert "Please try again at 9:00:06." in text_of(type_code(client, code_now(keeper)))
    clock.shift(timedelta(seconds=2))
    type_code(client, "000000")
    assert "Please try again at 9:00:09." in text_of(type_code(client, code_now(keeper)))
    clock.shift(timedelta(seconds=3))
    assert type_code(client, code_now(keeper)).status_code == 302


# --- the second factor --------------------------------------------------------------------------


def test_who_has_no_app_sets_one_up_before_anything_else_opens(client: Client, keeper: User) -> None:
    assert type_password(client).headers["Location"] == SET_UP
    assert client.get(CODE).headers["Location"] == SET_UP
    for address in (HOME, "/admin/", CODES, DEVICE):
        assert client.get(address).status_code == 302
    page = client.get(SET_UP)
    key = key_on(page)
    assert key_on(client.get(SET_UP)) == key  # a reload does not spoil what the app has scanned
    assert 'src="data:image/png;base64,' in page.content.decode()
    assert key not in str(dict(client.session.items()))
    assert "This code is not right." in text_of(client.post(SET_UP, {"code": "123"}))
    answer = client.post(SET_UP, {"code": code_of_key(keeper, key)})
    assert answer.headers["Location"] == CODES
    shown = re.findall(r"<li><code>([^<]*)</code>", client.get(CODES).content.decode())
    assert len(set(shown)) == 8
    assert client.post(CODES, {"kept": "1"}).headers["Location"] == HOME
    assert shown[0] not in client.get(CODES).content.decode()
    # The code that proved the app is used up, and the password alone cannot set up another one.
    thief = browser()
    assert type_password(thief).headers["Location"] == CODE
    assert thief.get(SET_UP).headers["Location"] == CODE
    assert "used already" in text_of(type_code(thief, code_of_key(keeper, key)))


def test_a_recovery_code_works_once_however_it_is_typed(keeper: User) -> None:
    totp(keeper)
    codes = second_factor.renew_recovery_codes(user=keeper)
    typed = second_factor.grouped(codes[0], 5).lower()
    first, second = browser(), browser()
    type_password(first)
    assert type_code(first, typed).headers["Location"] == HOME
    assert "You used a recovery code; 7 are left." in text_of(first.get(HOME))
    assert second_factor.recovery_codes_left(keeper) == 7
    type_password(second)
    assert "This code is not right." in text_of(type_code(second, typed))


def test_codes_on_paper_are_not_readable_in_the_database_nor_anybody_elses(
    keeper: User, tabor: VaccinationSite
) -> None:
    code = second_factor.renew_recovery_codes(user=keeper)[0]
    assert not StaticToken.objects.filter(token__iexact=code).exists()
    other = make_staff(Role.VACCINATOR, site=tabor)
    second_factor.renew_recovery_codes(user=other)
    with pytest.raises(WrongCode):
        second_factor.check(user=other, code=code)


def test_new_recovery_codes_need_a_code_and_end_the_old_ones(client: Client, keeper: User) -> None:
    log_in(client, keeper)
    old = second_factor.renew_recovery_codes(user=keeper)
    assert "This code is not right." in text_of(client.post(CODES, {"code": "000000"}))
    with time_machine.travel(NOW + timedelta(seconds=40), tick=False):
        assert client.post(CODES, {"code": code_now(keeper)}).headers["Location"] == CODES
        with pytest.raises(WrongCode):
            second_factor.check(user=keeper, code=old[0])
    assert client.get(HOME).status_code == 200


def test_the_app_is_replaced_with_a_code_of_the_old_one(client: Client, keeper: User) -> None:
    log_in(client, keeper)
    key = key_on(client.get(DEVICE))
    old_code, new_code = code_now(keeper), code_of_key(keeper, key)
    assert "This code is not right." in text_of(client.post(DEVICE, {"old_code": old_code, "code": "111111"}))
    answer = client.post(DEVICE, {"old_code": old_code, "code": new_code})
    assert answer.headers["Location"] == CODES
    assert totp(keeper).key == key
    assert client.get(HOME).status_code == 200


def test_the_app_is_not_replaced_without_one(client: Client, keeper: User) -> None:
    log_in(client, keeper)
    key = key_on(client.get(DEVICE))
    answer = client.post(DEVICE, {"old_code": "000000", "code": code_of_key(keeper, key)})
    assert "This code is not right." in text_of(answer)
    assert totp(keeper).key != key


def test_a_changed_password_logs_other_browsers_out(client: Client, keeper: User) -> None:
    other = browser()
    log_in(client, keeper)
    log_in(other, keeper)
    fresh = "ctyri-uplne-nova-slova"
    sent = {"old_password": PASSWORD, "new_password1": fresh, "new_password2": fresh}
    assert client.post("/personal/heslo/", {**sent, "old_password": "x"}).status_code == 200
    assert client.post("/personal/heslo/", sent).headers["Location"] == HOME
    assert client.get(HOME).status_code == 200
    assert other.get(HOME).status_code == 302


# --- the end of a session -----------------------------------------------------------------------


def test_twenty_idle_minutes_end_the_session_and_the_page_says_so_and_leads_back(
    client: Client, keeper: User, clock: time_machine.Traveller
) -> None:
    log_in(client, keeper)
    client.get(HOME)
    for _ in range(3):
        clock.shift(timedelta(minutes=19))
        assert client.get(HOME).status_code == 200
    clock.shift(timedelta(minutes=20))
    asked = client.get(CODES)
    assert asked.headers["Location"] == f"{LOG_IN}?next=%2Fpersonal%2Fzalozni-kody%2F"
    page = client.get(asked.headers["Location"])
    assert "You were logged out because nothing happened for 20 minutes." in text_of(page)
    assert "logged out because" not in text_of(client.get(LOG_IN))


def test_the_session_is_written_once_a_minute_at_most(
    client: Client, keeper: User, clock: time_machine.Traveller
) -> None:
    log_in(client, keeper)
    seen = []
    for _ in range(5):
        client.get(HOME)
        seen.append(client.session["staff_seen"])
        clock.shift(timedelta(seconds=25))
    assert [moment - seen[0] for moment in seen] == [0, 0, 0, 75, 75]


def test_a_citizens_page_asks_nothing_about_staff(client: Client, keeper: User) -> None:
    def asked(visitor: Client) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert visitor.get("/registrace/").status_code == 200
        return len(queries)

    log_in(client, keeper)
    assert asked(client) == asked(browser()) + 1, "the session itself"
    assert "staff_seen" not in client.session


def test_logging_out_ends_it(client: Client, keeper: User) -> None:
    log_in(client, keeper)
    assert client.get("/personal/odhlaseni/").status_code == 405
    assert client.post("/personal/odhlaseni/").headers["Location"] == LOG_IN
    assert client.get(HOME).status_code == 302


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
    assert WRONG in text_of(client.post(f"{INVITATION}prijeti/", {"password": "x"}))
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


def test_a_session_of_before_the_second_factor_is_worth_nothing(client: Client, keeper: User) -> None:
    client.force_login(keeper)
    assert DEVICE_ID_SESSION_KEY not in client.session
    assert client.get(HOME).status_code == 302
    assert client.get(LOG_IN).status_code == 200


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
