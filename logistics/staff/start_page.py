"""The staff's start page."""

from django.contrib import admin
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from crs.accounts import second_factor
from crs.accounts.guards import StaffRequest, staff_only
from logistics.models import Role, StaffRole, VaccinationSite
from logistics.staff import access
from logistics.staff import roles as staffing

# Who works with times and reservations of a site, in the admin.
RESERVATION_ROLES = (Role.MANAGER, Role.REGISTRAR, Role.VACCINATOR)


@staff_only
@require_GET
def account(request: StaffRequest) -> HttpResponse:
    """Who is logged in, what they do where, and where it leads."""
    roles = list(StaffRole.objects.filter(user=request.user).select_related("site", "region"))
    is_ministry = access.is_ministry(request.user)
    has_stock = is_ministry or any(role.role not in (Role.IT, Role.REGISTRAR) for role in roles)
    # As `reports.overview`, which leads to the only one of them or offers a choice.
    has_overview = access.regions_of(request.user).exists() or access.stores_of(request.user).exists()
    public = VaccinationSite.objects.public().filter(pk__in=[role.site_id for role in roles if role.site_id])
    context = {
        "roles": roles,
        "is_ministry": is_ministry,
        "has_stock": has_stock,
        "has_overview": has_overview,
        "has_admin": bool(admin.site.get_app_list(request)),
        "public_sites": set(public.values_list("pk", flat=True)),
        "has_reservations": is_ministry or any(role.role in RESERVATION_ROLES for role in roles),
        "has_calendar": is_ministry or any(role.role in (*RESERVATION_ROLES, Role.REGION) for role in roles),
        "managed_sites": [] if is_ministry else staffing.managed_sites(request.user).order_by("name")[:200],
        "codes_left": second_factor.recovery_codes_left(request.user),
    }
    return render(request, "logistics/staff/account.html", context)
