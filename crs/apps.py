"""The project itself, an app for its commands and templates only."""

from django.apps import AppConfig, apps
from django.contrib.admin import apps as admin_apps


class CrsConfig(AppConfig):
    """Floor 0."""

    name = "crs"
    verbose_name = "CRS"
    default = True

    def ready(self) -> None:
        """Register the system checks."""
        from crs import checks  # noqa: F401


class StaffAdminConfig(admin_apps.AdminConfig):
    """Django's admin behind the second factor."""

    default = False
    default_site = "crs.admin_site.StaffSite"

    def ready(self) -> None:
        """Find the screens of all apps, but not those that show the keys of everybody's second factor."""
        super().ready()
        from django.contrib import admin

        for label in ("otp_totp", "otp_static"):
            for model in apps.get_app_config(label).get_models():
                if admin.site.is_registered(model):
                    admin.site.unregister(model)
