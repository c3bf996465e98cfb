"""Who stands above whom: the roles that each role may give and take, and whose lost second factor it may reset."""

from django.contrib.auth.models import User

from logistics.models import Role, VaccinationSite
from logistics.models.staff import OFFICE_ROLES, SITE_ROLES
from logistics.staff import access

# Nobody gives a role above their own: who sees to the computers of a site does not choose who runs it.
GIVES: dict[Role, frozenset[Role]] = {
    Role.IT: frozenset(SITE_ROLES) - {Role.MANAGER},
    Role.MANAGER: frozenset(SITE_ROLES),
    Role.REGION: frozenset(SITE_ROLES),
    Role.MINISTRY: frozenset(Role),
}


def roles_to_give(user: User, site: VaccinationSite | None) -> tuple[Role, ...]:
    """The roles that the user may give and take at the site, without a site those of the offices."""
    held = access.roles_at_site(user, site)
    given = frozenset[Role]().union(*(GIVES.get(Role(role), frozenset()) for role in held))
    return tuple(role for role in (SITE_ROLES if site else OFFICE_ROLES) if role in given)


def may_give(user: User, role: Role, site: VaccinationSite | None) -> bool:
    """Whether the user may give and take `role` at the site, or without a site in the offices."""
    return role in roles_to_give(user, site)
