"""Staff see the reservations of their own sites, and nothing else of people."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from django_otp.plugins.otp_totp.models import TOTPDevice

from logistics.models import Region, Role, VaccinationSite
from registration.models import Registration
from reservation.models import Reservation
from reservation.reserving import booking
from tests.factories import NOW, make_site, make_staff
from tests.pages import english, log_in, text_of

pytestmark = pytest.mark.django_db

RESERVATIONS = "admin:reservation_reservation_changelist"


@pytest.fixture
def elsewhere() -> VaccinationSite:
    return make_site()


@pytest.fixture
def held(make_invitation: Any, make_pair: Any) -> Reservation:
    first, _ = make_pair(capacity=3)
    taken = booking.hold(invitation_id=make_invitation().pk, slot_id=first.pk, now=NOW)
    return Reservation.objects.get(pk=taken.reservation_id)


def shown(client: Client, page: str) -> int:
    answer = client.get(reverse(page))
    return answer.context["cl"].result_count if answer.status_code == 200 else -answer.status_code


@pytest.mark.parametrize(
    ("role", "reservations"),
    [(Role.MANAGER, 1), (Role.REGISTRAR, 1), (Role.VACCINATOR, 1), (Role.STOCK_KEEPER, -403), (Role.IT, -403)],
)
def test_a_site_sees_its_reservations_by_role(
    client: Client, held: Reservation, site: VaccinationSite, role: Role, reservations: int
) -> None:
    log_in(client, make_staff(role, site=site))
    assert shown(client, RESERVATIONS) == reservations


@pytest.mark.parametrize("role", [Role.MANAGER, Role.REGISTRAR, Role.VACCINATOR])
def test_another_site_sees_nothing_of_it(
    client: Client, held: Reservation, elsewhere: VaccinationSite, role: Role
) -> None:
    log_in(client, make_staff(role, site=elsewhere))
    assert shown(client, RESERVATIONS) == 0
    for page in ("change", "history"):
        answer = client.get(reverse(f"admin:reservation_reservation_{page}", args=[held.pk]))
        assert answer.status_code == 302, page  # Django's 'does not exist', whoever asks


def test_a_reservation_shows_its_times_to_the_site(client: Client, held: Reservation, site: VaccinationSite) -> None:
    log_in(client, make_staff(Role.VACCINATOR, site=site))
    page = client.get(reverse("admin:reservation_reservation_change", args=[held.pk]))
    assert page.content.decode().count(site.name) >= 2


def test_a_region_sees_no_people(client: Client, held: Reservation, site: VaccinationSite) -> None:
    assert site.district
    region = Region.objects.get(pk=site.district.region_id)
    log_in(client, make_staff(Role.REGION, region=region))
    assert shown(client, RESERVATIONS) == -403


def test_a_permission_of_djangos_own_opens_one_screen(client: Client, held: Reservation) -> None:
    user = User.objects.create_user("dohled", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_reservation"))
    log_in(client, user)
    assert (shown(client, RESERVATIONS), shown(client, "admin:reservation_invitation_changelist")) == (1, -403)


def test_the_ministry_sees_all_reservations(client: Client, held: Reservation) -> None:
    log_in(client, make_staff(Role.MINISTRY))
    assert shown(client, RESERVATIONS) == 1


@pytest.mark.parametrize("role", [Role.MANAGER, Role.REGISTRAR, Role.VACCINATOR, Role.STOCK_KEEPER, Role.IT])
def test_people_and_messages_are_not_for_sites(
    client: Client, held: Reservation, site: VaccinationSite, role: Role
) -> None:
    log_in(client, make_staff(role, site=site))
    screens = ("registration_registration", "registration_person", "registration_registrationclaim")
    for screen in (*screens, "messaging_message", "reservation_invitation", "auth_user", "auth_group"):
        assert client.get(reverse(f"admin:{screen}_changelist")).status_code == 403, screen
    number = Registration.objects.get().pk
    assert client.get(reverse("admin:registration_registration_change", args=[number])).status_code == 403


def test_managers_see_the_roles_of_their_own_site(
    client: Client, site: VaccinationSite, elsewhere: VaccinationSite
) -> None:
    log_in(client, make_staff(Role.MANAGER, site=site))
    make_staff(Role.VACCINATOR, site=site)
    make_staff(Role.VACCINATOR, site=elsewhere)
    assert shown(client, "admin:logistics_staffrole_changelist") == 2
    assert shown(client, "admin:logistics_staffinvitation_changelist") == 0
    log_in(client, make_staff(Role.VACCINATOR, site=site))
    assert shown(client, "admin:logistics_staffrole_changelist") == -403


def test_accounts_are_for_superusers_who_take_lost_apps_away(client: Client, site: VaccinationSite) -> None:
    keeper = make_staff(Role.STOCK_KEEPER, site=site)
    TOTPDevice.objects.create(user=keeper, name="x")
    log_in(client, make_staff(Role.MINISTRY))
    assert shown(client, "admin:auth_user_changelist") == -403
    log_in(client, User.objects.create_superuser("root"))
    client.post(
        reverse("admin:auth_user_changelist"), {"action": "reset_second_factor", "_selected_action": [keeper.pk]}
    )
    assert not TOTPDevice.objects.filter(user=keeper).exists()


def test_staff_read_which_role_opens_a_page_and_whom_they_ask(client: Client, site: VaccinationSite) -> None:
    log_in(english(client), make_staff(Role.STOCK_KEEPER, site=site))
    refused = client.get(reverse(RESERVATIONS))
    text = text_of(refused)
    assert refused.status_code == 403
    assert "It is open to these roles: site manager registrar vaccinator ministry" in text
    assert "ask the manager of your vaccination site" in text
    assert "1221" not in refused.content.decode().partition("<main")[2].partition("</main")[0]
    messages = text_of(client.get(reverse("admin:messaging_message_changelist")))
    assert "It is open to this role: ministry" in messages
