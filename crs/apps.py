"""The app of the house itself: its models, templates, commands and system checks."""

from django.apps import AppConfig


class CrsConfig(AppConfig):
    """Floor 0."""

    name = "crs"
    verbose_name = "CRS"
    default = True

    def ready(self) -> None:
        """Register the system checks."""
        from crs import checks  # noqa: F401
