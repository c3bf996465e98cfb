"""Which roles each role gives and takes; whose lost second factor somebody resets follows from it."""

from django.contrib.auth.models import User

from logistics.models import Role, VaccinationSite
from logistics.models.staff import OFFICE_ROLES, SITE_ROLES
from logistics.staff import permissions

# Nobody gives a role above their own: IT of a site does not choose who runs it.
GIVES: dict[Role, frozenset[Role]] = {
    Role.IT: frozenset(SITE_ROLES) - {Role.MANAGER},
    Role.MANAGER: frozenset(SITE_ROLES),
    Role.REGION: frozenset(SITE_ROLES),
    Role.MINISTRY: frozenset(Role),
}


def roles_to_give(user: User, site: VaccinationSite | None) -> tuple[Role, ...]:
    """The roles that the user may give and take at the site, without a site those of the offices."""
    # Without a site all roles of the user count; of these only the ministry's gives roles in offices.
    held = permissions.roles_at(user, site)
    given = frozenset[Role]().union(*(GIVES.get(Role(role), frozenset()) for role in held))
    return tuple(role for role in (SITE_ROLES if site else OFFICE_ROLES) if role in given)


def may_give(user: User, role: Role, site: VaccinationSite | None) -> bool:
    """Whether the user may give and take `role` at the site, or without a site in the offices."""
    return role in roles_to_give(user, site)
