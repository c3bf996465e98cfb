"""Makes the compiled catalogs that Django reads."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from crs import i18n


class Command(BaseCommand):
    help = "Compile every catalog (.po) into the form that Django reads (.mo)."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        made = [path for room in i18n.rooms(settings.BASE_DIR) if (path := i18n.compile_room(room))]
        self.stdout.write(f"{len(made)} catalogs compiled.")
