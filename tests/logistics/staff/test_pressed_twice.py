"""What a manager of staff presses twice is done once, and the second answer reads like the first."""

from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django_otp.plugins.otp_totp.models import TOTPDevice

from crs.messaging.models import Message
from logistics.models import Role, StaffInvitation, StaffRole, VaccinationSite
from tests.factories import make_site, make_staff, totp
from tests.pages import log_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> VaccinationSite:
    return make_site()


@pytest.fixture
def manager(client: Client, site: VaccinationSite) -> Client:
    log_in(client, make_staff(Role.MANAGER, site=site, name="vedouci"))
    return client


def twice(client: Client, path: str, **fields: str) -> list[Any]:
    """Where each of two clicks leads, and what it says."""
    sent = {"form_key": str(uuid4()), **fields}
    pages = [client.post(path, sent, follow=True) for _click in range(2)]
    return [(page.redirect_chain, [str(said) for said in page.context["messages"]]) for page in pages]


def test_an_invitation_is_one_letter(manager: Client, site: VaccinationSite) -> None:
    path = reverse("logistics:site_staff", args=[site.pk])
    first, second = twice(manager, path, email="nova@example.cz", role=Role.REGISTRAR)
    assert first == second
    assert StaffInvitation.objects.count() == 1
    assert Message.objects.filter(template="logistics/staff_invitation").count() == 1


def test_a_role_is_taken_once_and_the_second_click_is_no_missing_page(manager: Client, site: VaccinationSite) -> None:
    role = StaffRole.objects.get(user=make_staff(Role.REGISTRAR, site=site))
    first, second = twice(manager, reverse("logistics:take_role", args=[role.pk]))
    assert first == second
    assert not StaffRole.objects.filter(pk=role.pk).exists()


def test_an_old_page_does_not_take_a_factor_that_was_set_up_since(manager: Client, site: VaccinationSite) -> None:
    user: User = make_staff(Role.REGISTRAR, site=site)
    totp(user)
    path = reverse("logistics:reset_second_factor", args=[StaffRole.objects.get(user=user).pk])
    sent = {"form_key": str(uuid4())}
    manager.post(path, sent)
    assert not TOTPDevice.objects.filter(user=user).exists()
    totp(user)
    manager.post(path, sent)
    assert TOTPDevice.objects.filter(user=user).exists()
