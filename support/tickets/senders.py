"""Of which site a sender is, where exactly one fits; a guess that the desk can change."""

from django.db import connection

from logistics.models import SITE_ROLES, VaccinationSite

# As text: each letter asks. Joined by OR, all staff of all sites would be read for it.
_FITS = """
SELECT id FROM logistics_vaccinationsite WHERE upper(email) = upper(%(address)s)
UNION SELECT site_id FROM logistics_sitecontact WHERE upper(email) = upper(%(address)s)
UNION SELECT role.site_id FROM auth_user JOIN logistics_staffrole role ON role.user_id = auth_user.id
WHERE upper(auth_user.email) = upper(%(address)s) AND auth_user.is_active AND role.role = ANY (%(roles)s)
LIMIT 2
"""


def site_of(address: str) -> VaccinationSite | None:
    """The one site whose own address, contact or staff this e-mail is; None where none or several fit."""
    if not address:
        return None
    with connection.cursor() as cursor:
        cursor.execute(_FITS, {"address": address, "roles": [str(role) for role in SITE_ROLES]})
        keys = [key for (key,) in cursor.fetchall()]
    return VaccinationSite.objects.get(pk=keys[0]) if len(keys) == 1 else None
