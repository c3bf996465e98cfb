"""Staff see the times and reservations of their own sites, and nothing else of people."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from django_otp.plugins.otp_totp.models import TOTPDevice

from logistics.models import Region, Role, VaccinationSite
from registration.models import Registration
from reservation.models import Reservation, Slot
from reservation.reserving import booking
from tests.factories import NOW, make_site, make_staff
from tests.pages import log_in

pytestmark = pytest.mark.django_db

SLOTS, RESERVATIONS = "admin:reservation_slot_changelist", "admin:reservation_reservation_changelist"


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
    ("role", "slots", "reservations", "may_change"),
    [
        (Role.MANAGER, 2, 1, True),
        (Role.REGISTRAR, 2, 1, True),
        (Role.VACCINATOR, 2, 1, False),
        (Role.STOCK_KEEPER, -403, -403, False),
        (Role.IT, -403, -403, False),
    ],
)
def test_a_site_sees_its_times_and_reservations_by_role(
    client: Client,
    held: Reservation,
    site: VaccinationSite,
    role: Role,
    slots: int,
    reservations: int,
    may_change: bool,
) -> None:
    log_in(client, make_staff(role, site=site))
    assert (shown(client, SLOTS), shown(client, RESERVATIONS)) == (slots, reservations)
    slot = Slot.objects.order_by("pk")[0]
    client.post(reverse("admin:reservation_slot_change", args=[slot.pk]), {"capacity": 7})
    slot.refresh_from_db()
    assert slot.capacity == (7 if may_change else 3)


@pytest.mark.parametrize("role", [Role.MANAGER, Role.REGISTRAR, Role.VACCINATOR])
def test_another_site_sees_nothing_of_it(
    client: Client, held: Reservation, site: VaccinationSite, elsewhere: VaccinationSite, role: Role
) -> None:
    log_in(client, make_staff(role, site=elsewhere))
    assert (shown(client, SLOTS), shown(client, RESERVATIONS)) == (0, 0)
    slot = Slot.objects.order_by("pk")[0]
    pages = [
        reverse("admin:reservation_slot_change", args=[slot.pk]),
        reverse("admin:reservation_slot_history", args=[slot.pk]),
        reverse("admin:reservation_reservation_change", args=[held.pk]),
        reverse("admin:reservation_reservation_history", args=[held.pk]),
    ]
    for page in pages:
        assert client.get(page).status_code == 302, page  # Django's 'does not exist', whoever asks
    client.post(pages[0], {"capacity": 7})
    slot.refresh_from_db()
    assert slot.capacity == 3


def test_a_reservation_shows_its_times_to_the_site(client: Client, held: Reservation, site: VaccinationSite) -> None:
    log_in(client, make_staff(Role.VACCINATOR, site=site))
    page = client.get(reverse("admin:reservation_reservation_change", args=[held.pk]))
    assert page.content.decode().count(site.name) >= 2


def test_a_region_sees_times_but_no_people(client: Client, held: Reservation, site: VaccinationSite) -> None:
    assert site.district
    region = Region.objects.get(pk=site.district.region_id)
    log_in(client, make_staff(Role.REGION, region=region))
    assert (shown(client, SLOTS), shown(client, RESERVATIONS)) == (2, -403)


def test_a_permission_of_djangos_own_opens_all_times_and_nothing_else(client: Client, held: Reservation) -> None:
    user = User.objects.create_user("dohled", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_slot"))
    log_in(client, user)
    assert (shown(client, SLOTS), shown(client, RESERVATIONS)) == (2, -403)
    slot = reverse("admin:reservation_slot_change", args=[Slot.objects.order_by("pk")[0].pk])
    assert client.get(slot).status_code == 200
    assert client.post(slot, {"capacity": 7}).status_code == 403


def test_the_ministry_sees_all_times_and_reservations(client: Client, held: Reservation) -> None:
    log_in(client, make_staff(Role.MINISTRY))
    assert (shown(client, SLOTS), shown(client, RESERVATIONS)) == (2, 1)


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
