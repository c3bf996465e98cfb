"""Members of staff for tests: an account, with a role or without, and what its owner types to log in."""

import base64
import html
import re
from typing import Any

from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_totp.models import TOTPDevice

from crs.accounts import second_factor
from logistics.models import Region, Role, StaffRole, VaccinationSite

PASSWORD = "three-words-of-ours"
HOME, LOG_IN, CODE, SET_UP = "/personal/", "/personal/prihlaseni/", "/personal/kod/", "/personal/nastaveni/"
CODES, DEVICE = "/personal/zalozni-kody/", "/personal/aplikace/"
WRONG_PASSWORD = "The name or the password is not right. Please check both and try again."


def log_in(client: Client, user: User) -> None:
    """Log `user` in as if the password and a code of their authenticator app had been typed."""
    device = totp(user)
    client.force_login(user)
    session = client.session
    session[DEVICE_ID_SESSION_KEY] = device.persistent_id
    session.save()


def totp(user: User) -> TOTPDevice:
    """The authenticator app of `user`, made on first use."""
    return TOTPDevice.objects.get_or_create(user=user, confirmed=True, defaults={"name": "test"})[0]


def make_account(name: str) -> User:
    """An account of staff without a role, with the password `PASSWORD`."""
    return User.objects.create_user(name, f"{name}@example.cz", PASSWORD, is_staff=True)


def make_staff(
    role: Role,
    *,
    site: VaccinationSite | None = None,
    region: Region | None = None,
    name: str = "",
) -> User:
    """An account with `role` at its place and the password `PASSWORD`; without a `name` it gets one of its own.

    An account that `name` names already gets one more role.
    """
    name = name or f"{role.lower()}-{User.objects.count() + 1}"
    user = User.objects.filter(username=name).first() or make_account(name)
    StaffRole.objects.create(user=user, role=role, site=site, region=region)
    return user


def browser() -> Client:
    """A browser of somebody who reads English."""
    client = Client()
    client.cookies["crs_language"] = "en"
    return client


def text_of(page: Any) -> str:
    """What is read on the page, its head too."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page.content.decode())).split())


def type_password(client: Client, name: str = "sklad", password: str = PASSWORD, **more: str) -> Any:
    """Send the first page of logging in."""
    return client.post(LOG_IN, {"name": name, "password": password, **more})


def type_code(client: Client, code: str) -> Any:
    """Send the second page of logging in."""
    return client.post(CODE, {"code": code})


def code_now(user: User) -> str:
    """What the user's app shows."""
    return second_factor.current_code(totp(user), at=timezone.now())


def key_on(page: Any) -> str:
    """The key of a new app in hex, from what is shown for typing."""
    shown = re.search(r'class="crs-key"><code>([^<]*)', page.content.decode())
    assert shown
    return base64.b32decode(shown[1].replace(" ", "")).hex()


def code_of_key(user: User, key: str) -> str:
    """What an app with the key shows."""
    return second_factor.current_code(second_factor.unsaved_device(user=user, key=key), at=timezone.now())
