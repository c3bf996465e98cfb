"""The roles of staff at a site, and taking one away."""

from django.contrib.auth.models import User
from django.db.models import QuerySet

from crs import history, sent_forms
from crs.sent_forms import NO_FORM, Outcome, Sending
from logistics.models import Role, StaffRole, VaccinationSite
from logistics.operations import Operation
from logistics.staff import permissions, ranks
from logistics.staff.errors import LastManager, NotYoursToGive
from logistics.staff.permissions import Act


def take_role(*, role_id: int, by: User, form: Sending = NO_FORM) -> VaccinationSite | None:
    """Take a role away; it ends at once. Returns the site where it was.

    A site keeps a manager: only its region and the ministry may take the last one away. Raises NotYoursToGive,
    LastManager, FormChanged.
    """

    def remove() -> Outcome:
        role = StaffRole.objects.filter(pk=role_id).select_related("site", "region", "user").first()
        if role is None or not ranks.may_give(by, Role(role.role), role.site):
            raise NotYoursToGive
        if role.site and role.role == Role.MANAGER and not permissions.may(by, Act.TAKE_LAST_MANAGER, role.site):
            managers = StaffRole.objects.filter(site=role.site, role=Role.MANAGER).order_by("pk")
            # All of them locked: two managers who remove each other come one after the other.
            if [one.pk for one in managers.select_for_update(no_key=True)] == [role.pk]:
                raise LastManager
        role.delete()
        return {"site": str(role.site_id) if role.site_id else None}

    with history.recording(Operation.TAKE_ROLE, by=by):
        outcome = sent_forms.once(form, remove) or {}
    return VaccinationSite.objects.get(pk=outcome["site"]) if outcome["site"] else None


def staff_of(site: VaccinationSite) -> QuerySet[StaffRole]:
    """The roles at the site, in the order of names."""
    roles = StaffRole.objects.filter(site=site).select_related("user")
    return roles.order_by("user__last_name__czech", "user__first_name__czech", "user__username__czech", "role")
