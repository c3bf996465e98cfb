"""Makes the compiled catalogs that Django reads."""

from typing import Any

from django.conf import settings

from crs import i18n
from crs.commands import OperationsCommand


class Command(OperationsCommand):
    help = "Compile every catalog (.po) into the form that Django reads (.mo). Safe to run twice."
    requires_system_checks: list[str] = []

    def run(self, *args: Any, **options: Any) -> None:
        made = [path for room in i18n.catalogs(settings.BASE_DIR) if (path := i18n.compile_room(room))]
        if made:
            i18n.forget_read_catalogs()
        self.summarise({"catalogs compiled": len(made)})
