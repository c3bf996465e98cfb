"""The logins of the demonstration: one for each kind of work, and the codes that are printed for them."""

from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from django_otp.plugins.otp_totp.models import TOTPDevice

from crs.secrets import secret
from logistics.models import VaccinationSite
from logistics.staff import demo
from tests.factories import make_site

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> VaccinationSite:
    return make_site()


def test_the_administrator_can_log_in_with_the_secret_password(site: VaccinationSite) -> None:
    assert demo.add(site=site)
    assert not demo.add(site=site)
    administrator = User.objects.get(username="admin")
    assert administrator.is_superuser
    assert administrator.check_password(secret("DEMO_PASSWORD"))


def test_each_login_works_with_the_secret_password_and_the_printed_code(site: VaccinationSite) -> None:
    demo.add(site=site)
    assert User.objects.filter(username__in=demo.LOGINS).count() == len(demo.LOGINS) == 12
    for name in demo.LOGINS:
        printed = StringIO()
        call_command("staff_code", name, stdout=printed)
        browser = Client()
        typed = {"name": name, "password": secret("DEMO_PASSWORD")}
        assert browser.post("/personal/prihlaseni/", typed).headers["Location"] == "/personal/kod/"
        assert browser.post("/personal/kod/", {"code": printed.getvalue()[:6]}).headers["Location"] == "/personal/"
        assert browser.get("/personal/").status_code == 200


def test_an_app_of_their_own_stays_and_its_code_is_not_printed(site: VaccinationSite) -> None:
    demo.add(site=site)
    TOTPDevice.objects.filter(user__username="sklad").update(key="00" * 20)
    demo.add(site=site)
    assert TOTPDevice.objects.get(user__username="sklad").key == "00" * 20
    with pytest.raises(CommandError):
        call_command("staff_code", "sklad")


def test_codes_are_printed_in_a_local_run_only(site: VaccinationSite, settings: Any) -> None:
    demo.add(site=site)
    settings.IS_LOCAL = False
    with pytest.raises(CommandError):
        call_command("staff_code")
