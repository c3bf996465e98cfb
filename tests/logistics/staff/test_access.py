"""Nobody gets to staff's pages without the second factor, and nobody beyond their own sites."""

import re
from collections.abc import Callable, Iterator

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from logistics import urls
from tests.staff import log_in

pytestmark = pytest.mark.django_db

SOME = {"uuid": "6b1b2f7e-3c1f-4f0e-9f57-0a3c3c1d2e11", "int": "1"}
# Staff's pages that are there for logging in, for who forgot the password and for the invited; anybody may see them.
OPEN = {"log_in", "code", "set_up", "log_out", "invitation", "accept"}
OPEN |= {"forgotten_password", "reset_code", "new_password"}


def _filled(pattern: URLPattern) -> str:
    """The address with something in the place of each parameter."""
    return "/" + re.sub(r"<(?:(\w+):)?\w+>", lambda found: SOME.get(found[1], "x"), str(pattern.pattern))


def staff_addresses() -> Iterator[str]:
    """Every page of logistics that is not for the public."""
    public = {pattern.name for pattern in urls.sites}
    for pattern in urls.urlpatterns:
        if isinstance(pattern, URLPattern) and pattern.name not in OPEN | public:
            yield _filled(pattern)


def admin_addresses() -> Iterator[str]:
    """Every list, form and further page of every screen of the admin."""
    yield from ("/admin/", "/admin/password_change/", "/admin/autocomplete/", "/admin/auth/", "/admin/jsi18n/")
    for model in admin.site._registry:
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        yield reverse(f"admin:{name}_changelist")
        yield reverse(f"admin:{name}_add")
        for page in ("change", "delete", "history"):
            yield reverse(f"admin:{name}_{page}", args=["1"])


def _with_password_only(client: Client) -> None:
    client.force_login(User.objects.create_superuser("root"))


def _with_the_app_of_somebody_else(client: Client) -> None:
    log_in(client, User.objects.create_superuser("other"))
    session = client.session
    session["_auth_user_id"] = str(User.objects.create_superuser("root").pk)
    session.save()


def _as_no_staff(client: Client) -> None:
    log_in(client, User.objects.create_user("obcan"))


@pytest.mark.parametrize("visit", [lambda _: None, _with_password_only, _with_the_app_of_somebody_else, _as_no_staff])
def test_without_the_second_factor_no_page_of_staff_and_no_screen_of_the_admin_opens(
    client: Client, visit: Callable[[Client], None]
) -> None:
    visit(client)
    addresses = [*staff_addresses(), *admin_addresses()]
    assert len(addresses) > 70
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code == 302, address
        assert answer.headers["Location"].startswith(("/personal/prihlaseni/", "/admin/login/")), address
        posted = client.post(address)
        assert posted.status_code in (302, 405), address
        if posted.status_code == 302:
            assert posted.headers["Location"].startswith(("/personal/prihlaseni/", "/admin/login/")), address


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


def test_every_page_of_staff_is_walked() -> None:
    """The walk above would miss a list of addresses that is not joined into `urlpatterns`."""
    assert {pattern.name for pattern in urls.staff} >= OPEN | {"account", "site_staff"}
    assert all(isinstance(pattern, URLPattern | URLResolver) for pattern in get_resolver("logistics.urls").url_patterns)


def test_who_has_no_role_sees_an_empty_admin(client: Client) -> None:
    log_in(client, User.objects.create_user("nikdo", is_staff=True))
    page = client.get("/admin/")
    assert page.context["app_list"] == []
    for model in admin.site._registry:
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        assert client.get(reverse(f"admin:{name}_changelist")).status_code == 403, name
