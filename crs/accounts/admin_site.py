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
        """Whether it is an active staff account with a second factor in this session."""
        return is_staff(request.user)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """To the page where staff log in, and back to what was asked for."""
        if request.method == "GET" and self.has_permission(request):
            return redirect("admin:index")
        wanted = request.GET.get("next") or resolve_url("admin:index")
        return redirect_to_login(wanted, resolve_url(settings.LOGIN_URL))

    def logout(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The same farewell as everywhere."""
        logout(request)
        return redirect(settings.LOGIN_URL)
