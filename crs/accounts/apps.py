"""The app of staff's accounts, and Django's admin behind them."""

from django.apps import AppConfig, apps
from django.contrib.admin import apps as admin_apps
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """How staff log in. It knows no roles."""

    name = "crs.accounts"
    label = "accounts"
    verbose_name = _("Accounts of staff")
    default = True


class StaffAdminConfig(admin_apps.AdminConfig):
    """Django's admin behind the second factor."""

    default = False
    default_site = "crs.accounts.admin_site.StaffSite"

    def ready(self) -> None:
        """Find the screens of all apps, but not those that show the keys of everybody's second factor."""
        from django.contrib import admin

        super().ready()
        for label in ("otp_totp", "otp_static"):
            for model in apps.get_app_config(label).get_models():
                if admin.site.is_registered(model):
                    admin.site.unregister(model)
