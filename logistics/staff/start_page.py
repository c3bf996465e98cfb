"""The staff's start page, and the links on it, to which rooms above add theirs in `AppConfig.ready`."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import admin
from django.contrib.auth.models import User
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from crs.accounts import second_factor
from crs.accounts.guards import StaffRequest, staff_only
from logistics.models import StaffRole, VaccinationSite
from logistics.staff import permissions
from logistics.staff.permissions import Act


def _has_overview(request: StaffRequest) -> bool:
    """Whether the user works with stock and sees a region or a store to report on."""
    user = request.user
    if Act.USE_DOSES not in permissions.acts_of(user):
        return False
    regions = permissions.regions_where(user, Act.SEE_REGION)
    return regions.exists() or permissions.stores_where(user, Act.SEE_STORE).exists()


def _has_admin(request: StaffRequest) -> bool:
    return bool(admin.site.get_app_list(request))


@dataclass(frozen=True)
class Link:
    """A link, shown to users who may do `act` anywhere; where `is_for` is given, it decides instead.

    Links stand by rising `position`. `count` says how many things wait behind it for a user, in one cheap query.
    """

    position: int
    title: str | Promise
    page: str
    act: str = ""
    is_for: Callable[[StaffRequest], bool] | None = None
    count: Callable[[User], int] | None = None

    def is_offered(self, request: StaffRequest) -> bool:
        """Whether the page shows it to this user."""
        return self.is_for(request) if self.is_for else self.act in permissions.acts_of(request.user)

    def waiting(self, user: User) -> int:
        """How many things wait behind it for the user."""
        return self.count(user) if self.count else 0


_links = [
    Link(10, _("Stock of vaccines and material"), "logistics:stock_home", Act.USE_DOSES),
    Link(
        20,
        _("Stock overview: what is there, what is used, what is thrown away"),
        "logistics:overview",
        is_for=_has_overview,
    ),
    Link(30, _("Batches: where they are, blocked ones, expiry"), "logistics:batches", Act.USE_DOSES),
    Link(60, _("Staff of regions, distributors and the ministry"), "logistics:office_staff", Act.MANAGE_OFFICES),
    Link(70, _("Administration"), "admin:index", is_for=_has_admin),
    # Somebody without any work here is not sent to read about sites.
    Link(80, _("Vaccination sites, as everybody sees them"), "logistics:sites", is_for=_has_admin),
]


def add_link(
    position: int, title: str | Promise, page: str, *, act: str, count: Callable[[User], int] | None = None
) -> None:
    """Add a link of a room above. Raises ValueError where its place is taken, LookupError for an unknown act.

    `count` is asked only for users to whom the link is shown; nothing is said of 0.
    """
    permissions.grant(act)
    if any(known.position == position for known in _links):
        raise ValueError(f"There is a link at {position} already.")
    _links.append(Link(position, title, page, act, count=count))
    _links.sort(key=lambda known: known.position)


@staff_only
@require_GET
def account(request: StaffRequest) -> HttpResponse:
    """Show the user's roles, the pages to which these lead, and what they can do about their log-in."""
    roles = list(StaffRole.objects.filter(user=request.user).select_related("site", "region"))
    acts = permissions.acts_of(request.user)
    public = VaccinationSite.objects.public().filter(pk__in=[role.site_id for role in roles if role.site_id])
    managed = permissions.sites_where(request.user, Act.MANAGE_STAFF).order_by("name__czech")
    context = {
        "acts": acts,
        "links": [(link, link.waiting(request.user)) for link in _links if link.is_offered(request)],
        "roles": roles,
        "public_sites": set(public.values_list("pk", flat=True)),
        # Whoever manages all of them comes to a site through the administration.
        "managed_sites": [] if Act.MANAGE_OFFICES in acts else managed[:200],
        "codes_left": second_factor.recovery_codes_left(request.user),
    }
    return render(request, "logistics/staff/account.html", context)
