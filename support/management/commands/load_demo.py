"""Loads the demonstration data of a local run."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.utils import timezone

from certificates import demo as certificates
from crs.commands import OperationsCommand
from logistics.models import Vaccine
from registration.desk import demo as line
from reservation import demo
from support import demo as support
from vaccination.demo import day


class Command(OperationsCommand):
    help = (
        "Adds demonstration sites that open by rules, their slots, stock, the demo logins, a day of vaccination in "
        "progress with its certificates, and a morning of the help desks. Safe to run twice, and every day."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--force", action="store_true", help="even where the database is not the local one")

    def run(self, *args: Any, force: bool, **options: Any) -> None:
        if not settings.IS_LOCAL and not force:
            raise CommandError(
                "This database is not the local one (DATABASE_URL is set) and may hold real data. "
                "If you really want demonstration data in it, add --force."
            )
        now = timezone.now()
        loaded = demo.load(now=now)
        people = day.load(site=demo.first_site(), vaccine=Vaccine.objects.get(pk=demo.VACCINE), now=now)
        issued = certificates.load(now=now)
        letters = support.load(now=now)
        calls = line.load(now=now)
        self.summarise(
            {
                "new sites": loaded.sites,
                "new slots": loaded.slots,
                "people of today": people or "kept",
                "certificates": issued or "kept",
                "letters to the help desks": letters or "kept",
                "work for line 1221": calls or "kept",
                "login admin": "new, password: DEMO_PASSWORD" if loaded.is_administrator_new else "kept",
            }
        )
