"""Refreshes the catalogs, or checks them."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from crs import i18n


class Command(BaseCommand):
    help = "Bring the catalogs up to the texts of the code; with --check write nothing and fail on what is wrong."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="only report, exit non-zero if anything is wrong")
        parser.add_argument("--room", help="only this app's catalog (crs, messaging, registration, …)")

    def handle(self, *args: Any, check: bool, room: str | None, **options: Any) -> None:
        chosen = [one for one in i18n.rooms(settings.BASE_DIR) if room in (None, one.name)]
        if not chosen:
            raise CommandError(f"No catalog is called {room}.")
        if not check:
            for one in chosen:
                self._refresh(one)
        found = [line for one in chosen for line in i18n.problems(one)]
        for line in found:
            self.stdout.write(line)
        if check and found:
            raise CommandError(f"{len(found)} texts need a translator's hand (see above).")
        self.stdout.write(f"{len(chosen)} catalogs, {len(found)} texts to translate.")

    def _refresh(self, room: i18n.Room) -> None:
        catalog = i18n.merged(room)
        if not len(catalog) and not room.po.exists():
            return
        content = i18n.as_po(catalog)
        if not room.po.exists() or room.po.read_bytes() != content:
            room.po.parent.mkdir(parents=True, exist_ok=True)
            room.po.write_bytes(content)
            self.stdout.write(f"{room.name}: {len(catalog)} texts written to {room.po.relative_to(settings.BASE_DIR)}")
