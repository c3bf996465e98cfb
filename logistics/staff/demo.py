"""The members of staff of the demonstration: one for each kind of work, all with one password and one app."""

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.db import transaction
from django_otp.plugins.otp_totp.models import TOTPDevice

from crs.secrets import secret
from logistics.models import Role, StaffRole, VaccinationSite
from logistics.models.staff import SITE_ROLES

ADMINISTRATOR = "admin"
STOCK_KEEPER = "sklad"
# User name, first name, surname, role. They work at the first demonstration site, and in its region.
STAFF = (
    ("vedouci", "Věra", "Vedoucí", Role.MANAGER),
    ("registrace", "Radka", "Registrátorová", Role.REGISTRAR),
    ("ockovani", "Olga", "Očkovací", Role.VACCINATOR),
    (STOCK_KEEPER, "Slávek", "Skladník", Role.STOCK_KEEPER),
    ("kraj", "Kamil", "Krajský", Role.REGION),
    ("distributor", "Dana", "Distributorová", Role.DISTRIBUTOR),
    ("ministerstvo", "Milan", "Ministerský", Role.MINISTRY),
    ("podpora1", "Pavel", "Polní", Role.SUPPORT_L1),
    ("podpora2", "Dita", "Dispečerská", Role.SUPPORT_L2),
    ("podpora3", "Emil", "Expert", Role.SUPPORT_L3),
    ("podpora", "Lenka", "Vedoucí podpory", Role.SUPPORT_LEAD),
)
LOGINS = (ADMINISTRATOR, *(name for name, *_ in STAFF))
_DEVICE = "demonstration"


def add(*, site: VaccinationSite) -> bool:
    """Add the superuser and the staff that are missing, each with a second factor. Returns whether the superuser was.

    The password is the secret DEMO_PASSWORD, the key of the app DEMO_TOTP_KEY. An account with an app of its own
    keeps that.
    """
    with transaction.atomic():
        known = set(User.objects.filter(username__in=LOGINS).values_list("username", flat=True))
        # Hashed once: it takes half a second, and a newcomer is waiting.
        password = make_password(secret("DEMO_PASSWORD")) if len(known) < len(LOGINS) else ""
        if ADMINISTRATOR not in known:
            User.objects.create(username=ADMINISTRATOR, password=password, is_staff=True, is_superuser=True)
        for name, first_name, last_name, role in STAFF:
            if name not in known:
                names = {"first_name": first_name, "last_name": last_name, "email": f"{name}@crs.example"}
                _give(User.objects.create(username=name, password=password, is_staff=True, **names), role, site)
        for user in User.objects.filter(username__in=LOGINS).exclude(totpdevice__confirmed=True):
            TOTPDevice.objects.create(user=user, name=_DEVICE, key=secret("DEMO_TOTP_KEY"), confirmed=True)
    return ADMINISTRATOR not in known


def device(name: str) -> TOTPDevice | None:
    """The demonstration's app of the login `name`; None where there is no such login or it has another app."""
    if name not in LOGINS:
        return None
    found = TOTPDevice.objects.filter(user__username=name, confirmed=True, key=secret("DEMO_TOTP_KEY"))
    return found.select_related("user").first()


def _give(user: User, role: Role, site: VaccinationSite) -> None:
    StaffRole.objects.create(
        user=user,
        role=role,
        site=site if role in SITE_ROLES else None,
        region=site.district.region if role == Role.REGION and site.district else None,
    )
