"""Loads the demonstration data of a local run."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from logistics.staff import demo as demo_staff
from reservation import demo


class Command(BaseCommand):
    help = "Adds demonstration sites, slots for the next 60 days and the user admin. Safe to run twice, and every day."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--force", action="store_true", help="even where the database is not the local one")

    def handle(self, *args: Any, force: bool, **options: Any) -> None:
        if not settings.IS_LOCAL and not force:
            raise CommandError(
                _(
                    "This database is not the local one (DATABASE_URL is set) and may hold real data. "
                    "If you really want demonstration data in it, add --force."
                )
            )
        loaded = demo.load(now=timezone.now())
        self.stdout.write(
            _("Demonstration data: new sites %(sites)d, new slots %(slots)d.")
            % {"sites": loaded.sites, "slots": loaded.slots}
        )
        if loaded.is_administrator_new:
            self.stdout.write(
                _("The user “%(name)s” is new; the password is the secret DEMO_PASSWORD.")
                % {"name": demo_staff.ADMINISTRATOR}
            )
