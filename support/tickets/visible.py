"""Which tickets a member of staff sees, and on which they work."""

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet

from logistics.models import Role, StaffRole, VaccinationSite
from support.models import Desk, Level, Ticket

_LEVELS = {
    Role.SUPPORT_L1: Level.L1,
    Role.SUPPORT_L2: Level.L2,
    Role.SUPPORT_L3: Level.L3,
    Role.SUPPORT_LEAD: Level.L3,
}


def level_of(user: User) -> Level | None:
    """The highest level on which they work; None: they are not of the desks, or have left."""
    if not user.is_active:
        return None
    if user.is_superuser:
        return Level.L3
    roles = StaffRole.objects.filter(user=user, role__in=_LEVELS).values_list("role", flat=True)
    return max((_LEVELS[Role(role)] for role in roles), default=None)


def tickets_for(user: User) -> QuerySet[Ticket]:
    """All tickets from the second level on; the field team: of sites in its region, and those of no site yet."""
    level = level_of(user)
    if level is None:
        return Ticket.objects.none()
    if level > Level.L1:
        return Ticket.objects.all()
    of_sites = Ticket.objects.filter(desk=Desk.SITES)
    regions = list(StaffRole.objects.filter(user=user, role=Role.SUPPORT_L1).values_list("region", flat=True))
    if None in regions:
        return of_sites
    return of_sites.filter(Q(site=None) | Q(site__in=VaccinationSite.objects.in_regions(regions)))


def of_the_desks() -> QuerySet[User]:
    """Active staff of the help desks."""
    return _active().filter(_have(StaffRole.objects.filter(role__in=_LEVELS)))


def workers_on(ticket: Ticket) -> QuerySet[User]:
    """Active staff who may work on the ticket: those who pass `may_work`, in one question."""
    level = Level(ticket.level)
    able = StaffRole.objects.filter(role__in=[role for role in _LEVELS if _LEVELS[role] >= max(level, Level.L2)])
    if level > Level.L1 or ticket.desk != Desk.SITES:
        return _active().filter(_have(able))
    team = StaffRole.objects.filter(role=Role.SUPPORT_L1)
    if ticket.site_id is not None:
        site = VaccinationSite.objects.filter(pk=ticket.site_id)
        team = team.filter(
            Q(region=None) | Q(region__in=site.values("region")) | Q(region__in=site.values("district__region"))
        )
    return _active().filter(_have(able) | _have(team))


def _active() -> QuerySet[User]:
    return User.objects.filter(is_active=True, is_staff=True)


def _have(roles: QuerySet[StaffRole]) -> Q:
    return Q(pk__in=roles.values("user")) | Q(is_superuser=True)


def may_work(user: User, ticket: Ticket) -> bool:
    """Whether they see the ticket and it lies at their level or below."""
    level = level_of(user)
    return level is not None and ticket.level <= level and tickets_for(user).filter(pk=ticket.pk).exists()
