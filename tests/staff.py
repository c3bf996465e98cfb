"""Members of staff for tests: an account with a role, logged in with its second factor."""

from django.contrib.auth.models import User
from django.test import Client
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_totp.models import TOTPDevice

from logistics.models import Region, Role, StaffRole, VaccinationSite

PASSWORD = "three-words-of-ours"


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
    user = User.objects.filter(username=name).first()
    if user is None:
        user = User.objects.create_user(name, f"{name}@example.cz", PASSWORD, is_staff=True)
    StaffRole.objects.create(user=user, role=role, site=site, region=region)
    return user
