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


def may_work(user: User, ticket: Ticket) -> bool:
    """Whether they see the ticket and it lies at their level or below."""
    level = level_of(user)
    return level is not None and ticket.level <= level and tickets_for(user).filter(pk=ticket.pk).exists()


def workers_on(ticket: Ticket) -> QuerySet[User]:
    """All who may work on the ticket, as `may_work` says of each."""
    higher = [role for role, level in _LEVELS.items() if level > Level.L1 and level >= ticket.level]
    able = Q(is_superuser=True) | Q(pk__in=StaffRole.objects.filter(role__in=higher).values("user"))
    if ticket.level == Level.L1 and ticket.desk == Desk.SITES:
        field = StaffRole.objects.filter(role=Role.SUPPORT_L1)
        if site := ticket.site:
            regions = [site.region_id, site.district.region_id if site.district else None]
            field = field.filter(Q(region=None) | Q(region__in=[region for region in regions if region]))
        able |= Q(pk__in=field.values("user"))
    return User.objects.filter(able, is_active=True)
