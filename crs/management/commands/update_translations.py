"""Refreshes the catalogs, or checks them."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from crs import i18n
from crs.commands import OperationsCommand


class Command(OperationsCommand):
    help = "Bring the catalogs up to the texts of the code; with --check write nothing and fail on what is wrong."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="only report, exit non-zero if anything is wrong")
        parser.add_argument("--room", help="only this app's catalog (crs, messaging, registration, …)")
        codes = [one.code for one in i18n.LANGUAGES]
        parser.add_argument("--language", choices=codes, help="only the catalogs of this language")

    def run(self, *args: Any, check: bool, room: str | None, language: str | None, **options: Any) -> None:
        wanted = [one for one in i18n.catalogs(settings.BASE_DIR) if language in (None, one.language.code)]
        chosen = [one for one in wanted if room in (None, one.name)]
        if not chosen:
            raise CommandError(f"No catalog is called {room}.")
        written = [] if check else [one for one in chosen if _refresh(one)]
        found = [line for one in chosen for line in i18n.problems(one)]
        self.list_problems(found, is_failure=check)
        self.summarise(
            {"catalogs": len(chosen), "catalogs written": len(written), "texts to translate": len(found)},
            failure=f"{len(found)} texts need a translator's hand." if check and found else "",
        )


def _refresh(room: i18n.Room) -> bool:
    """Bring the room's catalog up to its texts; whether that changed the file."""
    catalog = i18n.merged(room)
    if not len(catalog) and not room.po.exists():
        return False
    content = i18n.as_po(catalog)
    if room.po.exists() and room.po.read_bytes() == content:
        return False
    room.po.parent.mkdir(parents=True, exist_ok=True)
    room.po.write_bytes(content)
    return True
