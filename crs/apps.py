"""The project itself, an app for its commands and templates only."""

from django.apps import AppConfig


class CrsConfig(AppConfig):
    """Floor 0."""

    name = "crs"
    verbose_name = "CRS"
    default = True

    def ready(self) -> None:
        """Register the system checks."""
        from crs import checks  # noqa: F401
