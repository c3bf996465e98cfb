"""The admin is entered through the staff's log-in only."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

pytestmark = pytest.mark.django_db


def test_the_admin_has_no_log_in_of_its_own(client: Client) -> None:
    User.objects.create_superuser("root", password="tri-nase-slova")
    for answer in (
        client.get("/admin/login/?next=/admin/auth/user/"),
        client.post("/admin/login/", {"username": "root", "password": "tri-nase-slova"}),
    ):
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/personal/prihlaseni/?next=/admin/")
    assert client.get("/admin/").status_code == 302


def test_keys_of_the_second_factor_and_codes_are_on_no_screen() -> None:
    assert not admin.site.is_registered(TOTPDevice)
    assert not admin.site.is_registered(StaticDevice)
