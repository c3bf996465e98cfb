"""Django's admin, open to staff who gave their second factor and to nobody else."""

from typing import Any

from django.conf import settings
from django.contrib.admin import AdminSite
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils.translation import gettext_lazy as _

from crs.accounts.guards import is_staff


class StaffSite(AdminSite):
    """The admin of CRS; it has no log-in of its own: staff come in through `LOGIN_URL`, with a code."""

    site_header = _("CRS administration")
    site_title = _("CRS administration")

    def has_permission(self, request: HttpRequest) -> bool:
        return is_staff(request.user)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Lead to the page where staff log in, and from there to the page that was asked for."""
        if request.method == "GET" and self.has_permission(request):
            return redirect("admin:index")
        wanted = request.GET.get("next") or resolve_url("admin:index")
        return redirect_to_login(wanted, resolve_url(settings.LOGIN_URL))

    def logout(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        logout(request)
        return redirect(settings.LOGIN_URL)
